"""Plans as GraphQL gives them: the specification's type, pages of plans, and pages of what has changed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON
from strawberry.schema_directive import Location

from kiosk.domain.plan import service_plan as domain
from kiosk.platform.store.plan_pages import ChangedPlan, ChangesPage, PlansPage
from kiosk.wire.plan_documents import plan_to_document


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="domainSpecific")
class DomainSpecific:
    """The field's content belongs to the domain of the agent; its shape may differ from plan to plan."""


@strawberry.type(description="State of the plan that belongs to no service.")
class CommonState:
    """Whatever the plan document holds under `plan_state`."""

    details: JSON


@strawberry.type(description="The customer's account of services.")
class ServiceAccount:
    """Whatever the plan document holds under `service_account`."""

    details: JSON


@strawberry.type(description="The customer's account of payments.")
class PaymentAccount:
    """Whatever the plan document holds under `payment_account`."""

    details: JSON


@strawberry.type(
    name="ServiceState",
    description="How much of one service is used: kWh of electricity, a count of swaps. `current_asset` is the battery in use.",
)
class ServiceStateType:
    """One entry of `serviceStates`."""

    service_id: strawberry.ID
    used: Decimal
    quota: Decimal
    current_asset: str | None

    @classmethod
    def of(cls, state: domain.ServiceState) -> "ServiceStateType":
        """From the domain's value."""
        return cls(service_id=strawberry.ID(state.service_id), used=state.used, quota=state.quota, current_asset=state.current_asset)


def _details(value: Mapping[str, Any]) -> JSON:
    return JSON(dict(value))


def _document(root: strawberry.Parent["ServicePlanType"]) -> JSON:
    return JSON(plan_to_document(root.plan))


@strawberry.type(name="ServicePlan", description="A customer's contract, pinned to a version of its template.")
class ServicePlanType:
    """The specification's type, and what a plan document has besides."""

    plan: strawberry.Private[domain.ServicePlan]
    id: strawberry.ID
    customer_id: strawberry.ID
    template_id: strawberry.ID
    template_version: str
    plan_state: CommonState
    service_state: str
    payment_state: str
    agent_state: JSON | None = strawberry.field(directives=[DomainSpecific()])
    service_account: ServiceAccount
    payment_account: PaymentAccount
    serviceStates: list[ServiceStateType]
    currency: str | None
    customer_name: str | None
    document: JSON = strawberry.field(
        resolver=_document, description="The plan document: what `plans import` takes, its pinned template inside."
    )

    @classmethod
    def of(cls, plan: domain.ServicePlan) -> "ServicePlanType":
        """From the domain's value."""
        return cls(
            plan=plan,
            id=strawberry.ID(plan.id),
            customer_id=strawberry.ID(plan.customer_id),
            template_id=strawberry.ID(plan.template.id),
            template_version=plan.template.version,
            plan_state=CommonState(details=_details(plan.plan_state)),
            service_state=plan.service_state,
            payment_state=plan.payment_state,
            agent_state=_details(plan.agent_state),
            service_account=ServiceAccount(details=_details(plan.service_account)),
            payment_account=PaymentAccount(details=_details(plan.payment_account)),
            serviceStates=[ServiceStateType.of(each) for each in plan.service_states],
            currency=plan.currency,
            customer_name=plan.customer_name,
        )


@strawberry.type(description="What createServicePlanFromTemplate has made.")
class ServicePlanCloneResult:
    """A plan on its first visit."""

    cloned_plan: ServicePlanType


@strawberry.type(description="Plans by id. `cursor` is for the next page's `after`, null where there is none.")
class ServicePlanPage:
    """A page of plans."""

    plans: list[ServicePlanType]
    cursor: str | None
    more: bool

    @classmethod
    def of(cls, page: PlansPage) -> "ServicePlanPage":
        """From the store's page."""
        return cls(plans=[ServicePlanType.of(each) for each in page.plans], cursor=page.cursor, more=page.cursor is not None)


@strawberry.type(description="A template that plans of the page pin; `key` is what they name it by.")
class PinnedTemplate:
    """A template goes over the wire once a page, however many plans pin it."""

    key: strawberry.ID
    document: JSON


@strawberry.type(description="A plan that has changed: its document without its template, and the key of that.")
class ServicePlanChange:
    """A plan as it is now."""

    id: strawberry.ID
    changed_at: datetime
    template_key: strawberry.ID
    document: JSON = strawberry.field(description="The plan document without service_plan_template.")

    @classmethod
    def of(cls, change: ChangedPlan) -> "ServicePlanChange":
        """From the store's row."""
        return cls(
            id=strawberry.ID(change.plan_id),
            changed_at=change.changed_at,
            template_key=strawberry.ID(change.template_key),
            document=JSON(change.document),
        )


@strawberry.type(
    description="Plans that changed since a cursor, oldest change first. Ask on with `cursor` while there is `more`; then keep it for the "
    "next time. What changed shortly before a round comes again in the next one, so that nothing that was booked meanwhile is passed over."
)
class ServicePlanChanges:
    """One page of a round of the kiosk's sync."""

    plans: list[ServicePlanChange]
    templates: list[PinnedTemplate]
    cursor: str
    more: bool

    @classmethod
    def of(cls, page: ChangesPage) -> "ServicePlanChanges":
        """From the store's page."""
        templates = [PinnedTemplate(key=strawberry.ID(key), document=JSON(text)) for key, text in page.templates.items()]
        return cls(plans=[ServicePlanChange.of(each) for each in page.plans], templates=templates, cursor=page.cursor, more=page.more)
