"""`people list`, `add`, `technician`, `pin`, `badge`, `unlock`, `remove`, `sync`: who works at this counter (decision 29)."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, Actions, add_command, add_group, argument, json_option, print_message, print_rows
from kiosk.cli.acting import as_options, people_in, read_pin, sign_in
from kiosk.domain.errors import DataUnusable, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.people import AT_COUNTER, Role

if TYPE_CHECKING:
    from kiosk.settings import Settings
    from kiosk.station.adapters.store.sql_store import SqlStore
    from kiosk.station.services.people import People
    from kiosk.station.services.people_making import PeopleMaking

_SYNC_SECONDS = 20.0


def add_to(commands: Actions) -> None:
    """The commands' arguments."""
    actions = add_group(
        commands, "people", tr("who works at this counter"), tr("Who signs in at this counter. Without anybody it works by its settings.")
    )
    who = argument("id", metavar="ID", help=tr("the person's id"))
    new_pin = argument("--new-pin-file", type=Path, metavar="FILE", help=tr("where the new PIN is, for scripts"))
    name = argument("--name", required=True, metavar="N", help=tr("as it is shown"))
    roles = [each.value for each in AT_COUNTER]
    add_command(actions, "list", list_people, tr("everybody, by id"), json_option())
    add_command(
        actions,
        "technician",
        make_technician,
        tr("the first technician, or by the way back"),
        who,
        name,
        new_pin,
        about=tr(
            "Makes the first technician of a counter that knows nobody. Later it needs the way back: the machine's administrator makes the "
            "empty file {file} in the data folder within the hour before. Both are recorded.",
            file="technician-way-back",
        ),
    )
    add_command(
        actions,
        "add",
        add,
        tr("a person, made by a technician"),
        who,
        name,
        argument("--role", required=True, choices=roles, help=tr("what the person may do")),
        new_pin,
        *as_options(),
    )
    add_command(actions, "pin", change_pin, tr("change the own PIN, or with --as make one for another"), who, new_pin, *as_options())
    add_command(actions, "badge", make_badge, tr("a new badge; an older one ends"), who, *as_options())
    add_command(actions, "unlock", lift_lock, tr("the PIN of a locked person is looked at again"), who, *as_options())
    add_command(actions, "remove", remove, tr("a person who was made here signs in no more"), who, *as_options())
    add_command(actions, "sync", sync, tr("the platform's people of this station, now"))


@dataclass(frozen=True)
class _Counter:
    settings: "Settings"
    store: "SqlStore"
    people: "People"
    making: "PeopleMaking"


def _run(work: "Callable[[_Counter], Coroutine[Any, Any, int]]") -> int:
    """Beside a running kiosk too. Raises DataUnusable, BadInput."""
    from kiosk.bootstrap import people_making_of
    from kiosk.settings import load_settings
    from kiosk.station.adapters.store.sql_store import open_store

    settings = load_settings()
    try:
        opened = closing(open_store(settings.database_url))
    except StoreFailed as error:
        raise DataUnusable(error.reason, error.repair) from error
    with opened as store:
        people = people_in(settings, store)
        return asyncio.run(work(_Counter(settings, store, people, people_making_of(settings, people))))


def _ask_new_pin(options: argparse.Namespace) -> str:
    return read_pin(options.new_pin_file, tr("{id}, the new one", id=options.id))


def list_people(options: argparse.Namespace) -> int:
    """Never a PIN or a badge."""

    async def work(counter: _Counter) -> int:
        people = counter.people
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "role": each.role.value,
                "must_change_pin": each.must_change_pin,
                "locked_seconds": round(people.seconds_locked(each.id)),
            }
            for each in people.people()
        ]
        print_rows(rows, as_json=options.json, line=_line)
        return DONE

    return _run(work)


def _line(row: dict[str, Any]) -> str:
    locked = [tr("locked for {seconds} s", seconds=row["locked_seconds"])] if row["locked_seconds"] else []
    return "  ".join((row["id"], row["role"], row["name"], *locked))


def make_technician(options: argparse.Namespace) -> int:
    """Exit 1 where a person is known and the way back is not there."""

    async def work(counter: _Counter) -> int:
        await counter.making.make_technician(options.id, options.name, _ask_new_pin(options))
        return DONE

    return _run(work)


def add(options: argparse.Namespace) -> int:
    """The PIN is changed at the first sign-in."""

    async def work(counter: _Counter) -> int:
        await _sign_in(counter, options, Role.TECHNICIAN)
        await counter.making.make_person(options.id, options.name, Role(options.role), _ask_new_pin(options))
        return DONE

    return _run(work)


def change_pin(options: argparse.Namespace) -> int:
    """One's own with the former one; another's by who may."""

    async def work(counter: _Counter) -> int:
        if options.acting is None:
            old = read_pin(options.pin_file, options.id)
            await counter.people.change_pin(options.id, old, _ask_new_pin(options))
            return DONE
        await _sign_in(counter, options, Role.SUPERVISOR)
        await counter.making.make_pin(options.id, _ask_new_pin(options))
        print_message(tr("It is changed at the next sign-in."))
        return DONE

    return _run(work)


def make_badge(options: argparse.Namespace) -> int:
    """Printed once, on standard output, and kept nowhere."""

    async def work(counter: _Counter) -> int:
        await _sign_in(counter, options, Role.SUPERVISOR)
        print(await counter.making.make_badge(options.id))
        return DONE

    return _run(work)


def lift_lock(options: argparse.Namespace) -> int:
    """Recorded with who did it."""

    async def work(counter: _Counter) -> int:
        await _sign_in(counter, options, Role.SUPERVISOR)
        await counter.making.lift_lock(options.id)
        return DONE

    return _run(work)


def remove(options: argparse.Namespace) -> int:
    """The id stays known, and nobody signs in with it."""

    async def work(counter: _Counter) -> int:
        await _sign_in(counter, options, Role.TECHNICIAN)
        await counter.making.remove(options.id)
        return DONE

    return _run(work)


def sync(_options: argparse.Namespace) -> int:
    """Exit 1 where the platform cannot be reached; nobody is lost by that."""

    async def work(counter: _Counter) -> int:
        from kiosk.bootstrap import people_sync_of, platform_client_of
        from kiosk.shared.system import SystemClock

        client = platform_client_of(counter.settings)
        synced = people_sync_of(counter.settings, client, counter.store, counter.people, SystemClock())
        if client is None or synced is None:
            print_message(tr("No platform is set up: {setting} is empty.", setting="[platform] url"))
            return FAILED
        try:
            async with asyncio.timeout(_SYNC_SECONDS):
                await synced.sync()
        except TimeoutError:
            print_message(tr("The platform does not answer."))
            return FAILED
        finally:
            await client.close()
        return DONE

    return _run(work)


async def _sign_in(counter: _Counter, options: argparse.Namespace, role: Role) -> None:
    """Raises NotSignedIn where nobody is known yet: the first technician comes first."""
    await sign_in(counter.people, options, role)
    counter.people.acting_as(role)
