"""The field's form of a plan, `service_plan_data` with its `service_bundle`, as a ServicePlan (facts from the field).

It names its template and does not carry it: services, units and prices come from the bundle, the state machines are the shipped ones, and
every agent parameter has its default. The price of a service is the bundle's entry with the same id; no such entry, no price. The currency
is the plan's own; `common_terms.billingCurrency` belongs to a shared document and is never used.
"""

from typing import Any

from pydantic import Field

from kiosk.adapters.wire import shipped
from kiosk.adapters.wire.answers import mapping
from kiosk.adapters.wire.checked import Amount, Id, Model, Text, TopicId, checked
from kiosk.adapters.wire.plans import StateDocument
from kiosk.adapters.wire.templates import Currency, check_once
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan import ServicePlan, ServiceState
from kiosk.domain.template import AgentConfig, ServiceConfiguration, ServicePlanTemplate

_WHERE = "service_plan_data"


class FieldServiceDocument(Model):
    """One service of the bundle."""

    serviceId: Id
    name: Text | None = None
    usageMetric: Text | None = None
    usageUnit: Text | None = None
    usageUnitPrice: Amount | None = None


class BundleDocument(Model):
    """`service_bundle`."""

    name: Text = ""
    services: list[FieldServiceDocument] = Field(default_factory=list)


class FieldPlanDocument(Model):
    """`service_plan_data`."""

    servicePlanId: TopicId
    customerId: Id
    serviceState: Id
    paymentState: Id
    serviceStates: list[StateDocument]
    templateId: Id = "unknown"
    templateVersion: Id = Field(default="0")
    currency: Currency | None = None


def plan_from_field(document: dict[str, Any], beside: dict[str, Any]) -> ServicePlan:
    """`document` is `service_plan_data`, `beside` the object that holds it. Raises PlanInvalid."""
    read = checked(FieldPlanDocument, document, PlanInvalid, root=_WHERE)
    check_once([each.service_id for each in read.serviceStates], f"{_WHERE}.serviceStates")
    bundle = checked(BundleDocument, mapping(beside.get("service_bundle")), PlanInvalid, root="service_bundle")
    check_once([each.serviceId for each in bundle.services], "service_bundle.services")  # two prices for one service are none
    states = tuple(
        ServiceState(service_id=each.service_id, used=each.used, quota=each.quota, current_asset=each.current_asset or None)
        for each in read.serviceStates
    )
    return ServicePlan(
        id=read.servicePlanId,
        customer_id=read.customerId,
        service_states=states,
        template=_template(read, bundle, states),
        service_state=read.serviceState,
        payment_state=read.paymentState,
        currency=read.currency or None,
    )


def _template(read: FieldPlanDocument, bundle: BundleDocument, states: tuple[ServiceState, ...]) -> ServicePlanTemplate:
    services = {each.serviceId: each for each in bundle.services}
    return ServicePlanTemplate(
        id=read.templateId,
        name=bundle.name or read.templateId,
        version=read.templateVersion,
        billing_currency=read.currency or "",
        service_cycle_fsm=shipped.service_cycle(),
        payment_cycle_fsm=shipped.payment_cycle(),
        agent_config=AgentConfig(),
        service_configurations=tuple(_configuration(each, services.get(each.service_id)) for each in states),
    )


def _configuration(state: ServiceState, service: FieldServiceDocument | None) -> ServiceConfiguration:
    if service is None:
        return ServiceConfiguration(service_id=state.service_id, quota=state.quota)
    return ServiceConfiguration(
        service_id=state.service_id,
        quota=state.quota,
        unit=service.usageUnit,
        unit_price=service.usageUnitPrice,
        usage_metric=service.usageMetric,
        name=service.name,
    )
