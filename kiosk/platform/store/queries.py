"""What people look at: swaps, payments, plans and events, in pages. Reads only.

Every look costs the same with ten thousand plans as with a million: it begins at a place of an index and takes `limit` rows from there.
Pages go on at the number or the id where the one before ended. A search compares the beginnings of ids, byte by byte, as typed, in capitals
and in small letters. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Select, or_, select

from kiosk.domain.agent.specification_json import Json
from kiosk.platform.store.tables import payment_events, plans, service_events
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import loads

_SWAP = "SERVICE_COMPLETED"
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSeen:
    """A completed swap; `event` is its SERVICE_COMPLETED."""

    number: int
    plan_id: str
    correlation_id: str
    incoming_battery_id: str | None
    outgoing_battery_id: str | None
    net_kwh: Decimal | None
    at: datetime
    event: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSeen:
    """A booked payment; `owner` is the transaction that it pays, empty while it pays none."""

    number: int
    method: str
    receipt_id: str
    owner: str
    plan_id: str
    amount: Decimal
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSeen:
    """A plan as it is found; `document` is all of it but its template."""

    plan_id: str
    customer_id: str
    template_id: str
    template_version: str
    station_id: str | None
    current_asset: str | None
    changed_at: datetime
    document: Json


class PlatformQueries:
    """Works on the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def swaps(self, limit: int, *, before: int | None = None, since: datetime | None = None) -> tuple[SwapSeen, ...]:
        """Completed swaps, newest first."""
        statement = _SWAPS.where(service_events.c.event_type == _SWAP).order_by(service_events.c.number.desc())
        found = self._rows(_before(statement, service_events.c.number, before).limit(limit))
        return tuple(_swap(row) for row in found if since is None or row["at"] >= since)

    def payments(self, limit: int, *, before: int | None = None) -> tuple[PaymentSeen, ...]:
        """Booked payments, newest first."""
        statement = _before(_PAYMENTS.order_by(payment_events.c.number.desc()), payment_events.c.number, before)
        return tuple(PaymentSeen(**row) for row in self._rows(statement.limit(limit)))

    def steps(self, limit: int) -> tuple[SwapSeen, ...]:
        """What happened to batteries, of every kind, the newest first: completed swaps, and each step of the older sequence."""
        return tuple(map(_swap, self._rows(_SWAPS.order_by(service_events.c.number.desc()).limit(limit))))

    def plans(self, limit: int, *, after: str = "") -> tuple[PlanSeen, ...]:
        """Plans by id."""
        return tuple(map(_plan, self._rows(_PLANS.where(plans.c.plan_id > after).order_by(plans.c.plan_id).limit(limit))))

    def plan(self, plan_id: str) -> PlanSeen | None:
        """One plan."""
        return next(iter(map(_plan, self._rows(_PLANS.where(plans.c.plan_id == plan_id)))), None)

    def swaps_of(self, plan_id: str, limit: int) -> tuple[SwapSeen, ...]:
        """One plan's swaps, newest first."""
        of_plan = _SWAPS.where(service_events.c.plan_id == plan_id, service_events.c.event_type == _SWAP)
        return tuple(map(_swap, self._rows(of_plan.order_by(service_events.c.number.desc()).limit(limit))))

    def payments_of(self, plan_id: str, limit: int) -> tuple[PaymentSeen, ...]:
        """One plan's payments, newest first."""
        of_plan = _PAYMENTS.where(payment_events.c.plan_id == plan_id).order_by(payment_events.c.number.desc())
        return tuple(PaymentSeen(**row) for row in self._rows(of_plan.limit(limit)))

    def plans_like(self, text: str, limit: int) -> tuple[PlanSeen, ...]:
        """Plans whose id, customer or battery begins with `text`."""
        return tuple(map(_plan, self._search(_PLANS, (plans.c.plan_id, plans.c.customer_id, plans.c.current_asset), text, limit)))

    def swaps_like(self, text: str, limit: int) -> tuple[SwapSeen, ...]:
        """Completed swaps whose transaction or battery begins with `text`."""
        places = (service_events.c.correlation_id, service_events.c.outgoing_battery_id, service_events.c.incoming_battery_id)
        return tuple(map(_swap, self._search(_SWAPS.where(service_events.c.event_type == _SWAP), places, text, limit)))

    def payments_like(self, text: str, limit: int) -> tuple[PaymentSeen, ...]:
        """Payments whose receipt or transaction begins with `text`."""
        found = self._search(_PAYMENTS, (payment_events.c.receipt_id, payment_events.c.owner), text, limit)
        return tuple(PaymentSeen(**row) for row in found)

    def _search(self, statement: Select[Any], places: Sequence[Column[Any]], text: str, limit: int) -> list[RowMapping]:
        """One look at each place, since no index serves two of them at once; each row once."""
        found: dict[Any, RowMapping] = {}
        for place in places:
            for row in self._rows(statement.where(_begins(place, text)).order_by(place).limit(limit)):
                found.setdefault(next(iter(row.values())), row)
        return list(found.values())[:limit]

    def _rows(self, statement: Select[Any]) -> Sequence[RowMapping]:
        with self._database.reading() as connection:
            return connection.execute(statement).mappings().all()


_SWAPS = select(
    service_events.c.number,
    service_events.c.plan_id,
    service_events.c.correlation_id,
    service_events.c.incoming_battery_id,
    service_events.c.outgoing_battery_id,
    service_events.c.net_kwh,
    service_events.c.at,
    service_events.c.event,
)
_PAYMENTS = select(
    payment_events.c.number,
    payment_events.c.method,
    payment_events.c.receipt_id,
    payment_events.c.owner,
    payment_events.c.plan_id,
    payment_events.c.amount,
    payment_events.c.currency,
    payment_events.c.at,
)
_PLANS = select(
    plans.c.plan_id,
    plans.c.customer_id,
    plans.c.template_id,
    plans.c.template_version,
    plans.c.station_id,
    plans.c.current_asset,
    plans.c.changed_at,
    plans.c.document,
)


def _before(statement: Select[Any], number: Column[Any], before: int | None) -> Select[Any]:
    return statement if before is None else statement.where(number < before)


def _begins(place: Column[Any], text: str) -> ColumnElement[bool]:
    forms = dict.fromkeys((text, text.upper(), text.lower()))
    return or_(*((place >= form) & (place < form + _LAST) for form in forms))


def _swap(row: RowMapping) -> SwapSeen:
    return SwapSeen(**{**row, "event": loads(row["event"])})


def _plan(row: RowMapping) -> PlanSeen:
    return PlanSeen(**{**row, "document": loads(row["document"])})
