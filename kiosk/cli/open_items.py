"""`platform unapplied`, `platform unsettled`, `platform batteries`: what waits for a person on the platform.

Without `--settle NUMBER --note TEXT`, which take one off the list with what was done about it, the list is printed.
"""

import argparse
import getpass
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, Actions, Argument, add_command, argument, at_least_one, database_option, json_option, print_message, print_rows
from kiosk.cli.platform_store import existing_store
from kiosk.domain.display import MAX_NOTE, cleaned
from kiosk.domain.language import tr

if TYPE_CHECKING:
    from kiosk.platform.store.open_items import OpenList
    from kiosk.platform.store.repository import PlatformStore


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `platform`."""
    add_command(
        actions,
        "unapplied",
        unapplied,
        tr("payments that count for no swap"),
        *_arguments(tr("paid back")),
        about=tr("Lists payments that count for no swap, newest first, or takes one off the list with what was done about it."),
    )
    add_command(
        actions,
        "unsettled",
        unsettled,
        tr("requests refused, and swaps begun and not completed"),
        *_arguments(tr("resolved at the kiosk")),
        about=tr(
            "Lists requests that were refused and swaps that were begun and not completed, newest first, or takes one off the list with "
            "what was done about it."
        ),
    )
    add_command(
        actions,
        "batteries",
        batteries,
        tr("which pack wears which sticker, and bindings that could not be"),
        argument("--conflicts", action="store_true", help=tr("the bindings that another one stood in the way of")),
        *_arguments(tr("the sticker was replaced")),
        about=tr(
            "Lists the batteries that are bound, by id; with --conflicts the bindings that another one stood in the way of, newest first, "
            "or takes one of these off the list with what was done about it."
        ),
    )


def _arguments(example: str) -> tuple[Argument, ...]:
    """What both commands take; `example` is a note."""
    return (
        database_option(),
        argument("--settle", type=at_least_one, metavar="NUMBER", help=tr("take this one off the list; needs --note")),
        argument("--note", metavar="TEXT", help=tr("what was done, e.g. {example}", example=example)),
        json_option(),
    )


def unapplied(options: argparse.Namespace) -> int:
    """Money that came and counts for no swap."""
    from kiosk.platform.store.open_items import UnappliedPayments

    return _list_or_settle(options, UnappliedPayments)


def unsettled(options: argparse.Namespace) -> int:
    """Requests that were refused, and swaps begun and not completed."""
    from kiosk.platform.store.open_items import UnsettledRequests

    return _list_or_settle(options, UnsettledRequests)


def batteries(options: argparse.Namespace) -> int:
    """The table, or its conflicts. Never a secret."""
    from kiosk.platform.store.battery_register import BatteryRegister
    from kiosk.platform.store.open_items import BindingConflicts
    from kiosk.platform.store.repository import open_existing
    from kiosk.wire.battery_documents import binding_to_document

    if options.conflicts or options.settle is not None or options.note is not None:
        return _list_or_settle(options, BindingConflicts)
    with closing(open_existing(options.database)) as store:
        print_rows([binding_to_document(each) for each in BatteryRegister(store).all_bound()], as_json=options.json)
    return DONE


def _list_or_settle(options: argparse.Namespace, rows_in: "Callable[[PlatformStore], OpenList[Any]]") -> int:
    """The list, newest first, or one taken off it. Exit 1 when there is no such number. Raises BadInput, NotFound, StoreFailed."""
    from kiosk.shared.system import SystemClock

    note = note_of(options)
    with closing(existing_store(options.database)) as store:
        rows = rows_in(store)
        if options.settle is None:
            print_rows([each.as_json() for each in rows.all_open()], as_json=options.json)
        else:
            rows.settle(options.settle, note, SystemClock().now(), getpass.getuser())
            print_message(tr("Settled: {note}", note=note))
    return DONE


def note_of(options: argparse.Namespace) -> str:
    """The note; empty where nothing is settled. Raises BadInput."""
    from kiosk.domain.errors import BadInput

    if (options.settle is None) != (options.note is None):
        raise BadInput("--settle", tr("needs a --note, and a note something to settle"))
    note = cleaned(options.note or "", MAX_NOTE)
    if options.settle is not None and not note:
        raise BadInput("--note", tr("is empty"))
    return note
