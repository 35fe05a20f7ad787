"""JSON with exact numbers (decision 1)."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import BadInput
from kiosk.wire.exact_json import MAX_DEPTH, dumps, loads

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back_exactly(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(VALUES)
def test_what_is_written_is_json_as_others_read_it(value: Any) -> None:
    assert json.loads(dumps(value), parse_float=Decimal) == value


@pytest.mark.parametrize("text", ["344.5", "0.80", "15.00", "0.1", "-2.25", "1234567890.123456789"])
def test_a_number_keeps_every_digit_and_is_no_text(text: str) -> None:
    assert dumps({"n": Decimal(text)}) == f'{{"n":{text}}}'.encode()
    assert loads(f'{{"n": {text}}}')["n"] == Decimal(text)


def test_a_number_with_an_exponent_is_the_same_number_to_others() -> None:
    numbers = [Decimal("1E+3"), Decimal("1E-7"), Decimal("0E-10")]
    assert json.loads(dumps(numbers)) == [1000, 1e-7, 0]


REFUSED = {
    b"": "is not JSON",
    b"{": "is not JSON",
    b"\xff\xfe": "is not UTF-8",
    b'{"a": NaN}': "NaN is not a number",
    b"[Infinity]": "Infinity is not a number",
    b"[-Infinity]": "-Infinity is not a number",
    b'{"a": 1, "a": 2}': "'a' stands twice",
    b"[1e400]": "out of range",
    b"[1e-400]": "out of range",
    b"[1e999999999999]": "out of range",
    b"[" + b"1" * 5000 + b"]": "too many digits",
    b"[0." + b"1" * 5000 + b"]": "too many digits",
    b"[" * 100_000: "nested too deeply",
    b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1): "nested too deeply",
    b'{"\\ud800": 1}': "a key holds half a character",
    b'"' + b"x" * 1_000_001 + b'"': "longer than",
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.items(), ids=[str(each[:12]) for each in REFUSED])
def test_what_is_no_exact_json_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        loads(data)
    assert reason in caught.value.reason


def test_half_a_character_is_marked_as_none_and_refuses_nothing() -> None:
    assert loads(b'{"a": ["\\ud83d x \\udc00", {"b": "\\ud83d"}, 1]}') == {"a": ["\ufffd x \ufffd", {"b": "\ufffd"}, 1]}


def test_a_whole_character_written_as_two_halves_is_read() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("-inf")])
def test_a_number_that_is_none_is_never_written(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"n": value})


def test_what_json_has_no_form_for_is_never_written() -> None:
    with pytest.raises(TypeError):
        dumps({"n": object()})
