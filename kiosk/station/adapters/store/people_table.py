"""People who may sign in, and what is kept of their wrong PINs (decision 29).

Who was removed keeps a row without PIN and badge. Every writing transaction counts the version on, so that a running kiosk sees what a
command at the terminal did, and the other way round.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from kiosk.domain.people import AT_COUNTER, Person, PinLock, Role, Steady
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import add_entry
from kiosk.station.ports import KnownPerson, SyncPlace

_people, _locks, _sync = tables.people, tables.pin_locks, tables.people_sync
_ONLY = 1
_ALL = select(_people).order_by(_people.c.person_key)
_ROUND_AT = select(_people.c.round_at).where(_people.c.person_key == bindparam("of"))
_DROP = delete(_people).where(_people.c.person_key == bindparam("of"))
_ADD = insert(_people)
_REMOVED = {"removed": True, "verifier": "", "badge": ""}
_GONE = update(_people).where(_people.c.person_key == bindparam("of"), _people.c.from_platform.is_(True)).values(_REMOVED)
_NOT_TOLD = (
    update(_people)
    .where(_people.c.from_platform.is_(True), _people.c.removed.is_(False), _people.c.round_at != bindparam("fresh"))
    .values(_REMOVED)
)
_LOCKS = select(_locks)
_LOCK = _LOCKS.where(_locks.c.person_key == bindparam("of"))
_UNLOCK = delete(_locks).where(_locks.c.person_key == bindparam("of"))
_ADD_LOCK = insert(_locks)
_STATE = select(_sync)
_COUNT_ON = update(_sync).values(version=_sync.c.version + 1)
_BEGIN = insert(_sync)
_MOVE = update(_sync).values(cursor=bindparam("to"), fresh_at=bindparam("fresh"))
_ENDED = update(_sync).values(told_at=bindparam("at"))
_MS = 1000


class PeopleTable(Database):
    """The part of the store that knows people."""

    def people_version(self) -> int:
        return next((row.version for row in self.rows(_STATE)), 0)

    def known_people(self) -> tuple[KnownPerson, ...]:
        return tuple(map(_known, self.rows(_ALL)))

    def keep_person(self, known: KnownPerson, at: datetime, act: str, by: str) -> None:
        with self.writing() as connection:
            round_at = connection.execute(_ROUND_AT, {"of": known.person.id.upper()}).scalar_one_or_none()
            _put(connection, known, round_at)
            add_entry(connection, at, act, "", f"{known.person.id} ({known.person.role}) by {by}")
            _count_on(connection)

    def pin_locks(self) -> dict[str, PinLock]:
        return {row.person_key: _lock(row) for row in self.rows(_LOCKS)}

    def change_lock(self, key: str, change: Callable[[PinLock], PinLock]) -> PinLock:
        with self.writing() as connection:
            row = connection.execute(_LOCK, {"of": key}).one_or_none()
            before = PinLock() if row is None else _lock(row)
            after = change(before)
            if after != before:
                connection.execute(_UNLOCK, {"of": key})
                if after != PinLock():
                    connection.execute(_ADD_LOCK, {"person_key": key, **_lock_row(after)})
                _count_on(connection)
        return after

    def people_place(self) -> SyncPlace | None:
        rows = self.rows(_STATE)
        return next((SyncPlace(cursor=row.cursor, fresh_at=row.fresh_at) for row in rows if row.fresh_at is not None), None)

    def people_told_at(self) -> datetime | None:
        return next((row.told_at for row in self.rows(_STATE)), None)

    def put_people(self, people: Sequence[KnownPerson], gone: Sequence[str], place: SyncPlace, at: datetime) -> None:
        with self.writing() as connection:
            before = {each.person.id.upper(): each for each in map(_known, connection.execute(_ALL))}
            for each in people:
                _put(connection, each, place.fresh_at)
                if before.get(each.person.id.upper()) != each:
                    add_entry(connection, at, "person changed by the platform", "", f"{each.person.id} ({each.person.role})")
            for person_id in gone:
                if connection.execute(_GONE, {"of": person_id.upper()}).rowcount:
                    add_entry(connection, at, "person removed by the platform", "", person_id)
            _count_on(connection)
            connection.execute(_MOVE, {"to": place.cursor, "fresh": place.fresh_at})

    def end_people_round(self, place: SyncPlace, at: datetime) -> None:
        with self.writing() as connection:
            if gone := connection.execute(_NOT_TOLD, {"fresh": place.fresh_at}).rowcount:
                add_entry(connection, at, "people removed by the platform", "", str(gone))
            _count_on(connection)
            connection.execute(_ENDED, {"at": at})


def _put(connection: Connection, known: KnownPerson, round_at: datetime | None) -> None:
    person = known.person
    connection.execute(_DROP, {"of": person.id.upper()})
    facts = {name: getattr(known, name) for name in ("verifier", "badge", "from_platform", "pin_number", "pin_mark", "removed")}
    about = {"person_id": person.id, "name": person.name, "role": person.role.value, "must_change_pin": person.must_change_pin}
    connection.execute(_ADD, {"person_key": person.id.upper(), **about, **facts, "round_at": round_at})


def _count_on(connection: Connection) -> None:
    if connection.execute(_COUNT_ON).rowcount == 0:
        connection.execute(_BEGIN, {"number": _ONLY, "version": 1})


def _known(row: Row[*tuple[Any, ...]]) -> KnownPerson:
    """One with a role that no version knows may do nothing, and is still known."""
    is_role = row.role in AT_COUNTER
    return KnownPerson(
        person=Person(
            id=row.person_id, name=row.name, role=Role(row.role) if is_role else Role.ATTENDANT, must_change_pin=row.must_change_pin
        ),
        verifier=row.verifier,
        badge=row.badge,
        from_platform=row.from_platform,
        pin_number=row.pin_number,
        pin_mark=row.pin_mark,
        removed=row.removed or not is_role,
    )


def _lock(row: Row[*tuple[Any, ...]]) -> PinLock:
    return PinLock(wrong=row.wrong, locks=row.locks, left=row.left_ms / _MS, at=Steady(row.machine_run, row.at_ms / _MS))


def _lock_row(lock: PinLock) -> dict[str, object]:
    left, at = round(lock.left * _MS), round(lock.at.seconds * _MS)
    return {"wrong": lock.wrong, "locks": lock.locks, "left_ms": left, "machine_run": lock.at.run, "at_ms": at}
