"""Inputs of the template service: the specification's example, and changes of the shipped example template."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServiceConfiguration
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.composing import CreateTemplate, UpdateTemplate
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from tests.builders import NOON

EXAMPLE = "template-123"
FLEET, ELECTRICITY = "svc-battery-fleet-kenya-premium", "svc-electricity-fuel-kenya"
SPECIFIED = CreateTemplate(
    name="BSS Premium Plan",
    description="Premium battery swap service plan",
    country_code="KE",
    legal_jurisdiction="Nairobi County, Kenya",
    contract_terms_id="terms-kenya-premium",
    service_cycle_fsm_id="fsm-bss-service-cycle-v1",
    payment_cycle_fsm_id="fsm-bss-payment-cycle-v1",
    agent_config_id="bss-agent-config-001",
    created_by="admin",
)


def created(**changes: Any) -> CreateTemplate:
    return replace(SPECIFIED, **changes)


def services(templates: ServicePlanTemplateService, template_id: str = EXAMPLE, **changes: Any) -> tuple[ServiceConfiguration, ...]:
    """The newest version's services, electricity changed."""
    newest = templates.template(template_id).template
    return tuple(replace(each, **changes) if each.service_id == ELECTRICITY else each for each in newest.service_configurations)


def dearer(templates: ServicePlanTemplateService, quota: str = "500", price: str = "60") -> UpdateTemplate:
    """More energy at another price: a major version that breaks no contract."""
    return UpdateTemplate(updated_by="pricing", service_configurations=services(templates, quota=Decimal(quota), unit_price=Decimal(price)))


def running(
    templates: ServicePlanTemplateService, store: PlatformStore, *customers: str, used_kwh: str = "344.5", template_id: str = EXAMPLE
) -> list[ServicePlan]:
    """Plans of the newest version whose customers hold the specification's battery and have paid; by id."""
    plans = []
    for customer in customers:
        plan = templates.create_service_plan_from_template(template_id, customer)
        held = replace(plan.fleet, used=Decimal(6), current_asset="BAT-12345")
        states = [held] if plan.electricity is None else [held, replace(plan.electricity, used=Decimal(used_kwh))]
        plans.append(replace(plan.with_states(*states), service_state="BATTERY_ISSUED", payment_state="CURRENT"))
        store.put_plan(plans[-1], NOON)
    return sorted(plans, key=lambda each: each.id)
