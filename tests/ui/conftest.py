"""Windows in tests are never on a screen. The two worlds that pages are tested in, and a window on each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.language import ENGLISH, use_language
from kiosk.shared.translations import PSEUDO, translations_of
from tests.ui import counters, desks

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when the application is made


@pytest.fixture
def pseudo() -> Iterator[None]:
    """The program speaks the pseudo-language: English in brackets, 40 % longer."""
    use_language(translations_of(PSEUDO))
    yield
    use_language(ENGLISH)


@pytest.fixture
def world(tmp_path: Path, qtbot: QtBot) -> Iterator[desks.World]:
    """Real services; a platform, a radio and paper that do as told."""
    with desks.world_in(tmp_path, qtbot) as made:
        yield made


@pytest.fixture
def window(world: desks.World) -> Iterator[desks.Window]:
    """The wizard on that world."""
    with desks.window_on(world) as shown:
        yield shown


@pytest.fixture(scope="module")
def practised(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[counters.World]:
    """A real kiosk in a practice world, one for all tests of a module."""
    with counters.practice_world(tmp_path_factory.mktemp("practice")) as made:
        yield made


@pytest.fixture
def counter(practised: counters.World, qtbot: QtBot) -> Iterator[counters.Counter]:
    """The wizard on that world."""
    made = counters.open_counter(practised, qtbot)
    yield made
    made.wizard.stop()
