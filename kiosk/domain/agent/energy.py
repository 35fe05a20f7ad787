"""The energy of a swap from its request: kWh as they were read, or worked out from a state of charge (decisions 2, 21, 34)."""

from decimal import Decimal
from typing import NamedTuple

from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BatteryUnreadable
from kiosk.domain.language import tr
from kiosk.domain.plan.quota import calculate_electricity_usage
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import Exchange


class Energy(NamedTuple):
    """kWh of both batteries, None where it is not given, and the rounded net, None where kWh is not tracked (decision 21).

    `estimated` where one of them was worked out from a state of charge.
    """

    incoming_kwh: Decimal | None
    outgoing_kwh: Decimal | None
    net_kwh: Decimal | None
    estimated: bool


def energy_of(request: Exchange, plan: ServicePlan) -> Energy:
    """What the request tells. Raises BatteryUnreadable for a state of charge that cannot be."""
    incoming, outgoing, estimated = request.incoming_kwh, request.outgoing_kwh, False
    if request.incoming_soc_percent is not None or request.outgoing_soc_percent is not None:
        incoming = kwh_of(plan, request.incoming_battery_id or "", incoming, request.incoming_soc_percent)
        outgoing = kwh_of(plan, request.outgoing_battery_id, outgoing, request.outgoing_soc_percent)
        estimated = (incoming, outgoing) != (request.incoming_kwh, request.outgoing_kwh)
    tracked = outgoing if plan.tracks_energy else None
    net_kwh = None if tracked is None else calculate_electricity_usage(incoming, tracked, plan.energy_precision)
    return Energy(incoming_kwh=incoming, outgoing_kwh=outgoing, net_kwh=net_kwh, estimated=estimated)


def kwh_of(plan: ServicePlan, battery_id: str, kwh: Decimal | None, soc_percent: Decimal | None) -> Decimal | None:
    """The energy of one battery: the kWh where they are given, else that percentage of the template's default capacity (decision 34).

    Raises BatteryUnreadable for a percentage that cannot be, also where the kWh count.
    """
    if soc_percent is not None and not 0 <= soc_percent <= 100:
        raise BatteryUnreadable(battery_id, tr("a charge of {soc_percent} % cannot be", soc_percent=soc_percent))
    if kwh is not None or soc_percent is None:
        return kwh
    return to_watt_hours(soc_percent * plan.template.agent_config.electricity_tracking.default_battery_capacity_kwh / 100)
