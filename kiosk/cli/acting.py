"""Who acts at the terminal: `--as ID` signs a person in for one command, where people are set up (decision 29).

The PIN is asked for at the terminal, unseen, or read from `--pin-file`, or from a pipe. A wrong one counts as at the window, and locks the
person for both.
"""

import argparse
import getpass
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli import Argument, argument, print_message
from kiosk.domain.errors import BadInput, NotApproved
from kiosk.domain.language import tr

if TYPE_CHECKING:
    from kiosk.domain.people import Person, Role
    from kiosk.settings import Settings
    from kiosk.station.adapters.store.sql_store import SqlStore
    from kiosk.station.services.people import People

_MAX_PIN_BYTES = 64


def as_options() -> tuple[Argument, ...]:
    """`--as` and `--pin-file`."""
    return (
        argument("--as", dest="acting", metavar="ID", help=tr("who does it, where people are set up; asks for the PIN")),
        argument("--pin-file", type=Path, metavar="FILE", help=tr("where the PIN is, for scripts")),
    )


def supervisor_pin_option() -> Argument:
    """The PIN of who approves, where that is another person."""
    return argument("--supervisor-pin-file", type=Path, metavar="FILE", help=tr("where the supervisor's PIN is, for scripts"))


def people_in(settings: "Settings", store: "SqlStore") -> "People":
    """The people that this store knows. Raises StoreFailed."""
    from kiosk.bootstrap import people_of
    from kiosk.shared.system import SystemClock

    return people_of(settings, store, SystemClock())


async def sign_in(people: "People", options: argparse.Namespace, role: "Role | None" = None) -> "Person":
    """Who does it from now on, of this role or more; the configured attendant where nobody is known.

    Raises BadInput where nobody is named, NotApproved for a PIN that must be changed; RoleMissing, and as `People.sign_in`.
    """
    if not people.any_known:
        return people.acting()
    acting = named(options)
    check_role_of(people, acting, role)
    person = await people.sign_in(acting, read_pin(options.pin_file, acting))
    if person.must_change_pin:
        raise NotApproved(tr("the PIN of {id} must be changed first: {command}", id=person.id, command=f"people pin {person.id}"))
    return person


def named(options: argparse.Namespace) -> str:
    """Who `--as` says. Raises BadInput where it says nobody."""
    if options.acting is None:
        raise BadInput("--as", tr("is missing: people are set up here, and one of them does this"))
    return str(options.acting)


def check_role_of(people: "People", person_id: str, role: "Role | None") -> None:
    """Before anybody types a PIN for nothing. Raises RoleMissing, NotFound, PeopleTooOld."""
    from kiosk.domain.errors import RoleMissing

    known = people.find(person_id)
    if role is not None and not known.person.role.covers(role):
        raise RoleMissing(role)


def supervisor_pin(people: "People", options: argparse.Namespace) -> str:
    """The PIN of the supervisor that the options name; "" where nobody is known, or where it is who acts, whose PIN was read already."""
    if not people.any_known or options.supervisor is None:
        return ""
    is_same = options.acting is not None and options.acting.strip().upper() == options.supervisor.strip().upper()
    file = options.pin_file if is_same and options.supervisor_pin_file is None else options.supervisor_pin_file
    return read_pin(file, options.supervisor)


def read_pin(file: Path | None, person_id: str) -> str:
    """From the file, else asked for. Raises BadInput, without showing it."""
    if file is not None:
        return _pin_in(file)
    if sys.stdin is None or not sys.stdin.isatty():
        typed = "" if sys.stdin is None else sys.stdin.readline(_MAX_PIN_BYTES).strip()
        if not typed:
            raise BadInput("--pin-file", tr("is missing: there is no terminal to ask for the PIN of {id} at", id=person_id))
        return typed
    return getpass.getpass(tr("PIN of {id}: ", id=person_id)).strip()


def _pin_in(file: Path) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        with file.open("rb") as opened:
            pin = opened.read(_MAX_PIN_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(file), getattr(error, "strerror", "") or tr("it cannot be read")) from error
    if sys.platform != "win32" and mode & 0o022:
        raise BadInput(str(file), tr("can be written by others: {command}", command=f"chmod 600 {file}"))
    if sys.platform != "win32" and mode & 0o044:
        print_message(tr("{file} can be read by others: {command}", file=file, command=f"chmod 600 {file}"))
    return pin
