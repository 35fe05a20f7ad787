"""May this customer swap? Said when the customer is found, before any battery is read by hand. Pure.

A plan that may not swap by its states is refused before there is a swap (decision 15). Here the quotas and their prices are looked at: a
swap needs both (decision 7). `YES` holds only where nothing is short and nothing is unknown; `NO` only where no battery of the station
could be handed out; all between is `DOUBT`, for a person to look at.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits
from kiosk.domain.decimals import ZERO
from kiosk.domain.plan.issued import counted_kwh
from kiosk.domain.plan.quota import tolerance
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Swap, SwapRules

RENEWAL_DUE = "RENEWAL_DUE"


class Answer(StrEnum):
    """May swap: yes, no, or a person has to look."""

    YES = "yes"
    NO = "no"
    DOUBT = "doubt"


class Ground(StrEnum):
    """Why the answer is what it is."""

    COVERED = "covered"  # both quotas have something left
    SWAPS_TO_PAY = "swaps to pay"  # no swap is left, and one has a price
    SWAPS_USED_UP = "swaps used up"  # no swap is left, and none has a price
    ENERGY_TO_PAY = "energy to pay"  # too little energy is left, and it has a price
    ENERGY_USED_UP = "energy used up"  # the same without a price, whatever battery is chosen
    ENERGY_LITTLE = "energy little"  # the same, while the returned battery may still make up for it
    STATE_UNKNOWN = "state unknown"  # a state that the template does not know
    RENEWAL = "renewal"  # the plan may swap and its renewal is due


ANSWERS = {
    Ground.COVERED: Answer.YES,
    Ground.SWAPS_TO_PAY: Answer.DOUBT,
    Ground.SWAPS_USED_UP: Answer.NO,
    Ground.ENERGY_TO_PAY: Answer.DOUBT,
    Ground.ENERGY_USED_UP: Answer.NO,
    Ground.ENERGY_LITTLE: Answer.DOUBT,
    Ground.STATE_UNKNOWN: Answer.DOUBT,
    Ground.RENEWAL: Answer.DOUBT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapVerdict:
    """`price` is that of one swap or of one kWh, in the plan's currency, where the ground is one to pay."""

    ground: Ground
    price: Decimal | None = None

    @property
    def answer(self) -> Answer:
        return ANSWERS[self.ground]


def verdict_of(plan: ServicePlan, limits: FitnessLimits, returned_kwh: Decimal | None = None) -> SwapVerdict:
    """The verdict on a plan, less what is pending. `returned_kwh` is what is counted of the battery that comes back, once it was read."""
    swaps, energy = _of_swaps(plan), _of_energy(plan, limits, returned_kwh)
    short = [each for each in (swaps, energy) if each is not None]
    for answer in (Answer.NO, Answer.DOUBT):
        worst = next((each for each in short if each.answer is answer), None)
        if worst is not None:
            return worst
    if plan.unknown_states:
        return SwapVerdict(ground=Ground.STATE_UNKNOWN)
    return SwapVerdict(ground=Ground.RENEWAL if plan.payment_state == RENEWAL_DUE else Ground.COVERED)


def verdict_on(swap: Swap, rules: SwapRules, reading: BatteryTelemetry | None = None) -> SwapVerdict:
    """The verdict on a swap; `reading` is that of the battery that comes back, where it is not part of the swap yet."""
    returned = swap.counted_kwh
    if returned is None and reading is not None:
        returned = counted_kwh(swap.plan, reading.battery_id, reading.kwh_remaining)
    return verdict_of(swap.plan, rules.limits, returned)


def _of_swaps(plan: ServicePlan) -> SwapVerdict | None:
    """None where a swap is left."""
    state = plan.swap_count
    if state.unlimited or state.remaining >= 1:
        return None
    price = _price(plan, state)
    return SwapVerdict(ground=Ground.SWAPS_TO_PAY if price else Ground.SWAPS_USED_UP, price=price)


def _of_energy(plan: ServicePlan, limits: FitnessLimits, returned_kwh: Decimal | None) -> SwapVerdict | None:
    """None where something is left and enough of it for the battery with the least charge that is handed out, or where energy is not
    counted."""
    state = plan.electricity
    if state is None or state.unlimited:
        return None
    known = plan.first_visit or returned_kwh is not None
    allowed = tolerance(plan) if state.remaining >= 0 else ZERO
    covers = state.remaining + allowed + (returned_kwh or ZERO)
    if state.remaining > 0 and covers >= limits.least_issue_kwh:
        return None
    price = _price(plan, state)
    if price:
        return SwapVerdict(ground=Ground.ENERGY_TO_PAY, price=price)
    hopeless = known and covers < limits.least_issue_kwh
    return SwapVerdict(ground=Ground.ENERGY_USED_UP if hopeless else Ground.ENERGY_LITTLE)


def _price(plan: ServicePlan, state: ServiceState) -> Decimal | None:
    """None where it is not known or has no currency: then it cannot be paid (decision 5)."""
    return (plan.unit_price(state) or None) if plan.billing_currency else None
