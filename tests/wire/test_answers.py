"""What the platform says, wherever it says it (decisions 17, 18)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.requests import CompleteService, EquipmentCheckin, IdentifyCustomer
from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.wire.actions import FAILURES, FIELD_COMPLETION, NOT_JUDGED, REPEATED, SUCCESSES, TOO_MUCH
from kiosk.wire.completion_answers import Unintelligible, answer_from_payload
from kiosk.wire.exact_json import dumps
from kiosk.wire.identification import identify_answer_from_payload as identify_answer
from kiosk.wire.payment_messages import payment_answer_from_payload, payment_event_from_payload
from tests.builders import specified

TXN = "TXN-01JHMN5Z000000000000000001"
OK = {"signals": ["SERVICE_COMPLETED_SUCCESS"]}


def answer(body: dict[str, Any]) -> Settled | Rejected | Unintelligible:
    return answer_from_payload("plan-1", dumps(body))


@pytest.mark.parametrize("suffix", ["", "re_abs_identify", "-re", "0123"])
@pytest.mark.parametrize(
    "place",
    [
        lambda found: {**OK, "correlation_id": found},
        lambda found: {**OK, "metadata": {"correlation_id": found}},
        lambda found: {"data": {**OK, "correlation_id": found}},
        lambda found: {"data": {"metadata": {**OK, "correlation_id": found}}},
        lambda found: {**OK, "metadata": {"transaction_id": found}},
    ],
    ids=["top", "metadata", "data", "data.metadata", "transaction_id"],
)
def test_our_id_is_found_in_every_place_with_whatever_was_appended(place: Any, suffix: str) -> None:
    found = answer(place(TXN + suffix))
    assert isinstance(found, Settled)
    assert (found.correlation_id, found.plan_id) == (TXN, "plan-1")


def test_a_shorter_id_is_only_ever_itself() -> None:
    found = answer({**OK, "correlation_id": "TXN-12345"})
    assert isinstance(found, Settled)
    assert found.correlation_id == "TXN-12345"


def test_the_specifications_example_settles() -> None:
    assert isinstance(answer(specified("complete_service_response")), Settled)


def test_the_events_in_an_answer_do_not_name_its_transaction() -> None:
    events = {
        "service_event": {"plan_id": "plan-2", "success": False, "signals": ["SERVICE_COMPLETION_FAILED"]},
        "payment_event": specified("payment_received_event"),
    }
    for metadata in ({"transaction_id": TXN, **events}, {"transaction_id": TXN, **dict.fromkeys(events)}):
        found = answer({**OK, "metadata": metadata})
        assert isinstance(found, Settled)
        assert (found.correlation_id, found.plan_id) == (TXN, "plan-1")


def test_a_repeated_completion_is_settled_and_says_so() -> None:
    found = answer({"signals": ["SERVICE_COMPLETED_SUCCESS", "IDEMPOTENT_OPERATION_DETECTED"], "correlation_id": TXN})
    assert isinstance(found, Settled)
    assert found.repeated


@pytest.mark.parametrize("action", SUCCESSES)
def test_an_action_is_settled_by_its_own_success_and_in_the_field_as_done_before_and_by_no_others(action: str) -> None:
    def read(**body: Any) -> Settled | Rejected | Unintelligible:
        return answer_from_payload("plan-1", dumps({**body, "correlation_id": TXN}), action)

    for own in SUCCESSES[action]:
        settled = read(signals=["WHATEVER_ELSE", own])
        assert isinstance(settled, Settled)
        assert settled.action == action
    alone = Settled if action in {FIELD_COMPLETION, IdentifyCustomer.action} else Unintelligible
    assert isinstance(read(signals=[REPEATED]), alone)
    assert isinstance(read(signals=[REPEATED, "EQUIPMENT_BELONGS_TO_USER"]), Unintelligible)
    for other in frozenset().union(*SUCCESSES.values()) - SUCCESSES[action]:
        for signals in ([other], [other, REPEATED]):
            for cached in ({}, {"metadata": {"cached_result": {"success": True, "signals": signals}}}):
                assert isinstance(read(success=True, signals=signals, **cached), Unintelligible)
                assert isinstance(read(signals=[REPEATED], data=cached), Unintelligible if cached else alone)


@pytest.mark.parametrize("action", [CompleteService.action, FIELD_COMPLETION, EquipmentCheckin.action])
def test_a_flag_without_a_signal_settles_nothing(action: str) -> None:
    for place in ({"success": True}, {"data": {"success": True, "signals": []}}):
        assert isinstance(answer_from_payload("plan-1", dumps({**place, "correlation_id": TXN}), action), Unintelligible)


@pytest.mark.parametrize("signals", [["SERVICE_COMPLETED_SUCCESS"], ["VALIDATION_FAILED"]])
def test_an_answer_that_names_another_action_settles_and_refuses_nothing(signals: list[str]) -> None:
    """The platform's answer to a question that somebody asked under this swap's id."""
    body = {"correlation_id": TXN, "data": {"action": "IDENTIFY_CUSTOMER", "signals": signals, "success": True}}
    assert answer(body) == Unintelligible(reason="is to another action, IDENTIFY_CUSTOMER")
    body["data"] = {"action": "COMPLETE_SERVICE", "signals": signals}
    assert isinstance(answer(body), Settled | Rejected)


@pytest.mark.parametrize("failure", sorted(FAILURES - NOT_JUDGED))
def test_any_failure_signal_overrides_any_success(failure: str) -> None:
    for success in SUCCESSES[CompleteService.action]:
        assert isinstance(answer({"success": True, "signals": [success, failure], "correlation_id": TXN}), Rejected)


@pytest.mark.parametrize("signal", sorted(NOT_JUDGED))
@pytest.mark.parametrize("success", [True, False])
def test_a_platform_with_too_much_to_do_or_another_time_has_judged_nothing(success: bool, signal: str) -> None:  # noqa: FBT001  a case
    found = answer({"success": success, "signals": ["SERVICE_COMPLETED", signal], "correlation_id": TXN})
    assert found == Unintelligible(reason="asks to be asked again later")


def test_a_refusal_that_comes_with_too_much_to_do_is_a_refusal() -> None:
    assert isinstance(answer({"signals": [TOO_MUCH, "BATTERY_MISMATCH"], "correlation_id": TXN}), Rejected)


REASONS = [
    ({"metadata": {"reason": "one", "message": "two"}, "status_message": "four"}, "one"),
    ({"metadata": {"message": "two", "service_result": {"reason": "three"}}}, "two"),
    ({"data": {"metadata": {"service_result": {"reason": "three"}}}, "status_message": "four"}, "three"),
    ({"status_message": "four"}, "four"),
    ({"metadata": {"reason": "  ", "message": 5}}, "PAYMENT_FAILED"),
]


@pytest.mark.parametrize(("body", "reason"), REASONS, ids=[each[1] for each in REASONS])
def test_the_reason_is_the_first_that_is_given(body: dict[str, Any], reason: str) -> None:
    found = answer({**body, "signals": ["PAYMENT_FAILED"], "correlation_id": TXN})
    assert isinstance(found, Rejected)
    assert found.reason == reason


def test_success_false_without_a_signal_is_a_refusal() -> None:
    found = answer({"data": {"success": False}, "correlation_id": TXN})
    assert isinstance(found, Rejected)
    assert found.reason == "the platform gives no reason"


def test_an_answer_that_names_another_plan_is_not_ours() -> None:
    assert isinstance(answer({**OK, "correlation_id": TXN, "data": {"plan_id": "plan-2"}}), Unintelligible)


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([TXN, "SERVICE_COMPLETED_SUCCESS", "plan-1", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["signals", "metadata", "data", "correlation_id", "success", "plan_id", "reason", "reasons", "payment_data"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(SHAPES | st.binary())
def test_nothing_that_comes_over_the_wire_raises(body: Any) -> None:
    payload = body if isinstance(body, bytes) else dumps(body)
    for read in (answer_from_payload, identify_answer, payment_answer_from_payload, payment_event_from_payload):
        read("plan-1", payload)
