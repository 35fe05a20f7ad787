"""Which battery stands at the counter, asked of the platform: the agent's answer, verified by the platform's own readings."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.times import iso_utc
from kiosk.platform.store.reading_history import ReadingHistory, ReportedReading
from kiosk.wire.telemetry_documents import reading_text
from tests.brokers import Mosquitto, run
from tests.builders import NOON, reading, specified
from tests.platform.agent_counter import PLAN, Counter, Where, answer_in, completion, count, with_config
from tests.platform.kiosks import kiosk_on, platform_on

RETURNED, OUTGOING = "identify_returned_equipment", "identify_outgoing_equipment"
BATTERIES = {RETURNED: "BAT-12345", OUTGOING: "BAT-67890"}
ASK = "ASK-01JHMN5Z000000000000000007"


def question(step: str, energy: str = "30.4", battery: str = "", at: datetime = NOON, **changes: Any) -> dict[str, Any]:
    told = {"kwh_remaining": Decimal(energy), "voltage": Decimal("51.2"), "temperature_celsius": 25, "timestamp": iso_utc(at)}
    body = {"action": step.upper(), "equipment_id": battery or BATTERIES[step], "telemetry": told, "correlation_id": ASK}
    return {**body, "attendant_station": "STATION_XYZ", **changes}


def known(counter: Counter, battery: str, energy: str, at: datetime, station: str = "STATION-2") -> None:
    """The platform has a reading."""
    read = KnownReading(reading=reading(battery, energy, timestamp=at), station_id=station)
    told = ReportedReading(asset_id=battery, read_at=at, station_id=station, document=reading_text(read))
    ReadingHistory(counter.store).keep([told], NOON)


def test_the_returned_battery_is_answered_as_specified(counter: Counter) -> None:
    telemetry = {
        "kwh_remaining": Decimal("4.8"),
        "voltage": Decimal("51.2"),
        "temperature_celsius": 25,
        "timestamp": "2025-01-15T10:15:00Z",
    }
    answer = counter.ask(RETURNED, question(RETURNED, telemetry=telemetry))
    assert answer == {**specified("identify_returned_response"), "fsmInputs": [], "correlation_id": ASK}


@pytest.mark.parametrize("step", BATTERIES)
def test_a_reading_that_the_platforms_contradicts_is_told(counter: Counter, step: str) -> None:
    known(counter, BATTERIES[step], "4.8", NOON - timedelta(minutes=10))
    known(counter, BATTERIES[step], "30.4", NOON, "STATION_XYZ")  # the same reading, reported before it is asked about
    answer = counter.ask(step, question(step))
    assert answer["metadata"]["verification"] == {
        "last_kwh": Decimal("4.8"),
        "at": "2025-01-15T10:20:00Z",
        "station": "STATION-2",
        "doubt": "charged",
    }
    assert counter.store.plan(PLAN) is not None


@pytest.mark.parametrize("step", BATTERIES)
def test_readings_that_agree_and_batteries_that_are_new_are_not_doubted(counter: Counter, step: str) -> None:
    assert "verification" not in counter.ask(step, question(step))["metadata"]
    known(counter, BATTERIES[step], "30.1", NOON - timedelta(minutes=10))
    known(counter, "BAT-OTHER", "1", NOON - timedelta(minutes=1))
    assert "verification" not in counter.ask(step, question(step))["metadata"]


def test_nothing_is_booked_and_the_plan_stays_as_it_was(counter: Counter, books: Where) -> None:
    before = counter.store.plan(PLAN)
    for step in BATTERIES:
        counter.ask(step, question(step))
        counter.ask(step, question(step))
    assert counter.store.plan(PLAN) == before
    assert (count(books, "transactions"), count(books, "refusals"), count(books, "outgoing_events")) == (0, 0, 0)


@pytest.mark.parametrize(
    ("step", "changes", "signal"),
    [
        (RETURNED, {"battery": "BAT-9"}, "EQUIPMENT_DOES_NOT_BELONG_TO_USER"),
        (OUTGOING, {"battery": "BAT-12345"}, "EQUIPMENT_NOT_AVAILABLE"),
        (OUTGOING, {"energy": "0.1"}, "EQUIPMENT_NOT_AVAILABLE"),
        (RETURNED, {"telemetry": None}, "EQUIPMENT_UNFIT"),
        (RETURNED, {"equipment_id": 7}, "VALIDATION_FAILED"),
        (RETURNED, {"action": "IDENTIFY_OUTGOING_EQUIPMENT"}, "VALIDATION_FAILED"),
        (OUTGOING, {"telemetry": {"timestamp": "yesterday"}}, "VALIDATION_FAILED"),
    ],
)
def test_a_refusal_says_why(counter: Counter, step: str, changes: dict[str, Any], signal: str) -> None:
    answer = counter.ask(step, question(step, **changes))
    assert signal in answer["signals"]
    assert "VALIDATION_FAILED" in answer["signals"]
    assert answer["metadata"]["reason"]


@pytest.mark.parametrize("step", BATTERIES)
def test_an_unknown_plan_and_an_action_that_is_not_offered_are_refused(counter: Counter, step: str) -> None:
    assert counter.ask(step, question(step), "no-such-plan")["signals"] == ["VALIDATION_FAILED", "SERVICE_PLAN_NOT_FOUND"]
    counter.store.put_plan(with_config(available_actions=frozenset({"COMPLETE_SERVICE"})), NOON)
    assert counter.ask(step, question(step))["signals"] == ["VALIDATION_FAILED", "ACTION_NOT_AVAILABLE"]


def test_a_full_charge_that_cannot_be_is_answered_all_the_same(counter: Counter) -> None:
    known(counter, "BAT-12345", "4.8", NOON - timedelta(minutes=10))
    body = question(RETURNED, "4.8")
    body["telemetry"]["full_kwh"] = Decimal("1e60")
    assert answer_in(counter.send(RETURNED, body))["correlation_id"] == ASK


@pytest.mark.parametrize("step", BATTERIES)
def test_it_is_asked_and_answered_over_the_broker(mosquitto: Mosquitto, books: Where, step: str) -> None:
    async def ask() -> list[str]:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            answer = await kiosk.call(PLAN, step, question(step))
            assert answer["metadata"]["kwh_remaining"] == Decimal("30.4")
            assert (await kiosk.call(PLAN, "complete_service", completion()))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
            return [each.topic for each in kiosk.heard]

    assert run(ask())[0] == f"rtrn/abs/attendant/plan/{PLAN}/{step}_response"
