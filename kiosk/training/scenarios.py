"""The situations to practise, read from `resources/training/scenarios.json`, and the plan and batteries of one run of one of them.

Every run has its own plan and battery ids, so that a run begun anew meets nothing of the one before. A scenario file that cannot be read
is a bug of ours: it is shipped, and the tests read it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kiosk.domain.language import tr
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.times import iso_utc
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery
from kiosk.station.ports import Scenario
from kiosk.wire.exact_json import loads
from kiosk.wire.plan_documents import read_plan
from kiosk.wire.shipped import plan_text
from resources import read_text

PRACTICE_SUPERVISOR = "SUP-1"  # who may approve in training, beside the station's own; the lessons name it
_PLAN = "bss-plan-weekly-freedom-nairobi-v2-plan1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One scenario as written down. `returned` is the battery that comes back, under its id of run 0, None for a first visit; `issued_kwh`
    what it went out with the day before, None where the plan does not say; `offline`
    keeps the broker away until the swap is complete; `pays_by_phone` has the customer pay what is due while the kiosk waits for it.
    """

    id: str
    title: str
    about: str
    steps: tuple[str, ...]
    customer_name: str
    swaps_used: Decimal
    used_kwh: Decimal
    service_state: str = "BATTERY_ISSUED"
    returned: SimulatedBattery | None = None
    issued_kwh: Decimal | None = None
    refused_receipt: str = ""
    offline: bool = False
    pays_by_phone: bool = False

    def scenario(self, run: int) -> Scenario:
        """As the training screen shows it, in the language of now; the code and the id are those of run number `run`.

        `make words` takes the sentences from the JSON file.
        """
        return Scenario(
            id=self.id,
            title=tr(self.title),
            about=tr(self.about),
            steps=tuple(tr(step) for step in self.steps),
            customer_code=plan_id(self, run),
            new_battery_id=new_id(run),
        )


def read_scripts() -> tuple[Script, ...]:
    """All scenarios, in the order of the training screen."""
    return tuple(_read_script(entry) for entry in loads(read_text("training/scenarios.json")))


def _read_script(entry: dict[str, Any]) -> Script:
    facts = {**entry, "steps": tuple(entry["steps"]), "swaps_used": Decimal(entry["swaps_used"]), "used_kwh": Decimal(entry["used_kwh"])}
    if "issued_kwh" in entry:
        facts["issued_kwh"] = Decimal(entry["issued_kwh"])
    if "returned" in entry:
        back = entry["returned"]
        facts["returned"] = SimulatedBattery(
            asset_id=returned_id(0),
            kwh_remaining=Decimal(back["kwh_remaining"]),
            soc_percent=Decimal(back["soc_percent"]),
            voltage=Decimal(back["voltage"]),
            rssi=-45,
            faults=frozenset(Fault(each) for each in back.get("faults", ())),
            heals_after_links=back.get("heals_after_links"),
        )
    return Script(**facts)


def plan_id(script: Script, run: int) -> str:
    """The customer's code in one run."""
    return f"practice-{script.id.replace('_', '-')}-{run}"


def returned_id(run: int) -> str:
    """The battery that comes back in one run."""
    return f"BAT-{12000 + run}"


def new_id(run: int) -> str:
    """The battery to choose in one run."""
    return f"BAT-{20000 + run}"


def plan_for(script: Script, run: int, now: datetime) -> ServicePlan:
    """The customer's plan: the shipped one with the scenario's numbers."""
    plan = read_plan(plan_text(_PLAN))
    fleet = replace(plan.fleet, used=script.swaps_used, current_asset=returned_id(run) if script.returned else None)
    energy = [replace(plan.electricity, used=script.used_kwh)] if plan.electricity else []
    issued = Issued(returned_id(run), script.issued_kwh, estimated=False, at=iso_utc(now - timedelta(days=1)), station="")
    return replace(
        plan.with_states(fleet, *energy),
        agent_state=plan.agent_state if script.issued_kwh is None else issued.state_after(plan.agent_state),
        id=plan_id(script, run),
        customer_id=f"PRACTICE-{run:03}",
        customer_name=script.customer_name,
        service_state=script.service_state,
    )


def batteries_for(script: Script, run: int) -> tuple[SimulatedBattery, ...]:
    """What is in range: the returned battery, the one to choose, and others that a station has."""
    returned = [replace(script.returned, asset_id=returned_id(run))] if script.returned else []
    return (
        *returned,
        SimulatedBattery(asset_id=new_id(run), kwh_remaining=Decimal("4.6"), voltage=Decimal("74.6"), rssi=-50),
        SimulatedBattery(asset_id="BAT-30388", kwh_remaining=Decimal("4.4"), voltage=Decimal("74.4"), rssi=-61),
        SimulatedBattery(asset_id="BAT-30402", kwh_remaining=Decimal("4.2"), voltage=Decimal("74.1"), rssi=-66),
        SimulatedBattery(asset_id="BAT-39950", kwh_remaining=Decimal("0.3"), voltage=Decimal("68.9"), rssi=-79),
    )
