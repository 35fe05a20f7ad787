"""A page of plans as the platform has them, for the sync of a station."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.domain.plan.service_plan import ServicePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlans:
    """A page of a round: plans as the platform has them; those that break a rule, by id, with the reason. `cursor` is where to go on, in
    this round while there is `more`, in the next one when there is not.
    """

    plans: tuple[ServicePlan, ...]
    cursor: str
    more: bool
    unreadable: Mapping[str, str] = field(default_factory=dict)
