"""How each part is: told at the start and at every change, and never as well when nobody knows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from kiosk.domain.errors import PrinterUnavailable
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, HealthChanged, PrinterChanged
from kiosk.station.health import NOT_KNOWN, OK, Health, HealthPart, HealthState
from kiosk.station.services.health_watch import HealthCheck, HealthWatch
from kiosk.station.services.print_queue import PrintQueue
from tests.fakes import FakeClock, RecordingPrinter

NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
OUT = Health(state=HealthState.WRONG, what="the paper is out")
GONE = Health(state=HealthState.WRONG, what="no Bluetooth adapter is plugged in")


@dataclass
class Looked:
    """A look that finds what it is told to: a Health, an error, or nothing for ever."""

    found: Health | Exception | None = OK
    times: int = 0

    async def __call__(self) -> Health:
        self.times += 1
        if isinstance(self.found, Exception):
            raise self.found
        if self.found is None:
            await asyncio.Event().wait()
        return self.found or NOT_KNOWN


@dataclass
class Bench:
    """A watch on two parts, and what it told."""

    reader: Looked = field(default_factory=Looked)
    printer: Looked = field(default_factory=Looked)
    told: list[HealthChanged] = field(default_factory=list)
    every_seconds: float = 0.01
    deadline_seconds: float = 0.05

    def __post_init__(self) -> None:
        parts = {HealthPart.READER: self.reader, HealthPart.PRINTER: self.printer}
        checks = [HealthCheck(part=part, look=look, every_seconds=self.every_seconds) for part, look in parts.items()]
        self.watch = HealthWatch(checks, self._hear, deadline_seconds=self.deadline_seconds)

    def _hear(self, event: Event) -> None:
        assert isinstance(event, HealthChanged)
        self.told.append(event)

    def of(self, part: HealthPart) -> list[Health]:
        return [each.health for each in self.told if each.part is part]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not happened():
                await asyncio.sleep(0.005)


def at_work(bench: Bench, use: Callable[[Bench], Awaitable[None]]) -> None:
    """Run a test while the watch runs, which must be alive at its end."""

    async def scenario() -> None:
        running = asyncio.create_task(bench.watch.run())
        await use(bench)
        assert not running.done()
        running.cancel()

    asyncio.run(scenario())


async def both(bench: Bench) -> None:
    await bench.until(lambda: len(bench.told) >= 2)


def test_each_part_is_told_at_the_start() -> None:
    bench = Bench()
    at_work(bench, both)
    assert (bench.of(HealthPart.READER), bench.of(HealthPart.PRINTER)) == ([OK], [OK])


def test_what_is_wrong_is_told_with_its_reason() -> None:
    bench = Bench(Looked(GONE), Looked(OUT))
    at_work(bench, both)
    assert (bench.of(HealthPart.READER), bench.of(HealthPart.PRINTER)) == ([GONE], [OUT])


@pytest.mark.parametrize("found", [None, RuntimeError("a bug")])
def test_what_is_not_found_out_in_time_is_not_known(found: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    bench = Bench(Looked(found), Looked(found))
    at_work(bench, both)
    assert (bench.of(HealthPart.READER), bench.of(HealthPart.PRINTER)) == ([NOT_KNOWN], [NOT_KNOWN])


def test_a_printer_that_hangs_does_not_hold_up_the_reader() -> None:
    bench = Bench(printer=Looked(None), every_seconds=9, deadline_seconds=9)

    async def use(bench: Bench) -> None:
        await bench.until(lambda: bool(bench.told))

    at_work(bench, use)
    assert bench.told == [HealthChanged(part=HealthPart.READER, health=OK)]


def test_a_change_is_told_once_and_nothing_without_one() -> None:
    async def use(bench: Bench) -> None:
        await both(bench)
        bench.reader.found = GONE
        await bench.until(lambda: len(bench.told) == 3)
        seen = bench.reader.times
        await bench.until(lambda: bench.reader.times > seen + 3)
        bench.reader.found = OK
        await bench.until(lambda: len(bench.told) == 4)

    bench = Bench()
    at_work(bench, use)
    assert bench.of(HealthPart.READER) == [OK, GONE, OK]


def test_everything_is_looked_at_at_once_when_somebody_asks() -> None:
    async def use(bench: Bench) -> None:
        await both(bench)
        bench.printer.found = OUT
        await bench.watch.look_again()
        await bench.until(lambda: bench.of(HealthPart.PRINTER) == [OK, OUT])

    bench = Bench(every_seconds=600)
    at_work(bench, use)
    assert (bench.reader.times, bench.printer.times) == (2, 2)


def test_the_link_is_heard_of_and_waits_for_no_look() -> None:
    bench = Bench()
    bench.watch.handle_event(LinkChanged(connected=False, since=NOON, reason="the broker refused the connection"))
    bench.watch.handle_event(LinkChanged(connected=True, since=NOON))
    lost, back = bench.of(HealthPart.LINK)
    assert (lost.state, lost.what, bool(lost.repair)) == (HealthState.WARNING, "the broker refused the connection", True)
    assert back.state is HealthState.OK


def test_a_printer_that_let_a_receipt_down_is_not_well_until_it_prints_one() -> None:
    async def use(bench: Bench) -> None:
        await both(bench)
        bench.watch.handle_event(
            PrinterChanged(available=False, correlation_id="TXN-1", reason="it was not printed in 15 s", repair="Look.", short="Stuck")
        )
        seen = bench.printer.times
        await bench.until(lambda: bench.printer.times > seen + 3)  # the print system still says that all is well
        bench.watch.handle_event(PrinterChanged(available=True, correlation_id="TXN-1"))

    bench = Bench()
    at_work(bench, use)
    words = "the last receipt was not printed: it was not printed in 15 s"
    assert bench.of(HealthPart.PRINTER) == [OK, Health(state=HealthState.WARNING, what=words, repair="Look.", short="Stuck"), OK]


def test_what_the_printer_itself_says_stands_before_what_it_did_last() -> None:
    async def use(bench: Bench) -> None:
        await both(bench)
        bench.watch.handle_event(PrinterChanged(available=False, correlation_id="TXN-1", reason="it is paused"))
        bench.printer.found = OUT
        await bench.until(lambda: bench.of(HealthPart.PRINTER)[-1] == OUT)

    at_work(Bench(), use)


def test_a_receipt_where_no_printer_is_set_up_lets_nobody_down() -> None:
    none = Health(state=HealthState.NOT_SET_UP, what="no printer is set up")

    async def use(bench: Bench) -> None:
        await both(bench)
        bench.watch.handle_event(PrinterChanged(available=False, correlation_id="TXN-1", reason="no printer is set up", set_up=False))

    bench = Bench(printer=Looked(none))
    at_work(bench, use)
    assert bench.of(HealthPart.PRINTER) == [none]


def test_a_refusal_goes_from_the_printer_through_the_queue_to_the_light() -> None:
    class Refusing(RecordingPrinter):
        async def print_pdf(self, pdf: bytes, title: str) -> None:
            raise PrinterUnavailable("its cover is open", "Close the printer's lid.", "Lid is open")

    async def use(bench: Bench) -> None:
        await both(bench)
        queue = PrintQueue(Refusing(), FakeClock(), bench.watch.handle_event)
        working = asyncio.create_task(queue.run())
        queue.submit("TXN-1", 0, b"%PDF")
        await bench.until(lambda: bench.of(HealthPart.PRINTER)[-1].short == "Lid is open")
        working.cancel()

    bench = Bench(every_seconds=600)
    at_work(bench, use)
    assert bench.of(HealthPart.PRINTER)[-1].repair == "Close the printer's lid."
