"""The time of day: in an hour that the clocks show twice the offset says which one it is (a night in October, case 24)."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.times import clock_time
from kiosk.shared.formatting import format_date_time

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, SECOND = datetime(2026, 10, 25, 0, 30, 3, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 2, tzinfo=UTC)


@pytest.fixture
def machine_in_berlin() -> Iterator[None]:
    """The machine's own zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_two_receipts_of_the_repeated_hour_are_told_apart() -> None:
    assert format_date_time(FIRST, BERLIN) == "25 Oct 2026, 02:30:03 UTC+2"
    assert format_date_time(SECOND, BERLIN) == "25 Oct 2026, 02:30:02 UTC+1"


@pytest.mark.usefixtures("machine_in_berlin")
def test_so_are_they_in_the_machines_own_zone() -> None:
    assert [format_date_time(each, None) for each in (FIRST, SECOND)] == ["25 Oct 2026, 02:30:03 UTC+2", "25 Oct 2026, 02:30:02 UTC+1"]
    assert clock_time(FIRST + timedelta(hours=3), None) == "04:30"


@pytest.mark.parametrize("hours", [-2, -1, 2, 3, 24, -24 * 210])
def test_any_other_hour_has_no_offset(hours: int) -> None:
    assert len(clock_time(FIRST + timedelta(hours=hours), BERLIN)) == 5


def test_the_hour_that_is_left_out_in_spring_needs_none() -> None:
    assert clock_time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), BERLIN) == "01:59"
    assert clock_time(datetime(2026, 3, 29, 1, 1, tzinfo=UTC), BERLIN) == "03:01"


@pytest.mark.parametrize(
    ("zone", "moment", "shown"),
    [
        (ZoneInfo("America/St_Johns"), datetime(2026, 11, 1, 3, 45, tzinfo=UTC), "01:15 UTC-2:30"),
        (ZoneInfo("America/St_Johns"), datetime(2026, 11, 1, 4, 45, tzinfo=UTC), "01:15 UTC-3:30"),
        (ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 4, 14, 45, tzinfo=UTC), "01:45 UTC+11"),
        (ZoneInfo("Africa/Nairobi"), FIRST, "03:30"),
        (timezone(timedelta(hours=3)), FIRST, "03:30"),
        (UTC, FIRST, "00:30"),
    ],
)
def test_an_offset_is_written_as_people_know_it(zone: ZoneInfo, moment: datetime, shown: str) -> None:
    assert clock_time(moment, zone) == shown
