"""Templates as GraphQL gives them: the specification's type, and the types that it mentions without spelling them out."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON

from kiosk.domain.plan import template as domain
from kiosk.domain.plan.fsm import MealyFSM as Machine
from kiosk.platform.store.store_values import TemplateChange, TemplateRecord


@strawberry.type(description="Terms of the contract. `terms` is the whole document; `id` is its own, where it has one.")
class CommonTerms:
    """Whatever the terms' document holds."""

    id: strawberry.ID | None
    terms: JSON

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> "CommonTerms":
        """From the template's terms."""
        named = terms.get("id")
        return cls(id=strawberry.ID(named) if isinstance(named, str) else None, terms=JSON(dict(terms)))


@strawberry.type(description="In `state`, `input` leads to `next_state` and emits `outputs`.")
class FsmTransition:
    """One row of a machine."""

    state: str
    input: str
    next_state: str
    outputs: list[str]


@strawberry.type(
    name="MealyFSM", description="A state machine whose outputs belong to its transitions. An input without a transition is ignored."
)
class MealyFSMType:
    """Never empty: the shipped machine stands in where a template names none."""

    id: strawberry.ID
    initial_state: str
    states: list[str]
    transitions: list[FsmTransition]

    @classmethod
    def of(cls, machine: Machine) -> "MealyFSMType":
        """From the domain's machine."""
        rows = [
            FsmTransition(state=each.state, input=each.input, next_state=each.next_state, outputs=list(each.outputs))
            for each in machine.transitions
        ]
        return cls(id=strawberry.ID(machine.id), initial_state=machine.initial_state, states=list(machine.states), transitions=rows)


@strawberry.type(name="ElectricityTracking", description="How electricity is measured; switched off, only swaps are counted.")
class ElectricityTrackingType:
    """Decisions 2, 11 and 21."""

    enabled: bool
    default_battery_capacity_kwh: Decimal
    decimal_precision: int
    soc_telemetry_timeout_seconds: Decimal

    @classmethod
    def of(cls, params: domain.ElectricityTracking) -> "ElectricityTrackingType":
        """From the domain's value."""
        return cls(
            enabled=params.enabled,
            default_battery_capacity_kwh=params.default_battery_capacity_kwh,
            decimal_precision=params.decimal_precision,
            soc_telemetry_timeout_seconds=params.soc_telemetry_timeout_seconds,
        )


@strawberry.type(name="ServiceCompletion", description="What completing a swap requires and does.")
class ServiceCompletionType:
    """Decisions 21 and 22."""

    require_payment_confirmation: bool
    receipt_generation_enabled: bool
    event_publishing_enabled: bool

    @classmethod
    def of(cls, params: domain.ServiceCompletion) -> "ServiceCompletionType":
        """From the domain's value."""
        return cls(
            require_payment_confirmation=params.require_payment_confirmation,
            receipt_generation_enabled=params.receipt_generation_enabled,
            event_publishing_enabled=params.event_publishing_enabled,
        )


@strawberry.type(name="QuotaValidation", description="How far electricity may go beyond its quota, once; strict, not at all.")
class QuotaValidationType:
    """Decision 35."""

    strict_mode: bool
    tolerance_kwh: Decimal

    @classmethod
    def of(cls, params: domain.QuotaValidation) -> "QuotaValidationType":
        """From the domain's value."""
        return cls(strict_mode=params.strict_mode, tolerance_kwh=params.tolerance_kwh)


@strawberry.type(description="The agent's parameters.")
class AgentParams:
    """`agent_config.agent_params`."""

    electricity_tracking: ElectricityTrackingType
    service_completion: ServiceCompletionType
    quota_validation: QuotaValidationType


@strawberry.type(name="AgentConfig", description="What the agent may do and how. `available_actions` null means all.")
class AgentConfigType:
    """`agent_config` of the plan document."""

    available_actions: list[str] | None
    agent_params: AgentParams

    @classmethod
    def of(cls, config: domain.AgentConfig) -> "AgentConfigType":
        """From the domain's value."""
        params = AgentParams(
            electricity_tracking=ElectricityTrackingType.of(config.electricity_tracking),
            service_completion=ServiceCompletionType.of(config.service_completion),
            quota_validation=QuotaValidationType.of(config.quota_validation),
        )
        actions = None if config.available_actions is None else sorted(config.available_actions)
        return cls(available_actions=actions, agent_params=params)


@strawberry.type(
    name="ServiceConfiguration", description="One service of a template. `unit_price` is money a unit, in the template's currency."
)
class ServiceConfigurationType:
    """A quota of 100,000 or more is unlimited (decision 7)."""

    service_id: strawberry.ID
    quota: Decimal
    tracks_asset: bool
    unit: str | None
    decimal_precision: int | None
    unit_price: Decimal | None
    usage_metric: str | None
    name: str | None

    @classmethod
    def of(cls, service: domain.ServiceConfiguration) -> "ServiceConfigurationType":
        """From the domain's value."""
        return cls(
            service_id=strawberry.ID(service.service_id),
            quota=service.quota,
            tracks_asset=service.tracks_asset,
            unit=service.unit,
            decimal_precision=service.decimal_precision,
            unit_price=service.unit_price,
            usage_metric=service.usage_metric,
            name=service.name,
        )


@strawberry.type(
    name="TemplateChange",
    description="One entry of a template's change log: who did what when, with every reason. `plans` counts those that a migration moved.",
)
class TemplateChangeType:
    """`kind` is CREATED, IMPORTED, PATCH, MINOR, MAJOR, DEPRECATED or MIGRATION."""

    at: datetime
    by: str
    version: str
    kind: str
    summary: str
    reasons: list[str]
    plans: int

    @classmethod
    def of(cls, change: TemplateChange) -> "TemplateChangeType":
        """From the catalogue's value."""
        return cls(
            at=change.at,
            by=change.by,
            version=change.version,
            kind=change.kind.value,
            summary=change.summary,
            reasons=list(change.reasons),
            plans=change.plans,
        )


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
        template = record.template
        return cls(
            id=strawberry.ID(template.id),
            name=template.name,
            description=template.description,
            version=template.version,
            status=record.status,
            country_code=template.country_code,
            legal_jurisdiction=template.legal_jurisdiction,
            billing_currency=template.billing_currency,
            contract_terms=CommonTerms.of(template.contract_terms),
            service_cycle_fsm=MealyFSMType.of(template.service_cycle_fsm),
            payment_cycle_fsm=MealyFSMType.of(template.payment_cycle_fsm),
            agent_config=AgentConfigType.of(template.agent_config),
            service_configurations=[ServiceConfigurationType.of(each) for each in template.service_configurations],
            created_at=record.created_at,
            updated_at=record.updated_at,
            created_by=record.created_by,
            change_log=[TemplateChangeType.of(each) for each in record.change_log],
        )
