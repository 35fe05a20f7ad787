"""Every line of a log is made by `LogLines`, so that nothing from outside forges one: no handler is without it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / "kiosk" / "shared" / "log_lines.py"


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Each call with the name of what is called, without the module before it."""
    for package in ("kiosk", "ui"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield file, node, ast.unparse(node.func).removeprefix("logging.").removeprefix("handlers.")


def test_nobody_else_makes_a_formatter_or_sets_a_format() -> None:
    for file, call, name in calls():
        is_ours = file == HOME or ".setFormatter" not in f".{name}"
        sets_a_form = name == "basicConfig" and {"format", "stream", "filename"} & {each.arg for each in call.keywords}
        assert is_ours, file
        assert not sets_a_form, file
        assert name not in {"dictConfig", "config.dictConfig", "config.fileConfig"}, file


def test_every_handler_is_made_with_these_lines() -> None:
    handlers = {"StreamHandler", "FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler", "SysLogHandler"}
    made = Counter(file for file, _, name in calls() if name in handlers)
    with_lines = Counter(file for file, _, name in calls() if name == "lines_to")
    assert len(made) >= 3
    assert made == with_lines
