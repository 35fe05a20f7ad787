"""Two hundred devices that advertise fifty times a second each: little of a core, no memory, and the battery is still read."""

import asyncio
import time
from contextlib import aclosing

import psutil
import pytest

from kiosk.station.adapters.bluetooth import RadioScanner, build_scanner
from tests.bluez.process import bluez_process
from tests.station.adapters.bluetooth.bench import StillClock

SECONDS = 6.0
MAX_OF_A_CORE = 0.05
MAX_GROWTH_BYTES = 8_000_000


async def sizes_of_lists(scanner: RadioScanner, seconds: float) -> set[int]:
    sizes = set()
    async with aclosing(scanner.sightings()) as lists:
        try:
            async with asyncio.timeout(seconds):
                async for sightings in lists:
                    sizes.add(len(sightings))
        except TimeoutError:
            return sizes
    return sizes


def test_a_flood_costs_little_and_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> tuple[float, int, set[int], str]:
        scanner, process = build_scanner("bluetooth", clock=StillClock()), psutil.Process()
        await scanner.start()
        await sizes_of_lists(scanner, 1.5)
        memory, cpu, began = process.memory_info().rss, time.process_time(), time.monotonic()
        sizes = await sizes_of_lists(scanner, SECONDS)
        share = (time.process_time() - cpu) / (time.monotonic() - began)
        growth = process.memory_info().rss - memory
        reading = await scanner.read("BAT-12345", lambda _: None, 10)
        await scanner.stop()
        return share, growth, sizes, reading.battery_id

    with bluez_process("--devices", "200", "--per-second", "50") as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        share, growth, sizes, read_id = asyncio.run(scenario())
    assert share < MAX_OF_A_CORE
    assert growth < MAX_GROWTH_BYTES
    assert max(sizes) == 201
    assert read_id == "BAT-12345"
