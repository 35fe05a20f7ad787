"""`calculate`: the specification's answers to the specification's requests, and a clear refusal of everything that cannot be read."""

import io
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import DONE, MISUSED, main
from kiosk.wire.exact_json import dumps, loads
from tests.builders import SPECIFICATION, but_events, plan_with, specified
from tests.cli.terminal import Ran, Terminal

PLAN = SPECIFICATION / "plan.json"
IDENTIFY_RETURNED = {
    "action": "IDENTIFY_RETURNED_EQUIPMENT",
    "equipment_id": "BAT-12345",
    "telemetry": {
        "asset_id": "BAT-12345",
        "kwh_remaining": 4.8,
        "voltage": 51.2,
        "temperature_celsius": 25,
        "timestamp": "2025-01-15T10:15:00Z",
    },
}

Calculate = Callable[..., Ran]


@pytest.fixture
def calculate(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Calculate:
    """The command in this process, for the many cases; the real process is below."""
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(terminal.config))

    def call(plan: Path = PLAN, request: bytes | None = None, *more: str) -> Ran:
        given = (SPECIFICATION / "checkout_request.json").read_bytes() if request is None else request
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        code = main(["calculate", "--plan", str(plan), *more])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return call


@pytest.mark.parametrize(
    ("request_name", "response_name"),
    [("checkout_request", "checkout_sufficient"), ("complete_service_request", "complete_service_response")],
)
def test_the_specifications_requests_get_the_specifications_responses(terminal: Terminal, request_name: str, response_name: str) -> None:
    ran = terminal.run("calculate", "--plan", str(PLAN), given=(SPECIFICATION / f"{request_name}.json").read_bytes())
    assert (ran.code, ran.err) == (0, "")
    answer = loads(ran.out)
    assert (but_events(answer) if request_name == "complete_service_request" else answer) == specified(response_name)


def test_a_completion_tells_its_events(calculate: Calculate) -> None:
    given = specified("complete_service_request")
    told = loads(calculate(request=dumps(given)).out)["metadata"]
    assert told["service_event"]["event_type"] == "SERVICE_COMPLETED"
    assert told["payment_event"]["event_type"] == "PAYMENT_RECEIVED"
    unpaid = {name: each for name, each in given.items() if not name.startswith("payment_")}
    assert loads(calculate(request=dumps({**unpaid, "payment_occurred": False})).out)["metadata"]["payment_event"] is None


def test_a_question_about_a_quota_is_answered(calculate: Calculate) -> None:
    question = {"action": "VERIFY_SERVICE_QUOTA", "service_id": "svc-electricity-fuel-kenya", "quantity": 25.6}
    ran = calculate(request=json.dumps(question).encode())
    answer = loads(ran.out)
    assert (ran.code, answer["signals"], answer["fsmInputs"]) == (DONE, ["QUOTA_AVAILABLE"], [])
    assert answer["metadata"]["quota_check"] == specified("checkout_sufficient")["metadata"]["quota_check"]
    assert answer["metadata"]["strict_mode"] is True


def test_an_exhausted_quota_is_an_answer_and_no_failure(terminal: Terminal) -> None:
    plan = terminal.plan_file(plan_with(used_kwh="390"))
    ran = terminal.run("calculate", "--plan", str(plan), given=(SPECIFICATION / "checkout_request.json").read_bytes())
    assert (ran.code, ran.err) == (0, "")
    assert loads(ran.out) == specified("checkout_exhausted")
    assert '"estimated_cost_usd":12.48' in ran.out


def test_identifying_the_returned_battery_answers_as_specified(calculate: Calculate) -> None:
    ran = calculate(request=json.dumps(IDENTIFY_RETURNED).encode())
    response = loads(ran.out)
    assert response.pop("fsmInputs") == []
    assert (ran.code, response) == (DONE, specified("identify_returned_response"))


def latest(telemetry: dict[str, Any]) -> bytes:
    """As `GET .../telemetry/latest` answers."""
    return json.dumps({"asset_id": "BAT-12345", "telemetry": {"station_id": "STATION-2", **telemetry}}).encode()


def test_a_last_reading_that_contradicts_is_told(calculate: Calculate, tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    asked = json.dumps(IDENTIFY_RETURNED).encode()
    last.write_bytes(latest({"kwh_remaining": 30.4, "timestamp": "2025-01-15T10:05:00Z"}))
    told = loads(calculate(PLAN, asked, "--last-reading", str(last)).out)["metadata"]["verification"]
    assert told == {"last_kwh": Decimal("30.4"), "at": "2025-01-15T10:05:00Z", "station": "STATION-2", "doubt": "drained"}
    last.write_bytes(latest({"kwh_remaining": 5, "timestamp": "2025-01-15T10:05:00Z"}))
    assert "verification" not in loads(calculate(PLAN, asked, "--last-reading", str(last)).out)["metadata"]


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"asset_id": "BAT-12345"}', latest({"timestamp": "yesterday"})])
def test_a_last_reading_that_is_none_is_misuse_and_names_the_file(calculate: Calculate, tmp_path: Path, content: bytes | None) -> None:
    last = tmp_path / "last.json"
    if content is not None:
        last.write_bytes(content)
    ran = calculate(PLAN, json.dumps(IDENTIFY_RETURNED).encode(), "--last-reading", str(last))
    assert (ran.code, ran.out) == (MISUSED, "")
    assert "last.json" in ran.err


def test_numbers_are_json_numbers_to_the_digit(calculate: Calculate) -> None:
    out = calculate().out
    assert '"net_delivered_kwh":25.6' in out
    assert '"remaining_before":55.5' in out
    assert '"increment":25.6' in out


@pytest.mark.parametrize(
    "changes",
    [
        {"incoming_equipment_id": "BAT-99999"},
        {"replacement_equipment_id": "BAT-12345"},
        {"outgoing_kwh": 4000},
        {"outgoing_kwh": -1},
        {"incoming_kwh": -1},
    ],
)
def test_a_business_refusal_is_done_with_its_signal(calculate: Calculate, changes: dict[str, Any]) -> None:
    ran = calculate(request=dumps({**specified("checkout_request"), **changes}))
    assert ran.code == DONE
    assert loads(ran.out)["signals"] == ["EQUIPMENT_CHECKOUT_FAILED"]
    assert loads(ran.out)["metadata"]["reason"]


def _plan_text(change: Callable[[dict[str, Any]], object]) -> bytes:
    plan: dict[str, Any] = json.loads(PLAN.read_bytes())
    change(plan)
    return json.dumps(plan).encode()


BAD_PLANS: dict[str, tuple[bytes, str]] = {
    "missing key": (_plan_text(lambda plan: plan.pop("customer_id")), "customer_id"),
    "missing key within": (_plan_text(lambda plan: plan["serviceStates"][1].pop("quota")), "serviceStates[1].quota"),
    "missing template": (_plan_text(lambda plan: plan.pop("service_plan_template")), "service_plan_template"),
    "wrong type": (_plan_text(lambda plan: plan["serviceStates"][0].update(used="six")), "serviceStates[0].used"),
    "number in quotes": (_plan_text(lambda plan: plan["serviceStates"][0].update(used="6")), "serviceStates[0].used"),
    "negative quota": (_plan_text(lambda plan: plan["serviceStates"][1].update(quota=-400)), "serviceStates[1].quota"),
    "NaN": (_plan_text(lambda plan: plan["serviceStates"][1].update(used=float("nan"))), "NaN"),
    "Infinity": (_plan_text(lambda plan: plan["serviceStates"][1].update(quota=float("inf"))), "Infinity"),
    "not JSON": (b"id: plan-1", "not JSON"),
    "cut off": (PLAN.read_bytes()[:500], "not JSON"),
    "a list": (b"[]", "document"),
    "binary": (bytes(range(128, 256)), "UTF-8"),
    "empty": (b"", "not JSON"),
    "a key twice": (b'{"id": "a", "id": "b"}', "twice"),
    "deep": (b"[" * 100_000, "deep"),
}


@pytest.mark.parametrize("case", BAD_PLANS)
def test_a_bad_plan_file_is_named_with_key_and_reason(calculate: Calculate, tmp_path: Path, case: str) -> None:
    text, key = BAD_PLANS[case]
    path = tmp_path / "bad plan.json"
    path.write_bytes(text)
    ran = calculate(plan=path)
    assert (ran.code, ran.out) == (MISUSED, "")
    assert str(path) in ran.err
    assert key in ran.err
    assert "Reason: " in ran.err


def test_a_plan_file_that_is_not_there_or_no_file_is_named(calculate: Calculate, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        ran = calculate(plan=path)
        assert (ran.code, ran.out) == (MISUSED, "")
        assert str(path) in ran.err


BAD_REQUESTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not JSON"),
    "not JSON": (b"EQUIPMENT_CHECKOUT", "not JSON"),
    "binary": (b"\xff\xfe\x00", "UTF-8"),
    "a list": (b"[1]", ""),
    "no action": (b"{}", "action"),
    "unknown action": (b'{"action": "GIVE_AWAY"}', "action"),
    "action of a wrong type": (b'{"action": 7}', "action"),
    "missing key": (b'{"action": "EQUIPMENT_CHECKOUT", "outgoing_kwh": 30.4}', "replacement_equipment_id"),
    "wrong type": (b'{"action": "EQUIPMENT_CHECKOUT", "replacement_equipment_id": "B", "outgoing_kwh": "lots"}', "outgoing_kwh"),
    "NaN": (b'{"action": "EQUIPMENT_CHECKOUT", "replacement_equipment_id": "B", "outgoing_kwh": NaN}', "NaN"),
    "too long": (b'"' + b"x" * 1_100_000 + b'"', "longer than"),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_a_bad_request_is_named_with_key_and_reason(calculate: Calculate, case: str) -> None:
    text, key = BAD_REQUESTS[case]
    ran = calculate(request=text)
    assert (ran.code, ran.out) == (MISUSED, "")
    assert key in ran.err
    assert "Reason: " in ran.err


def test_bad_input_is_exit_2_and_leaves_nothing_on_standard_output(terminal: Terminal) -> None:
    bad = terminal.folder / "bad.json"
    bad.write_bytes(BAD_PLANS["negative quota"][0])
    ran = terminal.run("calculate", "--plan", str(bad), given=b"{}")
    assert (ran.code, ran.out) == (2, "")
    assert f"{bad}, key serviceStates[1].quota" in ran.err


def test_the_data_folder_is_neither_needed_nor_made(terminal: Terminal) -> None:
    terminal.run("calculate", "--plan", str(PLAN), given=dumps(specified("checkout_request")))
    assert not terminal.data.exists()
