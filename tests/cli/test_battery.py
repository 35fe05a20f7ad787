"""`battery`: what is in range, and one reading as the specification's BatteryTelemetry."""

import json
from decimal import Decimal

from kiosk.station.adapters.store.sql_store import open_store
from tests.cli.terminal import BATTERIES, Terminal

KEYS = ["asset_id", "kwh_remaining", "voltage", "temperature_celsius", "timestamp", "estimated", "soc_percent", "rssi", "protocol"]
HEALTH = ["faults", "states", "unknown_codes", "lowest_cell_volts", "cell_spread_volts", "output_on"]


def test_a_scan_lists_what_is_in_range_strongest_first(terminal: Terminal) -> None:
    found = terminal.here("battery", "scan", "--json", "--seconds", "3").json
    assert [each["rssi"] for each in found] == [-48, -52, -60, -70]
    assert found[0]["name"].endswith("-12345")
    assert len({each["address"] for each in found}) == len(found)


def test_a_scan_for_people_names_each(terminal: Terminal) -> None:
    lines = terminal.here("battery", "scan", "--seconds", "3").out.splitlines()
    assert [line.split()[1] for line in lines] == ["-48", "-52", "-60", "-70"]


def test_a_reading_has_the_keys_of_the_contract_and_exact_numbers(terminal: Terminal) -> None:
    ran = terminal.run("battery", "read", "BAT-12345", "--json")
    assert list(ran.json) == [*KEYS, "method", "charge_ah", *HEALTH, "trace"]
    assert [ran.json[key] for key in HEALTH] == [[], [], [], None, None, None]
    assert ran.json["asset_id"] == "BAT-12345"
    assert (ran.json["kwh_remaining"], ran.json["voltage"]) == (Decimal("0.8"), Decimal("71.2"))
    assert (ran.json["estimated"], ran.json["soc_percent"], ran.json["protocol"]) == (False, 25, "oves")
    assert ran.err.split("...")[:3] == ["looking ", "\nconnecting ", "\nreading "]


def test_a_reading_for_people(terminal: Terminal) -> None:
    ran = terminal.here("battery", "read", "BAT-67890")
    assert "kwh_remaining=4.4" in ran.out
    assert ran.out.count("\n") == 1


def test_a_battery_that_is_not_there_is_unreachable_in_time(terminal: Terminal) -> None:
    ran = terminal.here("battery", "read", "BAT-00000", "--timeout", "0.5", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "BAT-00000" in ran.err


def test_a_bad_answer_is_no_reading(terminal: Terminal) -> None:
    ran = terminal.here("battery", "read", "BAT-55555", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "2 bytes instead of 4" in ran.err


def test_a_file_of_batteries_that_cannot_be_is_refused_with_its_place(terminal: Terminal) -> None:
    path = terminal.folder / "batteries.json"
    path.write_text(json.dumps([{**BATTERIES[0], "kwh_remaining": 30.4}]))
    ran = terminal.here("battery", "scan", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert f"{path}[0].kwh_remaining" in ran.err
    assert "65535" in ran.err


def test_a_reading_waits_to_be_reported_where_the_platform_has_an_address(terminal: Terminal) -> None:
    terminal.configure(more='[platform]\nurl = "http://127.0.0.1:1"')
    assert terminal.here("battery", "read", "BAT-12345").code == 0
    store = open_store(terminal.data / "kiosk.sqlite")
    assert [each.battery_id for each in store.readings_to_report(10)] == ["BAT-12345"]
    store.close()


def test_a_reading_that_cannot_be_kept_for_the_platform_is_a_reading_all_the_same(terminal: Terminal) -> None:
    terminal.configure(more='[platform]\nurl = "http://127.0.0.1:1"')
    terminal.data.write_text("a file where the folder should be")
    ran = terminal.here("battery", "read", "BAT-12345")
    assert (ran.code, "kwh_remaining=0.8" in ran.out) == (0, True)
    assert "Not reported" in ran.err
