"""What a running contract relies on, what of it another template version would break, and a plan moved to that version (decision 23).

Many plans rely on the same: those that pinned the same version, with the same services, in the same states. `InUse` is such a group; a
single plan is a group of one. So a refinement is validated against a million plans by looking at a few dozen groups, and a migration
decides on one plan by the same rules: what the validation lets pass can be moved.

A new price is no break: plans keep their price until they are moved, and the dry run shows it. A price that goes away is one. Switching
electricity off, and leaving COMPLETE_SERVICE to the older sequence, are the rollbacks of decision 21 and no breaks.

A plan is moved whole or not at all. What was used stays used and the battery stays with its customer. A quota becomes the new version's,
plus what the plan had above its old version's: what was paid for as a top-up is not lost. A service that is new begins at 0. The states
stay; they must exist in the new machines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

from kiosk.domain.decimals import ZERO, plain, trimmed
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.plan.fsm import MealyFSM
from kiosk.domain.plan.service_plan import UNLIMITED_FROM, ServicePlan, ServiceState
from kiosk.domain.plan.template import AgentConfig, ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.requests import CompleteService, CompletionStep, Request
from kiosk.domain.templates.refinement import differences, quota_words

ENDED = "COMPLETE"  # the service cycle of a plan that does not run any more
_ACTIONS = tuple(each.action for each in get_args(Request))
_OLDER_SEQUENCE = tuple(each.action for each in get_args(CompletionStep))


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """Running plans that rely on the same: their pinned template, services in their order, states and currency. `plans` counts them."""

    template: ServicePlanTemplate
    service_ids: tuple[str, ...]
    service_state: str
    payment_state: str
    currency: str | None = None
    plans: int = 1

    @classmethod
    def by(cls, plan: ServicePlan) -> "InUse":
        """What one plan relies on."""
        return cls(
            template=plan.template,
            service_ids=tuple(each.service_id for each in plan.service_states),
            service_state=plan.service_state,
            payment_state=plan.payment_state,
            currency=plan.currency,
        )


def contract_breaks(new: ServicePlanTemplate, used: Iterable[InUse]) -> tuple[str, ...]:
    """Every reason why `new` would break a running contract, as phrases with the number of plans; empty where it breaks none."""
    counted: dict[str, int] = {}
    for each in used:
        for reason in breaks_of(new, each):
            counted[reason] = counted.get(reason, 0) + each.plans
    return tuple(
        tr_count("{reason} ({count} running plan)", "{reason} ({count} running plans)", plans, reason=reason)
        for reason, plans in counted.items()
    )


def breaks_of(new: ServicePlanTemplate, use: InUse) -> tuple[str, ...]:
    """Every reason of one group, as phrases, each once."""
    return tuple(
        dict.fromkeys(
            (
                *_places(new, use),
                *_services(new, use),
                *_roles(new, use),
                *_state(_SERVICE_CYCLE, use.template.service_cycle_fsm, new.service_cycle_fsm, use.service_state),
                *_state(_PAYMENT_CYCLE, use.template.payment_cycle_fsm, new.payment_cycle_fsm, use.payment_state),
                *_actions(use.template.agent_config, new.agent_config),
            )
        )
    )


def _places(new: ServicePlanTemplate, use: InUse) -> Iterator[str]:
    old = use.template
    for sentence, before, after in (
        (mark("the currency is {after}, not {before}"), use.currency or old.billing_currency, new.billing_currency),
        (mark("the country is {after}, not {before}"), old.country_code, new.country_code),
        (mark("the jurisdiction is {after}, not {before}"), old.legal_jurisdiction, new.legal_jurisdiction),
    ):
        if before and before != after:
            yield tr(sentence, after=after or tr("nothing"), before=before)


def _services(new: ServicePlanTemplate, use: InUse) -> Iterator[str]:
    for service_id in use.service_ids:
        before, after = use.template.configuration(service_id), new.configuration(service_id)
        if after is None:
            yield tr("the service {service_id} is gone", service_id=service_id)
        elif before is not None:
            yield from _service(before, after)


def _service(old: ServiceConfiguration, new: ServiceConfiguration) -> Iterator[str]:
    if new.quota < min(old.quota, UNLIMITED_FROM):
        yield tr(
            "the quota of {service_id} falls from {before} to {after}",
            service_id=old.service_id,
            before=quota_words(old.quota),
            after=quota_words(new.quota),
        )
    if old.unit_price and not new.unit_price:
        yield tr("{service_id} has no price any more, so nobody could top it up", service_id=old.service_id)


def _roles(new: ServicePlanTemplate, use: InUse) -> Iterator[str]:
    """`used` must go on counting the same thing."""
    before, after = use.template.roles(use.service_ids), new.own_roles
    switched_off = not new.agent_config.electricity_tracking.enabled
    for each in before.changes(after):
        rollback = switched_off and each.before == before.electricity
        if each.before and not rollback and new.configuration(each.before) is not None:
            yield each.sentence


_SERVICE_CYCLE = (mark("the service cycle has no state {state}"), mark("the service cycle has no way on from {state}"))
_PAYMENT_CYCLE = (mark("the payment cycle has no state {state}"), mark("the payment cycle has no way on from {state}"))


def _state(sentences: tuple[str, str], old: MealyFSM, new: MealyFSM, state: str) -> Iterator[str]:
    missing, stuck = sentences
    if state not in new.states:
        yield tr(missing, state=state)
    elif _leads_on(old, state) and not _leads_on(new, state):
        yield tr(stuck, state=state)


def _leads_on(machine: MealyFSM, state: str) -> bool:
    return any(each.state == state != each.next_state for each in machine.transitions)


def _actions(old: AgentConfig, new: AgentConfig) -> Iterator[str]:
    gone = [each for each in _ACTIONS if old.allows(each) and not new.allows(each)]
    older_is_there = all(new.allows(each) for each in _OLDER_SEQUENCE)
    for action in gone:
        if action != CompleteService.action or not older_is_there:
            yield tr("the action {action} is gone", action=action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The plan on the new version, and what changed, as phrases."""

    plan: ServicePlan
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotMove:
    """Every reason, as phrases."""

    reasons: tuple[str, ...]


def migrate(plan: ServicePlan, target: ServicePlanTemplate) -> Moved | CannotMove:
    """The plan on `target`, or why it cannot get there. Nothing is raised."""
    reasons = breaks_of(target, InUse.by(plan))
    if reasons:
        return CannotMove(reasons=reasons)
    moved = replace(plan, template=target, service_states=tuple(_moved_state(plan, each) for each in target.service_configurations))
    return Moved(plan=moved, changes=(*_changed_quotas(plan, moved), *_changed_terms(plan.template, target)))


def _moved_state(plan: ServicePlan, target: ServiceConfiguration) -> ServiceState:
    now = next((each for each in plan.service_states if each.service_id == target.service_id), None)
    if now is None:
        return ServiceState(service_id=target.service_id, used=ZERO, quota=target.quota)
    before = plan.template.configuration(target.service_id)
    return replace(now, quota=max(now.quota, target.quota) if before is None else trimmed(target.quota + now.quota - before.quota))


def _changed_quotas(before: ServicePlan, after: ServicePlan) -> tuple[str, ...]:
    had = {each.service_id: each.quota for each in before.service_states}
    return tuple(
        tr(
            "the quota of {service_id} becomes {quota}, used stays {used}",
            service_id=each.service_id,
            quota=quota_words(each.quota),
            used=plain(each.used),
        )
        for each in after.service_states
        if each.quota != had.get(each.service_id)
    )


def _changed_terms(old: ServicePlanTemplate, new: ServicePlanTemplate) -> tuple[str, ...]:
    """What differs besides the quotas, which are the plan's own."""
    quotas = {each.service_id: each.quota for each in new.service_configurations}
    same = tuple(replace(each, quota=quotas.get(each.service_id, each.quota)) for each in old.service_configurations)
    return tuple(each.what for each in differences(replace(old, service_configurations=same), new))
