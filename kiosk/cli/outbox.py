"""`outbox list`, `outbox retry [ID]`, `outbox resolve ID --note TEXT`: completions not yet settled, or refused.

One entry a swap, however many steps its completion is sent in; `step` is the one that waits for its answer, or was refused.
"""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, add_group, argument, json_option, opened_store, print_message, print_rows, seconds
from kiosk.cli.acting import as_options, check_role_of, named, people_in, read_pin, sign_in
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.messages import step_refused
from kiosk.domain.people import Role
from kiosk.domain.times import iso_utc
from kiosk.shared.system import SystemClock
from kiosk.station.ports import OutboxState
from kiosk.station.services.open_completions import OpenCompletions

if TYPE_CHECKING:
    from kiosk.station.ports import OutboxEntry


def add_to(commands: Actions) -> None:
    """The command's arguments."""
    actions = add_group(
        commands,
        "outbox",
        tr("completions not yet settled, or refused"),
        tr(
            "Completions that are not yet settled, or that the platform refused: one entry a swap. The step is the one that waits for its "
            "answer or was refused, where a completion is sent in steps."
        ),
    )
    add_command(actions, "list", list_entries, tr("what waits, oldest first"), json_option())
    add_command(
        actions,
        "retry",
        retry,
        tr("send again: one, or everything unsettled"),
        argument("id", nargs="?", metavar="ID", help=tr("the swap's correlation id; a refused one becomes unsettled again")),
        argument(
            "--wait", type=seconds, default=20.0, metavar="SECONDS", help=tr("how long to wait for the answers ({default})", default=20)
        ),
        *as_options(),
    )
    add_command(
        actions,
        "resolve",
        resolve,
        tr("a person has settled a refused completion"),
        argument("id", metavar="ID", help=tr("the swap's correlation id")),
        argument("--note", required=True, metavar="TEXT", help=tr("what was done about it")),
        *as_options(),
    )


def list_entries(options: argparse.Namespace) -> int:
    """Unsettled and refused, oldest first."""
    with opened_store() as store:
        entries = sorted(asyncio.run(OpenCompletions(store, SystemClock()).entries()), key=lambda entry: entry.created_at)
    print_rows([_facts(entry) for entry in entries], as_json=options.json)
    return DONE


def _facts(entry: "OutboxEntry") -> dict[str, Any]:
    return {
        "correlation_id": entry.message.correlation_id,
        "plan_id": entry.message.plan_id,
        "state": entry.state.value,
        "created_at": iso_utc(entry.created_at),
        "tries": entry.tries,
        "last_sent_at": iso_utc(entry.last_sent_at) if entry.last_sent_at else None,
        "reason": entry.reason,
        "step": entry.message.action,
    }


def retry(options: argparse.Namespace) -> int:
    """Send until everything asked for is answered or the time is over; what is not stays in the outbox."""
    from kiosk.bootstrap import deliver_outbox
    from kiosk.settings import load_settings

    if options.id:
        asyncio.run(_retry_one(options))
    left = asyncio.run(deliver_outbox(load_settings(), options.id, options.wait))
    for entry in left:
        print_message(_left_message(entry))
    return FAILED if left else DONE


async def _retry_one(options: argparse.Namespace) -> None:
    """What waits is sent by itself; who has a refused one sent again is somebody who works here."""
    from kiosk.settings import load_settings

    with opened_store() as store:
        people = people_in(load_settings(), store)
        if store.outbox_entry(options.id).state is OutboxState.REFUSED:
            await sign_in(people, options)
            await OpenCompletions(store, SystemClock(), people).retry(options.id)


def _left_message(entry: "OutboxEntry") -> str:
    known, state = entry.message.correlation_id, entry.state.value
    if not entry.reason:
        return tr("{correlation_id} is {state}", correlation_id=known, state=state)
    return tr(
        "{correlation_id} is {state}: {reason}", correlation_id=known, state=state, reason=step_refused(entry.message.action, entry.reason)
    )


def resolve(options: argparse.Namespace) -> int:
    """The note stays with the completion. A supervisor does it, where people are set up."""
    if not cleaned(options.note):
        raise BadInput("--note", tr("is empty"))
    asyncio.run(_resolve(options))
    return DONE


async def _resolve(options: argparse.Namespace) -> None:
    from kiosk.settings import load_settings

    with opened_store() as store:
        people, supervisor, pin = people_in(load_settings(), store), "", ""
        if people.any_known:
            supervisor = named(options)
            check_role_of(people, supervisor, Role.SUPERVISOR)
            pin = read_pin(options.pin_file, supervisor)
        await OpenCompletions(store, SystemClock(), people).resolve(options.id, options.note, supervisor, pin)
