"""Readings over HTTP, on both databases: what is kept, what is refused, and which is the latest."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from kiosk.domain.times import iso_utc
from kiosk.platform.http.telemetry_routes import MAX_READINGS
from kiosk.platform.store.reading_history import ReadingHistory, ReadingOutcome, ReportedReading
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON
from tests.platform.http.site import calling, context_on
from tests.postgres import Postgres

BATTERY = "/api/v1/assets/BAT-12345/telemetry"
LATEST = f"{BATTERY}/latest"


def told(minutes: float = 0, energy: str = "4.8", **facts: Any) -> dict[str, Any]:
    """A reading as a kiosk reports it, `minutes` after noon."""
    at = iso_utc(NOON + timedelta(minutes=minutes))
    document = {"kwh_remaining": loads(energy), "voltage": loads("51.2"), "temperature_celsius": 25, "timestamp": at}
    return {**document, "station_id": "STATION-14", **facts}


async def post(client: httpx.AsyncClient, document: object, path: str = BATTERY) -> tuple[int, Any]:
    body = document if isinstance(document, bytes) else dumps(document)
    answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    return answer.status_code, loads(answer.content)


async def latest(client: httpx.AsyncClient, path: str = LATEST) -> Any:
    return loads((await client.get(path)).content)


async def test_the_latest_reading_has_the_specifications_shape(client: httpx.AsyncClient) -> None:
    assert await post(client, told(-15)) == (200, {"outcome": "stored"})
    document = await latest(client)
    assert list(document) == ["asset_id", "telemetry"]
    specified = {name: document["telemetry"][name] for name in ("kwh_remaining", "voltage", "temperature_celsius", "timestamp")}
    assert (document["asset_id"], specified) == (
        "BAT-12345",
        {"kwh_remaining": loads("4.8"), "voltage": loads("51.2"), "temperature_celsius": 25, "timestamp": "2025-01-15T10:15:00Z"},
    )
    assert document["telemetry"]["station_id"] == "STATION-14"


async def test_what_latest_answers_with_is_a_report_too(client: httpx.AsyncClient) -> None:
    assert await post(client, {"asset_id": "bat-12345", "telemetry": told(-15)}) == (200, {"outcome": "stored"})
    document = await latest(client)
    assert await post(client, document) == (200, {"outcome": "known"})
    assert await post(client, {"readings": [document, told(-5)]}) == (200, {"outcomes": [{"outcome": "known"}, {"outcome": "stored"}]})


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"asset_id": "BAT-2", "telemetry": told(-15)}, 400),
        ({"asset_id": 5, "telemetry": told(-15)}, 400),
        ({"asset_id": "BAT-12345", "telemetry": told(-15, asset_id="BAT-2")}, 400),
        ({"asset_id": "BAT-12345", "telemetry": None}, 422),
        ({"asset_id": "BAT-12345", "telemetry": {"telemetry": told(-15)}}, 422),
    ],
)
async def test_a_wrapped_report_is_looked_at_as_closely(client: httpx.AsyncClient, document: dict[str, Any], status: int) -> None:
    assert (await post(client, document))[0] == status
    assert (await client.get(LATEST)).status_code == 404


async def test_the_description_names_both_shapes(client: httpx.AsyncClient) -> None:
    described = loads((await client.get("/openapi.json")).content)
    body = described["paths"]["/api/v1/assets/{asset_id}/telemetry"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {each.get("$ref", "batch").rsplit("/", 1)[-1] for each in body["anyOf"]} == {"ReadingDocument", "LatestDocument", "batch"}


async def test_numbers_stay_exact(client: httpx.AsyncClient) -> None:
    await post(client, told(energy="4.800000000000000001"))
    assert b'"kwh_remaining":4.800000000000000001,' in (await client.get(LATEST)).content


async def test_nothing_known_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get(LATEST)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")


async def test_a_repeated_report_is_kept_once(client: httpx.AsyncClient) -> None:
    assert [(await post(client, told()))[1]["outcome"] for _ in range(3)] == ["stored", "known", "known"]


async def test_a_contradicting_report_changes_nothing(client: httpx.AsyncClient) -> None:
    await post(client, told())
    assert await post(client, told(energy="9.9")) == (200, {"outcome": "contradicts"})
    assert (await latest(client))["telemetry"]["kwh_remaining"] == loads("4.8")


async def test_two_stations_may_read_at_the_same_moment(client: httpx.AsyncClient) -> None:
    outcomes = [(await post(client, told(station_id=station)))[1]["outcome"] for station in ("STATION-14", "STATION-9")]
    assert outcomes == ["stored", "stored"]


async def test_a_reading_that_arrives_late_is_not_the_latest(client: httpx.AsyncClient) -> None:
    for minutes, energy in ((-5, "3.0"), (-60, "1.0"), (-1, "4.0"), (-30, "2.0")):
        assert (await post(client, told(minutes, energy)))[0] == 200
    assert (await latest(client))["telemetry"]["kwh_remaining"] == loads("4.0")


async def test_an_id_is_compared_as_elsewhere(client: httpx.AsyncClient) -> None:
    await post(client, told(asset_id=" <bat-12345> "), "/api/v1/assets/bat-12345/telemetry")
    assert (await latest(client))["asset_id"] == "BAT-12345"


async def test_an_id_with_a_slash_has_its_own_readings(client: httpx.AsyncClient) -> None:
    await post(client, told(), "/api/v1/assets/A%2FB/telemetry")
    assert (await latest(client, "/api/v1/assets/A%2FB/telemetry/latest"))["asset_id"] == "A/B"
    assert (await client.get("/api/v1/assets/B/telemetry/latest")).status_code == 404


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (told(6), "in the future"),
        ({**told(), "timestamp": "yesterday"}, "timestamp must be a time"),
        ({**told(), "timestamp": "2025-01-15T10:00:00"}, "no time zone"),
        ({"kwh_remaining": 4}, "timestamp is missing"),
        (told(energy='"4.8"'), "must be a number"),
        (told(energy="true"), "must be a number"),
        (told(energy="-1"), "not a positive number"),
        (told(energy="400"), "more than such a battery can hold"),
        (told(soc_percent=130), "cannot be"),
        (told(soc_percent=20, full_kwh=loads("5.0")), "does not agree"),
        (told(voltage=0), "no voltage"),
        (told(station_id="\u0000"), "cannot be read"),
        (told(station_id="x" * 200), "longer than 128"),
        ([], "must be an object"),
        ("BAT-1", "must be an object"),
        (None, "must be an object"),
    ],
)
async def test_a_reading_that_cannot_be_is_refused_with_its_reason(client: httpx.AsyncClient, reading: object, reason: str) -> None:
    status, document = await post(client, reading)
    assert (status, document["error"]["code"]) == (422, "ReadingRefused")
    assert reason in document["error"]["message"]
    assert (await client.get(LATEST)).status_code == 404


async def test_a_clock_that_is_a_little_ahead_is_taken(client: httpx.AsyncClient) -> None:
    assert (await post(client, told(5)))[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BATTERY, b"{"),
        (BATTERY, b'{"timestamp": NaN}'),
        (BATTERY, dumps({"readings": {}})),
        (BATTERY, dumps({"readings": []})),
        (BATTERY, dumps({"readings": [told()] * (MAX_READINGS + 1)})),
        (BATTERY, dumps(told(asset_id="BAT-99999"))),
        ("/api/v1/assets/%00/telemetry", dumps(told())),
        ("/api/v1/assets/%20/telemetry", dumps(told())),
        (f"/api/v1/assets/{'x' * 129}/telemetry", dumps(told())),
    ],
)
async def test_what_is_no_report_stores_nothing(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    status, document = await post(client, body, path)
    assert (status, document["error"]["code"]) == (400, "BadInput")
    assert (await client.get(LATEST)).status_code == 404


async def test_one_bad_reading_of_a_batch_holds_up_no_other(client: httpx.AsyncClient) -> None:
    status, document = await post(client, {"readings": [told(-3), told(60), told(-2), told(-3), told(-3, "1.1"), "junk"]})
    assert status == 200
    assert [each["outcome"] for each in document["outcomes"]] == ["stored", "refused", "stored", "known", "contradicts", "refused"]
    assert "in the future" in document["outcomes"][1]["reason"]


async def test_what_a_battery_tells_may_hold_any_character_and_is_kept_as_it_can_be_shown(client: httpx.AsyncClient) -> None:
    assert (await post(client, told(faults=["\u0000 \U0001f525"], protocol='o\\v"es')))[0] == 200
    assert (await latest(client))["telemetry"]["faults"] == ["\U0001f525"]


def reported(minutes: int, asset_id: str = "BAT-1", document: str = "{}") -> ReportedReading:
    at: datetime = NOON + timedelta(minutes=minutes)
    return ReportedReading(asset_id=asset_id, read_at=at, station_id="STATION-14", document=document)


async def test_reports_at_once_are_each_kept_once(store: PlatformStore) -> None:
    """The same batch from two sides, in opposite orders: neither waits for the other for ever, and one of each is new."""
    book, batch = ReadingHistory(store), [reported(each) for each in range(40)]
    rounds = [asyncio.to_thread(book.keep, each, NOON) for each in (batch, batch[::-1], batch, batch[::-1])]
    outcomes = [each for kept in await asyncio.gather(*rounds) for each in kept]
    assert (outcomes.count(ReadingOutcome.STORED), outcomes.count(ReadingOutcome.KNOWN)) == (40, 120)


async def test_the_latest_of_a_battery_is_found_by_the_index(store: PlatformStore) -> None:
    book = ReadingHistory(store)
    book.keep([reported(minutes, f"BAT-{battery}") for battery in range(20) for minutes in range(20)], NOON)
    with store.reading() as connection:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # four hundred rows would be read through
        asked = "SELECT document FROM platform_telemetry WHERE asset_id = 'BAT-1' ORDER BY read_at DESC, station_id DESC LIMIT 1"
        plan = " ".join(str(row) for row in connection.exec_driver_sql(f"{explain} {asked}"))
    assert "index" in plan.lower()
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()


async def test_a_database_that_is_gone_is_told_as_such(own_postgres: Postgres) -> None:
    store = PlatformStore(own_postgres.database())
    async with calling(context_on(store)) as client:
        own_postgres.kill()
        status, document = await post(client, told())
        assert (status, document["error"]["code"]) == (503, "StoreFailed")
        own_postgres.start()
        assert await post(client, told()) == (200, {"outcome": "stored"})
    store.close()
