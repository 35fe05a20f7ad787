"""Numbers, energy and money as people read them."""

from decimal import Decimal
from gettext import NullTranslations

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.decimals import WHOLE_UNITS, minor_unit, places_of
from kiosk.domain.language import ENGLISH, ENGLISH_SIGNS, NumberSigns, in_language
from kiosk.domain.money.amounts import parse_amount
from kiosk.domain.written import format_kwh, format_money, write_amount, write_number
from kiosk.settings import PaymentSettings
from kiosk.shared.translations import number_signs

NBSP = "\N{NO-BREAK SPACE}"
LANGUAGES = ("en", "sw", "fr")
CURRENCIES = ("KES", "TZS", "UGX", "RWF", "XOF", "USD", "KWD")


class Spoken(NullTranslations):
    """English sentences with the signs of another language."""

    def __init__(self, signs: NumberSigns) -> None:
        super().__init__()
        self.signs = signs


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("271.00", "KES", "271 KES"),
        ("900", "XOF", "900 XOF"),
        ("45.20", "KES", "45.20 KES"),
        ("271.2", "KES", "271.20 KES"),
        ("1515.5", "USD", "1,515.50 USD"),
        ("0.8", "USD", "0.80 USD"),
        ("0.125", "USD", "0.125 USD"),
        ("4432", "TZS", "4,432 TZS"),
        ("1234567", "UGX", "1,234,567 UGX"),
        ("1000", "RWF", "1,000 RWF"),
        ("1E+3", "KES", "1,000 KES"),
        ("0.00", "KES", "0 KES"),
        ("-229", "KES", "−229 KES"),
        ("5", "", "5.00"),
    ],
)
def test_money_has_a_thousands_sign_and_the_decimals_of_its_currency(amount: str, currency: str, written: str) -> None:
    assert format_money(Decimal(amount), currency) == written.replace(" ", NBSP)


@pytest.mark.parametrize(("kwh", "written"), [("-0.0", "0.0"), ("0", "0.0"), ("10", "10.0"), ("30.377", "30.377"), ("1234.5", "1,234.5")])
def test_energy_has_one_decimal_at_least_and_nothing_is_never_negative(kwh: str, written: str) -> None:
    assert format_kwh(Decimal(kwh)) == f"{written}{NBSP}kWh"


def test_french_writes_a_comma_and_a_narrow_space() -> None:
    with in_language(Spoken(number_signs("fr"))):
        assert format_money(Decimal("1515.5"), "USD") == f"1\N{NARROW NO-BREAK SPACE}515,50{NBSP}USD"


def test_english_signs_need_no_repository_of_locales() -> None:
    assert number_signs("en") == ENGLISH_SIGNS
    with in_language(ENGLISH):
        assert write_number(Decimal("1234.5")) == "1,234.5"


@pytest.mark.parametrize("spoken", LANGUAGES)
@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10_000_000, max_value=10_000_000))
def test_a_number_is_written_as_the_repository_of_locales_writes_it(spoken: str, value: Decimal) -> None:
    theirs = format_decimal(abs(value), locale=spoken, decimal_quantization=False)
    sign = "−" if value < 0 else ""
    with in_language(Spoken(number_signs(spoken))):
        assert write_number(value) == sign + theirs


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("spoken", LANGUAGES)
@given(data=st.data())
def test_an_amount_that_is_written_is_read_back_as_the_same(spoken: str, currency: str, data: st.DataObject) -> None:
    places = 0 if currency in WHOLE_UNITS else places_of(minor_unit(currency))
    units = data.draw(st.integers(min_value=1, max_value=10_000_000 * 10**places))
    amount = Decimal(units).scaleb(-places)
    with in_language(Spoken(number_signs(spoken))):
        assert parse_amount(write_amount(amount, currency), places=places, currency=currency) == amount


def test_what_nobody_pays_in_smaller_coins_is_collected_in_whole_units() -> None:
    units = PaymentSettings().collectable_units
    assert units == dict.fromkeys(WHOLE_UNITS, Decimal(1))
    assert {"KES", "TZS", "UGX", "RWF", "XOF"} == set(units)
