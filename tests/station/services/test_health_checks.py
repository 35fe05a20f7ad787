"""What is found out about each part of the counter, in words that say what to do."""

import asyncio
import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable, LinkDown, NotFound, PrinterUnavailable
from kiosk.station.adapters.printing import NoPrinter
from kiosk.station.health import NOT_KNOWN, OK, Health, HealthState
from kiosk.station.services import health_checks
from kiosk.station.services.health_checks import (
    ClockCheck,
    certificates_health,
    disk_health,
    platform_health,
    printer_health,
    reader_health,
)
from tests.fakes import RecordingPrinter
from tests.shared.made_certificates import certificate

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@dataclass
class Asked:
    """A scanner or printer whose check ends as it is told."""

    answer: bool | Exception

    async def check(self) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


# ---------------------------------------------------------------- reader, printer, platform


@pytest.mark.parametrize(("answer", "health"), [(True, OK), (False, NOT_KNOWN)])
def test_a_reader_is_well_or_not_known(answer: bool, health: Health) -> None:  # noqa: FBT001  a parameter of the test
    assert asyncio.run(reader_health(Asked(answer))) == health  # type: ignore[arg-type]  # only checked


def test_a_reader_that_does_not_work_says_why_and_what_to_do() -> None:
    found = asyncio.run(reader_health(Asked(BatteryUnreachable("", 0, fault=AdapterFault.SWITCHED_OFF))))  # type: ignore[arg-type]
    assert found == Health(state=HealthState.WRONG, what="Bluetooth is switched off", repair="Switch Bluetooth on.")


def test_a_printer_says_what_keeps_it_from_printing() -> None:
    out = PrinterUnavailable("the paper is out", "Put paper in and close the lid.", "Paper out")
    found = asyncio.run(printer_health(Asked(out)))  # type: ignore[arg-type]
    assert found == Health(state=HealthState.WARNING, what="the paper is out", repair="Put paper in and close the lid.", short="Paper out")
    assert asyncio.run(printer_health(RecordingPrinter())) == OK
    assert asyncio.run(printer_health(NoPrinter())) == Health(state=HealthState.NOT_SET_UP, what="no printer is set up")


@pytest.mark.parametrize(
    ("failure", "state"),
    [(None, HealthState.OK), (NotFound("battery", "DOCTOR"), HealthState.OK), (LinkDown("no answer"), HealthState.WARNING)],
)
def test_a_platform_that_answers_at_all_is_well(failure: Exception | None, state: HealthState) -> None:
    async def ask() -> None:
        if failure is not None:
            raise failure

    found = asyncio.run(platform_health(ask))
    assert found.state is state
    assert bool(found.repair) is found.needs_somebody


def test_a_platform_without_an_address_is_not_set_up() -> None:
    assert asyncio.run(platform_health(None)).state is HealthState.NOT_SET_UP


# ---------------------------------------------------------------- disk


def test_a_disk_with_room_says_how_much(tmp_path: Path) -> None:
    found = asyncio.run(disk_health(tmp_path / "new"))
    assert found.state is HealthState.OK
    assert found.what.endswith(" MB are free")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_disk_with_little_room_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_checks, "MIN_FREE_MB", 10**12)
    found = asyncio.run(disk_health(tmp_path))
    assert (found.state, found.repair) == (HealthState.WARNING, "Free some space: the kiosk refuses swaps on a full disk.")


@contextmanager
def no_file_grows() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_takes_nothing_is_wrong_however_much_is_free(tmp_path: Path) -> None:
    with no_file_grows():
        found = asyncio.run(disk_health(tmp_path))
    assert (found.state, found.what) == (HealthState.WRONG, "files may not grow that large on this disk")


@pytest.mark.parametrize(
    ("number", "what", "repair"),
    [
        (errno.ENOSPC, "the disk is full", "Free some space"),
        (errno.EDQUOT, "this user's share of the disk is used up", "Delete files"),
        (errno.EROFS, "the disk is read-only", "Restart this computer"),
        (errno.EACCES, "the kiosk's user may not write there", "Give the kiosk's user the folder"),
        (errno.EIO, "the disk does not read or write", "Check the disk"),
    ],
)
def test_each_way_in_which_a_disk_fails_has_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, what: str, repair: str
) -> None:
    def failing(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    found = asyncio.run(disk_health(tmp_path))
    assert (found.state, found.what) == (HealthState.WRONG, what)
    assert found.repair.startswith(repair)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- clock


class MovedClock:
    """Wall and monotonic time, moved apart by hand."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall, self.seconds = wall, 500.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def pass_seconds(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


def looked(check: ClockCheck) -> Health:
    return asyncio.run(check())


def test_a_clock_that_runs_on_is_well() -> None:
    clock = MovedClock()
    check = ClockCheck(clock)
    clock.pass_seconds(86_400)
    assert looked(check) == Health(state=HealthState.OK, what="it is 2026-12-01 12:00 UTC")


@pytest.mark.parametrize(
    ("moved", "what"), [(timedelta(days=-2), "it was set back by 48 h"), (timedelta(minutes=12), "it was set forward by 12 min")]
)
def test_a_clock_that_is_moved_is_said_for_an_hour(moved: timedelta, what: str) -> None:
    clock = MovedClock()
    check = ClockCheck(clock)
    clock.pass_seconds(20)
    clock.wall += moved
    assert (looked(check).state, looked(check).what) == (HealthState.WARNING, what)
    clock.pass_seconds(3500)
    assert looked(check).what == what
    clock.pass_seconds(200)
    assert looked(check).state is HealthState.OK


def test_a_clock_that_is_set_right_by_seconds_is_well() -> None:
    clock = MovedClock()
    check = ClockCheck(clock)
    clock.wall += timedelta(seconds=30)
    assert looked(check).state is HealthState.OK


def test_a_year_that_cannot_be_is_wrong() -> None:
    found = looked(ClockCheck(MovedClock(datetime(1970, 1, 1, tzinfo=UTC))))
    assert (found.state, found.what) == (HealthState.WRONG, "it is 1970-01-01 00:00 UTC")
    assert found.repair == "Set the clock, and switch time synchronisation on."


@pytest.mark.parametrize(("synchronised", "state"), [(True, HealthState.OK), (None, HealthState.OK), (False, HealthState.WARNING)])
def test_a_clock_that_nothing_keeps_right_is_a_warning(synchronised: bool | None, state: HealthState) -> None:  # noqa: FBT001
    assert looked(ClockCheck(MovedClock(), lambda: synchronised)).state is state


# ---------------------------------------------------------------- certificates


def test_no_certificates_are_not_set_up() -> None:
    assert certificates_health((), NOON).state is HealthState.NOT_SET_UP


@pytest.mark.parametrize(
    ("days", "state", "what"),
    [
        (400, HealthState.OK, "the first ends in 400 days, on 2028-01-04"),
        (12, HealthState.WARNING, "the certificate station.crt ends in 12 days, on 2026-12-12"),
        (1, HealthState.WARNING, "the certificate station.crt ends in 1 day, on 2026-12-01"),
        (-3, HealthState.WRONG, "the certificate station.crt ended on 2026-11-27"),
    ],
)
def test_the_certificate_that_ends_first_counts(tmp_path: Path, days: int, state: HealthState, what: str) -> None:
    long_lived = certificate(tmp_path / "ca.crt", NOON - timedelta(days=900), NOON + timedelta(days=3000))
    own = certificate(tmp_path / "station.crt", NOON - timedelta(days=500), NOON + timedelta(days=days))
    found = certificates_health((long_lived, own), NOON)
    assert (found.state, found.what) == (state, what)
    assert found.repair == ("The technician puts a new station.crt in its place." if found.needs_somebody else "")


def test_a_certificate_of_the_future_points_at_the_clock(tmp_path: Path) -> None:
    found = certificates_health((certificate(tmp_path / "ca.crt", NOON + timedelta(days=2), NOON + timedelta(days=9)),), NOON)
    assert (found.state, found.repair) == (HealthState.WRONG, "Check the clock, then the certificate.")


def test_a_certificate_that_is_not_there_or_is_none_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "text.crt").write_text("nothing of the kind")
    for name, words in (("gone.crt", "it is not there"), ("text.crt", "holds no certificate that can be read")):
        found = certificates_health((tmp_path / name,), NOON)
        assert found.state is HealthState.WRONG
        assert words in found.what


@pytest.mark.parametrize(
    ("ahead", "state", "what"),
    [
        (timedelta(hours=2), HealthState.WARNING, "it is 2 h behind the platform"),
        (timedelta(hours=-3), HealthState.WARNING, "it is 3 h ahead of the platform"),
        (timedelta(seconds=50), HealthState.OK, ""),
    ],
)
def test_a_clock_that_differs_from_the_platforms_is_wrong(ahead: timedelta, state: HealthState, what: str) -> None:
    """Decision 26: messages are signed by the platform's time, and somebody has to set the clock."""
    found = looked(ClockCheck(MovedClock(), lambda: True, ahead=lambda: ahead))
    assert found.state is state
    assert what in found.what
    assert not what or found.repair
