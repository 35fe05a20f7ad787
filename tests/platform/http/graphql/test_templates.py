"""Templates and plans from them, over HTTP with gql."""

from decimal import Decimal
from typing import Any

import pytest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError

from kiosk.platform.http.auth import ApiContext
from tests.platform.agent_counter import PLAN
from tests.platform.http.graphql.asking import asked, client_of, refusal_of, specified_text

CREATE = """
mutation ($input: CreateTemplateInput!) {
  createServicePlanTemplate(input: $input) {
    id version status billing_currency created_at created_by change_log { kind by version summary reasons }
    service_configurations { service_id quota unit_price }
  }
}
"""
UPDATE = "mutation ($id: ID!, $input: UpdateTemplateInput!) { updateServicePlanTemplate(id: $id, input: $input) { id version } }"
START = """
mutation ($template: ID!) {
  createServicePlanFromTemplate(input: {template_id: $template, customer_id: "CUST-9"}) {
    cloned_plan { id template_version service_state serviceStates { service_id used quota current_asset } document }
  }
}
"""
SERVICES = [  # gql writes floats, which are exact in their shortest form
    {"service_id": "svc-battery-fleet-x", "quota": 10, "tracks_asset": True},
    {"service_id": "svc-electricity-x", "quota": 400.125, "unit": "kWh", "decimal_precision": 1, "unit_price": 0.8},
]


def wanted(**changes: Any) -> dict[str, Any]:
    """An input with everything."""
    return {
        "id": "tpl-x",
        "name": "X",
        "description": "",
        "country_code": "KE",
        "legal_jurisdiction": "Kenya",
        "created_by": "admin",
        "contract_terms_id": "terms-kenya-premium",
        "service_cycle_fsm_id": "fsm-bss-service-cycle-v1",
        "payment_cycle_fsm_id": "fsm-bss-payment-cycle-v1",
        "agent_config_id": "bss-agent-config-001",
        "service_configurations": SERVICES,
    } | changes


async def test_both_example_mutations_of_the_specification_run_as_they_stand(session: AsyncClientSession) -> None:
    created = (await asked(session, specified_text("create_template")))["createServicePlanTemplate"]
    assert (created["name"], created["version"]) == ("BSS Premium Plan", "1.0.0")
    cloned = (await asked(session, specified_text("create_plan")))["createServicePlanFromTemplate"]["cloned_plan"]
    assert cloned["template_id"] == "template-123"
    plan = (await asked(session, "query ($id: ID!) { servicePlan(id: $id) { customer_id template_version } }", id=cloned["id"]))[
        "servicePlan"
    ]
    assert plan == {"customer_id": "customer-456", "template_version": cloned["template_version"]}


async def test_a_created_template_is_told_with_exact_numbers(session: AsyncClientSession) -> None:
    created = (await asked(session, CREATE, input=wanted()))["createServicePlanTemplate"]
    assert created["service_configurations"] == [
        {"service_id": "svc-battery-fleet-x", "quota": 10, "unit_price": None},
        {"service_id": "svc-electricity-x", "quota": Decimal("400.125"), "unit_price": Decimal("0.80")},
    ]
    assert (created["status"], created["billing_currency"], created["created_at"]) == ("ACTIVE", "KES", "2025-01-15T10:30:00Z")
    assert [(each["kind"], each["by"]) for each in created["change_log"]] == [("CREATED", "admin")]


async def test_a_refinement_makes_a_version_and_running_plans_keep_theirs(session: AsyncClientSession) -> None:
    await asked(session, CREATE, input=wanted())
    old = (await asked(session, START, template="tpl-x"))["createServicePlanFromTemplate"]["cloned_plan"]
    refined = (await asked(session, UPDATE, id="tpl-x", input={"description": "better words"}))["updateServicePlanTemplate"]
    assert refined == {"id": "tpl-x", "version": "1.0.1"}
    kept = await asked(session, "query ($id: ID!) { servicePlan(id: $id) { template_version } }", id=old["id"])
    assert kept["servicePlan"]["template_version"] == "1.0.0"
    both = await asked(
        session, '{ servicePlanTemplate(id: "tpl-x") { version } old: servicePlanTemplate(id: "tpl-x", version: "1.0.0") { version } }'
    )
    assert (both["servicePlanTemplate"]["version"], both["old"]["version"]) == ("1.0.1", "1.0.0")


async def test_a_refinement_that_breaks_contracts_is_refused_with_every_reason(session: AsyncClientSession) -> None:
    await asked(session, CREATE, input=wanted())
    await asked(session, START, template="tpl-x")
    smaller = [{"service_id": "svc-battery-fleet-x", "quota": 5, "tracks_asset": True}]
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, UPDATE, id="tpl-x", input={"service_configurations": smaller, "billing_currency": "USD"})
    sentence, facts = refusal_of(refused.value)
    assert facts["code"] == "RefinementRefused"
    assert len(facts["reasons"]) >= 3
    told = " ".join(facts["reasons"])
    assert all(each in told for each in ("svc-electricity-x", "svc-battery-fleet-x", "USD"))
    assert sentence.endswith(".")


async def test_a_deprecated_template_starts_no_plan(session: AsyncClientSession) -> None:
    deprecated = await asked(session, 'mutation { deprecateServicePlanTemplate(id: "template-123") { status } }')
    assert deprecated["deprecateServicePlanTemplate"]["status"] == "DEPRECATED"
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, specified_text("create_plan"))
    assert refusal_of(refused.value)[1]["code"] == "TemplateInactive"


async def test_a_second_template_of_the_same_version_is_refused(session: AsyncClientSession) -> None:
    await asked(session, CREATE, input=wanted())
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, CREATE, input=wanted())
    sentence, facts = refusal_of(refused.value)
    assert facts["code"] == "BadInput"
    assert "1.0.0" in sentence


@pytest.mark.parametrize(("field", "unknown"), [("contract_terms_id", "terms-of-nobody"), ("agent_config_id", "config-of-nobody")])
async def test_an_unknown_document_is_named(session: AsyncClientSession, field: str, unknown: str) -> None:
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, CREATE, input=wanted(**{field: unknown}))
    sentence, facts = refusal_of(refused.value)
    assert facts["code"] == "BadInput"
    assert unknown in sentence
    assert "platform documents" in sentence  # says how one is added


async def test_a_refinement_by_nobody_named_is_logged_as_ours(session: AsyncClientSession) -> None:
    update = 'mutation { updateServicePlanTemplate(id: "template-123", input: {name: "N"}) { change_log { by } } }'
    log = (await asked(session, update))["updateServicePlanTemplate"]["change_log"]
    assert [each["by"] for each in log][-1] == "graphql"


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ({"quota": -1}, "quota"),
        ({"unit_price": -0.5}, "unit_price"),
        ({"decimal_precision": 7}, "decimal_precision"),
        ({"quota": 1e40}, "quota"),
    ],
)
async def test_a_number_that_cannot_be_is_refused_with_its_place(session: AsyncClientSession, number: dict[str, Any], place: str) -> None:
    service = {"service_id": "svc-battery-fleet-x", "quota": 1, "tracks_asset": True} | number
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, CREATE, input=wanted(service_configurations=[service]))
    assert refusal_of(refused.value)[1]["where"] == f"service_configurations[0].{place}"


async def test_an_unknown_template_is_null_when_asked_for_and_an_error_when_changed(session: AsyncClientSession) -> None:
    assert await asked(session, '{ servicePlanTemplate(id: "nobody") { id } }') == {"servicePlanTemplate": None}
    with pytest.raises(TransportQueryError) as refused:
        await asked(session, UPDATE, id="nobody", input={"name": "N"})
    assert refusal_of(refused.value)[1] | {"key": "nobody"} == refusal_of(refused.value)[1]


async def test_what_is_shipped_is_listed(session: AsyncClientSession) -> None:
    listed = await asked(session, "{ servicePlanTemplates { id version service_cycle_fsm { id initial_state transitions { input } } } }")
    ids = [each["id"] for each in listed["servicePlanTemplates"]]
    assert {"template-123", "bss-template-weekly-freedom-nairobi-v2"} <= set(ids)
    assert ids == sorted(ids)


async def test_a_new_plan_is_on_its_first_visit(session: AsyncClientSession) -> None:
    plan = (await asked(session, START, template="template-123"))["createServicePlanFromTemplate"]["cloned_plan"]
    assert all(each["used"] == 0 and each["current_asset"] is None for each in plan["serviceStates"])
    assert plan["document"]["service_plan_template"]["version"] == plan["template_version"]


async def test_a_platform_on_postgresql_does_the_same(postgres_context: ApiContext) -> None:
    async with client_of(postgres_context) as session:
        await asked(session, specified_text("create_template"))
        cloned = (await asked(session, specified_text("create_plan")))["createServicePlanFromTemplate"]["cloned_plan"]
        page = await asked(session, '{ servicePlans(template_id: "template-123") { plans { id } more } }')
    assert page["servicePlans"] == {"plans": [{"id": cloned["id"]}], "more": False}


async def test_the_plans_of_a_customer_come_in_pages(session: AsyncClientSession) -> None:
    made = [(await asked(session, START, template="template-123"))["createServicePlanFromTemplate"]["cloned_plan"]["id"] for _ in range(3)]
    page = 'query ($after: String) { servicePlans(customer_id: "CUST-9", first: 2, after: $after) { plans { id } cursor more } }'
    first = (await asked(session, page))["servicePlans"]
    second = (await asked(session, page, after=first["cursor"]))["servicePlans"]
    assert (first["more"], second["more"], second["cursor"]) == (True, False, None)
    assert sorted(each["id"] for each in first["plans"] + second["plans"]) == sorted(made)


async def test_a_plan_is_told_as_its_document_has_it(session: AsyncClientSession) -> None:
    query = "query ($id: ID!) { servicePlan(id: $id) { id serviceStates { used quota } agent_state plan_state { details } document } }"
    plan = (await asked(session, query, id=PLAN))["servicePlan"]
    assert plan["document"]["serviceStates"][1]["used"] == Decimal("344.5")
    assert plan["serviceStates"][1] == {"used": Decimal("344.5"), "quota": 400}
    assert (plan["agent_state"], plan["plan_state"]) == ({}, {"details": {}})


async def test_a_template_tells_how_its_quotas_are_validated(session: AsyncClientSession) -> None:
    query = (
        '{ servicePlanTemplate(id: "template-123") { agent_config { agent_params { quota_validation { strict_mode tolerance_kwh } } } } }'
    )
    params = (await asked(session, query))["servicePlanTemplate"]["agent_config"]["agent_params"]
    assert params == {"quota_validation": {"strict_mode": True, "tolerance_kwh": 0}}
