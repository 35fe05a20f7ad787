"""Whatever a field envelope may hold, reading it ends in a value or in a refusal that is foreseen."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import BadInput, CustomerUnknown, LinkDown, PlanInvalid
from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.wire.completion_answers import Unintelligible, answer_from_payload
from kiosk.wire.exact_json import dumps
from kiosk.wire.field_completions import completion_from_field
from kiosk.wire.identification import identify_answer_from_payload as identify_answer
from tests.field.recorded import PLAN, TXN, recorded

SCALARS = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=12), each, max_size=3), max_leaves=8
)
SERVICE = st.fixed_dictionaries({}, optional={"old_battery_id": ANYTHING, "new_battery_id": ANYTHING, "energy_transferred": ANYTHING})
PAYMENT = st.fixed_dictionaries({}, optional={"payment_amount": ANYTHING, "payment_reference": ANYTHING, "payment_type": ANYTHING})


@given(service=SERVICE | ANYTHING, payment=PAYMENT | ANYTHING)
def test_a_completion_is_read_or_refused(service: Any, payment: Any) -> None:
    document = recorded("request_paid").document
    with suppress(BadInput):
        completion_from_field({**document, "data": {**document["data"], "service_data": service, "payment_data": payment}})


@given(cached=ANYTHING, signals=ANYTHING, metadata=st.dictionaries(st.sampled_from(["cached_result", "signals", "reason"]), ANYTHING))
def test_an_answer_settles_refuses_or_means_nothing(cached: Any, signals: Any, metadata: dict[str, Any]) -> None:
    data = {"success": True, "signals": signals, "metadata": {"cached_result": cached, **metadata}}
    answer = answer_from_payload(PLAN, dumps({"plan_id": PLAN, "correlation_id": f"{TXN}re_abs", "data": data}))
    assert isinstance(answer, Settled | Rejected | Unintelligible)


@pytest.mark.parametrize("place", ["service_plan_data", "service_bundle", "common_terms"])
@given(value=ANYTHING)
def test_a_plan_is_told_or_refused(place: str, value: Any) -> None:
    document = recorded("identify_whole").document
    metadata = {**document["data"]["metadata"], place: value}
    answer = identify_answer(PLAN, dumps({**document, "data": {**document["data"], "metadata": metadata}}))
    assert not isinstance(answer, Unintelligible)
    with suppress(PlanInvalid, CustomerUnknown, LinkDown):
        answer.plan()
