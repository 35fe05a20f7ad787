"""Times on the wire: ISO 8601 in UTC, `Z` at the end, as in the specification's examples."""

from datetime import UTC, datetime


def iso_utc(moment: datetime) -> str:
    """`2025-01-15T10:30:00Z`; fractions of a second only where there are any. The time must be aware."""
    return f"{moment.astimezone(UTC).isoformat().removesuffix('+00:00')}Z"
