"""Whether two readings of one battery can both be true."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading, doubts_of
from kiosk.domain.messages import doubt_message
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


# ---------------------------------------------------------------- another pack


MAC, OTHER_MAC, MADE_UP = "C8:47:8C:00:10:00", "C8:47:8C:00:10:01", "0000FEED-0000-1000-8000-00805F9B34FB"


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (DoubtKind.SERIAL, {"now_serial": "3052120", "then_serial": "3052121"}),
        (DoubtKind.ADDRESS, {"now_address": MAC, "then_address": OTHER_MAC}),
        (DoubtKind.CYCLES, {"now_cycles": 41, "then_cycles": 42}),
        (DoubtKind.CYCLES, {"now_cycles": 46, "then_cycles": 42}),  # four in an hour
    ],
)
def test_what_another_pack_would_tell_is_doubted(kind: DoubtKind, facts: dict[str, Any]) -> None:
    assert judged("4.4", "4.4", 60, HERE, **facts) == [kind]


@pytest.mark.parametrize(
    "facts",
    [
        {"now_serial": "ab1", "then_serial": "AB1"},
        {"now_serial": "3052120"},
        {"then_address": MAC},
        {"now_address": MAC.lower(), "then_address": MAC},
        {"now_address": MADE_UP, "then_address": MAC},  # what one computer calls it
        {"now_address": MADE_UP, "then_address": MADE_UP.replace("F", "A")},
        {"now_cycles": 43, "then_cycles": 42},
        {"now_cycles": 42, "then_cycles": 42},
        {"now_cycles": 1},
    ],
)
def test_what_the_same_pack_may_tell_is_no_ground_for_doubt(facts: dict[str, Any]) -> None:
    assert judged("4.4", "4.4", 60, HERE, **facts) == []


def test_what_says_that_it_is_another_pack_comes_first() -> None:
    facts: dict[str, Any] = {"now_address": MAC, "then_address": OTHER_MAC, "now_serial": "A1", "then_serial": "B1"}
    assert judged("4.4", "0.8", 1, HERE, **facts) == [DoubtKind.SERIAL, DoubtKind.ADDRESS, DoubtKind.CHARGED]


def test_a_changed_address_is_a_sentence_with_what_to_do() -> None:
    now, before = reading("BAT-1", "4.4", address=MAC), reading("BAT-1", "4.4", address=OTHER_MAC)
    shown = doubt_message(doubts_of(now, KnownReading(reading=before, station_id=HERE), FitnessLimits(), HERE), UTC, paid=False)
    assert shown is not None
    assert shown.lines == (f"BAT-1: radio {MAC} at {NOON:%H:%M}, but radio {OTHER_MAC} at {HERE} at {NOON:%H:%M}: it may be another pack.",)
    assert shown.advice == "Go back, read again. The same? Ask the supervisor."


@pytest.mark.parametrize(
    ("facts", "words"), [({"serial": "A\u202e1"}, "serial A1 at"), ({"cycles": 1}, "1 cycle at"), ({"cycles": 7}, "7 cycles at")]
)
def test_serial_and_cycles_are_told_in_words(facts: dict[str, Any], words: str) -> None:
    now, before = reading("BAT-1", "4.4", **facts), reading("BAT-1", "4.4", serial="B2", cycles=90)
    shown = doubt_message(doubts_of(now, KnownReading(reading=before), FitnessLimits(), HERE), UTC, paid=False)
    assert shown is not None
    assert words in shown.lines[0]
