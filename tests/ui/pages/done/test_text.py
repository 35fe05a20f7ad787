"""Words of the review and of the last page: quotas before and after, the net, the receipt as on paper."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.swap.pending_swaps import updates_of
from kiosk.domain.swap.receipt import BatteryLine, PaidLine, PaidPart, QuotaLine, Receipt
from kiosk.domain.swap.swap import Confirmation, Payment
from tests.builders import NOON, RULES, plan_of, plan_with, swap_with_batteries
from ui.pages.done import AnswerState, PlatformAnswer, answer_text, paper_view
from ui.pages.formatting import clock_words, cover_of, moment_words, net_words, quota_change
from ui.pages.review import review_facts
from ui.widgets import PaperView

RECEIPT = Receipt(
    transaction_id="TXN-1",
    timestamp=NOON,
    station_id="S",
    station_name="Station 14",
    attendant_id="ATT-001",
    customer_id="CUST-001",
    plan_name="Weekly Freedom",
    returned=BatteryLine(battery_id="BAT-12345", kwh=Decimal("4.8")),
    issued=BatteryLine(battery_id="BAT-20417", kwh=Decimal("30.4")),
    net_kwh=Decimal("25.6"),
    quotas=(
        QuotaLine(name="Swaps", remaining=Decimal(3), quota=Decimal(10)),
        QuotaLine(name="Electricity", remaining=Decimal("29.9"), quota=Decimal(400), unit="kWh"),
    ),
    settled=True,
)
PAID = PaidLine(amount=Decimal("12.48"), currency="USD", receipt_id="MP1", method="CASH", rate=Decimal("0.8"), bought_kwh=Decimal("15.6"))


def lines_of(view: PaperView) -> dict[str, str]:
    return {
        name.replace("\N{NO-BREAK SPACE}", " "): value.replace("\N{NO-BREAK SPACE}", " ") for group in view.groups for name, value in group
    }


def test_quotas_are_shown_before_and_after() -> None:
    swap = swap_with_batteries()
    swaps, electricity = (quota_change(swap.plan, update) for update in updates_of(swap, RULES.collectable))
    assert (swaps.before, swaps.left, swaps.used) == ("4", "3", "7 of 10 used")
    assert (electricity.before, electricity.left, electricity.used) == ("55.5", "29.9", "370.1 of 400 kWh used")


def test_an_unlimited_quota_is_a_word_and_never_a_number() -> None:
    plan = plan_of().with_states(*(replace(each, quota=Decimal(10**8)) for each in plan_of().service_states))
    swap = swap_with_batteries(plan)
    changes = [quota_change(swap.plan, update) for update in updates_of(swap, RULES.collectable)]
    assert all(change.unlimited and not change.left for change in changes)
    assert cover_of(replace(swap, outgoing=None)).number == "Unlimited"


def test_the_plan_covers_what_is_left_and_what_was_returned() -> None:
    cover = cover_of(replace(swap_with_batteries(), outgoing=None))
    assert (cover.number, cover.sum) == ("60.3", "55.5 left in the plan + 4.8 returned")


def test_a_net_that_was_rounded_says_so() -> None:
    assert net_words(swap_with_batteries()) == "30.4 − 4.8 kWh"
    assert net_words(swap_with_batteries(incoming="4.812")) == "30.4 − 4.812 kWh, rounded"


def test_a_first_visit_has_no_returned_battery() -> None:
    swap = swap_with_batteries(plan_with(holds=None, used_kwh="0"))
    facts = review_facts(swap, updates_of(swap, RULES.collectable), None)
    assert facts.returned is None
    assert (facts.net, facts.pay.number, facts.pay.state) == ("30.4", "Nothing", ("The plan covers it", "ok"))


def test_the_paper_has_the_lines_of_the_print() -> None:
    view = paper_view(RECEIPT, UTC)
    assert lines_of(view) == {
        "Customer": "CUST-001",
        "Returned BAT-12345": "4.8 kWh",
        "New BAT-20417": "30.4 kWh",
        "Delivered": "25.6 kWh",
        "Swaps left": "3 of 10",
        "Electricity left": "29.9 kWh of 400 kWh",
        "Plan": "Weekly Freedom",
    }
    assert (view.heading, view.mark, view.footer) == ("Station 14", "", "TXN-1")


def test_a_paid_swap_shows_all_that_the_paper_says_in_lines_that_stand_closer() -> None:
    view = paper_view(replace(RECEIPT, paid=PAID), UTC)
    assert lines_of(view) | {"Paid, 15.6 kWh × 0.80 USD": "12.48 USD", "Receipt": "Cash MP1", "Plan": "Weekly Freedom"} == lines_of(view)
    assert view.dense
    assert not paper_view(RECEIPT, UTC).dense


@pytest.mark.parametrize("copy", [0, 2])
@pytest.mark.parametrize("counted", [None, Decimal("4.1")])
def test_a_receipt_that_was_not_printed_says_who_the_customer_is_and_how_it_was_paid(counted: Decimal | None, copy: int) -> None:
    two = replace(PAID, swap_rate=Decimal("1.00"), bought_swaps=Decimal(1), amount=Decimal("13.48"))
    unprinted = replace(RECEIPT, paid=two, settled=False, copy=copy, counted_kwh=counted)
    lines = lines_of(paper_view(unprinted, UTC, fewer=1))
    assert (lines["Customer"], lines["Receipt"], lines["Paid"]) == ("CUST-001", "Cash MP1", "13.48 USD")
    assert {"Swaps left", "Electricity left", "Delivered"} <= set(lines)


def test_what_was_paid_is_said_however_short_the_room_is() -> None:
    lines = lines_of(paper_view(replace(RECEIPT, paid=PAID, settled=False), UTC, fewer=1))
    assert lines["Paid, 15.6 kWh × 0.80 USD"] == "12.48 USD"


def test_copies_and_what_is_not_confirmed_are_marked() -> None:
    assert (
        paper_view(replace(RECEIPT, copy=2, settled=False, training=True), UTC).mark
        == "TRAINING - not a receipt, Copy 2, Not yet confirmed"
    )


def test_a_refusal_without_a_reason_is_still_a_sentence() -> None:
    assert answer_text(PlatformAnswer(state=AnswerState.REFUSED), UTC)[1] == "The platform refused this swap. Call the supervisor."


IN_PARTS = replace(
    PAID,
    parts=(
        PaidPart(amount=Decimal(5), receipt_id="MP0", method="MOBILE_MONEY"),
        PaidPart(amount=Decimal("7.48"), receipt_id="MP1", method="CASH"),
    ),
)


def test_a_payment_in_parts_is_one_amount_with_its_last_receipt() -> None:
    lines = lines_of(paper_view(replace(RECEIPT, paid=IN_PARTS, settled=True), UTC))
    assert lines["Paid, 15.6 kWh × 0.80 USD"] == "12.48 USD"
    assert lines["Receipt"] == "2 payments, last MP1"


def test_the_review_says_how_many_payments_there_were() -> None:
    first = Payment(
        amount=Decimal(5), currency="USD", receipt_id="MP0", method="CASH", recorded_at=NOON, confirmation=Confirmation.PLATFORM
    )
    swap = swap_with_batteries(plan_with(used_kwh="390"))
    swap = replace(swap, parts=(first,), payment=replace(first, amount=Decimal("7.48"), receipt_id="MP1"))
    facts = review_facts(swap, updates_of(swap, RULES.collectable), None).pay
    assert (facts.number, facts.state[0]) == ("12.48", "2 payments, last MP1 confirmed")


def test_in_an_hour_that_is_repeated_the_screen_says_which_one_it_was() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = datetime(2026, 10, 25, 0, 30, 3, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 2, tzinfo=UTC)
    assert [clock_words(each, berlin) for each in (first, second)] == ["02:30 UTC+2", "02:30 UTC+1"]
    assert moment_words(first, second + timedelta(days=2), berlin) == "25 Oct, 02:30 UTC+2"
    assert paper_view(replace(RECEIPT, timestamp=second), berlin).below == "Service receipt, 25 Oct 2026, 02:30 UTC+1"
    answer = PlatformAnswer(state=AnswerState.CONFIRMED, at=first)
    assert answer_text(answer, berlin)[1] == "The platform confirmed this swap at 02:30:03 UTC+2."
