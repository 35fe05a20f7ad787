"""BatteryRecords: which batteries this station has met, and which were set aside. Each call raises StoreFailed."""

from collections.abc import Sequence

from kiosk.domain.swap.swap import Swap
from kiosk.shared.clock import Clock
from kiosk.station.ports import Store


class BatteryRecords:
    """Runs on the I/O thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def known_ids(self, *, except_plan: str) -> frozenset[str]:
        """Ids of the batteries of other customers and of the last swaps: an advertised name, which may be cut short, is one of them."""
        readings = (reading for each in self._store.history() for reading in (each.swap.incoming, each.swap.outgoing))
        return self._store.held_batteries(except_plan=except_plan) | {each.battery_id for each in readings if each is not None}

    async def record_set_aside(self, swap: Swap, battery_id: str, reasons: Sequence[str]) -> None:
        """A new battery that was chosen for this swap is not handed out, for these reasons: one entry in the audit trail."""
        detail = f"{battery_id}: {'; '.join(reasons)}"
        self._store.audit(self._clock.now(), "new battery set aside for inspection", swap.correlation_id, detail)
