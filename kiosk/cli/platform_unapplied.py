"""`platform unapplied`: money that came and counts for no swap; listed, or settled with what was done about it."""

import argparse

from kiosk.cli import DONE, at_least_one, print_json, say


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("unapplied", help="payments that count for no swap", description=__doc__)
    parser.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    parser.add_argument("--settle", type=at_least_one, metavar="NUMBER", help="take this one off the list; needs --note")
    parser.add_argument("--note", metavar="TEXT", help="what was done, e.g. paid back")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The list as JSON, newest first. Exit 1 when there is no such number."""
    from kiosk.adapters.system import SystemClock
    from kiosk.domain.errors import BadInput
    from kiosk.platform.store.memory import open_existing
    from kiosk.platform.store.unapplied import UnappliedPayments

    if (options.settle is None) != (options.note is None):
        raise BadInput("--settle", "needs a --note, and a note something to settle")
    store = open_existing(options.database)
    try:
        unapplied = UnappliedPayments(store)
        if options.settle is None:
            print_json([each.as_json() for each in unapplied.all_open()])
        else:
            unapplied.settle(options.settle, options.note, SystemClock().now())
            say(f"Settled: {options.note}")
    finally:
        store.close()
    return DONE
