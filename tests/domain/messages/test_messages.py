"""One sentence for every refusal, and every way out named (habit 6)."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import DataUnusable, KioskError, PaymentRefused, PrinterUnavailable, WrongBattery
from kiosk.domain.keyboard import KeyboardState
from kiosk.domain.messages import _MESSAGES, message_for, spell_age
from kiosk.domain.read_obstacle import ReadObstacle

_SAMPLES: dict[str, Any] = {
    "keyboard": KeyboardState(caps_lock=True),
    "fault": AdapterFault.SWITCHED_OFF,
    "reasons": ("too hot, 68 °C",),
    "age": timedelta(hours=26),
    "limit": timedelta(hours=24),
    "kwh": Decimal("3.1"),
    "issued_kwh": Decimal("2.1"),
    "least_kwh": Decimal(20),
    "seconds": 10.0,
    "deficit_kwh": Decimal("15.6"),
    "deficit_swaps": 1,
    "missing": Decimal("2.48"),
    "used_at": None,
    "heard_others": True,
    "pay_first": False,
    "count": 3,
    "obstacle": ReadObstacle.PAIRING,
    "repair": "",
    "until": datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
    "tries_left": 3,
}


def _kinds(kind: type[KioskError] = KioskError) -> Iterator[type[KioskError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)


LEAVES = sorted((kind for kind in _kinds() if "__dataclass_fields__" in vars(kind)), key=lambda kind: kind.__name__)


def sample(kind: type[KioskError]) -> KioskError:
    return kind(**{each.name: _SAMPLES.get(each.name, "sample") for each in fields(kind)})  # type: ignore[arg-type]  # leaves are dataclasses


@pytest.mark.parametrize("kind", LEAVES)
def test_every_refusal_has_a_sentence_of_its_own(kind: type[KioskError]) -> None:
    assert kind in _MESSAGES


@pytest.mark.parametrize("kind", LEAVES)
def test_every_sentence_is_plain(kind: type[KioskError]) -> None:
    message = message_for(sample(kind))
    words = " ".join((message.what, message.why, *message.steps))
    assert message.what
    assert not message.what.endswith(".")
    assert not any(bad in words for bad in ("!", "Error", "None", "Decimal", "please try again later", "Oops"))
    assert all(step.endswith((".", "?")) for step in message.steps)


@pytest.mark.parametrize("kind", LEAVES)
def test_every_sentence_says_what_next(kind: type[KioskError]) -> None:
    assert message_for(sample(kind)).steps


def test_what_repairs_the_disk_or_the_printer_is_the_first_step() -> None:
    for error in (DataUnusable("the disk is full", "Free some space."), PrinterUnavailable("the disk is full", "Free some space.")):
        assert message_for(error).steps[0] == "Free some space."


def test_a_battery_that_was_not_returned_is_asked_for() -> None:
    assert message_for(WrongBattery("BAT-1", "")).what == "The battery BAT-1 must come back first"


@pytest.mark.parametrize(
    ("reason", "said"), [("never paid", "never paid."), ("It was refused. ", "It was refused."), ("Really?", "Really?")]
)
def test_a_reason_of_the_platform_ends_like_a_sentence(reason: str, said: str) -> None:
    assert message_for(PaymentRefused("MP1", reason)).why == f"The platform says: {said}"


@pytest.mark.parametrize(("seconds", "words"), [(-5, "0 s"), (40, "40 s"), (725, "12 min"), (26 * 3600, "26 h"), (5 * 86400, "5 days")])
def test_ages_are_spelled_in_the_largest_telling_unit(seconds: int, words: str) -> None:
    assert spell_age(timedelta(seconds=seconds)) == words
