"""Customer codes (contract) and topics."""

import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import BadCustomerCode, BadInput
from kiosk.wire.actions import Topics, filter_for_all, plan_id_of, topic_for
from kiosk.wire.customer_codes import parse_customer_code

CODES = {
    "bss-plan-1": "bss-plan-1",
    " bss-plan-1\r\n": "bss-plan-1",
    "QR_CUSTOMER_bss-plan-1": "bss-plan-1",
    "12345": "12345",
    "true": "true",
    '{"plan_id": "a", "subscription_code": "b"}': "a",
    '{"plan_id": "", "subscription_code": "b"}': "b",
    '{"plan_id": null, "subscriptionCode": "c"}': "c",
    '{"plan_id": " ", "subscription": {"code": "d"}}': "d",
    '{"plan_id": 77}': "77",
    '{"plan_id": "QR_CUSTOMER_e"}': "e",
    '{"plan_id": "f"': '{"plan_id": "f"',
    "\ufeffg": "g",
    "]Q1PLAN-1": "PLAN-1",
    "]C1PLAN-1": "PLAN-1",
    '"PLAN-1"': "PLAN-1",
    "'PLAN-1'": "PLAN-1",
    "\u201cPLAN-1\u201d": "PLAN-1",
    '"\\"PLAN-1\\""': "PLAN-1",
    ']Q1{"plan_id": "a"}': "a",
    '[{"plan_id": "a"}]': "a",
    '[{"name": "x"}, {"subscription_code": "b"}]': "b",
    "https://swap.example.org/plan?id=PLAN-1": "PLAN-1",
    "https://swap.example.org/plan?id=OTHER&plan_id=PLAN-1": "PLAN-1",
    "HTTPS://SWAP.EXAMPLE.ORG/c/PLAN-1/": "PLAN-1",
    "www.example.org/QR_CUSTOMER_PLAN-1": "PLAN-1",
    '{"plan_id": "https://swap.example.org/c/PLAN-1"}': "PLAN-1",
}


@pytest.mark.parametrize(("text", "plan_id"), CODES.items())
def test_a_code_is_a_plan_id_or_json_that_names_one(text: str, plan_id: str) -> None:
    assert parse_customer_code(text).plan_id == plan_id


BAD_CODES = {
    "": "it is empty",
    " \r\n": "it is empty",
    "QR_CUSTOMER_": "it is empty",
    "x" * 513: "it is longer than 512 characters",
    "x" * 129: "it is longer than 128 characters",
    "\x01\x02": "cannot be read",
    "a\x00b": "cannot be read",
    "\ufffd\ufffd": "cannot be read",
    "a/b": "holds '/'",
    "a+b": "holds '+'",
    "a#": "holds '#'",
    "{}": "it holds no plan id",
    "[1]": "it holds no plan id",
    '{"customer": "x"}': "it holds no plan id",
    '{"plan_id": ["x"], "subscription": "y"}': "it holds no plan id",
    '{"plan_id": true}': "it holds no plan id",
    '{"plan_id": "a/b"}': "holds '/'",
    "[" * 500: "is longer than 128 characters",
    "https://swap.example.org": "a web address and holds no plan id",
    "https://swap.example.org/?name=x": "a web address and holds no plan id",
    "https://[": "a web address and holds no plan id",
    "BEGIN:VCARD\nFN:Amina W.\nUID:PLAN-1\nEND:VCARD": "it is a contact card",
    "MECARD:N:Amina;;": "it is a contact card",
    "SKR1|TXN-1|ST-1|2026-01-31T08:15:00Z|25.6|0|USD|0123|AAAA": "it is the code of a receipt",
    "WIFI:S:Station;T:WPA;P:secret;;": "it is the password of a network",
}


@pytest.mark.parametrize(("text", "reason"), BAD_CODES.items())
def test_a_code_that_is_none_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(BadCustomerCode, match=re.escape(reason)):
        parse_customer_code(text)


PATTERN = "https://swap.example.org/c/{code}/view"


@pytest.mark.parametrize("url", ["https://swap.example.org/c/PLAN-1/view", "https://swap.example.org/c/PLAN-1/view?id=OTHER"])
def test_a_pattern_says_where_the_code_stands_in_a_web_address(url: str) -> None:
    assert parse_customer_code(url, url_pattern=PATTERN).plan_id == "PLAN-1"


def test_a_web_address_of_another_pattern_is_refused() -> None:
    with pytest.raises(BadCustomerCode, match="web address and holds no plan id"):
        parse_customer_code("https://other.example.org/c/PLAN-1", url_pattern=PATTERN)


@given(st.text(max_size=600))
def test_any_text_is_a_plan_id_of_one_topic_level_or_refused(text: str) -> None:
    try:
        code = parse_customer_code(text, typed=True)
    except BadCustomerCode:
        return
    assert plan_id_of(Topics().complete_service, topic_for(Topics().complete_service, code.plan_id)) == code.plan_id


def test_every_topic_gives_its_plan_id_back_and_no_other_does() -> None:
    patterns = [getattr(Topics(), each.name) for each in fields(Topics)]
    for pattern in patterns:
        topic = topic_for(pattern, "plan-1")
        assert [plan_id_of(each, topic) for each in patterns if plan_id_of(each, topic)] == ["plan-1"]
        assert filter_for_all(pattern) == pattern.replace("{plan_id}", "+")


@pytest.mark.parametrize("plan_id", ["", "a/b", "+", "#", "a\0"])
def test_an_id_that_would_reach_other_topics_gets_into_none(plan_id: str) -> None:
    with pytest.raises(BadInput):
        topic_for(Topics().complete_service, plan_id)


@pytest.mark.parametrize("topic", ["", "call", "call/uxi/attendant/plan//complete_service", "call/uxi/attendant/plan/a/b/complete_service"])
def test_a_topic_of_another_shape_has_no_plan_id(topic: str) -> None:
    assert plan_id_of(Topics().complete_service, topic) is None


@pytest.mark.parametrize(
    "pattern", ["plan/x", "plan/{plan_id}/{plan_id}", "plan/a{plan_id}/x", "plan/+/{plan_id}", "{plan_id}/#", "$a/{plan_id}"]
)
def test_a_configured_pattern_that_could_reach_other_plans_is_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match=r"topics\.complete_service"):
        Topics(complete_service=pattern)
