"""What is due, in words and lengths; an amount as it is typed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.decimals import places_of
from kiosk.domain.money.money import Collectable, TopUp, top_up
from kiosk.domain.plan.quota import Credit, check_quota
from kiosk.domain.swap.swap import Confirmation, Payment
from tests.builders import NOON, plan_with
from ui.pages.payment.text import Amount, arrived_facts, due_facts, part_note, twice_view, typed_note
from ui.widgets.frame import BACKSPACE


def test_the_specifications_sum_is_shown_as_it_is_worked_out() -> None:
    plan = plan_with(used_kwh="390")
    quota = check_quota(plan, Decimal("25.6"))
    facts = due_facts(quota, top_up(quota, plan, Collectable()))
    assert (facts.title, facts.number, facts.currency) == ("The plan is 15.6 kWh short", "12.48", "USD")
    assert facts.lines == (("This swap delivers", "25.6 kWh"), ("Left in the plan", "− 10.0 kWh"), ("Missing", "15.6 kWh"))
    assert [tuple(part.replace("\N{NO-BREAK SPACE}", " ") for part in pair) for pair in facts.products] == [
        ("15.6 kWh × 0.80 USD", "12.48 USD")
    ]
    assert facts.covered[1] + facts.missing[1] == pytest.approx(1)


def test_what_is_used_beyond_the_plan_is_added() -> None:
    plan = plan_with(used_kwh="405")
    quota = check_quota(plan, Decimal("25.6"))
    facts = due_facts(quota, top_up(quota, plan, Collectable()))
    assert facts.lines[1:] == (("Used beyond the plan", "+ 5.0 kWh"), ("Missing", "30.6 kWh"))


def test_missing_swaps_are_said_as_well() -> None:
    quota = check_quota(plan_with(used_kwh="390", swaps_used=10), Decimal("25.6"))
    due = TopUp(
        amount_kwh=Decimal("15.6"),
        amount_swaps=Decimal(1),
        price_kwh=Decimal("0.8"),
        price_swap=Decimal(2),
        cost=Decimal("14.48"),
        currency="USD",
    )
    facts = due_facts(quota, due)
    assert facts.title == "The plan is 1 swap and 15.6 kWh short"
    assert facts.products[-1][0] == "To pay"


def test_an_amount_rounded_up_to_a_whole_unit_says_so() -> None:
    plan = plan_with(used_kwh="390")
    quota = check_quota(plan, Decimal("25.6"))
    facts = due_facts(quota, top_up(quota, plan, Collectable(units={"USD": Decimal(1)})))
    assert facts.products[-1][0] == "Rounded up"
    assert facts.number == "13.00"


def typed(keys: str, places: int = 2) -> str:
    return keyed(keys, places).text


def keyed(keys: str, places: int = 2, currency: str = "USD") -> Amount:
    amount = Amount(text="12.48", places=places, currency=currency)
    for key in keys:
        amount = amount.after(key)
    return amount


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("", "12.48"),
        ("5", "5"),
        ("5.255", "5.255"),
        (".5", "0.5"),
        ("05", "5"),
        ("5,5", "5,5"),
        ("1 234", "1 234"),
        (" ", "12.48"),
        (BACKSPACE, "12.4"),
        ("x", "12.48"),
    ],
)
def test_keys_make_an_amount(keys: str, text: str) -> None:
    assert typed(keys) == text


@pytest.mark.parametrize(
    ("keys", "places", "value"),
    [
        ("225.00", 0, "225"),
        ("225,00", 0, "225"),
        ("1,234.00", 0, "1234"),
        ("1,234.50", 2, "1234.50"),
        ("1.234,50", 2, "1234.50"),
        ("5,5", 2, "5.5"),
        ("12.", 2, "12"),
    ],
)
def test_what_is_typed_means_what_is_written(keys: str, places: int, value: str) -> None:
    amount = keyed(keys, places)
    assert (amount.value, amount.problem) == (Decimal(value), "")


@pytest.mark.parametrize(
    ("keys", "places", "problem"),
    [
        ("5.5", 0, '"5.5" cannot be paid. KES is paid in whole units.'),
        ("1.234", 2, '"1.234" can be 1234 or 1.234; type it without the point.'),
        ("5..5", 2, '"5..5" has two readings. Type it without thousands signs.'),
    ],
)
def test_what_cannot_be_taken_is_said_and_is_no_amount(keys: str, places: int, problem: str) -> None:
    amount = keyed(keys, places, "KES")
    assert (amount.value, amount.problem) == (None, problem)


def test_nothing_typed_yet_is_no_mistake() -> None:
    assert keyed(BACKSPACE * 5).problem == ""


def test_the_question_names_both_amounts() -> None:
    view = twice_view(Decimal(22500), Decimal(225), "KES")
    assert (plain(view.sentence), plain(view.why)) == ("Is 22,500 KES right?", "It is more than twice the 225 KES that are due.")


@pytest.mark.parametrize(("unit", "places"), [("0.01", 2), ("0.05", 2), ("1", 0), ("10", 0), ("0.001", 3)])
def test_the_places_are_those_of_the_smallest_unit(unit: str, places: int) -> None:
    assert places_of(Decimal(unit)) == places


def test_a_due_amount_is_put_there_with_the_places_that_can_be_typed() -> None:
    assert Amount.of(Decimal(13), places=0).text == "13"
    assert Amount.of(Decimal("12.5"), places=2).text == "12.50"


def test_an_empty_amount_is_none() -> None:
    assert Amount(text="", places=2).value is None


# -- what there is to say


def test_where_a_part_is_paid_the_rest_is_what_is_due() -> None:
    plan = plan_with(used_kwh="390")
    quota = check_quota(plan, Decimal("25.6"))
    facts = due_facts(quota, top_up(quota, plan, Collectable()), Decimal(5))
    assert (plain(facts.title), facts.caption, facts.number) == ("7.48 USD still due", "Still to pay", "7.48")
    assert plain(facts.received) == "5.00 USD of 12.48 USD received, 7.48 USD still due"


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


def said(amount: str, more: Credit, *, confirmed: bool = True) -> tuple[str, str]:
    note = typed_note(Decimal(amount), Decimal("12.48"), more, "USD", confirmed=confirmed)
    return plain(note.words), note.tone


@pytest.mark.parametrize(
    ("amount", "more", "words", "tone"),
    [
        ("12.48", Credit(), "The swap goes on when the platform confirms it.", "muted"),
        ("0", Credit(), "The swap goes on when the platform confirms it.", "muted"),
        ("5", Credit(), "A part payment: 7.48 USD will still be due. The platform has to confirm it.", "accent"),
        ("15", Credit(kwh=Decimal("3.2")), "2.52 USD more than due: 3.2 kWh more on the plan.", "accent"),
        ("15", Credit(swaps=Decimal(1)), "2.52 USD more than due: 1 swap more on the plan.", "accent"),
        ("15", Credit(swaps=Decimal(2), kwh=Decimal("0.4")), "2.52 USD more than due: 2 swaps and 0.4 kWh more on the plan.", "accent"),
        ("15", Credit(), "2.52 USD more than due: it buys nothing more, give it back.", "accent"),
    ],
)
def test_what_is_typed_is_said_in_words(amount: str, more: Credit, words: str, tone: str) -> None:
    assert said(amount, more) == (words, tone)


def test_nothing_is_said_where_nobody_is_asked() -> None:
    assert said("12.48", Credit(), confirmed=False)[0] == ""


def test_several_payments_that_arrived_are_told_one_by_one_and_as_their_sum() -> None:
    first = Payment(
        amount=Decimal(5), currency="USD", receipt_id="MP1", method="MOBILE_MONEY", recorded_at=NOON, confirmation=Confirmation.PLATFORM
    )
    both = (first, replace(first, amount=Decimal("7.48"), receipt_id="MP2", method="CASH"))
    facts = arrived_facts(both, Decimal(0), Credit())
    assert (facts.number, facts.currency, facts.more) == ("12.48", "USD", "")
    assert [(name, plain(amount)) for name, amount in facts.lines] == [("Mobile money MP1", "5.00 USD"), ("Cash MP2", "7.48 USD")]
    assert plain(part_note(both).words) == "Received: 5.00 USD with receipt MP1, 7.48 USD with receipt MP2."
