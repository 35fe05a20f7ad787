"""What went out is remembered in the plan, and bounds what is counted of what comes back (decision 28).

`agent_state.issued` of a plan is `{"battery_id": "BAT-20417", "kwh": 29.1, "estimated": false, "at": "2025-01-15T10:30:00Z", "station":
"STATION_XYZ"}`: the battery that went out last. `kwh` is null where nobody measured it, `station` where it is not known. What cannot be
read is none: then nothing is bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from kiosk.domain.battery.battery import FitnessLimits, normalise_id
from kiosk.domain.decimals import ZERO

if TYPE_CHECKING:  # a plan after a swap remembers what went out
    from kiosk.domain.plan.service_plan import ServicePlan

KEY = "issued"
_SHARE = Decimal("0.02")  # of the full capacity; and two points of charge, where one was estimated


class Issued(NamedTuple):
    """A battery as it went out: `at` is the time as text (ISO 8601), "" where it is not known, as `station` is; `kwh` is None where it was
    not measured, `estimated` where it was worked out from a state of charge."""

    battery_id: str
    kwh: Decimal | None
    estimated: bool
    at: str
    station: str

    def state_after(self, agent_state: Mapping[str, Any]) -> dict[str, Any]:
        """The agent's state with this in it."""
        battery_id, kwh, estimated, at, station = self
        issued = {"battery_id": normalise_id(battery_id), "kwh": kwh, "estimated": estimated, "at": at or None, "station": station or None}
        return {**agent_state, KEY: issued}

    @property
    def moment(self) -> datetime | None:
        """`at`, where it is a time with its zone."""
        try:
            found = datetime.fromisoformat(self.at)
        except ValueError:
            return None
        return found if found.tzinfo is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedBattery:
    """A battery that comes back: what was read, its full capacity where it tells one, and whether the energy is an estimate."""

    battery_id: str
    kwh: Decimal | None
    full_kwh: Decimal | None = None
    estimated: bool = False


def issued_in(plan: "ServicePlan") -> Issued | None:
    """What the plan remembers; None where it remembers nothing that can be read."""
    kept = plan.agent_state.get(KEY)
    if not isinstance(kept, Mapping) or not isinstance(kept.get("battery_id"), str):
        return None
    at, station = (each if isinstance(each, str) else "" for each in (kept.get("at"), kept.get("station")))
    return Issued(normalise_id(kept["battery_id"]), _energy(kept.get("kwh")), kept.get("estimated") is True, at, station)


def _energy(value: object) -> Decimal | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        kwh = Decimal(value)
        return kwh if kwh.is_finite() and kwh >= 0 else None
    return None


def counted_kwh(plan: "ServicePlan", battery_id: str | None, kwh: Decimal | None) -> Decimal | None:
    """What is counted of the energy of a returned battery: the smaller of what was read and what went out with it. What was not read stays
    None."""
    if kwh is None or KEY not in plan.agent_state:
        return kwh
    issued = _issued_with_energy(plan, battery_id)
    return issued.kwh if issued is not None and kwh.is_finite() and kwh > (issued.kwh or ZERO) else kwh


def _issued_with_energy(plan: "ServicePlan", battery_id: str | None) -> Issued | None:
    """What went out with this battery, None where another one went out last or its energy is not known."""
    issued = issued_in(plan)
    if issued is None or issued.kwh is None or issued.battery_id != normalise_id(battery_id or ""):
        return None
    return issued


def issued_with_less(plan: "ServicePlan", returned: ReturnedBattery, limits: FitnessLimits) -> Issued | None:
    """What went out, where the battery came back with clearly more: more than the larger of `returned_more_kwh`, 2 % of its full capacity,
    and 2 points of charge where one of both is an estimate. None where it did not, and where the template allows to charge at home.
    """
    tracking = plan.template.agent_config.electricity_tracking
    if not tracking.enabled or tracking.home_charging or returned.kwh is None or not returned.kwh.is_finite():
        return None
    issued = _issued_with_energy(plan, returned.battery_id)
    if issued is None or issued.kwh is None:
        return None
    usual = tracking.default_battery_capacity_kwh
    estimated = returned.estimated or issued.estimated
    error = max(limits.returned_more_kwh, (returned.full_kwh or usual) * _SHARE, usual * _SHARE if estimated else ZERO)
    return issued if returned.kwh - issued.kwh > error else None
