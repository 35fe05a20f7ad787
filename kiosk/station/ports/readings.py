"""Ports of the telemetry service; the rules of `ports` apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.domain.battery.plausibility import KnownReading


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedReading:
    """A reading that waits to be reported: `document` is what is sent for it, byte for byte, every time."""

    number: int
    battery_id: str
    document: str


class ReadingStore(Protocol):
    """The queue of readings, and the last ones of each battery. Each method is one transaction; each raises StoreFailed."""

    def queue_reading(self, read: KnownReading) -> int:
        """Keep a reading until it is reported; how many were forgotten unreported for it, because the queue is full.

        Raises BadInput for what cannot be reported at all: no id that can be one, a number that is none.
        """

    def readings_to_report(self, limit: int) -> tuple[QueuedReading, ...]:
        """The oldest that wait."""

    def record_reports(self, reports: Sequence[tuple[int, str]]) -> None:
        """The numbers that were accepted, each with "", and those refused, each with the reason: these wait no longer."""

    def last_reading(self, battery_id: str, before: datetime) -> KnownReading | None:
        """The last reading of this battery made here before that time."""

    def audit(self, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
        """One entry in the audit trail."""


class ReadingChannel(Protocol):
    """Where readings are reported, and the last known ones come from."""

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        """Report readings of one battery, at most MAX_REPORTED; for each "" where it is accepted, else the reason of its refusal.

        Raises LinkDown, and then any of them may have arrived or not; BadInput where the platform takes none of this report, NotFound
        where it keeps no readings.
        """

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        """The last reading that any station reported, None where there is none. Raises LinkDown, BadInput."""


MAX_REPORTED = 50
"""Readings in one report: far below what the platform takes at once."""
