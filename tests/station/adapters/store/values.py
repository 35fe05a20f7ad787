"""Swaps, plans and messages as the store's tests use them."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Confirmation, Payment, Swap
from kiosk.station.ports import OutgoingMessage
from tests.builders import NOON, plan_with, reading

_numbers = itertools.count(1)


def later(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def make_plan(plan_id: str = "plan-1", asset: str | None = "BAT-12345") -> ServicePlan:
    """The contract's plan, of a customer who holds `asset`."""
    return replace(plan_with(holds=asset), id=plan_id)


def make_payment(receipt_id: str = "PAY-78910", method: str = "MOBILE_MONEY", at: datetime = NOON) -> Payment:
    """Fifteen dollars."""
    return Payment(
        amount=Decimal("15.00"), currency="USD", receipt_id=receipt_id, method=method, recorded_at=at, confirmation=Confirmation.NOT_NEEDED
    )


def begun_swap(
    correlation_id: str | None = None, *, plan: ServicePlan | None = None, payment: Payment | None = None, started_at: datetime = NOON
) -> Swap:
    """A swap whose customer is identified."""
    return Swap(
        correlation_id=correlation_id or f"TXN-{next(_numbers):026}",
        plan=plan or make_plan(),
        plan_as_of=NOON,
        started_at=started_at,
        attendant_id="ATT-001",
        station_id="STATION_XYZ",
        payment=payment,
    )


def ended_swap(
    correlation_id: str | None = None,
    *,
    plan: ServicePlan | None = None,
    returned: str | None = "BAT-12345",
    issued: str = "BAT-67890",
    payment: Payment | None = None,
    completed_at: datetime = NOON,
) -> Swap:
    """A swap that is complete, but not stored yet."""
    return replace(
        begun_swap(correlation_id, plan=plan, payment=payment),
        incoming=reading(returned) if returned else None,
        outgoing=reading(issued, "30.4"),
        completed_at=completed_at,
    )


def message_of(swap: Swap, payload: bytes = b'{"action":"COMPLETE_SERVICE"}') -> OutgoingMessage:
    """The swap's completion, ready to leave."""
    return OutgoingMessage(
        correlation_id=swap.correlation_id,
        plan_id=swap.plan.id,
        topic=f"call/uxi/attendant/plan/{swap.plan.id}/complete_service",
        payload=payload,
    )
