"""Lists of what waits for a person on the platform: `--settle NUMBER --note TEXT` takes one off, without them the list is printed."""

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, add_database_option, add_json_option, at_least_one, print_json, print_message
from kiosk.domain.language import tr

if TYPE_CHECKING:
    from kiosk.platform.store.open_items import OpenItem, OpenList
    from kiosk.platform.store.repository import PlatformStore


def add_arguments(parser: argparse.ArgumentParser, example: str) -> None:
    """What every such command takes; `example` is a note."""
    add_database_option(parser)
    parser.add_argument("--settle", type=at_least_one, metavar="NUMBER", help=tr("take this one off the list; needs --note"))
    parser.add_argument("--note", metavar="TEXT", help=tr("what was done, e.g. {example}", example=example))
    add_json_option(parser)


def list_or_settle(options: argparse.Namespace, rows_in: "Callable[[PlatformStore], OpenList[Any]]") -> int:
    """The list, newest first, or one taken off it. Exit 1 when there is no such number. Raises BadInput, NotFound, StoreFailed."""
    from kiosk.platform.store.repository import open_existing
    from kiosk.shared.system import SystemClock

    note = _note(options)
    store = open_existing(options.database)
    try:
        rows = rows_in(store)
        if options.settle is None:
            _print(rows.all_open(), as_json=options.json)
        else:
            rows.settle(options.settle, note, SystemClock().now())
            print_message(tr("Settled: {note}", note=note))
    finally:
        store.close()
    return DONE


def _note(options: argparse.Namespace) -> str:
    """Empty where nothing is settled. Raises BadInput."""
    from kiosk.domain.errors import BadInput

    if (options.settle is None) != (options.note is None):
        raise BadInput("--settle", tr("needs a --note, and a note something to settle"))
    note = (options.note or "").strip()
    if options.settle is not None and not note:
        raise BadInput("--note", tr("is empty"))
    return note


def _print(rows: "Iterable[OpenItem]", *, as_json: bool) -> None:
    """One document, or a line each with the facts that there are."""
    if as_json:
        print_json([each.as_json() for each in rows])
        return
    for each in rows:
        print("  ".join(str(value) for value in each.as_json().values() if value not in {None, ""}))
