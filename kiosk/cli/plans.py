"""`plans import FILE...`, `plans list`, `plans show ID`, `plans sync`: the plan cache."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cli import DONE, FAILED, print_json, print_message
from kiosk.cli.opened_store import opened_store
from kiosk.domain.errors import NotFound
from kiosk.domain.times import iso_utc


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's arguments."""
    parser = commands.add_parser("plans", help="the plan cache", description=__doc__)
    actions = parser.add_subparsers(dest="plans_command", required=True, metavar="ACTION")
    importing = actions.add_parser("import", help="put plan documents into the cache; all of them or none")
    importing.add_argument("files", nargs="+", type=Path, metavar="FILE")
    importing.set_defaults(run=import_files)
    listing = actions.add_parser("list", help="cached plans with the time of the platform's last word")
    listing.add_argument("--json", action="store_true", help="one JSON document")
    listing.set_defaults(run=list_plans)
    showing = actions.add_parser("show", help="one cached plan as a document")
    showing.add_argument("id", metavar="ID")
    showing.set_defaults(run=show)
    actions.add_parser("sync", help="the station's plans from the platform; without [platform] url, every cached plan anew").set_defaults(
        run=sync
    )


def import_files(options: argparse.Namespace) -> int:
    """Every file is read before the first is stored."""
    from kiosk.cli.calculate import read_plan_file

    plans = [read_plan_file(path) for path in options.files]
    with opened_store() as store:
        for plan in plans:
            store.put_plan(plan, datetime.now(UTC))
            print(plan.id)
    return DONE


def list_plans(options: argparse.Namespace) -> int:
    """By id."""
    with opened_store() as store:
        rows = [
            {"id": each.plan.id, "customer_id": each.plan.customer_id, "template_id": each.plan.template.id, "as_of": iso_utc(each.as_of)}
            for each in store.plans()
        ]
    if options.json:
        print_json(rows)
    else:
        for row in rows:
            print("  ".join(row.values()))
    return DONE


def show(options: argparse.Namespace) -> int:
    """The document as it could be imported again."""
    from kiosk.wire.plan_documents import plan_to_document

    with opened_store() as store:
        cached = store.plan(options.id)
    if cached is None:
        raise NotFound("cached plan", options.id)
    print_json(plan_to_document(cached.plan))
    return DONE


def sync(_options: argparse.Namespace) -> int:
    """A plan that cannot be had is named with its reason, and the others go on."""
    import asyncio

    from kiosk.cli.plan_sync import sync_plans
    from kiosk.settings import load_settings

    failed = asyncio.run(sync_plans(load_settings()))
    for plan_id, reason in failed.items():
        print_message(f"{plan_id}: {reason}")
    return FAILED if failed else DONE
