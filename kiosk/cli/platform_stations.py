"""`platform station` and `platform key`: who is enrolled, who may speak unsigned, and the platform's own key (decisions 26, 27)."""

import argparse
import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli import (
    DONE,
    FAILED,
    Actions,
    Argument,
    add_command,
    add_group,
    argument,
    database_option,
    json_option,
    print_json,
    print_message,
    print_rows,
)
from kiosk.domain.display import MAX_NOTE, cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr, tr_count
from kiosk.domain.times import iso_utc

if TYPE_CHECKING:
    from kiosk.platform.store.repository import PlatformStore
    from kiosk.platform.store.station_values import HeldRequest, RegisteredStation, UnsignedStation

_SEEN_LATELY = timedelta(days=30)


def add_to(actions: Actions) -> None:
    """The commands' arguments, below `platform`."""
    stations = add_group(actions, "station", tr("the stations that sign"), tr("The register of stations: who signs, and who is answered."))
    database, station = database_option(), argument("station", metavar="ID", help=tr("the station's id, which is its user at the broker"))
    out = argument("--out", type=Path, metavar="FILE", help=tr("where the enrolment file is written, mode 0600 (ID.enrolment.json)"))
    add_command(
        stations,
        "add",
        add,
        tr("let a station enrol itself: writes its enrolment file"),
        *(database, out, signing_key_option(), by_option(), station),
        about=tr("Adds a station and writes the file that its counter is enrolled with, once and within 24 hours."),
    )
    add_command(
        stations,
        "rotate",
        rotate,
        tr("let an enrolled station change its key"),
        *(database, out, signing_key_option(), by_option(), station),
        about=tr("Writes a further enrolment file: with it the counter gets a new key, and the former one counts for a day more."),
    )
    since = argument(
        "--since", metavar="TIME", help=tr("since when it is not to be believed, e.g. {example}", example="2026-01-31T08:15:00Z")
    )
    add_command(
        stations,
        "revoke",
        revoke,
        tr("believe a station no more: it was stolen"),
        *(database, since, by_option(), json_option(), station),
        about=tr(
            "From now on nothing that the station signs is booked. Lists the transactions that it began since the time that is given."
        ),
    )
    add_command(stations, "list", show, tr("the stations, and who was seen without a signature"), database, json_option())
    which = argument("mode", nargs="?", choices=("open", "enrolled"), metavar="open|enrolled", help=tr("without it, the mode is printed"))
    yes = argument("--yes", action="store_true", help=tr("also where stations are shut out that were answered lately"))
    add_command(
        stations,
        "mode",
        mode,
        tr("who is answered: everybody, or enrolled stations only"),
        *(database, yes, by_option(), json_option(), which),
        about=tr("In the mode open stations without a signature are answered too; in the mode enrolled only those that sign."),
    )
    _add_transactions(stations)
    keys = add_group(actions, "key", tr("the platform's signing key"), tr("The key that the platform signs with."))
    add_command(
        keys,
        "rotate",
        rotate_key,
        tr("a new key, signed by the present one; both count for 30 days"),
        *(database, signing_key_option(), by_option()),
        argument("--lost", action="store_true", help=tr("the present one is lost: every station has to be enrolled again")),
        about=tr("Makes a new signing key. Start the platform again afterwards, so that all its workers sign with it."),
    )


def _add_transactions(stations: Actions) -> None:
    database, transaction = database_option(), argument("transaction", metavar="TRANSACTION", help=tr("the swap's correlation id"))
    add_command(
        stations,
        "free",
        free,
        tr("let another station complete a transaction"),
        *(database, by_option(), transaction),
        about=tr("The station that began it is broken and its customer stands at another one: whoever asks for it next owns it."),
    )
    add_command(stations, "held", held, tr("completions of revoked stations, which wait for a person"), database, json_option())
    add_command(
        stations,
        "book",
        book,
        tr("book a completion of a revoked station"),
        *(database, by_option(), transaction),
        about=tr("Books what a revoked station completed, after a person has made sure that the swap was made."),
    )
    note = argument("--note", required=True, metavar="TEXT", help=tr("what was done, e.g. {example}", example=tr("the battery was stolen")))
    add_command(stations, "dismiss", dismiss, tr("take one off that list without booking it"), database, by_option(), note, transaction)


def signing_key_option() -> Argument:
    """`--signing-key`."""
    return argument(
        "--signing-key",
        type=Path,
        metavar="FILE",
        help=tr("the private key that answers are signed with (made in the data folder where none is named)"),
    )


def by_option() -> Argument:
    """`--by`."""
    return argument("--by", metavar="NAME", help=tr("who does it, for the record (the user)"))


def signing_key_file(named: Path | None) -> Path:
    """The file that is named, else the one in the data folder."""
    from kiosk.platform.stations.signing_key_file import FILE_NAME
    from kiosk.settings import load_settings

    return named or load_settings().data / "platform" / FILE_NAME


@contextmanager
def _opened(options: argparse.Namespace, *, new: bool = False) -> "Iterator[tuple[PlatformStore, datetime, str]]":
    """The store, the time and who acts. Where it may be `new` the database is made."""
    from kiosk.platform.store.repository import open_existing, open_store
    from kiosk.shared.system import SystemClock

    with closing((open_store if new else open_existing)(options.database)) as store:
        yield store, SystemClock().now(), getattr(options, "by", None) or getpass.getuser()


def add(options: argparse.Namespace) -> int:
    """Exit 1 where it is enrolled already."""
    return _write_file(options, first=True)


def rotate(options: argparse.Namespace) -> int:
    """Exit 1 where it has no key that counts."""
    return _write_file(options, first=False)


def _write_file(options: argparse.Namespace, *, first: bool) -> int:
    """The file is written after the register knows its secret; what cannot be written is said, and the same command gives another one."""
    from kiosk.platform.stations.signing_key_file import open_signing_key
    from kiosk.platform.store.key_list import KeyList
    from kiosk.platform.store.station_register import StationRegister
    from kiosk.shared.durable_files import make_whole
    from kiosk.wire.enrolment import EnrolmentFile, make_secret, secret_hash
    from kiosk.wire.station_topics import is_station_id

    station: str = options.station
    if not is_station_id(station):
        raise BadInput("ID", tr("may hold letters, digits and . _ -, and has at most 40 characters"))
    out = options.out or Path(f"{station}.enrolment.json")
    if out.exists():
        raise BadInput(str(out), tr("is there already; it is not written over"))
    with _opened(options, new=first) as (store, now, who):
        keys = KeyList(store)
        current = keys.current()
        platform_key = current.key if current else open_signing_key(signing_key_file(options.signing_key), keys, now)[0].public
        secret, register = make_secret(), StationRegister(store)
        give = register.add if first else register.rotate
        expires = give(station, secret_hash(secret), now, who)
    file = EnrolmentFile(station=station, platform_key=platform_key, secret=secret, expires=expires, broker_user=station)
    try:
        make_whole(out, file.write())
    except OSError as error:
        raise BadInput(str(out), tr("cannot be written ({reason})", reason=error.strerror)) from error
    print_message(tr("Written: {file}. It enrols {station} once, until {time}.", file=out, station=station, time=iso_utc(expires)))
    return DONE


def revoke(options: argparse.Namespace) -> int:
    """Prints the transactions that it began since then; exit 1 where there is no such station."""
    from kiosk.platform.store.people_register import PeopleRegister
    from kiosk.platform.store.station_register import StationRegister

    with _opened(options) as (store, now, who):
        since = _time("--since", options.since) if options.since else now
        if since > now:
            raise BadInput("--since", tr("lies in the future; a station is revoked now"))
        register = StationRegister(store)
        register.revoke(options.station, since, now, who)
        PeopleRegister(store).mark_pins(options.station, now, who)  # who took the counter may try them
        begun = register.begun(options.station, since)
    print_rows(
        [{"transaction": each.correlation_id, "plan_id": each.plan_id, "begun_at": iso_utc(each.claimed_at)} for each in begun],
        as_json=options.json,
    )
    words = tr_count("{count} transaction was begun there since", "{count} transactions were begun there since", len(begun))
    print_message(tr("{station} is revoked since {time}. {words}", station=options.station, time=iso_utc(since), words=f"{words}."))
    return DONE


def _time(where: str, text: str) -> datetime:
    """Raises BadInput."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(where, tr("must be a time such as 2025-01-15T10:30:00Z")) from error
    return read.astimezone(UTC)


def show(options: argparse.Namespace) -> int:
    """Stations by id, then names that were seen without a signature, the latest first."""
    from kiosk.platform.store.station_register import StationRegister

    with _opened(options) as (store, now, _who):
        register = StationRegister(store)
        unsigned = {each.id: each for each in register.unsigned()}
        found = [_station(each, unsigned.pop(each.id, None), now) for each in register.all()]
        found += [_unsigned(each) for each in unsigned.values()]
        how = register.book(()).mode.value
    if options.json:
        print_json({"mode": how, "stations": found})
        return DONE
    print_message(tr("The mode is {mode}.", mode=how))
    print_rows(found, as_json=False, line=_line)
    return DONE


def _station(station: "RegisteredStation", unsigned: "UnsignedStation | None", now: datetime) -> dict[str, Any]:
    keys = [
        {"id": each.key.id, "from": iso_utc(each.valid_from), "until": _or_none(each.valid_until), "counts": each.counts(now)}
        for each in station.keys
    ]
    waiting = station.enrolment
    return {
        "station": station.id,
        "state": _state(station, now),
        "keys": keys,
        "enrols_until": iso_utc(waiting.until) if waiting and waiting.used_at is None else None,
        "revoked_since": _or_none(station.revoked_since),
        "unsigned_at": iso_utc(unsigned.last_at) if unsigned else None,
        "refused_at": _or_none(station.refused_at),
        "refused_why": station.refused_why or None,
    }


def _state(station: "RegisteredStation", now: datetime) -> str:
    if station.revoked_since is not None:
        return "revoked"
    return "enrolled" if any(each.counts(now) for each in station.keys) else "waiting"


def _unsigned(seen: "UnsignedStation") -> dict[str, Any]:
    nothing = dict.fromkeys(("enrols_until", "revoked_since", "refused_at", "refused_why"))
    return {"station": seen.id or None, "state": "unsigned", "keys": [], **nothing, "unsigned_at": iso_utc(seen.last_at)}


def _line(row: dict[str, Any]) -> str:
    told = (
        (tr("seen unsigned {time}"), row["unsigned_at"]),
        (tr("enrols until {time}"), row["enrols_until"]),
        (tr("revoked since {time}"), row["revoked_since"]),
        (tr("last refused {time}"), row["refused_at"] and f"{row['refused_at']} ({row['refused_why']})"),
    )
    ids = " ".join(each["id"] for each in row["keys"] if each["counts"])
    return "  ".join([row["station"] or tr("(no name)"), row["state"], *([ids] if ids else []), *_filled(told)])


def _filled(told: tuple[tuple[str, str | None], ...]) -> Iterator[str]:
    return (words.replace("{time}", value) for words, value in told if value)


def _or_none(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment else None


def mode(options: argparse.Namespace) -> int:
    """Exit 1 where stations would be shut out and nobody said yes."""
    from kiosk.platform.store.station_register import StationRegister
    from kiosk.platform.store.station_values import StationMode

    with _opened(options) as (store, now, who):
        register = StationRegister(store)
        if options.mode is None:
            print_json({"mode": register.book(()).mode.value}) if options.json else print(register.book(()).mode.value)
            return DONE
        wanted = StationMode(options.mode)
        shut_out = register.unsigned(now - _SEEN_LATELY) if wanted is StationMode.ENROLLED else ()
        for each in shut_out:
            name, time = each.id or tr("(no name)"), iso_utc(each.last_at)
            print_message(tr("{station} was answered without a signature, last at {time}", station=name, time=time))
        if shut_out and not options.yes:
            print_message(tr("These would be shut out. Nothing was changed; with --yes it is."))
            return FAILED
        register.set_mode(wanted, now, who)
    print_json({"mode": wanted.value}) if options.json else print_message(tr("The mode is {mode}.", mode=wanted.value))
    return DONE


def free(options: argparse.Namespace) -> int:
    """Exit 1 where no station has begun it."""
    from kiosk.platform.store.station_register import StationRegister

    with _opened(options) as (store, now, who):
        claim = StationRegister(store).free(options.transaction, now, who)
    print_message(tr("{transaction} was begun at {station}; it is free now.", transaction=claim.correlation_id, station=claim.station_id))
    return DONE


def held(options: argparse.Namespace) -> int:
    """Oldest first."""
    from kiosk.platform.store.held_requests import HeldRequests

    with _opened(options) as (store, _now, _who):
        print_rows([_held(each) for each in HeldRequests(store).waiting()], as_json=options.json)
    return DONE


def _held(request: "HeldRequest") -> dict[str, Any]:
    from kiosk.wire.exact_json import loads

    about = {"transaction": request.correlation_id, "station": request.station_id, "plan_id": request.plan_id, "action": request.action}
    return {**about, "held_at": iso_utc(request.held_at), "request": loads(request.payload)}


def book(options: argparse.Namespace) -> int:
    """Prints the answers; exit 1 where one is no success, and then it waits on."""
    from kiosk.platform.agent.request_handler import RequestHandler
    from kiosk.platform.payment_proof import AcceptWellFormed
    from kiosk.platform.store.held_requests import HeldRequests
    from kiosk.shared.system import SystemClock
    from kiosk.wire.exact_json import loads

    with _opened(options) as (store, now, who):
        waiting = HeldRequests(store)
        found = waiting.waiting(options.transaction)
        handler = RequestHandler(store, AcceptWellFormed(), SystemClock())  # a person has looked at the payment too
        answers = [handler.book_held(each).answer for each in found]
        documents = [loads(each.payload) for each in answers if each is not None]
        print_json(documents)
        if len(documents) < len(found) or any(_is_refused(each) for each in documents):
            return FAILED
        waiting.settle(options.transaction, "held_booked", "", now, who)
    return DONE


def _is_refused(answer: dict[str, Any]) -> bool:
    from kiosk.wire.actions import FAILURES

    signals = answer.get("signals") or answer.get("data", {}).get("signals", [])
    return bool(FAILURES.intersection(signals))


def dismiss(options: argparse.Namespace) -> int:
    """Exit 1 where none waits under this id."""
    from kiosk.platform.store.held_requests import HeldRequests

    note = cleaned(options.note, MAX_NOTE)
    if not note:
        raise BadInput("--note", tr("is empty"))
    with _opened(options) as (store, now, who):
        HeldRequests(store).settle(options.transaction, "held_dismissed", note, now, who)
    print_message(tr("Settled: {note}", note=note))
    return DONE


def rotate_key(options: argparse.Namespace) -> int:
    """The file holds the new key afterwards."""
    from kiosk.platform.stations.signing_key_file import rotate as rotate_file
    from kiosk.platform.store.key_list import BOTH_KEYS, KeyList

    file = signing_key_file(options.signing_key)
    with _opened(options) as (store, now, who):
        keys = KeyList(store)
        new = rotate_file(file, keys, now, who, lost=options.lost)
    print_message(tr("The platform's new key is {id}, in {file}. Start the platform again.", id=new.public.id, file=file))
    if not options.lost:
        print_message(tr("The former one counts until {time}.", time=iso_utc(now + BOTH_KEYS)))
    return DONE
