"""A transaction claimed by who begins it (decision 27): VERIFY_SERVICE_QUOTA with the swap's correlation id, and its answer.

It books nothing. Whether the plan has enough is answered too and means nothing here: the claim stands either way.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.requests import VerifyServiceQuota
from kiosk.domain.swap.swap import Swap
from kiosk.domain.times import iso_utc
from kiosk.wire.actions import FAILURES, STATION_REFUSED, TRANSACTION_OWNED
from kiosk.wire.completion_answers import Unintelligible, read_answer
from kiosk.wire.exact_json import dumps

_EITHER_WAY = frozenset({"QUOTA_EXHAUSTED", "TOPUP_REQUIRED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """What the platform says. `owned`: another station has it; `station_refused`: it takes nothing of this one; else neither of them and
    no claim: it could not do it, for `reason`."""

    correlation_id: str
    claimed: bool
    owned: bool = False
    station_refused: bool = False
    reason: str = ""


def claim_to_payload(swap: Swap, now: datetime) -> bytes:
    """The question: what this swap needs of the plan, flat like a completion."""
    service_id, quantity = _asked(swap)
    return dumps(
        {
            "action": VerifyServiceQuota.action,
            "plan_id": swap.plan.id,
            "correlation_id": swap.correlation_id,
            "service_id": service_id,
            "quantity": quantity,
            "attendant_station": swap.station_id,
            "timestamp": iso_utc(now),
        }
    )


def _asked(swap: Swap) -> tuple[str, Decimal]:
    energy, net = swap.plan.electricity, swap.net_kwh
    if swap.plan.tracks_energy and energy is not None and net is not None and net > 0:
        return energy.service_id, net
    return swap.plan.swap_count.service_id, Decimal(1)


def claim_answer_from_payload(plan_id: str, payload: bytes) -> ClaimAnswer | Unintelligible:
    """The answer; `plan_id` is the plan that was asked about. Never raises."""
    read = read_answer(VerifyServiceQuota.action, plan_id, payload)
    if isinstance(read, Unintelligible):
        return read
    _, verdict = read
    failures = FAILURES.intersection(verdict.signals)
    if failures and failures <= _EITHER_WAY:
        return ClaimAnswer(correlation_id=verdict.correlation_id, claimed=True)
    if verdict.succeeded is None:
        return Unintelligible(reason="asks to be asked again later" if verdict.later else "says neither yes nor no")
    return ClaimAnswer(
        correlation_id=verdict.correlation_id,
        claimed=verdict.succeeded,
        owned=TRANSACTION_OWNED in verdict.signals,
        station_refused=not STATION_REFUSED.isdisjoint(verdict.signals),
        reason="" if verdict.succeeded else verdict.reason,
    )
