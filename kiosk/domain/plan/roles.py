"""Which service does what in a plan (decision 6), as facts to compare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.language import mark, tr
from kiosk.domain.plan.service_plan import ServiceState, first_plan
from kiosk.domain.plan.template import ServicePlanTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The ids of the services in each role; None where no service has it, or where electricity is switched off."""

    electricity: str | None
    fleet: str | None
    swap_count: str | None

    @classmethod
    def of(cls, template: ServicePlanTemplate, service_ids: Iterable[str]) -> "Roles":
        """The roles among these services, in this order, of a plan on `template`."""
        states = tuple(ServiceState(service_id=each, used=ZERO, quota=ZERO) for each in service_ids)
        plan = replace(first_plan(template, "", ""), service_states=states)
        electricity = None if plan.electricity is None else plan.electricity.service_id
        try:
            return cls(electricity=electricity, fleet=plan.fleet.service_id, swap_count=plan.swap_count.service_id)
        except PlanInvalid:  # no service tracks a battery
            return cls(electricity=electricity, fleet=None, swap_count=None)

    @classmethod
    def in_template(cls, template: ServicePlanTemplate) -> "Roles":
        """The roles in a plan made from this template."""
        return cls.of(template, (each.service_id for each in template.service_configurations))

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
