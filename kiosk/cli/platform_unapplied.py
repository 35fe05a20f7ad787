"""`platform unapplied`: money that came and counts for no swap; listed, or settled with what was done about it."""

import argparse

from kiosk.cli.open_items import add_arguments, list_or_settle


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("unapplied", help="payments that count for no swap", description=__doc__)
    add_arguments(parser, example="paid back")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit 1 when there is no such number."""
    from kiosk.platform.store.unapplied import UnappliedPayments

    return list_or_settle(options, UnappliedPayments)
