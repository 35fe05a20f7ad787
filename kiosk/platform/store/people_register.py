"""The platform's list of people (decision 29): who may sign in where, their PINs and badges, and what was done to them.

A station is told of its own people alone, and of those who were its own and are no more. A PIN lies here sealed (`kiosk.shared.pins.Seal`):
a copy of the database tells none. Whoever changes the list takes turns with all other workers and numbers the change under that lock, so
that a reader who stands at a number has seen all below it. A cursor is this database's, and of a change that it has; any other raises
BadInput with `where` "cursor". Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, text, update

from kiosk.domain.errors import BadInput, NotFound
from kiosk.domain.language import tr
from kiosk.domain.people import AT_COUNTER, Person, Role, check_person_id
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.retry import retry
from kiosk.platform.store.tables import people as _people
from kiosk.platform.store.tables import people_changes as _changes
from kiosk.platform.store.tables import people_stations as _members

MAX_PEOPLE = 500
MAX_STATION_LENGTH = 64
_LOCK = 0x50454F50  # any number, the same in every worker
_IDENTITY = "people-register"
_MAX_DIGITS = 18

_LAST = select(func.coalesce(func.max(_changes.c.number), 0))
_ONE = select(_people).where(_people.c.person_key == bindparam("of"))
_REPLACE = update(_people).where(_people.c.person_key == bindparam("of"))
_ALL = select(_people).where(_people.c.removed_at.is_(None)).order_by(_people.c.person_key)
_OF_ALL = select(_members.c.person_key, _members.c.station_id).where(_members.c.is_member.is_(True)).order_by(_members.c.station_id)
_STATIONS = select(_members).where(_members.c.person_key == bindparam("of"))
_MOVE = update(_members).where(_members.c.person_key == bindparam("of"))
_MEMBERS = select(_members.c.person_key).where(_members.c.station_id == bindparam("at"), _members.c.is_member.is_(True))
_PAGE = (
    select(_people, _members.c.is_member, _members.c.change)
    .join_from(_members, _people, _members.c.person_key == _people.c.person_key)
    .where(_members.c.station_id == bindparam("at"), _members.c.change > bindparam("after"))
    .order_by(_members.c.change)
    .limit(bindparam("most"))
)
_HISTORY = select(_changes).where(_changes.c.person_id == bindparam("of")).order_by(_changes.c.number.desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPerson:
    """A person as the platform keeps it; `sealed_pin` and `badge` are "" where there is none."""

    person: Person
    stations: tuple[str, ...] = ()
    sealed_pin: str = field(default="", repr=False)
    badge: str = field(default="", repr=False)
    pin_number: int = 0
    pin_mark: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """What changed for one station since a cursor: its people, and the ids of those who are not any more."""

    people: tuple[RegisteredPerson, ...]
    gone: tuple[str, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChange:
    """One thing that was done to a person, by whom."""

    number: int
    at: datetime
    act: str
    person_id: str
    by: str
    detail: str


class PeopleRegister:
    """On the platform's database. `by` is who does it, as the machine's or the desk's own name for them."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store
        self._identity = ""

    def all(self) -> tuple[RegisteredPerson, ...]:
        """Those who are not removed, by id."""
        with self._store.reading() as connection:
            rows = connection.execute(_ALL).mappings().all()
            stations: dict[str, list[str]] = {}
            for key, station_id in connection.execute(_OF_ALL):
                stations.setdefault(key, []).append(station_id)
        return tuple(_registered(row, stations.get(row["person_key"], ())) for row in rows)

    def history(self, person_id: str, limit: int = 100) -> tuple[PeopleChange, ...]:
        """What was done to a person, newest first."""
        with self._store.reading() as connection:
            rows = connection.execute(_HISTORY, {"of": person_id, "most": limit}).mappings().all()
        return tuple(PeopleChange(**row) for row in rows)

    def put(self, person: Person, stations: Collection[str], at: datetime, by: str) -> RegisteredPerson:
        """A person of these stations from now on, new or changed. Another role with a PIN of another length takes the PIN away.

        Raises BadInput for an id, a name or stations that cannot be.
        """
        _check(person, stations)
        return retry(self._store, lambda connection: _put(connection, person, sorted(set(stations)), at, by))

    def find(self, person_id: str) -> RegisteredPerson:
        """One who is not removed. Raises NotFound."""
        with self._store.reading() as connection:
            return _found(connection, person_id)

    def set_pin(self, person_id: str, sealed: str, at: datetime, by: str) -> None:
        """A new PIN, to be changed at the next sign-in. Raises NotFound."""

        def work(connection: Connection) -> None:
            known, number = _turn(connection, person_id)
            facts = {"sealed_pin": sealed, "pin_number": number, "pin_mark": number, "must_change": True}
            _write(connection, known.person.id, facts, _Act(number, at, "pin made", by))

        retry(self._store, work)

    def set_badge(self, person_id: str, digest: str, at: datetime, by: str) -> None:
        """The badge from now on, "" for none. Raises NotFound."""

        def work(connection: Connection) -> None:
            known, number = _turn(connection, person_id)
            _write(connection, known.person.id, {"badge": digest}, _Act(number, at, "badge made", by))

        retry(self._store, work)

    def remove(self, person_id: str, at: datetime, by: str) -> None:
        """This person signs in nowhere any more; the id stays in the history. Raises NotFound."""

        def work(connection: Connection) -> None:
            known, number = _turn(connection, person_id)
            connection.execute(_MOVE.values(is_member=False), {"of": _key(known.person.id)})
            facts = {"removed_at": at, "sealed_pin": "", "badge": ""}
            _write(connection, known.person.id, facts, _Act(number, at, "person removed", by))

        retry(self._store, work)

    def mark_pins(self, station_id: str, at: datetime, by: str) -> int:
        """The PINs of this station's people are changed at their next sign-in, wherever that is: the station was revoked, and who took it
        may try them. How many people they are."""

        def work(connection: Connection) -> int:
            _take_turns(connection)
            keys = connection.execute(_MEMBERS, {"at": station_id}).scalars().all()
            for each in keys:
                number = connection.execute(_LAST).scalar_one() + 1
                facts = {"pin_mark": number, "must_change": True}
                _write(connection, each, facts, _Act(number, at, "pin to be changed", by, station_id))
            return len(keys)

        return retry(self._store, work)

    def page(self, station_id: str, after: str, limit: int) -> PeoplePage:
        """What changed for this station since the cursor, oldest change first; everybody since "". Raises BadInput."""
        if not 1 <= limit <= MAX_PEOPLE:
            raise BadInput("limit", tr("must be between 1 and {count}", count=MAX_PEOPLE))
        number = self._number_of(after) if after else 0
        with self._store.reading() as connection:
            if number > connection.execute(_LAST).scalar_one():
                raise _no_cursor()
            rows = connection.execute(_PAGE, {"at": station_id, "after": number, "most": limit + 1}).mappings().all()
        page = rows[:limit]
        last = page[-1]["change"] if page else number
        here = [row for row in page if _is_told(row)]
        return PeoplePage(
            people=tuple(_registered(row, (station_id,)) for row in here),
            gone=tuple(row["person_id"] for row in page if row not in here),
            cursor=f"{self._own_identity()}-{last}",
            more=len(rows) > limit,
        )

    def _own_identity(self) -> str:
        """Tells this database's cursors from another's."""
        self._identity = self._identity or self._store.secret(_IDENTITY)[:8]
        return self._identity

    def _number_of(self, cursor: str) -> int:
        identity, _, number = cursor.rpartition("-")
        if identity != self._own_identity() or not number.isascii() or not number.isdecimal() or len(number) > _MAX_DIGITS:
            raise _no_cursor()
        return int(number)


def _no_cursor() -> BadInput:
    return BadInput("cursor", tr("is none of this platform's"))


# ---------------------------------------------------------------- one change, in its transaction


@dataclass(frozen=True, slots=True)
class _Act:
    number: int
    at: datetime
    act: str
    by: str
    detail: str = ""


def _put(connection: Connection, person: Person, stations: Sequence[str], at: datetime, by: str) -> RegisteredPerson:
    _take_turns(connection)
    number, key = connection.execute(_LAST).scalar_one() + 1, _key(person.id)
    row = connection.execute(_ONE, {"of": key}).mappings().one_or_none()
    facts: dict[str, Any] = {"name": person.name, "role": person.role.value, "removed_at": None}
    if row is None:
        none = {"sealed_pin": "", "pin_number": 0, "pin_mark": 0, "must_change": False, "badge": ""}
        connection.execute(insert(_people), {"person_key": key, "person_id": person.id, **none, **facts})
    elif Role(row["role"]).pin_digits != person.role.pin_digits:
        facts |= {"sealed_pin": "", "pin_number": number}
    was = {each.station_id: each.is_member for each in connection.execute(_STATIONS, {"of": key})}
    for station_id in stations:
        if station_id not in was:
            member = {"person_key": key, "station_id": station_id, "is_member": True, "change": number}
            connection.execute(insert(_members), member)
    for station_id in was:
        here = _MOVE.where(_members.c.station_id == station_id)
        connection.execute(here.values(is_member=station_id in stations), {"of": key})
    act = "person made" if row is None or row["removed_at"] is not None else "person changed"
    _write(connection, key, facts, _Act(number, at, act, by, f"{person.role.value} at {', '.join(stations)}"))
    return _found(connection, key)


def _write(connection: Connection, person_id: str, facts: Mapping[str, Any], act: _Act) -> None:
    """The person as it is after it, told to all stations that are or were theirs, with its rows in the history and the record."""
    key = _key(person_id)
    connection.execute(_REPLACE.values(**facts), {"of": key})
    connection.execute(_MOVE.values(change=act.number), {"of": key})
    known = connection.execute(_ONE, {"of": key}).mappings().one()["person_id"]
    row = {"number": act.number, "at": act.at, "act": act.act, "person_id": known, "by": act.by, "detail": act.detail}
    connection.execute(insert(_changes), row)
    record_act(connection, act.at, act.act, act.by, person=known, about=act.detail)


def _turn(connection: Connection, person_id: str) -> tuple[RegisteredPerson, int]:
    """The person and the number of the change that is made now. Raises NotFound."""
    _take_turns(connection)
    return _found(connection, person_id), connection.execute(_LAST).scalar_one() + 1


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # on SQLite its BEGIN has done that
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _found(connection: Connection, person_id: str) -> RegisteredPerson:
    row = connection.execute(_ONE, {"of": _key(person_id)}).mappings().one_or_none()
    if row is None or row["removed_at"] is not None:
        raise NotFound("person", person_id)
    members = connection.execute(_STATIONS.where(_members.c.is_member.is_(True)), {"of": _key(person_id)})
    return _registered(row, sorted(each.station_id for each in members))


def _check(person: Person, stations: Collection[str]) -> None:
    check_person_id(person.id)
    if not person.name:
        raise BadInput("--name", tr("is empty"))
    if any(not 1 <= len(each) <= MAX_STATION_LENGTH or not each.isprintable() for each in stations):
        raise BadInput("--station", tr("must be the id of a station"))
    if person.role in AT_COUNTER and not stations:
        raise BadInput("--station", tr("is missing: at which stations?"))


def _is_told(row: RowMapping) -> bool:
    """Whether a station is told of this person; the desk's people are none of a counter."""
    return bool(row["is_member"]) and row["removed_at"] is None and row["role"] in AT_COUNTER


def _registered(row: RowMapping, stations: Sequence[str]) -> RegisteredPerson:
    return RegisteredPerson(
        person=Person(id=row["person_id"], name=row["name"], role=Role(row["role"]), must_change_pin=row["must_change"]),
        stations=tuple(stations),
        sealed_pin=row["sealed_pin"],
        badge=row["badge"],
        pin_number=row["pin_number"],
        pin_mark=row["pin_mark"],
    )


def _key(person_id: str) -> str:
    """Ids are one in capitals and small letters."""
    return person_id.strip().upper()
