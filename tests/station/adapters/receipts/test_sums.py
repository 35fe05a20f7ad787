"""What is printed adds up (decisions 2, 9, 11), for any readings and payments that the rules let through."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.decimals import round_half_up, to_watt_hours
from kiosk.domain.plan.quota import calculate_electricity_usage
from kiosk.domain.swap.receipt import PaidLine, Receipt
from kiosk.station.adapters.receipts.fonts import FontMetrics
from kiosk.station.adapters.receipts.layout import TextLine
from kiosk.station.adapters.receipts.page import lay_out
from tests.station.adapters.receipts.samples import ISSUED, RETURNED, SETTLED, TOPPED_UP, text_for

READINGS = st.decimals(0, 60, places=4).map(to_watt_hours)
_NUMBER = r"(\N{EN DASH}?\d{1,3}(?:,\d{3})*(?:\.\d+)?)"


def lines_of(receipt: Receipt) -> str:
    """The lines as they stand, a blank between names and values."""
    texts = [item.text for item in lay_out(text_for(receipt), 400, FontMetrics()).items if isinstance(item, TextLine)]
    return " ".join(texts).replace("\N{NO-BREAK SPACE}", " ")


def number(written: str) -> Decimal:
    """What is written in English signs."""
    return Decimal(written.replace(",", "").replace("\N{EN DASH}", "-"))


def number_after(words: str, text: str) -> Decimal:
    """The number that follows these words."""
    found = re.search(re.escape(words) + " " + _NUMBER, text)
    assert found is not None, f"no number after {words}"
    return number(found[1])


def swapped(returned: Decimal | None, issued: Decimal, precision: int) -> Receipt:
    """A receipt as the rules make it."""
    line = None if returned is None else replace(RETURNED, kwh=returned)
    net = calculate_electricity_usage(returned, issued, precision)
    return replace(SETTLED, returned=line, issued=replace(ISSUED, kwh=issued), net_kwh=net)


@settings(max_examples=200, deadline=timedelta(seconds=5))
@given(returned=st.none() | READINGS, issued=READINGS, precision=st.integers(0, 3))
def test_returned_and_delivered_make_the_new_one(returned: Decimal | None, issued: Decimal, precision: int) -> None:
    text = lines_of(swapped(returned, issued, precision))
    printed_issued, net = number_after("New", text), number_after("Electricity delivered", text)
    printed_returned = Decimal(0) if returned is None else number_after("Returned", text)
    exact = printed_issued - printed_returned
    assert round_half_up(exact, precision) == net
    assert ("rounded" in text) is (exact != net)
    if exact != net:
        said = re.search(_NUMBER + " kWh, rounded", text)
        assert said is not None
        assert number(said[1]) == exact


@settings(max_examples=200, deadline=timedelta(seconds=5))
@given(
    kwh=st.decimals("0.1", 60, places=1), rate=st.decimals("0.01", 500, places=3), amount=st.none() | st.decimals("0.01", 9999, places=2)
)
def test_an_equation_on_paper_is_one(kwh: Decimal, rate: Decimal, amount: Decimal | None) -> None:
    paid: PaidLine = replace(TOPPED_UP, bought_kwh=kwh, rate=rate, amount=kwh * rate if amount is None else amount)
    text = lines_of(replace(SETTLED, paid=paid))
    assert number_after("Paid", text) == paid.amount
    equations = re.findall(_NUMBER + " kWh × " + _NUMBER + " USD = " + _NUMBER + " USD", text)
    assert len(equations) == int(kwh * rate == paid.amount)
    for quantity, price, total in equations:
        assert number(quantity) * number(price) == number(total) == paid.amount
