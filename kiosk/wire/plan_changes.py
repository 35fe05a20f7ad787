"""A page of the station's plans from GraphQL's `servicePlanChanges`, with each template once.

A plan that breaks a rule, or whose template does, is named with the reason and stops no other.
"""

from typing import Any

from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.language import tr
from kiosk.domain.plan.plan_page import ToldPlans
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.wire.checked import Model, Text, checked
from kiosk.wire.plan_documents import plan_with_template
from kiosk.wire.template_documents import template_from_document

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
