"""Whether batteries can be read and receipts printed: told at the start and at every change, and never as working when nobody knows."""

import asyncio
import logging
from dataclasses import dataclass, field

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable, PrinterUnavailable
from kiosk.station.adapters.printing import NoPrinter
from kiosk.station.events import Event, PrinterChanged, ScannerChanged
from kiosk.station.services.device_health import HealthWatch
from tests.fakes import FixedScanner, RecordingPrinter


@dataclass
class Checked:
    """A scanner or printer whose check answers as it is told to: a value, an error, or never."""

    answer: bool | Exception | None = True
    times: int = 0
    told: list[Event] = field(default_factory=list)

    async def check(self) -> bool:
        self.times += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        return bool(self.answer)


def watch(scanner: object, printer: object, told: list[Event]) -> HealthWatch:
    return HealthWatch(scanner, printer, told.append, every_seconds=0.01, deadline_seconds=0.05)  # type: ignore[arg-type]  # only checked


async def until(said: list[Event], count: int) -> None:
    async with asyncio.timeout(5):
        while len(said) < count:
            await asyncio.sleep(0.005)


def told_of(scanner: object, printer: object) -> list[Event]:
    """The first word on each."""

    async def scenario() -> list[Event]:
        told: list[Event] = []
        running = asyncio.create_task(watch(scanner, printer, told).run())
        await until(told, 2)
        running.cancel()
        return told

    return asyncio.run(scenario())


def test_both_are_told_at_the_start() -> None:
    assert set(told_of(FixedScanner(), RecordingPrinter())) == {ScannerChanged(available=True), PrinterChanged(available=True)}


def test_what_is_wrong_is_told_with_its_reason() -> None:
    told = told_of(Checked(BatteryUnreachable("", 0, fault=AdapterFault.SWITCHED_OFF)), Checked(PrinterUnavailable("the paper is out")))
    assert set(told) == {
        ScannerChanged(available=False, fault=AdapterFault.SWITCHED_OFF),
        PrinterChanged(available=False, reason="the paper is out"),
    }


def test_a_printer_that_is_not_set_up_is_told_as_such() -> None:
    assert PrinterChanged(available=False, reason="no printer is set up", set_up=False) in told_of(Checked(), NoPrinter())


@pytest.mark.parametrize("answer", [False, None, RuntimeError("a bug")])
def test_what_cannot_be_told_in_time_is_not_known(answer: bool | Exception | None, caplog: pytest.LogCaptureFixture) -> None:  # noqa: FBT001
    caplog.set_level(logging.CRITICAL)
    told = told_of(Checked(answer), Checked(answer))
    assert set(told) == {ScannerChanged(available=None), PrinterChanged(available=None)}


def test_a_printer_that_hangs_does_not_hold_up_the_scanner() -> None:
    async def scenario() -> list[Event]:
        told: list[Event] = []
        slow = HealthWatch(Checked(), Checked(None), told.append, every_seconds=9, deadline_seconds=9)  # type: ignore[arg-type]
        running = asyncio.create_task(slow.run())
        await until(told, 1)
        running.cancel()
        return told

    assert asyncio.run(scenario()) == [ScannerChanged(available=True)]


def test_a_change_is_told_once_and_nothing_without_one() -> None:
    async def scenario() -> list[Event]:
        scanner, told = Checked(), list[Event]()
        running = asyncio.create_task(watch(scanner, Checked(), told).run())
        await until(told, 2)
        scanner.answer = BatteryUnreachable("", 0, fault=AdapterFault.NO_ADAPTER)
        await until(told, 3)
        seen = scanner.times
        while scanner.times < seen + 3:
            await asyncio.sleep(0.005)
        scanner.answer = True
        await until(told, 4)
        running.cancel()
        return told

    assert asyncio.run(scenario())[2:] == [ScannerChanged(available=False, fault=AdapterFault.NO_ADAPTER), ScannerChanged(available=True)]
