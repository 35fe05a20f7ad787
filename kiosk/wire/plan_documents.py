"""The plan document of the contract, to and from ServicePlan, and pages of plans that changed, as the platform tells them over GraphQL.

A document that breaks a rule raises PlanInvalid with the place (`serviceStates[1].quota`) and a phrase ("is negative"): a missing key, a
wrong type, a negative quota, NaN, an empty or over-long id, an id that would reach into other topics. Unknown keys are kept out.
"""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState, ToldPlans
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.wire.checked import Amount, Id, JsonObject, Model, Shown, Text, TextOrNone, TopicId, checked, omitting_none, read_as
from kiosk.wire.exact_json import loads
from kiosk.wire.template_documents import Currency, TemplateDocument, check_once, template_from_document, template_to_document, to_template

QUERY = """
query PlanChanges($station: ID!, $since: String, $first: Int!) {
  servicePlanChanges(station_id: $station, since: $since, first: $first) {
    plans { id template_key document }
    templates { key document }
    cursor
    more
  }
}
"""


class _Change(Model):
    id: Text
    template_key: Text
    document: Any


class _Template(Model):
    key: Text
    document: Any


class _ChangesPage(Model):
    plans: list[_Change]
    templates: list[_Template]
    cursor: Text
    more: bool


class _Data(Model):
    servicePlanChanges: _ChangesPage


def page_of(data: object) -> ToldPlans:
    """`data` of the answer. Raises BadInput when it is no page at all."""
    page = checked(_Data, data, BadInput, root="data").servicePlanChanges
    templates = {each.key: _template(each.document) for each in page.templates}
    plans: list[ServicePlan] = []
    unreadable: dict[str, str] = {}
    for each in page.plans:
        try:
            plans.append(_plan(each, templates.get(each.template_key)))
        except PlanInvalid as error:
            unreadable[each.id] = f"{error.where} {error.reason}"
    return ToldPlans(plans=tuple(plans), unreadable=unreadable, cursor=page.cursor, more=page.more)


def _template(document: object) -> ServicePlanTemplate | PlanInvalid:
    try:
        return template_from_document(document, root="service_plan_template")
    except PlanInvalid as error:
        return error


def _plan(change: _Change, template: ServicePlanTemplate | PlanInvalid | None) -> ServicePlan:
    if isinstance(template, PlanInvalid):
        raise template
    if template is None:
        raise PlanInvalid("service_plan_template", tr("is missing"))
    plan = plan_with_template(change.document, template)
    if plan.id != change.id:
        raise PlanInvalid("id", tr("is not the plan that was named, {id}", id=change.id))
    return plan


_TEMPLATE = "service_plan_template"


# one entry of `serviceStates`
State = Annotated[ServiceState, read_as(ServiceState, service_id=Id, used=Amount, quota=Amount, current_asset=TextOrNone)]


class PlanDocument(Model):
    """A plan with its pinned template inside."""

    id: TopicId
    customer_id: Id
    template_id: Id
    template_version: Id
    service_state: Id
    payment_state: Id
    serviceStates: list[State]
    service_plan_template: TemplateDocument
    currency: Currency | None = None
    customer_name: Shown | None = None
    plan_state: JsonObject = Field(default_factory=dict)
    agent_state: JsonObject = Field(default_factory=dict)
    service_account: JsonObject = Field(default_factory=dict)
    payment_account: JsonObject = Field(default_factory=dict)


def read_plan(data: bytes | str) -> ServicePlan:
    """A plan file. Raises PlanInvalid, also for what is not JSON."""
    try:
        document = loads(data)
    except BadInput as error:
        raise PlanInvalid("document", error.reason) from error
    return plan_from_document(document)


def plan_from_document(document: object) -> ServicePlan:
    """A plan document as the domain's value. Raises PlanInvalid."""
    read = checked(PlanDocument, document, PlanInvalid)
    check_once([each.service_id for each in read.serviceStates], "serviceStates")
    template = to_template(read.service_plan_template, _TEMPLATE)
    if read.template_id != template.id:
        raise PlanInvalid("template_id", tr("is not the id of its template, {id}", id=template.id))
    if read.template_version != template.version:
        raise PlanInvalid("template_version", tr("is not the version of its template, {version}", version=template.version))
    return ServicePlan(
        id=read.id,
        customer_id=read.customer_id,
        service_states=tuple(read.serviceStates),
        template=template,
        service_state=read.service_state,
        payment_state=read.payment_state,
        currency=read.currency or None,
        customer_name=read.customer_name,
        plan_state=read.plan_state,
        agent_state=read.agent_state,
        service_account=read.service_account,
        payment_account=read.payment_account,
    )


def plan_with_template(document: object, template: ServicePlanTemplate) -> ServicePlan:
    """A plan document without its template, as `plan_without_template` writes it, and that template. Raises PlanInvalid."""
    if not isinstance(document, dict):
        raise PlanInvalid("document", tr("must be an object"))
    head = {"id": template.id, "name": "", "version": template.version, "billing_currency": "", "service_configurations": []}
    return replace(plan_from_document({**document, _TEMPLATE: head}), template=template)


def plan_to_document(plan: ServicePlan, *, whole: bool = False) -> dict[str, Any]:
    """The contract's form; `whole` writes shipped state machines in full."""
    return {**plan_without_template(plan), _TEMPLATE: template_to_document(plan.template, whole=whole)}


def plan_without_template(plan: ServicePlan) -> dict[str, Any]:
    """The contract's form before its last key, `service_plan_template`."""
    return {
        "id": plan.id,
        "customer_id": plan.customer_id,
        "template_id": plan.template.id,
        "template_version": plan.template.version,
        "plan_state": plan.plan_state,
        "service_state": plan.service_state,
        "payment_state": plan.payment_state,
        "agent_state": plan.agent_state,
        "service_account": plan.service_account,
        "payment_account": plan.payment_account,
        "serviceStates": [
            {"service_id": each.service_id, "used": each.used, "quota": each.quota, "current_asset": each.current_asset}
            for each in plan.service_states
        ],
        **omitting_none({"currency": plan.currency, "customer_name": plan.customer_name}),
    }
