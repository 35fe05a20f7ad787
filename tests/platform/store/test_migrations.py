"""The platform's schema: made at once or migrated it is the same, and a former version's database loses nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Inspector, Table, create_engine, insert, inspect, text
from sqlalchemy.pool import NullPool

from kiosk.domain.errors import StoreFailed
from kiosk.platform.store.migrations import HEAD, revisions
from kiosk.platform.store.plan_rows import plan_text, template_row
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.tables import metadata
from kiosk.shared.sql.engine import Database, make_engine
from kiosk.wire.exact_json import dumps
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import PLAN, SWAP, Counter, Where, completion, rows, url_of
from tests.postgres import Postgres

REVISION = "SELECT version_num FROM platform_alembic_version"
PLANS = 1201  # more than two of the migration's pages


@pytest.fixture
def former(books: Where) -> Iterator[Where]:
    """A database as the first version made it: no revision is noted."""
    database = Database(make_engine(books))
    with database.writing() as connection:
        revisions().migrate(connection, "0001")
        connection.execute(text("DROP TABLE platform_alembic_version"))
    yield books
    database.close()


def schema_of(where: Where) -> dict[str, Any]:
    """Tables, columns, keys and indexes, in no order."""
    engine = create_engine(url_of(where), poolclass=NullPool)
    with engine.connect() as connection:
        look = inspect(connection)
        return {table: table_of(look, table) for table in look.get_table_names()}


def table_of(look: Inspector, table: str) -> list[str]:
    columns = [(each["name"], repr(each["type"]), each["nullable"], each["default"]) for each in look.get_columns(table)]
    keys = [look.get_pk_constraint(table), *look.get_foreign_keys(table), *look.get_unique_constraints(table), *look.get_indexes(table)]
    return sorted([*map(str, columns), *(words_of(dict(each)) for each in keys)])


def words_of(key: dict[str, Any]) -> str:
    """Of a key or an index, with the condition of a partial one."""
    options = {name: str(value) for name, value in key.pop("dialect_options", {}).items()}
    return str([*sorted(key.items()), *sorted(options.items())])


def fill(where: Where) -> None:
    """Plans, a swap of one of them, and an event that has not left, as the first version stored them."""
    row = template_row(plan_of().template)
    swap = dumps({"service_context": {"attendant_station": "STATION_XYZ"}}).decode()
    with create_engine(url_of(where), poolclass=NullPool).begin() as connection:
        about = {"template_id": plan_of().template.id, "version": plan_of().template.version}
        put(connection, "templates", {**row, **about})
        facts = {"customer_id": "CUST-001", "template_digest": row["digest"], "version": 1, "changed_at": NOON}
        ids = [PLAN, *(f"plan-{number:05d}" for number in range(PLANS))]
        put(connection, "plans", *({"plan_id": each, "document": plan_text(plan_of(id=each)), **facts} for each in ids))
        event = {"event_type": "SERVICE_COMPLETED", "plan_id": PLAN, "correlation_id": SWAP, "at": NOON, "event": swap}
        put(connection, "service_events", {"event_id": "EVT-1", **event})
        put(connection, "outgoing_events", {"event_id": "EVT-1", "topic": "t", "payload": b"p", "stored_at": NOON})


def put(connection: Connection, table: str, *values: dict[str, object]) -> None:
    former_columns = Table(f"platform_{table}", type(metadata)(), autoload_with=connection)
    connection.execute(insert(former_columns), list(values))


def test_a_migrated_schema_is_the_one_that_is_made_at_once(former: Where, tmp_path: Path, postgres: Postgres) -> None:
    fresh: Where = tmp_path / "fresh.db" if isinstance(former, Path) else postgres.database()
    for each in (former, fresh):
        PlatformStore(each).close()
    assert schema_of(former) == schema_of(fresh)
    assert rows(former, REVISION) == [(HEAD,)]


def test_the_newest_revision_is_the_one_that_is_told() -> None:
    assert revisions().known()[0] == HEAD


def test_a_former_versions_plans_are_found_by_battery_template_and_station(former: Where) -> None:
    fill(former)
    PlatformStore(former).close()
    found = rows(former, "SELECT station_id, current_asset, template_version, count(*) FROM platform_plans GROUP BY 1, 2, 3 ORDER BY 4")
    version = plan_of().template.version
    assert found == [("STATION_XYZ", "BAT-12345", version, 1), (None, "BAT-12345", version, PLANS)]


def test_a_former_versions_database_is_served_and_its_events_leave(former: Where) -> None:
    fill(former)
    store = PlatformStore(former)
    assert store.plan(PLAN) == plan_of()
    assert [each.event_id for each in store.to_publish()] == ["EVT-1"]
    assert Counter(store=store).ask("complete_service", completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    store.close()


def test_workers_that_start_together_migrate_once(former: Where) -> None:
    fill(former)
    code = "import sys; from kiosk.platform.store.repository import PlatformStore; PlatformStore(sys.argv[1]).close()"
    started = [subprocess.Popen([sys.executable, "-c", code, url_of(former)]) for _each in range(3)]
    assert [each.wait(60) for each in started] == [0, 0, 0]
    assert rows(former, REVISION) == [(HEAD,)]


def test_a_newer_versions_database_is_refused(books: Where) -> None:
    PlatformStore(books).close()
    with create_engine(url_of(books), poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE platform_alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreFailed) as refused:
        PlatformStore(books)
    assert "newer version" in refused.value.reason
