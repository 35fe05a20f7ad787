"""`plans import FILE...`, `plans list`, `plans show ID`, `plans sync`: the plan cache."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from kiosk.cli import (
    DONE,
    FAILED,
    Actions,
    add_command,
    add_group,
    argument,
    json_option,
    opened_store,
    print_json,
    print_message,
    print_rows,
)
from kiosk.cli.acting import as_options, people_in, sign_in
from kiosk.domain.errors import NotFound
from kiosk.domain.language import tr
from kiosk.domain.people import Role
from kiosk.domain.times import iso_utc


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(commands, "plans", tr("the plan cache"), tr("The plans that this kiosk keeps, as the platform last sent them."))
    add_command(
        actions,
        "import",
        import_files,
        tr("put plan documents into the cache; all of them or none"),
        argument("files", nargs="+", type=Path, metavar="FILE", help=tr("a plan document")),
        *as_options(),
    )
    add_command(actions, "list", list_plans, tr("cached plans, with the time when the platform sent them"), json_option())
    add_command(actions, "show", show, tr("one cached plan as a document"), argument("id", metavar="ID", help=tr("the plan's id")))
    words = tr("the station's plans from the platform; without {setting}, every cached plan anew", setting="[platform] url")
    add_command(actions, "sync", sync, words)


def import_files(options: argparse.Namespace) -> int:
    """Every file is read before the first is stored. A plan says what a customer may have: a supervisor's act, where people are set up."""
    from kiosk.cli.calculate import read_plan_file
    from kiosk.settings import load_settings

    plans = [read_plan_file(path) for path in options.files]
    with opened_store() as store:
        asyncio.run(sign_in(people_in(load_settings(), store), options, Role.SUPERVISOR))
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
    print_rows(rows, as_json=options.json)
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
    from kiosk.cli.plan_sync import sync_plans
    from kiosk.settings import load_settings

    failed = asyncio.run(sync_plans(load_settings()))
    for plan_id, reason in failed.items():
        print_message(f"{plan_id}: {reason}")
    return FAILED if failed else DONE
