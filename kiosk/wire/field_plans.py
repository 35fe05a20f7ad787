"""The field's form of a plan, `service_plan_data` with its `service_bundle`, as a ServicePlan (facts from the field).

It names its template and does not carry it: services, units and prices come from the bundle, the state machines are the shipped ones, and
every agent parameter has its default. The price of a service is the bundle's entry with the same id; no such entry, no price. The currency
is the plan's own; `common_terms.billingCurrency` belongs to a shared document and is never used. What a swap does not hang on (names, the
template's id and version) may be null, absent or a number.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.plan.template import AgentConfig, ServiceConfiguration, ServicePlanTemplate
from kiosk.wire import shipped
from kiosk.wire.checked import Amount, Id, Model, Shown, Text, TopicId, checked
from kiosk.wire.completion_answers import mapping
from kiosk.wire.plan_documents import State
from kiosk.wire.template_documents import Currency, check_once

_WHERE = "service_plan_data"


def _label(value: object) -> object:
    """A version such as 1.4 comes as a number too."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Label = Annotated[Id | None, BeforeValidator(_label)]


class FieldServiceDocument(Model):
    """One service of the bundle."""

    serviceId: Id
    name: Shown | None = None
    usageMetric: Text | None = None
    usageUnit: Shown | None = None
    usageUnitPrice: Amount | None = None


class BundleDocument(Model):
    """`service_bundle`."""

    name: Shown | None = None
    services: list[FieldServiceDocument] | None = None


class FieldPlanDocument(Model):
    """`service_plan_data`."""

    servicePlanId: TopicId
    customerId: Id
    serviceState: Id
    paymentState: Id
    serviceStates: list[State]
    templateId: Label = None
    templateVersion: Label = None
    currency: Currency | None = None


def plan_from_field(document: dict[str, Any], beside: dict[str, Any]) -> ServicePlan:
    """`document` is `service_plan_data`, `beside` the object that holds it. Raises PlanInvalid."""
    customer_id = document.get("customerId") or beside.get("customer_id")  # it stands in both places, or in one
    read = checked(FieldPlanDocument, {**document, "customerId": customer_id}, PlanInvalid, root=_WHERE)
    check_once([each.service_id for each in read.serviceStates], f"{_WHERE}.serviceStates")
    bundle = checked(BundleDocument, mapping(beside.get("service_bundle")), PlanInvalid, root="service_bundle")
    check_once([each.serviceId for each in bundle.services or ()], "service_bundle.services")  # two prices for one service are none
    return ServicePlan(
        id=read.servicePlanId,
        customer_id=read.customerId,
        service_states=tuple(read.serviceStates),
        template=_template(read, bundle),
        service_state=read.serviceState,
        payment_state=read.paymentState,
        currency=read.currency or None,
    )


def _template(read: FieldPlanDocument, bundle: BundleDocument) -> ServicePlanTemplate:
    services = {each.service_id: FieldServiceDocument(serviceId=each.service_id) for each in read.serviceStates}
    services |= {each.serviceId: each for each in bundle.services or ()}  # one that is not in the bundle has no price
    template_id = read.templateId or "unknown"
    return ServicePlanTemplate(
        id=template_id,
        name=bundle.name or template_id,
        version=read.templateVersion or "0",
        billing_currency=read.currency or "",
        service_cycle_fsm=shipped.service_cycle(),
        payment_cycle_fsm=shipped.payment_cycle(),
        agent_config=AgentConfig(),
        service_configurations=tuple(_configuration(each, services[each.service_id]) for each in read.serviceStates),
    )


def _configuration(state: ServiceState, service: FieldServiceDocument) -> ServiceConfiguration:
    return ServiceConfiguration(
        service_id=state.service_id,
        quota=state.quota,
        unit=service.usageUnit,
        unit_price=service.usageUnitPrice,
        usage_metric=service.usageMetric,
        name=service.name,
    )
