"""What differs between two versions of a template, and which number of the version that raises (decision 23).

- Words for people (names, descriptions, the words of the terms): a patch.
- An addition that no running plan can notice: minor. That is a service that takes over no role, an action beside the others, states and
  transitions that no plan can be in, a higher one of two unlimited quotas.
- Everything else is major: a number, a price, a removal, a rule, any term that is more than words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from kiosk.domain.decimals import plain
from kiosk.domain.plan.fsm import MealyFSM
from kiosk.domain.plan.roles import Roles
from kiosk.domain.plan.service_plan import UNLIMITED_FROM
from kiosk.domain.plan.template import AgentConfig, ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.requests import CompleteService
from kiosk.domain.templates.semantic_version import Bump

_WORDS = ("name", "description")
_RULES = ("country_code", "legal_jurisdiction", "billing_currency")
_WORDS_OF_TERMS = frozenset({"name", "title", "description", "summary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference as a phrase, and the least that it asks of the version."""

    bump: Bump
    what: str


def needed_bump(found: Iterable[Difference]) -> Bump:
    """The greatest of them; NONE where nothing differs."""
    return max((each.bump for each in found), default=Bump.NONE)


def differences(old: ServicePlanTemplate, new: ServicePlanTemplate) -> tuple[Difference, ...]:
    """All differences but id, version and status, in the order of the template's fields."""
    return (
        *_of_fields(old, new),
        *_of_terms(old, new),
        *_of_services(old, new),
        *_of_roles(old, new),
        *_of_machine("service cycle", old.service_cycle_fsm, new.service_cycle_fsm),
        *_of_machine("payment cycle", old.payment_cycle_fsm, new.payment_cycle_fsm),
        *_of_actions(old.agent_config, new.agent_config),
        *_of_parameters(old.agent_config, new.agent_config),
    )


def _of_fields(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    for name in (*_WORDS, *_RULES):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            words = name in _WORDS
            what = f"the {name} is worded anew" if words else f"{name} is {after or 'nothing'}, not {before or 'nothing'}"
            yield Difference(bump=Bump.PATCH if words else Bump.MAJOR, what=what)


def _of_terms(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    before, after = old.contract_terms, new.contract_terms
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            words = name in _WORDS_OF_TERMS
            yield Difference(bump=Bump.PATCH if words else Bump.MAJOR, what=f"the contract term {name} changes")


def _of_services(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    for before in old.service_configurations:
        after = new.configuration(before.service_id)
        if after is None:
            yield Difference(bump=Bump.MAJOR, what=f"the service {before.service_id} is removed")
        else:
            yield from _of_service(before, after)
    for after in new.service_configurations:
        if old.configuration(after.service_id) is None:
            yield Difference(bump=Bump.MINOR, what=f"the service {after.service_id} is added")


def _of_service(old: ServiceConfiguration, new: ServiceConfiguration) -> Iterator[Difference]:
    both_unlimited = min(old.quota, new.quota) >= UNLIMITED_FROM
    bumps = {"name": Bump.PATCH, "quota": Bump.MINOR if both_unlimited else Bump.MAJOR}
    for each in fields(ServiceConfiguration):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before != after:
            spell = quota_words if each.name == "quota" else spelled
            what = f"{each.name} of {old.service_id} is {spell(after)}, not {spell(before)}"
            yield Difference(bump=bumps.get(each.name, Bump.MAJOR), what=what)


def spelled(value: object) -> str:
    """A value of a template as people read it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    return plain(value) if isinstance(value, Decimal) else str(value)


def quota_words(quota: Decimal) -> str:
    """A quota as people read it (decision 7)."""
    return "unlimited" if quota >= UNLIMITED_FROM else plain(quota)


def _of_roles(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    """A service may take over a role without a word being changed, by its id or its place alone (decision 6)."""
    for what, was, now in Roles.in_template(old).compared(Roles.in_template(new)):
        yield Difference(bump=Bump.MAJOR, what=f"{what} by {now or 'nothing'}, not {was or 'nothing'}")


def _of_machine(name: str, old: MealyFSM, new: MealyFSM) -> Iterator[Difference]:
    if old.id != new.id:
        yield Difference(bump=Bump.PATCH, what=f"the {name} is {new.id}, not {old.id}")
    if old.initial_state != new.initial_state:
        yield Difference(bump=Bump.MAJOR, what=f"the {name} begins in {new.initial_state}, not {old.initial_state}")
    for state in sorted({*old.states} - {*new.states}):
        yield Difference(bump=Bump.MAJOR, what=f"the {name} loses the state {state}")
    for state in sorted({*new.states} - {*old.states}):
        yield Difference(bump=Bump.MINOR, what=f"the {name} gains the state {state}")
    yield from _of_transitions(name, old, new)


def _of_transitions(name: str, old: MealyFSM, new: MealyFSM) -> Iterator[Difference]:
    before = {(each.state, each.input): each for each in old.transitions}
    after = {(each.state, each.input): each for each in new.transitions}
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            bump = Bump.MAJOR if key[0] in old.states else Bump.MINOR
            yield Difference(bump=bump, what=f"the {name} answers otherwise to {key[1]} in {key[0]}")


def _of_actions(old: AgentConfig, new: AgentConfig) -> Iterator[Difference]:
    before, after = old.available_actions, new.available_actions
    if before == after:
        return
    if before is None or after is None:
        what = "every action is available" if after is None else "not every action is available any more"
        yield Difference(bump=Bump.MAJOR, what=what)
        return
    for action in sorted(before - after):
        yield Difference(bump=Bump.MAJOR, what=f"the action {action} is removed")
    for action in sorted(after - before):  # with COMPLETE_SERVICE a counter completes in another way
        bump = Bump.MAJOR if action == CompleteService.action else Bump.MINOR
        yield Difference(bump=bump, what=f"the action {action} is added")


def _of_parameters(old: AgentConfig, new: AgentConfig) -> Iterator[Difference]:
    for part in ("electricity_tracking", "service_completion", "quota_validation", "payment"):
        before, after = getattr(old, part), getattr(new, part)
        for each in fields(before):
            was, now = getattr(before, each.name), getattr(after, each.name)
            if was != now:
                yield Difference(bump=Bump.MAJOR, what=f"{part}.{each.name} is {spelled(now)}, not {spelled(was)}")
