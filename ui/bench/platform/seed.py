"""A database of any size, for measuring by hand: plans and events in PostgreSQL, made there by statements of its own.

`python -m ui.bench.platform.seed URL --plans 1000000 --events 10000000` fills the empty database at the SQLAlchemy URL. Plans are of a
thousand stations, one in a hundred served nowhere yet; nine events in ten are completed swaps, the tenth a payment; each has its
transaction, short here because nothing that is measured reads it. A million plans with ten million events take some fifteen gigabytes and
some minutes. Raises psycopg's own errors.
"""

import argparse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import psycopg

from kiosk.adapters.system import SystemClock
from kiosk.platform.desk import Desk, PlatformRules
from kiosk.platform.messages import Incoming
from kiosk.platform.payments import AcceptWellFormed
from kiosk.platform.store.memory import PlatformStore
from ui.bench import samples
from ui.bench.floors import load
from ui.bench.platform import tables

STATIONS = 1000
_AT_ONCE = 3
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE INDEX%'
    AND tablename IN ('platform_plans', 'platform_service_events', 'platform_payment_events', 'platform_transactions')
"""
_PLANS = """
    INSERT INTO platform_plans (plan_id, customer_id, document, template_digest, template_id, template_version, station_id, current_asset,
                                version, changed_at)
    SELECT 'PLAN-' || lpad(n::text, 8, '0'), 'CUST-' || lpad((n / 2)::text, 8, '0'),
           replace(replace(replace(document, '"bench-0"', '"PLAN-' || lpad(n::text, 8, '0') || '"'),
                           '"' || customer_id || '"', '"CUST-' || lpad((n / 2)::text, 8, '0') || '"'),
                   '"' || current_asset || '"', '"BAT-' || lpad(n::text, 8, '0') || '"'),
           template_digest, template_id, template_version, CASE WHEN n %% 100 > 0 THEN 'STATION-' || (n / 100 %% %(stations)s)::text END,
           'BAT-' || lpad(n::text, 8, '0'), 1, now() - make_interval(secs => 2592000.0 * (%(plans)s - n) / %(plans)s)
    FROM platform_plans, generate_series(1, %(plans)s) n WHERE plan_id = 'bench-0'
"""
_EACH = """
    (SELECT n, 'PLAN-' || lpad((1 + n %% %(plans)s)::text, 8, '0') AS plan_id, 'TXN-' || lpad(n::text, 26, '0') AS correlation_id,
            'BAT-' || lpad((1 + n %% %(plans)s)::text, 8, '0') AS returned,
            'BAT-' || lpad((1 + n * 7 %% %(plans)s)::text, 8, '0') AS issued,
            now() - make_interval(secs => 2592000.0 * (%(events)s - n) / %(events)s) AS at
     FROM generate_series(1::bigint, %(events)s) n) AS told
"""
_SWAPS = f"""
    INSERT INTO platform_service_events
        (event_id, event_type, plan_id, correlation_id, incoming_battery_id, outgoing_battery_id, net_kwh, at, event)
    SELECT 'EVT-SVC-' || told.correlation_id, 'SERVICE_COMPLETED', told.plan_id, told.correlation_id, returned, issued, '25.6', told.at,
           replace(replace(event, 'bench-0', told.plan_id), first.correlation_id, told.correlation_id)
    FROM (SELECT event, correlation_id FROM platform_service_events WHERE plan_id = 'bench-0') AS first, {_EACH} WHERE n %% 10 > 0
"""  # noqa: S608  constants
_PAYMENTS = f"""
    INSERT INTO platform_payment_events (method, receipt_id, owner, plan_id, amount, currency, at, event)
    SELECT 'MOBILE_MONEY', 'R' || lpad(n::text, 10, '0'), correlation_id, plan_id, '1500', 'KES', at, '{{}}' FROM {_EACH} WHERE n %% 10 = 0
"""  # noqa: S608  constants
_TRANSACTIONS = f"""
    INSERT INTO platform_transactions (correlation_id, part, plan_id, action, digest, request, response, done_at)
    SELECT correlation_id, 'issue', plan_id, 'COMPLETE_SERVICE', md5(correlation_id), '', '', at FROM {_EACH}
"""  # noqa: S608  constants


def seed(url: str, plans: int, events: int) -> None:
    """Fill an empty database. The indexes are made when the rows are there: that is much quicker."""
    _one_of_each(url)
    numbers = {"plans": plans, "events": events, "stations": STATIONS}
    target = tables.known_to_drivers(url)
    with psycopg.connect(target, autocommit=True) as connection:
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        connection.execute(_PLANS, numbers)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda each: _run(target, each, numbers), (_SWAPS, _TRANSACTIONS, _PAYMENTS)))
        list(pool.map(lambda each: _run(target, each), [definition for _, definition in indexes]))
    _run(target, "VACUUM ANALYZE")


def _run(target: str, statement: str, numbers: Mapping[str, int] | None = None) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(b"SET maintenance_work_mem = '512MB'")
        connection.execute(statement.encode(), numbers)


def _one_of_each(url: str) -> None:
    """The tables, a plan and one completed swap of it, booked as the platform does: the rows that all others are made of."""
    store = PlatformStore(url)
    store.insert_plan(tables.plan(0), samples.NOON)
    desk = Desk(store, AcceptWellFormed(), SystemClock(), PlatformRules())
    desk.handle(Incoming(topic="call/uxi/attendant/plan/bench-0/complete_service", payload=load.request(0, 0, 0)))
    store.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    began = perf_counter()
    seed(options.url, options.plans, options.events)
    print(f"{options.plans} plans, {options.events} events in {perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
