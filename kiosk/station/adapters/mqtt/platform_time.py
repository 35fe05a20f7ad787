"""The platform's time, by which a station signs (decision 26).

What the platform said once holds by the monotonic clock, whatever is done to the wall clock meanwhile; until it says something this
machine's clock and what was kept from an earlier run are all that is known.
"""

from datetime import datetime, timedelta

from kiosk.shared.system import Clock, Moment


class PlatformTime:
    """`offset` is what the platform's clock was ahead of this one's when it was last found."""

    def __init__(self, clock: Clock, offset: timedelta = timedelta(0)) -> None:
        self._clock, self._offset = clock, offset
        self._told: tuple[datetime, Moment] | None = None

    def now(self) -> datetime:
        """The platform's time, as far as it is known."""
        if self._told is None:
            return self._clock.now() + self._offset
        at, moment = self._told
        return at + moment.elapsed(Moment.of(self._clock))

    def learn(self, at: datetime) -> timedelta:
        """The platform says that it is `at` now; what its clock is ahead of this one's."""
        self._told = at, Moment.of(self._clock)
        self._offset = at - self._clock.now()
        return self._offset

    @property
    def ahead(self) -> timedelta:
        """What the platform's clock is ahead of this one's now; 0 where nothing is known."""
        return self._offset if self._told is None else self.now() - self._clock.now()
