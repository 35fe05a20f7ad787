"""Batteries that were read are kept in BlueZ with their GATT layout, so that the next reading costs one connect and the values."""

import asyncio
from itertools import pairwise

import pytest

from kiosk.station.adapters.bluetooth import bluez_recovery
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.bluez_recovery import DEVICE, BluezRecovery, system_bus
from tests.bluez.desk import RadioDesk
from tests.bluez.device import DISCOVERED
from tests.station.adapters.bluetooth.bench import battery, phone


async def trusted() -> set[str]:
    async with system_bus() as bus:
        return {str(device["Address"]) for device in (await bus.known(DEVICE)).values() if device["Trusted"]}


def address_of(desk: RadioDesk, asset_id: str = "BAT-12345") -> str:
    return next(device.address for device in desk.bluez.room.peripherals if device.name.endswith(asset_id[-6:]))


def test_a_battery_that_was_read_is_not_forgotten_and_its_layout_is_discovered_once(desk: RadioDesk) -> None:
    for _ in range(3):
        desk.read_now()
        desk.bluez.do(lambda service: service.forget())
    assert desk.bluez.calls.count(DISCOVERED) == 1
    assert asyncio.run(trusted()) == {address_of(desk)}


def test_what_failed_or_was_only_received_is_not_kept(desk: RadioDesk) -> None:
    desk.bluez.room.add_devices(phone(1))
    desk.bluez.faults.refused_connects = 2
    with pytest.raises(Exception, match="link_lost"):
        desk.read_now()
    assert asyncio.run(trusted()) == set()


def test_a_second_reading_asks_bluez_for_no_scan_and_for_nothing_twice(desk: RadioDesk) -> None:
    async def scenario() -> list[str]:
        await desk.scanner.start()
        await desk.read()
        await desk.scanner.stop()
        before = len(desk.bluez.calls)
        await desk.read()
        await desk.scanner.stop()
        return desk.bluez.calls[before:]

    calls = asyncio.run(scenario())
    assert "StartDiscovery" not in calls
    assert "Set" not in calls
    assert (calls.count("Connect"), calls.count("ReadValue"), calls.count("Disconnect")) == (1, 6, 1)


def test_the_next_device_does_not_wait_for_the_last_link_to_close(desk: RadioDesk) -> None:
    desk.bluez.room.put(battery("BAT-67890"))

    async def scenario() -> tuple[frozenset[str], str]:
        await desk.scanner.start()
        await desk.read("BAT-67890")
        await desk.scanner.stop()
        desk.bluez.faults.mute.add("Disconnect")
        await desk.read()
        open_then = desk.bluez.room.open_links
        other = (await desk.read("BAT-67890")).battery_id
        desk.bluez.faults.mute.clear()
        await desk.scanner.stop()
        return open_then, other

    assert asyncio.run(scenario()) == (frozenset({address_of(desk)}), "BAT-67890")


def test_a_kept_battery_whose_link_was_left_open_is_still_ours(desk: RadioDesk) -> None:
    def leave(_service: object) -> None:
        desk.bluez.service.leave_connected(address_of(desk))
        desk.bluez.service.mark(address_of(desk), Trusted=True)

    desk.bluez.do(leave)
    assert asyncio.run(BluezRecovery().close_left_over()) == 1
    assert not desk.bluez.room.open_links


def test_a_trusted_keyboard_is_left_alone(desk: RadioDesk) -> None:
    keyboard = Peripheral(address="AA:00:00:00:00:01", name="Keyboard")

    def leave(_service: object) -> None:
        desk.bluez.room.add_devices(keyboard)
        desk.bluez.service.leave_connected(keyboard.address)
        desk.bluez.service.mark(keyboard.address, Trusted=True)

    desk.bluez.do(leave)
    recovery = BluezRecovery()
    assert asyncio.run(recovery.close_left_over()) == 0
    asyncio.run(recovery.recall())
    asyncio.run(recovery.keep(keyboard.address))
    assert asyncio.run(trusted()) == {keyboard.address}


def test_the_batteries_kept_are_bounded_and_the_one_read_longest_ago_goes(desk: RadioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluez_recovery, "MAX_KEPT", 2)
    ids = ("BAT-12345", "BAT-67890", "BAT-77777")
    for asset_id in ids[1:]:
        desk.bluez.room.put(battery(asset_id))
    for earlier, asset_id in pairwise(("", *ids)):
        desk.read_now(asset_id)
        if earlier == ids[0]:
            desk.read_now(earlier)  # so that the second one is the oldest
    assert asyncio.run(trusted()) == {address_of(desk, ids[0]), address_of(desk, ids[2])}


def test_another_process_goes_on_with_what_was_kept(desk: RadioDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluez_recovery, "MAX_KEPT", 1)
    desk.read_now()
    desk.bluez.room.put(battery("BAT-67890"))
    RadioDesk(desk.bluez).read_now("BAT-67890")
    assert asyncio.run(trusted()) == {address_of(desk, "BAT-67890")}
