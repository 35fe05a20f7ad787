"""Batteries that have no id but their advertised name, received in the last minutes: a name that two of them have identifies neither.

A battery that another program is connected to, or that lies behind the counter for a moment, is silent and still there: so a name counts
as shared for some minutes after the second battery with it was received. Pure book-keeping, cheap enough for every advertisement; the
table is bounded.
"""

from collections.abc import Iterator

SECONDS = 120.0
MAX_NAMES = 300


class Namesakes:
    """One for each scanner; `now` is the monotonic time in seconds of the loop that listens."""

    def __init__(self) -> None:
        self._noted: dict[str, tuple[str, float]] = {}

    def note(self, address: str, name: str, now: float) -> None:
        """The battery at this address advertised this name."""
        self._noted.pop(address, None)
        self._noted[address] = (name, now)
        if len(self._noted) > MAX_NAMES:
            del self._noted[next(iter(self._noted))]

    def lately(self, now: float) -> Iterator[tuple[str, str]]:
        """(address, name) of every battery received in the last minutes."""
        return ((address, name) for address, (name, at) in self._noted.items() if now - at <= SECONDS)
