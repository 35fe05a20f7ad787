"""ServicePlanTemplate: the terms that plans are made from (specification 003, decisions 21-25)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kiosk.domain.decimals import ZERO
from kiosk.domain.language import mark, tr
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
    """Agent parameters for electricity (specification, configuration changes). `home_charging` where a customer may bring a battery back
    with more than it went out with, and nobody is asked (decision 28)."""

    enabled: bool = True
    default_battery_capacity_kwh: Decimal = Decimal(32)
    decimal_precision: int = 1
    soc_telemetry_timeout_seconds: Decimal = Decimal(10)
    home_charging: bool = False


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
class Roles:
    """The ids of the services in each role; None where no service has it, or where electricity is switched off (decisions 6, 21)."""

    electricity: str | None
    fleet: str | None
    swap_count: str | None

    def changes(self, new: "Roles") -> Iterator["RoleChange"]:
        """Every role that is another service's in `new`."""
        pairs = (
            (mark("energy is counted by {after}, not {before}"), self.electricity, new.electricity),
            (mark("the battery is tracked by {after}, not {before}"), self.fleet, new.fleet),
            (mark("swaps are counted by {after}, not {before}"), self.swap_count, new.swap_count),
        )
        yield from (RoleChange(words=words, before=before, after=after) for words, before, after in pairs if before != after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """A role that another service takes over, None is no service; `words` are marked for translation."""

    words: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """The change as a phrase."""
        nothing = tr("nothing")
        return tr(self.words, after=self.after or nothing, before=self.before or nothing)


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
    _found_roles: dict[tuple[str, ...], Roles] = field(default_factory=dict, init=False, repr=False, compare=False)

    def configuration(self, service_id: str) -> ServiceConfiguration | None:
        """The configuration of one service, if the template has one."""
        for each in self.service_configurations:
            if each.service_id == service_id:
                return each
        return None

    @property
    def own_roles(self) -> Roles:
        """The roles in a plan that is made from this template."""
        return self.roles(tuple(each.service_id for each in self.service_configurations))

    def roles(self, service_ids: tuple[str, ...]) -> Roles:
        """The roles among these services, the first that fits each (decision 6). Found once: a template's plans have the same services."""
        found = self._found_roles.get(service_ids)  # looked at once: another thread may empty it
        if found is None:
            if len(self._found_roles) >= _MAX_FOUND_ROLES:
                self._found_roles.clear()
            found = self._found_roles[service_ids] = self._find_roles(service_ids)
        return found

    def is_electricity(self, service_id: str) -> bool:
        """Whether a service is measured in kWh, tracked or not (decision 6)."""
        configured = self.configuration(service_id)
        if configured and (configured.unit == "kWh" or configured.usage_metric == "ENERGY"):
            return True
        return _role_by_id(service_id) == _ELECTRICITY

    def _find_roles(self, service_ids: tuple[str, ...]) -> Roles:
        def first(has_role: Callable[[str], bool]) -> str | None:
            return next(filter(has_role, service_ids), None)

        fleet = first(self._tracks_asset)
        electricity = first(self.is_electricity) if self.agent_config.electricity_tracking.enabled else None
        return Roles(electricity=electricity, fleet=fleet, swap_count=first(self._counts_swaps) or fleet)

    def _tracks_asset(self, service_id: str) -> bool:
        configured = self.configuration(service_id)
        return bool(configured and configured.tracks_asset) or _role_by_id(service_id) == _FLEET

    def _counts_swaps(self, service_id: str) -> bool:
        if _role_by_id(service_id) == _NETWORK or self._tracks_asset(service_id):
            return False
        configured = self.configuration(service_id)
        if configured and configured.usage_metric:
            return configured.usage_metric == "COUNT"
        return _role_by_id(service_id) == _COUNT


_MAX_FOUND_ROLES = 64

_ELECTRICITY, _FLEET, _COUNT, _NETWORK = "electricity", "fleet", "count", "network"

_ROLES_BY_PREFIX = {
    "svc-electricity-": _ELECTRICITY,
    "service-energy-": _ELECTRICITY,
    "service-electricity-": _ELECTRICITY,
    "svc-battery-fleet-": _FLEET,
    "service-battery-fleet-": _FLEET,
    "service-swap-count-": _COUNT,
    "svc-swap-count-": _COUNT,
    "svc-swap-network-": _NETWORK,
    "service-swap-network-": _NETWORK,
}


def _role_by_id(service_id: str) -> str:
    """The role that the id names, alone or with a suffix after `-`; "" for none (decision 6)."""
    return next((role for prefix, role in _ROLES_BY_PREFIX.items() if f"{service_id}-".startswith(prefix)), "")
