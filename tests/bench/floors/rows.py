"""What is written of one swap, and how the disk is to keep it."""

from dataclasses import dataclass
from datetime import datetime

PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRows:
    """The values of the four rows."""

    correlation_id: str
    plan_id: str
    topic: str
    payload: bytes
    journal: str
    incoming_battery_id: str
    outgoing_battery_id: str
    at: datetime
