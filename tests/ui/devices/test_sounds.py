"""Sounds never stand in the way: no device, no library, no screen, and the counter goes on in silence."""

import pytest
from pytestqt.qtbot import QtBot

from ui.devices import sounds
from ui.devices.sounds import Sounds


def test_a_window_that_nobody_sees_is_silent_and_harmless(qapp: object) -> None:
    speaker = Sounds()
    speaker.accepted()
    speaker.refused()
    assert speaker.available is False
    assert speaker.played == ["accepted", "refused"]


def test_attention_sounds_three_times_at_most(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "REPEAT_MILLISECONDS", 1)
    speaker = Sounds()
    speaker.attention()
    qtbot.waitUntil(lambda: not speaker.is_asking())
    assert speaker.played == ["attention"] * 3


def test_any_other_sound_ends_the_call_for_attention(qapp: object) -> None:
    speaker = Sounds()
    speaker.attention()
    speaker.accepted()
    assert not speaker.is_asking()
