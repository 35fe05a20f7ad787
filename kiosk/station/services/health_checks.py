"""What is looked at in each part of the counter. Each check gives a Health and raises nothing that is foreseen.

A disk is tried by writing to it, because a disk that has become read-only still says how much is free. The clock is compared with the
monotonic one, which no hand moves.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.domain.errors import BatteryUnreachable, KioskError, NotFound, PrinterMissing, PrinterUnavailable
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.domain.times import spell_age
from kiosk.shared.certificates import Certificate, certificates_in
from kiosk.shared.durable_files import write_fault
from kiosk.shared.system import Clock
from kiosk.station.health import NOT_KNOWN, OK, Health, HealthState
from kiosk.station.ports import BatteryScanner, Printer

MIN_FREE_MB = 200
MIN_YEAR = 2025
MOVED = timedelta(minutes=1)
MOVED_IS_SAID = timedelta(hours=1)
EXPIRY_IS_SAID = timedelta(days=30)
Look = Callable[[], Awaitable[Health]]


async def reader_health(scanner: BatteryScanner) -> Health:
    """Whether batteries can be read."""
    try:
        return OK if await scanner.check() else NOT_KNOWN
    except BatteryUnreachable as error:
        fault = error.fault
        return Health(state=HealthState.WRONG, what=fault.phrase if fault else "", repair=fault.repair if fault else "")


async def printer_health(printer: Printer) -> Health:
    """Whether a receipt could be printed now."""
    try:
        return OK if await printer.check() else NOT_KNOWN
    except PrinterMissing as error:
        return Health(state=HealthState.NOT_SET_UP, what=error.reason)
    except PrinterUnavailable as error:
        return Health(state=HealthState.WARNING, what=error.reason, repair=error.repair, short=error.short)


async def platform_health(ask: Callable[[], Awaitable[object]] | None) -> Health:
    """`ask` puts a question that any platform answers, if only by NotFound; None where no address is set up."""
    if ask is None:
        return Health(state=HealthState.NOT_SET_UP, what=tr("no address is set up: no readings are reported"))
    try:
        with suppress(NotFound):
            await ask()
    except KioskError as error:
        what = message_for(error).why.rstrip(".") or message_for(error).what
        return Health(state=HealthState.WARNING, what=what, repair=tr("Readings wait meanwhile. Call the technician if it stays so."))
    return Health(state=HealthState.OK, what=tr("it answers"))


async def disk_health(folder: Path) -> Health:
    """Whether the data folder can be written, and how much is free on its disk."""
    return await asyncio.to_thread(_disk_health, folder)


def _disk_health(folder: Path) -> Health:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fault = write_fault(folder)
        free = shutil.disk_usage(folder).free // 1_000_000
    except OSError as error:
        fault, free = error, 0
    if fault is not None:
        return Health(state=HealthState.WRONG, what=fault_phrase(fault), repair=fault_repair(fault))
    what = tr("{free} MB are free", free=f"{free:,}")
    if free < MIN_FREE_MB:
        return Health(state=HealthState.WARNING, what=what, repair=tr("Free some space: the kiosk refuses swaps on a full disk."))
    return Health(state=HealthState.OK, what=what)


class ClockCheck:
    """Remembers how far the wall clock was from the monotonic one, and tells `on_moved` of each jump. `synchronised` says whether something
    sets the clock: None where that is not known. `ahead` is what the platform's clock is ahead of this one's, where it says so."""

    def __init__(
        self,
        clock: Clock,
        synchronised: Callable[[], bool | None] = lambda: None,
        on_moved: Callable[[timedelta], None] = lambda _moved_by: None,
        ahead: Callable[[], timedelta] | None = None,
    ) -> None:
        self._clock, self._synchronised, self._on_moved, self._ahead = clock, synchronised, on_moved, ahead
        self._apart = self._distance()
        self._moved_by, self._moved_at = timedelta(0), 0.0

    def _distance(self) -> timedelta:
        return timedelta(seconds=self._clock.now().timestamp() - self._clock.monotonic())

    async def __call__(self) -> Health:
        apart = self._distance()
        if abs(apart - self._apart) > MOVED:
            self._moved_by, self._moved_at = apart - self._apart, self._clock.monotonic()
            self._on_moved(self._moved_by)
        self._apart = apart
        now, repair = self._clock.now(), tr("Set the clock, and switch time synchronisation on.")
        what = tr("it is {time} UTC", time=f"{now:%Y-%m-%d %H:%M}")
        if now.year < MIN_YEAR:
            return Health(state=HealthState.WRONG, what=what, repair=repair)
        wrong = self._ahead() if self._ahead is not None else timedelta(0)
        if abs(wrong) > MOVED:
            return Health(state=HealthState.WARNING, what=self._wrong_words(wrong), repair=repair)
        if self._moved_by and self._clock.monotonic() - self._moved_at < MOVED_IS_SAID.total_seconds():
            return Health(
                state=HealthState.WARNING, what=self._moved_words(), repair=tr("Check the time. Is it wrong? Call the technician.")
            )
        if self._synchronised() is False:
            return Health(state=HealthState.WARNING, what=tr("nothing keeps it right"), repair=repair)
        return Health(state=HealthState.OK, what=what)

    def _wrong_words(self, ahead: timedelta) -> str:
        age = spell_age(abs(ahead))
        return tr("it is {age} behind the platform", age=age) if ahead > timedelta(0) else tr("it is {age} ahead of the platform", age=age)

    def _moved_words(self) -> str:
        age = spell_age(abs(self._moved_by))
        return tr("it was set back by {age}", age=age) if self._moved_by < timedelta(0) else tr("it was set forward by {age}", age=age)


def certificates_health(files: Sequence[Path], now: datetime) -> Health:
    """The certificate in these files that ends first."""
    if not files:
        return Health(state=HealthState.NOT_SET_UP, what=tr("the link to the broker uses no certificates"))
    found: list[Certificate] = []
    for file in files:
        try:
            found += certificates_in(file)
        except OSError as error:
            return Health(state=HealthState.WRONG, what=f"{file}: {fault_phrase(error)}", repair=tr("Call the technician."))
        except ValueError:
            what = tr("{file} holds no certificate that can be read", file=file)
            return Health(state=HealthState.WRONG, what=what, repair=tr("Call the technician."))
    return _earliest_end(min(found, key=lambda each: each.ends), now)


def _earliest_end(first: Certificate, now: datetime) -> Health:
    renew = tr("The technician puts a new {file} in its place.", file=first.file.name)
    values = {"file": first.file.name, "day": f"{first.ends:%Y-%m-%d}"}
    if now >= first.ends:
        return Health(state=HealthState.WRONG, what=tr("the certificate {file} ended on {day}", **values), repair=renew)
    if now < first.begins:
        what = tr("the certificate {file} holds from {day} on", file=first.file.name, day=f"{first.begins:%Y-%m-%d}")
        return Health(state=HealthState.WRONG, what=what, repair=tr("Check the clock, then the certificate."))
    left = first.ends - now
    if left < EXPIRY_IS_SAID:
        what = tr_count(
            "the certificate {file} ends in {count} day, on {day}",
            "the certificate {file} ends in {count} days, on {day}",
            left.days,
            **values,
        )
        return Health(state=HealthState.WARNING, what=what, repair=renew)
    what = tr_count("the first ends in {count} day, on {day}", "the first ends in {count} days, on {day}", left.days, day=values["day"])
    return Health(state=HealthState.OK, what=what)
