"""What keeps a battery from being read: every obstacle has its words, and none of them blames the battery."""

import pytest

from kiosk.domain.errors import BatteryUnreadable, ReadingPrevented
from kiosk.domain.messages import message_for
from kiosk.domain.messages.message import Remedy
from kiosk.domain.read_obstacle import ReadObstacle


@pytest.mark.parametrize("obstacle", list(ReadObstacle))
def test_every_obstacle_has_a_phrase_a_sentence_and_steps(obstacle: ReadObstacle) -> None:
    message = message_for(ReadingPrevented.by(obstacle, "BAT-12345"))
    assert not obstacle.phrase.endswith(".")
    assert message.what
    assert not message.what.endswith(".")
    assert message.why.endswith(".")
    assert all(step.endswith((".", "?")) for step in message.steps)
    assert message.steps


@pytest.mark.parametrize("obstacle", list(ReadObstacle))
def test_no_obstacle_ends_in_putting_the_battery_aside(obstacle: ReadObstacle) -> None:
    message = message_for(ReadingPrevented.by(obstacle, "BAT-12345"))
    words = " ".join((message.what, message.why, *message.steps))
    assert "aside" not in words
    assert "faulty" not in words
    assert Remedy.RECORD_INSPECTION not in message.remedies


def test_a_battery_without_a_known_id_is_spoken_of_as_the_battery() -> None:
    assert message_for(ReadingPrevented.by(ReadObstacle.LOCKED, "")).what == "The battery asks for a password"


def test_the_sentence_for_old_firmware_is_the_one_that_was_agreed() -> None:
    assert message_for(ReadingPrevented.by(ReadObstacle.OLD_FIRMWARE, "B1")).what == "The firmware of this battery is too old to be read"


def test_numbers_that_contradict_each_other_still_put_it_aside() -> None:
    message = message_for(BatteryUnreadable("BAT-12345", "a charge of 101 % cannot be"))
    assert any("aside" in step for step in message.steps)
