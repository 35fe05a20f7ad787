"""The edge of the log: whatever a broker, a platform, a device or a person sent, it makes no second line there and is short.

This holds for each call that logs, of ours and of the libraries, because it is done where lines are made and not where they are asked for.
A text with a character that cannot be printed is written as Python writes it in quotes; no text has more than MAX_CHARACTERS. The lines of
a traceback are set in: what an exception says may look like a line of the log, but does not stand at its beginning.
"""

import copy
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import override

MAX_CHARACTERS = 200
_MAX_LINE, _MAX_TRACEBACK_LINES = 2_000, 200
_SPACES = str.maketrans("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", "  ")  # of our own sentences
type _ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def shown(text: str, most: int = MAX_CHARACTERS) -> str:
    """As it is where it is short and can be printed, else in quotes and cut."""
    short = text[:most].translate(_SPACES)
    mark = f"... ({len(text):,} characters)" if len(text) > most else ""
    return (short if short.isprintable() else repr(short)) + mark


class LogLines(logging.Formatter):
    """One line for each record; a traceback follows, set in."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        safe = copy.copy(record)
        safe.args = _safe_arguments(record.args)
        safe.msg, safe.args, safe.exc_text = shown(safe.getMessage(), _MAX_LINE), None, None
        return super().format(safe)

    @override
    def formatException(self, ei: _ExcInfo) -> str:
        lines = super().formatException(ei).split("\n")
        left_out = [f"... ({len(lines) - _MAX_TRACEBACK_LINES} lines)"] if len(lines) > _MAX_TRACEBACK_LINES else []
        kept = [
            *lines[: _MAX_TRACEBACK_LINES // 2],
            *left_out,
            *lines[max(_MAX_TRACEBACK_LINES // 2, len(lines) - _MAX_TRACEBACK_LINES // 2) :],
        ]
        return "\n".join(f"    {shown(each)}" for each in kept)


def lines_to(handler: logging.Handler, form: str) -> logging.Handler:
    """The handler, with these lines; `form` as for `logging.Formatter`."""
    handler.setFormatter(LogLines(form))
    return handler


class _Shown:
    """An argument of a record."""

    def __init__(self, value: object) -> None:
        self._value = value

    @override
    def __str__(self) -> str:
        return shown(str(self._value))

    @override
    def __repr__(self) -> str:
        return shown(repr(self._value))


class _ShownMapping(dict[str, object]):
    """Arguments by name; as a whole they are one argument."""

    @override
    def __repr__(self) -> str:
        return shown(super().__repr__())


def _safe_arguments(arguments: object) -> tuple[object, ...] | Mapping[str, object] | None:
    if isinstance(arguments, Mapping):
        return _ShownMapping((name, _safe(value)) for name, value in arguments.items())
    return tuple(map(_safe, arguments)) if isinstance(arguments, tuple) else None


def _safe(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else _Shown(value)
