"""Which service does what in a plan (decision 6), as facts to compare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import PlanInvalid
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

    def compared(self, other: "Roles") -> Iterator[tuple[str, str | None, str | None]]:
        """Every role that is another service's there: a phrase that goes on with "by", the service here, the service there."""
        roles = (
            ("energy is counted", self.electricity, other.electricity),
            ("the battery is tracked", self.fleet, other.fleet),
            ("swaps are counted", self.swap_count, other.swap_count),
        )
        yield from (each for each in roles if each[1] != each[2])
