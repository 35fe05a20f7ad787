"""The schema: the specification's names as they stand, exact scalars, limits."""

from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from kiosk.platform.http.graphql.inputs import BY, CreateServicePlanFromTemplateInput, CreateTemplateInput, UpdateTemplateInput
from kiosk.platform.http.graphql.plan_types import ServicePlanCloneResult, ServicePlanType
from kiosk.platform.http.graphql.queries import Id, Info, Query
from kiosk.platform.http.graphql.query_limits import limiting
from kiosk.platform.http.graphql.scalars import SCALARS
from kiosk.platform.http.graphql.template_types import ServicePlanTemplateType

CreateInput = Annotated[CreateTemplateInput, strawberry.argument(name="input")]
UpdateInput = Annotated[UpdateTemplateInput, strawberry.argument(name="input")]
PlanInput = Annotated[CreateServicePlanFromTemplateInput, strawberry.argument(name="input")]


async def _create(info: Info, given: CreateInput) -> ServicePlanTemplateType:
    context = info.context
    return await context.run(lambda: ServicePlanTemplateType.of(context.templates.create_template(given.value())))


async def _update(info: Info, template_id: Id, given: UpdateInput) -> ServicePlanTemplateType:
    context = info.context
    return await context.run(lambda: ServicePlanTemplateType.of(context.templates.update_template(template_id, given.value())))


async def _deprecate(info: Info, template_id: Id) -> ServicePlanTemplateType:
    context = info.context
    return await context.run(lambda: ServicePlanTemplateType.of(context.templates.deprecate_template(template_id, BY)))


async def _plan(info: Info, given: PlanInput) -> ServicePlanCloneResult:
    context = info.context
    made = await context.run(lambda: context.templates.create_service_plan_from_template(given.template_id, given.customer_id))
    return ServicePlanCloneResult(cloned_plan=ServicePlanType.of(made))


@strawberry.type
class Mutation:
    """Each is one transaction, done whole or not at all."""

    createServicePlanTemplate: ServicePlanTemplateType = strawberry.field(resolver=_create, description="A template's first version.")
    updateServicePlanTemplate: ServicePlanTemplateType = strawberry.field(
        resolver=_update, description="A refinement: the next version, refused with every reason where it would break a running contract."
    )
    deprecateServicePlanTemplate: ServicePlanTemplateType = strawberry.field(
        resolver=_deprecate, description="No new plan of this template from now on; running plans are unchanged. Again changes nothing."
    )
    createServicePlanFromTemplate: ServicePlanCloneResult = strawberry.field(
        resolver=_plan, description="A customer's plan of the template's newest version, on its first visit. Each call makes another."
    )


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the library would log every refused query with its stack; `graphql_errors.public_error` logs what is a bug."""


def make_schema() -> strawberry.Schema:
    """Takes some fifty milliseconds; made once."""
    config = StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS)
    return _Schema(query=Query, mutation=Mutation, config=config, extensions=limiting())
