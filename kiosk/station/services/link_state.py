"""LinkState: the kiosk's link to the platform as it was last announced."""

import asyncio

from kiosk.shared.mqtt.link_changed import LinkChanged
from kiosk.station.events import Event

TRIED_SECONDS = 5.0
ANY = frozenset({True, False})


class LinkState:
    """Runs on the I/O thread; subscribe `handle_event`."""

    def __init__(self) -> None:
        self._connected: bool | None = None
        self._changed = asyncio.Event()

    def handle_event(self, event: Event) -> None:
        """The latest."""
        if isinstance(event, LinkChanged):
            self._connected = event.connected
            self._changed.set()

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
