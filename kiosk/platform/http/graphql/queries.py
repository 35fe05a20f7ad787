"""What can be asked: the specification's queries; plans; and the pages of the kiosks' sync. The names are the specification's."""

from typing import Annotated

import strawberry

from kiosk.domain.errors import NotFound
from kiosk.platform.http.graphql.plan_types import ServicePlanChanges, ServicePlanPage, ServicePlanType
from kiosk.platform.http.graphql.resolver_context import ResolverContext
from kiosk.platform.http.graphql.template_types import ServicePlanTemplateType

Info = strawberry.Info[ResolverContext, None]
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]


async def _templates(info: Info) -> list[ServicePlanTemplateType]:
    context = info.context
    return await context.run(lambda: [ServicePlanTemplateType.of(each) for each in context.templates.templates()])


async def _template(info: Info, template_id: Id, version: str | None = None) -> ServicePlanTemplateType | None:
    context = info.context
    try:
        return await context.run(lambda: ServicePlanTemplateType.of(context.templates.template(template_id, version)))
    except NotFound:
        return None


async def _plan(info: Info, plan_id: Id) -> ServicePlanType | None:
    context = info.context
    found = await context.run(lambda: context.store.plan(plan_id))
    return None if found is None else ServicePlanType.of(found)


async def _plans(
    info: Info,
    customer_id: strawberry.ID | None = None,
    template_id: strawberry.ID | None = None,
    template_version: str | None = None,
    after: str | None = None,
    first: int = 50,
) -> ServicePlanPage:
    context = info.context
    return await context.run(
        lambda: ServicePlanPage.of(
            context.pages.plans(customer_id=customer_id, template_id=template_id, version=template_version, after=after, first=first)
        )
    )


async def _changes(info: Info, station_id: strawberry.ID, since: str | None = None, first: int = 200) -> ServicePlanChanges:
    context = info.context
    return await context.run(lambda: ServicePlanChanges.of(context.pages.changes(station_id, since, first, context.clock.now())))


@strawberry.type
class Query:
    """What is asked changes nothing."""

    servicePlanTemplates: list[ServicePlanTemplateType] = strawberry.field(
        resolver=_templates, description="Every template's newest version, by id."
    )
    servicePlanTemplate: ServicePlanTemplateType | None = strawberry.field(
        resolver=_template, description="One template, its newest version unless one is named; null where there is none."
    )
    servicePlan: ServicePlanType | None = strawberry.field(resolver=_plan, description="One plan as it is now; null where there is none.")
    servicePlans: ServicePlanPage = strawberry.field(
        resolver=_plans, description="The plans of a customer, of a template or of one version of it, at most 500 a page."
    )
    servicePlanChanges: ServicePlanChanges = strawberry.field(
        resolver=_changes,
        description="What a kiosk keeps, changed since a cursor: the plans last served at its station, and new ones served nowhere.",
    )
