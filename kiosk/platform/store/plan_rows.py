"""Plans and their templates as the platform keeps them: exact, whole, readable by a later release.

A template is kept once, under the digest of its content, with its state machines in full: a running contract outlives the release that made
it (decision 23). It is read once while it is in use. A plan's own row holds the rest, so that booking a swap writes little.
"""

import hashlib
from functools import lru_cache

from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import plan_with_template, plan_without_template
from kiosk.wire.template_documents import template_from_document, template_to_document


def plan_text(plan: ServicePlan) -> str:
    """A plan without its template."""
    return dumps(plan_without_template(plan)).decode()


def facts_of(plan: ServicePlan) -> dict[str, str | None]:
    """What plans are found by besides their id; the battery None where no service tracks one, too."""
    try:
        battery = plan.current_asset
    except PlanInvalid:
        battery = None
    template = {"template_id": plan.template.id, "template_version": plan.template.version}
    return {"customer_id": plan.customer_id, "current_asset": battery, **template}


def template_row(template: ServicePlanTemplate) -> dict[str, str]:
    """A template in full: its `document` and the `digest` of that."""
    data = dumps(template_to_document(template, whole=True))
    return {"digest": hashlib.sha256(data).hexdigest(), "document": data.decode()}


@lru_cache(maxsize=64)
def template_of(document: str) -> ServicePlanTemplate:
    """A template as it was stored; read once while it is in use."""
    return template_from_document(loads(document))


def plan_of(document: str, template_document: str) -> ServicePlan:
    """The plan as it was stored. Raises PlanInvalid."""
    return plan_with_template(loads(document), template_of(template_document))
