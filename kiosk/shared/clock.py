"""The ports for time and ids, which are passed in so that tests can choose them."""

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
