"""`battery bind ID`, `battery bindings`, `battery unbind ID`, `battery import FILE`: which pack wears which sticker (decision 84).

What is done here counts at once; the platform is told before the command ends, or by the running kiosk later.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, FAILED, MISUSED, Actions, add_command, argument, json_option, print_message, print_rows, seconds
from kiosk.cli.acting import as_options, check_role_of, named, people_in, read_pin, sign_in
from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.binding import Binding, normalise_address, read_sticker, taken_error
from kiosk.domain.errors import BadInput, KioskError, NotApproved
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.domain.people import Act, Role
from kiosk.domain.written import write_kwh, write_number

if TYPE_CHECKING:
    from kiosk.domain.approval import Approval
    from kiosk.settings import Settings
    from kiosk.station.services.bindings import Bindable, Bindings
    from kiosk.station.services.pack_on_counter import PackRead
    from kiosk.station.services.people import People
    from kiosk.wire.binding_csv import BindingLine

_SYNC_SECONDS = 20.0


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `battery`."""
    by = argument("--by", metavar="NAME", help=tr("who does it (the configured attendant); with --replace a supervisor's id"))
    add_command(
        actions,
        "bind",
        bind,
        tr("bind the pack on the counter to a sticker"),
        argument("id", metavar="ID", help=tr("what the sticker says; its code may hold the address too")),
        argument(
            "--address", metavar="A", help=tr("the pack's Bluetooth address, in any spelling; else the pack that is clearly the nearest")
        ),
        argument("--secret-file", type=Path, metavar="FILE", help=tr("the password that this pack asks for")),
        argument("--replace", action="store_true", help=tr("end the bindings that are in the way; needs --note and --by")),
        argument("--note", default="", metavar="TEXT", help=tr("why another binding is ended")),
        by,
        argument("--seconds", type=seconds, default=5.0, metavar="S", help=tr("how long to listen ({default})", default=5)),
        argument(
            "--timeout", type=seconds, default=10.0, metavar="S", help=tr("of the reading, connecting included ({default})", default=10)
        ),
        argument("--yes", action="store_true", help=tr("do not ask")),
        *as_options(),
        about=tr("Reads a pack, shows what it is, asks, and binds its address to what the sticker says."),
    )
    add_command(
        actions,
        "bindings",
        list_bindings,
        tr("which pack wears which sticker"),
        argument("--sync", action="store_true", help=tr("ask the platform first")),
        json_option(),
    )
    add_command(
        actions,
        "unbind",
        unbind,
        tr("a battery is bound to no pack any more"),
        argument("id", metavar="ID", help=tr("what the sticker says")),
        argument("--note", default="", metavar="TEXT", help=tr("why")),
        argument("--by", metavar="SUPERVISOR", help=tr("the supervisor who ends it")),
        *as_options(),
    )
    add_command(
        actions,
        "import",
        import_file,
        tr("bind many: a CSV file with the columns id, address, family, serial; all of them or none"),
        argument("file", type=Path, metavar="FILE.csv", help=tr("the file, in UTF-8")),
        by,
        *as_options(),
    )


@dataclass(frozen=True)
class _Table:
    """The table of batteries, open."""

    settings: "Settings"
    bindings: "Bindings"
    people: "People"
    has_platform: bool


def _run(work: "Callable[[_Table], Coroutine[Any, Any, int]]") -> int:
    async def run() -> int:
        async with _opened() as table:
            return await work(table)

    return asyncio.run(run())


@asynccontextmanager
async def _opened() -> AsyncIterator[_Table]:
    """Beside a running kiosk too."""
    from kiosk.bootstrap import bindings_of, platform_client_of
    from kiosk.settings import load_settings
    from kiosk.shared.system import SystemClock
    from kiosk.station.adapters.station_store import open_station_store

    settings = load_settings()
    client = platform_client_of(settings)
    try:
        with closing(open_station_store(settings.database_url, settings.data)) as store:
            bindings = bindings_of(settings, client, store, SystemClock())
            await bindings.load()
            people = people_in(settings, store)
            yield _Table(settings=settings, bindings=bindings, people=people, has_platform=client is not None)
    finally:
        if client is not None:
            await client.close()


async def _who(options: argparse.Namespace, table: _Table, role: Role | None = None) -> str:
    """Who does it; of this role, where people are set up. Raises as `sign_in`."""
    person = await sign_in(table.people, options, role)
    return person.id if table.people.any_known else str(options.by or person.id).strip()


async def _approval(options: argparse.Namespace, table: _Table, what: str) -> "Approval":
    """Of the supervisor who ends a binding, as `what` asks. Raises BadInput; where people are set up as `People.approve`."""
    people = table.people
    if people.any_known:
        check_role_of(people, named(options), Role.SUPERVISOR)
        return await people.approve(options.acting, read_pin(options.pin_file, options.acting), options.note, Act.BINDING)
    try:
        return await people.approve(options.by or "", "", options.note, Act.BINDING)
    except NotApproved as error:
        raise BadInput(
            what, tr("needs --by with one of {setting}, and --note: {reason}", setting="[station] supervisors", reason=error.reason)
        ) from error


async def _tell_platform(table: _Table, battery_id: str = "") -> int:
    """What becomes of it there. The exit code: FAILED where the platform refuses what was done to this battery."""
    if not table.has_platform:
        return DONE
    try:
        async with asyncio.timeout(_SYNC_SECONDS):
            await table.bindings.sync()
    except TimeoutError:
        print_message(tr("It waits here for the platform, which does not answer."))
    except KioskError as error:
        print_message(tr("It waits here for the platform. {reason}", reason=message_for(error).sentence))
    refused = next((each.refused for each in await table.bindings.queued() if each.refused and each.change.battery_id == battery_id), "")
    if refused:
        print_message(tr("The platform refuses it, and it waits for a supervisor: {reason}.", reason=refused))
    return FAILED if refused else DONE


# ---------------------------------------------------------------- bind


def bind(options: argparse.Namespace) -> int:
    """Listen, read, show, ask, bind. Exit 1 where no pack is clearly meant, where another binding is in the way, or the answer is no."""

    async def work(table: _Table) -> int:
        sticker = read_sticker(options.id)
        if not sticker.battery_id:
            raise BadInput("ID", tr("is an address: name the id that the sticker says, and the address with --address"))
        address = normalise_address(options.address) if options.address else sticker.address
        secret = _secret(options.secret_file)
        approval = await _approval(options, table, "--replace") if options.replace else None
        by = approval.supervisor if approval else await _who(options, table)
        wanted = Binding(battery_id=sticker.battery_id, address=address, family="", bound_by=by, bound_at=datetime.now(UTC))
        found = await _look(table, wanted, secret, options)
        bindable = found.bindable
        print_message("  ".join((bindable.binding.battery_id, *found.facts)))
        for remark in bindable.remarks:
            print_message(remark)
        if bindable.standing and approval is None:
            raise taken_error(bindable.binding, bindable.standing)
        if not options.yes and not _agreed(bindable):
            print_message(tr("Nothing is bound."))
            return FAILED
        done = await table.bindings.bind(
            bindable.binding,
            secret,
            replace=approval is not None,
            note=approval.reason if approval else options.note,
            is_random=found.is_random,
        )
        print("  ".join(each for each in (done.battery_id, done.address, done.family, done.serial) if each))
        return await _tell_platform(table, done.battery_id)

    return _run(work)


def _agreed(bindable: "Bindable") -> bool:
    for each in bindable.standing:
        print_message(tr("This ends the binding of {battery_id} to {address}.", battery_id=each.battery_id, address=each.address))
    print_message(tr("Bind {battery_id} to it? [y/N]", battery_id=bindable.binding.battery_id))
    try:
        return input().strip().lower() in {"y", "yes", tr("yes")}
    except EOFError:
        return False


def _secret(file: Path | None) -> str:
    """The password in the file, "" where none is named. Raises BadInput, without showing it."""
    from kiosk.shared.secret_files import read_secret
    from kiosk.wire.battery_documents import check_secret

    if file is None:
        return ""
    try:
        return check_secret(read_secret(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(file), getattr(error, "strerror", "") or tr("it cannot be read")) from error
    except BadInput as error:
        raise BadInput(str(file), error.reason) from error


@dataclass(frozen=True)
class _Found:
    """The pack that is meant, as far as it could be read, and what to show of it."""

    bindable: "Bindable"
    facts: tuple[str, ...]
    is_random: bool = False


async def _look(table: _Table, wanted: Binding, secret: str, options: argparse.Namespace) -> _Found:
    """The pack at the wanted address, or the one that is clearly the nearest. One that is named and not in range is bound unread.

    Raises StepImpossible, BadInput, BatteryUnreachable, BatteryUnreadable.
    """
    from kiosk.bootstrap import scanner_of
    from kiosk.station.services.pack_on_counter import find_pack, read_pack

    scanner = scanner_of(table.settings, table.bindings)
    await scanner.start()
    try:
        pack = await find_pack(scanner, wanted.address, options.seconds)
        if pack is None:
            unread = await table.bindings.check_bindable(wanted)
            return _Found(unread, (wanted.address, tr("not in range: it is bound without having been read")))
        read = await read_pack(table.bindings, scanner, wanted, pack, secret, on_phase=lambda _phase: None, timeout_seconds=options.timeout)
    finally:
        await scanner.stop()
    return _Found(read.bindable, _facts(read), pack.has_random_address)


def _facts(read: "PackRead") -> tuple[str, ...]:
    found, reading = read.bindable.binding, read.reading
    return (
        found.address,
        read.pack.name,
        found.family,
        tr("serial {serial}", serial=found.serial) if found.serial else tr("no serial"),
        f"{write_number(reading.voltage)} V" if reading.voltage is not None else tr("no voltage"),
        f"{write_kwh(reading.kwh_remaining)} kWh" if reading.kwh_remaining is not None else tr("no energy"),
    )


# ---------------------------------------------------------------- the others


def list_bindings(options: argparse.Namespace) -> int:
    """By id: what counts here, then what the platform refused and a supervisor has not dealt with."""

    async def work(table: _Table) -> int:
        code = await _tell_platform(table) if options.sync else DONE
        queued = await table.bindings.queued()
        waiting = {each.change.battery_id for each in queued if not each.refused}
        rows = [_row(each, "waiting" if each.battery_id in waiting else "bound") for each in await table.bindings.bindings()]
        rows += [_row(each.change.binding, "refused", each.refused) for each in queued if each.refused and each.change.binding is not None]
        print_rows(rows, as_json=options.json)
        return code

    return _run(work)


def _row(binding: Binding, state: str, reason: str = "") -> dict[str, Any]:
    from kiosk.wire.battery_documents import binding_to_document

    return {**binding_to_document(binding), "state": state, "reason": reason}


def unbind(options: argparse.Namespace) -> int:
    """Exit 1 where it is not bound, 2 where no supervisor says why (decision 84)."""

    async def work(table: _Table) -> int:
        approval = await _approval(options, table, "battery unbind")
        await table.bindings.unbind(options.id, approval.supervisor, approval.reason)
        print(normalise_id(options.id))
        return await _tell_platform(table, normalise_id(options.id))

    return _run(work)


def import_file(options: argparse.Namespace) -> int:
    """A sentence for every fault, each with its line, and then nothing is bound: exit 2. Exit 1 where other bindings are in the way."""
    from kiosk.station.adapters.bluetooth.protocol_registry import protocol_names
    from kiosk.wire.binding_csv import read_binding_file

    async def work(table: _Table) -> int:
        by = await _who(options, table, Role.SUPERVISOR)
        file = read_binding_file(_content(options.file), protocol_names(), by, datetime.now(UTC))
        taken = [tr("Line {line}: {reason}", line=line, reason=reason) for line, reason in await _in_the_way(table.bindings, file.lines)]
        for sentence in (*file.faults, *taken):
            print_message(sentence)
        if file.faults or taken:
            print_message(tr("Nothing is bound."))
            return MISUSED if file.faults else FAILED
        new = await table.bindings.bind_all([each.binding for each in file.lines])
        print_message(
            tr_count(
                "{count} battery bound, {known} bound so already",
                "{count} batteries bound, {known} bound so already",
                new,
                known=len(file.lines) - new,
            )
        )
        code = await _tell_platform(table)
        refused = {each.change.battery_id: each.refused for each in await table.bindings.queued() if each.refused}
        for each in file.lines:
            if each.binding.battery_id in refused:
                print_message(tr("Line {line}: {reason}", line=each.line, reason=refused[each.binding.battery_id]))
                code = FAILED
        return code

    return _run(work)


async def _in_the_way(bindings: "Bindings", lines: "tuple[BindingLine, ...]") -> list[tuple[int, str]]:
    checked = [(each.line, await bindings.check_bindable(each.binding)) for each in lines]
    return [
        (line, message_for(taken_error(bindable.binding, bindable.standing)).sentence) for line, bindable in checked if bindable.standing
    ]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), error.strerror or tr("it cannot be read")) from error
