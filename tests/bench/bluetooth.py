"""Batteries over the virtual link: bleak's own BlueZ backend, and the source tree's Bluetooth service on a private D-Bus in a process of
its own.

Found to kWh begins when the battery has been found and the scan has ended, and ends when its kWh and the link's end are there; the floor is
bare bleak over the same link: connect, six reads, disconnect. A battery over the air adds some seconds to both.

A scan's cost is processor time of this process over wall time, while 200 devices advertise 50 times a second each, every time as a signal
on the bus: more than BlueZ would ever pass on.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

from kiosk.domain.battery.battery import TAIL_LENGTH
from kiosk.domain.errors import LinkDown
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.bluetooth import RadioScanner, Timeouts, build_scanner
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.ports import ReadPhase
from tests.bench.figures import Figure, compared
from tests.bench.floors import link
from tests.bench.timing import Sampler, interleaved

_ROOT = Path(__file__).parents[2]
_BATTERY = "BAT-12345"
_SIX = (oves.OPID, oves.PCKV, oves.RSOC, oves.RCAP, oves.FCCP, oves.PCKT)
_SECONDS = 10.0
_ROUNDS = 100
_DEVICES, _PER_SECOND = 200, 50
_SCAN_SECONDS = 8.0
_WARM_SECONDS = 2.0
_MAX_PERCENT = 5.0
_BUS = "DBUS_SYSTEM_BUS_ADDRESS"


def battery() -> Iterator[Figure]:
    """One figure."""
    with _virtual_adapter(), asyncio.Runner() as runner:
        scanner = build_scanner("bluetooth", clock=SystemClock(), timeouts=Timeouts(gather=0.0))
        runner.run(scanner.start())
        timed = interleaved(lambda: runner.run(_ours(scanner)), _floor(runner), rounds=_ROUNDS)
        runner.run(scanner.stop())
    note = "virtual link; over the air connecting takes seconds and each value about 75 ms, on both sides"
    yield compared("a battery found -> its kWh, link closed", timed, "ms", 1.3, note)


async def _ours(scanner: RadioScanner) -> float:
    began: list[float] = []

    def note(phase: ReadPhase) -> None:
        if phase is ReadPhase.CONNECTING:
            began.append(time.perf_counter())

    await scanner.read(_BATTERY, note, _SECONDS)
    await scanner.stop()  # the reading is told before its link is closed
    return time.perf_counter() - began[-1]


def _floor(runner: asyncio.Runner) -> Sampler:
    async def sample() -> float:
        device = await link.find(_BATTERY[-TAIL_LENGTH:], _SECONDS)
        began = time.perf_counter()
        await link.read(device, _SIX)
        return time.perf_counter() - began

    return lambda: runner.run(sample())


def scan() -> Iterator[Figure]:
    """One figure."""
    with _virtual_adapter("--devices", str(_DEVICES), "--per-second", str(_PER_SECOND)), asyncio.Runner() as runner:
        bare_percent, signals = runner.run(_bare_scan())
        percent = runner.run(_own_scan())
    yield Figure(
        figure=f"scan of {_DEVICES} devices, {_PER_SECOND} advertisements a second each",
        ours=round(percent, 1),
        floor=round(bare_percent, 1),
        unit="%",
        ratio=None,
        goal=f"under {_MAX_PERCENT:g} % of one core",
        met=percent < _MAX_PERCENT,
        note=f"the floor is bare bleak, which takes all {signals:.0f} signals a second; ours pauses between bursts",
    )


async def _own_scan() -> float:
    scanner = build_scanner("bluetooth", clock=SystemClock())
    await scanner.start()
    await _watch(scanner, _WARM_SECONDS)
    cpu, began = time.process_time(), time.perf_counter()
    await _watch(scanner, _SCAN_SECONDS)
    percent = 100 * (time.process_time() - cpu) / (time.perf_counter() - began)
    await scanner.stop()
    return percent


async def _watch(scanner: RadioScanner, seconds: float) -> None:
    async with aclosing(scanner.sightings()) as lists:
        try:
            async with asyncio.timeout(seconds):
                async for _ in lists:
                    pass
        except TimeoutError:
            return


async def _bare_scan() -> tuple[float, float]:
    """Percent of a core, and signals a second."""
    await link.listen(_WARM_SECONDS)
    cpu, began = time.process_time(), time.perf_counter()
    heard = await link.listen(_SCAN_SECONDS)
    took = time.perf_counter() - began
    return 100 * (time.process_time() - cpu) / took, heard / took


@contextmanager
def _virtual_adapter(*arguments: str) -> Iterator[None]:
    """The system's D-Bus, for this process and for so long. Raises LinkDown where there is none to be had."""
    if not (_ROOT / "tests" / "bluez").is_dir() or sys.platform != "linux":
        raise LinkDown("this figure needs Linux and the project's source tree, where the virtual Bluetooth adapter is")
    command = [sys.executable, "-m", "tests.bluez", *arguments]
    before = os.environ.get(_BUS)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as service:
        try:
            address = service.stdout.readline().strip() if service.stdout else ""
            if not address:
                raise LinkDown("the virtual Bluetooth adapter did not start: it needs dbus-daemon (Debian, Ubuntu: apt install dbus)")
            os.environ[_BUS] = address
            yield
        finally:
            os.environ.pop(_BUS, None)
            if before is not None:
                os.environ[_BUS] = before
            if service.stdin is not None:
                service.stdin.close()
