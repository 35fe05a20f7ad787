"""The queue of readings: what waits, what is forgotten, and what a new reading is compared with."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.battery.battery import EnergyMethod
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.station.adapters.store import reading_queue
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.wire.exact_json import loads
from tests.builders import NOON, reading
from tests.postgres import Postgres

LATER = NOON + timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """The kiosk's store on each database."""
    cluster: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = open_store(cluster.database() if cluster else tmp_path / "kiosk.sqlite")
    yield store
    store.close()


def read(battery_id: str = "BAT-12345", minutes: float = 0, energy: str = "4.8") -> KnownReading:
    """A reading made here, so long after noon."""
    return KnownReading(reading=reading(battery_id, energy, timestamp=NOON + timedelta(minutes=minutes)), station_id="STATION-14")


def waiting(store: SqlStore) -> list[str]:
    return [each.battery_id for each in store.readings_to_report(100)]


def test_readings_wait_in_the_order_they_were_made(kept: SqlStore) -> None:
    for battery_id in ("BAT-2", "BAT-1", "<bat-2>"):
        kept.queue_reading(read(battery_id))
    assert waiting(kept) == ["BAT-2", "BAT-1", "BAT-2"]
    assert [each.battery_id for each in kept.readings_to_report(2)] == ["BAT-2", "BAT-1"]


def test_what_is_accepted_or_refused_waits_no_longer(kept: SqlStore) -> None:
    for battery_id in ("BAT-1", "BAT-2", "BAT-3"):
        kept.queue_reading(read(battery_id))
    first, second, _ = kept.readings_to_report(3)
    kept.record_reports([(first.number, ""), (second.number, "its timestamp lies in the future")])
    assert waiting(kept) == ["BAT-3"]
    kept.record_reports([])
    assert waiting(kept) == ["BAT-3"]


def test_a_full_queue_forgets_the_oldest_and_says_how_many(kept: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_queue, "MAX_READINGS", 3)
    forgotten = [kept.queue_reading(read(f"BAT-{each}")) for each in range(5)]
    assert forgotten == [0, 0, 0, 1, 1]
    assert waiting(kept) == ["BAT-2", "BAT-3", "BAT-4"]
    kept.record_reports([(each.number, "") for each in kept.readings_to_report(3)])
    assert kept.queue_reading(read("BAT-5")) == 0  # what goes now was reported


def test_the_last_reading_is_the_one_made_last_before_that_time(kept: SqlStore) -> None:
    for minutes in (0, 10, 20):
        kept.queue_reading(read("BAT-1", minutes, str(minutes)))
    kept.queue_reading(read("BAT-2", 5))
    assert kept.last_reading("bat-1", NOON + timedelta(minutes=20)) == read("BAT-1", 10, "10")
    assert kept.last_reading("BAT-1", LATER) == read("BAT-1", 20, "20")
    assert kept.last_reading("BAT-1", NOON) is None
    assert kept.last_reading("BAT-3", LATER) is None


def test_a_reading_comes_back_whole(kept: SqlStore) -> None:
    facts = {
        "soc_percent": Decimal("25.5"),
        "full_kwh": Decimal("3.20"),
        "estimated": True,
        "faults": ("cell 3 low",),
        "protocol": "oves",
        "rssi": -48,
        "seconds": 1.25,
        "charge_ah": Decimal("44.4"),
        "serial": "3052120",
        "cycles": 42,
        "address": "C8:47:8C:00:10:00",
        "method": EnergyMethod.SOC_ESTIMATE,
        "timestamp": datetime(2025, 1, 15, 10, 30, 0, 123456, tzinfo=UTC),
    }
    whole = KnownReading(reading=reading("BAT-1", "0.800", **facts), station_id="")
    kept.queue_reading(whole)
    assert kept.last_reading("BAT-1", LATER) == whole


def test_what_is_sent_is_the_specifications_telemetry_and_the_station(kept: SqlStore) -> None:
    kept.queue_reading(read())
    document = loads(kept.readings_to_report(1)[0].document)
    assert {name: document[name] for name in ("asset_id", "kwh_remaining", "timestamp", "station_id")} == {
        "asset_id": "BAT-12345",
        "kwh_remaining": Decimal("4.8"),
        "timestamp": "2025-01-15T10:30:00Z",
        "station_id": "STATION-14",
    }


@pytest.mark.parametrize("battery_id", ["", " < > ", "x" * 129, "BAT\u0007"])
def test_a_reading_without_an_id_is_not_queued(kept: SqlStore, battery_id: str) -> None:
    with pytest.raises(BadInput):
        kept.queue_reading(read(battery_id))
    assert waiting(kept) == []


def test_a_number_that_is_none_is_not_queued(kept: SqlStore) -> None:
    with pytest.raises(BadInput):
        kept.queue_reading(read(energy="NaN"))


def test_a_stored_reading_that_cannot_be_read_is_the_databases_fault(sql_store: SqlStore) -> None:
    sql_store.queue_reading(read())
    with sql_store.writing() as connection:
        connection.exec_driver_sql("UPDATE readings SET document = '{'")
    with pytest.raises(StoreFailed, match="cannot be read"):
        sql_store.last_reading("BAT-12345", LATER)


ASKED = "SELECT document FROM readings WHERE "


@pytest.mark.parametrize(
    "statement",
    [
        f"{ASKED} state = 'queued' ORDER BY number LIMIT 50",
        f"{ASKED} battery_id = 'B' AND read_at < 9 ORDER BY number DESC LIMIT 1",
        "DELETE FROM readings WHERE number <= 1",
    ],
)
def test_every_row_is_found_by_an_index(sql_store: SqlStore, statement: str) -> None:
    with sql_store.reading() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())
    assert "SEARCH readings USING" in plan
    assert "B-TREE" not in plan
