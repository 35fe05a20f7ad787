"""The agent tells where the last reading known contradicts the counter's (specification 3.1, "for logging/verification")."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.requests import IdentifyOutgoingEquipment, IdentifyReturnedEquipment
from tests.builders import NOON, kwh, plan_of, reading

ASKS = {IdentifyReturnedEquipment: "BAT-12345", IdentifyOutgoingEquipment: "BAT-67890"}
Asks = type[IdentifyReturnedEquipment] | type[IdentifyOutgoingEquipment]


def told(asks: Asks, energy: str | None, *, before: str | None = "4.8", minutes: int = 60, station: str = "HERE", **changes: Any) -> Any:
    """The answer's `verification`, None where there is none; `minutes` ago the last reading was made, at station THERE."""
    battery = ASKS[asks]
    last = KnownReading(reading=reading(battery, before, timestamp=NOON - timedelta(minutes=minutes), **changes), station_id="THERE")
    request = asks(equipment_id=battery, telemetry=reading(battery, energy), attendant_station=station)
    result = service_agent(request, plan_of(), AgentContext(now=NOON, last_reading=last))
    assert result.signals in (("EQUIPMENT_BELONGS_TO_USER",), ("EQUIPMENT_AVAILABLE",))
    return result.metadata.get("verification")


@pytest.mark.parametrize("asks", ASKS)
def test_a_reading_that_no_charger_could_bring_about_is_told_with_the_last(asks: Asks) -> None:
    assert told(asks, "30.4") == {"last_kwh": kwh("4.8"), "at": "2025-01-15T09:30:00Z", "station": "THERE", "doubt": "charged"}


@pytest.mark.parametrize("asks", ASKS)
@pytest.mark.parametrize(
    ("energy", "changes", "doubt"),
    [("0.6", {"before": "30"}, "drained"), ("4.8", {"minutes": -10}, "clock"), ("4.8", {"minutes": 0}, "elsewhere")],
)
def test_each_rule_has_its_name(asks: Asks, energy: str, changes: dict[str, Any], doubt: str) -> None:
    assert told(asks, energy, **changes)["doubt"] == doubt


@pytest.mark.parametrize("asks", ASKS)
@pytest.mark.parametrize(
    "changes", [{}, {"minutes": 180, "before": "0.7"}, {"before": None}, {"minutes": 0, "station": "THERE"}, {"minutes": 0, "station": ""}]
)
def test_readings_that_can_both_be_true_are_not_told(asks: Asks, changes: dict[str, Any]) -> None:
    assert told(asks, "4.8", **changes) is None


@pytest.mark.parametrize("asks", ASKS)
def test_the_limits_of_fitness_decide(asks: Asks) -> None:
    limits = FitnessLimits(most_charge_kw=kwh("100"))
    last = KnownReading(reading=reading(ASKS[asks], "4.8", timestamp=NOON - timedelta(hours=1)))
    request = asks(equipment_id=ASKS[asks], telemetry=reading(ASKS[asks], "30.4"))
    context = AgentContext(now=NOON, last_reading=last)
    answers = [service_agent(request, plan_of(), each).metadata for each in (context, replace(context, limits=limits))]
    assert [each.get("verification", {}).get("station", "none") for each in answers] == [None, "none"]


@pytest.mark.parametrize("asks", ASKS)
def test_without_a_last_reading_there_is_nothing_to_verify(asks: Asks) -> None:
    request = asks(equipment_id=ASKS[asks], telemetry=reading(ASKS[asks], "30.4"))
    assert "verification" not in service_agent(request, plan_of(), AgentContext(now=NOON)).metadata
