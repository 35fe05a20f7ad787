"""`platform unsettled`: requests that were refused, and swaps begun and not completed; listed, or settled with what was done about it."""

import argparse

from kiosk.cli.open_items import add_arguments, list_or_settle


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("unsettled", help="requests refused, and swaps begun and not completed", description=__doc__)
    add_arguments(parser, example="resolved at the kiosk")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit 1 when there is no such number."""
    from kiosk.platform.store.unsettled import UnsettledRequests

    return list_or_settle(options, UnsettledRequests)
