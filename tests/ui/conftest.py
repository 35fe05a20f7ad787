"""Windows in tests are never on a screen. The two worlds that pages are tested in, and a window on each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.language import ENGLISH, use_language
from kiosk.shared.translations import PSEUDO, translations_of
from tests.ui import page_counter, window_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when the application is made


@pytest.fixture(scope="session", autouse=True)
def synchronised() -> Iterator[None]:
    """The kiosks of these tests are on a machine that keeps its clock right, whatever this one does: nothing else would be amber."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.bootstrap.health.is_synchronised", lambda: True)
        yield


@pytest.fixture
def pseudo() -> Iterator[None]:
    """The program speaks the pseudo-language: English in brackets, 40 % longer."""
    use_language(translations_of(PSEUDO))
    yield
    use_language(ENGLISH)


@pytest.fixture
def world(tmp_path: Path, qtbot: QtBot) -> Iterator[window_counter.World]:
    """Real services; a platform, a radio and paper that do as told."""
    with window_counter.world_in(tmp_path, qtbot) as made:
        yield made


@pytest.fixture
def window(world: window_counter.World) -> Iterator[window_counter.Window]:
    """The wizard on that world."""
    with window_counter.window_on(world) as shown:
        yield shown


@pytest.fixture(scope="module")
def practised(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[page_counter.World]:
    """A real kiosk in a training environment, one for all tests of a module."""
    with page_counter.practice_world(tmp_path_factory.mktemp("practice")) as made:
        yield made


@pytest.fixture
def counter(practised: page_counter.World, qtbot: QtBot) -> Iterator[page_counter.Counter]:
    """The wizard on that world."""
    made = page_counter.open_counter(practised, qtbot)
    yield made
    made.wizard.stop()
