"""History: what was completed at this station, as screens and the terminal show it. Reading only; each call raises StoreFailed."""

from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import CompletedSwap, Store


class History:
    """Runs on the I/O thread. Coroutines, so that a page may give them to the bridge as they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def completed(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """The last completed swaps, newest first."""
        return self._store.history(limit)

    async def last(self) -> CompletedSwap | None:
        """The swap that was completed last, None before the first."""
        return next(iter(self._store.history(1)), None)

    async def find(self, correlation_id: str) -> CompletedSwap:
        """One completed swap. Raises NotFound."""
        return self._store.completed_swap(correlation_id)

    async def pending(self, plan_id: str) -> tuple[Swap, ...]:
        """Swaps of a plan that are completed and not confirmed, oldest first (decision 19)."""
        return self._store.pending_completions(plan_id)

    async def reading_seconds(self, swaps: int) -> tuple[float, ...]:
        """How long the readings of the last so many swaps took, the oldest first; what a progress bar expects of the next one."""
        done = reversed(self._store.history(swaps))
        readings = (reading for each in done for reading in (each.swap.incoming, each.swap.outgoing))
        return tuple(each.seconds for each in readings if each is not None and each.seconds is not None)
