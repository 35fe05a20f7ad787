"""Amounts as people write them."""

from decimal import Decimal

import pytest

from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.money.amounts import MAX_LENGTH, asks_first, is_amount, parse_amount

NO_BREAK, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("225", 225),
        ("225.00", 225),
        ("225,00", 225),
        ("225.", 225),
        ("225.0", 225),
        ("225.0000", 225),
        ("0225", 225),
        ("1,000", 1000),
        ("1.000", 1000),
        ("1,234", 1234),
        ("1.234.567", 1234567),
        ("1,234.00", 1234),
        ("1.234,00", 1234),
        ("12 500", 12500),
        (f"12{NO_BREAK}500", 12500),
        (f"12{NARROW}500.00", 12500),
        ("12'500", 12500),
        ("12\N{RIGHT SINGLE QUOTATION MARK}500", 12500),
        (" 225 ", 225),
    ],
)
def test_in_whole_units_a_sign_with_zeros_changes_nothing(text: str, amount: int) -> None:
    assert str(parse_amount(text, places=0, currency="KES")) == str(amount)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.48", "12.48"),
        ("12,48", "12.48"),
        ("5.5", "5.50"),
        ("5,5", "5.50"),
        ("0.5", "0.50"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("5", "5.00"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        (f"1{NO_BREAK}234.5", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("12.4800", "12.48"),
        ("1,234,567", "1234567.00"),
        ("0.050", "0.05"),
        ("1234.500", "1234.50"),
    ],
)
def test_with_two_decimals_both_ways_of_writing_are_read(text: str, amount: str) -> None:
    read = parse_amount(text, places=2, currency="USD")
    assert str(read) == amount


@pytest.mark.parametrize(("text", "amount"), [("1.234", "1.234"), ("1.2", "1.200"), ("1,234.567", "1234.567")])
def test_with_three_decimals_a_point_is_the_decimal_sign(text: str, amount: str) -> None:
    assert str(parse_amount(text, places=3, currency="KWD")) == amount


@pytest.mark.parametrize(("text", "places"), [("225.50", 0), ("225,5", 0), ("1,234.50", 0), ("0.001", 0), ("12.3456", 2), ("0.125", 2)])
def test_decimals_that_cannot_be_paid_are_refused_with_the_currency(text: str, places: int) -> None:
    with pytest.raises(PaymentInvalid, match=r"cannot be paid\. KES is paid"):
        parse_amount(text, places=places, currency="KES")


@pytest.mark.parametrize(("text", "places"), [("1.234", 2), ("1,234", 2), ("12.000", 2), ("1,234", 3)])
def test_an_amount_with_two_readings_is_refused_with_both(text: str, places: int) -> None:
    with pytest.raises(PaymentInvalid, match=r"can be \d+ or \d+\.\d+; type it without the (point|comma)"):
        parse_amount(text, places=places, currency="USD")


@pytest.mark.parametrize("text", ["1,23,456", "1.2.3", "12 34", "1,234 567", "1'23.50", ",234.50", "1,,000.00", "1234,567.00"])
def test_thousands_signs_stand_before_three_digits(text: str) -> None:
    with pytest.raises(PaymentInvalid):
        parse_amount(text, places=2, currency="USD")


@pytest.mark.parametrize(
    "text", ["", " ", "0", "0.00", "ten", "-5", "+5", "1e3", "NaN", "inf", "5 USD", ".", ",", "1_000", "٥", "9" * (MAX_LENGTH + 1)]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    assert not is_amount(text)
    with pytest.raises(PaymentInvalid, match="is not an amount"):
        parse_amount(text, places=2, currency="USD")


@pytest.mark.parametrize(
    ("amount", "due", "asks"), [("450", "225", False), ("450.01", "225", True), ("22500", "225", True), ("1", "0", True)]
)
def test_more_than_twice_what_is_due_asks_first(amount: str, due: str, asks: bool) -> None:  # noqa: FBT001  a column of the table
    assert asks_first(Decimal(amount), Decimal(due)) is asks
