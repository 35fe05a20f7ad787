"""HealthWatch: whether batteries can be read and receipts printed, announced at the start and at every change.

Runs as long as the kiosk does. Each check has a deadline; one that does not end, or has no result, is unknown, and unknown is never
announced as working. Scanner and printer are asked beside each other, so that a printer that hangs holds up nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from kiosk.domain.errors import BatteryUnreachable, PrinterMissing, PrinterUnavailable
from kiosk.station.events import Announce, PrinterChanged, ScannerChanged
from kiosk.station.ports import BatteryScanner, Printer

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
            async with asyncio.timeout(self._deadline_seconds):
                return True if await check() else None
        except TimeoutError:
            return None
        except (BatteryUnreachable, PrinterUnavailable):
            raise
        except Exception:  # a bug in a check must not end the watch; its result is not known
            log.exception("a check failed")
            return None
