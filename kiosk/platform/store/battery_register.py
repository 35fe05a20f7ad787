"""The platform's register of batteries (decisions 30, 84): which pack wears which sticker, what was done to that, what waits for a person.

One id has one address, and one address one id. A change that another binding stands in the way of changes nothing: it is kept as a conflict
and answered with what stands. One whose person has seen what stands, and names it in `replaces`, ends that, with a note, and the history
keeps both. A change is done once: sent again it is known by its `change_id`, whatever happened since. What was bound and is unbound keeps
its entry, without an address, so that every kiosk is told.

**Cursors.** Whoever changes the register takes turns with all other workers, and numbers the change under that lock: a number is never
committed after a higher one, so a reader that stands at a number has seen all below it. A cursor is this database's, and of a change that
it has; any other, an older backup's too, raises BadInput with `where` "cursor". Every method raises StoreFailed when the database does not
answer.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, text, update

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings, completed_by, pair_of, says_nothing_new, standing_in_the_way
from kiosk.domain.errors import BadInput, NotFound
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.platform.store.open_rows import HourlyRate, known_station
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.retry import retry
from kiosk.platform.store.tables import battery_binding_changes as _changes
from kiosk.platform.store.tables import battery_bindings as _bindings
from kiosk.platform.store.tables import battery_conflicts as _conflicts
from kiosk.platform.store.tables import battery_secrets as _secrets
from kiosk.wire.battery_documents import binding_to_document
from kiosk.wire.exact_json import dumps

MAX_BATTERIES = 500
MAX_HISTORY = 100
BOUND, REBOUND, UNBOUND = "bound", "rebound", "unbound"
_LOCK = 0x42415454  # any number, the same in every worker
_IDENTITY = "battery-register"
_UNBOUND_FACTS = {"address": None, "family": "", "serial": ""}

_ROWS = select(_bindings, _secrets.c.asset_id.is_not(None).label("has_secret")).join_from(
    _bindings, _secrets, _secrets.c.asset_id == _bindings.c.asset_id, isouter=True
)
_PAGE = _ROWS.where(_bindings.c.change > bindparam("after")).order_by(_bindings.c.change).limit(bindparam("most"))
_BY_ID = _ROWS.where(_bindings.c.asset_id == bindparam("of"))
_BY_ADDRESS = _ROWS.where(_bindings.c.address == bindparam("at"))
_ALL_BOUND = (
    _ROWS.where(_bindings.c.address.is_not(None), _bindings.c.asset_id > bindparam("after"))
    .order_by(_bindings.c.asset_id)
    .limit(bindparam("most"))
)
_LAST = select(func.coalesce(func.max(_changes.c.number), 0))
_KNOWN = select(_changes.c.number).where(_changes.c.change_id == bindparam("change"))
_HISTORY = select(_changes).where(_changes.c.asset_id == bindparam("of")).order_by(_changes.c.number.desc()).limit(MAX_HISTORY)
_REPLACE = update(_bindings).where(_bindings.c.asset_id == bindparam("of"))
_SECRET = select(_secrets.c.secret).where(_secrets.c.asset_id == bindparam("of"))
_FORGET_SECRET = delete(_secrets).where(_secrets.c.asset_id == bindparam("of"))
_CONFLICT_AGAIN = (
    update(_conflicts)
    .where(_conflicts.c.digest == bindparam("of_digest"))
    .values(times=_conflicts.c.times + 1, last_at=bindparam("again_at"), standing=bindparam("now_standing"), settled_at=None)
)
_CONFLICTS_OVER = (
    update(_conflicts)
    .where(_conflicts.c.asset_id == bindparam("of"), _conflicts.c.address == bindparam("at"), _conflicts.c.settled_at.is_(None))
    .values(settled_at=bindparam("over_at"), note=bindparam("why"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One thing that was done to a battery's binding; `address` None: it was unbound. `at` is by the clock of whoever did it."""

    what: str
    address: str | None
    family: str
    serial: str
    bound_by: str
    bound_at: datetime
    received_at: datetime
    station_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredBattery:
    """A battery that is bound, or was: `binding` None. Its history is newest first, MAX_HISTORY entries at most."""

    battery_id: str
    binding: Binding | None
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """A binding that could not be, and what stands in its way."""

    wanted: Binding
    standing: tuple[Binding, ...]


class BatteryRegister:
    """On the platform's database."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store
        self._identity = ""

    def page(self, after: str, limit: int) -> ToldBindings:
        """What changed since the cursor, oldest change first; everything since "". Raises BadInput."""
        if not 1 <= limit <= MAX_BATTERIES:
            raise BadInput("limit", tr("must be between 1 and {count}", count=MAX_BATTERIES))
        number = self._number_of(after) if after else 0
        with self._store.reading() as connection:
            if number > connection.execute(_LAST).scalar_one():
                raise _no_cursor()
            rows = connection.execute(_PAGE, {"after": number, "most": limit + 1}).mappings().all()
        page = rows[:limit]
        last = page[-1]["change"] if page else number
        return ToldBindings(
            bindings=tuple(_binding(row) for row in page if row["address"]),
            unbound=tuple(row["asset_id"] for row in page if not row["address"]),
            cursor=f"{self._own_identity()}-{last}",
            more=len(rows) > limit,
        )

    def battery(self, battery_id: str) -> RegisteredBattery:
        """One battery with its history. Raises NotFound."""
        with self._store.reading() as connection:
            row = connection.execute(_BY_ID, {"of": battery_id}).mappings().one_or_none()
            history = connection.execute(_HISTORY, {"of": battery_id}).mappings().all()
        if row is None:
            raise NotFound("battery", battery_id)
        return RegisteredBattery(battery_id=battery_id, binding=_bound(row), history=tuple(map(_entry, history)))

    def all_bound(self) -> Iterator[Binding]:
        """Batteries that are bound now, by id, page by page."""
        after: str | None = ""
        while after is not None:
            with self._store.reading() as connection:
                page = tuple(map(_binding, connection.execute(_ALL_BOUND, {"after": after, "most": MAX_BATTERIES}).mappings()))
            yield from page
            after = page[-1].battery_id if page else None

    def secret(self, battery_id: str) -> str:
        """One battery's secret. Raises NotFound."""
        with self._store.reading() as connection:
            found: str | None = connection.execute(_SECRET, {"of": battery_id}).scalar_one_or_none()
        if found is None:
            raise NotFound("secret of the battery", battery_id)
        return found

    def change(self, change: BindingChange, secret: str, at: datetime) -> RegisteredBattery | InTheWay:
        """Do it, received `at`; what stands in the way where it cannot be. Raises BadInput where it ends another binding without a note."""
        rate = self._store.refusals
        return retry(self._store, lambda connection: _change(connection, change, secret, at, rate)) or self._as_it_is(change.battery_id)

    def _as_it_is(self, battery_id: str) -> RegisteredBattery:
        try:
            return self.battery(battery_id)
        except NotFound:  # something was unbound that never was bound
            return RegisteredBattery(battery_id=battery_id, binding=None, history=())

    def _own_identity(self) -> str:
        """Tells this database's cursors from another's."""
        self._identity = self._identity or self._store.secret(_IDENTITY)[:8]
        return self._identity

    def _number_of(self, cursor: str) -> int:
        identity, _, number = cursor.rpartition("-")
        if identity != self._own_identity() or not number.isascii() or not number.isdecimal() or len(number) > _MAX_DIGITS:
            raise _no_cursor()
        return int(number)


_MAX_DIGITS = 18


def _no_cursor() -> BadInput:
    return BadInput("cursor", tr("is none of this platform's"))


# ---------------------------------------------------------------- one change, in its transaction


def _change(connection: Connection, change: BindingChange, secret: str, at: datetime, rate: HourlyRate) -> InTheWay | None:
    if connection.dialect.name == "postgresql":  # on SQLite its BEGIN has done that
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if change.change_id and connection.execute(_KNOWN, {"change": change.change_id}).one_or_none() is not None:
        return None
    row = connection.execute(_BY_ID, {"of": change.battery_id}).mappings().one_or_none()
    known = None if row is None else _bound(row)
    if change.binding is None:
        if known is not None and (not change.replaces or pair_of(known) in change.replaces):
            _unbind(connection, change, at, known.battery_id)
        return None
    wanted = completed_by(change.binding, known)
    if says_nothing_new(wanted, known) and secret in {"", connection.execute(_SECRET, {"of": wanted.battery_id}).scalar_one_or_none()}:
        return None
    there = connection.execute(_BY_ADDRESS, {"at": wanted.address}).mappings().one_or_none()
    in_the_way = standing_in_the_way(wanted, known, None if there is None else _binding(there))
    if any(pair_of(each) not in change.replaces for each in in_the_way):
        _keep_conflict(connection, wanted, in_the_way, at, rate)
        return InTheWay(wanted=wanted, standing=in_the_way)
    if in_the_way and not change.note:
        raise BadInput("note", tr("must say why another binding is ended"))
    for each in in_the_way:
        if each.battery_id != wanted.battery_id:
            _unbind(connection, change, at, each.battery_id)
    _bind(connection, change, wanted, at, row)
    _put_secret(connection, wanted, known, secret)
    return None


def _bind(connection: Connection, change: BindingChange, wanted: Binding, at: datetime, row: RowMapping | None) -> None:
    facts = {"address": wanted.address, "family": wanted.family, "serial": wanted.serial}
    what = BOUND if row is None or row["address"] is None else REBOUND
    _write(connection, change, wanted.battery_id, what, facts, at, is_known=row is not None)
    over = tr("bound since by {name}", name=change.by)
    connection.execute(_CONFLICTS_OVER, {"of": wanted.battery_id, "at": wanted.address, "over_at": at, "why": over})


def _unbind(connection: Connection, change: BindingChange, at: datetime, battery_id: str) -> None:
    connection.execute(_FORGET_SECRET, {"of": battery_id})
    _write(connection, change, battery_id, UNBOUND, _UNBOUND_FACTS, at, is_known=True)


def _write(
    connection: Connection, change: BindingChange, battery_id: str, what: str, facts: Mapping[str, Any], at: datetime, *, is_known: bool
) -> None:
    """The history's next row, and the binding as it is after it. Only the row of the battery that the change names bears its id."""
    number = connection.execute(_LAST).scalar_one() + 1
    row = {**facts, "bound_by": change.by, "bound_at": change.at, "station_id": change.station_id}
    change_id = (change.change_id or None) if battery_id == change.battery_id else None
    more = {"number": number, "asset_id": battery_id, "what": what, "received_at": at, "note": change.note, "change_id": change_id}
    connection.execute(insert(_changes), {**row, **more})
    if is_known:
        connection.execute(_REPLACE.values(change=number, **row), {"of": battery_id})
    else:
        connection.execute(insert(_bindings), {"asset_id": battery_id, "change": number, **row})


def _put_secret(connection: Connection, wanted: Binding, known: Binding | None, secret: str) -> None:
    """Another pack has another secret; the same pack keeps the one that it has where none is given."""
    if secret or known is None or known.address != wanted.address:
        connection.execute(_FORGET_SECRET, {"of": wanted.battery_id})
    if secret:
        connection.execute(insert(_secrets), {"asset_id": wanted.battery_id, "secret": secret})


def _keep_conflict(connection: Connection, wanted: Binding, standing: Sequence[Binding], at: datetime, rate: HourlyRate) -> None:
    """For a person, beyond the rate of its station for the one at the counter alone, who is told in any case."""
    facts = {"asset_id": wanted.battery_id, "address": wanted.address, "station_id": wanted.station_id, "bound_by": wanted.bound_by}
    digest = hashlib.sha256(dumps(facts)).hexdigest()
    stands = dumps([binding_to_document(each) for each in standing]).decode()
    again = connection.execute(_CONFLICT_AGAIN, {"of_digest": digest, "again_at": at, "now_standing": stands}).rowcount > 0
    if not again and rate.admits(known_station(connection, wanted.station_id), at):
        about = {"family": wanted.family, "serial": wanted.serial, "bound_at": wanted.bound_at, "standing": stands}
        connection.execute(insert(_conflicts), {**facts, **about, "digest": digest, "first_at": at, "last_at": at, "times": 1, "note": ""})


# ---------------------------------------------------------------- rows as values


def _bound(row: RowMapping) -> Binding | None:
    return _binding(row) if row["address"] else None


def _binding(row: RowMapping) -> Binding:
    return Binding(
        battery_id=row["asset_id"],
        address=row["address"],
        family=row["family"],
        serial=row["serial"],
        has_secret=bool(row["has_secret"]),
        bound_by=row["bound_by"],
        bound_at=row["bound_at"],
        station_id=row["station_id"],
    )


def _entry(row: RowMapping) -> HistoryEntry:
    return HistoryEntry(**{name: row[name] for name in HistoryEntry.__dataclass_fields__})


def history_json(entry: HistoryEntry) -> Json:
    """As it is told over HTTP."""
    return {
        "what": entry.what,
        "address": entry.address,
        "family": entry.family,
        "serial": entry.serial,
        "bound_by": entry.bound_by,
        "bound_at": iso_utc(entry.bound_at),
        "received_at": iso_utc(entry.received_at),
        "station_id": entry.station_id,
        "note": entry.note,
    }
