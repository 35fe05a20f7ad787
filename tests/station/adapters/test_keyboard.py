"""Caps Lock and the keyboard's language, read from the files and the program that tell them."""

from pathlib import Path

import pytest

from kiosk.domain.keyboard import FITS, KeyboardState
from kiosk.station.adapters.keyboard import keyboard_state


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)


def machine(root: Path, *, light: str = "0", layout: str = 'XKBLAYOUT="us"') -> Path:
    for place, text in (("sys/class/leds/input3::capslock/brightness", light), ("etc/default/keyboard", layout)):
        (root / place).parent.mkdir(parents=True)
        (root / place).write_text(f"{text}\n", encoding="utf-8")
    return root


async def test_a_keyboard_that_fits_a_scanner_has_nothing_to_say(tmp_path: Path) -> None:
    assert await keyboard_state(machine(tmp_path)) == FITS


async def test_caps_lock_is_seen_by_its_light(tmp_path: Path) -> None:
    assert await keyboard_state(machine(tmp_path, light="1")) == KeyboardState(caps_lock=True)


@pytest.mark.parametrize(("layout", "named"), [("fr,us", "fr"), ("de", "de"), ("gb", "gb"), ("ke", "other")])
async def test_the_first_language_of_the_keyboard_counts(tmp_path: Path, layout: str, named: str) -> None:
    assert await keyboard_state(machine(tmp_path, layout=f'XKBLAYOUT="{layout}"')) == KeyboardState(layout=named)


async def test_a_machine_that_tells_nothing_has_nothing_to_say(tmp_path: Path) -> None:
    assert await keyboard_state(tmp_path) == FITS


async def test_the_screens_own_keyboard_counts_more_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "setxkbmap"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nprintf 'rules: evdev\\nlayout:     fr,us\\n'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":77")
    assert await keyboard_state(machine(tmp_path)) == KeyboardState(layout="fr")
