"""`battery`: what is in range, and one reading as the specification's BatteryTelemetry."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.station.adapters.bluetooth import RadioScanner, SimulatedEnvironment, build_scanner
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.store.sql_store import open_store
from tests.cli.terminal import BATTERIES, Terminal
from tests.station.adapters.bluetooth.bench import StillClock, battery

KEYS = ["asset_id", "kwh_remaining", "voltage", "temperature_celsius", "timestamp", "estimated", "soc_percent", "rssi", "protocol"]
HEALTH = ["faults", "states", "unknown_codes", "lowest_cell_volts", "cell_spread_volts", "output_on"]

MORE = ["serial", "cycles", "address", "bound", "problem", "age_seconds"]


def test_a_scan_lists_what_is_in_range_strongest_first(terminal: Terminal) -> None:
    found = terminal.here("battery", "scan", "--json", "--seconds", "3").json
    assert [each["rssi"] for each in found] == [-48, -52, -60, -70]
    assert found[0]["name"].endswith("-12345")
    assert len({each["address"] for each in found}) == len(found)


def test_a_scan_for_people_names_each(terminal: Terminal) -> None:
    lines = terminal.here("battery", "scan", "--seconds", "3").out.splitlines()
    assert [line.split()[1] for line in lines] == ["-48", "-52", "-60", "-70"]


def test_a_scan_tells_binding_kind_problem_and_age(terminal: Terminal) -> None:
    found = terminal.here("battery", "scan", "--json", "--seconds", "2").json
    assert [(each["protocol"], each["battery_id"], each["bound"], each["problem"]) for each in found] == [("oves", None, False, None)] * 4
    assert all(0 <= each["age_seconds"] < 2 for each in found)
    lines = terminal.here("battery", "scan", "--seconds", "2").out.splitlines()
    assert all("oves  not bound  " in line and line.endswith("s ago") for line in lines)


def test_a_reading_tells_binding_and_age(terminal: Terminal) -> None:
    read = terminal.here("battery", "read", "BAT-12345", "--json").json
    assert (read["bound"], read["problem"], read["serial"]) == (False, None, "BAT-12345")
    assert read["address"] == terminal.here("battery", "read", read["address"].replace(":", "").lower(), "--json").json["address"]
    assert 0 <= read["age_seconds"] < 10


def test_a_reading_that_contradicts_itself_is_shown_with_its_problem_and_is_a_failure(terminal: Terminal) -> None:
    (terminal.folder / "batteries.json").write_text(json.dumps([{**BATTERIES[0], "faults": ["contradictory"]}]))
    ran = terminal.here("battery", "read", "BAT-12345", "--json")
    assert ran.code == 1
    assert "does not agree" in ran.json["problem"]
    assert ran.json["kwh_remaining"] == Decimal("0.8")
    assert ran.json["problem"] in ran.err
    text = terminal.here("battery", "read", "BAT-12345")
    assert (text.code, "problem=" in text.out, "does not agree" in text.err) == (1, True, True)


def test_a_reading_has_the_keys_of_the_contract_and_exact_numbers(terminal: Terminal) -> None:
    ran = terminal.run("battery", "read", "BAT-12345", "--json")
    assert list(ran.json) == [*KEYS, "method", "charge_ah", *HEALTH, *MORE, "trace"]
    assert [ran.json[key] for key in (*HEALTH, "problem")] == [[], [], [], None, None, None, None]
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


def contradicting(terminal: Terminal, **changes: object) -> None:
    batteries = [{**BATTERIES[0], "faults": ["contradictory"], **changes}]
    (terminal.folder / "batteries.json").write_text(json.dumps(batteries))


@pytest.mark.parametrize("protocol", ["oves", "jbd", "jk"])
def test_numbers_that_contradict_each_other_fail_with_the_windows_sentence_and_name_the_problem(terminal: Terminal, protocol: str) -> None:
    contradicting(terminal, protocol=protocol, voltage=72, kwh_remaining=0.72)
    ran = terminal.here("battery", "read", "BAT-12345", "--json")
    assert ran.code == 1
    assert "does not agree with" in ran.json["problem"]
    assert (ran.json["asset_id"], ran.json["kwh_remaining"]) == ("BAT-12345", Decimal("0.72"))
    assert ran.err.count("The answer of BAT-12345 cannot be trusted.") == 1
    assert ran.json["problem"] in ran.err


def test_the_same_for_people(terminal: Terminal) -> None:
    contradicting(terminal)
    ran = terminal.here("battery", "read", "BAT-12345")
    assert ran.code == 1
    assert "problem=75 % does not agree" in ran.out
    assert "cannot be trusted" in ran.err


def test_a_pack_with_zero_volts_is_no_reading(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = SimulatedEnvironment([battery()]).peripherals
    services = {
        service: {uuid: bytes(4) if uuid == oves.PCKV else raw for uuid, raw in values.items()} for service, values in good.services.items()
    }
    room = SimulatedEnvironment()
    room.add_devices(replace(good, services=services))

    @asynccontextmanager
    async def opened() -> AsyncIterator[RadioScanner]:
        scanner = build_scanner("simulated", clock=StillClock(), batteries=room)
        await scanner.start()
        yield scanner
        await scanner.stop()

    monkeypatch.setattr("kiosk.cli.battery._open_scanner", opened)
    ran = terminal.here("battery", "read", "BAT-12345", "--json")
    assert (ran.code, ran.json["problem"], ran.json["voltage"]) == (1, "it reports no voltage", 0)
    assert "The answer of BAT-12345 cannot be trusted. Reason: it reports no voltage." in ran.err


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
