"""The schema: what can be asked and changed, under the specification's names as they stand, and how much one query may ask.

Limited are its words, its depth, its aliases and its fragments; it may hold no text that no database keeps; and one operation is done at a
time. Beyond a limit nothing is done and the answer says which. The body's length is limited before, with every other route's. Introspection
is within the limits; GraphiQL's is the longest known.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any

import strawberry
from graphql import FragmentSpreadNode, GraphQLError, Node, OperationDefinitionNode, StringValueNode, Visitor, visit
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.field import StrawberryField

from kiosk.domain.errors import NotFound
from kiosk.domain.language import tr
from kiosk.platform.http.access import Caller, guard_fields
from kiosk.platform.http.graphql.graphql_types import (
    CreateServicePlanFromTemplateInput,
    CreateTemplateInput,
    ServicePlanChanges,
    ServicePlanCloneResult,
    ServicePlanPage,
    ServicePlanTemplateType,
    ServicePlanType,
    UpdateTemplateInput,
    facts_of,
)
from kiosk.platform.http.graphql.scalars import SCALARS
from kiosk.platform.store.plan_pages import PlanPages
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.composing import CreateTemplate, UpdateTemplate
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from kiosk.shared.system import Clock

MAX_TOKENS = 1500
MAX_DEPTH = 8  # introspection, which the library does not count, goes to 15
MAX_ALIASES = 20
MAX_SPREADS = 24
_NUL = "\0"
_BY = "graphql"  # in the change log, where nobody is named


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverContext:
    """What the resolvers need. Everything behind it blocks; each call is one transaction. `caller` and `refused` are of one request."""

    store: PlatformStore
    pages: PlanPages
    templates: ServicePlanTemplateService
    clock: Clock
    caller: Caller | None = None
    refused: list[str] = field(default_factory=list)


Info = strawberry.Info[ResolverContext, None]
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
CreateInput = Annotated[CreateTemplateInput, strawberry.argument(name="input")]
UpdateInput = Annotated[UpdateTemplateInput, strawberry.argument(name="input")]
PlanInput = Annotated[CreateServicePlanFromTemplateInput, strawberry.argument(name="input")]


def _field[**P, T](description: str) -> Callable[[Callable[P, T]], StrawberryField]:
    """A field of the schema whose resolver is called in a thread."""

    def decorate(resolve: Callable[P, T]) -> StrawberryField:
        @wraps(resolve)
        async def resolved(*args: P.args, **given: P.kwargs) -> T:
            return await asyncio.to_thread(resolve, *args, **given)

        return strawberry.field(resolved, description=description)

    return decorate


@strawberry.type
class Query:
    """What is asked changes nothing."""

    @_field("Every template's newest version, by id.")
    def servicePlanTemplates(self, info: Info) -> list[ServicePlanTemplateType]:
        return [ServicePlanTemplateType.of(each) for each in info.context.templates.templates()]

    @_field("One template, its newest version unless one is named; null where there is none.")
    def servicePlanTemplate(self, info: Info, template_id: Id, version: str | None = None) -> ServicePlanTemplateType | None:
        try:
            return ServicePlanTemplateType.of(info.context.templates.template(template_id, version))
        except NotFound:
            return None

    @_field("One plan as it is now; null where there is none.")
    def servicePlan(self, info: Info, plan_id: Id) -> ServicePlanType | None:
        found = info.context.store.plan(plan_id)
        return None if found is None else ServicePlanType.of(found)

    @_field("The plans of a customer, of a template or of one version of it, at most 500 a page.")
    def servicePlans(
        self,
        info: Info,
        customer_id: strawberry.ID | None = None,
        template_id: strawberry.ID | None = None,
        template_version: str | None = None,
        after: str | None = None,
        first: int = 50,
    ) -> ServicePlanPage:
        pages = info.context.pages
        return ServicePlanPage.of(
            pages.plans(customer_id=customer_id, template_id=template_id, version=template_version, after=after, first=first)
        )

    @_field("What a kiosk keeps, changed since a cursor: the plans last served at its station, and new ones served nowhere.")
    def servicePlanChanges(self, info: Info, station_id: strawberry.ID, since: str | None = None, first: int = 200) -> ServicePlanChanges:
        return ServicePlanChanges.of(info.context.pages.changes(station_id, since, first, info.context.clock.now()))


@strawberry.type
class Mutation:
    """Each is one transaction, done whole or not at all."""

    @_field("A template's first version.")
    def createServicePlanTemplate(self, info: Info, given: CreateInput) -> ServicePlanTemplateType:
        return ServicePlanTemplateType.of(info.context.templates.create_template(CreateTemplate(**facts_of(given))))

    @_field("A refinement: the next version, refused with every reason where it would break a running contract.")
    def updateServicePlanTemplate(self, info: Info, template_id: Id, given: UpdateInput) -> ServicePlanTemplateType:
        facts = {**facts_of(given), "updated_by": given.updated_by or _BY}
        return ServicePlanTemplateType.of(info.context.templates.update_template(template_id, UpdateTemplate(**facts)))

    @_field("No new plan of this template from now on; running plans are unchanged. Again changes nothing.")
    def deprecateServicePlanTemplate(self, info: Info, template_id: Id) -> ServicePlanTemplateType:
        return ServicePlanTemplateType.of(info.context.templates.deprecate_template(template_id, _BY))

    @_field("A customer's plan of the template's newest version, on its first visit. Each call makes another.")
    def createServicePlanFromTemplate(self, info: Info, given: PlanInput) -> ServicePlanCloneResult:
        made = info.context.templates.create_service_plan_from_template(given.template_id, given.customer_id)
        return ServicePlanCloneResult(cloned_plan=ServicePlanType.of(made))


class DocumentLimiter(SchemaExtension):
    """What has to be looked at before validation. Fragments that spread each other twice double what validation looks at with each step, so
    their number is limited; a NUL character is refused, in literals and in variables, because PostgreSQL takes none. Of several operations
    one has to be named; the library would run the first.
    """

    def on_parse(self) -> Iterator[None]:
        """When the document is there."""
        yield
        seen = _Seen()
        if self.execution_context.graphql_document is not None:
            visit(self.execution_context.graphql_document, seen)
        if sum(isinstance(each, FragmentSpreadNode) for each in seen.nodes) > MAX_SPREADS:
            raise GraphQLError(tr("the query spreads more than {count} fragments", count=MAX_SPREADS))
        literals = [each.value for each in seen.nodes if isinstance(each, StringValueNode)]
        if _holds_nul(literals) or _holds_nul(self.execution_context.variables):
            raise GraphQLError(tr("text holds a NUL character"))
        operations = sum(isinstance(each, OperationDefinitionNode) for each in seen.nodes)
        named = self.execution_context._provided_operation_name  # noqa: SLF001  operation_name would be the first one's
        if operations > 1 and named is None:
            raise GraphQLError(tr("the document has {count} operations; operationName must say which one to run", count=operations))


class _Seen(Visitor):
    """Every part of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []

    def enter(self, node: Node, *_where: Any) -> None:  # noqa: ANN401  the library's own arguments
        self.nodes.append(node)


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return _NUL in value
    if isinstance(value, dict):
        return any(_holds_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: the library would log every refused query with its stack; `serving` logs what is a bug."""


def make_schema() -> strawberry.Schema:
    """Takes some fifty milliseconds; made once. Each field of the roots asks `access` first."""
    made = _Schema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS),
        extensions=[  # each makes its limit anew for an operation
            lambda: MaxTokensLimiter(MAX_TOKENS),
            DocumentLimiter,
            lambda: QueryDepthLimiter(MAX_DEPTH),
            lambda: MaxAliasesLimiter(MAX_ALIASES),
        ],
    )
    guard_fields(made._schema)  # noqa: SLF001  the library shows it in no other way
    return made
