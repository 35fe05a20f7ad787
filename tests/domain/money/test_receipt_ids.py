"""What cannot be a receipt id."""

from dataclasses import replace
from time import monotonic

import pytest

from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.money.payments import MAX_PATTERN_LENGTH, check_form, check_shown, pattern_fault
from tests.builders import plan_of

MPESA = {"MOBILE_MONEY": "^[A-Z0-9]{10}$"}
OTHER_CODES = [
    "https://example.org/r?id=1",
    "www.example.org",
    "mailto:a@b.c",
    '{"plan_id": "P-1"}',
    '["P-1"]',
    "{",
    "QR_CUSTOMER_P-1",
    "qr_customer_p-1",
    "BEGIN:VCARD",
    "BEGIN:VCARD\nN:A",
    "TXN-01JABCDEFGHJKMNPQRSTVWXYZ0",
    "txn-01jabcdefghjkmnpqrstvwxyz0",
    "BAT-20001",
    "OVES 12345",
    "QGH7 X2K9LM",
    "QGH7\tX2K9LM",
]


@pytest.mark.parametrize("code", OTHER_CODES)
def test_a_code_of_another_kind_is_no_receipt(code: str) -> None:
    with pytest.raises(PaymentInvalid, match=r"receipt"):
        check_form(code)


@pytest.mark.parametrize("code", ["QGH7X2K9LM", "mp4471", "RECEIPT_12345", "4471", "TXN-5", "INV/2026/001", "A.1-B", "BATCH-7", " 4471 "])
def test_what_may_be_a_receipt_is_taken(code: str) -> None:
    check_form(code)
    check_shown(code, "CASH", plan_of(), ())


@pytest.mark.parametrize("method", ["MOBILE_MONEY", "mobile_money", " MOBILE_MONEY "])
def test_a_pattern_counts_for_its_method(method: str) -> None:
    check_shown("qgh7x2k9lm", method, plan_of(), (MPESA,))
    with pytest.raises(PaymentInvalid, match="does not look like QGH7"):
        check_shown("QGH7", method, plan_of(), (MPESA,))
    check_shown("QGH7", "CASH", plan_of(), (MPESA,))


def test_a_second_pattern_can_only_be_stricter() -> None:
    check_shown("Q123456789", "MOBILE_MONEY", plan_of(), (MPESA, {"MOBILE_MONEY": "Q.*"}))
    for wrong in ("X123456789", "Q1"):
        with pytest.raises(PaymentInvalid):
            check_shown(wrong, "MOBILE_MONEY", plan_of(), (MPESA, {"MOBILE_MONEY": "Q.*"}))


def test_the_plans_own_codes_are_no_receipts() -> None:
    plan = replace(plan_of(), id="plan-usd-0003", customer_id="cust-77")
    for code in ("PLAN-USD-0003", "cust-77", plan.current_asset or "", "PACK9", "TXN-OWN"):
        with pytest.raises(PaymentInvalid, match="not a receipt"):
            check_shown(code, "CASH", plan, (), ("pack9", "TXN-own", None))


@pytest.mark.parametrize("pattern", ["^[A-Z0-9]{10}$", "MP[0-9]{4,8}", r"\d{6}", "[A-Z]+-[0-9]+", r"INV/\d{4}/\d+", "Q.*", "A{2}B?"])
def test_a_pattern_of_characters_classes_and_counts_can_be_used(pattern: str) -> None:
    assert pattern_fault(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "(a+)+$",
        "(",
        "[A-",
        "[Z-A]",
        "a**",
        "a{9,3}",
        ".*.*.*",
        "a|b",
        "(?i)a",
        r"(.)\1",
        "a" * (MAX_PATTERN_LENGTH + 1),
        "x{1,9}y{1,9}z{1,9}",
    ],
)
def test_a_pattern_that_is_wrong_or_could_take_long_is_told(pattern: str) -> None:
    assert "pattern" in pattern_fault(pattern)


def test_the_slowest_pattern_is_quick() -> None:
    pattern, began = ".*.*" + "X" * 20, monotonic()
    assert pattern_fault(pattern) == ""
    with pytest.raises(PaymentInvalid):
        check_shown("X" * 19 + "Y" * 45, "CASH", plan_of(), ({"CASH": pattern},))
    assert monotonic() - began < 1
