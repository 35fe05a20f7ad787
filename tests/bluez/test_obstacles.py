"""Packs that are there and will not be read, as BlueZ tells it: a sentence each, at once, and never one that blames the battery.

The pack is a recorded JBD named BAT-12345; what refuses it was reported by others, the source stands beside each.
"""

from dataclasses import replace

import pytest

from kiosk.domain.errors import BatteryUnreachable, ReadingPrevented
from kiosk.domain.messages import message_for
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.protocol_registry import own_protocols
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.ports import ReadPhase
from tests.bluez.desk import RadioDesk
from tests.station.adapters.bluetooth.bench import battery
from tests.station.adapters.bluetooth.packs import recordings

BLUEZ = "org.bluez.Error"
STRANGE = "0000aaaa-0000-1000-8000-00805f9b34fb"
RECORDED = recordings()["JBD-D"]
REFUSALS = [
    # fl4p/batmon-ha #384
    ("StartNotify", (f"{BLUEZ}.NotPermitted", "Notify acquired"), ReadObstacle.OTHER_READER),
    # patman15/BMS_BLE-HA #724
    ("StartNotify", (f"{BLUEZ}.Failed", "Failed to register notify session"), ReadObstacle.MAYBE_PAIRING),
    # patman15/BMS_BLE-HA #735 (Felicity)
    ("StartNotify", (f"{BLUEZ}.Failed", "Operation failed with ATT error: 0x05 (Insufficient Authentication)"), ReadObstacle.PAIRING),
    ("StartNotify", (f"{BLUEZ}.NotPermitted", "Not paired"), ReadObstacle.PAIRING),
    ("StartNotify", (f"{BLUEZ}.Failed", "Operation failed with ATT error: 0x0f"), ReadObstacle.PAIRING),
    ("WriteValue", (f"{BLUEZ}.NotPermitted", "Not paired"), ReadObstacle.PAIRING),
    ("WriteValue", (f"{BLUEZ}.NotPermitted", "Write acquired"), ReadObstacle.OTHER_READER),
    # patman15/BMS_BLE-HA #652 (ANT, password 1234)
    ("WriteValue", (f"{BLUEZ}.Failed", "Operation failed with ATT error: 0x08"), ReadObstacle.LOCKED),
    ("WriteValue", (f"{BLUEZ}.NotAuthorized", "Operation Not Authorized"), ReadObstacle.LOCKED),
    # patman15/aiobmsble #158 (JK V19H), fl4p/batmon-ha #217
    ("Connect", (f"{BLUEZ}.AuthenticationFailed", "Authentication Failed"), ReadObstacle.PAIRING),
    ("Connect", (f"{BLUEZ}.AuthenticationCanceled", "Authentication Canceled"), ReadObstacle.PAIRING),
    ("Connect", (f"{BLUEZ}.AuthenticationRejected", "Authentication Rejected"), ReadObstacle.PAIRING),
]


@pytest.fixture
def jbd(desk: RadioDesk) -> RadioDesk:
    """The recorded pack alone in range."""
    desk.bluez.room.remove("BAT-12345")
    desk.bluez.room.add_devices(replace(RECORDED.peripheral(), name="BAT-12345"))
    return desk


def refused(desk: RadioDesk, seconds: float = 4.0) -> ReadingPrevented:
    with pytest.raises(ReadingPrevented) as prevented:
        desk.read_now(seconds=seconds)
    return prevented.value


@pytest.mark.parametrize(("method", "refusal", "obstacle"), REFUSALS)
def test_a_pack_that_refuses_is_told_by_what_it_wants(
    jbd: RadioDesk, method: str, refusal: tuple[str, str], obstacle: ReadObstacle
) -> None:
    jbd.bluez.faults.refusals[method] = refusal
    error = refused(jbd)
    assert error.obstacle is obstacle
    assert "aside" not in " ".join(message_for(error).steps)
    assert jbd.trace.outcome == obstacle.phrase
    assert jbd.trace.seconds < 3


@pytest.mark.parametrize(("method", "refusal", "obstacle"), [each for each in REFUSALS if each[0] == "Connect"])
def test_batteries_with_an_id_of_their_own_are_told_alike(
    desk: RadioDesk, method: str, refusal: tuple[str, str], obstacle: ReadObstacle
) -> None:
    desk.bluez.faults.refusals[method] = refusal
    assert refused(desk).obstacle is obstacle


def test_a_value_that_may_be_read_after_pairing_only_wants_pairing(desk: RadioDesk) -> None:
    desk.bluez.faults.refusals["ReadValue"] = (f"{BLUEZ}.NotPermitted", "Not paired")
    assert refused(desk).obstacle is ReadObstacle.PAIRING


@pytest.mark.parametrize("method", ["StartNotify", "WriteValue"])
@pytest.mark.parametrize("refusal", [(f"{BLUEZ}.InProgress", "Operation already in progress"), (f"{BLUEZ}.NotConnected", "Not Connected")])
def test_a_refusal_that_passes_is_read_at_the_second_try(jbd: RadioDesk, method: str, refusal: tuple[str, str]) -> None:
    jbd.bluez.faults.refused_once[method] = refusal  # fl4p/batmon-ha #282
    assert jbd.read_now(seconds=6).voltage == RECORDED.volts


def test_any_other_refusal_stays_a_lost_link(jbd: RadioDesk) -> None:
    jbd.bluez.faults.refusals["StartNotify"] = (f"{BLUEZ}.Failed", "Operation failed with ATT error: 0x0e")
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        jbd.read_now()


# ---------------------------------------------------------------- services remembered from older firmware


def test_stale_services_are_forgotten_once_and_the_pack_is_read(jbd: RadioDesk) -> None:
    jbd.bluez.faults.stale_services = True  # hbldh/bleak #882, bluez/bluez #191
    assert jbd.read_now().voltage == RECORDED.volts
    assert jbd.bluez.faults.removed == 1
    assert jbd.trace.recoveries == ("forgot the remembered services of the battery",)


@pytest.mark.parametrize("protocol", own_protocols())
def test_stale_services_of_every_kind_are_forgotten(desk: RadioDesk, protocol: str) -> None:
    desk.bluez.room.put(replace(battery(kwh="0.72", volts="72"), protocol=protocol))
    desk.bluez.faults.stale_services = True
    assert str(desk.read_now().kwh_remaining) == "0.72"


@pytest.mark.parametrize("code", ["0x01", "0x12"])
def test_a_handle_of_older_firmware_is_forgotten_too(jbd: RadioDesk, code: str) -> None:
    jbd.bluez.faults.refused_once["StartNotify"] = (f"{BLUEZ}.Failed", f"Operation failed with ATT error: {code}")
    assert jbd.read_now().voltage == RECORDED.volts
    assert jbd.bluez.faults.removed == 1


@pytest.mark.parametrize("flag", ["Paired", "Bonded"])
def test_a_paired_pack_is_not_forgotten_since_it_would_have_to_be_paired_again(jbd: RadioDesk, flag: str) -> None:
    def pair() -> None:
        jbd.bluez.do(lambda service: service.mark(RECORDED.address, **{flag: True}))

    jbd.bluez.faults.stale_services = True
    jbd.at[ReadPhase.CONNECTING] = pair
    assert refused(jbd).obstacle is ReadObstacle.OTHER_KIND
    assert jbd.bluez.faults.removed == 0


def test_a_pack_that_really_has_other_services_is_told_so_and_removed_once(desk: RadioDesk) -> None:
    desk.bluez.room.remove("BAT-12345")
    elsewhere = {service: {STRANGE: b""} for service in RECORDED.peripheral().services}
    desk.bluez.room.add_devices(replace(RECORDED.peripheral(), name="BAT-12345", services=elsewhere))
    assert refused(desk).obstacle is ReadObstacle.OTHER_KIND
    assert desk.bluez.faults.removed == 1


def test_an_oves_battery_without_any_known_services_is_told_so(desk: RadioDesk) -> None:
    desk.bluez.room.remove("BAT-12345")
    elsewhere = {service: {STRANGE: b""} for service in RECORDED.peripheral().services}
    desk.bluez.room.add_devices(replace(RECORDED.peripheral(), name=f"{oves.NAME_PREFIX} BATT 45AH BAT-12345", services=elsewhere))
    assert refused(desk).obstacle is ReadObstacle.OTHER_KIND


def test_a_pack_that_was_named_like_an_oves_battery_is_read_by_what_is_behind_it(desk: RadioDesk) -> None:
    desk.bluez.room.remove("BAT-12345")
    desk.bluez.room.add_devices(replace(RECORDED.peripheral(), name=f"{oves.NAME_PREFIX} BATT 45AH BAT-12345"))
    reading = desk.read_now()
    assert (reading.protocol, reading.voltage) == ("jbd", RECORDED.volts)


def test_a_device_of_no_known_kind_is_left_alone(desk: RadioDesk) -> None:
    desk.bluez.room.remove("BAT-12345")
    desk.bluez.room.add_devices(Peripheral(address="AA:00:00:00:00:01", name="BAT-12345", services={STRANGE: {STRANGE: b""}}))
    assert refused(desk).obstacle is ReadObstacle.UNKNOWN_KIND
    assert desk.bluez.faults.removed == 0
