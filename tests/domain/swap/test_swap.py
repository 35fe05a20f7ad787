"""The flow of a swap, called without a window (decisions 4, 12, 13, 15, 22)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import (
    BatteryDamaged,
    BatteryNotIssuable,
    BatteryTaken,
    BatteryTooLow,
    BatteryUnreadable,
    KioskError,
    PaymentTooSmall,
    PaymentUsed,
    PlanBlocked,
    SameBattery,
    StepImpossible,
    WrongBattery,
)
from kiosk.domain.plan.quota import Credit
from kiosk.domain.swap.pending_swaps import credit_of
from kiosk.domain.swap.swap import (
    Confirmation,
    Payment,
    Step,
    Swap,
    can_go_back,
    completion,
    confirm_payment,
    go_back,
    next_step,
    with_arrived,
    with_new,
    with_payment,
    with_returned,
    without_payment,
)
from tests.builders import NOON, RULES, plan_of, plan_with, reading, swap_of, swap_with_batteries

SHORT: dict[str, Any] = {"used_kwh": "390", "quota_kwh": "400"}


def payment(amount: str = "12.48", receipt_id: str = "MP4471", confirmation: Confirmation = Confirmation.WAITING) -> Payment:
    return Payment(
        amount=Decimal(amount), currency="USD", receipt_id=receipt_id, method="MOBILE_MONEY", recorded_at=NOON, confirmation=confirmation
    )


def test_without_a_customer_the_step_is_customer() -> None:
    assert next_step(None) is Step.CUSTOMER


def test_a_returning_customer_returns_a_battery_first() -> None:
    assert next_step(swap_of()) is Step.RETURNED


def test_a_first_visit_skips_the_return() -> None:
    assert next_step(swap_of(plan_with(holds=None))) is Step.NEW


def test_with_both_batteries_and_quota_the_step_is_review() -> None:
    swap = swap_with_batteries()
    assert next_step(swap) is Step.REVIEW
    assert swap.net_kwh == Decimal("25.6")


def test_an_exhausted_quota_asks_for_a_payment() -> None:
    assert next_step(swap_with_batteries(plan_with(**SHORT))) is Step.PAYMENT


def test_a_recorded_payment_waits_until_it_is_confirmed() -> None:
    swap = with_payment(swap_with_batteries(plan_with(**SHORT)), payment(), RULES)
    assert next_step(swap) is Step.PAYMENT
    assert next_step(confirm_payment(swap, Confirmation.PLATFORM, RULES)) is Step.REVIEW


def test_a_completed_swap_is_done() -> None:
    assert next_step(replace(swap_with_batteries(), completed_at=NOON)) is Step.DONE


def test_the_wrong_battery_is_refused_by_the_id_inside() -> None:
    with pytest.raises(WrongBattery) as refused:
        with_returned(swap_of(), reading("BAT-12346"), RULES)
    assert (refused.value.expected_id, refused.value.read_id) == ("BAT-12345", "BAT-12346")


def test_ids_are_compared_without_padding_and_case() -> None:
    swap = with_returned(swap_of(), reading(" bat-12345<<\0"), RULES)
    assert swap.incoming is not None
    assert swap.incoming.battery_id == "BAT-12345"


def test_the_returned_battery_is_not_the_new_one() -> None:
    swap = with_returned(swap_of(), reading(), RULES)
    with pytest.raises(SameBattery):
        with_new(swap, reading("bat-12345", "30"), RULES)


def test_another_customers_battery_is_not_issued() -> None:
    with pytest.raises(BatteryTaken):
        with_new(swap_of(plan_with(holds=None)), reading("BAT-9", "30"), RULES, taken=frozenset({"BAT-9"}))


def test_a_battery_below_the_least_is_not_issued() -> None:
    with pytest.raises(BatteryTooLow):
        with_new(swap_of(plan_with(holds=None)), reading("BAT-9", "0.4"), RULES)


@pytest.mark.parametrize("facts", [{"output_on": False}, {"cell_spread_volts": Decimal("0.4")}])
def test_a_battery_may_be_good_to_take_back_and_not_to_hand_out(facts: dict[str, Any]) -> None:
    swap = with_returned(swap_of(), reading(**facts), RULES)
    assert swap.inspection == ""
    with pytest.raises(BatteryNotIssuable):
        with_new(swap, reading("BAT-9", "30", **facts), RULES)


def test_an_unfit_returned_battery_is_taken_for_inspection_only() -> None:
    hot = reading(temperature_celsius=Decimal(68))
    with pytest.raises(BatteryDamaged) as refused:
        with_returned(swap_of(), hot, RULES)
    assert refused.value.reasons == ("too hot, 68 °C",)
    assert with_returned(swap_of(), hot, RULES, inspection="too hot").inspection == "too hot"


@pytest.mark.parametrize(
    "changes",
    [
        {"energy": None},
        {"energy": "-0.1"},
        {"energy": "101"},
        {"energy": "NaN"},
        {"battery_id": "<<\0"},
        {"voltage": Decimal(0)},
        {"soc_percent": Decimal(101)},
        {"soc_percent": Decimal(80), "full_kwh": Decimal(32)},
        {"full_kwh": Decimal(0), "soc_percent": Decimal(1)},
    ],
)
def test_a_reading_that_cannot_be_is_no_reading(changes: dict[str, object]) -> None:
    with pytest.raises(BatteryUnreadable):
        with_returned(swap_of(), reading(**changes), RULES)  # type: ignore[arg-type]  # values of several kinds on purpose


def test_fifteen_percent_of_32_kwh_agrees_with_4_8() -> None:
    assert with_returned(swap_of(), reading(soc_percent=Decimal(15), full_kwh=Decimal(32)), RULES).incoming is not None


@pytest.mark.parametrize("state", ["BATTERY_LOST", "COMPLETE"])
def test_a_blocked_service_state_may_not_swap(state: str) -> None:
    with pytest.raises(PlanBlocked):
        swap_of(plan_of(service_state=state))


@pytest.mark.parametrize(("state", "pay_first"), [("FINAL_DUE", False), ("COMPLETE", False), ("INITIAL", True), ("DEPOSIT_DUE", True)])
def test_a_blocked_payment_state_may_not_swap(state: str, pay_first: bool) -> None:  # noqa: FBT001  a table's column
    with pytest.raises(PlanBlocked) as refused:
        swap_of(plan_of(payment_state=state))
    assert refused.value.pay_first is pay_first


def test_an_unknown_state_warns_and_goes_on() -> None:
    assert swap_of(plan_of(service_state="SOMETHING_NEW")).plan.unknown_states == ("SOMETHING_NEW",)


def test_a_payment_that_no_quota_asked_for_is_taken_and_credits_nothing() -> None:
    swap = with_payment(swap_with_batteries(), payment("15.00", confirmation=Confirmation.NOT_NEEDED), RULES)
    assert next_step(swap) is Step.REVIEW
    assert credit_of(swap, RULES.collectable) == Credit()


def test_a_second_payment_is_refused() -> None:
    swap = with_payment(swap_with_batteries(plan_with(**SHORT)), payment(), RULES)
    with pytest.raises(StepImpossible):
        with_payment(swap, payment(receipt_id="OTHER"), RULES)


def test_a_payment_that_is_too_small_changes_nothing() -> None:
    with pytest.raises(PaymentTooSmall):
        with_payment(swap_with_batteries(plan_with(**SHORT)), payment("12.47"), RULES)


def test_a_part_is_less_than_is_due_and_the_last_one_covers_the_rest() -> None:
    swap = swap_with_batteries(plan_with(**SHORT))
    for number, (amount, step) in enumerate((("5", Step.PAYMENT), ("7.47", Step.PAYMENT), ("0.01", Step.REVIEW))):
        swap = confirm_payment(with_payment(swap, payment(amount, f"MP{number}"), RULES, part=True), Confirmation.PLATFORM, RULES)
        assert next_step(swap) is step
    assert [each.receipt_id for each in swap.parts] == ["MP0", "MP1"]
    request = completion(swap, NOON)
    assert (request.payment_amount, request.payment_receipt_id) == (Decimal("12.48"), "MP2")


def test_a_part_that_nobody_is_asked_about_is_too_small() -> None:
    with pytest.raises(PaymentTooSmall):
        with_payment(swap_with_batteries(plan_with(**SHORT)), payment("5", confirmation=Confirmation.NOT_NEEDED), RULES, part=True)


def test_a_receipt_is_counted_once_in_a_swap() -> None:
    swap = confirm_payment(
        with_payment(swap_with_batteries(plan_with(**SHORT)), payment("5"), RULES, part=True), Confirmation.PLATFORM, RULES
    )
    with pytest.raises(PaymentUsed) as refused:
        with_payment(swap, payment("7.48", " mp4471"), RULES, part=True)
    assert (refused.value.here, refused.value.used_at) == (True, NOON)
    with pytest.raises(PaymentUsed):
        with_arrived(swap, (payment("7.48", "mp4471"),), RULES)


def test_what_arrives_is_counted_while_a_payment_is_awaited_and_not_else() -> None:
    swap = with_arrived(swap_with_batteries(plan_with(**SHORT)), (payment("15"),), RULES)
    assert (next_step(swap), credit_of(swap, RULES.collectable)) == (Step.REVIEW, Credit(kwh=Decimal("18.8")))
    for other in (swap, swap_of(), swap_with_batteries(), with_payment(swap_with_batteries(plan_with(**SHORT)), payment(), RULES)):
        with pytest.raises(StepImpossible):
            with_arrived(other, (payment("1", "MP2"),), RULES)


def test_a_refused_receipt_can_be_replaced_and_a_confirmed_one_cannot() -> None:
    swap = with_payment(swap_with_batteries(plan_with(**SHORT)), payment(), RULES)
    assert without_payment(swap).payment is None
    with pytest.raises(StepImpossible):
        without_payment(confirm_payment(swap, Confirmation.PLATFORM, RULES))


def test_nothing_completes_before_the_review() -> None:
    with pytest.raises(StepImpossible):
        completion(swap_with_batteries(plan_with(**SHORT)), NOON)


def test_a_first_visit_completes_without_incoming_battery() -> None:
    request = completion(swap_with_batteries(plan_with(holds=None)), NOON)
    assert (request.incoming_battery_id, request.incoming_kwh, request.outgoing_kwh) == (None, None, Decimal("30.4"))


HAPPENINGS: dict[str, Callable[[Swap], Swap | None]] = {
    "returned": lambda swap: with_returned(swap, reading(), RULES),
    "wrong": lambda swap: with_returned(swap, reading("BAT-OTHER"), RULES),
    "new": lambda swap: with_new(swap, reading("BAT-67890", "30.4"), RULES),
    "low": lambda swap: with_new(swap, reading("BAT-67890", "0.1"), RULES),
    "pay": lambda swap: with_payment(swap, payment(), RULES),
    "part": lambda swap: with_payment(swap, payment("5", f"PART-{len(swap.payments)}"), RULES, part=True),
    "arrive": lambda swap: with_arrived(swap, (payment("4", f"CAME-{len(swap.payments)}"),), RULES),
    "confirm": lambda swap: confirm_payment(swap, Confirmation.PLATFORM, RULES),
    "vouch": lambda swap: confirm_payment(swap, Confirmation.SUPERVISOR, RULES, "SUP-7"),
    "drop": without_payment,
    "back": go_back,
    "complete": lambda swap: replace(swap, completed_at=completion(swap, NOON + timedelta(minutes=1)).transaction_timestamp),
}
EVENTS = st.lists(st.sampled_from(sorted(HAPPENINGS)), max_size=25)


@given(events=EVENTS, short=st.booleans(), first=st.booleans())
def test_no_reachable_swap_is_without_a_step_and_back_never_takes_back_a_payment(
    events: list[str],
    short: bool,  # noqa: FBT001  drawn by hypothesis
    first: bool,  # noqa: FBT001  drawn by hypothesis
) -> None:
    used = "390" if short else "344.5"
    swap: Swap | None = swap_of(plan_with(used_kwh=used, holds=None if first else "BAT-12345"))
    for event in events:
        before = swap
        try:
            swap = HAPPENINGS[event](swap) if swap is not None else None
        except KioskError:
            swap = before
        step = next_step(swap)
        assert step in Step
        if before is not None and before.payments:
            assert swap is not None
            assert event == "drop" or before.amount_paid <= swap.amount_paid
            assert not (swap.payments and can_go_back(swap))
            assert all(each.confirmation is Confirmation.PLATFORM for each in swap.parts)
        if step is Step.DONE and swap is not None:
            assert swap.outgoing is not None
            assert not (short and (not swap.paid or swap.amount_paid < Decimal("12.48")))
