"""Create, refine, deprecate, list, get; a plan from a template (specification 003, decisions 23 and 24)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from kiosk.domain.errors import BadInput, KioskError, NotFound, RefinementRefused, StoreFailed, TemplateInactive
from kiosk.domain.plan.template import ServiceConfiguration
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import DEPRECATED, ChangeKind
from kiosk.platform.templates.composing import UpdateTemplate
from kiosk.platform.templates.template_service import ServicePlanTemplateService, open_templates
from tests.builders import NOON
from tests.platform.agent_counter import FixedClock
from tests.platform.templates.wanted import ELECTRICITY, EXAMPLE, FLEET, SPECIFIED, created, dearer, services

Templates = ServicePlanTemplateService


def test_the_specifications_example_makes_a_template_on_a_fresh_platform(templates: Templates) -> None:
    record = templates.create_template(SPECIFIED)
    made = record.template
    assert made.id.startswith("bss-premium-plan-")
    assert (made.version, made.status, made.billing_currency, made.country_code) == ("1.0.0", "ACTIVE", "KES", "KE")
    assert made.contract_terms["id"] == "terms-kenya-premium"
    assert (made.service_cycle_fsm.id, made.payment_cycle_fsm.id) == ("fsm-bss-service-cycle-v1", "fsm-bss-payment-cycle-v1")
    assert [each.service_id for each in made.service_configurations][:2] == [FLEET, ELECTRICITY]
    assert made.agent_config.allows("COMPLETE_SERVICE")
    assert (record.created_by, record.created_at, record.updated_at) == ("admin", NOON, NOON)
    assert [(each.kind, each.by, each.version) for each in record.change_log] == [(ChangeKind.CREATED, "admin", "1.0.0")]
    assert templates.template(made.id) == record


def test_the_specifications_example_makes_a_plan_on_a_fresh_platform(templates: Templates, store: PlatformStore) -> None:
    plan = templates.create_service_plan_from_template("template-123", "customer-456")
    assert plan.id.startswith("template-123-")
    assert (plan.customer_id, plan.template.id, plan.template.version) == ("customer-456", "template-123", "1.0.0")
    assert (plan.service_state, plan.payment_state, plan.first_visit) == ("INITIAL", "INITIAL", True)
    assert [f"{each.used} of {each.quota}" for each in plan.service_states][:2] == ["0 of 40", "0 of 400"]
    assert store.plan(plan.id) == plan


def test_two_plans_of_one_customer_are_two(templates: Templates) -> None:
    first, second = (templates.create_service_plan_from_template(EXAMPLE, "customer-456") for _ in range(2))
    assert first.id != second.id


def test_a_plan_id_fits_an_mqtt_topic_whatever_the_template_is_called(templates: Templates, store: PlatformStore) -> None:
    odd = templates.create_template(created(id="a/b #1 + " + "x" * 110))
    plan = templates.create_service_plan_from_template(odd.template.id, "customer-456")
    assert len(plan.id) <= 128
    assert not set(plan.id) & set("+#/ ")
    assert store.plan(plan.id) == plan


def test_what_the_input_gives_is_not_made(templates: Templates) -> None:
    services = (ServiceConfiguration(service_id="svc-battery-fleet-x", quota=Decimal(3), tracks_asset=True),)
    given = created(id="mine", version="0.3.0", billing_currency="USD", service_configurations=services)
    made = templates.create_template(given).template
    assert (made.id, made.version, made.billing_currency, made.service_configurations) == ("mine", "0.3.0", "USD", services)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"contract_terms_id": "terms-mars", "agent_config_id": "agent-mars"}, "contract_terms_id, agent_config_id"),
        ({"service_cycle_fsm_id": "fsm-bss-payment-cycle-v1"}, "service_cycle_fsm_id"),
        ({"country_code": "Kenya"}, "country_code"),
        ({"country_code": "ZZ"}, "country_code"),
        ({"country_code": "AQ"}, "billing_currency"),
        ({"billing_currency": "SHILLING"}, "billing_currency"),
        ({"name": " "}, "name"),
        ({"name": "\x00\u00a0"}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"description": "n" * 2001}, "description"),
        ({"created_by": ""}, "created_by"),
        ({"id": "\x07"}, "id"),
        ({"id": "x" * 200}, "id"),
        ({"version": "1.0"}, "version"),
        ({"version": "1.0.0-beta"}, "version"),
        ({"service_configurations": ()}, "service_configurations"),
        ({"service_configurations": (ServiceConfiguration(service_id="svc-energy-x", quota=Decimal(1)),)}, "service_configurations"),
        ({"service_configurations": (ServiceConfiguration(service_id=FLEET, quota=Decimal(-1)),)}, "service_configurations[0].quota"),
        ({"service_configurations": (ServiceConfiguration(service_id=FLEET, quota=Decimal("NaN")),)}, "service_configurations[0].quota"),
        (
            {"service_configurations": (ServiceConfiguration(service_id=FLEET, quota=Decimal(1)),) * 2},
            "service_configurations[1].service_id",
        ),
    ],
)
def test_an_input_that_breaks_a_rule_makes_nothing(templates: Templates, changes: dict[str, Any], where: str) -> None:
    before = templates.templates()
    with pytest.raises(BadInput) as refused:
        templates.create_template(created(**changes))
    assert refused.value.where == where
    assert templates.templates() == before


def test_a_name_is_kept_as_it_is_shown(templates: Templates) -> None:
    made = templates.create_template(created(name="Premium\u00a0Plan\r\n", description="Two\nlines")).template
    assert (made.name, made.description) == ("Premium Plan", "Two lines")


def test_every_unknown_id_is_named_at_once(templates: Templates) -> None:
    with pytest.raises(BadInput, match="terms-mars, agent-mars"):
        templates.create_template(created(contract_terms_id="terms-mars", agent_config_id="agent-mars"))


def test_a_second_template_of_the_same_version_is_refused(templates: Templates) -> None:
    first = templates.create_template(created(id="mine"))
    with pytest.raises(BadInput, match=r"1\.0\.0 of mine exists already"):
        templates.create_template(created(id="mine", name="Another"))
    with pytest.raises(BadInput, match="refine it instead"):
        templates.create_template(created(id="mine", version="2.0.0"))
    assert templates.template("mine") == first


def test_all_templates_are_listed_by_their_newest_versions(templates: Templates) -> None:
    for version in ("1.9.0", "1.10.0"):
        templates.update_template(EXAMPLE, UpdateTemplate(description=version, version=version))
    listed = templates.templates()
    assert [each.template.id for each in listed] == sorted(each.template.id for each in listed)
    assert {each.template.id: each for each in listed}[EXAMPLE] == templates.template(EXAMPLE)
    assert templates.template(EXAMPLE).template.version == "1.10.0"
    assert templates.template(EXAMPLE, "1.9.0").template.description == "1.9.0"


@pytest.mark.parametrize(("template_id", "version"), [("nothing", None), (EXAMPLE, "7.0.0"), ("", None)])
def test_a_template_that_is_not_known_is_not_found(templates: Templates, template_id: str, version: str | None) -> None:
    with pytest.raises(NotFound):
        templates.template(template_id, version)


# ---------------------------------------------------------------- refine


@pytest.mark.parametrize(
    ("wanted", "version", "kind"),
    [
        (UpdateTemplate(updated_by="legal", description="Other words."), "1.0.1", ChangeKind.PATCH),
        (UpdateTemplate(updated_by="legal", service_configurations=()), "1.1.0", ChangeKind.MINOR),
        (UpdateTemplate(updated_by="legal", legal_jurisdiction="Mombasa"), "2.0.0", ChangeKind.MAJOR),
    ],
)
def test_a_refinement_is_numbered_by_what_it_changes(templates: Templates, wanted: UpdateTemplate, version: str, kind: ChangeKind) -> None:
    if wanted.service_configurations is not None:
        extra = ServiceConfiguration(service_id="svc-roadside-help", quota=Decimal(2))
        wanted = replace(wanted, service_configurations=(*services(templates), extra))
    old = templates.template(EXAMPLE)
    refined = templates.update_template(EXAMPLE, wanted)
    assert refined.template.version == version
    last = refined.change_log[-1]
    assert (last.kind, last.by, last.version, bool(last.reasons)) == (kind, "legal", version, True)
    assert refined.change_log[:-1] == old.change_log
    assert templates.template(EXAMPLE, "1.0.0").template == old.template


def test_a_version_never_changes(templates: Templates) -> None:
    first = templates.template(EXAMPLE, "1.0.0").template
    templates.update_template(EXAMPLE, UpdateTemplate(name="Other"))
    templates.update_template(EXAMPLE, dearer(templates))
    assert templates.template(EXAMPLE, "1.0.0").template == first


@pytest.mark.parametrize(
    ("version", "reason"),
    [("1.0.0", "exists already"), ("0.9.0", "must come after"), ("1.1.0", "must be at least 2.0.0"), ("two", "is not a version")],
)
def test_a_number_that_says_too_little_is_refused(templates: Templates, version: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refused:
        templates.update_template(EXAMPLE, UpdateTemplate(legal_jurisdiction="Mombasa", version=version))
    assert refused.value.where == "version"


def test_a_number_may_say_more_than_it_must(templates: Templates) -> None:
    assert templates.update_template(EXAMPLE, UpdateTemplate(name="Anew", version="3.0.0")).template.version == "3.0.0"


@pytest.mark.parametrize(
    "wanted", [UpdateTemplate(), UpdateTemplate(country_code="ke"), UpdateTemplate(contract_terms_id="terms-kenya-premium")]
)
def test_a_refinement_that_changes_nothing_is_refused(templates: Templates, wanted: UpdateTemplate) -> None:
    with pytest.raises(BadInput, match="changes nothing"):
        templates.update_template(EXAMPLE, wanted)


def test_a_refinement_that_breaks_contracts_names_every_reason_and_writes_nothing(templates: Templates) -> None:
    for number in range(3):
        templates.create_service_plan_from_template(EXAMPLE, f"customer-{number}")
    before = templates.template(EXAMPLE)
    harmful = UpdateTemplate(
        billing_currency="USD",
        legal_jurisdiction="Kampala",
        country_code="UG",
        agent_config_id="bss-agent-config-001",
        service_configurations=services(templates, quota=Decimal(300), unit_price=None)[:2],
    )
    with pytest.raises(RefinementRefused) as refused:
        templates.update_template(EXAMPLE, harmful)
    assert refused.value.reasons == (
        "the currency is USD, not KES (3 running plans)",
        "the country is UG, not KE (3 running plans)",
        "the jurisdiction is Kampala, not Nairobi County, Kenya (3 running plans)",
        f"the quota of {ELECTRICITY} falls from 400 to 300 (3 running plans)",
        f"{ELECTRICITY} has no price any more, so nobody could top it up (3 running plans)",
        "the service svc-swap-network-kenya is gone (3 running plans)",
    )
    assert templates.template(EXAMPLE) == before


def test_a_refinement_can_be_validated_without_being_made(templates: Templates) -> None:
    templates.create_service_plan_from_template(EXAMPLE, "customer-1")
    before = templates.template(EXAMPLE)
    told = templates.validate_template_refinement(EXAMPLE, dearer(templates))
    with pytest.raises(RefinementRefused):
        templates.validate_template_refinement(EXAMPLE, UpdateTemplate(billing_currency="USD"))
    assert templates.template(EXAMPLE) == before
    assert templates.update_template(EXAMPLE, dearer(templates)).change_log[-1] == told


def test_plans_of_every_version_count_and_ended_ones_do_not(templates: Templates, store: PlatformStore) -> None:
    first = templates.create_service_plan_from_template(EXAMPLE, "customer-1")
    ended = templates.create_service_plan_from_template(EXAMPLE, "customer-2")
    store.put_plan(replace(ended, service_state="COMPLETE"), NOON)
    templates.update_template(EXAMPLE, dearer(templates))
    second = templates.create_service_plan_from_template(EXAMPLE, "customer-3")
    assert (first.template.version, second.template.version) == ("1.0.0", "2.0.0")
    with pytest.raises(RefinementRefused) as refused:
        templates.update_template(EXAMPLE, UpdateTemplate(service_configurations=services(templates, quota=Decimal(300))))
    assert set(refused.value.reasons) == {
        f"the quota of {ELECTRICITY} falls from 400 to 300 (1 running plan)",
        f"the quota of {ELECTRICITY} falls from 500 to 300 (1 running plan)",
    }


def test_without_running_plans_anything_may_change(templates: Templates) -> None:
    refined = templates.update_template(EXAMPLE, UpdateTemplate(billing_currency="USD", legal_jurisdiction="Kampala", country_code="UG"))
    assert refined.template.version == "2.0.0"


def test_the_states_that_plans_are_in_are_told_by_the_database(templates: Templates, store: PlatformStore) -> None:
    plan = templates.create_service_plan_from_template(EXAMPLE, "customer-1")
    store.put_plan(replace(plan, service_state="SOMEWHERE_ELSE"), NOON)
    with pytest.raises(RefinementRefused) as refused:
        templates.update_template(EXAMPLE, dearer(templates))
    assert refused.value.reasons == ("the service cycle has no state SOMEWHERE_ELSE (1 running plan)",)


def test_two_refinements_at_once_are_made_one_after_the_other(database: str, templates: Templates) -> None:
    start = Barrier(2)

    def refine(wanted: UpdateTemplate) -> None:
        store = PlatformStore(database)
        try:
            service = ServicePlanTemplateService(store, FixedClock())
            start.wait(30)
            service.update_template(EXAMPLE, wanted)
        finally:
            store.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(refine, (UpdateTemplate(name="a new name"), UpdateTemplate(description="a new description"))))
    newest = templates.template(EXAMPLE).template
    assert (newest.version, newest.name, newest.description) == ("1.0.2", "a new name", "a new description")


# ---------------------------------------------------------------- deprecate


def test_a_deprecated_template_starts_no_plan_and_changes_no_running_one(templates: Templates, store: PlatformStore) -> None:
    plan = templates.create_service_plan_from_template(EXAMPLE, "customer-1")
    record = templates.deprecate_template(EXAMPLE, "management")
    assert (record.status, record.template.status) == (DEPRECATED, DEPRECATED)
    assert (record.change_log[-1].kind, record.change_log[-1].by) == (ChangeKind.DEPRECATED, "management")
    with pytest.raises(TemplateInactive):
        templates.create_service_plan_from_template(EXAMPLE, "customer-2")
    with pytest.raises(TemplateInactive):
        templates.update_template(EXAMPLE, UpdateTemplate(name="Anew"))
    assert store.plan(plan.id) == plan


def test_deprecating_twice_is_deprecating_once(templates: Templates) -> None:
    assert templates.deprecate_template(EXAMPLE, "a") == templates.deprecate_template(EXAMPLE, "b")


def test_a_restart_brings_nothing_back(templates: Templates, store: PlatformStore) -> None:
    templates.deprecate_template(EXAMPLE, "management")
    templates.update_template("bss-template-pay-per-use-dakar-v1", UpdateTemplate(name="Anew"))
    before = templates.templates()
    assert open_templates(store, FixedClock()).templates() == before


@pytest.mark.parametrize(
    "call",
    [
        lambda templates: templates.deprecate_template("nothing", "me"),
        lambda templates: templates.update_template("nothing", UpdateTemplate(name="x")),
        lambda templates: templates.create_service_plan_from_template("nothing", "customer"),
        lambda templates: templates.create_service_plan_from_template(EXAMPLE, ""),
        lambda templates: templates.create_service_plan_from_template(EXAMPLE, "c" * 129),
        lambda templates: templates.create_service_plan_from_template(EXAMPLE, "half \ud83d"),
        lambda templates: templates.update_template(EXAMPLE, UpdateTemplate(name="x", updated_by="\n")),
    ],
)
def test_what_cannot_be_done_is_a_refusal_and_no_crash(templates: Templates, call: Any) -> None:
    with pytest.raises(KioskError):
        call(templates)


def test_workers_that_start_at_once_all_find_what_is_shipped(database: str) -> None:
    stores = [PlatformStore(database) for _each in range(4)]
    start = Barrier(len(stores))

    def begin(store: PlatformStore) -> int:
        start.wait(30)
        return len(open_templates(store, FixedClock()).templates())

    try:
        with ThreadPoolExecutor(len(stores)) as threads:
            assert len(set(threads.map(begin, stores))) == 1
    finally:
        for store in stores:
            store.close()


def test_a_plan_id_that_is_taken_by_another_customer_is_refused(store: PlatformStore, templates: Templates) -> None:
    service = ServicePlanTemplateService(store, FixedClock(), lambda: "01JHMN5Z000000000000000001")
    first = service.create_service_plan_from_template(EXAMPLE, "customer-1")
    with pytest.raises(StoreFailed):
        service.create_service_plan_from_template(EXAMPLE, "customer-2")
    assert store.plan(first.id) == first
