"""Whether the link is up, what batteries are near, and whether batteries can be read and receipts printed.

`HealthWatch` announces the last at the start and at every change, as long as the kiosk runs. Each check has a deadline; one that does not
end, or has no result, is unknown, and unknown is never announced as working. Scanner and printer are asked beside each other, so that a
printer that hangs holds up nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

from kiosk.domain.errors import BatteryError, BatteryUnreachable, PrinterMissing, PrinterUnavailable
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Announce, Event, PrinterChanged, ScannerChanged
from kiosk.station.ports import BatteryScanner, Link, Printer, Sighting

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


log = logging.getLogger(__name__)
EVERY_SECONDS = 20.0
DEADLINE_SECONDS = 6.0


class HealthWatch:
    """`every_seconds` lie between two checks of one thing; `deadline_seconds` is the most that a check may take."""

    def __init__(
        self,
        scanner: BatteryScanner,
        printer: Printer,
        announce: Announce,
        *,
        every_seconds: float = EVERY_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._scanner, self._printer, self._announce = scanner, printer, announce
        self._every_seconds, self._deadline_seconds = every_seconds, deadline_seconds

    async def run(self) -> None:
        """Check, and announce each change, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._watch(self._scanner_state))
            both.create_task(self._watch(self._printer_state))

    async def _watch(self, state: Callable[[], Awaitable[ScannerChanged | PrinterChanged]]) -> None:
        announced: ScannerChanged | PrinterChanged | None = None
        while True:
            found = await state()
            if found != announced:
                self._announce(found)
                announced = found
            await asyncio.sleep(self._every_seconds)

    async def _scanner_state(self) -> ScannerChanged:
        try:
            return ScannerChanged(available=await self._run_check(self._scanner.check))
        except BatteryUnreachable as error:
            return ScannerChanged(available=False, fault=error.fault)

    async def _printer_state(self) -> PrinterChanged:
        try:
            return PrinterChanged(available=await self._run_check(self._printer.check))
        except PrinterUnavailable as error:
            return PrinterChanged(available=False, reason=error.reason, set_up=not isinstance(error, PrinterMissing))

    async def _run_check(self, check: Callable[[], Awaitable[bool]]) -> bool | None:
        """True when it works, None when that is not known. Raises BatteryUnreachable, PrinterUnavailable."""
        try:
            return True if await asyncio.wait_for(check(), self._deadline_seconds) else None
        except TimeoutError:
            return None
        except (BatteryUnreachable, PrinterUnavailable):
            raise
        except Exception:  # a bug in a check must not end the watch; its result is not known
            log.exception("a check failed")
            return None
