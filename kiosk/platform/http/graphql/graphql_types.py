"""What GraphQL gives and takes: templates and plans as the specification has them, the types that it mentions without spelling them out,
pages of plans, and the inputs of the mutations (an absent field and null are one).

A value of the domain stands for its type where their names agree: the library reads the fields of whatever it is given.
"""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.schema_directive import Location

from kiosk.domain.plan import service_plan, template
from kiosk.platform.store.plan_pages import ChangesPage, PlansPage
from kiosk.platform.store.store_values import TemplateRecord
from kiosk.wire.plan_documents import plan_to_document


def _copied[T](kind: type[T], value: object, **others: object) -> T:
    """The type with the value's own fields, but for `others`, which are given."""
    own = (each.name for each in fields(cast("Any", kind)) if each.init and each.name not in others)
    return kind(**{name: getattr(value, name) for name in own}, **others)


@strawberry.type(description="Terms of the contract. `terms` is the whole document; `id` is its own, where it has one.")
class CommonTerms:
    id: strawberry.ID | None
    terms: JSON


@strawberry.type(description="In `state`, `input` leads to `next_state` and emits `outputs`.")
class FsmTransition:
    state: str
    input: str
    next_state: str
    outputs: list[str]


@strawberry.type(
    name="MealyFSM", description="A state machine whose outputs belong to its transitions. An input without a transition is ignored."
)
class MealyFSMType:  # never empty: the shipped machine stands in where a template names none
    id: strawberry.ID
    initial_state: str
    states: list[str]
    transitions: list[FsmTransition]


@strawberry.type(name="ElectricityTracking", description="How electricity is measured; switched off, only swaps are counted.")
class ElectricityTrackingType:  # decisions 2, 11, 21 and 28
    enabled: bool
    default_battery_capacity_kwh: Decimal
    decimal_precision: int
    soc_telemetry_timeout_seconds: Decimal
    home_charging: bool


@strawberry.type(name="ServiceCompletion", description="What completing a swap requires and does.")
class ServiceCompletionType:  # decisions 21 and 22
    require_payment_confirmation: bool
    receipt_generation_enabled: bool
    event_publishing_enabled: bool


@strawberry.type(name="QuotaValidation", description="How far electricity may go beyond its quota, once; strict, not at all.")
class QuotaValidationType:  # decision 35
    strict_mode: bool
    tolerance_kwh: Decimal


@strawberry.type(description="The agent's parameters.")
class AgentParams:
    electricity_tracking: ElectricityTrackingType
    service_completion: ServiceCompletionType
    quota_validation: QuotaValidationType


@strawberry.type(name="AgentConfig", description="What the agent may do and how. `available_actions` null means all.")
class AgentConfigType:
    available_actions: list[str] | None
    agent_params: AgentParams


@strawberry.type(
    name="ServiceConfiguration", description="One service of a template. `unit_price` is money a unit, in the template's currency."
)
class ServiceConfigurationType:  # a quota of 100,000 or more is unlimited (decision 7)
    service_id: strawberry.ID
    quota: Decimal
    tracks_asset: bool
    unit: str | None
    decimal_precision: int | None
    unit_price: Decimal | None
    usage_metric: str | None
    name: str | None


@strawberry.type(
    name="TemplateChange",
    description="One entry of a template's change log: who did what when, with every reason. `plans` counts those that a migration moved.",
)
class TemplateChangeType:
    at: datetime
    by: str
    version: str
    kind: str
    summary: str
    reasons: list[str]
    plans: int


@strawberry.type(name="ServicePlanTemplate", description="What contracts are made of. A version is immutable once a plan uses it.")
class ServicePlanTemplateType:
    """The specification's type, and what a plan document's template has besides."""

    id: strawberry.ID
    name: str
    description: str
    version: str
    status: str
    country_code: str
    legal_jurisdiction: str
    billing_currency: str
    contract_terms: CommonTerms
    service_cycle_fsm: MealyFSMType
    payment_cycle_fsm: MealyFSMType
    agent_config: AgentConfigType
    service_configurations: list[ServiceConfigurationType]
    created_at: datetime
    updated_at: datetime
    created_by: str
    change_log: list[TemplateChangeType]

    @classmethod
    def of(cls, record: TemplateRecord) -> "ServicePlanTemplateType":
        """From the catalogue's record."""
        terms, config = record.template.contract_terms, record.template.agent_config
        named = terms.get("id")
        actions = None if config.available_actions is None else sorted(config.available_actions)
        return _copied(
            cls,
            record.template,
            status=record.status,
            contract_terms=CommonTerms(id=strawberry.ID(named) if isinstance(named, str) else None, terms=JSON(dict(terms))),
            agent_config=AgentConfigType(available_actions=actions, agent_params=_copied(AgentParams, config)),
            created_at=record.created_at,
            updated_at=record.updated_at,
            created_by=record.created_by,
            change_log=record.change_log,
        )


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="domainSpecific")
class DomainSpecific:
    """The field's content belongs to the domain of the agent; its shape may differ from plan to plan."""


@strawberry.type(description="State of the plan that belongs to no service.")
class CommonState:
    details: JSON  # whatever the plan document holds under plan_state; likewise in the next two


@strawberry.type(description="The customer's account of services.")
class ServiceAccount:
    details: JSON


@strawberry.type(description="The customer's account of payments.")
class PaymentAccount:
    details: JSON


@strawberry.type(
    name="ServiceState",
    description="How much of one service is used: kWh of electricity, a count of swaps. `current_asset` is the battery in use.",
)
class ServiceStateType:
    service_id: strawberry.ID
    used: Decimal
    quota: Decimal
    current_asset: str | None


def _document(root: strawberry.Parent["ServicePlanType"]) -> JSON:
    return JSON(plan_to_document(root.plan))


@strawberry.type(name="ServicePlan", description="A customer's contract, pinned to a version of its template.")
class ServicePlanType:
    """The specification's type, and what a plan document has besides."""

    plan: strawberry.Private[service_plan.ServicePlan]
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
    def of(cls, plan: service_plan.ServicePlan) -> "ServicePlanType":
        """From the domain's value."""
        return _copied(
            cls,
            plan,
            plan=plan,
            template_id=plan.template.id,
            template_version=plan.template.version,
            plan_state=CommonState(details=JSON(dict(plan.plan_state))),
            agent_state=dict(plan.agent_state),
            service_account=ServiceAccount(details=JSON(dict(plan.service_account))),
            payment_account=PaymentAccount(details=JSON(dict(plan.payment_account))),
            serviceStates=plan.service_states,
        )


@strawberry.type(description="What createServicePlanFromTemplate has made.")
class ServicePlanCloneResult:
    cloned_plan: ServicePlanType


@strawberry.type(description="Plans by id. `cursor` is for the next page's `after`, null where there is none.")
class ServicePlanPage:
    plans: list[ServicePlanType]
    cursor: str | None
    more: bool

    @classmethod
    def of(cls, page: PlansPage) -> "ServicePlanPage":
        """From the store's page."""
        return cls(plans=[ServicePlanType.of(each) for each in page.plans], cursor=page.cursor, more=page.cursor is not None)


@strawberry.type(description="A template that plans of the page pin; `key` is what they name it by.")
class PinnedTemplate:
    key: strawberry.ID
    document: JSON


@strawberry.type(description="A plan that has changed: its document without its template, and the key of that.")
class ServicePlanChange:
    plan_id: strawberry.ID = strawberry.field(name="id")
    changed_at: datetime
    template_key: strawberry.ID
    document: JSON = strawberry.field(description="The plan document without service_plan_template.")


@strawberry.type(
    description="Plans that changed since a cursor, oldest change first. Ask on with `cursor` while there is `more`; then keep it for the "
    "next time. What changed shortly before a round comes again in the next one, so that nothing that was booked meanwhile is passed over."
)
class ServicePlanChanges:
    """One page of a round of the kiosk's sync. A template goes over the wire once a page, however many plans pin it."""

    plans: list[ServicePlanChange]
    templates: list[PinnedTemplate]
    cursor: str
    more: bool

    @classmethod
    def of(cls, page: ChangesPage) -> "ServicePlanChanges":
        """From the store's page."""
        return _copied(
            cls, page, templates=[PinnedTemplate(key=strawberry.ID(key), document=JSON(text)) for key, text in page.templates.items()]
        )


@strawberry.input(description="One service of the template. The unit of `quota` and `unit_price` is a kWh or a swap.")
class ServiceConfigurationInput:
    service_id: strawberry.ID
    quota: Decimal
    tracks_asset: bool = False
    unit: str | None = None
    decimal_precision: int | None = None
    unit_price: Decimal | None = None
    usage_metric: str | None = None
    name: str | None = None


@strawberry.input(
    description="A template's first version. Its documents are named by their ids. Without `id` one is made of the name; without `version` "
    "it is 1.0.0; the currency is the country's and the services are the agent configuration's unless they are given."
)
class CreateTemplateInput:
    """The specification's, and what its example leaves to be made."""

    name: str
    description: str
    country_code: str
    legal_jurisdiction: str
    contract_terms_id: strawberry.ID
    service_cycle_fsm_id: strawberry.ID
    payment_cycle_fsm_id: strawberry.ID
    agent_config_id: strawberry.ID
    created_by: str
    id: strawberry.ID | None = None
    version: str | None = None
    billing_currency: str | None = None
    service_configurations: list[ServiceConfigurationInput] | None = None


@strawberry.input(description="A refinement: what is absent or null stays as it is. Without `version` the differences decide it.")
class UpdateTemplateInput:
    updated_by: str | None = None
    name: str | None = None
    description: str | None = None
    country_code: str | None = None
    legal_jurisdiction: str | None = None
    billing_currency: str | None = None
    contract_terms_id: strawberry.ID | None = None
    service_cycle_fsm_id: strawberry.ID | None = None
    payment_cycle_fsm_id: strawberry.ID | None = None
    agent_config_id: strawberry.ID | None = None
    service_configurations: list[ServiceConfigurationInput] | None = None
    version: str | None = None


@strawberry.input(description="Nothing else: a plan is its template's, without overrides.")
class CreateServicePlanFromTemplateInput:
    template_id: strawberry.ID
    customer_id: strawberry.ID


def facts_of(given: CreateTemplateInput | UpdateTemplateInput) -> dict[str, Any]:
    """What is given, by name; the services as the domain's values, whose numbers the template service looks at."""
    services = given.service_configurations
    values = None if services is None else tuple(template.ServiceConfiguration(**vars(each)) for each in services)
    return {**vars(given), "service_configurations": values}
