"""The machine's clock and the ids made here."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements the port `Clock`."""

    def now(self) -> datetime:
        """Wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()


class UlidIds:
    """Implements the port `Ids`."""

    def correlation_id(self) -> str:
        """`TXN-` and a 26-character ULID (decision 16)."""
        from ulid import ULID  # late: most commands make no id

        return f"TXN-{ULID()}"
