"""Money goes back by a numbered act with a supervisor (decision 38): cash out of the drawer, the payment stays as the plan's credit, or it
stays as loose money at the platform's desk. A recorded payment never just stays on a swap that nobody can finish.

- **Cash out of the drawer** ends the swap. What the platform has not confirmed may never have come, so it is not given out, but for cash.
- **The plan's credit** keeps the swap without its batteries: the customer's next visit goes on with it. The rest of a dearer battery can be
  paid then where the platform knows the payment.
- **At the desk** ends the swap. The platform is told of the payment, which waits there for a person; without a link it is told later.

The receipts stay used in each case: none pays a second time.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from kiosk.domain.errors import KioskError, PaymentRefused, PaymentUsed, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.cash import WAYS_BACK, MoneyAct, MoneyEntry, is_cash
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Confirmation, Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.shared.system import Clock
from kiosk.station.events import Event
from kiosk.station.ports import KeptSwap, PaymentChannel, Store
from kiosk.station.services.people import People
from kiosk.station.services.station import Station

log = logging.getLogger(__name__)
TELL_SECONDS = 10.0


class MoneyBack:
    """Runs on the I/O thread."""

    def __init__(self, store: Store, payments: PaymentChannel, clock: Clock, station: Station, people: People) -> None:
        self._store, self._payments, self._clock, self._station, self._people = store, payments, clock, station, people
        self._linked = asyncio.Event()

    @property
    def supervisors(self) -> tuple[str, ...]:
        """The ids of those who may approve here; where there are none nothing can go back."""
        return self._people.supervisors

    async def paid(self) -> tuple[KeptSwap, ...]:
        """Swaps that were paid for and nobody has completed, newest first."""
        return tuple(kept for kept in self._store.kept_swaps() if kept.swap.payments)

    def ways(self, swap: Swap) -> tuple[MoneyAct, ...]:
        """The ways that are open for this swap, the usual one first. Raises nothing."""
        waits = any(each.confirmation is Confirmation.WAITING for each in swap.payments)
        only_cash = all(is_cash(each.method) for each in swap.payments)
        possible = {MoneyAct.REFUNDED: only_cash or not waits, MoneyAct.CREDITED: not waits, MoneyAct.AT_DESK: True}
        return tuple(way for way in WAYS_BACK if possible[MoneyAct(way)]) if swap.payments and swap.completed_at is None else ()

    async def give_back(self, swap: Swap, act: MoneyAct, supervisor: str, reason: str, pin: str = "") -> MoneyEntry:
        """Do it: recorded with its number, the supervisor and the reason before anybody is told.

        Raises as `People.approve`; StepImpossible for a way that is not open; NotFound where the swap has ended; StoreFailed.
        """
        if act not in self.ways(swap):
            raise StepImpossible(tr("the platform has not confirmed it: let it stay at the desk"))
        approval = await self._people.approve(supervisor, pin, reason, Act.MONEY_BACK)
        credited = await self._credited(swap) if act is MoneyAct.CREDITED else None
        entry = self._store.give_back(swap, act, self._clock.now(), self._station.id, approval, credited)
        if act is MoneyAct.AT_DESK:
            self._telling = asyncio.get_running_loop().create_task(self.tell_desk())
        return entry

    async def _credited(self, swap: Swap) -> Swap:
        """Without its batteries; its payments are parts where the platform knows each, so that a rest can be paid on top."""
        bare = replace(swap, incoming=None, outgoing=None, inspection="", more_approved=None)
        if not self._payments.takes_parts or not await self._told(swap):
            return bare
        parts = tuple(replace(each, confirmation=Confirmation.PLATFORM) for each in swap.payments)
        return replace(bare, parts=parts, payment=None)

    async def _told(self, swap: Swap, *, refused: bool = False) -> bool:
        """Whether the platform knows all payments of a swap, those that it did not confirm before; `refused` where it refuses one."""
        try:
            for each in swap.payments:
                if each.confirmation is not Confirmation.PLATFORM:
                    await self._payments.confirm(swap, each, TELL_SECONDS)
        except (PaymentRefused, PaymentUsed) as error:
            log.warning("the platform refused a payment of %s: %s", swap.correlation_id, error)
            return refused
        except KioskError as error:
            log.info("the platform does not know the payments of %s yet: %s", swap.correlation_id, error)
            return False
        return True

    # -- the platform's desk

    def handle_event(self, event: Event) -> None:
        """A link that comes back wakes `run`."""
        if isinstance(event, LinkChanged) and event.connected:
            self._linked.set()

    async def run(self) -> None:
        """Tell the platform of what stays at its desk, whenever there is a link."""
        while True:
            await self._linked.wait()
            self._linked.clear()
            with suppress(KioskError):
                await self.tell_desk()

    async def tell_desk(self) -> None:
        """Once each; what could not be told waits for the next link."""
        for swap in self._store.untold_money():
            if await self._told(swap, refused=True):  # its own word is told
                self._store.record_told(swap.correlation_id, self._clock.now())
