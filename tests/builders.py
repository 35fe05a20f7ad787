"""Plans, readings and swaps for tests; the specification's numbers unless a test says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.swap.swap import Swap, SwapRules, start_swap, with_new, with_returned
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import plan_from_document, plan_to_document
from kiosk.wire.request_documents import ACTIONS

SPECIFICATION = Path(__file__).parent / "specification"
NOON = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
RULES = SwapRules()
FLEET, ELECTRICITY = "svc-battery-fleet-kenya-premium", "svc-electricity-fuel-kenya"


def specified(name: str) -> Any:
    """One of the specification's examples, verbatim but for comments and layout."""
    return loads((SPECIFICATION / f"{name}.json").read_bytes())


EVENTS = {"service_event", "payment_event"}


def but_events(response: dict[str, Any]) -> dict[str, Any]:
    """A completion's answer without its events: the specification's logic returns them, and its example leaves them out."""
    metadata: dict[str, Any] = response["metadata"]
    assert metadata.keys() >= EVENTS
    return {**response, "metadata": {name: each for name, each in metadata.items() if name not in EVENTS}}


def kwh(text: str) -> Decimal:
    """An amount of energy."""
    return Decimal(text)


def plan_of(**changes: Any) -> ServicePlan:
    """The contract's plan; keyword arguments replace its fields."""
    return replace(plan_from_document(specified("plan")), **changes)


def plan_bytes(plan: ServicePlan) -> bytes:
    """The plan as a file."""
    return dumps(plan_to_document(plan))


def plan_with(
    *, used_kwh: str = "344.5", quota_kwh: str = "400", swaps_used: int = 6, swaps: int = 10, holds: str | None = "BAT-12345"
) -> ServicePlan:
    """The contract's plan with other quotas or another battery held (None: a first visit)."""
    return plan_of().with_states(
        ServiceState(service_id=FLEET, used=Decimal(swaps_used), quota=Decimal(swaps), current_asset=holds),
        ServiceState(service_id=ELECTRICITY, used=Decimal(used_kwh), quota=Decimal(quota_kwh)),
    )


def reading(battery_id: str = "BAT-12345", energy: str | None = "4.8", **changes: Any) -> BatteryTelemetry:
    """A reading of a fit battery; `energy` in kWh."""
    facts: dict[str, Any] = {
        "battery_id": battery_id,
        "kwh_remaining": None if energy is None else Decimal(energy),
        "timestamp": NOON,
        "voltage": Decimal("51.2"),
        "temperature_celsius": Decimal(25),
    }
    return BatteryTelemetry(**facts | changes)


def swap_of(plan: ServicePlan | None = None, correlation_id: str = "TXN-01JHMN5Z000000000000000001") -> Swap:
    """A swap that has just begun."""
    return start_swap(
        plan or plan_of(), correlation_id=correlation_id, plan_as_of=NOON, now=NOON, attendant_id="ATT-001", station_id="STATION_XYZ"
    )


def swap_with_batteries(plan: ServicePlan | None = None, incoming: str = "4.8", outgoing: str = "30.4") -> Swap:
    """A swap with both batteries read; on a first visit only the new one."""
    swap = swap_of(plan)
    if not swap.plan.first_visit:
        swap = with_returned(swap, reading(swap.plan.current_asset or "", incoming), RULES)
    return with_new(swap, reading("BAT-67890", outgoing), RULES)


def rolled_back(plan: ServicePlan | None = None, *without: str) -> ServicePlan:
    """A plan whose template lists every action but COMPLETE_SERVICE, and `without`."""
    plan = plan or plan_of()
    actions = frozenset(ACTIONS) - {"COMPLETE_SERVICE", *without}
    config = replace(plan.template.agent_config, available_actions=actions)
    return replace(plan, template=replace(plan.template, agent_config=config))


def went_out(battery_id: str = "BAT-12345", energy: str | None = "29.1", **changes: Any) -> Issued:
    """A battery as a plan remembers that it went out; the decision's numbers."""
    at = "2025-01-14T17:20:00Z"
    return Issued(battery_id, None if energy is None else Decimal(energy), estimated=False, at=at, station="STATION_XYZ")._replace(
        **changes
    )


def remembering(plan: ServicePlan | None = None, issued: Issued | None = None) -> ServicePlan:
    """A plan that knows what went out last."""
    plan = plan or plan_of()
    return replace(plan, agent_state=(issued or went_out()).state_after(plan.agent_state))


def switched(plan: ServicePlan, **switches: dict[str, bool]) -> ServicePlan:
    """A plan with some of the agent's switches set, by their group: `switched(plan, electricity_tracking={"enabled": False})`."""
    config = plan.template.agent_config
    groups = {group: replace(getattr(config, group), **values) for group, values in switches.items()}
    return replace(plan, template=replace(plan.template, agent_config=replace(config, **groups)))


def priced(plan: ServicePlan, service_id: str, price: str | None) -> ServicePlan:
    """A plan with another price for one of this service; None for no price."""
    changed = None if price is None else Decimal(price)
    services = plan.template.service_configurations
    configured = tuple(replace(each, unit_price=changed) if each.service_id == service_id else each for each in services)
    return replace(plan, template=replace(plan.template, service_configurations=configured))


def unpriced(plan: ServicePlan) -> ServicePlan:
    """A plan whose template has a price for nothing."""
    for each in plan.template.service_configurations:
        plan = priced(plan, each.service_id, None)
    return plan
