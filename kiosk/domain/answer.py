"""What the platform says to a completion (decisions 17, 18). The third outcome, unknown, is the absence of an answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The platform has booked the swap, now or earlier (`repeated`). `raw` is the answer byte for byte."""

    correlation_id: str
    plan_id: str
    raw: bytes
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The platform has refused the swap; `reason` is its own sentence. A failure signal overrides any success (decision 18)."""

    correlation_id: str
    plan_id: str
    raw: bytes
    reason: str
    signals: tuple[str, ...]


Answer = Settled | Rejected
