"""What is stated in the file is what a reader gets back, and what cannot be carried is refused with the place and the reason."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, check_reading
from kiosk.domain.errors import BadInput, NotFound
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, SimulatedEnvironment, SimulatedTimings, load_batteries
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import charge_of, peripherals_of
from tests.station.adapters.bluetooth.bench import NOW, battery

ENTRY = {
    "asset_id": "BAT-12345",
    "protocol": "oves",
    "kwh_remaining": 0.8,
    "soc_percent": 25,
    "voltage": 71.2,
    "temperature_celsius": 25,
    "rssi": -48,
    "faults": [],
}


def read_back(made: SimulatedBattery) -> BatteryTelemetry:
    services = peripherals_of(made, SimulatedTimings())[0].services
    return oves.decode({uuid: raw for values in services.values() for uuid, raw in values.items()}, battery_id="", read_at=NOW)


def load(tmp_path: Path, content: object) -> tuple[SimulatedBattery, ...]:
    path = tmp_path / "batteries.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return load_batteries(path)


def test_the_contract_example_reads_back_as_it_stands() -> None:
    reading = read_back(battery())
    assert (reading.battery_id, reading.kwh_remaining, reading.voltage) == ("BAT-12345", Decimal("0.8"), Decimal("71.2"))
    assert (reading.soc_percent, reading.temperature_celsius, reading.full_kwh) == (Decimal(25), Decimal(25), Decimal("3.2"))


@given(st.integers(0, 2_600), st.integers(40_000, 100_000))
def test_every_watt_hour_at_every_voltage_reads_back_exactly(watt_hours: int, millivolts: int) -> None:
    kwh = Decimal(watt_hours).scaleb(-3)
    made = SimulatedBattery(asset_id="B1", kwh_remaining=kwh, voltage=Decimal(millivolts).scaleb(-3))
    reading = read_back(made)
    assert reading.kwh_remaining == kwh
    check_reading(reading, FitnessLimits())


@given(st.integers(1, 100), st.integers(1, 400))
def test_a_stated_charge_agrees_with_the_capacities(soc: int, watt_hours: int) -> None:
    kwh = Decimal(watt_hours * soc).scaleb(-4)
    made = SimulatedBattery(asset_id="B1", kwh_remaining=kwh, voltage=Decimal("71.2"), soc_percent=Decimal(soc))
    reading = read_back(made)
    assert reading.soc_percent == soc
    check_reading(reading, FitnessLimits())


def test_energy_finer_than_a_watt_hour_is_rounded_by_the_reader() -> None:
    assert read_back(battery(kwh="0.8005")).kwh_remaining == Decimal("0.801")


def test_the_largest_charge_that_sixteen_bits_carry_is_carried() -> None:
    full = Decimal(65_535 * 71_200).scaleb(-9)
    assert charge_of(battery(kwh=str(full), soc="100")).remaining_mah == 65_535


@pytest.mark.parametrize(
    ("changes", "where", "reason"),
    [
        ({"kwh_remaining": 30.4}, "kwh_remaining", "426966 mAh; oves carries at most 65535"),
        ({"kwh_remaining": 2.4, "soc_percent": 40}, "soc_percent", "oves carries at most 65535 mAh"),
        ({"kwh_remaining": -0.1}, "kwh_remaining", "cannot be carried"),
        ({"kwh_remaining": "0.8"}, "kwh_remaining", "must be a number"),
        ({"kwh_remaining": True}, "kwh_remaining", "must be a number"),
        ({"kwh_remaining": None}, "kwh_remaining", "must be a number"),
        ({"soc_percent": 101}, "soc_percent", "cannot be"),
        ({"voltage": 0}, "voltage", "above 0"),
        ({"voltage": 0.0001}, "voltage", "above 0"),
        ({"voltage": 1000}, "voltage", "below 1000"),
        ({"temperature_celsius": 5000}, "temperature_celsius", "cannot be"),
        ({"rssi": -48.5}, "rssi", "whole number"),
        ({"rssi": 90}, "rssi", "cannot be"),
        ({"protocol": "victron"}, "protocol", "not simulated"),
        ({"protocol": "jbd", "voltage": 51.234, "kwh_remaining": 0.8}, "voltage", "jbd counts 10 mV"),
        ({"protocol": "jbd", "kwh_remaining": 60}, "kwh_remaining", "jbd carries at most 655350"),
        ({"protocol": "jbd", "voltage": 130}, "voltage", "below 120"),
        ({"protocol": "jbd", "asset_id": "OVES-1"}, "asset_id", "taken for an OVES battery"),
        ({"protocol": "jbd", "asset_id": "B" * 30}, "asset_id", "at most 29"),
        ({"protocol": "jk", "faults": ["wrong_id"]}, "faults", "wrong_id does not go with jk"),
        ({"protocol": "daly"}, "kwh_remaining", "daly could say 0.797 or 0.805"),
        ({"protocol": "daly", "kwh_remaining": 0, "soc_percent": 0, "temperature_celsius": -41}, "temperature_celsius", "cannot be"),
        ({"protocol": "daly", "kwh_remaining": 0, "soc_percent": 0, "faults": ["contradictory"]}, "faults", "no capacity"),
        ({"protocol": 1}, "protocol", "must be a text"),
        ({"asset_id": ""}, "asset_id", "empty"),
        ({"asset_id": "<BAT>"}, "asset_id", "padded"),
        ({"asset_id": "BÄT-1"}, "asset_id", "ASCII"),
        ({"asset_id": "B" * 65}, "asset_id", "at most 64"),
        ({"faults": "hot"}, "faults", "must be a list"),
        ({"faults": ["hot", "sleepy"]}, "faults", "'sleepy' is not one of unreachable"),
        ({"faults": [{}]}, "faults", "is not one of"),
        ({"faults": ["output_off"]}, "faults", "output_off does not go with oves"),
        ({"problem_code": 1}, "problem_code", "oves has a problem code of 0 bits"),
        ({"protocol": "jbd", "problem_code": 65536}, "problem_code", "jbd has a problem code of 16 bits"),
        ({"protocol": "jbd", "problem_code": -1}, "problem_code", "16 bits"),
        ({"protocol": "jbd", "problem_code": 1.5}, "problem_code", "whole number"),
        ({"protocol": "jbd", "voltage": 6, "kwh_remaining": 0.06, "faults": ["dead_cell"]}, "faults", "one cell or two"),
        ({"colour": "red"}, "colour", "not a key"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, changes: dict[str, object], where: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        load(tmp_path, [{**ENTRY, "asset_id": "BAT-0"}, {**ENTRY, **changes}])
    assert refused.value.where == f"{tmp_path / 'batteries.json'}[1].{where}"
    assert reason in refused.value.reason


@pytest.mark.parametrize("key", ["asset_id", "protocol", "kwh_remaining", "voltage"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadInput, match="missing") as refused:
        load(tmp_path, [{name: value for name, value in ENTRY.items() if name != key}])
    assert refused.value.where.endswith(f"[0].{key}")


@pytest.mark.parametrize("content", ["", "[", "{}", "3", "[3]", '[{"kwh_remaining": NaN}]', '[{"rssi": 1e999999999}]', "[" * 100_000])
def test_a_file_that_is_no_list_of_batteries_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput):
        load(tmp_path, content)


@pytest.mark.parametrize("key", ["kwh_remaining", "voltage", "soc_percent", "temperature_celsius", "rssi"])
@pytest.mark.parametrize("number", ["1e999999", "-1e999999", "9" * 5000])
def test_monstrous_numbers_are_refused(tmp_path: Path, key: str, number: str) -> None:
    text = json.dumps([{**ENTRY, key: 0}]).replace(f'"{key}": 0', f'"{key}": {number}')
    with pytest.raises(BadInput):
        load(tmp_path, text)


def test_a_vanishing_number_counts_as_zero(tmp_path: Path) -> None:
    text = json.dumps([{**ENTRY, "kwh_remaining": 0, "soc_percent": 0}]).replace('"kwh_remaining": 0', '"kwh_remaining": 1e-999999')
    assert read_back(load(tmp_path, text)[0]).kwh_remaining == 0


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        load_batteries(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'["\xff"]')
    with pytest.raises(BadInput, match="not JSON"):
        load_batteries(tmp_path / "latin.json")


def test_an_id_stands_in_a_file_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="twice"):
        load(tmp_path, [ENTRY, {**ENTRY, "asset_id": "bat-12345"}])


def test_what_may_be_left_out_is_filled_in(tmp_path: Path) -> None:
    (made,) = load(tmp_path, [{"asset_id": "B1", "protocol": "oves", "kwh_remaining": 0.8, "voltage": 71.2}])
    assert (made.soc_percent, made.rssi, made.faults) == (None, -60, frozenset())
    assert read_back(made).soc_percent == Decimal(37)  # of 30 Ah, the smallest pack that holds it


def test_the_shipped_fleet_loads_and_shows_most_faults() -> None:
    fleet = load_batteries(Path("resources/batteries/training.json"))
    assert len(fleet) == 10
    assert len({fault for made in fleet for fault in made.faults}) >= 6


def test_a_room_can_be_changed_while_it_is_used() -> None:
    room = SimulatedEnvironment([battery("A"), battery("B")])
    room.remove("b")
    room.put(battery("a", kwh="0.5", soc=None))
    room.set_faults("A", Fault.HOT)
    assert [(made.kwh_remaining, made.faults) for made in room.batteries] == [(Decimal("0.5"), frozenset({Fault.HOT}))]
    room.remove("nobody")
    with pytest.raises(NotFound):
        room.set_faults("B", Fault.HOT)
