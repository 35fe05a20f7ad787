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
from kiosk.domain.language import mark, tr
from kiosk.domain.plan.fsm import MealyFSM
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
        *_of_machine(_SERVICE_CYCLE, old.service_cycle_fsm, new.service_cycle_fsm),
        *_of_machine(_PAYMENT_CYCLE, old.payment_cycle_fsm, new.payment_cycle_fsm),
        *_of_actions(old.agent_config, new.agent_config),
        *_of_parameters(old.agent_config, new.agent_config),
    )


def _of_fields(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    nothing = tr("nothing")
    for name in (*_WORDS, *_RULES):
        before, after = getattr(old, name), getattr(new, name)
        if before != after and name in _WORDS:
            yield Difference(bump=Bump.PATCH, what=tr("the {name} is worded anew", name=name))
        elif before != after:
            what = tr("{name} is {after}, not {before}", name=name, after=after or nothing, before=before or nothing)
            yield Difference(bump=Bump.MAJOR, what=what)


def _of_terms(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    before, after = old.contract_terms, new.contract_terms
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            bump = Bump.PATCH if name in _WORDS_OF_TERMS else Bump.MAJOR
            yield Difference(bump=bump, what=tr("the contract term {name} changes", name=name))


def _of_services(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    for before in old.service_configurations:
        after = new.configuration(before.service_id)
        if after is None:
            yield Difference(bump=Bump.MAJOR, what=tr("the service {service_id} is removed", service_id=before.service_id))
        else:
            yield from _of_service(before, after)
    for after in new.service_configurations:
        if old.configuration(after.service_id) is None:
            yield Difference(bump=Bump.MINOR, what=tr("the service {service_id} is added", service_id=after.service_id))


def _of_service(old: ServiceConfiguration, new: ServiceConfiguration) -> Iterator[Difference]:
    bumps = {"name": Bump.PATCH, "quota": Bump.MINOR if min(old.quota, new.quota) >= UNLIMITED_FROM else Bump.MAJOR}
    for each in fields(ServiceConfiguration):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before != after:
            spell = quota_words if each.name == "quota" else spelled
            yield Difference(
                bump=bumps.get(each.name, Bump.MAJOR),
                what=tr(
                    "{name} of {service_id} is {after}, not {before}",
                    name=each.name,
                    service_id=old.service_id,
                    after=spell(after),
                    before=spell(before),
                ),
            )


def spelled(value: object) -> str:
    """A value of a template as people read it."""
    if value is None:
        return tr("nothing")
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return plain(value) if isinstance(value, Decimal) else str(value)


def quota_words(quota: Decimal) -> str:
    """A quota as people read it (decision 7)."""
    return tr("unlimited") if quota >= UNLIMITED_FROM else plain(quota)


def _of_roles(old: ServicePlanTemplate, new: ServicePlanTemplate) -> Iterator[Difference]:
    """A service may take over a role without a word being changed, by its id or its place alone (decision 6)."""
    for each in old.own_roles.changes(new.own_roles):
        yield Difference(bump=Bump.MAJOR, what=each.sentence)


_SERVICE_CYCLE = (
    mark("the service cycle is {after}, not {before}"),
    mark("the service cycle begins in {after}, not {before}"),
    mark("the service cycle loses the state {state}"),
    mark("the service cycle gains the state {state}"),
    mark("the service cycle answers otherwise to {input} in {state}"),
)
_PAYMENT_CYCLE = (
    mark("the payment cycle is {after}, not {before}"),
    mark("the payment cycle begins in {after}, not {before}"),
    mark("the payment cycle loses the state {state}"),
    mark("the payment cycle gains the state {state}"),
    mark("the payment cycle answers otherwise to {input} in {state}"),
)


def _of_machine(sentences: tuple[str, str, str, str, str], old: MealyFSM, new: MealyFSM) -> Iterator[Difference]:
    renamed, begins, loses, gains, answers = sentences
    if old.id != new.id:
        yield Difference(bump=Bump.PATCH, what=tr(renamed, after=new.id, before=old.id))
    if old.initial_state != new.initial_state:
        yield Difference(bump=Bump.MAJOR, what=tr(begins, after=new.initial_state, before=old.initial_state))
    for state in sorted({*old.states} - {*new.states}):
        yield Difference(bump=Bump.MAJOR, what=tr(loses, state=state))
    for state in sorted({*new.states} - {*old.states}):
        yield Difference(bump=Bump.MINOR, what=tr(gains, state=state))
    yield from _of_transitions(answers, old, new)


def _of_transitions(answers: str, old: MealyFSM, new: MealyFSM) -> Iterator[Difference]:
    before = {(each.state, each.input): each for each in old.transitions}
    after = {(each.state, each.input): each for each in new.transitions}
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            state, given = key
            yield Difference(bump=Bump.MAJOR if state in old.states else Bump.MINOR, what=tr(answers, input=given, state=state))


def _of_actions(old: AgentConfig, new: AgentConfig) -> Iterator[Difference]:
    before, after = old.available_actions, new.available_actions
    if before == after:
        return
    if before is None or after is None:
        yield Difference(
            bump=Bump.MAJOR, what=tr("every action is available") if after is None else tr("not every action is available any more")
        )
        return
    for action in sorted(before - after):
        yield Difference(bump=Bump.MAJOR, what=tr("the action {action} is removed", action=action))
    for action in sorted(after - before):  # with COMPLETE_SERVICE a counter completes in another way
        yield Difference(
            bump=Bump.MAJOR if action == CompleteService.action else Bump.MINOR, what=tr("the action {action} is added", action=action)
        )


def _of_parameters(old: AgentConfig, new: AgentConfig) -> Iterator[Difference]:
    for part in ("electricity_tracking", "service_completion", "quota_validation", "payment"):
        before, after = getattr(old, part), getattr(new, part)
        for each in fields(before):
            was, now = getattr(before, each.name), getattr(after, each.name)
            if was != now:
                yield Difference(
                    bump=Bump.MAJOR,
                    what=tr("{part}.{name} is {now}, not {was}", part=part, name=each.name, now=spelled(now), was=spelled(was)),
                )
