"""What happens over days at a counter: a process that was killed, an adapter replugged under an open list, a cut-short first connecting."""

import asyncio
import subprocess
import sys
from contextlib import aclosing

import psutil
import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures

from kiosk.station.adapters.bluetooth import Fault, radio
from kiosk.station.ports import ReadPhase
from tests.bluez.desk import RadioDesk
from tests.cli.terminal import ROOT
from tests.station.adapters.bluetooth.bench import battery

_READ_FOR_EVER = """
import asyncio
from kiosk.station.adapters.bluetooth import build_scanner
from tests.station.adapters.bluetooth.bench import StillClock
scanner = build_scanner("bluetooth", clock=StillClock())
asyncio.run(scanner.read("BAT-12345", lambda phase: print(phase, flush=True), 60))
"""


def test_what_a_killed_process_left_open_is_closed_by_the_next_one(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.SILENT)
    with subprocess.Popen([sys.executable, "-c", _READ_FOR_EVER], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != ReadPhase.READING:
            assert process.poll() is None
        process.kill()
        process.wait()
    assert desk.bluez.room.open_links  # as with bluetoothd: nobody tells it
    desk.bluez.room.set_faults("BAT-12345")
    assert desk.read_now().battery_id == "BAT-12345"


def test_the_list_goes_on_when_the_adapter_was_replugged(desk: RadioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(radio, "DEAF_SECONDS", 0.2)

    async def scenario() -> None:
        await desk.scanner.start()
        async with asyncio.timeout(10), aclosing(desk.scanner.sightings()) as lists:
            while len(await anext(lists)) != 1:
                pass
            desk.bluez.do(lambda service: service.unplug())
            desk.bluez.do(lambda service: service.plug())
            desk.bluez.room.put(battery("BAT-67890"))
            while len(await anext(lists)) != 2:
                pass
        await desk.scanner.stop()

    asyncio.run(scenario())


def test_a_reading_goes_first_while_the_list_is_open(desk: RadioDesk) -> None:
    async def scenario() -> None:
        await desk.scanner.start()
        async with asyncio.timeout(10), aclosing(desk.scanner.sightings()) as lists:
            while not await anext(lists):
                pass
            for _ in range(3):
                assert (await desk.read()).battery_id == "BAT-12345"
        await desk.scanner.stop()
        await desk.bluez.nothing_open()

    asyncio.run(scenario())


def test_a_question_for_the_version_that_was_cut_short_does_not_stop_all_connecting(
    desk: RadioDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", False)
    monkeypatch.setattr(BlueZFeatures, "_check_bluez_event", asyncio.Event())  # nobody will ever set it
    assert desk.read_now().battery_id == "BAT-12345"


def test_a_scanner_that_was_never_started_reads_as_well(desk: RadioDesk) -> None:
    async def scenario() -> str:
        reading = await desk.read()
        await desk.scanner.stop()
        return reading.battery_id

    assert asyncio.run(scenario()) == "BAT-12345"


def test_memory_and_descriptors_stay_where_they_are_over_many_readings(desk: RadioDesk) -> None:
    async def scenario() -> tuple[int, int, int]:
        process = psutil.Process()
        await desk.scanner.start()
        for _ in range(20):
            await desk.read()
        files, tasks = process.num_fds(), len(asyncio.all_tasks())
        for _ in range(60):
            await desk.read()
        grown = process.num_fds() - files, len(asyncio.all_tasks()) - tasks
        await desk.scanner.stop()
        return (*grown, len(desk.scanner.last_reads()))

    files, tasks, traces = asyncio.run(scenario())
    assert files <= 2  # sockets of the last link may still be closing
    assert tasks <= 2
    assert traces == 30
