"""`platform migrate`: the plans of one version of a template moved to another; each plan all or nothing."""

import argparse
import getpass
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, argument, database_option, json_option, print_message
from kiosk.domain.language import mark, tr

if TYPE_CHECKING:
    from kiosk.platform.templates.migration_run import PlanReport

_WORDS = {"moved": mark("moved"), "cannot move": mark("cannot move"), "stays": mark("stays")}
_COUNTS = {"moved": "moved", "cannot move": "cannot_move", "stays": "stay"}


def add_to(actions: Actions) -> None:
    """The command's arguments, below `platform`."""
    add_command(
        actions,
        "migrate",
        run,
        tr("move plans from one version of a template to another"),
        database_option(),
        argument(
            "--from",
            dest="source",
            required=True,
            metavar="ID@VERSION",
            help=tr("the version that the plans have, e.g. {example}", example="A@1.2.0"),
        ),
        argument("--to", dest="target", required=True, metavar="ID@VERSION", help=tr("the version that they get")),
        argument("--dry-run", action="store_true", help=tr("print what would change, or why not, and write nothing")),
        argument("--by", metavar="NAME", help=tr("who does it, for the change log (the user)")),
        json_option(),
        about=tr("Moves the plans of one version of a template to another version; each plan is moved whole or stays as it is."),
    )


def run(options: argparse.Namespace) -> int:
    """Exit 1 when some plan cannot be moved. Broken off, the same command again goes on with the rest."""
    from kiosk.platform.store.repository import open_existing
    from kiosk.platform.templates.migration_run import Migration, parse_version_name
    from kiosk.shared.system import SystemClock

    source, target = parse_version_name("--from", options.source), parse_version_name("--to", options.target)
    with closing(open_existing(options.database)) as store:
        migration = Migration(store, SystemClock(), source, target, options.by or getpass.getuser())
        reports = migration.dry_run() if options.dry_run else migration.run()
        head = {"from": str(source), "to": str(target), "dry_run": options.dry_run}
        counts = _print_json(head, reports) if options.json else _print_lines(options, reports)
    return FAILED if counts["cannot_move"] else DONE


def _print_json(head: dict[str, Any], reports: "Iterable[PlanReport]") -> dict[str, int]:
    """One document, written plan by plan: there may be a million."""
    from kiosk.wire.exact_json import dumps

    counts = dict.fromkeys(_COUNTS.values(), 0)
    print(dumps(head).decode()[:-1] + ',"plans":[', end="")
    for number, each in enumerate(reports):
        counts[_COUNTS[each.outcome]] += 1
        plan = dumps({"plan_id": each.plan_id, "outcome": each.outcome.value, "what": each.what}).decode()
        print(f",\n{plan}" if number else plan, end="")
    print("]," + dumps(counts).decode()[1:])
    return counts


def _print_lines(options: argparse.Namespace, reports: "Iterable[PlanReport]") -> dict[str, int]:
    counts = dict.fromkeys(_COUNTS.values(), 0)
    for each in reports:
        counts[_COUNTS[each.outcome]] += 1
        word = tr("would move") if options.dry_run and each.outcome == "moved" else tr(_WORDS[each.outcome])
        print(f"{each.plan_id}  {word}" + "".join(f"\n    {phrase}" for phrase in each.what))
    would_be = tr("{moved} would move, {cannot_move} cannot move, {stay} have ended and stay.", **counts)
    print_message(would_be if options.dry_run else tr("{moved} moved, {cannot_move} cannot move, {stay} have ended and stay.", **counts))
    return counts
