"""Time and ids, which are told and never taken."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records and monotonic time for waits; a jump of the first never shortens or stretches a wait."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class Ids(Protocol):
    """Ids made here."""

    def correlation_id(self) -> str:
        """`TXN-` and a 26-character ULID (decision 16)."""
        ...
