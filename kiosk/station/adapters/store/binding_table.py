"""Which pack wears which sticker: the platform's table as it was told last, and what was done here that is not in it.

queued -> taken (the row goes, the table has it) | refused, which keeps the platform's reason until a supervisor has dealt with it. Every
writing transaction counts the version on, so that a running kiosk sees what a command at the terminal did. Nothing secret is here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings
from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import add_entry, readable
from kiosk.station.ports import QueuedBinding, SyncPlace
from kiosk.wire.battery_documents import change_of, change_to_document
from kiosk.wire.exact_json import dumps, loads

_bindings, _changes, _sync = tables.bindings, tables.binding_changes, tables.binding_sync
_ONLY = 1
_FACTS = ("battery_id", "address", "family", "serial", "has_secret", "bound_by", "bound_at", "station_id")
_TOLD = select(_bindings)
_PAGE = _TOLD.where(_bindings.c.battery_id > bindparam("after")).order_by(_bindings.c.battery_id).limit(bindparam("most"))
_ONE = _TOLD.where(_bindings.c.battery_id == bindparam("of"))
_ADD = insert(_bindings)
_GONE = delete(_bindings).where(_bindings.c.battery_id == bindparam("of"))
_PACK_GONE = delete(_bindings).where(_bindings.c.address == bindparam("at"))
_PAIR_GONE = _PACK_GONE.where(_bindings.c.battery_id == bindparam("of"))
_FORGET = delete(_bindings).where(_bindings.c.round_at != bindparam("fresh"))
_QUEUED = select(_changes).order_by(_changes.c.number)
_QUEUE = insert(_changes)
_TAKEN = delete(_changes).where(_changes.c.number == bindparam("of"))
_REFUSED = update(_changes).where(_changes.c.number == bindparam("of")).values(refused=bindparam("why"))
_SETTLED = delete(_changes).where(_changes.c.battery_id == bindparam("of"), _changes.c.refused != "")
_VERSION = select(_sync.c.version)
_PLACE = select(_sync.c.cursor, _sync.c.fresh_at)
_COUNT_ON = update(_sync).values(version=_sync.c.version + 1)
_BEGIN = insert(_sync)
_MOVE = update(_sync).values(cursor=bindparam("to"), fresh_at=bindparam("fresh"))


class BindingTable(Database):
    """The part of the store that knows what is bound."""

    def bindings_version(self) -> int:
        return next((row.version for row in self.rows(_VERSION)), 0)

    def told_bindings(self, after: str, limit: int) -> tuple[Binding, ...]:
        return tuple(map(_binding, self.rows(_PAGE, {"after": after, "most": limit})))

    def told_binding(self, battery_id: str) -> Binding | None:
        return next(map(_binding, self.rows(_ONE, {"of": battery_id})), None)

    def queued_bindings(self) -> tuple[QueuedBinding, ...]:
        """A damaged one is logged and hides no other."""
        return readable(self.rows(_QUEUED), _queued)

    def queue_bindings(self, changes: Sequence[BindingChange], drop_refused: Sequence[str] = ()) -> None:
        with self.writing() as connection:
            for each in {*drop_refused, *(change.battery_id for change in changes)}:
                connection.execute(_SETTLED, {"of": each})
            for change in changes:
                connection.execute(_QUEUE, _row(change))
                add_entry(connection, change.at, *_audit(change), who=change.by, ids={"battery": change.battery_id})
            _count_on(connection)

    def record_binding_taken(self, queued: QueuedBinding, now: Binding | None, place: SyncPlace) -> None:
        with self.writing() as connection:
            connection.execute(_TAKEN, {"of": queued.number})
            for each in queued.change.replaces:
                connection.execute(_PAIR_GONE, {"of": each.battery_id, "at": each.address})
            if now is None:
                connection.execute(_GONE, {"of": queued.change.battery_id})
            else:
                _put(connection, (now,), place)
            _count_on(connection)

    def record_binding_refused(self, queued: QueuedBinding, reason: str, at: datetime) -> None:
        with self.writing() as connection:
            connection.execute(_REFUSED, {"of": queued.number, "why": reason})
            add_entry(connection, at, f"binding refused: {reason}", "", queued.change.battery_id)
            _count_on(connection)

    def bindings_place(self) -> SyncPlace | None:
        rows = self.rows(_PLACE)
        return next((SyncPlace(cursor=row.cursor, fresh_at=row.fresh_at) for row in rows if row.fresh_at is not None), None)

    def put_bindings(self, told: ToldBindings, place: SyncPlace) -> None:
        with self.writing() as connection:
            if told.unbound:
                connection.execute(_GONE, [{"of": each} for each in told.unbound])
            _put(connection, told.bindings, place)
            if told.bindings or told.unbound:
                _count_on(connection)
            moved = {"to": place.cursor, "fresh": place.fresh_at}
            if connection.execute(_MOVE, moved).rowcount == 0:
                connection.execute(_BEGIN, {"number": _ONLY, "version": 1, "cursor": place.cursor, "fresh_at": place.fresh_at})

    def forget_bindings(self, place: SyncPlace) -> int:
        with self.writing() as connection:
            count = connection.execute(_FORGET, {"fresh": place.fresh_at}).rowcount
            if count:
                _count_on(connection)
        return count


def _put(connection: Connection, bound: Sequence[Binding], place: SyncPlace) -> None:
    """In place of what was known of their ids and of their addresses: the platform has one of each."""
    if bound:
        connection.execute(_GONE, [{"of": each.battery_id} for each in bound])
        connection.execute(_PACK_GONE, [{"at": each.address} for each in bound])
        rows = [{name: getattr(each, name) for name in _FACTS} for each in bound]
        connection.execute(_ADD, [{**each, "round_at": place.fresh_at} for each in rows])


def _count_on(connection: Connection) -> None:
    if connection.execute(_COUNT_ON).rowcount == 0:
        connection.execute(_BEGIN, {"number": _ONLY, "version": 1})


def _row(change: BindingChange) -> Mapping[str, Any]:
    has_secret = change.binding is not None and change.binding.has_secret
    return {"battery_id": change.battery_id, "has_secret": has_secret, "document": dumps(change_to_document(change)).decode()}


def _audit(change: BindingChange) -> tuple[str, str, str]:
    """What, no swap, and the details."""
    done = "unbound" if change.binding is None else f"bound to {change.binding.address}"
    ended = ", ".join(map(str, change.replaces))
    about = (change.battery_id, f"by {change.by}", f"ends {ended}" if ended else "", change.note)
    return f"battery {done}", "", "; ".join(each for each in about if each)


def _binding(row: Row[*tuple[Any, ...]]) -> Binding:
    return Binding(**{name: getattr(row, name) for name in _FACTS})


def _queued(row: Row[*tuple[Any, ...]]) -> QueuedBinding:
    try:
        change = change_of(row.battery_id, loads(row.document), has_secret=row.has_secret)
    except BadInput as damaged:
        raise StoreFailed(
            tr(
                "a stored binding of {battery_id} cannot be read ({where} {reason})",
                battery_id=row.battery_id,
                where=damaged.where,
                reason=damaged.reason,
            )
        ) from damaged
    return QueuedBinding(number=row.number, change=change, refused=row.refused)
