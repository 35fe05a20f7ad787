"""`platform seed`: fills a platform with made-up plans and swaps, to measure how it does when it is full. Not for one in use."""

import argparse
from contextlib import closing
from pathlib import Path

from kiosk.cli import DONE, Actions, add_command, argument, database_option, print_message
from kiosk.domain.language import tr, tr_count


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    add_command(
        actions,
        "seed",
        run,
        tr("fill a database for measuring"),
        database_option(),
        argument("--like", required=True, type=Path, metavar="PLAN.json", help=tr("the plan document that every plan is a copy of")),
        argument("--plans", type=int, default=10_000, metavar="N", help=tr("how many plans there shall be ({default})", default=10_000)),
        argument(
            "--events",
            type=int,
            default=100_000,
            metavar="N",
            help=tr("how many swaps there shall be on them ({default})", default=100_000),
        ),
        about=tr("Fills a platform's database with made-up plans and swaps, to measure it when it is full. Not for one in use."),
    )


def run(options: argparse.Namespace) -> int:
    """Broken off, the same command again goes on."""
    from kiosk.platform.plan_import import read_plan_file
    from kiosk.platform.store.repository import open_store
    from kiosk.platform.store.seed import add_plans, add_swaps, analyze
    from kiosk.shared.system import SystemClock

    like = read_plan_file(options.like)
    now = SystemClock().now()
    with closing(open_store(options.database)) as store:
        for plans in add_plans(store, like, options.plans, now):
            print_message(tr_count("{count} plan", "{count} plans", plans))
        for events in add_swaps(store, options.plans, options.events, now):
            print_message(tr_count("{count} swap", "{count} swaps", events))
        analyze(store)
    return DONE
