"""`platform unsettled`: requests that were refused, and swaps begun and not completed; listed, or settled with what was done about it."""

import argparse

from kiosk.cli import Actions
from kiosk.cli.open_items import add_arguments, list_or_settle
from kiosk.domain.language import tr


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser(
        "unsettled",
        help=tr("requests refused, and swaps begun and not completed"),
        description=tr(
            "Lists requests that were refused and swaps that were begun and not completed, newest first, or takes one off the list with "
            "what was done about it."
        ),
    )
    add_arguments(parser, example=tr("resolved at the kiosk"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit 1 when there is no such number."""
    from kiosk.platform.store.open_items import UnsettledRequests

    return list_or_settle(options, UnsettledRequests)
