"""`outbox list`, `outbox retry [ID]`, `outbox resolve ID --note TEXT`, `outbox export FILE`: completions not yet settled, or refused.

One entry a swap, however many steps its completion is sent in; `step` is the one that waits for its answer, or was refused.
"""

import argparse
import asyncio
import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, add_group, argument, json_option, opened_store, print_message, print_rows, seconds
from kiosk.cli.acting import as_options, check_role_of, named, people_in, read_pin, sign_in
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages import step_refused
from kiosk.domain.people import Role
from kiosk.domain.times import iso_utc
from kiosk.shared.durable_files import replace_whole
from kiosk.shared.system import SystemClock
from kiosk.station.ports import OutboxState
from kiosk.station.services.open_completions import OpenCompletions
from kiosk.wire.exact_json import dumps

if TYPE_CHECKING:
    from kiosk.station.ports import OutboxEntry, OutgoingMessage


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
    add_command(
        actions,
        "export",
        export,
        tr("write what waits, and what was refused, to a file"),
        argument("file", type=Path, metavar="FILE", help=tr("where to; the messages are in it byte for byte, in base64")),
        about=tr("For the platform's people, where this counter can send nothing any more: lost, broken, or taken out of service."),
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


def export(options: argparse.Namespace) -> int:
    """Nothing changes here: what was exported still waits."""
    from kiosk.settings import load_settings

    with opened_store() as store:
        waiting = asyncio.run(_exported(OpenCompletions(store, SystemClock())))
    document = {"station": load_settings().station.id, "exported_at": iso_utc(SystemClock().now()), "completions": waiting}
    try:
        replace_whole(options.file, dumps(document))
    except OSError as error:
        raise BadInput(str(options.file), tr("cannot be written: {reason}", reason=error.strerror or error)) from error
    print_message(tr_count("{count} completion is in {file}", "{count} completions are in {file}", len(waiting), file=options.file))
    return DONE


async def _exported(completions: OpenCompletions) -> list[dict[str, Any]]:
    """The oldest first, each with all its messages."""
    entries = sorted(await completions.entries(), key=lambda entry: entry.created_at)
    return [
        {**_facts(each), "messages": [_message(sent) for sent in await completions.messages(each.message.correlation_id)]}
        for each in entries
    ]


def _message(sent: "OutgoingMessage") -> dict[str, str]:
    digest = hashlib.sha256(sent.payload).hexdigest()
    return {"action": sent.action, "topic": sent.topic, "payload": base64.b64encode(sent.payload).decode(), "sha256": digest}


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
