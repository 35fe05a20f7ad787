"""The adapter and the Bluetooth service: missing, off, denied, mute, gone in mid-read, stuck, and what an earlier process left behind."""

import asyncio
from collections.abc import Callable

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import Fault, SimulatedEnvironment, radio
from kiosk.station.adapters.bluetooth.bluez_recovery import BluezRecovery
from kiosk.station.ports import ReadPhase
from tests.bluez.bus import DENY_BLUEZ, private_bus
from tests.bluez.desk import AIR, RadioDesk
from tests.bluez.faults import Stuck
from tests.bluez.thread import BluezThread
from tests.station.adapters.bluetooth.bench import battery, phone

OFF_AND_ON = ["Powered=False", "Powered=True"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that does not answer is given up sooner."""
    monkeypatch.setattr(radio, "START_SECONDS", 0.3)
    monkeypatch.setattr(radio, "STOP_SECONDS", 0.2)
    monkeypatch.setattr(radio, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(radio, "REPAIR_SECONDS", 0.3)


def switched(desk: RadioDesk) -> list[str]:
    return [call for call in desk.bluez.calls if call.startswith("Powered")]


def address(desk: RadioDesk) -> str:
    return desk.bluez.room.peripherals[0].address


# ---------------------------------------------------------------- no use at all


def test_no_service_on_the_bus_is_told(bus: str) -> None:
    with BluezThread(bus, SimulatedEnvironment()) as bluez:
        bluez.die()
        with pytest.raises(BatteryUnreachable) as refused:
            RadioDesk(bluez).read_now_somehow()
        assert refused.value.fault == AdapterFault.NO_SERVICE


def test_a_program_that_may_not_use_bluetooth_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(DENY_BLUEZ) as denied, BluezThread(denied, SimulatedEnvironment([battery()], timings=AIR)) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", denied)
        with pytest.raises(BatteryUnreachable) as refused:
            RadioDesk(bluez).read_now()
        assert refused.value.fault == AdapterFault.NOT_ALLOWED


@pytest.mark.parametrize(
    ("change", "fault"),
    [(lambda service: service.unplug(), AdapterFault.NO_ADAPTER), (lambda service: service.switch(on=False), AdapterFault.SWITCHED_OFF)],
)
def test_an_adapter_that_is_missing_or_off_is_told_at_once_and_can_be_mended(
    desk: RadioDesk, change: Callable[[object], None], fault: AdapterFault
) -> None:
    desk.bluez.do(change)
    with pytest.raises(BatteryUnreachable) as refused:
        desk.read_now(seconds=60)
    assert refused.value.fault == fault
    assert not switched(desk)  # whoever switched it off may have meant it
    desk.bluez.do(lambda service: service.plug() if fault is AdapterFault.NO_ADAPTER else service.switch(on=True))
    assert desk.read_now().battery_id == "BAT-12345"


@pytest.mark.parametrize("method", ["GetManagedObjects", "SetDiscoveryFilter", "StartDiscovery"])
@pytest.mark.usefixtures("impatient")
def test_a_service_that_does_not_answer_is_told(desk: RadioDesk, method: str) -> None:
    desk.bluez.faults.mute.add(method)
    with pytest.raises(BatteryUnreachable) as refused:
        desk.read_now(seconds=3)
    assert refused.value.fault == AdapterFault.SERVICE_SILENT
    desk.bluez.faults.mute.clear()
    assert desk.read_now().battery_id == "BAT-12345"


@pytest.mark.parametrize("method", ["Connect", "ReadValue", "Disconnect", "StopDiscovery"])
@pytest.mark.usefixtures("impatient")
def test_the_deadline_holds_whatever_is_not_answered(desk: RadioDesk, method: str) -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        await desk.scanner.start()
        desk.bluez.faults.mute.add(method)
        began = loop.time()
        try:
            await desk.read(seconds=0.6)
        except BatteryUnreachable:
            assert method in ("Connect", "ReadValue")
        took = loop.time() - began
        desk.bluez.faults.mute.clear()
        await desk.scanner.stop()
        return took

    assert asyncio.run(scenario()) < 1.5
    assert desk.read_now().battery_id == "BAT-12345"


# ---------------------------------------------------------------- gone in mid-read


@pytest.mark.parametrize("read", [1, 3, 6])
def test_an_adapter_that_vanishes_and_returns_in_mid_read_costs_a_moment(desk: RadioDesk, read: int) -> None:
    desk.bluez.faults.vanish_at_read, desk.bluez.faults.back_after = read, 0.2
    assert desk.read_now().battery_id == "BAT-12345"
    assert [each.phase for each in desk.trace.phases].count(ReadPhase.LOOKING) >= 2


def test_an_adapter_that_vanishes_for_good_is_told_before_the_deadline(desk: RadioDesk) -> None:
    desk.bluez.faults.vanish_at_read = 3
    with pytest.raises(BatteryUnreachable) as gone:
        desk.read_now(seconds=60)
    assert gone.value.fault == AdapterFault.NO_ADAPTER
    assert desk.trace.seconds < 10


def test_switching_off_in_mid_read_is_told(desk: RadioDesk) -> None:
    desk.at[ReadPhase.READING] = lambda: desk.bluez.do(lambda service: service.switch(on=False))
    with pytest.raises(BatteryUnreachable) as off:
        desk.read_now(seconds=60)
    assert off.value.fault == AdapterFault.SWITCHED_OFF


def test_a_service_that_dies_in_mid_read_is_told_and_one_that_is_back_is_used(desk: RadioDesk) -> None:
    desk.at[ReadPhase.READING] = desk.bluez.die
    with pytest.raises(BatteryUnreachable):
        desk.read_now_somehow(seconds=3)
    desk.bluez.start()
    assert desk.read_now().battery_id == "BAT-12345"


def test_a_battery_that_the_service_forgot_meanwhile_is_looked_for_again(desk: RadioDesk) -> None:
    desk.at[ReadPhase.CONNECTING] = lambda: desk.bluez.do(lambda service: service.forget())
    assert desk.read_now().battery_id == "BAT-12345"
    assert desk.phases.count(ReadPhase.LOOKING) == 2


# ---------------------------------------------------------------- stuck


@pytest.mark.parametrize("what", ["stuck_discovery", "stuck_connect"])
@pytest.mark.parametrize(
    ("stuck", "steps"),
    [
        (Stuck.UNTIL_DEVICE_REMOVED, ("removed the stale device",)),
        (Stuck.UNTIL_POWER_CYCLE, ("removed the stale device", "switched the adapter off and on")),
    ],
)
def test_a_stuck_adapter_is_mended_step_by_step(desk: RadioDesk, what: str, stuck: Stuck, steps: tuple[str, ...]) -> None:
    desk.read_now()
    setattr(desk.bluez.faults, what, stuck)
    assert desk.read_now().battery_id == "BAT-12345"
    assert desk.trace.recoveries == steps
    assert switched(desk) == (OFF_AND_ON if len(steps) == 2 else [])


@pytest.mark.parametrize("what", ["stuck_discovery", "stuck_connect"])
def test_an_adapter_that_stays_stuck_is_a_persons_work(desk: RadioDesk, what: str) -> None:
    setattr(desk.bluez.faults, what, Stuck.FOR_EVER)
    with pytest.raises(BatteryUnreachable) as stuck:
        desk.read_now()
    assert stuck.value.fault == AdapterFault.STUCK
    assert switched(desk) == OFF_AND_ON


def test_a_scan_that_could_not_be_stopped_is_mended_before_the_next_one(desk: RadioDesk) -> None:
    async def scenario() -> None:
        await desk.scanner.start()
        desk.bluez.faults.stop_in_progress = 2
        assert (await desk.read()).battery_id == "BAT-12345"
        desk.bluez.room.put(battery("BAT-67890"))  # what was received a moment ago needs no scan
        assert (await desk.read("BAT-67890")).battery_id == "BAT-67890"
        await desk.scanner.stop()

    asyncio.run(scenario())
    assert switched(desk) == OFF_AND_ON


def test_an_adapter_that_hears_nothing_is_switched_off_and_on_once(desk: RadioDesk) -> None:
    desk.bluez.faults.deaf = True
    assert desk.read_now().battery_id == "BAT-12345"
    assert switched(desk) == OFF_AND_ON
    desk.bluez.room.remove("BAT-12345")

    async def scenario() -> None:
        await desk.scanner.start()
        for _ in range(2):
            with pytest.raises(BatteryUnreachable) as nobody:
                await desk.read(seconds=1.3)
            assert not nobody.value.heard_others
        await desk.scanner.stop()

    asyncio.run(scenario())
    assert len(switched(desk)) == 4  # once more for the new silence, and not again


def test_an_adapter_that_hears_others_is_left_alone(desk: RadioDesk) -> None:
    desk.bluez.room.add_devices(phone(1))
    desk.bluez.room.set_faults("BAT-12345", Fault.UNREACHABLE)
    with pytest.raises(BatteryUnreachable) as missing:
        desk.read_now(seconds=1.3)
    assert missing.value.heard_others
    assert not switched(desk)


def test_an_adapter_that_others_use_is_not_switched_off(desk: RadioDesk) -> None:
    keyboard = phone(1)
    desk.bluez.room.add_devices(keyboard)
    desk.bluez.do(lambda service: service.leave_connected(keyboard.address))
    desk.bluez.faults.stuck_discovery = Stuck.UNTIL_POWER_CYCLE
    with pytest.raises(BatteryUnreachable):
        asyncio.run(desk.scanner.read("BAT-12345", lambda _: None, 3))
    assert not switched(desk)
    assert desk.bluez.room.open_links == {keyboard.address}


def test_cancelling_does_not_leave_the_adapter_switched_off(desk: RadioDesk) -> None:
    async def scenario() -> None:
        await desk.scanner.start()
        desk.bluez.faults.deaf = True
        reading = asyncio.create_task(desk.read())
        while "Powered=False" not in desk.bluez.calls:
            await asyncio.sleep(0.005)
        reading.cancel()
        await asyncio.wait({reading})
        await desk.scanner.stop()

    asyncio.run(scenario())
    assert switched(desk) == OFF_AND_ON


# ---------------------------------------------------------------- what was left behind


def test_a_link_that_an_earlier_process_left_is_closed_at_start(desk: RadioDesk) -> None:
    desk.bluez.do(lambda service: service.leave_connected(address(desk)))
    assert desk.bluez.room.open_links
    assert desk.read_now().battery_id == "BAT-12345"


def test_a_link_left_open_later_is_closed_when_its_battery_is_looked_for(desk: RadioDesk) -> None:
    async def scenario() -> str:
        await desk.scanner.start()
        desk.bluez.do(lambda service: service.leave_connected(address(desk)))
        try:
            return (await desk.read()).battery_id
        finally:
            await desk.scanner.stop()

    assert asyncio.run(scenario()) == "BAT-12345"
    assert desk.trace.recoveries == ("closed a link left open",)


@pytest.mark.parametrize("flag", ["Paired", "Bonded"])
def test_what_is_paired_belongs_to_somebody_else(desk: RadioDesk, flag: str) -> None:
    def leave(service: object) -> None:
        desk.bluez.service.leave_connected(address(desk))
        desk.bluez.service.mark(address(desk), **{flag: True})

    desk.bluez.do(leave)
    assert asyncio.run(BluezRecovery().close_left_over()) == 0
    assert desk.bluez.room.open_links


def test_a_left_over_link_that_does_not_close_is_removed(desk: RadioDesk) -> None:
    desk.bluez.do(lambda service: service.leave_connected(address(desk)))
    desk.bluez.faults.refused_disconnects = 1
    assert asyncio.run(BluezRecovery().close_left_over()) == 1
    assert not desk.bluez.room.open_links


def test_a_link_of_our_own_that_does_not_close_is_removed(desk: RadioDesk) -> None:
    async def scenario() -> None:
        await desk.scanner.start()
        desk.bluez.faults.refused_disconnects = 1
        assert (await desk.read()).battery_id == "BAT-12345"
        await desk.bluez.nothing_open()
        assert (await desk.read()).battery_id == "BAT-12345"
        await desk.scanner.stop()

    asyncio.run(scenario())


def test_only_the_configured_adapter_is_touched(desk: RadioDesk) -> None:
    desk.bluez.do(lambda service: service.leave_connected(address(desk)))
    other = BluezRecovery("hci7")
    assert asyncio.run(other.close_left_over()) == 0
    assert asyncio.run(other.power_cycle()) is False
    assert not switched(desk)
