"""Whether the link is up, and what batteries are near."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress

from kiosk.domain.errors import BatteryError
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event
from kiosk.station.ports import BatteryScanner, Link, Sighting

TRIED_SECONDS = 5.0
ANY = frozenset({True, False})


class LinkState:
    """Runs on the I/O thread; subscribe `handle_event`. `link` is the one whose state it is, where a person may have it tried."""

    def __init__(self, link: Link | None = None) -> None:
        self._link = link
        self._connected: bool | None = None
        self._changed = asyncio.Event()

    def handle_event(self, event: Event) -> None:
        """The latest."""
        if isinstance(event, LinkChanged):
            self._connected = event.connected
            self._changed.set()

    async def seconds_to_try(self) -> float | None:
        """Until the next try to connect; None while one is under way, and while the link is up."""
        return None if self._link is None else self._link.seconds_to_try

    async def try_now(self) -> None:
        """Connect at once."""
        if self._link is not None:
            self._link.try_now()

    async def wait_for(self, states: frozenset[bool], seconds: float) -> bool:
        """Until the link is in one of these states: True is up; False when it is not in time."""
        try:
            async with asyncio.timeout(seconds):
                while self._connected not in states:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def wait_until_tried(self) -> None:
        """Until the link is up or was found down for the first time; for a command that begins at once, without a screen."""
        await self.wait_for(ANY, TRIED_SECONDS)


async def watch(scanner: BatteryScanner, on_seen: Callable[[tuple[Sighting, ...]], None]) -> None:
    """Call `on_seen` with each list of batteries in range, until cancelled. Raises BatteryUnreachable."""
    async with aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # every scanner's is a generator
        async for seen in lists:
            on_seen(seen)


async def wait_until_near(scanner: BatteryScanner, battery_id: str) -> bool:
    """True as soon as a battery is in range that may be this one; False where nothing can be looked for."""
    with suppress(BatteryError):
        async with aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # every scanner's is a generator
            async for seen in lists:
                if any(each.may_be(battery_id) for each in seen):
                    return True
    return False
