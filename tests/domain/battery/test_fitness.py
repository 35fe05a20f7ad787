"""Fit to take back, and fit to hand out: two rules (decisions 12, 56, 57)."""

from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import EMPTY, FULL, FitnessLimits, check_fit, check_issuable, check_reading, is_sensor_broken
from kiosk.domain.errors import BatteryDamaged, BatteryNotIssuable, BatteryUnreadable
from kiosk.domain.messages import message_for
from tests.builders import reading

LIMITS = FitnessLimits()


def why_not_issued(**facts: Any) -> BatteryNotIssuable:
    """Why a battery that may be taken back is not handed out."""
    told = reading(**facts)
    check_fit(told, LIMITS)
    with pytest.raises(BatteryNotIssuable) as refused:
        check_issuable(told, LIMITS)
    return refused.value


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"states": (FULL,)},
        {"states": (EMPTY,), "output_on": True},
        {"unknown_codes": ("0x10",)},
        {"output_on": True},
        {"lowest_cell_volts": Decimal("3.2"), "cell_spread_volts": Decimal("0.3")},
    ],
)
def test_states_codes_without_a_meaning_and_equal_cells_bar_nothing(facts: dict[str, Any]) -> None:
    check_fit(reading(**facts), LIMITS)
    check_issuable(reading(**facts), LIMITS)


def test_a_battery_whose_output_is_off_is_taken_back_and_not_handed_out() -> None:
    message = message_for(why_not_issued(output_on=False))
    assert message.why == "Reason: its output is switched off."
    assert message.steps[0] == "Switch it on in the maker's app, or choose another."
    assert "aside" not in " ".join(message.steps)


def test_an_empty_battery_that_cut_its_output_is_charged_and_not_switched_on() -> None:
    refused = why_not_issued(output_on=False, states=(EMPTY,))
    assert (refused.reasons, refused.output_off) == (("it is empty, and has cut its output",), False)
    assert message_for(refused).steps[0] == "Put it on the charger until it is full."


def test_unequal_cells_are_told_with_the_limit() -> None:
    assert why_not_issued(cell_spread_volts=Decimal("0.301")).reasons == ("its cells differ by 0.301 V, 0.3 V is the most",)
    check_issuable(reading(cell_spread_volts=Decimal("0.301")), FitnessLimits(most_cell_spread=Decimal("0.31")))


def test_every_reason_is_told_at_once() -> None:
    assert len(why_not_issued(output_on=False, cell_spread_volts=Decimal(1)).reasons) == 2


def test_a_fault_is_damage_also_where_the_output_is_off() -> None:
    with pytest.raises(BatteryDamaged, match="short circuit"):
        check_issuable(reading(faults=("short circuit",), output_on=False), LIMITS)


@pytest.mark.parametrize("celsius", ["6280.4", "2550", "215", "150.1", "-50.1", "-273.1"])
def test_a_temperature_that_no_battery_has_is_a_broken_sensor_and_not_heat(celsius: str) -> None:
    assert is_sensor_broken(Decimal(celsius))
    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(reading(temperature_celsius=Decimal(celsius)), LIMITS)
    assert damaged.value.reasons == ("a temperature sensor is broken",)


@pytest.mark.parametrize(("celsius", "reason"), [("150", "too hot, 150 °C"), ("-50", "too cold, -50 °C"), ("60.1", "too hot, 60.1 °C")])
def test_a_temperature_that_can_be_is_judged_by_the_limits(celsius: str, reason: str) -> None:
    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(reading(temperature_celsius=Decimal(celsius)), LIMITS)
    assert damaged.value.reasons == (reason,)


def test_an_empty_battery_that_claims_a_capacity_no_battery_has_is_no_reading() -> None:
    with pytest.raises(BatteryUnreadable, match="10000"):
        check_reading(reading(kwh_remaining=Decimal(0), soc_percent=Decimal(0), full_kwh=Decimal(10000)), LIMITS)
