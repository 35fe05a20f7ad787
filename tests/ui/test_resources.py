"""What is shipped with the program can be found, read and heard."""

import json
import wave

import pytest

import resources
from resources.make_sounds import SOUNDS


def test_a_file_that_is_not_shipped_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no/such\.file"):
        resources.path("no/such.file")


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_and_never_clips(name: str) -> None:
    with wave.open(str(resources.path(f"sounds/{name}.wav"))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        frames = memoryview(sound.readframes(sound.getnframes())).cast("h")
        assert 0.1 < seconds <= 0.4
        assert 10_000 < max(frames) < 32_000


def test_every_fonts_licence_is_shipped_beside_it() -> None:
    assert "SIL OPEN FONT LICENSE" in resources.read_text("fonts/LICENSE-Inter.txt")
    assert "MIT License" in resources.read_text("icons/LICENSE-Phosphor.txt")


def test_every_named_icon_was_cut() -> None:
    points = json.loads(resources.read_text("icons/phosphor-kiosk.json"))
    assert sorted(points) == sorted(resources.read_text("icons/names.txt").split())


def test_what_is_shipped_stays_small() -> None:
    files = [file for folder in ("fonts", "icons", "sounds") for file in resources.path(folder).iterdir()]
    assert sum(file.stat().st_size for file in files) < 3_000_000
