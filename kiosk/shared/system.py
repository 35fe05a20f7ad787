"""The machine's clock and the ids made here."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records and monotonic time for waits; a jump of the first never shortens or stretches a wait."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class SystemClock:
    """Implements the port `Clock`."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()


def correlation_id() -> str:
    """A new one: `TXN-` and a 26-character ULID (decision 16)."""
    from ulid import ULID  # late: most commands make no id

    return f"TXN-{ULID()}"


def change_id() -> str:
    """A new one, of something that a person did: `CHG-` and a ULID."""
    from ulid import ULID

    return f"CHG-{ULID()}"
