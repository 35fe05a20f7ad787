"""A request handler on a real database with a clock of its own, and what a kiosk would send to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.agent.request_handler import RequestHandler
from kiosk.platform.agent.wire_messages import Incoming, Response
from kiosk.platform.payment_proof import AcceptWellFormed, PaymentVerifier
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON, plan_of, specified

PLAN = "bss-plan-weekly-freedom-nairobi-v2-plan1"
SWAP = "TXN-01JHMN5Z000000000000000001"
OTHER_SWAP = "TXN-01JHMN5Z000000000000000002"
Where = Path | str
"""The path of an SQLite file, or an SQLAlchemy URL."""


@dataclass(slots=True)
class FixedClock:
    """Always the same time."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass(slots=True)
class Counter:
    """Sends to a request handler as a kiosk would and reads the answer."""

    store: PlatformStore
    verifier: PaymentVerifier = field(default_factory=AcceptWellFormed)
    clock: FixedClock = field(default_factory=FixedClock)

    @property
    def handler(self) -> RequestHandler:
        return RequestHandler(self.store, self.verifier, self.clock)

    def handle(self, incoming: Incoming) -> Response:
        return self.handler.handle_all((incoming,)).responses[0]

    def send(self, step: str, body: object, plan_id: str = PLAN) -> Response:
        payload = body if isinstance(body, bytes) else dumps(body)
        return self.handle(Incoming(topic=f"call/uxi/attendant/plan/{plan_id}/{step}", payload=payload))

    def ask(self, step: str, body: object, plan_id: str = PLAN) -> dict[str, Any]:
        return answer_in(self.send(step, body, plan_id))

    def identify(self, code: str, plan_id: str = PLAN, **data: Any) -> dict[str, Any]:
        facts = {"action": "IDENTIFY_CUSTOMER", "qr_code_data": code, "attendant_station": "STATION_XYZ", **data}
        body = {"timestamp": "2025-01-15T10:30:00Z", "plan_id": plan_id, "correlation_id": "TXN-ask", "actor": {}, "data": facts}
        return answer_in(self.handle(Incoming(topic=f"emit/uxi/attendant/plan/{plan_id}/identify_customer", payload=dumps(body))))


def answer_in(reply: Response) -> dict[str, Any]:
    assert reply.answer is not None
    document: dict[str, Any] = loads(reply.answer.payload)
    return document


def completion(**changes: Any) -> dict[str, Any]:
    """The specification's COMPLETE_SERVICE without a payment, under our own correlation id."""
    document = {**specified("complete_service_request"), "correlation_id": SWAP, "payment_occurred": False}
    for name in ("payment_amount", "payment_receipt_id", "payment_method"):
        del document[name]
    return {**document, **changes}


def paid(amount: str = "12.48", receipt_id: str = "PAY-1", method: str = "MOBILE_MONEY", **changes: Any) -> dict[str, Any]:
    """A completion that was paid for."""
    payment = {"payment_amount": Decimal(amount), "payment_receipt_id": receipt_id, "payment_method": method}
    return completion(payment_occurred=True, **payment, **changes)


def payment(amount: str = "12.48", receipt_id: str = "PAY-1", correlation_id: str = SWAP, **changes: Any) -> dict[str, Any]:
    """A PROCESS_PAYMENT."""
    return {
        "action": "PROCESS_PAYMENT",
        "payment_amount": Decimal(amount),
        "payment_receipt_id": receipt_id,
        "payment_method": "MOBILE_MONEY",
        "attendant_id": "ATT-001",
        "attendant_station": "STATION_XYZ",
        "correlation_id": correlation_id,
        **changes,
    }


def with_config(**changes: Any) -> ServicePlan:
    """The contract's plan with other agent parameters."""
    plan = plan_of()
    return replace(plan, template=replace(plan.template, agent_config=replace(plan.template.agent_config, **changes)))


def url_of(where: Where) -> str:
    """As SQLAlchemy writes it."""
    return f"sqlite:///{where}" if isinstance(where, Path) else where


def rows(where: Where, query: str) -> list[tuple[Any, ...]]:
    """What the database holds, through a connection of its own."""
    engine = create_engine(url_of(where), poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(each) for each in connection.execute(text(query))]


def count(where: Where, table: str) -> int:
    """Rows of one of the platform's tables."""
    found: int = rows(where, f"SELECT count(*) FROM platform_{table}")[0][0]  # noqa: S608  the tests' own table names
    return found


def used_kwh(store: PlatformStore, plan_id: str = PLAN) -> Decimal:
    plan = store.plan(plan_id)
    assert plan is not None
    assert plan.electricity is not None
    return plan.electricity.used


@contextmanager
def open_counter(where: Where, **facts: Any) -> Iterator[Counter]:
    """A counter whose platform knows the contract's plan."""
    store = PlatformStore(where)
    try:
        store.insert_plan(plan_of(), NOON)
        yield Counter(store=store, **facts)
    finally:
        store.close()
