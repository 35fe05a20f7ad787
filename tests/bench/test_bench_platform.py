"""The platform's part of the benchmark: its floors do the same work, load and tools do what they say. Nothing here looks at times."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, create_engine, text

from kiosk.platform.agent.request_handler import RequestHandler
from kiosk.platform.agent.wire_messages import Incoming
from kiosk.platform.payment_proof import AcceptWellFormed
from kiosk.platform.store import seed
from kiosk.platform.store.queries import PlatformQueries
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.system import SystemClock
from tests.bench import samples
from tests.bench.broker import answered_broker
from tests.bench.figures import Figure
from tests.bench.floors.booking import Books
from tests.bench.floors.load import BATTERIES, request
from tests.bench.platform import entrants, pages, tables
from tests.bench.platform.load import load_on
from tests.postgres import Postgres

PLAN = "bench-0"
TOPIC = f"call/uxi/attendant/plan/{PLAN}/complete_service"
WRITTEN = {
    "plans": "SELECT plan_id, document, current_asset, station_id, version FROM platform_plans ORDER BY 1",
    "transactions": "SELECT correlation_id, part, plan_id, action FROM platform_transactions ORDER BY 1",
    "steps": "SELECT event_id, event_type, plan_id, correlation_id, incoming_battery_id, outgoing_battery_id, net_kwh"
    " FROM platform_service_events ORDER BY 1",
    "events": "SELECT event_id, topic FROM platform_outgoing_events ORDER BY 1",
    "refusals": "SELECT correlation_id FROM platform_refusals",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def two_databases(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """With a plan of the load in each."""
    if request.param == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("ours", "bare")]
    else:
        cluster: Postgres = request.getfixturevalue("postgres")
        urls = [cluster.database(), cluster.database()]
    for each in urls:
        store = PlatformStore(each)
        store.insert_plan(tables.plan(0), samples.NOON)
        store.close()
    return urls[0], urls[1]


def written(url: str) -> dict[str, list[Row[*tuple[object, ...]]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {name: list(connection.execute(text(each))) for name, each in WRITTEN.items()}
    engine.dispose()
    return found


def told(payload: bytes) -> dict[str, Any]:
    """A document without its times."""
    document: dict[str, Any] = json.loads(payload)
    for each in (document, document.get("metadata", {}).get("service_event", {})):
        each.pop("timestamp", None)
    return document


def test_the_bare_agent_writes_and_answers_what_the_platform_does(two_databases: tuple[str, str]) -> None:
    ours, bare = two_databases
    store = PlatformStore(ours)
    desk = RequestHandler(store, AcceptWellFormed(), SystemClock())
    books = Books(tables.known_to_drivers(bare))
    for swap in range(3):
        asked = request(0, swap, swap)
        reply = desk.handle_all([Incoming(topic=TOPIC, payload=asked)]).responses[0]
        (booked,) = books.book([(PLAN, asked)])
        assert reply.answer is not None
        assert told(reply.answer.payload) == told(booked.answer)
        assert [told(each.payload) for each in reply.events] == [told(booked.event)]
    books.close()
    store.close()
    assert written(ours) == written(bare)
    assert written(bare)["plans"][0][2] == BATTERIES[1]


def test_many_requests_in_one_transaction_are_the_same_rows(two_databases: tuple[str, str]) -> None:
    ours, bare = two_databases
    for each in two_databases:
        store = PlatformStore(each)
        store.insert_plan(tables.plan(1), samples.NOON)
        store.close()
    asked = [(f"bench-{number}", request(number, 0, number)) for number in (0, 1)]
    store, books = PlatformStore(ours), Books(tables.known_to_drivers(bare))
    RequestHandler(store, AcceptWellFormed(), SystemClock()).handle_all(
        [Incoming(topic=TOPIC.replace(PLAN, plan_id), payload=payload) for plan_id, payload in asked]
    )
    assert len(books.book(asked)) == 2
    books.close()
    store.close()
    assert written(ours) == written(bare)


def test_the_load_asks_for_as_many_as_it_is_told(tmp_path: Path) -> None:
    with answered_broker(tmp_path) as port, load_on(port) as load:
        assert load.many(300).answered == 300
        steady = load.steady(200, 0.5)
        assert 90 <= steady.answered <= 110
        assert 0 < steady.p50 <= steady.p99
        assert load.full(0.2).answered > 0


def test_a_platform_and_a_bare_agent_answer_the_load(tmp_path: Path, postgres: Postgres) -> None:
    with ExitStack() as stack:
        made, start = tables.Databases(postgres, tmp_path, plans=150), entrants.Entrants(stack, tmp_path, plans=150).start
        database = made.on_postgres()
        ours, bare = start(entrants.platform(made.on_postgres(), 2)), start(entrants.bare(tables.known_to_drivers(database), 64))
        assert ours.load.many(200).refused == 0
        assert bare.load.many(200).refused == 0
        store = PlatformStore(database)
        assert len(PlatformQueries(store).swaps(500)) == 201
        store.close()


def test_a_figure_without_a_goal_passes_no_judgement() -> None:
    figure = Figure(figure="x", ours=1.0, floor=2.0, unit="ms", ratio=0.5, goal="told", met=None)
    assert "NOT MET" not in figure.line()
    assert " met " not in figure.line()


def test_every_page_is_measured_on_a_crowded_database(postgres: Postgres) -> None:
    url = postgres.database()
    store = PlatformStore(url)
    list(seed.add_plans(store, tables.plan(0), 200, samples.NOON))
    list(seed.add_swaps(store, 200, 500, samples.NOON))
    store.close()
    (served,) = asyncio.run(pages.measure([url], rounds=1))
    assert (served.plans, served.events) == (200, 500)
    assert set(served.seconds) == set(served.questions())
