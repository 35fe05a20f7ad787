"""What the bytes mean, and that no bytes whatever give anything but a reading or BatteryUnreadable."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, check_reading
from kiosk.domain.errors import BatteryUnreadable
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, EstimatePolicy
from kiosk.station.adapters.bluetooth.protocols import oves
from tests.station.adapters.bluetooth.bench import NOW

GOOD = {
    oves.OPID: b"BO723025100050\0\0\0\0\0\0",
    oves.PPID: b"PP723025100050<<<<<<",
    oves.PCKV: (75_000).to_bytes(4, "little"),
    oves.RSOC: (33).to_bytes(2, "little"),
    oves.RCAP: (15_000).to_bytes(2, "little"),
    oves.FCCP: (45_000).to_bytes(2, "little"),
    oves.PCKT: (25).to_bytes(2, "little"),
}


def decode(changes: dict[str, bytes] | None = None, *, without: str = "", **policy: Decimal | bool | None) -> BatteryTelemetry:
    values = {uuid: raw for uuid, raw in {**GOOD, **(changes or {})}.items() if uuid != without}
    estimates = EstimatePolicy(allowed=bool(policy), design_kwh=Decimal("3.2")) if policy else REFUSE_ESTIMATES
    return oves.decode(values, battery_id="WANTED", read_at=NOW, estimates=estimates)


def test_fifteen_ampere_hours_at_seventy_five_volts_are_1125_watt_hours() -> None:
    reading = decode()
    assert reading.kwh_remaining == Decimal("1.125")
    assert reading.full_kwh == Decimal("3.375")
    assert (reading.battery_id, reading.voltage, reading.soc_percent) == ("BO723025100050", Decimal(75), Decimal(33))
    assert (reading.temperature_celsius, reading.timestamp, reading.protocol, reading.estimated) == (Decimal(25), NOW, "oves", False)


def test_capacities_are_unsigned() -> None:
    assert decode({oves.RCAP: b"\x40\x9c"}).kwh_remaining == Decimal(3)  # 40,000 mAh


def test_energy_is_rounded_once_and_half_up() -> None:
    half = {oves.RCAP: (1).to_bytes(2, "little"), oves.PCKV: (500_000).to_bytes(4, "little")}
    assert decode(half).kwh_remaining == Decimal("0.001")  # exactly half a watt hour


def test_the_pay_as_you_go_id_serves_when_the_own_id_is_blank() -> None:
    for blank in (b"", b"\0" * 20, b"<<<<<", b"   "):
        assert decode({oves.OPID: blank}).battery_id == "PP723025100050"
    assert decode(without=oves.OPID).battery_id == "PP723025100050"


def test_padding_is_no_part_of_an_id() -> None:
    assert decode({oves.OPID: b"<<BAT-1>>\0junk"}).battery_id == "BAT-1"


def test_a_battery_without_an_id_is_unreadable() -> None:
    with pytest.raises(BatteryUnreadable, match="no id of its own"):
        decode({oves.OPID: b"\0" * 20, oves.PPID: b"<" * 20})


def test_an_id_that_is_not_text_is_unreadable() -> None:
    with pytest.raises(BatteryUnreadable, match="not text"):
        decode({oves.OPID: b"BAT\xff\xfe"})


@pytest.mark.parametrize("uuid", [oves.PCKV, oves.RSOC, oves.RCAP, oves.FCCP])
def test_too_few_bytes_are_never_a_number(uuid: str) -> None:
    for raw in (b"", GOOD[uuid][:1], GOOD[uuid] + b"\0"):
        with pytest.raises(BatteryUnreadable, match="bytes instead of"):
            decode({uuid: raw})


@pytest.mark.parametrize(("uuid", "reason"), [(oves.PCKV, "voltage"), (oves.RCAP, "only a state of charge")])
def test_a_required_value_that_is_missing_gives_no_reading(uuid: str, reason: str) -> None:
    with pytest.raises(BatteryUnreadable, match=reason):
        decode(without=uuid)


def test_without_capacity_and_state_of_charge_there_is_no_energy_to_tell() -> None:
    with pytest.raises(BatteryUnreadable, match="how much it holds"):
        oves.decode({oves.OPID: b"B1", oves.PCKV: GOOD[oves.PCKV]}, battery_id="B1", read_at=NOW)


def test_another_kind_of_device_is_told_apart() -> None:
    with pytest.raises(BatteryUnreadable, match="not a kind of battery"):
        oves.decode({}, battery_id="B1", read_at=NOW)


def test_values_only_used_for_cross_checks_may_be_absent() -> None:
    reading = decode(without=oves.FCCP)
    assert (reading.full_kwh, reading.kwh_remaining) == (None, Decimal("1.125"))
    assert decode(without=oves.PCKT).temperature_celsius is None


def test_temperature_may_be_below_zero() -> None:
    assert decode({oves.PCKT: (-12).to_bytes(2, "little", signed=True)}).temperature_celsius == Decimal(-12)


def test_an_allowed_estimate_is_marked_as_one() -> None:
    reading = decode(without=oves.RCAP, allowed=True)
    assert (reading.kwh_remaining, reading.estimated) == (Decimal("1.114"), True)  # 33 % of 3.375, half up


def test_a_wrapped_capacity_is_caught_by_the_state_of_charge() -> None:
    wrapped = {oves.FCCP: (100_000 - 65_536).to_bytes(2, "little"), oves.RCAP: (90_000 - 65_536).to_bytes(2, "little")}
    reading = decode({**wrapped, oves.RSOC: (90).to_bytes(2, "little")})
    with pytest.raises(BatteryUnreadable, match="does not agree"):
        check_reading(reading, FitnessLimits())


@given(st.dictionaries(st.sampled_from(oves.READ_ORDER), st.binary(max_size=24)), st.booleans())
def test_any_bytes_give_a_reading_or_a_reason(values: dict[str, bytes], allowed: bool) -> None:  # noqa: FBT001  hypothesis passes it
    try:
        reading = oves.decode(values, battery_id="B1", read_at=NOW, estimates=EstimatePolicy(allowed=allowed))
    except BatteryUnreadable:
        return
    assert reading.battery_id
    assert reading.kwh_remaining is not None
    assert reading.kwh_remaining >= 0


@given(st.integers(0, 65_535), st.integers(0, 2**32 - 1))
def test_energy_is_the_exact_product_to_the_watt_hour(mah: int, millivolts: int) -> None:
    kwh = decode({oves.RCAP: mah.to_bytes(2, "little"), oves.PCKV: millivolts.to_bytes(4, "little")}).kwh_remaining
    assert kwh is not None
    assert kwh * 1000 == (mah * millivolts + 500_000) // 1_000_000


@pytest.mark.parametrize("missing", [oves.RCAP, oves.RSOC])
def test_where_energy_is_not_needed_a_battery_that_does_not_tell_it_is_read(missing: str) -> None:
    values = {uuid: raw for uuid, raw in GOOD.items() if uuid not in {oves.RCAP, missing}}
    reading = oves.decode(values, battery_id="WANTED", read_at=NOW, estimates=EstimatePolicy(needed=False))
    assert (reading.battery_id, reading.kwh_remaining, reading.method, reading.estimated) == ("BO723025100050", None, None, False)
    assert reading.voltage == Decimal(75)


def test_energy_that_is_told_is_read_although_it_is_not_needed() -> None:
    reading = oves.decode(GOOD, battery_id="WANTED", read_at=NOW, estimates=EstimatePolicy(needed=False))
    assert reading.kwh_remaining == Decimal("1.125")


@pytest.mark.parametrize(("length", "reads"), [(64, True), (65, False), (512, False)])
def test_an_id_that_is_longer_than_ids_are_is_no_id(length: int, reads: bool) -> None:  # noqa: FBT001 - pytest calls it
    told = {oves.OPID: b"B" * length, oves.PCKV: (71_200).to_bytes(4, "little"), oves.RCAP: (11_236).to_bytes(2, "little")}
    if reads:
        assert oves.decode(told, battery_id="BAT-1", read_at=NOW).battery_id == "B" * length
    else:
        with pytest.raises(BatteryUnreadable, match="too long"):
            oves.decode(told, battery_id="BAT-1", read_at=NOW)
