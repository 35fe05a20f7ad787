"""The contract's template, with changes."""

from dataclasses import replace
from typing import Any, get_args

from kiosk.domain.plan.template import ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.requests import CompleteService, Request
from tests.builders import plan_of

PLAN = plan_of()
TEMPLATE = PLAN.template
ACTIONS = frozenset(each.action for each in get_args(Request))
OLDER = ACTIONS - {CompleteService.action}


def with_services(*services: ServiceConfiguration) -> ServicePlanTemplate:
    return replace(TEMPLATE, service_configurations=services)


def with_service(service_id: str, **changes: Any) -> ServicePlanTemplate:
    """One of its services changed."""
    return with_services(*(replace(each, **changes) if each.service_id == service_id else each for each in TEMPLATE.service_configurations))


def with_agent(**changes: Any) -> ServicePlanTemplate:
    return replace(TEMPLATE, agent_config=replace(TEMPLATE.agent_config, **changes))


def with_machine(**changes: Any) -> ServicePlanTemplate:
    """Its service cycle changed."""
    return replace(TEMPLATE, service_cycle_fsm=replace(TEMPLATE.service_cycle_fsm, **changes))
