"""A battery that came back with more energy than it went out with: what the platform books, and what a person sees of it (decision 28).

The platform books its own calculation, in which no more comes back than went out. A counter whose plan did not say what went out (an older
kiosk, or an older revision of the plan) worked out less for the customer. The request names the readings and no net, so that shows only
where the own calculation would refuse the swap for money: the battery has left, so the readings alone are booked then, with nothing given
back, and the difference waits for a person.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from kiosk.domain.agent.energy import Energy, energy_of
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.decimals import ZERO, plain
from kiosk.domain.errors import KioskError
from kiosk.domain.plan.issued import Issued, ReturnedBattery, issued_in, issued_with_less
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import Exchange
from kiosk.platform.store.store_values import OpenState, ToSettle

PART = "energy"


def plan_by_readings(request: Exchange, plan: ServicePlan) -> ServicePlan:
    """The plan on which the readings alone count, as far as nothing is given back; the same object where that changes nothing."""
    issued, energy = issued_in(plan), _energy(request, plan)
    if issued is None or energy is None or energy.counted_kwh is energy.incoming_kwh:
        return plan
    read = min(energy.incoming_kwh or ZERO, energy.outgoing_kwh or ZERO)
    if read <= (energy.counted_kwh or ZERO):
        return plan
    return replace(plan, agent_state=issued._replace(kwh=read).state_after(plan.agent_state))


def without_energy(plan: ServicePlan) -> ServicePlan:
    """The plan after a completion that names no reading: how much went out is not known."""
    issued = issued_in(plan)
    return plan if issued is None else replace(plan, agent_state=issued._replace(kwh=None).state_after(plan.agent_state))


def to_settle(request: Exchange, plan: ServicePlan, booked: ServicePlan, limits: FitnessLimits) -> tuple[ToSettle, ...]:
    """What a person has to look at, where `plan` is the plan before the swap and `booked` the one that it was worked out from."""
    own, counted = _energy(request, plan), _energy(request, booked)
    if own is None or counted is None:
        return ()
    returned = ReturnedBattery(battery_id=request.incoming_battery_id or "", kwh=own.incoming_kwh, estimated=own.estimated)
    issued = issued_with_less(plan, returned, limits)
    difference = (own.net_kwh or ZERO) - (counted.net_kwh or ZERO)
    sentences = [*_sentences(own, issued, difference)]
    if not sentences:
        return ()
    state = OpenState.BOOKED_LESS if difference > 0 else OpenState.RETURNED_MORE
    return (ToSettle(part=PART, state=state, reason=" ".join(sentences)),)


def _sentences(own: Energy, issued: Issued | None, difference: Decimal) -> Iterator[str]:
    if issued is not None and issued.kwh is not None and own.incoming_kwh is not None:
        where = f" at {issued.station}" if issued.station else ""
        when = f" on {issued.at}" if issued.at else ""
        yield (
            f"{issued.battery_id} came back with {plain(own.incoming_kwh)} kWh. It went out with {plain(issued.kwh)} kWh{where}{when}, "
            f"and no more is counted."
        )
    if difference > 0 and own.net_kwh is not None:
        yield (
            f"The swap takes {plain(own.net_kwh)} kWh, and the plan and the payment cover less: the counter knew nothing of what went out. "
            f"{plain(own.net_kwh - difference)} kWh are booked, {plain(difference)} kWh less."
        )


def _energy(request: Exchange, plan: ServicePlan) -> Energy | None:
    """None where the agent refuses the request for its energy."""
    try:
        return energy_of(request, plan)
    except KioskError:
        return None
