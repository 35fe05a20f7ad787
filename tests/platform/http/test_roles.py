"""Whose token may do what: every address and every field of GraphQL has its line, and what has none is for nobody."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.domain.times import iso_utc
from kiosk.platform.http import battery_routes
from kiosk.platform.http.access import FIELDS, ROUTES, Caller, TokenRole, fields_of, guard_fields
from kiosk.platform.http.app import PARTS, make_app, platform_app
from kiosk.platform.http.auth import ApiContext, Secrets
from kiosk.platform.http.graphql.schema import make_schema
from kiosk.platform.http.web import routes as web
from kiosk.wire.plan_documents import QUERY
from tests.builders import NOON
from tests.platform.agent_counter import PLAN
from tests.platform.http.site import STATION, KnownTokens, bearer_of, calling, calling_port, context_on, token_of

READING = {"kwh_remaining": 1.2, "timestamp": iso_utc(NOON), "station_id": STATION}
BOUND = {"address": "C8:47:8C:00:10:01", "bound_by": "SUP-1", "bound_at": iso_utc(NOON), "station_id": STATION}
TELEMETRY, BATTERY = "/api/v1/assets/BAT-1/telemetry", "/api/v1/batteries/BAT-1"
OTHER = "STATION-3"


def addresses(context: ApiContext) -> set[str]:
    """Every address of the whole side, as the table writes it."""
    found = set()
    for route in (route for part in PARTS for route in part.routes(context)):
        assert isinstance(route, Route | Mount)
        methods = route.methods if isinstance(route, Route) else {"GET"}
        found |= {f"{each} {route.path}" for each in methods or {"GET"} if each != "HEAD"}
    return found


def test_every_address_has_a_line_and_every_line_an_address(context: ApiContext) -> None:
    assert addresses(context) == set(ROUTES)


def test_every_field_has_a_line_and_every_line_a_field() -> None:
    assert sorted(fields_of(make_schema()._schema)) == sorted(FIELDS)


def test_an_admin_may_do_all_that_has_a_line() -> None:
    lines = {**ROUTES, **FIELDS}
    assert [each for each, line in lines.items() if not line.open and TokenRole.ADMIN not in line.roles] == []


def test_a_role_of_figures_has_no_address_but_those_of_everybody() -> None:
    assert [each for each, line in {**ROUTES, **FIELDS}.items() if TokenRole.METRICS in line.roles] == []


async def test_an_address_without_a_line_is_for_nobody(context: ApiContext) -> None:
    async def new(_request: Request) -> Response:
        return PlainTextResponse("secret")

    app = make_app(context, [Route("/new", new), Mount("/files", StaticFiles(directory="."))], {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:
        for address in ("/new", "/files/pyproject.toml"):
            assert (await client.get(address)).status_code == 401
            for role in TokenRole:
                refused = await client.get(address, headers=bearer_of(role))
                assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
                assert "Nobody may use this address" in refused.json()["error"]["message"]


async def test_a_field_without_a_line_is_for_nobody(context: ApiContext, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_schema()
    guard_fields(made._schema, {each: line for each, line in FIELDS.items() if each != "query servicePlans"})
    monkeypatch.setattr("kiosk.platform.http.graphql.serving.make_schema", lambda: made)
    async with calling(context) as client:
        refused = await client.post("/graphql", json={"query": "{ servicePlans { more } }"})
        assert refused.status_code == 403
        assert (await client.post("/graphql", json={"query": "{ servicePlanTemplates { id } }"})).status_code == 200


GETS = {  # who may look; an admin always may
    "/": {TokenRole.DESK},
    "/swaps": {TokenRole.DESK},
    "/open": {TokenRole.DESK},
    "/plans": {TokenRole.DESK},
    f"/plans/{PLAN}": {TokenRole.DESK},
    "/payments": {TokenRole.DESK, TokenRole.ERP},
    "/events": {TokenRole.DESK, TokenRole.ERP},
    "/openapi.json": {TokenRole.KIOSK, TokenRole.ERP, TokenRole.DESK},
    f"{TELEMETRY}/latest": {TokenRole.KIOSK, TokenRole.DESK},
    "/api/v1/batteries": {TokenRole.KIOSK, TokenRole.DESK},
    BATTERY: {TokenRole.KIOSK, TokenRole.DESK},
    f"{BATTERY}/secret": {TokenRole.KIOSK},
}


@pytest.mark.parametrize("role", list(TokenRole))
async def test_what_a_role_may_look_at(context: ApiContext, role: TokenRole) -> None:
    async with calling(context, bearer=False) as client:
        seen = {address: (await client.get(address, headers=bearer_of(role))).status_code for address in GETS}
        heads = {address: (await client.head(address, headers=bearer_of(role))).status_code for address in GETS}
    assert {each for each, status in seen.items() if status == 403} == {
        each for each, roles in GETS.items() if role not in roles | {TokenRole.ADMIN}
    }
    assert heads == seen
    assert set(seen.values()) <= {200, 403, 404}


MUTATIONS = {
    'mutation { deprecateServicePlanTemplate(id: "x") { id } }': set(),
    'mutation { a: deprecateServicePlanTemplate(id: "x") { id } }': set(),
    'mutation { ...F } fragment F on Mutation { deprecateServicePlanTemplate(id: "x") { id } }': set(),
    'mutation { createServicePlanFromTemplate(input: {template_id: "x", customer_id: "c"}) { cloned_plan { id } } }': {TokenRole.DESK},
    'mutation { updateServicePlanTemplate(id: "x", input: {name: "n"}) { id } }': set(),
    '{ servicePlan(id: "x") { id } }': {TokenRole.DESK},
    "{ servicePlans { more } }": {TokenRole.DESK},
    "{ servicePlanTemplates { id } }": {TokenRole.DESK},
    f'{{ servicePlanChanges(station_id: "{STATION}") {{ more }} }}': {TokenRole.KIOSK, TokenRole.DESK},
    f'{{ servicePlanChanges(station_id: "{OTHER}") {{ more }} }}': {TokenRole.DESK},
    "{ __typename }": {TokenRole.KIOSK, TokenRole.DESK},
}


@pytest.mark.parametrize("role", list(TokenRole))
@pytest.mark.parametrize("query", MUTATIONS)
async def test_what_a_role_may_ask_of_graphql(context: ApiContext, role: TokenRole, query: str) -> None:
    async with calling(context, bearer=False) as client:
        answer = await client.post("/graphql", json={"query": query}, headers=bearer_of(role))
    may = role in MUTATIONS[query] | {TokenRole.ADMIN}
    assert answer.status_code == (200 if may else 403)
    if not may:
        assert answer.json()["error"]["message"].endswith(".")


async def test_what_is_refused_in_a_query_leaves_nothing_of_it(context: ApiContext) -> None:
    asked = f'{{ servicePlanChanges(station_id: "{STATION}") {{ more }} servicePlans {{ plans {{ customer_id }} }} }}'
    async with calling(context, bearer=False) as client:
        answer = await client.post("/graphql", json={"query": asked}, headers=bearer_of(TokenRole.KIOSK))
    assert answer.status_code == 403
    assert "CUST" not in answer.text


async def test_a_kiosk_brings_its_plans(context: ApiContext) -> None:
    asked = {"query": QUERY, "variables": {"station": STATION, "since": None, "first": 50}}
    async with calling(context, bearer=False) as client:
        mine = await client.post("/graphql", json=asked, headers=bearer_of(TokenRole.KIOSK))
        asked["variables"] = {"station": OTHER, "since": None, "first": 50}
        theirs = await client.post("/graphql", json=asked, headers=bearer_of(TokenRole.KIOSK))
    assert [each["id"] for each in mine.json()["data"]["servicePlanChanges"]["plans"]] == [PLAN]
    assert (theirs.status_code, PLAN in theirs.text) == (403, False)
    assert STATION in theirs.json()["error"]["message"]


async def post(context: ApiContext, role: TokenRole, document: object) -> tuple[int, dict[str, Any]]:
    async with calling(context, bearer=False) as client:
        answer = await client.post(TELEMETRY, json=document, headers=bearer_of(role))
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "document",
    [
        {**READING, "station_id": OTHER},
        {"asset_id": "BAT-1", "telemetry": {**READING, "station_id": OTHER}},
        {"readings": [READING, {**READING, "station_id": OTHER}]},
        {**READING, "station_id": STATION.lower()},
    ],
)
async def test_a_kiosk_reports_no_reading_of_another_station(context: ApiContext, document: dict[str, Any]) -> None:
    status, answer = await post(context, TokenRole.KIOSK, document)
    assert (status, answer["error"]["code"]) == (403, "NOT_YOURS")
    async with calling(context) as client:
        assert (await client.get(f"{TELEMETRY}/latest")).status_code == 404


@pytest.mark.parametrize("station", [STATION, None])
async def test_a_kiosks_own_reading_bears_its_name(context: ApiContext, station: str | None) -> None:
    assert (await post(context, TokenRole.KIOSK, {**READING, "station_id": station}))[0] == 200
    async with calling(context) as client:
        assert (await client.get(f"{TELEMETRY}/latest")).json()["telemetry"]["station_id"] == STATION


@pytest.mark.parametrize("role", [TokenRole.ERP, TokenRole.DESK, TokenRole.METRICS])
async def test_nobody_else_reports_readings(context: ApiContext, role: TokenRole) -> None:
    assert (await post(context, role, READING))[0] == 403


async def test_a_kiosk_binds_at_its_own_station(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        client.headers.update(bearer_of(TokenRole.KIOSK))
        theirs = await client.put(BATTERY, json={**BOUND, "station_id": OTHER})
        assert (theirs.status_code, theirs.json()["error"]["code"]) == (403, "NOT_YOURS")
        assert (await client.get(BATTERY)).status_code == 404
        mine = await client.put(BATTERY, json={**BOUND, "station_id": ""})
    assert (mine.status_code, mine.json()["station_id"]) == (200, STATION)


async def test_a_stolen_kiosk_does_not_get_all_secrets_at_once(context: ApiContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(battery_routes, "SECRETS_AN_HOUR", 3)
    async with calling(context) as client:
        await client.put(BATTERY, json={**BOUND, "secret": "12345678"})
        mine = [await client.get(f"{BATTERY}/secret", headers=bearer_of(TokenRole.KIOSK)) for _ in range(5)]
        assert [each.status_code for each in mine] == [200, 200, 200, 429, 429]
        assert (mine[3].json()["error"]["code"], mine[3].headers["retry-after"]) == ("TooManySecrets", "3600")
        assert (await client.get(f"{BATTERY}/secret")).status_code == 200


async def test_a_stream_ends_when_its_token_is_withdrawn(context: ApiContext, monkeypatch: pytest.MonkeyPatch) -> None:
    class Withdrawn(KnownTokens):
        known = True

        def caller(self, token: str) -> Caller | None:
            return super().caller(token) if self.known else None

    tokens = Withdrawn()
    monkeypatch.setattr(web, "PAUSE_SECONDS", 0.01)
    changed = context_on(context.store, clock=context.clock, secrets=Secrets(tokens=tokens, payment=b"a-secret-of-a-payment"))
    async with asyncio.timeout(20), calling_port(changed) as client, client.stream("GET", "/events/stream") as stream:
        parts = stream.aiter_bytes()
        assert await anext(parts) == web.KEEP_ALIVE
        tokens.known = False
        assert {each async for each in parts} <= {web.KEEP_ALIVE, web.KEEP_ALIVE * 2}


@pytest.mark.parametrize("role", list(TokenRole))
async def test_a_page_opens_with_a_token_of_its_roles_as_password(context: ApiContext, role: TokenRole) -> None:
    async with calling(context, bearer=False) as client:
        answers = {each: await client.get(each, auth=("anybody", token_of(role))) for each in ("/", "/payments")}
    may = {"/": role in (TokenRole.DESK, TokenRole.ADMIN), "/payments": role in (TokenRole.DESK, TokenRole.ADMIN, TokenRole.ERP)}
    assert {each: answer.status_code for each, answer in answers.items()} == {each: 200 if may[each] else 403 for each in may}
    for answer in answers.values():
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        if answer.status_code == 403:
            assert answer.text.startswith(f"This token has the role {role}; this is for ")


async def test_a_password_is_for_pages_only(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        for address in ("/api/v1/batteries", "/openapi.json"):
            refused = await client.get(address, auth=("anybody", token_of(TokenRole.ADMIN)))
            assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")


async def test_figures_and_health_are_told_to_everybody(context: ApiContext) -> None:
    async with calling(context, bearer=False) as client:
        for headers in ({}, bearer_of(TokenRole.METRICS)):
            assert [(await client.get(each, headers=headers)).status_code for each in ("/healthz", "/metrics")] == [200, 200]


async def test_a_wrong_new_file_of_tokens_is_told_and_is_no_outage(context: ApiContext) -> None:
    class Wrong:
        fault = "tokens, line 3: must be ROLE NAME TOKEN, or a token alone"

        def caller(self, _token: str) -> Caller | None:
            return None

    secrets = context.secrets
    changed = context_on(context.store, clock=context.clock, secrets=type(secrets)(tokens=Wrong(), payment=secrets.payment))
    async with calling(changed, bearer=False) as client:
        health = await client.get("/healthz")
    assert (health.status_code, health.json()["ok"], health.json()["tokens"]) == (200, True, Wrong.fault)


@pytest.mark.parametrize(
    "address", ["/plans/../swaps", "//swaps", "/swaps/", "/%73waps", "/SWAPS", "/static/../swaps", "/graphql/files/..%2f"]
)
async def test_no_spelling_of_an_address_goes_round_the_table(context: ApiContext, address: str) -> None:
    transport = httpx.ASGITransport(platform_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://platform") as client:
        answer = await client.get(address)
    assert answer.status_code in (401, 404)
    assert PLAN not in answer.text


def test_lines_for_everybody_are_few() -> None:
    assert {each for each, line in ROUTES.items() if line.open} == {
        "GET /healthz",
        "GET /metrics",
        "GET /api/v1/keys",
        "GET /api/v1/receipts/{transaction:path}",
        "GET /receipt",
        "POST /api/v1/payments/confirmations",
        "GET /graphql",
        "GET /graphql/files",
        "GET /static",
    }
