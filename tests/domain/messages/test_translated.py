"""Every sentence for people goes through the catalogue: in the pseudo-language nothing stays outside of brackets but data."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import FitnessLimits, check_fit, check_issuable, check_reading
from kiosk.domain.battery.plausibility import DoubtKind
from kiosk.domain.errors import BadInput, KioskError, PaymentInvalid, PaymentUsed
from kiosk.domain.language import in_language
from kiosk.domain.messages import Remedy, doubt_message, message_for, step_refused
from kiosk.domain.money.amounts import parse_amount
from kiosk.domain.money.money import check_decimals, check_receipt
from kiosk.domain.money.payments import check_form, pattern_fault
from kiosk.domain.requests import OLDER_STEPS
from kiosk.domain.templates.refinement import differences
from kiosk.domain.times import spell_age, spell_day
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.wire.actions import check_pattern
from kiosk.wire.customer_codes import parse_customer_code
from kiosk.wire.exact_json import loads
from tests.builders import plan_of, reading
from tests.domain.messages.test_doubts import NAIROBI, doubt
from tests.domain.messages.test_messages import LEAVES, sample


@pytest.fixture(autouse=True)
def pseudo() -> Iterator[None]:
    """Every test reads the pseudo-language."""
    with in_language(translations_of(PSEUDO)):
        yield


def is_translated(text: str) -> bool:
    """Whether no word stands outside of brackets."""
    while (inner := re.sub(r"\[[^\[\]]*\]", "", text)) != text:
        text = inner
    return not re.search(r"[a-z]{2,}", text.lower())


def test_a_text_without_a_catalogue_is_found() -> None:
    assert not is_translated("Scan again")
    assert not is_translated("[Scan again ~~~~] or not")


@pytest.mark.parametrize("kind", LEAVES)
def test_every_message_is_translated(kind: type[KioskError]) -> None:
    message = message_for(sample(kind))
    for text in (message.what, *([message.why] if message.why else []), *message.steps):
        assert is_translated(text), text


def test_the_day_of_a_receipt_is_translated() -> None:
    for here in (True, False):
        why = message_for(PaymentUsed("CASH", "R1", datetime(2026, 5, 3, 9, tzinfo=UTC), here=here)).why
        assert "[3 May" in why
        assert is_translated(why)


@pytest.mark.parametrize("remedy", Remedy)
def test_every_button_is_translated(remedy: Remedy) -> None:
    assert is_translated(remedy.words)


@pytest.mark.parametrize("kind", DoubtKind)
@pytest.mark.parametrize("paid", [True, False])
def test_every_doubt_is_translated(kind: DoubtKind, *, paid: bool) -> None:
    message = doubt_message([doubt(kind), doubt(kind, battery_id="BAT-2", minutes=3000, station="")], NAIROBI, paid=paid)
    assert message is not None
    assert all(is_translated(text) for text in (*message.lines, message.advice))


@pytest.mark.parametrize("seconds", [1, 120, 7200, 10**6])
def test_ages_are_translated(seconds: int) -> None:
    assert is_translated(spell_age(timedelta(seconds=seconds)))


@pytest.mark.parametrize("month", range(1, 13))
def test_days_are_translated(month: int) -> None:
    assert is_translated(spell_day(date(2026, month, 1)))


@pytest.mark.parametrize("action", OLDER_STEPS)
def test_a_refused_step_is_translated(action: str) -> None:
    assert is_translated(step_refused(action, "7"))


REFUSED: list[Callable[[], object]] = [
    lambda: check_reading(reading("", "1"), FitnessLimits()),
    lambda: check_reading(reading("BAT-1", "-1"), FitnessLimits()),
    lambda: check_fit(reading("BAT-1", "1", voltage=Decimal(1), temperature_celsius=Decimal(99)), FitnessLimits()),
    lambda: check_issuable(reading("BAT-1", "1", output_on=False, cell_spread_volts=Decimal(1)), FitnessLimits()),
    lambda: check_receipt(Decimal(0), "1"),
    lambda: check_receipt(Decimal(1), ""),
    lambda: check_decimals(Decimal("1.5"), "XOF"),
    lambda: check_form("QR_CUSTOMER_1"),
    lambda: check_form("1 2"),
    lambda: parse_amount("", places=0, currency="KES"),
    lambda: parse_amount("1.5", places=0, currency=""),
    lambda: parse_amount("1.555", places=2, currency="USD"),
    lambda: parse_amount("1.5555", places=1, currency="USD"),
    lambda: parse_customer_code("[]"),
    lambda: parse_customer_code(""),
    lambda: loads(b"{"),
    lambda: loads(b'{"1":1,"1":2}'),
    lambda: check_pattern("1", "2"),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_reasons_are_translated(refused: Callable[[], object]) -> None:
    with pytest.raises(KioskError) as found:
        refused()
    reason = getattr(found.value, "reason", "") or "; ".join(getattr(found.value, "reasons", ()))
    assert reason.startswith("[")
    assert not isinstance(found.value, BadInput | PaymentInvalid) or reason.endswith("]")


@pytest.mark.parametrize("pattern", ["(", "^1+2+3+$"])
def test_the_fault_of_a_pattern_is_translated(pattern: str) -> None:
    assert pattern_fault(pattern).startswith("[")


def test_what_differs_between_two_templates_is_translated() -> None:
    old = plan_of().template
    new = replace(
        old, name="", service_configurations=(), billing_currency="XOF", agent_config=replace(old.agent_config, available_actions=None)
    )
    found = differences(old, new)
    assert found
    assert all(each.what.startswith("[") and each.what.endswith("]") for each in found)
