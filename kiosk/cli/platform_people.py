"""`platform people add`, `list`, `pin`, `badge`, `remove`: who may sign in at stations, or work at the desk (decision 29).

A PIN that is made here is printed once, kept sealed, and changed by its owner at the next sign-in; a badge's code is printed once.
"""

import argparse
import getpass
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import DONE, Actions, Argument, add_command, add_group, argument, database_option, json_option, print_message, print_rows
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.people import BADGE_BYTES, Person, Role, badge_digest, badge_of, check_new_pin

if TYPE_CHECKING:
    from kiosk.platform.store.people_register import PeopleRegister, RegisteredPerson
    from kiosk.shared.pins import Seal

_PEPPER = "SWAP_KIOSK_PLATFORM_PEPPER_FILE"


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `platform`."""
    people = add_group(actions, "people", tr("who may sign in"), tr("People who may sign in at stations, or work at the desk."))
    who = argument("id", metavar="ID", help=tr("the person's id"))
    add_command(
        people,
        "add",
        add,
        tr("a person of these stations, new or changed"),
        who,
        argument("--name", required=True, metavar="N", help=tr("as it is shown")),
        argument("--role", required=True, choices=[each.value for each in Role], help=tr("what the person may do")),
        argument("--station", nargs="+", action="extend", default=[], metavar="S", help=tr("where the person signs in")),
        database_option(),
    )
    add_command(people, "list", list_people, tr("everybody, by id"), database_option(), json_option())
    add_command(
        people,
        "pin",
        make_pin,
        tr("a new PIN, to be changed at the next sign-in"),
        who,
        argument("--pin-file", type=Path, metavar="FILE", help=tr("the PIN; else one is made and printed once")),
        pepper_option(),
        database_option(),
    )
    add_command(people, "badge", make_badge, tr("a new badge; an older one ends"), who, database_option())
    add_command(people, "remove", remove, tr("this person signs in nowhere any more"), who, database_option())


def pepper_option() -> Argument:
    """`--pepper-file`."""
    words = tr(
        "the secret that PINs of people are sealed with (${variable}; made in the data folder where none is named)", variable=_PEPPER
    )
    return argument("--pepper-file", type=Path, metavar="FILE", help=words)


def seal_of(options: argparse.Namespace) -> "Seal":
    """Opens and seals PINs. Raises BadInput."""
    from kiosk.settings import load_settings
    from kiosk.shared.pins import Seal, pepper_in

    named = options.pepper_file or (Path(os.environ[_PEPPER]) if os.environ.get(_PEPPER) else None)
    return Seal(pepper_in(named or load_settings().data / "platform" / "people-pepper"))


@contextmanager
def _register(options: argparse.Namespace) -> "Iterator[PeopleRegister]":
    from kiosk.platform.store.people_register import PeopleRegister
    from kiosk.platform.store.repository import open_existing

    with closing(open_existing(options.database)) as store:
        yield PeopleRegister(store)


def _now_and_by() -> "tuple[Any, str]":
    """When, and which user of this machine does it."""
    from kiosk.shared.system import SystemClock

    return SystemClock().now(), f"terminal:{getpass.getuser()}"


def add(options: argparse.Namespace) -> int:
    """Exit 2 for what can be no person."""
    person = Person(id=options.id, name=cleaned(options.name), role=Role(options.role))
    with _register(options) as register:
        known = register.put(person, options.station, *_now_and_by())
    print_message("  ".join((known.person.id, known.person.role.value, ", ".join(known.stations))))
    if not known.sealed_pin:
        print_message(tr("No PIN is made yet: {command}", command=f"platform people pin {known.person.id}"))
    return DONE


def list_people(options: argparse.Namespace) -> int:
    """Never a PIN or a badge."""
    with _register(options) as register:
        print_rows([_row(each) for each in register.all()], as_json=options.json, line=_line)
    return DONE


def _row(known: "RegisteredPerson") -> dict[str, Any]:
    return {
        "id": known.person.id,
        "name": known.person.name,
        "role": known.person.role.value,
        "stations": list(known.stations),
        "has_pin": bool(known.sealed_pin),
        "has_badge": bool(known.badge),
        "must_change_pin": known.person.must_change_pin,
    }


def _line(row: dict[str, Any]) -> str:
    marks = [tr("PIN") if row["has_pin"] else tr("no PIN"), *([tr("badge")] if row["has_badge"] else [])]
    return "  ".join((row["id"], row["role"], ", ".join(row["stations"]), row["name"], *marks))


def make_pin(options: argparse.Namespace) -> int:
    """Printed once, on standard output, where none is given."""
    from kiosk.shared.pins import stretched

    with _register(options) as register:
        known, seal = register.find(options.id), seal_of(options)
        pin = _pin_in(options.pin_file) if options.pin_file else _new_pin(known.person)
        check_new_pin(pin, known.person.role, known.person.id)
        register.set_pin(known.person.id, seal.sealed(stretched(pin), known.person.id), *_now_and_by())
    if not options.pin_file:
        print(pin)
    print_message(tr("It is changed at the next sign-in."))
    return DONE


def _pin_in(file: Path) -> str:
    """Raises BadInput, without showing it."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(file), getattr(error, "strerror", "") or tr("it cannot be read")) from error


def _new_pin(person: Person) -> str:
    while True:
        pin = "".join(str(secrets.randbelow(10)) for _ in range(person.role.pin_digits))
        try:
            check_new_pin(pin, person.role, person.id)
        except BadInput:
            continue
        return pin


def make_badge(options: argparse.Namespace) -> int:
    """Printed once, on standard output: it is printed on the badge, as text or as a QR code, and kept nowhere."""
    code = badge_of(secrets.token_bytes(BADGE_BYTES))
    with _register(options) as register:
        register.set_badge(options.id, badge_digest(code), *_now_and_by())
    print(code)
    return DONE


def remove(options: argparse.Namespace) -> int:
    """Exit 1 where there is no such person."""
    with _register(options) as register:
        register.remove(options.id, *_now_and_by())
    return DONE
