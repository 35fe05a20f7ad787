"""What can be changed: the specification's mutations, by its names."""

from typing import Annotated

import strawberry

from kiosk.platform.http.graphql.inputs import BY, CreateServicePlanFromTemplateInput, CreateTemplateInput, UpdateTemplateInput
from kiosk.platform.http.graphql.plan_types import ServicePlan, ServicePlanCloneResult
from kiosk.platform.http.graphql.queries import Id, Info
from kiosk.platform.http.graphql.template_types import ServicePlanTemplate

CreateInput = Annotated[CreateTemplateInput, strawberry.argument(name="input")]
UpdateInput = Annotated[UpdateTemplateInput, strawberry.argument(name="input")]
PlanInput = Annotated[CreateServicePlanFromTemplateInput, strawberry.argument(name="input")]


async def _create(info: Info, wanted: CreateInput) -> ServicePlanTemplate:
    work = info.context
    return await work.done(lambda: ServicePlanTemplate.of(work.templates.create_template(wanted.value())))


async def _update(info: Info, template_id: Id, wanted: UpdateInput) -> ServicePlanTemplate:
    work = info.context
    return await work.done(lambda: ServicePlanTemplate.of(work.templates.update_template(template_id, wanted.value())))


async def _deprecate(info: Info, template_id: Id) -> ServicePlanTemplate:
    work = info.context
    return await work.done(lambda: ServicePlanTemplate.of(work.templates.deprecate_template(template_id, BY)))


async def _plan(info: Info, wanted: PlanInput) -> ServicePlanCloneResult:
    work = info.context
    made = await work.done(lambda: work.templates.create_service_plan_from_template(wanted.template_id, wanted.customer_id))
    return ServicePlanCloneResult(cloned_plan=ServicePlan.of(made))


@strawberry.type
class Mutation:
    """Each is one transaction, done whole or not at all."""

    createServicePlanTemplate: ServicePlanTemplate = strawberry.field(resolver=_create, description="A template's first version.")
    updateServicePlanTemplate: ServicePlanTemplate = strawberry.field(
        resolver=_update, description="A refinement: the next version, refused with every reason where it would break a running contract."
    )
    deprecateServicePlanTemplate: ServicePlanTemplate = strawberry.field(
        resolver=_deprecate, description="No new plan of this template from now on; running plans are unchanged. Again changes nothing."
    )
    createServicePlanFromTemplate: ServicePlanCloneResult = strawberry.field(
        resolver=_plan, description="A customer's plan of the template's newest version, on its first visit. Each call makes another."
    )
