"""What may be wrong with the machine: an adapter that is off or pulled out, no bluetoothd, a link left over. In plain words, and mended."""

import asyncio
import struct
from pathlib import Path

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import Fault
from kiosk.station.adapters.bluetooth.diagnosis import find_problem
from kiosk.station.ports import ReadPhase
from tests.real_bluez.bluez import Bluez, connected, heard, is_on
from tests.real_bluez.counter import Air, Desk, battery, new_desk
from tests.real_bluez.daemon import Daemon


async def refusal(desk: Desk) -> AdapterFault | None:
    """Why a reading is refused; at once, without waiting for its deadline."""
    async with asyncio.timeout(20):
        with pytest.raises(BatteryUnreachable) as refused:
            await desk.read("BAT-12345", 60)
    return refused.value.fault


def block(*, blocked: bool) -> None:
    """As `rfkill block bluetooth` does: one event in the kernel's own form (index, type, operation, soft, hard)."""
    all_of_a_type, bluetooth = 3, 2
    Path("/dev/rfkill").write_bytes(struct.pack("IBBBB", 0, bluetooth, all_of_a_type, blocked, 0))


async def trouble() -> str:
    """What `doctor` says is wrong."""
    found = await find_problem()
    assert found is not None
    return found.what


async def test_an_adapter_that_is_off_is_said_and_works_when_it_is_on_again(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery())
    assert await find_problem() is None
    await bluez.switch(on=False)
    assert await trouble() == "Bluetooth is switched off on the adapter."
    assert await refusal(desk) is AdapterFault.SWITCHED_OFF
    await bluez.switch(on=True)
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"


async def test_the_list_says_when_the_adapter_is_off(air: Air, bluez: Bluez, desk: Desk) -> None:
    await bluez.switch(on=False)
    with pytest.raises(BatteryUnreachable, match="switched_off"):
        await anext(desk.scanner.sightings())


async def test_an_adapter_that_is_gone_is_said_and_works_when_it_is_back(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery())
    await air.unplug()
    await bluez.until(lambda objects: is_on(objects) is None)
    assert await trouble() == "No Bluetooth adapter is plugged in."
    assert await refusal(desk) is AdapterFault.NO_ADAPTER
    await air.plug()
    await bluez.until(lambda objects: is_on(objects) is True)
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"


async def test_an_adapter_pulled_out_in_mid_read_ends_the_reading(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.SILENT))
    reading = asyncio.create_task(desk.read("BAT-12345", 60))
    await desk.until(ReadPhase.READING)
    await air.unplug()
    async with asyncio.timeout(20):
        with pytest.raises(BatteryUnreachable) as refused:
            await reading
    assert refused.value.fault in {AdapterFault.LINK_LOST, AdapterFault.NO_ADAPTER}
    await air.put(battery())
    await air.plug()
    await bluez.until(lambda objects: is_on(objects) is True)
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"


async def test_an_adapter_that_the_kernel_blocks_is_said_and_works_when_it_is_free_again(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery())
    block(blocked=True)
    await bluez.until(lambda objects: is_on(objects) is False)
    assert await trouble() == "Bluetooth is blocked by rfkill."
    assert await refusal(desk) is AdapterFault.SWITCHED_OFF
    block(blocked=False)
    await bluez.switch(on=True)
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"


async def test_a_bluetoothd_that_stops_is_said_and_works_when_it_runs_again(air: Air, bluez: Bluez, daemon: Daemon, desk: Desk) -> None:
    await air.put(battery())
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"
    daemon.stop()
    try:
        assert await trouble() == "No Bluetooth service is running."
        # a program that had been using it hears of the adapters going, and may not yet have heard of the service
        assert await refusal(desk) in {AdapterFault.NO_SERVICE, AdapterFault.NO_ADAPTER}
        # one that starts now meets D-Bus, which tries to start the service and cannot
        assert await asyncio.to_thread(asyncio.run, refusal(new_desk())) == AdapterFault.NO_SERVICE
    finally:
        daemon.start()
    await bluez.until(lambda objects: is_on(objects) is True)
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"


async def test_a_link_that_an_earlier_process_left_is_closed_at_start(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery())
    await desk.read("BAT-12345")  # bluetoothd has heard of it
    await bluez.until(lambda objects: not connected(objects))
    (address,) = heard(await bluez.objects())
    await bluez.connect_to(address)
    assert await air.open_links() == {address}
    await desk.scanner.start()
    assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"
