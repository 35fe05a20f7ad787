"""One counter: its services, started and stopped together on the I/O thread.

Starting waits for nothing outside: no broker, no radio and no printer are states to show, not errors. Stopping ends every task and
closes every link; what is not settled waits in the store for the next start.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from kiosk.station.ports import BatteryScanner, Training
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.device_health import LinkState
from kiosk.station.services.health_watch import HealthWatch
from kiosk.station.services.money_back import MoneyBack
from kiosk.station.services.open_completions import History
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.people import People
from kiosk.station.services.plans import Plans
from kiosk.station.services.print_queue import PrintQueue
from kiosk.station.services.receipts import PrintedReceipt, Receipts
from kiosk.station.services.record import Record
from kiosk.station.services.swaps import Swaps
from kiosk.station.services.telemetry import Telemetry

log = logging.getLogger(__name__)
DEADLINE_SECONDS = 5.0
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Kiosk:
    """What `bootstrap.build_kiosk` puts together, as it stays. `opening` and `closing` are the adapters' own starts and stops, in order;
    `background` is work that runs from start to stop. `training` is None at a real counter, `telemetry` where the platform has no HTTP
    side, `health` at the terminal, which has no lights. `open_to_all`: no user and no signature, so anybody may speak on this broker.
    """

    swaps: Swaps
    plans: Plans
    history: History
    outbox: Outbox
    receipts: Receipts
    printing: PrintQueue
    scanner: BatteryScanner
    reads: BackgroundReads
    link: LinkState
    bindings: Bindings
    money_back: MoneyBack
    record: Record
    people: People
    training: Training | None = None
    code_in_url: str = ""  # the web address on customers' cards
    telemetry: Telemetry | None = None
    health: HealthWatch | None = None
    open_to_all: bool = False
    background: tuple[Callable[[], Coroutine[None, None, None]], ...] = ()
    opening: tuple[Work, ...] = ()
    closing: tuple[Work, ...] = ()
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)

    async def start(self) -> None:
        """Open the adapters and run the outbox, the print queue and what else works in the background."""
        for each in (*self.opening, self.scanner.start):
            await each()
        for work in (
            self.outbox.run,
            self.printing.run,
            self.swaps.listen_for_kept,
            self.reads.run,
            self.money_back.run,
            self.people.run,
            *self.background,
        ):
            self._tasks.append(asyncio.get_running_loop().create_task(self._run_logged(work)))

    async def stop(self, seconds: float | None = None) -> None:
        """End everything, each within its own deadline, and all together within `seconds` where that is given. One that cannot
        end keeps no later one open."""
        loop = asyncio.get_running_loop()
        until = None if seconds is None else loop.time() + seconds
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            done, _ = await asyncio.wait(self._tasks, timeout=seconds and seconds / 2)
            await asyncio.gather(*done, return_exceptions=True)  # `_run_logged` has logged a fault
        for each in (self.scanner.stop, *self.closing):
            deadline = DEADLINE_SECONDS if until is None else max(0.0, until - loop.time()) / 2
            try:
                async with asyncio.timeout(deadline):
                    await each()
            except TimeoutError:
                log.warning("%s did not end in %.1f s", each, deadline)
            except Exception:  # one that cannot end must not keep the others, the store and the lock open
                log.exception("%s failed", each)

    async def print_receipt(self, correlation_id: str) -> PrintedReceipt:
        """Make the receipt of a completed swap and put it into the print queue; a numbered copy where one was printed before. One that is
        on its way to the printer is not printed a second time, and counts as no copy.

        Raises NotFound, StoreFailed; StepImpossible where the plan gets no receipts. A failing printer is announced (PrinterChanged).
        """
        is_new = self.printing.on_its_way(correlation_id) is None
        printed = await self.receipts.make(correlation_id, counted=is_new)
        if is_new:
            self.printing.submit(correlation_id, printed.receipt.copy, printed.pdf)
        return printed

    async def _run_logged(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """A background task that ends by a bug is logged at once: else it would do nothing for the rest of the day, unseen. So is one that
        something it waits for has cancelled, though nobody asked for its end."""
        try:
            await work()
        except (Exception, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is None or not task.cancelling():
                log.critical("a background task of the kiosk has ended", exc_info=True)
            raise
