"""Packs that have no id but the name they advertise, as heard in the last minutes: a name that two of them bear tells neither.

A pack that another program is connected to, or that lies behind the counter for a moment, is silent and still there: so a name is shared
for some minutes after its second bearer was heard. Pure book-keeping, cheap enough for every advertisement; the table is bounded.
"""

from collections.abc import Iterator

SECONDS = 120.0
MOST = 300


class Namesakes:
    """One for each scanner; `now` is the monotonic time in seconds of the loop that listens."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[str, float]] = {}

    def note(self, address: str, name: str, now: float) -> None:
        """The pack at this address advertised this name."""
        self._heard.pop(address, None)
        self._heard[address] = (name, now)
        if len(self._heard) > MOST:
            del self._heard[next(iter(self._heard))]

    def lately(self, now: float) -> Iterator[tuple[str, str]]:
        """(address, name) of every pack heard in the last minutes."""
        return ((address, name) for address, (name, at) in self._heard.items() if now - at <= SECONDS)
