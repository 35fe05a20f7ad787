"""The autopilot's counts: the touches that a swap may cost, and that the table is put where it belongs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.touches import BEGIN, END, SITUATIONS, Count, count, put, table
from tests.ui.page_counter import World, practice_world

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # read when the application is made
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NAMED = {each.name: each for each in SITUATIONS}


@pytest.fixture(scope="module")
def practised(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with practice_world(tmp_path_factory.mktemp("practice")) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "scanned", "touches"),
    [
        ("returning customer with quota", True, 1),
        ("returning customer with quota", False, 2),
        ("first visit", False, 2),
        ("receipt scanned", False, 3),
        ("cash", False, 4),
    ],
)
def test_a_swap_costs_so_many_touches(practised: World, name: str, *, scanned: bool, touches: int) -> None:
    assert count(practised, NAMED[name], scanned=scanned, advance_seconds=0.2).touches == touches


def test_the_table_is_put_between_its_marks(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    put(table([Count(name="first visit", battery="touched", touches=2, scans=1, seconds=2.94)]), file)
    text = file.read_text(encoding="utf-8")
    assert "| first visit | touched | 2 | 1 | 2.9 |" in text
    assert "old" not in text
    assert text.startswith("before")
    assert text.endswith("after\n")
    file.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="both marks"):
        put("", file)
