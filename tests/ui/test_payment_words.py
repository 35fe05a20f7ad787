"""What is due, in words and lengths; an amount as it is typed."""

from decimal import Decimal

import pytest

from kiosk.domain.money import Collectable, TopUp, top_up
from kiosk.domain.quota import check_quota
from tests.builders import plan_with
from ui.frame import BACKSPACE
from ui.pages.payment_words import Amount, due_facts, places_of


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
    amount = Amount(text="12.48", places=places)
    for key in keys:
        amount = amount.after(key)
    return amount.text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("", "12.48"),
        ("5", "5"),
        ("5.255", "5.25"),
        (".5", "0.5"),
        ("05", "5"),
        ("5,5", "5.5"),
        ("5..5", "5.5"),
        (BACKSPACE, "12.4"),
        ("x", "12.48"),
    ],
)
def test_keys_make_an_amount(keys: str, text: str) -> None:
    assert typed(keys) == text


def test_a_currency_without_decimals_takes_none() -> None:
    assert typed("5.5", places=0) == "55"


@pytest.mark.parametrize(("unit", "places"), [("0.01", 2), ("0.05", 2), ("1", 0), ("10", 0), ("0.001", 3)])
def test_the_places_are_those_of_the_smallest_unit(unit: str, places: int) -> None:
    assert places_of(Decimal(unit)) == places


def test_a_due_amount_is_put_there_with_the_places_that_can_be_typed() -> None:
    assert Amount.of(Decimal(13), places=0).text == "13"
    assert Amount.of(Decimal("12.5"), places=2).text == "12.50"


def test_an_empty_amount_is_none() -> None:
    assert Amount(text="", places=2).value is None
