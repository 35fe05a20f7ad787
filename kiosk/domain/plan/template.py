"""ServicePlanTemplate: the terms that plans are made from (specification 003, decisions 21-25)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kiosk.domain.decimals import ZERO
from kiosk.domain.plan.fsm import MealyFSM
from kiosk.domain.requests import ALWAYS_AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfiguration:
    """One service of a template. `unit_price` is money a unit (a kWh, a swap) in the template's currency."""

    service_id: str
    quota: Decimal
    tracks_asset: bool = False
    unit: str | None = None
    decimal_precision: int | None = None
    unit_price: Decimal | None = None
    usage_metric: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectricityTracking:
    """Agent parameters for electricity (specification, configuration changes)."""

    enabled: bool = True
    default_battery_capacity_kwh: Decimal = Decimal(32)
    decimal_precision: int = 1
    soc_telemetry_timeout_seconds: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCompletion:
    """Agent parameters for completion (specification, configuration changes)."""

    require_payment_confirmation: bool = True
    receipt_generation_enabled: bool = True
    event_publishing_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaValidation:
    """Agent parameters for the quota check (decision 35). `tolerance_kwh` counts only where the mode is not strict."""

    strict_mode: bool = True
    tolerance_kwh: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentParameters:
    """Agent parameters for payments: what a receipt id looks like, by method; none where anything goes (decision 32)."""

    receipt_patterns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """What the agent may do and how. `available_actions` None means all (contract)."""

    available_actions: frozenset[str] | None = None
    electricity_tracking: ElectricityTracking = field(default_factory=ElectricityTracking)
    service_completion: ServiceCompletion = field(default_factory=ServiceCompletion)
    quota_validation: QuotaValidation = field(default_factory=QuotaValidation)
    payment: PaymentParameters = field(default_factory=PaymentParameters)

    def allows(self, action: str) -> bool:
        """Whether the template lists `action`, or lists none at all, or need not list it."""
        return self.available_actions is None or action in self.available_actions or action in ALWAYS_AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlanTemplate:
    """The pinned template of a plan. FSMs are never empty here: the shipped ones stand in where a document has none."""

    id: str
    name: str
    version: str
    billing_currency: str
    service_cycle_fsm: MealyFSM
    payment_cycle_fsm: MealyFSM
    agent_config: AgentConfig
    service_configurations: tuple[ServiceConfiguration, ...]
    description: str = ""
    status: str = "ACTIVE"
    country_code: str = ""
    legal_jurisdiction: str = ""
    contract_terms: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, service_id: str) -> ServiceConfiguration | None:
        """The configuration of one service, if the template has one."""
        for each in self.service_configurations:
            if each.service_id == service_id:
                return each
        return None
