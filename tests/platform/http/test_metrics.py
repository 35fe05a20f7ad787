"""What Prometheus and the load balancer see."""

import asyncio
from dataclasses import replace

from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.repository import PlatformStore
from tests.platform.agent_counter import Counter, completion
from tests.platform.http.site import calling, context_on
from tests.postgres import Postgres


async def figures(context: ApiContext, accept: str = "text/plain") -> dict[str, float]:
    async with calling(context, bearer=False) as client:
        answer = await client.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    lines = (line.rsplit(" ", 1) for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_answers_are_counted_by_action_and_signal(context: ApiContext) -> None:
    for payload in (b'{"signals":["QUOTA_AVAILABLE","EQUIPMENT_CHECKOUT_SUCCESS"],"metadata":{}}', b'{"data":{"signals":["X"]}}', b"{}"):
        context.metrics.count_answer("EQUIPMENT_CHECKOUT", payload, 0.004)
    found = await figures(context)
    for signal in ("QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS", "X"):
        assert found[f'swap_platform_answers_total{{action="EQUIPMENT_CHECKOUT",signal="{signal}"}}'] == 1
    assert found['swap_platform_answer_seconds_bucket{action="EQUIPMENT_CHECKOUT",le="0.005"}'] == 3
    assert found['swap_platform_answer_seconds_bucket{action="EQUIPMENT_CHECKOUT",le="0.0025"}'] == 0


async def test_http_requests_are_counted_by_route_and_not_by_address(context: ApiContext) -> None:
    async with calling(context) as client:
        for name in ("BAT-1", "BAT-2"):
            await client.get(f"/api/v1/assets/{name}/telemetry/latest")
        await client.get("/nowhere")
    found = await figures(context)
    assert found['swap_platform_http_requests_total{method="GET",route="/api/v1/assets/{asset_id}/telemetry/latest",status="404"}'] == 2
    assert found['swap_platform_http_requests_total{method="GET",route="none",status="404"}'] == 1


async def test_events_that_wait_are_shown(context: ApiContext, counter: Counter) -> None:
    assert (await figures(context))["swap_platform_events_waiting"] == 0
    events = counter.send("complete_service", completion()).events
    assert (await figures(context))["swap_platform_events_waiting"] == 1
    counter.store.record_published([each.number for each in events], counter.clock.at)
    assert (await figures(context, "application/openmetrics-text"))["swap_platform_events_waiting"] == 0


async def test_a_database_that_is_away_is_told_with_its_reason(own_postgres: Postgres) -> None:
    store = PlatformStore(own_postgres.database())
    async with calling(context_on(store), bearer=False) as client:
        await asyncio.to_thread(own_postgres.kill)
        health, metrics = await client.get("/healthz"), await client.get("/metrics")
    assert (health.status_code, health.json()["ok"], health.json()["link"]) == (503, False, "ok")
    assert health.json()["database"] not in ("", "ok")
    assert metrics.status_code == 200
    assert "swap_platform_events_waiting" not in metrics.text
    store.close()


async def test_a_link_that_is_down_is_told_with_its_reason(context: ApiContext) -> None:
    async with calling(replace(context, link=lambda: "the broker is away"), bearer=False) as client:
        health = await client.get("/healthz")
    assert (health.status_code, health.json()) == (503, {"ok": False, "database": "ok", "link": "the broker is away"})
