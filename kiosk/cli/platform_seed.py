"""`platform seed`: fills a platform with made-up plans and swaps, to measure how it does when it is full. Not for one in use."""

import argparse
from pathlib import Path

from kiosk.cli import DONE, print_message


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("seed", help="fill a database for measuring", description=__doc__)
    parser.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL")
    parser.add_argument("--like", required=True, type=Path, metavar="PLAN.json", help="the plan document that every plan is a copy of")
    parser.add_argument("--plans", type=int, default=10_000, metavar="N", help="how many plans there shall be")
    parser.add_argument("--events", type=int, default=100_000, metavar="N", help="how many swaps there shall be on them")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Broken off, the same command again goes on."""
    from kiosk.platform.plan_import import read_plan_file
    from kiosk.platform.store.repository import open_store
    from kiosk.platform.store.seed import add_plans, add_swaps, count_up
    from kiosk.shared.system import SystemClock

    like = read_plan_file(options.like)
    store, now = open_store(options.database), SystemClock().now()
    try:
        for plans in add_plans(store, like, options.plans, now):
            print_message(f"{plans} plans")
        for events in add_swaps(store, options.plans, options.events, now):
            print_message(f"{events} swaps")
        count_up(store)
    finally:
        store.close()
    return DONE
