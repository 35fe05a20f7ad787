"""What is said of readings that cannot both be true."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.battery.plausibility import Doubt, DoubtKind, KnownReading
from kiosk.domain.messages.batteries import ASK, PAID, READ_AGAIN, WHY, doubt_message
from tests.builders import NOON, reading

NAIROBI = ZoneInfo("Africa/Nairobi")


def doubt(kind: DoubtKind = DoubtKind.CHARGED, battery_id: str = "BAT-67890", minutes: float = 5, station: str = "STATION-9") -> Doubt:
    """A battery read with 4.4 kWh, and with 0.6 kWh so long before."""
    now = reading(battery_id, "4.4", full_kwh=Decimal("4.5"))
    before = reading(battery_id, "0.6", timestamp=NOON - timedelta(minutes=minutes), full_kwh=Decimal("12.25"))
    return Doubt(kind=kind, now=now, before=KnownReading(reading=before, station_id=station))


def told(*doubts: Doubt, paid: bool = False) -> str:
    """All that is said."""
    facts = doubt_message(doubts, NAIROBI, paid=paid)
    return " ".join((*facts.lines, facts.advice)) if facts else ""


# ---------------------------------------------------------------- words


def test_no_doubt_says_nothing() -> None:
    assert told() == ""


def test_both_values_and_both_times_are_told_why_they_cannot_be_and_what_to_do() -> None:
    assert told(doubt()) == (
        "BAT-67890: 4.4 kWh at 13:30, but 0.6 kWh at STATION-9 at 13:25: no charger is that fast. "
        "Go back, read again. The same? Ask the supervisor."
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DoubtKind.DRAINED, "no ride uses that much."),
        (DoubtKind.CAPACITY, "full at 4.5 kWh at 13:30, but full at 12.25 kWh at STATION-9 at 13:25: it may be another battery."),
        (DoubtKind.ELSEWHERE, "it cannot have come here so soon."),
        (DoubtKind.CLOCK, "one of the clocks is wrong."),
    ],
)
def test_each_rule_has_its_words(kind: DoubtKind, words: str) -> None:
    assert words in told(doubt(kind))


def test_reading_again_mends_no_clock() -> None:
    assert told(doubt(DoubtKind.CLOCK)).endswith(f"wrong. {ASK}")


def test_after_a_payment_nobody_is_sent_back() -> None:
    words = told(doubt(), paid=True)
    assert words.endswith(PAID)
    assert READ_AGAIN not in words


def test_one_doubt_a_battery_is_enough_and_both_batteries_are_told() -> None:
    words = told(doubt(DoubtKind.CHARGED, "BAT-1"), doubt(DoubtKind.CAPACITY, "BAT-1"), doubt(DoubtKind.DRAINED, "BAT-2"))
    assert (words.count("BAT-1:"), words.count("BAT-2:")) == (1, 1)
    assert "charger" in words
    assert words.count("Go back") == 1


def test_an_earlier_day_is_named_and_an_unknown_station_is_not() -> None:
    assert "0.6 kWh at 13:30 on 14 Jan:" in told(doubt(minutes=24 * 60, station=""))


def test_every_rule_has_a_reason() -> None:
    assert set(WHY) == set(DoubtKind)
