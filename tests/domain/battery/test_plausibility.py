"""Whether two readings of one battery can both be true."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading, doubts_of
from tests.builders import NOON, reading

HERE, THERE = "STATION-14", "STATION-9"


def judged(energy: str | None, before: str | None, minutes: float, station: str = THERE, **facts: Any) -> list[str]:
    """The doubts about a reading made at noon at HERE, after one made `minutes` earlier at `station`."""
    now = {name.removeprefix("now_"): value for name, value in facts.items() if name.startswith("now_")}
    then = {name.removeprefix("then_"): value for name, value in facts.items() if name.startswith("then_")}
    known = KnownReading(reading=reading("BAT-1", before, timestamp=NOON - timedelta(minutes=minutes), **then), station_id=station)
    return [each.kind.value for each in doubts_of(reading("BAT-1", energy, **now), known, FitnessLimits(), HERE)]


@pytest.mark.parametrize(
    ("energy", "before", "minutes"),
    [
        ("4.4", "0.8", 60),  # charged in an hour
        ("0.8", "4.4", 45),  # ridden empty
        ("30.4", "4.8", 120),
        ("4.4", "4.4", 4),
        ("4.35", "4.4", 4),
        ("4.8", None, 4),  # what is not told is no ground for doubt
        (None, "4.8", 4),
    ],
)
def test_what_a_charger_or_a_motor_can_do_is_no_ground_for_doubt(energy: str | None, before: str | None, minutes: float) -> None:
    assert judged(energy, before, minutes) == []


def test_energy_that_rose_faster_than_any_charger_is_doubted() -> None:
    assert judged("4.4", "0.8", 5) == [DoubtKind.CHARGED]


def test_energy_that_fell_faster_than_any_motor_is_doubted() -> None:
    assert judged("0.5", "30.4", 20) == [DoubtKind.DRAINED]


def test_an_estimate_has_more_room_than_a_reading() -> None:
    room: dict[str, Any] = {"now_full_kwh": Decimal(20), "then_full_kwh": Decimal(20)}
    assert judged("5.0", "2.0", 2, **room) == [DoubtKind.CHARGED]
    assert judged("5.0", "2.0", 2, **room, then_estimated=True) == []


def test_a_last_reading_in_the_future_is_a_wrong_clock_and_nothing_else_is_judged() -> None:
    assert judged("4.4", "0.1", -3, then_full_kwh=Decimal(9), now_full_kwh=Decimal(4)) == [DoubtKind.CLOCK]
    assert judged("4.4", "4.4", -2) == []  # the clocks of two stations may differ by that


def test_another_capacity_is_another_pack() -> None:
    assert judged("4.4", "4.0", 60, now_full_kwh=Decimal("4.5"), then_full_kwh=Decimal("2.2")) == [DoubtKind.CAPACITY]
    assert judged("4.4", "4.0", 60, now_full_kwh=Decimal("4.5"), then_full_kwh=Decimal("4.1")) == []  # it ages
    assert judged("4.4", "4.0", 60, now_full_kwh=Decimal("4.5")) == []


def test_a_battery_read_elsewhere_a_moment_ago_cannot_be_here() -> None:
    assert judged("4.4", "4.4", 0.5) == [DoubtKind.ELSEWHERE]
    assert judged("4.4", "4.4", 0.5, station=HERE.lower()) == []
    assert judged("4.4", "4.4", 0.5, station="") == []
    assert judged("4.4", "4.4", 3) == []


def test_every_doubt_is_told_at_once() -> None:
    assert judged("30", "2", 0.5, now_full_kwh=Decimal(32), then_full_kwh=Decimal(4)) == ["charged", "capacity", "elsewhere"]


def test_the_limits_are_the_fleets_own() -> None:
    known = KnownReading(reading=reading("BAT-1", "4.8", timestamp=NOON - timedelta(minutes=28)))
    now = reading("BAT-1", "30.4")
    assert doubts_of(now, known, FitnessLimits(), HERE) != ()
    assert doubts_of(now, known, FitnessLimits(most_charge_kw=Decimal(60)), HERE) == ()
