"""A pseudonym in place of a customer, wherever the customer stands."""

import json
from dataclasses import replace

import pytest

from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.pseudonyms import is_pseudonym, pseudonym_of

AMINA = pseudonym_of("CUST-001", ["Amina Wanjiku", None, " "], "7f3a")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CUST-001", "erased-7f3a"),
        ("plan-CUST-001-weekly", "plan-erased-7f3a-weekly"),
        ("call/uxi/plan/CUST-001/complete", "call/uxi/plan/erased-7f3a/complete"),
        ("CUST-0012 and XCUST-001", "CUST-0012 and XCUST-001"),  # other customers
        ("Amina Wanjiku changed her mind", " changed her mind"),
        ("AMINA WANJIKU, cust-001", ", cust-001"),
        ("", ""),
        ('{"customer_id": 1.50, broken', '{"customer_id": 1.50, broken'),
        ('{"a": "CUST-001", broken', '{"a": "erased-7f3a", broken'),
    ],
)
def test_id_and_name_give_way_in_text(before: str, after: str) -> None:
    assert AMINA.in_value(before) == after
    assert AMINA.in_value(before.encode()) == after.encode()


def test_documents_keep_their_numbers_exactly() -> None:
    before = b'{"customer_id":"CUST-001","customer_name":"Amina Wanjiku","used":[344.50,100000000000000000.1],"actor":{"id":"CUST-001"}}'
    after = loads(AMINA.in_value(before))
    assert after["customer_id"] == after["actor"]["id"] == "erased-7f3a"
    assert after["customer_name"] == ""
    assert dumps(after["used"]) == dumps(loads(before)["used"])


@pytest.mark.parametrize("value", ['{"a":  1.50}', "[1, 2]", "nothing", '{"customer_id":"CUST-002"}', b"\xff\xfe"])
def test_what_does_not_hold_the_customer_stays_byte_for_byte(value: str | bytes) -> None:
    assert AMINA.in_value(value) == value


def test_a_name_in_escaped_letters_gives_way_too() -> None:
    zoe = pseudonym_of("CUST-9001", ["Zoë Müller"], "1")
    document = json.dumps({"customer_name": "Zoë Müller"})
    assert "\\u" in document
    assert loads(zoe.in_value(document)) == {"customer_name": ""}


def test_a_short_id_gives_way_only_where_it_is_a_customer() -> None:
    short = pseudonym_of("7", [], "1")
    assert short.in_document({"customer_id": "7", "quota": 7, "note": "7 swaps", "version": "7"}) == {
        "customer_id": "erased-1",
        "quota": 7,
        "note": "7 swaps",
        "version": "7",
    }


def test_signs_in_an_id_mean_themselves() -> None:
    assert pseudonym_of("C.ST(1", ["A.B"], "1").in_words("CUST(1 C.ST(1 AxB") == "CUST(1 erased-1 AxB"


def test_an_id_that_is_kept_stays_though_it_holds_the_customers() -> None:
    keeping = replace(AMINA, kept=frozenset({"plan-CUST-001", "CUST-001-b", "CUST-001"}))
    text = "plan-CUST-001 of CUST-001 in CUST-001-b"
    assert keeping.in_words(text) == text
    assert keeping.in_document({"customer_id": "CUST-001", "plan_id": "CUST-001"}) == {"customer_id": "erased-7f3a", "plan_id": "CUST-001"}
    assert replace(AMINA, kept=frozenset({"plan-CUST-001"})).in_words(text) == "plan-CUST-001 of erased-7f3a in erased-7f3a-b"


def test_a_pseudonym_is_known_as_one() -> None:
    assert is_pseudonym(AMINA.instead)
    assert not is_pseudonym("CUST-001")
