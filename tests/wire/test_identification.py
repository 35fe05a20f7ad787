"""The question for a customer's plan and its answer, at both ends."""

from typing import Any

import pytest

from kiosk.domain.errors import BadInput, CustomerUnknown, LinkDown, PlanInvalid, StationRefused
from kiosk.domain.requests import CustomerCode
from kiosk.wire.actions import STATION_REFUSED
from kiosk.wire.completion_answers import Unintelligible
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload, question_from_payload, question_to_payload
from kiosk.wire.plan_documents import plan_to_document
from tests.builders import NOON, plan_of

PLAN = plan_of().id
CODE = CustomerCode(text=PLAN, plan_id=PLAN)


def question(**changes: Any) -> bytes:
    body = loads(question_to_payload(CODE, "ASK-1", NOON, "ATT-001", "STATION_XYZ"))
    data = {**body["data"], **changes.pop("data", {})}
    return dumps({**body, "data": data, **changes})


@pytest.mark.parametrize(("typed", "shown"), [(False, f"QR_CUSTOMER_{PLAN}"), (True, f"MANUAL_{PLAN}")])
def test_the_platform_reads_what_the_kiosk_asks(typed: bool, shown: str) -> None:  # noqa: FBT001  a parameter of the test
    payload = question_to_payload(CustomerCode(text=PLAN, plan_id=PLAN, typed=typed), "ASK-1", NOON, "ATT-001", "STATION_XYZ")
    read = question_from_payload(PLAN, payload)
    assert (read.plan_id, read.correlation_id, read.attendant_station) == (PLAN, "ASK-1", "STATION_XYZ")
    assert read.qr_code_data.endswith(PLAN)
    assert read.qr_code_data.startswith("MANUAL_") is typed


@pytest.mark.parametrize("plan_id", [None, "", PLAN])
def test_the_plan_may_stand_in_the_topic_alone(plan_id: str | None) -> None:
    assert question_from_payload(PLAN, question(plan_id=plan_id)).plan_id == PLAN


@pytest.mark.parametrize(
    ("changes", "where"), [({"plan_id": "plan-2"}, "plan_id"), ({"data": {"action": "COMPLETE_SERVICE"}}, "data.action")]
)
def test_a_question_for_another_plan_or_of_another_kind_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        question_from_payload(PLAN, question(**changes))
    assert refused.value.where == where


def answer(*signals: str, **metadata: Any) -> IdentifyAnswer:
    body = {"plan_id": PLAN, "correlation_id": "ASK-1", "data": {"signals": list(signals), "metadata": metadata}}
    read = identify_answer_from_payload(PLAN, dumps(body))
    assert isinstance(read, IdentifyAnswer)
    return read


FOUND = "CUSTOMER_IDENTIFIED_SUCCESS"


def test_an_answer_holds_the_plan_of_the_topic() -> None:
    told = answer(FOUND, service_plan=plan_to_document(plan_of()))
    assert (told.plan(), told.correlation_id) == (plan_of(), "ASK-1")


def test_a_cached_answer_holds_it_too() -> None:
    assert answer(FOUND, cached_result={"service_plan": plan_to_document(plan_of())}).plan() == plan_of()


def test_the_plan_may_come_in_the_field_form_with_its_template() -> None:
    assert answer(FOUND, service_plan_data=plan_to_document(plan_of())).plan() == plan_of()


@pytest.mark.parametrize(
    ("metadata", "where"), [({}, "data.metadata.service_plan"), ({"service_plan": plan_to_document(plan_of(id="plan-2"))}, "id")]
)
def test_an_answer_without_the_plan_or_with_another_one_is_invalid(metadata: dict[str, Any], where: str) -> None:
    with pytest.raises(PlanInvalid) as refused:
        answer(FOUND, **metadata).plan()
    assert refused.value.where == where


def test_a_refusal_for_an_unknown_customer_says_so() -> None:
    with pytest.raises(CustomerUnknown):
        answer("CUSTOMER_NOT_FOUND").plan()


def test_another_refusal_is_told_with_its_reason() -> None:
    with pytest.raises(PlanInvalid, match="closed for today"):
        answer("VALIDATION_FAILED", reason="closed for today").plan()


def test_a_platform_that_has_too_much_to_do_is_asked_again() -> None:
    with pytest.raises(LinkDown):
        answer("RATE_LIMIT_EXCEEDED").plan()


@pytest.mark.parametrize("payload", [b"", b"7", b"{}"])
def test_what_is_no_answer_means_nothing(payload: bytes) -> None:
    assert isinstance(identify_answer_from_payload(PLAN, payload), Unintelligible)


@pytest.mark.parametrize("signal", sorted(STATION_REFUSED))
def test_a_station_that_is_told_nothing_hears_that_and_not_that_the_plan_is_wrong(signal: str) -> None:
    with pytest.raises(StationRefused, match="who are you"):
        answer("VALIDATION_FAILED", signal, reason="who are you").plan()
