"""`platform migrate`: the plans of one version of a template moved to another; each plan all or nothing."""

import argparse
import getpass
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, print_message

if TYPE_CHECKING:
    from kiosk.platform.templates.migration_run import PlanReport

_COUNTS = {"moved": "moved", "cannot move": "cannot_move", "stays": "stay"}


def add_to(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments, below `platform`."""
    parser = actions.add_parser("migrate", help="move plans from one version of a template to another", description=__doc__)
    parser.add_argument("--database", required=True, metavar="URL", help="an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    parser.add_argument("--from", dest="source", required=True, metavar="ID@VERSION", help="the version that the plans have, e.g. A@1.2.0")
    parser.add_argument("--to", dest="target", required=True, metavar="ID@VERSION", help="the version that they get")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, or why not, and write nothing")
    parser.add_argument("--by", metavar="NAME", help="who does it, for the change log (the user)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit 1 when some plan cannot be moved. Broken off, the same command again goes on with the rest."""
    from kiosk.platform.store.repository import open_existing
    from kiosk.platform.templates.migration_run import Migration, version_named
    from kiosk.shared.system import SystemClock

    source, target = version_named("--from", options.source), version_named("--to", options.target)
    store = open_existing(options.database)
    try:
        migration = Migration(store, SystemClock(), source, target, options.by or getpass.getuser())
        reports = migration.dry_run() if options.dry_run else migration.run()
        head = {"from": str(source), "to": str(target), "dry_run": options.dry_run}
        counts = _print_json(head, reports) if options.json else _print_lines(options, reports)
    finally:
        store.close()
    return FAILED if counts["cannot_move"] else DONE


def _print_json(head: dict[str, Any], reports: "Iterable[PlanReport]") -> dict[str, int]:
    """One document, written plan by plan: there may be a million."""
    from kiosk.wire.exact_json import dumps

    counts = dict.fromkeys(_COUNTS.values(), 0)
    print(dumps(head).decode()[:-1] + ',"plans":[', end="")
    between = ""
    for each in reports:
        counts[_COUNTS[each.outcome]] += 1
        print(between + dumps({"plan_id": each.plan_id, "outcome": each.outcome.value, "what": each.what}).decode(), end="")
        between = ",\n"
    print("]," + dumps(counts).decode()[1:])
    return counts


def _print_lines(options: argparse.Namespace, reports: "Iterable[PlanReport]") -> dict[str, int]:
    counts = dict.fromkeys(_COUNTS.values(), 0)
    for each in reports:
        counts[_COUNTS[each.outcome]] += 1
        word = "would move" if options.dry_run and each.outcome == "moved" else each.outcome.value
        print(f"{each.plan_id}  {word}" + "".join(f"\n    {phrase}" for phrase in each.what))
    moved = "would move" if options.dry_run else "moved"
    print_message(f"{counts['moved']} {moved}, {counts['cannot_move']} cannot move, {counts['stay']} have ended and stay.")
    return counts
