"""`platform seed`: fills a platform with made-up plans and swaps, to measure how it does when it is full. Not for one in use."""

import argparse
from pathlib import Path

from kiosk.cli import DONE, Actions, add_database_option, print_message
from kiosk.domain.language import tr, tr_count


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser(
        "seed",
        help=tr("fill a database for measuring"),
        description=tr("Fills a platform's database with made-up plans and swaps, to measure it when it is full. Not for one in use."),
    )
    add_database_option(parser)
    parser.add_argument("--like", required=True, type=Path, metavar="PLAN.json", help=tr("the plan document that every plan is a copy of"))
    parser.add_argument(
        "--plans", type=int, default=10_000, metavar="N", help=tr("how many plans there shall be ({default})", default=10_000)
    )
    parser.add_argument(
        "--events", type=int, default=100_000, metavar="N", help=tr("how many swaps there shall be on them ({default})", default=100_000)
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Broken off, the same command again goes on."""
    from kiosk.platform.plan_import import read_plan_file
    from kiosk.platform.store.repository import open_store
    from kiosk.platform.store.seed import add_plans, add_swaps, analyze
    from kiosk.shared.system import SystemClock

    like = read_plan_file(options.like)
    store, now = open_store(options.database), SystemClock().now()
    try:
        for plans in add_plans(store, like, options.plans, now):
            print_message(tr_count("{count} plan", "{count} plans", plans))
        for events in add_swaps(store, options.plans, options.events, now):
            print_message(tr_count("{count} swap", "{count} swaps", events))
        analyze(store)
    finally:
        store.close()
    return DONE
