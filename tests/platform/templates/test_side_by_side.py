"""Contracts keep the version that they pinned: an old plan and a new one swap side by side through the request handler (decision 23)."""

from decimal import Decimal
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from tests.platform.agent_counter import OTHER_SWAP, SWAP, Counter, completion, paid
from tests.platform.templates.wanted import EXAMPLE, dearer, running

Templates = ServicePlanTemplateService


def swap(counter: Counter, plan: ServicePlan, body: dict[str, Any]) -> dict[str, Any]:
    return counter.ask("complete_service", body, plan_id=plan.id)


def checkout(counter: Counter, plan: ServicePlan) -> dict[str, Any]:
    """What the agent says about issuing 25.6 kWh net, without booking it."""
    body = {
        "action": "EQUIPMENT_CHECKOUT",
        "replacement_equipment_id": "BAT-67890",
        "incoming_equipment_id": "BAT-12345",
        "incoming_kwh": Decimal("4.8"),
        "outgoing_kwh": Decimal("30.4"),
        "correlation_id": f"TXN-{plan.id}",
    }
    return counter.ask("equipment_checkout", body, plan_id=plan.id)


def test_an_old_and_a_new_plan_are_served_by_their_own_quotas(templates: Templates, store: PlatformStore) -> None:
    (old,) = running(templates, store, "old", used_kwh="390")
    templates.update_template(EXAMPLE, dearer(templates))
    (new,) = running(templates, store, "new", used_kwh="390")
    counter = Counter(store=store)
    assert (old.template.version, new.template.version) == ("1.0.0", "2.0.0")
    assert "QUOTA_EXHAUSTED" in swap(counter, old, completion())["signals"]
    assert swap(counter, new, completion(correlation_id=OTHER_SWAP))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    kept = store.plan(old.id)
    assert kept is not None
    assert (kept.template, kept.service_states) == (old.template, old.service_states)


def test_an_old_and_a_new_plan_pay_their_own_prices(templates: Templates, store: PlatformStore) -> None:
    (old,) = running(templates, store, "old", used_kwh="390")
    templates.update_template(EXAMPLE, dearer(templates, quota="400"))
    (new,) = running(templates, store, "new", used_kwh="390")
    counter = Counter(store=store)
    costs = [checkout(counter, each)["metadata"]["topup_required"]["estimated_cost_kes"] for each in (old, new)]
    assert costs == [Decimal(858), Decimal(936)]
    assert swap(counter, new, paid("858", "PAY-0"))["signals"][0] == "SERVICE_COMPLETION_FAILED"
    assert swap(counter, old, paid("858", "PAY-1", correlation_id=OTHER_SWAP))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert swap(counter, new, paid("936", "PAY-2"))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_both_go_on_when_the_template_is_deprecated(templates: Templates, store: PlatformStore) -> None:
    (old,) = running(templates, store, "old", used_kwh="0")
    templates.update_template(EXAMPLE, dearer(templates))
    (new,) = running(templates, store, "new", used_kwh="0")
    templates.deprecate_template(EXAMPLE, "management")
    counter = Counter(store=store)
    assert swap(counter, old, completion(correlation_id=SWAP))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert swap(counter, new, completion(correlation_id=OTHER_SWAP))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_a_plan_tells_the_version_that_it_pinned(templates: Templates, store: PlatformStore) -> None:
    (old,) = running(templates, store, "old")
    templates.update_template(EXAMPLE, dearer(templates))
    (new,) = running(templates, store, "new")
    counter = Counter(store=store)
    told = [counter.identify(each.id, plan_id=each.id)["data"]["metadata"] for each in (old, new)]
    assert [each["template_version"] for each in told] == ["1.0.0", "2.0.0"]
    prices = [each["service_plan"]["service_plan_template"]["service_configurations"][1]["unit_price"] for each in told]
    assert prices == [Decimal(55), Decimal(60)]
