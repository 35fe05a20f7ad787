"""What a counter forgets of its customers: by age by itself, and one customer on demand (decision 37 says what the record never holds).

The money's record stays under a pseudonym. What waits is never forgotten: a swap that is not booked, one that is kept, money of which the
platform does not know yet.
"""

import asyncio
import logging
import secrets
from datetime import timedelta
from typing import Any

from kiosk.domain.errors import NotFound, StepImpossible, StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.system import Clock
from kiosk.station.ports import CustomerRecords, CustomerStore, KeptReceipts

log = logging.getLogger(__name__)
EVERY = timedelta(hours=1)
FIRST = timedelta(minutes=2)  # whoever opens the counter wants to serve
AT_ONCE, MAX_IN_A_ROUND = 5, 1000  # a customer at the counter waits some ten milliseconds at most
PAUSE_SECONDS = 0.5
_TOKEN_BYTES = 6
MAX_NAMED = 5


def new_token() -> str:
    """What makes a pseudonym: nothing of the customer is in it."""
    return secrets.token_hex(_TOKEN_BYTES)


class Retention:
    """Forgets what is older than `keep`. Runs on the I/O thread as one task."""

    def __init__(self, store: CustomerStore, archive: KeptReceipts, clock: Clock, keep: timedelta) -> None:
        self._store, self._archive, self._clock, self._keep = store, archive, clock, keep

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        await asyncio.sleep(FIRST.total_seconds())
        while True:
            try:
                await self.forget_old()
            except StoreFailed as error:
                log.warning("what is old could not be forgotten: %s", error.reason)
            await asyncio.sleep(EVERY.total_seconds())

    async def forget_old(self, pause_seconds: float = PAUSE_SECONDS) -> int:
        """One round: how many swaps name their customer no more. Raises StoreFailed.

        A receipt goes first: one that is left behind by a fault would never be found again.
        """
        before, count = self._clock.now() - self._keep, 0
        self._store.forget_plans(before)
        while count < MAX_IN_A_ROUND and (old := self._store.old_swaps(before, AT_ONCE)):
            for each in old:
                self._archive.forget(each)
            self._store.forget_swaps(old, new_token(), self._clock.now())
            count += len(old)
            await asyncio.sleep(pause_seconds)
        if count:
            log.info("%s swaps name their customer no more", count)
        return count


class Customers:
    """One customer, on demand. For a kiosk that is closed: an open one knows the customer for as long as it runs."""

    def __init__(self, store: CustomerStore, archive: KeptReceipts, clock: Clock) -> None:
        self._store, self._archive, self._clock = store, archive, clock

    def export(self, customer_id: str) -> dict[str, Any]:
        """All that is kept here. Raises NotFound, StoreFailed."""
        self._known(customer_id)
        return self._store.customer_export(customer_id)

    def erase(self, customer_id: str) -> CustomerRecords:
        """What was there. Raises NotFound; StepImpossible where something waits; StoreFailed."""
        found = self._known(customer_id)
        _refuse_waiting(found)
        for each in found.swaps:
            self._archive.forget(each)
        _refuse_waiting(self._store.erase_customer(customer_id, new_token(), self._clock.now()))
        self._store.scrub()
        return found

    def _known(self, customer_id: str) -> CustomerRecords:
        found = self._store.customer_records(customer_id)
        if not (found.swaps or found.plan_ids):
            raise NotFound("customer", customer_id)
        return found


def _refuse_waiting(found: CustomerRecords) -> None:
    if found.waiting:
        ids = ", ".join(found.waiting[:MAX_NAMED])
        raise StepImpossible(tr("{count} swaps wait and are never erased: {ids}", count=len(found.waiting), ids=ids))
