"""What the platform's memory takes and gives: plain values, no rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.plan.service_plan import ServicePlan

ISSUE, RETURN = "issue", "return"  # parts: the new battery goes out, the old one comes back


class OpenState(StrEnum):
    """Why something waits for a person: it was refused, a swap was begun and is not completed, or its payment is not confirmed yet."""

    REFUSED = "refused"
    PAID = "paid"
    RETURNED = "returned"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is done once: `part` tells apart what one correlation id does in the older sequence (decisions 17, 21)."""

    correlation_id: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptKey:
    """A payment receipt, as compared: trimmed and in upper case (decision 10)."""

    method: str
    receipt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was done with a key, on which plan: `digest` of its content, the answer byte for byte."""

    plan_id: str
    digest: str
    response: bytes
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPayment:
    """A receipt that the platform has booked; `owner` is the transaction it pays, empty while it has found none, `event` what is told of
    it, as it is stored."""

    key: ReceiptKey
    owner: str
    plan_id: str
    amount: Decimal
    currency: str
    at: datetime
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFact:
    """A row of the service history; `net_kwh` is what was added to the electricity used, None where none was."""

    event_id: str
    event_type: str
    event: Json
    incoming_battery_id: str | None = None
    outgoing_battery_id: str | None = None
    net_kwh: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapplied:
    """Money that came and counts for no swap: `kind` is the verdict, `reason` a phrase, `reference` the transaction it names."""

    key: ReceiptKey
    plan_id: str
    amount: Decimal
    currency: str
    reference: str
    kind: str
    reason: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventToPublish:
    """An event ready to leave. `number` is the database's, 0 before it is stored; `event_id` is the same in every publication."""

    event_id: str
    topic: str
    payload: bytes
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write for a request, all or nothing, and the answer.

    `plan` None leaves the plan as it is. A decision that is not `final` is a refusal: the next try may succeed. Its key stays free, but
    a change of the plan's states is kept, and so is its `reason` where it has one, for people, until the same key is booked. `bound` are
    payments that belonged to no transaction, with the owner that they have now. One that `waits` is not answered: its payment is neither
    confirmed nor refused.
    """

    response: bytes
    final: bool
    waits: bool = False
    reason: str = ""
    plan: ServicePlan | None = None
    service: ServiceFact | None = None
    payment: RecordedPayment | None = None
    bound: tuple[RecordedPayment, ...] = ()
    unapplied: tuple[Unapplied, ...] = ()
    events: tuple[EventToPublish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the memory sees it: its key, its plan, the receipt that it shows, its canonical content, who asks and where.

    `pays` is what the payment in it is for. `station_id` and `attendant_id` are empty where the request does not say.
    """

    key: Key
    plan_id: str
    action: str
    digest: str
    request: bytes
    receipt: ReceiptKey | None
    at: datetime
    pays: Key | None = None
    station_id: str = ""
    attendant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a decision is made from: the plan as it is now, the payments of this receipt and of this transaction.

    Where a receipt is shown: `loose` are the plan's payments that belong to no transaction yet, oldest first, and `unapplied` why the
    money of this receipt counts for nothing, "" where it does or is not known. `too_late` where what the payment is for is done already,
    `elsewhere` where it is a swap of another plan.
    """

    plan: ServicePlan
    receipt_paid: RecordedPayment | None = None
    payments: tuple[RecordedPayment, ...] = ()
    loose: tuple[RecordedPayment, ...] = ()
    unapplied: str = ""
    too_late: bool = False
    elsewhere: bool = False


Decide = Callable[[Books], Decision]
"""Has no effect of its own: it is called inside the transaction that books its outcome, and again where another worker was quicker."""
Outcome = Decision | Recorded | None
"""What was decided now, what was done before, or that there is no such plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request, and who decides it. `without_plan` is booked where there is no such plan; None refuses the request then. A refused
    `question` waits for no person."""

    asked: Asked
    decide: Decide
    without_plan: Decision | None = None
    question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A request that could not be decided, and why; it may be asked again."""

    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What is known about a request, without a lock: a moment later it may be otherwise. `books` None: no such plan."""

    recorded: Recorded | None
    books: Books | None
