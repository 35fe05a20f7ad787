"""What a keyboard does to a scanner that types: told apart by the two readings of its keys."""

import pytest

from kiosk.domain.keyboard import FITS, KeyboardState, likelier

CODE = "PLAN-NAIROBI-0001"
TYPED = {
    "plan-nairobi-0001": (KeyboardState(caps_lock=True), "Caps Lock is on."),
    "PLQN)NQIROBI)ààà&": (KeyboardState(layout="fr"), "The keyboard is set to French."),
    "PLANßNAIROBIß0001": (KeyboardState(layout="de"), "The keyboard is set to German."),
    "PLAN=NAIROBI=0001": (KeyboardState(layout="other"), "The keyboard is set to another language than the scanner."),
    CODE: (FITS, ""),
}


@pytest.mark.parametrize(("typed", "told"), TYPED.items())
def test_caps_lock_and_keyboards_are_told_apart(typed: str, told: tuple[KeyboardState, str]) -> None:
    state = KeyboardState.between(typed, CODE)
    assert (state, state.sentence) == told


def test_a_british_keyboard_is_told_by_its_quotes() -> None:
    assert KeyboardState.between("{@plan_id@: @A@}", '{"plan_id": "A"}').layout == "gb"


READINGS = {
    ("plan-1", ""): "plan-1",
    ("plan-1", "PLAN-1"): "plan-1",  # either may be a plan: both are looked up
    ("PLQN)ààà&", "PLAN-0001"): "PLAN-0001",
    ("{@plan_id@: @A@}", '{"plan_id": "A"}'): '{"plan_id": "A"}',
    ('{"name": "José"}', '{"name": "Jos2"}'): '{"name": "José"}',
}


@pytest.mark.parametrize(("readings", "code"), READINGS.items())
def test_the_reading_that_can_be_a_code_is_the_likelier(readings: tuple[str, str], code: str) -> None:
    assert likelier(*readings)[0] == code
