"""PINs as they are kept: nothing without the pepper, nothing for another person, no more work than allowed."""

import stat
import time
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.shared.pins import USUAL_COST, Cost, Pepper, Seal, StretchedPin, Verifier, pepper_in, stretched

CHEAP = Cost(memory=8, passes=1, lanes=1)


def test_the_pin_is_the_one_that_was_made_and_no_other() -> None:
    pepper = Pepper(b"p" * 32)
    kept = Verifier.read(pepper.verifier(StretchedPin.read(stretched("4071", cost=CHEAP).text)).text)
    assert pepper.is_pin("4071", kept)
    assert not pepper.is_pin("4072", kept)
    assert not pepper.is_pin("", kept)


def test_a_verifier_is_worth_nothing_with_another_pepper() -> None:
    kept, other = Pepper(b"p" * 32).verifier(stretched("4071", cost=CHEAP)), Pepper(b"q" * 32)
    assert kept.pepper_id != other.id
    assert not other.is_pin("4071", kept)


def test_two_of_one_pin_have_nothing_in_common() -> None:
    first, second = (stretched("4071", cost=CHEAP) for _ in range(2))
    assert first.salt != second.salt
    assert first.key != second.key


def test_what_the_platform_keeps_opens_with_its_pepper_and_for_its_person_alone() -> None:
    pin, seal = stretched("4071", cost=CHEAP), Seal(b"s" * 32)
    sealed = seal.sealed(pin, "ATT-2")
    assert pin.key.hex() not in sealed
    assert seal.opened(sealed, "ATT-2") == pin
    assert seal.opened(sealed, "ATT-3") is None
    assert Seal(b"t" * 32).opened(sealed, "ATT-2") is None
    assert seal.opened("", "ATT-2") is None
    assert seal.opened("bm90IGVub3VnaA==", "ATT-2") is None


@pytest.mark.parametrize(
    "figures", ["4000000,1,1", "65536,99,1", "65536,1,64", "0,1,1", "1,1,1", "65536,1", "a,b,c", "-1,1,1", "", "65536,1,1,1"]
)
def test_no_list_makes_a_station_work_for_more_than_the_most(figures: str) -> None:
    _, _, rest = stretched("4071", cost=CHEAP).text.partition("$")
    with pytest.raises(BadInput):
        StretchedPin.read(f"{figures}${rest}")


@pytest.mark.parametrize("text", ["", "$", "8,1,1$$", "8,1,1$AAAA$AAAA", "8,1,1$not base64$x"])
def test_what_is_no_verifier_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        StretchedPin.read(text)
    assert "AAAA" not in str(caught.value)


def test_a_check_costs_a_thief_what_was_chosen() -> None:
    """The least of five, so that a busy machine fails nothing; the most is the machine's."""

    def once() -> float:
        began = time.process_time()
        stretched("4071")
        return time.process_time() - began

    assert USUAL_COST.memory == 65_536
    assert min(once() for _ in range(5)) > 0.015


def test_a_pepper_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "people-pepper"
    made = pepper_in(path)
    assert len(made) == 32
    assert pepper_in(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_pepper_that_others_may_read_is_closed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "people-pepper"
    made = pepper_in(path)
    path.chmod(0o644)
    assert pepper_in(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 44, b"\xff" * 44])
def test_a_damaged_pepper_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people-pepper"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadInput) as caught:
        pepper_in(path)
    assert "backup" in caught.value.reason
    assert path.read_bytes() == content
