"""What the platform's store takes and returns: plain values, no rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.money.payments import normalise_receipt_id
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.domain.requests import ProcessPayment

ACTIVE, DEPRECATED = "ACTIVE", "DEPRECATED"


class DocumentKind(StrEnum):
    """What a named document is; the value is the template's field that it fills."""

    CONTRACT_TERMS = "contract_terms"
    SERVICE_CYCLE_FSM = "service_cycle_fsm"
    PAYMENT_CYCLE_FSM = "payment_cycle_fsm"
    AGENT_CONFIG = "agent_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDocument:
    """A document that templates name by its id."""

    kind: DocumentKind
    id: str
    content: Mapping[str, Any]


class ChangeKind(StrEnum):
    """What an entry of the change log is about. The three in the middle are refinements, by semantic versioning (decision 23)."""

    CREATED = "CREATED"
    IMPORTED = "IMPORTED"
    PATCH = "PATCH"
    MINOR = "MINOR"
    MAJOR = "MAJOR"
    DEPRECATED = "DEPRECATED"
    MIGRATION = "MIGRATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """One entry of a template's change log. `reasons` are phrases, one a difference; `plans` counts those that a migration moved here."""

    at: datetime
    by: str
    version: str
    kind: ChangeKind
    summary: str
    reasons: tuple[str, ...] = ()
    plans: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """One version of a template as the catalogue keeps it; `template.status` is the template's status now, the same for all its versions.

    `created_at`, `updated_at`, `created_by` and `change_log` (oldest first) are the template's, not the version's.
    """

    template: ServicePlanTemplate
    created_at: datetime
    updated_at: datetime
    created_by: str
    change_log: tuple[TemplateChange, ...]

    @property
    def status(self) -> str:
        """ACTIVE or DEPRECATED."""
        return self.template.status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to write, with its entry in the change log."""

    template: ServicePlanTemplate
    change: TemplateChange


class OpenState(StrEnum):
    """Why something waits for a person: it was refused, a swap was begun and is not completed, or its payment is not confirmed yet. Others
    are booked all the same: a battery came back with clearly more than it went out with, less is booked than the platform works out
    (decision 28), or the time of the swap cannot be right."""

    REFUSED = "refused"
    PAID = "paid"
    RETURNED = "returned"
    UNPROVEN = "unproven"
    RETURNED_MORE = "returned_more"
    BOOKED_LESS = "booked_less"
    ODD_TIME = "odd_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """What is done once. One correlation id does several things in the older sequence: `part` says which, for a kiosk's request the effect
    of its action (decisions 17, 21)."""

    correlation_id: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptKey:
    """A payment receipt, normalised: trimmed and in upper case (decision 10)."""

    method: str
    receipt_id: str

    @classmethod
    def of(cls, payment: ProcessPayment) -> Self:
        """The receipt of a payment, as it was typed or delivered."""
        return cls(method=normalise_receipt_id(payment.payment_method), receipt_id=normalise_receipt_id(payment.payment_receipt_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A request that was carried out: on which plan, the `digest` of its content, the answer byte for byte."""

    plan_id: str
    digest: str
    response: bytes
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPayment:
    """A receipt that the platform has recorded; `owner` is the transaction that it pays, empty while there is none, `event` the
    PAYMENT_RECEIVED event as it is stored."""

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
    """Money that came and counts for no swap: `kind` says why as a code, `reason` as a phrase; `reference` is the transaction it names."""

    key: ReceiptKey
    plan_id: str
    amount: Decimal
    currency: str
    reference: str
    kind: str
    reason: str
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSettle:
    """What a person has to look at although the request is booked: `part` tells it from the request itself, `reason` is a sentence."""

    part: str
    state: OpenState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventToPublish:
    """An event ready to leave. `number` is the database's, 0 before it is stored; `event_id` is the same in every publication."""

    event_id: str
    topic: str
    payload: bytes
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write for a request, all or nothing, and the response.

    `plan` None leaves the plan as it is. Where it is not `final` nothing is recorded under the request's key: the next try may succeed. A
    change of the plan's states is kept all the same, and so is the `reason`, where there is one, for a person, until the same key is
    recorded. `assigned` are payments that belonged to no transaction, with the owner that they have now; `to_settle` what a person has to
    look at. A request that `waits` gets no response: its payment is neither confirmed nor refused. With `claims` the transaction is the
    signer's from now on.
    """

    response: bytes
    final: bool
    waits: bool = False
    reason: str = ""
    plan: ServicePlan | None = None
    service: ServiceFact | None = None
    payment: RecordedPayment | None = None
    assigned: tuple[RecordedPayment, ...] = ()
    unapplied: tuple[Unapplied, ...] = ()
    to_settle: tuple[ToSettle, ...] = ()
    events: tuple[EventToPublish, ...] = ()
    claims: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A request as the store sees it: its key, its plan, the receipt that it shows, its canonical content, who asks and where.

    `pays_for` is what the payment in it is for. `station_id` and `attendant_id` are empty where the request does not say. `signer` is the
    proven station, "" for one that does not sign, None for what no station asks (the ERP system).
    """

    key: RequestKey
    plan_id: str
    action: str
    digest: str
    request: bytes
    receipt: ReceiptKey | None
    at: datetime
    pays_for: RequestKey | None = None
    station_id: str = ""
    attendant_id: str = ""
    signer: str | None = None

    @property
    def transaction(self) -> str:
        """The transaction that it is about, whose owner alone may ask; "" for a payment that names none."""
        if self.pays_for is not None:
            return self.pays_for.correlation_id
        return "" if self.signer is None else self.key.correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedElsewhere:
    """The transaction was begun by another station than the one that asks (decision 27)."""

    transaction: str
    station_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a decision is made from: the plan as it is now, the payments of this receipt and of this transaction.

    Where a receipt is shown: `unassigned` are the plan's payments that belong to no transaction yet, oldest first, and `unapplied` why the
    money of this receipt counts for nothing, "" where it does or is not known. `too_late` where what the payment is for is done already,
    `of_other_plan` where it is for a swap of another plan. `claims` where this request begins the transaction for its signer, and then
    `paid_before` is the money for it, or for its plan and no transaction. `listening` are the stations that hear of a payment for it.
    """

    plan: ServicePlan
    receipt_paid: RecordedPayment | None = None
    payments: tuple[RecordedPayment, ...] = ()
    unassigned: tuple[RecordedPayment, ...] = ()
    unapplied: str = ""
    too_late: bool = False
    of_other_plan: bool = False
    claims: bool = False
    paid_before: tuple[RecordedPayment, ...] = ()
    listening: tuple[str, ...] = ()


Known = Snapshot | RecordedRequest | OwnedElsewhere | None
"""What the store knows about a request: what to decide it from, what was done with its key before, that it is another station's, or None:
there is no such plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A request and the function that decides it. `decide` has no effect of its own: it is called inside the transaction that writes its
    decision, and again where another worker was quicker. What is recorded already it never makes final again."""

    facts: RequestFacts
    decide: Callable[[Known], Decision]
