"""ServicePlan, its services and their roles (decisions 4, 5, 6, 7, 15)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import CurrencyConflict, PlanBlocked, PlanInvalid
from kiosk.domain.language import tr
from kiosk.domain.plan.fsm import FsmInput
from kiosk.domain.plan.template import Roles, ServicePlanTemplate
from kiosk.domain.requests import OLDER_STEPS, CompleteService, EquipmentCheckin


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """How much of one service is used. kWh for electricity, a count for swaps."""

    service_id: str
    used: Decimal
    quota: Decimal
    current_asset: str | None = None

    @property
    def unlimited(self) -> bool:
        """A quota of 100,000 or more is never shown as a number (decision 7)."""
        return self.quota >= UNLIMITED_FROM

    @property
    def remaining(self) -> Decimal:
        """Quota less used."""
        return self.quota - self.used


@dataclass(frozen=True, kw_only=True)  # no slots: what is found once is kept in the instance, by `cached_property`
class ServicePlan:
    """A customer's contract with the template version that it pinned."""

    id: str
    customer_id: str
    service_states: tuple[ServiceState, ...]
    template: ServicePlanTemplate
    service_state: str
    payment_state: str
    currency: str | None = None
    customer_name: str | None = None
    plan_state: Mapping[str, Any] = field(default_factory=dict)
    agent_state: Mapping[str, Any] = field(default_factory=dict)
    service_account: Mapping[str, Any] = field(default_factory=dict)
    payment_account: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def electricity(self) -> ServiceState | None:
        """The service measured in kWh; None when there is none or tracking is switched off (decision 21)."""
        return self._state(self._roles.electricity)

    def is_electricity(self, state: ServiceState) -> bool:
        """Whether a service is measured in kWh, tracked or not (decision 6)."""
        return self.template.is_electricity(state.service_id)

    @cached_property
    def fleet(self) -> ServiceState:
        """The service that tracks the customer's battery. Raises PlanInvalid when no service does."""
        found = self._state(self._roles.fleet)
        if found is None:
            raise PlanInvalid("serviceStates", tr("no service of this plan tracks a battery"))
        return found

    @cached_property
    def swap_count(self) -> ServiceState:
        """The service that counts swaps: a separate one, else the one that tracks the battery (decision 6)."""
        return self._state(self._roles.swap_count) or self.fleet

    @cached_property
    def current_asset(self) -> str | None:
        """The battery that the customer holds, normalised; None exactly on a first visit (decision 4)."""
        return normalise_id(self.fleet.current_asset or "") or None

    @property
    def first_visit(self) -> bool:
        """Nothing to return (decision 4)."""
        return self.current_asset is None

    def precision(self, state: ServiceState) -> int:
        """Decimals that a service is rounded to; swaps are whole."""
        configured = self.template.configuration(state.service_id)
        if configured is not None and configured.decimal_precision is not None:
            return configured.decimal_precision
        return self.template.agent_config.electricity_tracking.decimal_precision if self.is_electricity(state) else 0

    @property
    def energy_precision(self) -> int:
        """Decimals of the net energy (decision 2)."""
        electricity = self.electricity
        if electricity is None:
            return self.template.agent_config.electricity_tracking.decimal_precision
        return self.precision(electricity)

    def unit_price(self, state: ServiceState) -> Decimal | None:
        """Money a unit of this service, or None when no price is known."""
        configured = self.template.configuration(state.service_id)
        return configured.unit_price if configured else None

    @property
    def billing_currency(self) -> str:
        """ISO code. Raises CurrencyConflict when plan and template differ (decision 5)."""
        theirs = self.template.billing_currency
        if self.currency and theirs and self.currency != theirs:
            raise CurrencyConflict(self.currency, theirs)
        return self.currency or theirs

    @property
    def tracks_energy(self) -> bool:
        """Whether kWh count in this plan (decision 21)."""
        return self.template.agent_config.electricity_tracking.enabled

    @property
    def needs_payment_confirmation(self) -> bool:
        """Whether a payment needs the platform's confirmation before the swap goes on (decisions 21, 22)."""
        return self.template.agent_config.service_completion.require_payment_confirmation

    @property
    def publishes_events(self) -> bool:
        """Whether the events of this plan are published (decision 21)."""
        return self.template.agent_config.service_completion.event_publishing_enabled

    @property
    def makes_receipts(self) -> bool:
        """Whether swaps of this plan get a receipt (decision 21)."""
        return self.template.agent_config.service_completion.receipt_generation_enabled

    @property
    def completes_at_once(self) -> bool:
        """Whether COMPLETE_SERVICE completes a swap; else the older sequence does (decision 21)."""
        return self.template.agent_config.allows(CompleteService.action)

    def check_completable(self) -> None:
        """Raises PlanInvalid, naming what is missing, where the template lists neither way to complete a swap.

        Asked before anything is handed over: the platform would refuse the swap when the customer has left. Whether a payment will be
        needed is not known then, so its action must be there too.
        """
        allows = self.template.agent_config.allows
        missing = [each for each in OLDER_STEPS if not (allows(each) or (self.first_visit and each == EquipmentCheckin.action))]
        if missing and not self.completes_at_once:
            reason = tr(
                "has no {action} and not all of the older steps; missing: {missing}",
                action=CompleteService.action,
                missing=", ".join(missing),
            )
            raise PlanInvalid("agent_config.available_actions", reason)

    def check_standing(self) -> None:
        """Raises PlanBlocked when the states forbid a swap (decision 15)."""
        if self.service_state in _BLOCKED_SERVICE_STATES:
            raise PlanBlocked(self.id, self.service_state)
        if self.payment_state in _BLOCKED_PAYMENT_STATES:
            raise PlanBlocked(self.id, f"payment {self.payment_state}")
        if self.payment_state in _PAY_FIRST_STATES:
            raise PlanBlocked(self.id, self.payment_state, pay_first=True)

    @property
    def unknown_states(self) -> tuple[str, ...]:
        """States that the template's machines do not know: a warning, not a stop (decision 15)."""
        service = () if self.service_state in self.template.service_cycle_fsm.states else (self.service_state,)
        payment = () if self.payment_state in self.template.payment_cycle_fsm.states else (self.payment_state,)
        return service + payment

    def with_states(self, *changed: ServiceState) -> "ServicePlan":
        """The same plan with these service states in place of those with the same id."""
        by_id = {each.service_id: each for each in changed}
        return replace(self, service_states=tuple(by_id.get(each.service_id, each) for each in self.service_states))

    def after_swap(self, states: tuple[ServiceState, ...], agent_state: Mapping[str, Any]) -> "ServicePlan":
        """The plan with its services in another state. The services are the same, and so are their roles."""
        changed = replace(self, service_states=states, agent_state=agent_state)
        vars(changed)["_roles"] = self._roles
        return changed

    def after(self, inputs: tuple[FsmInput, ...]) -> tuple["ServicePlan", tuple[FsmInput, ...]]:
        """The plan after these inputs, and the inputs that its states ignored (decision 14)."""
        service, payment, ignored = self.service_state, self.payment_state, []
        for each in inputs:
            if each.cycle == "service_cycle":
                stepped = self.template.service_cycle_fsm.step(service, each.input)
                service = stepped.state
            else:
                stepped = self.template.payment_cycle_fsm.step(payment, each.input)
                payment = stepped.state
            if stepped.ignored:
                ignored.append(each)
        if (service, payment) == (self.service_state, self.payment_state):
            return self, tuple(ignored)
        return replace(self, service_state=service, payment_state=payment), tuple(ignored)

    @cached_property
    def _roles(self) -> Roles:
        return self.template.roles(tuple([each.service_id for each in self.service_states]))

    def _state(self, service_id: str | None) -> ServiceState | None:
        return next((each for each in self.service_states if each.service_id == service_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlans:
    """A page of a round: plans as the platform has them; those that break a rule, by id, with the reason. `cursor` is where to go on, in
    this round while there is `more`, in the next one when there is not.
    """

    plans: tuple[ServicePlan, ...]
    cursor: str
    more: bool
    unreadable: Mapping[str, str] = field(default_factory=dict)


UNLIMITED_FROM = Decimal(100_000)  # decision 7

_BLOCKED_SERVICE_STATES = frozenset({"BATTERY_LOST", "COMPLETE"})

_BLOCKED_PAYMENT_STATES = frozenset({"FINAL_DUE", "COMPLETE"})

_PAY_FIRST_STATES = frozenset({"INITIAL", "DEPOSIT_DUE"})


def first_plan(template: ServicePlanTemplate, plan_id: str, customer_id: str) -> ServicePlan:
    """A plan that begins: the machines' initial states, nothing used, a first visit (decision 24)."""
    return ServicePlan(
        id=plan_id,
        customer_id=customer_id,
        template=template,
        service_state=template.service_cycle_fsm.initial_state,
        payment_state=template.payment_cycle_fsm.initial_state,
        service_states=tuple(
            ServiceState(service_id=each.service_id, used=Decimal(0), quota=each.quota) for each in template.service_configurations
        ),
    )
