"""A completion in the field's words, both ends without a broker: what leaves, what is read, what is refused (facts from the field)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.swap.swap import Confirmation, Payment, Swap, completion
from kiosk.wire.actions import FIELD_COMPLETION
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import answer_to_field, completion_from_field, completion_to_field
from tests.builders import NOON, plan_with, swap_with_batteries

LATER = NOON + timedelta(seconds=90)


def paid(swap: Swap) -> Swap:
    payment = Payment(
        amount=Decimal("12.48"),
        currency="USD",
        receipt_id="PAY-1",
        method="MOBILE_MONEY",
        recorded_at=NOON,
        confirmation=Confirmation.NOT_NEEDED,
    )
    return replace(swap, payment=payment)


def sent(swap: Swap) -> dict[str, Any]:
    document: dict[str, Any] = loads(completion_to_field(swap, completion(swap, LATER)))
    return document


def test_the_energy_is_the_net_alone_and_the_duration_counts_from_the_beginning() -> None:
    document = sent(swap_with_batteries())
    assert document["data"]["service_data"] == {
        "old_battery_id": "BAT-12345",
        "new_battery_id": "BAT-67890",
        "energy_transferred": Decimal("25.6"),
        "service_duration": 90,
    }
    assert "payment_data" not in document["data"]


def test_a_first_visit_names_no_returned_battery() -> None:
    document = sent(swap_with_batteries(plan_with(holds=None)))
    assert "old_battery_id" not in document["data"]["service_data"]


def test_a_payment_names_the_service_that_it_tops_up() -> None:
    document = sent(paid(swap_with_batteries(plan_with(used_kwh="390", quota_kwh="400"))))
    assert document["data"]["payment_data"] == {
        "service_id": "svc-electricity-fuel-kenya",
        "payment_amount": Decimal("12.48"),
        "payment_reference": "PAY-1",
        "payment_method": "MOBILE_MONEY",
        "payment_type": "TOP_UP",
    }


def test_where_only_swaps_are_short_the_money_is_for_swaps() -> None:
    swap = swap_with_batteries(plan_with(swaps_used=10))
    assert sent(paid(swap))["data"]["payment_data"]["service_id"] == swap.plan.swap_count.service_id


def test_the_other_end_reads_the_swap_back() -> None:
    swap = paid(swap_with_batteries(plan_with(used_kwh="390", quota_kwh="400")))
    read = completion_from_field(sent(swap))
    assert (read.incoming_battery_id, read.outgoing_battery_id) == ("BAT-12345", "BAT-67890")
    assert (read.incoming_kwh, read.outgoing_kwh) == (Decimal(0), Decimal("25.6"))
    assert (read.payment_occurred, read.payment_amount, read.payment_receipt_id) == (True, Decimal("12.48"), "PAY-1")
    assert (read.correlation_id, read.transaction_timestamp) == (swap.correlation_id, LATER)


def test_a_first_visit_is_read_back_without_an_energy_of_a_returned_battery() -> None:
    read = completion_from_field(sent(swap_with_batteries(plan_with(holds=None))))
    assert (read.incoming_battery_id, read.incoming_kwh, read.payment_occurred) == (None, None, False)


def changed(place: str, value: object) -> dict[str, Any]:
    document = sent(paid(swap_with_batteries(plan_with(used_kwh="390", quota_kwh="400"))))
    *way, last = place.split(".")
    inside = document
    for each in way:
        inside = inside[each]
    inside[last] = value
    return document


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("data.action", "IDENTIFY_CUSTOMER"),
        ("data.payment_data.payment_type", "DEPOSIT"),
        ("data.payment_data.payment_type", "GIFT"),
        ("data.service_data.energy_transferred", "much"),
        ("data.service_data.new_battery_id", 7),
        ("correlation_id", 7),
        ("timestamp", "today"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(place: str, value: object) -> None:
    with pytest.raises(BadInput) as refused:
        completion_from_field(changed(place, value))
    assert refused.value.where.startswith(place)


@pytest.mark.parametrize(("with_payment", "signal"), [(True, "PAYMENT_AND_SERVICE_COMPLETED"), (False, "SERVICE_COMPLETED")])
def test_the_answer_has_the_fields_signal(with_payment: bool, signal: str) -> None:  # noqa: FBT001  a parameter of the test
    document = {"signals": ["SERVICE_COMPLETED_SUCCESS"], "metadata": {}, "correlation_id": "TXN-1"}
    answer = loads(answer_to_field("plan-1", document, NOON, ("agent", "A"), paid=with_payment))
    assert (answer["data"]["success"], answer["data"]["signals"], answer["correlation_id"]) == (True, [signal], "TXN-1")


def test_a_refusal_stays_one_in_the_field() -> None:
    document = {"signals": ["SERVICE_COMPLETION_FAILED"], "metadata": {"reason": "no"}, "correlation_id": "TXN-1"}
    answer = loads(answer_to_field("plan-1", document, NOON, ("agent", "A"), paid=False))
    assert answer["data"] == {"success": False, "signals": ["SERVICE_COMPLETION_FAILED"], "metadata": {"reason": "no"}}


def test_the_action_is_the_fields() -> None:
    assert FIELD_COMPLETION == "REPORT_PAYMENT_AND_SERVICE_COMPLETION"
    assert dumps(sent(swap_with_batteries())["data"]["action"]) == dumps(FIELD_COMPLETION)
