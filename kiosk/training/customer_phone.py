"""The phone of the customer in training: pays what is due, a while after the kiosk begins to wait for it, as through the ERP
system's callback.

It looks what the kiosk waits for in the kiosk's own journal. What cannot be paid is logged, and the trainee can still type a receipt id.
"""

import asyncio
import logging

from kiosk.domain.errors import KioskError
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.requests import ProcessPayment
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.shared.system import Clock
from kiosk.station.ports import Store
from kiosk.training.environment import TrainingEnvironment

log = logging.getLogger(__name__)
PHONE_SECONDS = 8.0  # time to see the page and the code
_LOOK_SECONDS = 0.5


class CustomerPhone:
    """Used on the kiosk's I/O thread."""

    def __init__(self, environment: TrainingEnvironment, store: Store, clock: Clock, seconds: float) -> None:
        self._environment, self._store, self._clock, self._seconds = environment, store, clock, seconds
        self._paying: asyncio.Task[None] | None = None

    def start_paying(self, plan_id: str) -> None:
        """Pay for the swap of this plan as soon as something is due."""
        self._paying = asyncio.get_running_loop().create_task(self._pay(plan_id))

    async def stop_paying(self) -> None:
        """Nobody pays any more."""
        paying, self._paying = self._paying, None
        if paying is not None:
            paying.cancel()
            await asyncio.gather(paying, return_exceptions=True)

    async def _pay(self, plan_id: str) -> None:
        try:
            await self._wait_for_swap(plan_id)
            await asyncio.sleep(self._seconds)
            swap = self._find_waiting_swap(plan_id)
            if swap is not None:  # nobody has typed a receipt meanwhile
                await self._environment.receive_payment(plan_id, self._payment(swap), swap.plan.billing_currency, self._clock.now())
        except KioskError as error:
            log.warning("the training customer could not pay: %s", error)

    async def _wait_for_swap(self, plan_id: str) -> None:
        while True:
            if self._find_waiting_swap(plan_id) is not None:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _find_waiting_swap(self, plan_id: str) -> Swap | None:
        """The swap that waits for a payment."""
        swaps = (kept.swap for kept in self._store.kept_swaps() if kept.swap.plan.id == plan_id)
        return next((swap for swap in swaps if next_step(swap) is Step.PAYMENT and not swap.payments), None)

    def _payment(self, swap: Swap) -> ProcessPayment:
        if swap.quota is None:
            raise ValueError("a swap that waits for a payment has its batteries")
        run = swap.plan.id.rsplit("-", 1)[-1]
        return ProcessPayment(
            payment_amount=top_up(swap.quota, swap.plan, Collectable()).cost,
            payment_receipt_id=f"PHONE-{run}",
            payment_method="MOBILE_MONEY",
            attendant_id=swap.attendant_id,
            attendant_station=swap.station_id,
            correlation_id=f"practice-payment-{run}",
            transaction_id=swap.correlation_id,
            payment_timestamp=self._clock.now(),
        )
