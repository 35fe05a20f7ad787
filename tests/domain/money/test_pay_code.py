"""What the code to pay by says, and which templates are refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.money.pay_code import DEFAULT, PayCodeFacts, pay_template

FACTS = PayCodeFacts(amount=Decimal("12.48"), currency="USD", plan="plan/1 é", reference="TXN-1", station="ST & 14")


def said(template: str) -> str:
    return pay_template(template).filled(FACTS)


def test_every_fact_has_its_placeholder() -> None:
    assert said("{amount}|{currency}|{plan}|{reference}|{station}") == "12.48|USD|plan/1 é|TXN-1|ST & 14"


def test_the_default_says_how_much_and_what_for() -> None:
    assert said(DEFAULT) == "Pay 12.48 USD for plan plan/1 é, reference TXN-1"


def test_in_an_address_every_value_is_quoted_and_the_address_is_not() -> None:
    address = "https://pay.example.org/{plan}?a={amount}&s={station}"
    assert said(address) == "https://pay.example.org/plan%2F1%20%C3%A9?a=12.48&s=ST%20%26%2014"


def test_elsewhere_one_value_can_be_quoted() -> None:
    assert said("Pay at example.org/{plan:url} for {plan}") == "Pay at example.org/plan%2F1%20%C3%A9 for plan/1 é"


def test_an_empty_template_makes_no_code() -> None:
    assert said("") == ""


def test_braces_can_be_said() -> None:
    assert said('{{"ref": "{reference}"}}') == '{"ref": "TXN-1"}'


def test_a_value_that_looks_like_a_placeholder_stays_a_value() -> None:
    assert pay_template("{plan}").filled(replace(FACTS, plan="{amount}")) == "{amount}"


def test_an_amount_is_a_plain_number() -> None:
    assert pay_template("{amount}").filled(replace(FACTS, amount=Decimal("1.2E+3"))) == "1200"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{price}", "{price} is no placeholder"),
        ("{}", "{} is no placeholder"),
        ("{0}", "{0} is no placeholder"),
        ("{amount.__class__}", "is no placeholder"),
        ("{amount:>9}", "{amount:>9} is no placeholder"),
        ("{amount!r}", "{amount!r} is no placeholder"),
        ("{amount", "cannot be a template"),
        ("amount}", "cannot be a template"),
        ("x" * 301, "too long: 301 bytes"),
        ("é" * 151, "too long: 302 bytes"),
        ("{plan}{plan}{plan}{plan}{plan}{plan}{plan}", "too long"),
    ],
)
def test_what_cannot_be_a_template_is_refused_with_its_reason(template: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        pay_template(template)
    assert reason in refused.value.reason
