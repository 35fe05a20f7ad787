"""`platform unapplied`: money that came and counts for no swap; listed, or settled with what was done about it."""

import argparse

from kiosk.cli import Actions
from kiosk.cli.open_items import add_arguments, list_or_settle
from kiosk.domain.language import tr


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser(
        "unapplied",
        help=tr("payments that count for no swap"),
        description=tr("Lists payments that count for no swap, newest first, or takes one off the list with what was done about it."),
    )
    add_arguments(parser, example=tr("paid back"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit 1 when there is no such number."""
    from kiosk.platform.store.open_items import UnappliedPayments

    return list_or_settle(options, UnappliedPayments)
