"""One name, one thing: classes, files and bounds of the product (kiosk and ui)."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.docs.markdown import ROOT

PRODUCT = ("kiosk", "ui")
CODE = (*PRODUCT, "resources", "tests", "docs", "packaging")
MAX_LINES = 400
MAX_SAME_NAMES = 2
CONVENTIONAL = {"__init__.py": (), "env.py": ("migrations",), "page.py": ("ui/pages",), "views.py": ("ui/pages",), "text.py": ("ui/pages",)}
"""Names that say what kind of file it is, and where they may stand as often as needed; everywhere for the first."""


def files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def class_places() -> dict[str, list[str]]:
    """Every class with the places where it is defined, classes inside classes and functions too."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in files(*PRODUCT):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{place(path)}:{node.lineno}")
    return found


def is_conventional(path: Path) -> bool:
    where = CONVENTIONAL.get(path.name)
    return where is not None and (not where or any(f"{part}/" in f"{place(path)}" for part in where))


def test_a_class_name_stands_once() -> None:
    assert {name: where for name, where in sorted(class_places().items()) if len(where) > 1} == {}


def test_a_file_name_stands_in_two_places_at_most() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in files(*PRODUCT):
        if not is_conventional(path):
            found[path.name].append(place(path))
    assert {name: where for name, where in sorted(found.items()) if len(where) > MAX_SAME_NAMES} == {}


def test_bounds_are_called_max_and_min() -> None:
    former = re.compile(r"\b_?(?:MOST|LEAST)_[A-Z_]+\b")
    found = {place(path): sorted(set(former.findall(path.read_text(encoding="utf-8")))) for path in files(*CODE) if path != Path(__file__)}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_formatter_decides_alone() -> None:
    left_out = re.compile(r"#\s*fmt:\s*(?:skip|off)")
    found = [place(path) for path in files(*CODE) if path != Path(__file__) and left_out.search(path.read_text(encoding="utf-8"))]
    assert found == [], "decision 81: change the code, or the formatter's settings"


def test_a_file_has_400_lines_at_most() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*CODE)}
    assert {path: count for path, count in lengths.items() if count > MAX_LINES} == {}


def test_no_file_is_looked_for_in_an_empty_folder() -> None:
    assert [folder for folder in CODE if not any(files(folder))] == []
