"""The energy of a swap from its request: kWh as they were read, or worked out from a state of charge (decisions 2, 21, 28, 34)."""

from decimal import Decimal
from typing import NamedTuple

from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BatteryUnreadable
from kiosk.domain.language import tr
from kiosk.domain.plan.issued import counted_kwh
from kiosk.domain.plan.quota import calculate_electricity_usage
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import Exchange


class Energy(NamedTuple):
    """kWh of both batteries, None where it is not given, and the rounded net, None where kWh is not tracked (decision 21).

    `counted_kwh` is what is counted of the incoming one, at most what it went out with (decision 28). `estimated` where one of both was
    worked out from a state of charge, `outgoing_estimated` where the outgoing one was.
    """

    incoming_kwh: Decimal | None
    outgoing_kwh: Decimal | None
    net_kwh: Decimal | None
    estimated: bool
    counted_kwh: Decimal | None = None
    outgoing_estimated: bool = False


def energy_of(request: Exchange, plan: ServicePlan) -> Energy:
    """What the request tells. Raises BatteryUnreadable for a state of charge that cannot be."""
    incoming, outgoing, estimated = request.incoming_kwh, request.outgoing_kwh, False
    if request.incoming_soc_percent is not None or request.outgoing_soc_percent is not None:
        incoming = kwh_of(plan, request.incoming_battery_id or "", incoming, request.incoming_soc_percent)
        outgoing = kwh_of(plan, request.outgoing_battery_id, outgoing, request.outgoing_soc_percent)
        estimated = (incoming, outgoing) != (request.incoming_kwh, request.outgoing_kwh)
    counted = counted_kwh(plan, request.incoming_battery_id, incoming)
    tracked = outgoing if plan.tracks_energy else None
    net_kwh = None if tracked is None else calculate_electricity_usage(counted, tracked, plan.energy_precision)
    return Energy(incoming, outgoing, net_kwh, estimated, counted, outgoing != request.outgoing_kwh)


def kwh_of(plan: ServicePlan, battery_id: str, kwh: Decimal | None, soc_percent: Decimal | None) -> Decimal | None:
    """The energy of one battery: the kWh where they are given, else that percentage of the template's default capacity (decision 34).

    Raises BatteryUnreadable for a percentage that cannot be, also where the kWh count.
    """
    if soc_percent is not None and not 0 <= soc_percent <= 100:
        raise BatteryUnreadable(battery_id, tr("a charge of {soc_percent} % cannot be", soc_percent=soc_percent))
    if kwh is not None or soc_percent is None:
        return kwh
    return to_watt_hours(soc_percent * plan.template.agent_config.electricity_tracking.default_battery_capacity_kwh / 100)
