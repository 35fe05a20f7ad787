"""The pages behind link, battery reader and printer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.station.ports import PhaseTime, ReadPhase, ReadTrace, Sighting
from ui.pages.formatting import StationTime
from ui.pages.overlays.status_pages import Status, read_lines, scanner_view
from ui.pages.session_memory import SessionMemory

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = StationTime(now=NOW, zone=ZoneInfo("Africa/Nairobi"))


def trace(**changes: object) -> ReadTrace:
    facts: dict[str, object] = {
        "asked": "BAT-12345",
        "started_at": NOW - timedelta(minutes=5),
        "seconds": 5.64,
        "outcome": "read",
        "battery_id": "BAT-12345",
        "phases": (PhaseTime(ReadPhase.LOOKING, 1.2), PhaseTime(ReadPhase.CONNECTING, 4.0), PhaseTime(ReadPhase.READING, 0.44)),
        "rssi": -61,
        "retries": 1,
    }
    return ReadTrace(**{**facts, **changes})  # type: ignore[arg-type]  # facts of several kinds on purpose


def test_a_reading_is_told_with_its_phases_and_signal() -> None:
    line, below = read_lines(trace(), HERE)
    assert line == "BAT-12345, 14:55: read in 5.6 s"
    assert below.replace("\N{NO-BREAK SPACE}", " ") == "Looking 1.2 s, connecting 4.0 s, reading 0.4 s, signal \N{MINUS SIGN}61 dBm"


def test_a_phase_that_came_twice_is_told_twice() -> None:
    _, below = read_lines(trace(phases=(PhaseTime(ReadPhase.CONNECTING, 1.0), PhaseTime(ReadPhase.CONNECTING, 2.0))), HERE)
    assert below.count("onnecting") == 2


def test_a_reading_that_failed_is_told_with_its_reason() -> None:
    line, below = read_lines(trace(outcome="it did not answer in time", battery_id="", rssi=None, retries=0), HERE)
    assert line == "BAT-12345, 14:55: it did not answer in time"
    assert below.endswith("no signal")


def test_the_last_readings_are_shown_newest_first() -> None:
    reads = tuple(trace(battery_id=f"BAT-{number}") for number in range(5))
    view = scanner_view(Status(practice=False), HERE, reads)
    assert [line.split(",")[0] for line, _ in view.reads] == ["BAT-0", "BAT-1", "BAT-2"]
    assert view.heading == "Last readings"


def test_a_station_learns_how_long_a_reading_takes_from_its_past_swaps() -> None:
    memory = SessionMemory()
    assert memory.usual_seconds(10) == 6
    memory.learn([3.1, 2.9, 3.0])
    assert memory.usual_seconds(10) == 3


def test_what_was_read_since_counts_more_than_the_past() -> None:
    memory = SessionMemory()
    memory.learn([9.0] * 15)
    memory.learn([2.0] * 30)
    assert memory.usual_seconds(10) == 9


def test_what_was_in_range_just_now_is_known_and_what_was_long_ago_is_not() -> None:
    memory, seen = SessionMemory(), (Sighting(address="A", name="OVES BATT 45AH 020417", rssi=-50),)
    memory.note_seen(seen, NOW)
    assert memory.seen(NOW + timedelta(seconds=5)) == seen
    assert memory.seen(NOW + timedelta(seconds=20)) == ()
