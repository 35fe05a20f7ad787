"""Many plans and swaps at once, made by the database itself: for measuring what a platform does when it is full, not for the field.

Plans are `crowd-1` and so on, copies of one; swaps are spread over them, over a thousand stations and over the days before `at`. Every swap
is a transaction, a service event and a published event, as the platform would have stored it. Begun again it goes on where it was.
Raises StoreFailed; what was written until then stays.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, TextClause, bindparam, text

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.plan_rows import facts_of, plan_text, template_row
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.sql.column_types import UtcDateTime
from kiosk.wire.exact_json import dumps

AT_ONCE = 10_000
_PLAN, _NUMBER = "@PLAN@", "@NUMBER@"
_SERIES = (
    "WITH RECURSIVE series(n) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < :last), "
    "numbered AS (SELECT n, CAST(n AS TEXT) AS t, 'crowd-' || CAST((n * 7919) % :plans + 1 AS TEXT) AS plan, "
    "'STATION-' || CAST(n % 1000 AS TEXT) AS station FROM series) "
)

# a SERVICE_COMPLETED, with places for what differs
_EVENT = dumps(
    {
        "event_type": "SERVICE_COMPLETED",
        "event_id": f"EVT-SVC-CROWD-{_NUMBER}",
        "timestamp": "2025-01-15T10:30:00Z",
        "plan_id": _PLAN,
        "customer_id": "CUST",
        "service_data": {
            "incoming_battery_id": None,
            "incoming_kwh": Decimal("4.8"),
            "outgoing_battery_id": f"OUT-{_NUMBER}",
            "outgoing_kwh": Decimal("30.4"),
            "net_delivered_kwh": Decimal("25.6"),
            "quota_updates": [],
        },
        "service_context": {
            "transaction_id": f"CROWD-{_NUMBER}",
            "attendant_id": "ATT-001",
            "attendant_station": "@STATION@",
            "correlation_id": f"CROWD-{_NUMBER}",
        },
        "fsm_inputs": [],
    }
).decode()


def _statement(sql: str) -> TextClause:
    return text(_SERIES + sql).bindparams(bindparam("at", type_=UtcDateTime))


_PLANS = _statement(
    "INSERT INTO platform_plans (plan_id, customer_id, document, template_digest, template_id, template_version, station_id, "
    "current_asset, version, changed_at) SELECT 'crowd-' || t, 'CUST-' || t, "
    "replace(replace(:document, '@PLAN@', 'crowd-' || t), '@NUMBER@', t), :digest, :template_id, :template_version, station, "
    "'BAT-' || t, 1, :at FROM numbered"
)
_TRANSACTIONS = _statement(
    "INSERT INTO platform_transactions (correlation_id, part, plan_id, action, digest, request, response, done_at) "
    "SELECT 'CROWD-' || t, 'issue', plan, 'COMPLETE_SERVICE', 'none', :payload, :payload, :at FROM numbered"
)
_EVENTS = _statement(
    "INSERT INTO platform_service_events (event_id, event_type, plan_id, correlation_id, incoming_battery_id, outgoing_battery_id, "
    "net_kwh, at, event) SELECT 'EVT-SVC-CROWD-' || t, 'SERVICE_COMPLETED', plan, 'CROWD-' || t, 'OUT-' || CAST(n - 1 AS TEXT), "
    "'OUT-' || t, '25.6', :at, replace(replace(replace(:event, '@PLAN@', plan), '@NUMBER@', t), '@STATION@', station) FROM numbered"
)
_OUTGOING = _statement(
    "INSERT INTO platform_outgoing_events (event_id, topic, payload, stored_at, published_at) "
    "SELECT 'EVT-SVC-CROWD-' || t, 'event/abs/service/plan/' || plan || '/service_completed', :payload, :at, :at FROM numbered"
)


def add_plans(store: PlatformStore, like: ServicePlan, count: int, at: datetime) -> Iterator[int]:
    """`crowd-1` to `crowd-COUNT`; gives how many there are, after each step."""
    fleet = replace(like.fleet, current_asset=f"BAT-{_NUMBER}")
    pattern = replace(like.with_states(fleet), id=_PLAN, customer_id=f"CUST-{_NUMBER}")
    facts = {name: value for name, value in facts_of(like).items() if name.startswith("template_")}
    store.insert_plan(replace(like, id="crowd-0"), at)  # and with it the template
    about = {"document": plan_text(pattern), "digest": template_row(like.template)["digest"], "plans": count, **facts}
    known = _count(store, "SELECT count(*) FROM platform_plans WHERE plan_id LIKE 'crowd-%'") - 1
    for first in range(known + 1, count + 1, AT_ONCE):
        with store.writing() as connection:
            yield _step(connection, (_PLANS,), first, count, {**about, "at": at})


def add_swaps(store: PlatformStore, plans: int, count: int, at: datetime, days: int = 30) -> Iterator[int]:
    """`CROWD-1` to `CROWD-COUNT` on the first `plans` plans; gives how many there are, after each step."""
    known = _count(store, "SELECT count(*) FROM platform_transactions WHERE correlation_id LIKE 'CROWD-%'")
    for first in range(known + 1, count + 1, AT_ONCE):
        then = at - timedelta(days=days) * (1 - first / count)
        about = {"plans": plans, "event": _EVENT, "payload": _EVENT.encode(), "at": then}
        with store.writing() as connection:
            yield _step(connection, (_TRANSACTIONS, _EVENTS, _OUTGOING), first, count, about)


def analyze(store: PlatformStore) -> None:
    """Have the database count what it holds now, as it does by itself sooner or later: it plans its searches by these figures."""
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("ANALYZE"))


def _step(connection: Connection, statements: tuple[TextClause, ...], first: int, count: int, about: dict[str, object]) -> int:
    last = min(first + AT_ONCE - 1, count)
    for each in statements:
        connection.execute(each, {**about, "first": first, "last": last})
    return last


def _count(store: PlatformStore, counted: str) -> int:
    with store.reading() as connection:
        return int(connection.execute(text(counted)).scalar_one())
