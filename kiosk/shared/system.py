"""The machine's clock and the ids made here."""

import secrets
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Wall time for records and monotonic time for waits; a jump of the first never shortens or stretches a wait."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment by both clocks."""

    wall: datetime
    steady: float

    @classmethod
    def of(cls, clock: Clock) -> "Moment":
        return cls(clock.now(), clock.monotonic())

    def moved_by(self, later: "Moment") -> timedelta:
        """How far the wall clock was set until then, back where it is negative: 0 where it only went on, give or take MAX_DRIFT."""
        moved = later.wall - self.wall - self.elapsed(later)
        return moved if abs(moved) > MAX_DRIFT else timedelta(0)

    def elapsed(self, later: "Moment") -> timedelta:
        """How long that took, whatever the wall clock says."""
        return timedelta(seconds=max(0.0, later.steady - self.steady))


MAX_DRIFT = timedelta(minutes=1)  # what a synchronisation may correct without a word
_BOOT_TIME = getattr(
    time, "CLOCK_BOOTTIME", None
)  # Linux: goes on while the machine sleeps, so that waking up is no jump of the wall clock


class SystemClock:
    """Implements the port `Clock`."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)


_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 1024  # more than `struct timex` has anywhere


def is_synchronised() -> bool | None:
    """Whether the system keeps its clock right, by whatever service, as the kernel knows it (Linux); None where that is not known."""
    if sys.platform != "linux":
        return None
    import ctypes  # late: only `doctor` and the health page ask

    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))  # all zeros: nothing is changed
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


def correlation_id() -> str:
    """A new one: `TXN-` and a 26-character ULID (decision 16)."""
    from ulid import ULID  # late: most commands make no id

    return f"TXN-{ULID()}"


def change_id() -> str:
    """A new one, of something that a person did: `CHG-` and a ULID."""
    from ulid import ULID

    return f"CHG-{ULID()}"


def machine_run() -> str:
    """Which run of the machine this is: another one after each restart of it. Where the system does not tell, each run of this program is
    one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return _OWN_RUN


_OWN_RUN = secrets.token_hex(16)
