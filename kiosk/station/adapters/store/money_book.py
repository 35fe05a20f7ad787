"""The book of acts with money: a number is used in the transaction that writes its act, so that it is neither lost nor used twice.

The row of a series is changed before it is read: on SQLite a writing transaction is alone, on PostgreSQL the row stays locked until the
end. A series that is new begins above what receipts of its form have paid here.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from kiosk.domain.approval import Approval
from kiosk.domain.errors import KioskError, NotFound, PaymentUsed, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.money.cash import CASH, WAYS_BACK, MoneyAct, MoneyEntry, number_in, numbered, series_of
from kiosk.domain.money.payments import normalise_receipt_id
from kiosk.domain.swap.swap import Payment, Swap, receipt_in
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import add_entry, readable
from kiosk.wire.stored_documents import swap_from_json, swap_to_json

_series, _acts, _payments, _swaps = tables.money_series, tables.money_acts, tables.payments, tables.swaps
_FACTS = ("correlation_id", "amount", "currency", "at", "given", "about", "approved_by", "note")
_IN_USE = select(func.max(_series.c.restart)).where(_series.c.series == bindparam("of"))
_THIS_SERIES = (_series.c.series == bindparam("of"), _series.c.restart == bindparam("in_restart"))
_COUNT_ON = update(_series).where(*_THIS_SERIES)
_LAST = select(_series.c.last).where(*_THIS_SERIES)
_BEGIN = insert(_series)
_ADD = insert(_acts)
_USED = select(_payments.c.receipt_id).where(_payments.c.method == CASH)
_OF_SWAP = select(_acts).where(_acts.c.correlation_id == bindparam("swap")).order_by(_acts.c.number)
_NEWEST = select(_acts).order_by(_acts.c.number.desc()).limit(bindparam("most"))
_AT_DESK = _acts.c.act == MoneyAct.AT_DESK.value
_UNTOLD = (
    select(_swaps.c.correlation_id, _swaps.c.journal)
    .join_from(_acts, _swaps, _acts.c.correlation_id == _swaps.c.correlation_id)
    .where(_AT_DESK, _acts.c.told_at.is_(None))
    .order_by(_acts.c.number)
)
_TELL = update(_acts).where(_acts.c.correlation_id == bindparam("swap"), _AT_DESK).values(told_at=bindparam("at_time"))
_IS = _swaps.c.correlation_id == bindparam("id")
_OPEN = _swaps.c.status.in_((tables.RUNNING, tables.KEPT))
_END = update(_swaps).where(_IS, _OPEN).values(status=tables.LEFT, saved_at=bindparam("ended_at"), reason=bindparam("why"))
_SAVE = update(_swaps).where(_IS, _OPEN).values(status=bindparam("status"), saved_at=bindparam("saved_at"), journal=bindparam("journal"))
_START = insert(_swaps)
_STATUS = select(_swaps.c.status).where(_IS)
_RELEASE = delete(_payments).where(_payments.c.correlation_id == bindparam("swap"))
_TAKE = insert(_payments)
_USED_AT = select(_payments.c.recorded_at).where(
    _payments.c.method == bindparam("method"),
    _payments.c.receipt_id == bindparam("receipt_id"),
    _payments.c.correlation_id != bindparam("swap"),
)


class MoneyBook(Database):
    """The part of the store that numbers acts with money."""

    def money_entries(self, correlation_id: str) -> tuple[MoneyEntry, ...]:
        return tuple(map(_entry, self.rows(_OF_SWAP, {"swap": correlation_id})))

    def money_book(self, limit: int = 100) -> tuple[MoneyEntry, ...]:
        return tuple(map(_entry, self.rows(_NEWEST, {"most": limit})))

    def save_cash(self, station_id: str, at: datetime, given: Decimal, note: str, swap_with: Callable[[str], Swap]) -> Swap:
        with self.writing() as connection:
            series = series_of(CASH, station_id)
            number = _next_number(connection, series, at)
            swap = swap_with(number)
            payment = receipt_in(swap, number)
            if payment is None:
                raise ValueError(f"the swap {swap.correlation_id} has no receipt {number}")
            write_step(connection, swap.correlation_id, tables.RUNNING, at, swap_to_json(swap))
            own_receipts(connection, swap.correlation_id, swap.payments, at)
            entry = MoneyEntry(
                number=number,
                act=MoneyAct.RECEIVED,
                correlation_id=swap.correlation_id,
                amount=payment.amount,
                currency=payment.currency,
                at=at,
                given=given,
                note=note,
            )
            _write_act(connection, series, entry)
            add_entry(
                connection,
                at,
                "cash received",
                swap.correlation_id,
                number,
                who=swap.attendant_id,
                ids=_ids(entry),
                digests=_digests(entry),
            )
        return swap

    def give_back(
        self, swap: Swap, act: MoneyAct, at: datetime, station_id: str, approval: Approval, credited: Swap | None = None
    ) -> MoneyEntry:
        with self.writing() as connection:
            if credited is not None:
                write_step(connection, swap.correlation_id, tables.KEPT, at, swap_to_json(credited))
            elif connection.execute(_END, {"id": swap.correlation_id, "ended_at": at, "why": WAYS_BACK[act]}).rowcount == 0:
                raise NotFound("swap in progress", swap.correlation_id)
            series = series_of(act.kind, station_id)
            entry = MoneyEntry(
                number=_next_number(connection, series, at),
                act=act,
                correlation_id=swap.correlation_id,
                amount=swap.amount_paid,
                currency=swap.payments[-1].currency,
                at=at,
                about=", ".join(each.receipt_id for each in swap.payments),
                approved_by=approval.supervisor,
                note=approval.reason,
            )
            _write_act(connection, series, entry)
            what, detail = f"money back: {WAYS_BACK[act]}", f"{entry.number}; {approval.words}"
            add_entry(connection, at, what, swap.correlation_id, detail, who=approval.supervisor, ids=_ids(entry), digests=_digests(entry))
        return entry

    def begin_cash_series(self, station_id: str, at: datetime, why: str) -> None:
        with self.writing() as connection:
            series = series_of(CASH, station_id)
            restart = _series_in_use(connection, series, at) + 1
            connection.execute(_BEGIN, {"series": series, "restart": restart, "last": 0, "begun_at": at, "why": why})
            add_entry(connection, at, "cash numbers begun anew", "", f"{numbered(series, restart, 1)}: {why}")

    def number_cash_above(self, station_id: str, highest: int, at: datetime) -> None:
        with self.writing() as connection:
            series = series_of(CASH, station_id)
            where = {"of": series, "in_restart": _series_in_use(connection, series, at)}
            connection.execute(_COUNT_ON.where(_series.c.last < highest).values(last=highest), where)

    def untold_money(self) -> tuple[Swap, ...]:
        return readable(self.rows(_UNTOLD), read_swap)

    def record_told(self, correlation_id: str, at: datetime) -> None:
        with self.writing() as connection:
            connection.execute(_TELL, {"swap": correlation_id, "at_time": at})


def _series_in_use(connection: Connection, series: str, at: datetime) -> int:
    """The restart that the series is at; a new one begins above what receipts of its form have paid here."""
    restart: int | None = connection.execute(_IN_USE, {"of": series}).scalar_one()
    if restart is not None:
        return restart
    used = [found for each in connection.execute(_USED).scalars() if (found := number_in(series, each)) is not None]
    restart, last = max(used, default=(0, 0))
    connection.execute(_BEGIN, {"series": series, "restart": restart, "last": last, "begun_at": at, "why": ""})
    return restart


def _next_number(connection: Connection, series: str, at: datetime) -> str:
    """Used up by this transaction alone: one that fails gives it back."""
    restart = _series_in_use(connection, series, at)
    where = {"of": series, "in_restart": restart}
    connection.execute(_COUNT_ON.values(last=_series.c.last + 1), where)
    return numbered(series, restart, connection.execute(_LAST, where).scalar_one())


def _write_act(connection: Connection, series: str, entry: MoneyEntry) -> None:
    """Raises StoreFailed where the number is used."""
    facts = {name: getattr(entry, name) for name in _FACTS}
    try:
        connection.execute(_ADD, {**facts, "receipt_id": entry.number, "act": entry.act.value, "series": series})
    except IntegrityError as taken:  # by another program that began the series at the same moment
        raise StoreFailed(tr("the number {number} is used already; nothing was changed", number=entry.number)) from taken


def _ids(entry: MoneyEntry) -> dict[str, str]:
    return {"number": entry.number}


def _digests(entry: MoneyEntry) -> dict[str, str]:
    """What the record has of an act with money."""
    facts = (entry.number, entry.act.value, entry.correlation_id, f"{entry.amount:f}", entry.currency, entry.about)
    return {"money": hashlib.sha256("".join(f"{each}\n" for each in facts).encode()).hexdigest()}


def _entry(row: Row[*tuple[Any, ...]]) -> MoneyEntry:
    return MoneyEntry(number=row.receipt_id, act=MoneyAct(row.act), **{name: getattr(row, name) for name in _FACTS})


def write_step(connection: Connection, correlation_id: str, status: str, at: datetime, journal: str) -> None:
    """One step of a swap that has not ended, in the journal. Raises StoreFailed where it has ended."""
    step = {"status": status, "saved_at": at, "journal": journal}
    if connection.execute(_SAVE, {"id": correlation_id, **step}).rowcount:
        return
    ended = connection.execute(_STATUS, {"id": correlation_id}).scalar_one_or_none()
    if ended is not None:
        raise StoreFailed(
            tr("the swap {correlation_id} is {ended} already; nothing was changed", correlation_id=correlation_id, ended=ended)
        )
    connection.execute(_START, {"correlation_id": correlation_id, **step})


def read_swap(row: Row[*tuple[Any, ...]]) -> Swap:
    """A swap from its journal. Raises StoreFailed when the text is damaged."""
    try:
        return swap_from_json(row.journal)
    except KioskError as fault:
        raise StoreFailed(
            tr("the journal of {correlation_id} cannot be read ({why})", correlation_id=row.correlation_id, why=fault)
        ) from fault


def own_receipts(connection: Connection, correlation_id: str, payments: Sequence[Payment], at: datetime) -> None:
    """The swap owns these payments' receipts and no others; cash receipts that it had are cancelled by a number. Raises PaymentUsed."""
    connection.execute(_RELEASE, {"swap": correlation_id})
    for payment in payments:
        used_at = used_since(connection, payment.method, payment.receipt_id, correlation_id)
        if used_at is not None:
            raise PaymentUsed(payment.method, payment.receipt_id, used_at)
        row = {
            "method": normalise_receipt_id(payment.method),
            "receipt_id": normalise_receipt_id(payment.receipt_id),
            "correlation_id": correlation_id,
            "amount": payment.amount,
            "currency": payment.currency,
            "recorded_at": payment.recorded_at,
        }
        try:
            connection.execute(_TAKE, row)
        except IntegrityError as taken:  # by another kiosk on a shared database, since we looked
            raise PaymentUsed(payment.method, payment.receipt_id) from taken
    _cancel_missing(connection, {normalise_receipt_id(each.receipt_id) for each in payments}, correlation_id, at)


def used_since(connection: Connection, method: str, receipt_id: str, except_swap: str) -> datetime | None:
    """When this receipt paid another swap here; None when it did not."""
    asked = {"method": normalise_receipt_id(method), "receipt_id": normalise_receipt_id(receipt_id), "swap": except_swap}
    return connection.execute(_USED_AT, asked).scalar_one_or_none()


def _cancel_missing(connection: Connection, stay: Collection[str], correlation_id: str, at: datetime) -> None:
    rows = connection.execute(_OF_SWAP, {"swap": correlation_id}).all()
    over = {row.about for row in rows if row.act == MoneyAct.CANCELLED}
    for row in rows:
        if row.act == MoneyAct.RECEIVED and row.receipt_id not in {*stay, *over}:
            number, received = _next_number(connection, row.series, at), _entry(row)
            cancelled = replace(received, number=number, act=MoneyAct.CANCELLED, about=received.number, at=at, given=None, note="")
            _write_act(connection, row.series, cancelled)
            what = f"cash receipt cancelled: {received.number}"
            add_entry(connection, at, what, correlation_id, number, ids=_ids(cancelled), digests=_digests(cancelled))
