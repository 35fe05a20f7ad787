"""What is wrong with a query is said clearly, and costs little."""

import logging
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from kiosk.domain.errors import StoreFailed
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.graphql.serving import BAD_QUERY, INTERNAL
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import loads
from tests.platform.http.graphql.asking import answer_to, codes_of
from tests.platform.http.site import calling

TEMPLATES = "servicePlanTemplates { id }"
LOOP = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"


def doubling(steps: int) -> str:
    """Each fragment spreads the next one twice."""
    fragments = [f"fragment f{step} on Query {{ ...f{step + 1} ...f{step + 1} }}" for step in range(steps)]
    return "{ ...f0 } " + " ".join(fragments) + f" fragment f{steps} on Query {{ __typename }}"


def deep(levels: int) -> str:
    """A field in a field, as deep as asked; no such field is there."""
    return "{ servicePlanTemplates " + "{ a " * levels + "}" * levels + " }"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ servicePlan { id } }", "of type 'ID!' is required"),
        ("{ servicePlan(id: 3.5) { id } }", "ID cannot represent"),
        ('{ servicePlanChanges(station_id: "S", first: "many") { more } }', "Int cannot represent"),
        ("{ servicePlanTemplates", "Syntax Error"),
        (deep(12), "exceeds maximum operation depth of 8"),
        (deep(400), "nested too deeply"),
        ("{ " + " ".join(f"a{each}: {TEMPLATES}" for each in range(30)) + " }", "30 aliases found. Allowed: 20"),
        ("{ " + f"{TEMPLATES} " * 1000 + "}", "more than 1500 tokens"),
        (doubling(60), "spreads more than 24 fragments"),
        (LOOP, "within itself"),
        ('{ servicePlan(id: "a\\u0000") { id } }', "NUL"),
        ("subscription { anything }", "not supported"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
async def test_a_query_that_cannot_be_is_refused_with_the_reason(caller: httpx.AsyncClient, query: str, said: str) -> None:
    answer = await answer_to(caller, query)
    assert any(said in each["message"] for each in answer["errors"]), answer["errors"]
    assert set(codes_of(answer)) == {BAD_QUERY}


TWO = f"query A {{ a: {TEMPLATES} }} query B {{ b: {TEMPLATES} }}"


async def test_of_several_operations_none_is_run_unless_one_is_named(caller: httpx.AsyncClient) -> None:
    answer = await answer_to(caller, TWO)
    assert answer["data"] is None
    assert codes_of(answer) == [BAD_QUERY]
    assert "2 operations; operationName must say which one to run" in answer["errors"][0]["message"]


@pytest.mark.parametrize(("name", "key"), [("A", "a"), ("B", "b")])
async def test_the_operation_that_is_named_is_run(caller: httpx.AsyncClient, name: str, key: str) -> None:
    response = await caller.post("/graphql", json={"query": TWO, "operationName": name})
    assert list(response.json()["data"]) == [key]


async def test_a_variable_that_no_database_keeps_is_refused(caller: httpx.AsyncClient) -> None:
    query = "query ($station: ID!) { servicePlanChanges(station_id: $station) { more } }"
    answer = await answer_to(caller, query, station="a\0")
    assert [each["message"] for each in answer["errors"]] == ["text holds a NUL character"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": 3}, "String cannot represent a non string value"),
        ({"colour": "red"}, "'colour'"),
        ({"service_configurations": [{"service_id": "s", "quota": "10"}]}, "must be a number, not text"),
        ({"service_configurations": [{"service_id": "s", "quota": True}]}, "must be a number, not text"),
        ({"service_configurations": [{"service_id": "s"}]}, "'quota'"),
    ],
)
async def test_a_wrong_type_is_refused_before_anything_is_done(caller: httpx.AsyncClient, fields: dict[str, Any], said: str) -> None:
    query = 'mutation ($input: UpdateTemplateInput!) { updateServicePlanTemplate(id: "template-123", input: $input) { id } }'
    answer = await answer_to(caller, query, input=fields)
    assert any(said in each["message"] for each in answer["errors"]), answer["errors"]
    assert set(codes_of(answer)) == {BAD_QUERY}


@pytest.mark.parametrize(
    ("field", "where"),
    [
        ('servicePlanChanges(station_id: "S", since: "nonsense") { more }', "cursor"),
        ('servicePlanChanges(station_id: "S", since: "WyJ4IiwieSIsIiJd") { more }', "cursor"),
        ('servicePlanChanges(station_id: "S", first: 0) { more }', "first"),
        ('servicePlanChanges(station_id: "S", first: 501) { more }', "first"),
        ("servicePlans { more }", "servicePlans"),
        ('servicePlans(customer_id: "C", template_version: "1.0.0") { more }', "template_version"),
        ('servicePlans(customer_id: "C", after: "é") { more }', "cursor"),
    ],
)
async def test_a_page_that_cannot_be_is_refused_with_its_place(caller: httpx.AsyncClient, field: str, where: str) -> None:
    answer = await answer_to(caller, f"{{ {field} }}")
    assert [(each["extensions"]["code"], each["extensions"]["where"]) for each in answer["errors"]] == [("BadInput", where)]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"3", "application/json", 400),
        (b'{"query": 3}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b'{"query": NaN}', "application/json", 400),
        (b'[{"query": "{ __typename }"}]', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": "\xff"}', "application/json", 400),
        (b"{ __typename }", "application/graphql", 415),
        (b"query=1", "application/x-www-form-urlencoded", 415),
    ],
    ids=range(11),
)
async def test_what_is_no_graphql_request_is_refused_in_the_one_form(
    caller: httpx.AsyncClient, body: bytes, content_type: str, status: int
) -> None:
    response = await caller.post("/graphql", content=body, headers={"Content-Type": content_type})
    assert response.status_code == status, response.text
    assert set(loads(response.content)["error"]) == {"code", "message"}


async def test_nothing_is_asked_without_a_token(context: ApiContext) -> None:
    async with calling(context, bearer=False) as caller:
        response = await caller.post("/graphql", json={"query": "{ __typename }"})
    assert response.status_code == 401


async def test_nothing_is_asked_by_get(caller: httpx.AsyncClient) -> None:
    response = await caller.get("/graphql", params={"query": "{ servicePlanTemplates { id } }"})
    assert response.headers["content-type"].startswith("text/html")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What reading a plan raises."""
    raised: list[Exception] = []

    def fail(_store: PlatformStore, _plan_id: str) -> None:
        raise raised[0]

    monkeypatch.setattr(PlatformStore, "plan", fail)
    return raised


async def test_a_database_that_does_not_answer_is_said(caller: httpx.AsyncClient, failing: list[Exception]) -> None:
    failing.append(StoreFailed("the disk is full"))
    answer = await answer_to(caller, '{ servicePlan(id: "p") { id } }')
    assert codes_of(answer) == ["StoreFailed"]


async def test_a_bug_is_logged_and_its_inside_is_not_told(
    caller: httpx.AsyncClient, failing: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    failing.append(RuntimeError("the password is 1234"))
    with caplog.at_level(logging.ERROR):
        answer = await answer_to(caller, '{ servicePlan(id: "p") { id } }')
    assert codes_of(answer) == [INTERNAL]
    assert "1234" not in str(answer)
    assert [each.exc_info is not None for each in caplog.records] == [True]


async def test_numbers_in_a_literal_are_as_exact_as_in_a_variable(caller: httpx.AsyncClient) -> None:
    query = """mutation { createServicePlanTemplate(input: {name: "N", description: "", country_code: "KE", legal_jurisdiction: "Kenya",
      contract_terms_id: "terms-kenya-premium", service_cycle_fsm_id: "fsm-bss-service-cycle-v1", created_by: "a",
      payment_cycle_fsm_id: "fsm-bss-payment-cycle-v1", agent_config_id: "bss-agent-config-001",
      service_configurations: [{service_id: "svc-battery-fleet-x", quota: 10, tracks_asset: true},
        {service_id: "svc-electricity-x", quota: 400.10, unit: "kWh", unit_price: 0.1000000000000000055511151231257827}]})
      { service_configurations { quota unit_price } } }"""
    response = await caller.post("/graphql", json={"query": query})
    assert b'{"quota":400.10,"unit_price":0.1000000000000000055511151231257827}' in response.content, response.text


async def test_introspection_as_editors_ask_for_it_is_within_the_limits(caller: httpx.AsyncClient) -> None:
    answer = await answer_to(caller, get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert "errors" not in answer
