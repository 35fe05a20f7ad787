"""The times of a swap's steps: by the wall clock, but in the order of the monotonic one.

A step is never dated before the one before it, nor before what was read and paid for its swap, wherever the wall clock was set meanwhile.
A wall clock that was set by more than a minute is noted in the swap (`Swap.clock_moved`).
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.swap.swap import Swap
from kiosk.shared.system import Clock, Moment

MAX_SWAPS = 64  # under way at once, with those that are kept


@dataclass(frozen=True, slots=True)
class _Last:
    """The last step of a swap: how it is dated, when it was, and how far the clock had been set by then, in seconds."""

    dated: datetime
    moment: Moment
    moved: int


class StepTimes:
    """Runs on the I/O thread. After a restart the times that stand in a swap are all that is known of its earlier steps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: OrderedDict[str, _Last] = OrderedDict()

    def at(self, swap: Swap) -> datetime:
        """The time of what happens now in a swap."""
        now, last = Moment.of(self._clock), self._last.get(swap.correlation_id)
        at = max(now.wall, *_own_times(swap))
        return at if last is None else max(at, last.dated + last.moment.elapsed(now))

    def step(self, swap: Swap) -> tuple[Swap, datetime, int]:
        """The swap at a step made now, with all that the wall clock was set by; the time of the step; and by how many seconds it was
        set since the step before."""
        now, at, moved = Moment.of(self._clock), self.at(swap), 0
        total = swap.clock_moved
        last = self._last.pop(swap.correlation_id, None)
        if last is not None:
            moved = round(last.moment.moved_by(now).total_seconds())
            total = last.moved + moved
        self._last[swap.correlation_id] = _Last(at, now, total)
        if len(self._last) > MAX_SWAPS:
            self._last.popitem(last=False)
        return (swap if total == swap.clock_moved else replace(swap, clock_moved=total)), at, moved


def _own_times(swap: Swap) -> tuple[datetime, ...]:
    readings = (each.timestamp for each in (swap.incoming, swap.outgoing) if each is not None)
    return (swap.started_at, *readings, *(each.recorded_at for each in swap.payments))
