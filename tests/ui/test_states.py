"""The pages behind link, battery reader and printer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.ports import PhaseTime, ReadPhase, ReadTrace
from ui.pages.memory import CounterMemory
from ui.pages.states import read_facts, scanner_view
from ui.pages.words import Here
from ui.status import Status

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = Here(now=NOW, zone=ZoneInfo("Africa/Nairobi"))


def trace(**changes: object) -> ReadTrace:
    facts: dict[str, object] = {
        "asked": "BAT-12345", "started_at": NOW - timedelta(minutes=5), "seconds": 5.64, "outcome": "read", "battery_id": "BAT-12345",
        "phases": (PhaseTime(ReadPhase.LOOKING, 1.2), PhaseTime(ReadPhase.CONNECTING, 4.0), PhaseTime(ReadPhase.READING, 0.44)),
        "rssi": -61, "retries": 1,
    }  # fmt: skip
    return ReadTrace(**{**facts, **changes})  # type: ignore[arg-type]  # facts of several kinds on purpose


def test_a_reading_is_told_with_its_phases_signal_and_retries() -> None:
    assert read_facts(trace(), HERE) == (
        ("BAT-12345, 14:55", "5.6 s"),
        ("1.2 + 4.0 + 0.4 s, 1 again", "\N{MINUS SIGN}61 dBm"),
    )


def test_a_reading_that_failed_is_told_with_its_reason() -> None:
    first, second = read_facts(trace(outcome="it did not answer in time", battery_id="", rssi=None, retries=0), HERE)
    assert first == ("BAT-12345, 14:55", "it did not answer in time")
    assert second[1] == "no signal"


def test_the_last_readings_are_shown_newest_first() -> None:
    reads = tuple(trace(battery_id=f"BAT-{number}") for number in range(5))
    view = scanner_view(Status(practice=False), HERE, reads)
    assert [name.split(",")[0] for name, _ in view.facts[::2]] == ["BAT-4", "BAT-3", "BAT-2"]
    assert view.heading == "Last readings"


def test_a_station_learns_how_long_a_reading_takes_from_its_past_swaps() -> None:
    memory = CounterMemory()
    assert memory.usual_seconds(10) == 6
    memory.learn([3.1, 2.9, 3.0])
    assert memory.usual_seconds(10) == 3


def test_what_was_read_since_counts_more_than_the_past() -> None:
    memory = CounterMemory()
    memory.learn([9.0] * 15)
    memory.learn([2.0] * 30)
    assert memory.usual_seconds(10) == 9
