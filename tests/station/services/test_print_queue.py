"""The print queue: one at a time, behind the swap, every end announced."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import PrinterUnavailable
from kiosk.station.adapters.cups import CupsPrinter
from kiosk.station.adapters.printing import FilePrinter
from kiosk.station.events import Event, PrinterChanged
from kiosk.station.ports import Printer
from kiosk.station.services.print_queue import KEPT_JOBS, JobState, PrintQueue

PDF = b"%PDF-1.3"


class SteppedClock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        """Of no account here."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        """What it was told."""
        return self.seconds


class ScriptedPrinter:
    """Prints, refuses or hangs as its script says, title by title; `gate` holds a job until it is set."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.refusals: dict[str, Exception] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = 0

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """One job; two at a time would be a fault of the queue."""
        assert pdf == PDF
        assert self.busy == 0
        self.busy += 1
        try:
            await self.gate.wait()
            if title in self.refusals:
                raise self.refusals[title]
            self.printed.append(title)
        finally:
            self.busy -= 1

    async def check(self) -> bool:
        """Never asked by the queue itself."""
        return False


class Bench:
    """A queue at work, with all that it announced."""

    def __init__(self, printer: Printer, job_seconds: float = 30.0) -> None:
        self.clock = SteppedClock()
        self.heard: asyncio.Queue[PrinterChanged] = asyncio.Queue()
        self.queue = PrintQueue(printer, self.clock, self._hear, job_seconds=job_seconds)

    def _hear(self, event: Event) -> None:
        assert isinstance(event, PrinterChanged)
        self.heard.put_nowait(event)

    async def next(self) -> PrinterChanged:
        """The next announcement."""
        return await asyncio.wait_for(self.heard.get(), 20)


def at_work(bench: Callable[[], Bench], use: Callable[[Bench], Awaitable[None]]) -> None:
    """Run a test with the queue's worker, which must be alive at its end."""

    async def run() -> None:
        built = bench()
        worker = asyncio.ensure_future(built.queue.run())
        await use(built)
        assert not worker.done()
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker

    asyncio.run(run())


def scripted(use: Callable[[Bench, ScriptedPrinter], Awaitable[None]], job_seconds: float = 30.0) -> None:
    """Run a test with a scripted printer."""
    printers: list[ScriptedPrinter] = []

    def build() -> Bench:
        printers.append(ScriptedPrinter())
        return Bench(printers[0], job_seconds)

    at_work(build, lambda bench: use(bench, printers[0]))


def test_a_printed_receipt_is_announced() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        job = bench.queue.submit("TXN-1", 0, PDF)
        assert (job.job_id, job.state) == ("TXN-1/0", JobState.WAITING)
        assert await bench.next() == PrinterChanged(available=True, correlation_id="TXN-1")
        assert [each.state for each in bench.queue.jobs] == [JobState.PRINTED]
        assert printer.printed == ["Receipt TXN-1"]

    scripted(use)


def test_receipts_print_one_at_a_time_in_the_order_of_asking() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        for number in range(5):
            bench.queue.submit(f"TXN-{number}", number % 2, PDF)
        heard = [await bench.next() for _ in range(5)]
        assert [event.correlation_id for event in heard] == [f"TXN-{number}" for number in range(5)]
        assert printer.printed[:2] == ["Receipt TXN-0", "Receipt TXN-1 copy 1"]

    scripted(use)


def test_a_failed_receipt_stays_so_until_it_is_picked_again() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        printer.refusals["Receipt TXN-1"] = PrinterUnavailable("the paper is out")
        bench.queue.submit("TXN-1", 0, PDF)
        bench.queue.submit("TXN-2", 0, PDF)
        assert await bench.next() == PrinterChanged(available=False, reason="the paper is out", correlation_id="TXN-1")
        assert await bench.next() == PrinterChanged(available=True, correlation_id="TXN-2")
        assert [(job.state, job.reason) for job in bench.queue.jobs[:1]] == [(JobState.FAILED, "the paper is out")]
        assert bench.heard.empty()
        printer.refusals.clear()
        bench.queue.submit("TXN-1", 1, PDF)
        assert await bench.next() == PrinterChanged(available=True, correlation_id="TXN-1")
        assert printer.printed == ["Receipt TXN-2", "Receipt TXN-1 copy 1"]

    scripted(use)


def test_the_very_same_job_may_be_tried_again_after_it_failed() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        printer.refusals["Receipt TXN-1"] = PrinterUnavailable("its cover is open")
        bench.queue.submit("TXN-1", 0, PDF)
        await bench.next()
        printer.refusals.clear()
        bench.queue.submit("TXN-1", 0, PDF)
        assert (await bench.next()).available
        assert [job.state for job in bench.queue.jobs] == [JobState.PRINTED]

    scripted(use)


def test_the_same_job_twice_prints_once() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        printer.gate.clear()
        first = bench.queue.submit("TXN-1", 0, PDF)
        assert bench.queue.submit("TXN-1", 0, PDF) == first
        printer.gate.set()
        await bench.next()
        bench.queue.submit("TXN-2", 0, PDF)
        await bench.next()
        assert printer.printed == ["Receipt TXN-1", "Receipt TXN-2"]

    scripted(use)


def test_a_copy_that_is_asked_for_while_the_receipt_is_on_its_way_is_no_second_paper() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        printer.gate.clear()
        first = bench.queue.submit("TXN-1", 0, PDF)
        await asyncio.sleep(0)
        assert bench.queue.submit("TXN-1", 1, PDF).job_id == first.job_id
        printer.gate.set()
        await bench.next()
        bench.queue.submit("TXN-1", 1, PDF)
        await bench.next()
        assert printer.printed == ["Receipt TXN-1", "Receipt TXN-1 copy 1"]

    scripted(use)


def test_a_receipt_that_waited_too_long_expires() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        bench.queue.submit("TXN-1", 0, PDF)
        bench.clock.seconds += 601
        bench.queue.submit("TXN-2", 0, PDF)
        assert await bench.next() == PrinterChanged(available=False, reason="it waited longer than 10 min", correlation_id="TXN-1")
        assert (await bench.next()).correlation_id == "TXN-2"
        assert printer.printed == ["Receipt TXN-2"]
        assert [job.state for job in bench.queue.jobs] == [JobState.EXPIRED, JobState.PRINTED]

    scripted(use)


def test_a_printer_without_an_end_is_given_up() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        printer.gate.clear()
        bench.queue.submit("TXN-1", 0, PDF)
        assert await bench.next() == PrinterChanged(available=False, reason="it did not answer in 0.1 s", correlation_id="TXN-1")

    scripted(use, job_seconds=0.1)


def test_a_bug_in_a_printer_is_reported_and_the_next_receipt_prints() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        printer.refusals["Receipt TXN-1"] = ZeroDivisionError()
        bench.queue.submit("TXN-1", 0, PDF)
        bench.queue.submit("TXN-2", 0, PDF)
        assert (await bench.next()).reason == "the printing failed"
        assert (await bench.next()).available
        assert [type(context["exception"]) for context in reported] == [ZeroDivisionError]

    scripted(use)


def test_the_latest_job_of_a_swap_is_found() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        for copy in (0, 1):
            bench.queue.submit("TXN-1", copy, PDF)
            await bench.next()
        bench.queue.submit("TXN-2", 0, PDF)
        latest = bench.queue.latest("TXN-1")
        assert latest is not None
        assert latest.copy == 1
        assert bench.queue.latest("TXN-3") is None

    scripted(use)


def test_old_jobs_are_forgotten_but_none_that_is_on_its_way() -> None:
    async def use(bench: Bench, printer: ScriptedPrinter) -> None:
        for number in range(KEPT_JOBS + 20):
            bench.queue.submit(f"TXN-{number}", 0, PDF)
        assert len(bench.queue.jobs) == KEPT_JOBS + 20
        for _ in range(KEPT_JOBS + 20):
            await bench.next()
        bench.queue.submit("TXN-LAST", 0, PDF)
        assert len(bench.queue.jobs) == KEPT_JOBS
        assert (await bench.next()).correlation_id == "TXN-LAST"

    scripted(use)


def test_a_dead_printer_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_path: str) -> None:
    for name in ("lp", "lpstat"):
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 60\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{own_path}")

    async def use(bench: Bench) -> None:
        bench.queue.submit("TXN-1", 0, PDF)
        assert [await asyncio.to_thread(str, turn) for turn in range(3)] == ["0", "1", "2"]  # the loop serves others meanwhile
        assert bench.queue.jobs[0].open
        assert await bench.next() == PrinterChanged(available=False, reason="it did not answer in 0.5 s", correlation_id="TXN-1")

    at_work(lambda: Bench(CupsPrinter("till", deadline_seconds=0.5)), use)


def test_training_prints_into_its_folder(tmp_path: Path) -> None:
    async def use(bench: Bench) -> None:
        bench.queue.submit("TXN-1", 0, PDF)
        assert (await bench.next()).available
        assert (tmp_path / "0001-Receipt-TXN-1.pdf").read_bytes() == PDF

    at_work(lambda: Bench(FilePrinter(tmp_path)), use)
