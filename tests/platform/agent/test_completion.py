"""COMPLETE_SERVICE on the platform: the specification's answer and events, and each correlation id once (decision 17)."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.language import in_language
from kiosk.domain.plan.template import ServiceCompletion
from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.platform.store.ledger import Ledger, OvertakenError
from kiosk.platform.store.retry import MAX_ATTEMPTS
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.wire.completion_answers import answer_from_payload
from kiosk.wire.exact_json import loads
from tests.builders import NOON, but_events, plan_of, plan_with, specified
from tests.platform.agent_counter import (
    OTHER_SWAP,
    PLAN,
    SWAP,
    Counter,
    Where,
    answer_in,
    completion,
    count,
    open_counter,
    payment,
    rows,
    used_kwh,
    with_config,
)
from tests.postgres import Postgres

COMPLETE = "complete_service"
REPEATED = "IDEMPOTENT_OPERATION_DETECTED"


def stored_events(books: Where) -> list[Any]:
    """The history of swaps, then that of payments."""
    stored = (rows(books, f"SELECT event FROM platform_{each}_events ORDER BY number") for each in ("service", "payment"))  # noqa: S608
    return [loads(text) for of_kind in stored for (text,) in of_kind]


def test_the_specifications_request_gets_the_specifications_answer(counter: Counter) -> None:
    answer = counter.ask(COMPLETE, specified("complete_service_request"))
    assert but_events(answer) == {**specified("complete_service_response"), "correlation_id": "TXN-12345"}


def test_a_completion_publishes_both_events_of_the_specification(counter: Counter) -> None:
    reply = counter.send(COMPLETE, specified("complete_service_request"))
    service, paid = (loads(each.payload) for each in reply.events)
    assert [each.topic for each in reply.events] == [
        f"event/abs/service/plan/{PLAN}/service_completed",
        f"event/abs/payment/plan/{PLAN}/payment_received",
    ]
    shape = specified("payment_received_event")
    assert paid.keys() == shape.keys()
    assert {name: paid[name].keys() for name in ("payment_data", "service_context")} == {
        name: shape[name].keys() for name in ("payment_data", "service_context")
    }
    expected = {**shape["payment_data"], "payment_timestamp": "2025-01-15T10:30:00Z"}
    assert paid["payment_data"] == expected
    assert (paid["event_id"], paid["fsm_inputs"]) == (shape["event_id"], shape["fsm_inputs"])
    assert (
        service["service_data"]["net_delivered_kwh"]
        == specified("complete_service_response")["metadata"]["receipt"]["electricity_delivered_kwh"]
    )
    assert service["service_context"]["correlation_id"] == "TXN-12345"


@pytest.mark.parametrize("published", [True, False])
def test_the_answer_has_both_events_as_the_history_has_them(counter: Counter, books: Where, published: bool) -> None:  # noqa: FBT001  a case
    counter.store.put_plan(with_config(service_completion=ServiceCompletion(event_publishing_enabled=published)), NOON)
    metadata = counter.ask(COMPLETE, specified("complete_service_request"))["metadata"]
    assert stored_events(books) == [metadata["service_event"], metadata["payment_event"]]
    assert metadata["service_event"]["service_context"]["correlation_id"] == "TXN-12345"
    assert metadata["payment_event"]["payment_data"]["odoo_receipt_id"] == "PAY-78910"
    assert count(books, "outgoing_events") == (2 if published else 0)


def test_without_a_payment_there_is_no_payment_event(counter: Counter, books: Where) -> None:
    metadata = counter.ask(COMPLETE, completion())["metadata"]
    assert metadata["payment_event"] is None
    assert stored_events(books) == [metadata["service_event"]]


def test_plan_event_and_answer_are_stored_together(counter: Counter, books: Where) -> None:
    counter.ask(COMPLETE, completion())
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert (str(used_kwh(counter.store)), plan.current_asset) == ("370.1", "BAT-67890")
    assert rows(books, "SELECT correlation_id, net_kwh, outgoing_battery_id FROM platform_service_events") == [(SWAP, "25.6", "BAT-67890")]
    assert rows(books, "SELECT version FROM platform_plans") == [(2,)]


def test_the_same_message_again_gets_the_same_answer_and_books_nothing(counter: Counter, books: Where) -> None:
    first = counter.ask(COMPLETE, completion())
    again = counter.send(COMPLETE, completion())
    assert again.answer is not None
    assert loads(again.answer.payload) == {**first, "signals": [*first["signals"], REPEATED]}
    assert again.events == ()
    settled = answer_from_payload(PLAN, again.answer.payload)
    assert isinstance(settled, Settled)
    assert settled.repeated
    assert (str(used_kwh(counter.store)), count(books, "service_events"), count(books, "outgoing_events")) == ("370.1", 1, 1)


def test_a_state_of_charge_is_booked_as_an_estimate_and_is_content(counter: Counter) -> None:
    charged = completion(incoming_kwh=None, outgoing_kwh=None, incoming_soc_percent=15, outgoing_soc_percent=95)
    reply = counter.send(COMPLETE, charged)
    answer, event = answer_in(reply), loads(reply.events[0].payload)
    assert (answer["metadata"]["receipt"]["estimated"], event["service_data"]["estimated"]) == (True, True)
    assert str(used_kwh(counter.store)) == "370.1"
    assert REPEATED in counter.ask(COMPLETE, {**charged, "outgoing_soc_percent": Decimal("95.0")})["signals"]
    other = counter.ask(COMPLETE, {**charged, "outgoing_soc_percent": 96})
    assert other["signals"] == ["SERVICE_COMPLETION_FAILED"]
    assert "other content" in other["metadata"]["reason"]


def test_the_same_content_written_otherwise_is_the_same(counter: Counter) -> None:
    counter.ask(COMPLETE, completion())
    rewritten = b'{"outgoing_kwh": 30.400, ' + b'"correlation_id": "%s", ' % SWAP.encode()
    rewritten += b'"incoming_battery_id": "BAT-12345", "incoming_kwh": 4.80, "outgoing_battery_id": "BAT-67890", "payment_occurred": false,'
    rewritten += b'"attendant_id": "ATT-001", "attendant_station": "STATION_XYZ", "transaction_timestamp": "2025-01-15T13:30:00+03:00"}'
    assert REPEATED in counter.ask(COMPLETE, rewritten)["signals"]


@pytest.mark.parametrize("change", [{"outgoing_kwh": 31}, {"outgoing_battery_id": "BAT-9"}, {"attendant_id": "ATT-002"}])
def test_the_same_id_with_other_content_is_refused_and_the_first_stands(counter: Counter, books: Where, change: dict[str, object]) -> None:
    first = counter.ask(COMPLETE, completion())
    refused = counter.ask(COMPLETE, completion(**change))
    assert refused["signals"] == ["SERVICE_COMPLETION_FAILED"]
    assert SWAP in refused["metadata"]["reason"]
    assert counter.ask(COMPLETE, completion())["metadata"] == first["metadata"]
    assert (str(used_kwh(counter.store)), count(books, "transactions")) == ("370.1", 1)


def test_the_same_id_for_another_plan_is_refused(counter: Counter) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    counter.ask(COMPLETE, completion())
    assert counter.ask(COMPLETE, completion(), "plan-2")["signals"] == ["SERVICE_COMPLETION_FAILED"]
    assert str(used_kwh(counter.store, "plan-2")) == "344.5"


def test_twenty_at_once_at_two_workers_book_once(books: Where) -> None:
    with open_counter(books) as first, open_counter(books) as second, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: (first, second)[n % 2].ask(COMPLETE, completion()), range(20)))
        assert sorted(REPEATED in each["signals"] for each in answers) == [False, *[True] * 19]
        assert str(used_kwh(first.store)) == "370.1"
    assert (count(books, "service_events"), count(books, "transactions"), count(books, "outgoing_events")) == (1, 1, 1)


def test_a_refusal_is_not_remembered_once_the_plan_is_mended(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(holds="BAT-OTHER"), NOON)
    refused = counter.send(COMPLETE, completion())
    assert refused.answer is not None
    assert isinstance(answer_from_payload(PLAN, refused.answer.payload), Rejected)
    assert count(books, "transactions") == 0
    counter.store.put_plan(plan_of(), NOON)
    assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_an_unknown_plan_is_refused_with_a_reason(counter: Counter) -> None:
    answer = counter.ask(COMPLETE, completion(), "no-such-plan")
    assert answer["signals"] == ["SERVICE_COMPLETION_FAILED", "SERVICE_PLAN_NOT_FOUND"]
    assert answer["correlation_id"] == SWAP
    assert "no-such-plan" in answer["metadata"]["reason"]


def test_a_plan_without_the_action_refuses_it_as_a_failed_completion(counter: Counter) -> None:
    counter.store.put_plan(with_config(available_actions=frozenset({"EQUIPMENT_CHECKOUT"})), NOON)
    assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETION_FAILED", "ACTION_NOT_AVAILABLE"]


def test_events_that_are_switched_off_are_kept_and_not_published(counter: Counter, books: Where) -> None:
    counter.store.put_plan(with_config(service_completion=ServiceCompletion(event_publishing_enabled=False)), NOON)
    reply = counter.send(COMPLETE, specified("complete_service_request"))
    assert reply.events == ()
    assert (count(books, "service_events"), count(books, "payment_events"), count(books, "outgoing_events")) == (1, 1, 0)
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert not plan.template.agent_config.service_completion.event_publishing_enabled


def test_a_database_that_fails_leaves_the_request_unanswered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    books = tmp_path / "platform.db"
    with open_counter(books) as counter:
        counter.store.close()
        books.with_name("platform.db-wal").unlink(missing_ok=True)
        books.write_bytes(b"this is no database" * 500)
        assert counter.send(COMPLETE, completion()).answer is None
    assert "stays unanswered" in caplog.text


def test_other_workers_that_are_always_quicker_end_in_a_failure_not_in_a_loop(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def overtaken(*_args: object, **_facts: object) -> None:
        seen.append(1)
        raise OvertakenError

    monkeypatch.setattr(Ledger, "write", overtaken)
    assert counter.send(COMPLETE, completion(correlation_id=OTHER_SWAP)).answer is None
    assert len(seen) == 1 + MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("step", "body"),
    [
        (COMPLETE, completion(outgoing_battery_id="B" * 201)),
        ("process_payment", payment(receipt_id="ΐ" * 64)),  # three letters each where it is compared
        ("process_payment", payment(transaction_id="T" * 129)),
    ],
)
def test_what_is_too_long_for_the_database_is_refused_and_not_asked_for_ever(
    postgres: Postgres, step: str, body: dict[str, object]
) -> None:
    with open_counter(postgres.database()) as counter:
        assert "too long to be kept" in counter.ask(step, body)["metadata"]["reason"]
        assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_a_refusal_is_english_on_the_wire_whatever_the_platform_speaks(counter: Counter) -> None:
    refused = completion(incoming_battery_id="BAT-9")
    english = counter.ask("complete_service", refused)
    with in_language(translations_of(PSEUDO)):
        assert counter.ask("complete_service", refused) == english
