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

from sqlalchemy import Column, ColumnElement, RowMapping, Select, Table, or_, select

from kiosk.domain.agent.specification_json import Json
from kiosk.platform.store.tables import payment_events, plans, service_events
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import loads

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


_STEPS = select(
    service_events.c.number,
    service_events.c.plan_id,
    service_events.c.correlation_id,
    service_events.c.incoming_battery_id,
    service_events.c.outgoing_battery_id,
    service_events.c.net_kwh,
    service_events.c.at,
    service_events.c.event,
)
_SWAPS = _STEPS.where(service_events.c.event_type == "SERVICE_COMPLETED")
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


class PlatformQueries:
    """Works on the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def swaps(
        self, limit: int, *, plan_id: str | None = None, before: int | None = None, since: datetime | None = None
    ) -> tuple[SwapSeen, ...]:
        """Completed swaps, newest first; of one plan where it is named."""
        found = self._newest(_SWAPS, service_events, limit, plan_id, before)
        return tuple(_swap(row) for row in found if since is None or row["at"] >= since)

    def payments(self, limit: int, *, plan_id: str | None = None, before: int | None = None) -> tuple[PaymentSeen, ...]:
        """Booked payments, newest first; of one plan where it is named."""
        return tuple(PaymentSeen(**row) for row in self._newest(_PAYMENTS, payment_events, limit, plan_id, before))

    def steps(self, limit: int) -> tuple[SwapSeen, ...]:
        """What happened to batteries, of every kind, the newest first: completed swaps, and each step of the older sequence."""
        return tuple(map(_swap, self._newest(_STEPS, service_events, limit, None, None)))

    def plans(self, limit: int, *, after: str = "") -> tuple[PlanSeen, ...]:
        """Plans by id."""
        return tuple(map(_plan, self._rows(_PLANS.where(plans.c.plan_id > after).order_by(plans.c.plan_id).limit(limit))))

    def plan(self, plan_id: str) -> PlanSeen | None:
        """One plan."""
        return next(iter(map(_plan, self._rows(_PLANS.where(plans.c.plan_id == plan_id)))), None)

    def plans_like(self, text: str, limit: int) -> tuple[PlanSeen, ...]:
        """Plans whose id, customer or battery begins with `text`."""
        return tuple(map(_plan, self._search(_PLANS, (plans.c.plan_id, plans.c.customer_id, plans.c.current_asset), text, limit)))

    def swaps_like(self, text: str, limit: int) -> tuple[SwapSeen, ...]:
        """Completed swaps whose transaction or battery begins with `text`."""
        places = (service_events.c.correlation_id, service_events.c.outgoing_battery_id, service_events.c.incoming_battery_id)
        return tuple(map(_swap, self._search(_SWAPS, places, text, limit)))

    def payments_like(self, text: str, limit: int) -> tuple[PaymentSeen, ...]:
        """Payments whose receipt or transaction begins with `text`."""
        places = (payment_events.c.receipt_id, payment_events.c.owner)
        return tuple(PaymentSeen(**row) for row in self._search(_PAYMENTS, places, text, limit))

    def _newest(self, statement: Select[Any], table: Table, limit: int, plan_id: str | None, before: int | None) -> Sequence[RowMapping]:
        if plan_id is not None:
            statement = statement.where(table.c.plan_id == plan_id)
        if before is not None:
            statement = statement.where(table.c.number < before)
        return self._rows(statement.order_by(table.c.number.desc()).limit(limit))

    def _search(self, statement: Select[Any], places: Sequence[Column[Any]], text: str, limit: int) -> list[RowMapping]:
        """One look at each place, since no index serves two of them at once; each row once."""
        rows = [row for place in places for row in self._rows(statement.where(_begins(place, text)).order_by(place).limit(limit))]
        return list({next(iter(row.values())): row for row in rows}.values())[:limit]

    def _rows(self, statement: Select[Any]) -> Sequence[RowMapping]:
        with self._database.reading() as connection:
            return connection.execute(statement).mappings().all()


def _begins(place: Column[Any], text: str) -> ColumnElement[bool]:
    return or_(*((place >= form) & (place < form + _LAST) for form in dict.fromkeys((text, text.upper(), text.lower()))))


def _swap(row: RowMapping) -> SwapSeen:
    return SwapSeen(**{**row, "event": loads(row["event"])})


def _plan(row: RowMapping) -> PlanSeen:
    return PlanSeen(**{**row, "document": loads(row["document"])})
