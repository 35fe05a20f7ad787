"""What `doctor` says of the clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.doctor_clock import judge_clock, offset_of
from kiosk.shared.system import is_synchronised
from tests.brokers import Mosquitto
from tests.cli.terminal import Terminal
from tests.cli.test_doctor import served_elsewhere

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
SAME = timedelta(seconds=2)


@pytest.mark.parametrize("year", [1970, 2000, 2025, 2057, 2106])
def test_a_year_that_is_impossible_is_refused(year: int) -> None:
    found = judge_clock(NOW.replace(year=year), synchronised=True, offset=None)
    assert (found.ok, found.mend) == (False, "Set the clock, and switch time synchronisation on.")


@pytest.mark.parametrize(
    ("synchronised", "offset", "ok", "said"),
    [
        (True, SAME, True, "It is synchronised. The platform has the same time."),
        (True, None, True, "It is synchronised. The platform's time is not known."),
        (False, SAME, True, "It is not synchronised. The platform has the same time."),
        (None, SAME, True, "Whether it is synchronised is not known here. The platform has the same time."),
        (True, timedelta(days=-2), False, "It is synchronised. It is 48 h behind the platform."),
        (None, timedelta(minutes=5), False, "Whether it is synchronised is not known here. It is 5 min ahead of the platform."),
    ],
)
def test_synchronisation_and_the_platforms_time_are_said(
    synchronised: bool | None,  # noqa: FBT001  a column of the table
    offset: timedelta | None,
    ok: bool,  # noqa: FBT001  a column of the table
    said: str,
) -> None:
    found = judge_clock(NOW, synchronised=synchronised, offset=offset)
    assert (found.ok, found.what) == (ok, f"It is 2026-11-30 12:00 UTC. {said}")
    assert bool(found.mend) is (not ok or synchronised is False)


def test_the_offset_is_told_by_a_date_header() -> None:
    assert offset_of(format_datetime(NOW - timedelta(days=2), usegmt=True), NOW) == timedelta(days=2)
    assert [offset_of(each, NOW) for each in ("", "yesterday", "Mon, 30 Nov 2026 12:00:00 -0000")] == [None, None, None]


def test_this_system_says_whether_it_is_synchronised_or_that_it_does_not_know() -> None:
    assert is_synchronised() in {True, False, None}


def clock_finding(terminal: Terminal) -> dict[str, Any]:
    findings: list[dict[str, Any]] = terminal.here("doctor", "--json").json
    (finding,) = [each for each in findings if each["name"] == "clock"]
    return finding


def test_a_platform_over_http_is_asked_for_its_time(terminal: Terminal, mosquitto: Mosquitto, tmp_path: Path) -> None:
    with served_elsewhere(tmp_path / "books.db") as url:
        terminal.configure(mosquitto, more=f'[platform]\nurl = "{url}"')
        finding = clock_finding(terminal)
    assert finding["ok"]
    assert "The platform has the same time." in finding["what"]


def test_without_a_platform_over_http_its_time_is_not_known(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    assert "The platform's time is not known." in clock_finding(terminal)["what"]
