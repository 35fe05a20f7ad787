"""What the services ask of the world. Adapters implement these; `bootstrap` chooses them; tests pass simulators.

Every coroutine here may be cancelled at any time and then leaves nothing open. Every wait has a deadline of its own.
All times are aware and in UTC. Store calls are synchronous, short, and made from the I/O thread only.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kiosk.domain.answer import Answer
from kiosk.domain.battery import BatteryTelemetry
from kiosk.domain.plan import ServicePlan
from kiosk.domain.receipt import Receipt
from kiosk.domain.requests import CompleteService, CompletionRequest
from kiosk.domain.swap import Payment, Swap
from kiosk.events import PaymentReceived


class Clock(Protocol):
    """Wall time for records and monotonic time for waits; a jump of the first never shortens or stretches a wait."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class Ids(Protocol):
    """Ids made here."""

    def correlation_id(self) -> str:
        """`TXN-` and a 26-character ULID (decision 16)."""
        ...


# ---------------------------------------------------------------- batteries


class ReadPhase(StrEnum):
    """What a reading is busy with, in order."""

    LOOKING = "looking"
    CONNECTING = "connecting"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """One phase of a reading and how long it took."""

    phase: ReadPhase
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrace:
    """How one reading went, for support. `asked` is the id, tail or address that was looked for, `phases` in their order (one comes again
    when it was tried again), `retries` the links that were tried once more, `recoveries` what was done to a stuck adapter, as phrases.
    `outcome` is "read", "broken off" or the reason of the failure; `battery_id` the id that was read, if any.
    """

    asked: str
    started_at: datetime
    seconds: float
    phases: tuple[PhaseTime, ...]
    outcome: str
    battery_id: str = ""
    rssi: int | None = None
    retries: int = 0
    recoveries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A battery in range. `name` is as advertised and may be truncated; `rssi` in dBm, smoothed, None when not told."""

    address: str
    name: str
    rssi: int | None = None
    protocol: str = ""


class BatteryScanner(Protocol):
    """The one owner of the radio."""

    async def start(self) -> None:
        """Prepare the radio. Failing is no error here: `read` and `sightings` say it."""
        ...

    async def stop(self) -> None: ...

    def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        """Batteries in range, strongest first, at most three times a second, until closed. Raises BatteryUnreachable."""
        ...

    async def read(
        self, battery_id: str, on_phase: Callable[[ReadPhase], None], timeout_seconds: float, default_kwh: Decimal | None = None, *,
        energy_needed: bool = True,
    ) -> BatteryTelemetry:  # fmt: skip
        """Read the battery whose id (or the tail of it) is `battery_id`, or whose address it is; the returned id is the battery's own.

        `default_kwh` is the capacity to estimate with where estimates are allowed and the battery tells none (decision 11). Where no
        `energy_needed`, a battery that does not tell it is read all the same, with None (decision 21).

        Raises BatteryUnreachable, BatteryUnreadable.
        """
        ...

    def last_reads(self) -> tuple[ReadTrace, ...]:
        """How the last readings went, newest first; a few dozen are kept."""
        ...


# ---------------------------------------------------------------- the platform


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCode:
    """A code as it was read, and the plan id in it. `typed` tells it from a scanned one."""

    text: str
    plan_id: str
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A completion ready to leave, or one step of it (`action`): `payload` is sent byte for byte, the first time and every time
    (decision 16)."""

    correlation_id: str
    plan_id: str
    topic: str
    payload: bytes
    action: str = CompleteService.action


class PlanSource(Protocol):
    """Where plans come from."""

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        """The plan as the platform tells it now. Raises CustomerUnknown, PlanInvalid, LinkDown (no link, or no answer in time)."""
        ...


class CompletionChannel(Protocol):
    """Where completions go. Sending proves nothing (decision 17); answers come to `on_answer`, on the I/O thread, at any time."""

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion or a step of one; `request` is of `swap`, which may hold more that a dialect tells. The
        same swap and request give the same bytes. Raises StepImpossible for a step of the older sequence in a dialect that has none."""
        ...

    async def prepare(self, plan_id: str) -> None:
        """Have the answers of this plan subscribed before they are needed; saves a round trip later. Raises LinkDown."""
        ...

    async def send(self, message: OutgoingMessage) -> None:
        """Publish once, with the subscription to the answer acknowledged before. Raises LinkDown."""
        ...

    on_answer: Callable[[Answer], None]


class PaymentDesk(Protocol):
    """Who confirms payments (decision 22). `takes_parts` is false where the platform confirms a payment with its swap alone: a part needs
    the platform's word before."""

    takes_parts: bool

    async def prepare(self, plan_id: str) -> None:
        """Hear of this plan's payments from now on. Raises LinkDown."""
        ...

    async def confirm(self, swap: Swap, payment: Payment, timeout_seconds: float) -> None:
        """Returns when the platform has confirmed the receipt. Raises PaymentRefused, PaymentUsed, PaymentUnconfirmed, LinkDown."""
        ...

    def heard(self, plan_id: str) -> tuple[PaymentReceived, ...]:
        """What the platform told of this plan's payments since the kiosk was started, oldest first, whatever transaction they are for."""
        ...


# ---------------------------------------------------------------- the store


class OutboxState(StrEnum):
    """Where a completion stands. `resolved` is a refused one that a person has settled, with a note (decision 20)."""

    UNSETTLED = "unsettled"
    SETTLED = "settled"
    REFUSED = "refused"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A completion as stored. `message` is the step that waits for its answer, or the last one; `steps_after` is how many follow it.
    `tries` counts sendings; `reason` is the platform's when refused; `note` the person's when resolved."""

    message: OutgoingMessage
    state: OutboxState
    created_at: datetime
    steps_after: int = 0
    tries: int = 0
    last_sent_at: datetime | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How much waits, since when the oldest does, and how much is refused and not resolved."""

    unsettled: int
    oldest: datetime | None
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedSwap:
    """A swap in the history: the swap as it was completed, where its completion stands, and how many copies were printed."""

    swap: Swap
    state: OutboxState
    reason: str = ""
    copies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSwap:
    """A swap that was begun and not completed: `set_aside` by a person, or cut off by a restart. `saved_at` is its last step."""

    swap: Swap
    saved_at: datetime
    set_aside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPlan:
    """A plan as the platform last told it, and when."""

    plan: ServicePlan
    as_of: datetime


class Store(Protocol):
    """The journal, the plan cache, the outbox. Each method is one transaction; each raises StoreFailed when the disk does not hold it."""

    def save_swap(self, swap: Swap, at: datetime, what: str, *, set_aside: bool = False) -> None:
        """Journal one step of a running swap with its audit entry `what`; a payment takes its (method, receipt id) for this swap alone.

        Raises PaymentUsed.
        """
        ...

    def leave_swap(self, correlation_id: str, at: datetime, reason: str) -> None:
        """The running swap ends without a completion; it stays in the journal with its reason."""
        ...

    def kept_swaps(self) -> tuple[KeptSwap, ...]:
        """Swaps begun and not completed, newest first."""
        ...

    def complete(self, swap: Swap, *messages: OutgoingMessage) -> None:
        """The completed swap, its messages in the order of sending, and its audit entry, all or nothing. The same correlation id twice
        raises StoreFailed."""
        ...

    def unsettled(self) -> tuple[OutboxEntry, ...]:
        """Completions not answered yet, oldest first."""
        ...

    def refused(self) -> tuple[OutboxEntry, ...]:
        """Completions that the platform refused and nobody has resolved, oldest first."""
        ...

    def to_send(self, limit: int) -> tuple[OutboxEntry, ...]:
        """The oldest unsettled completion of each plan, those sent least often first, then the oldest, at most `limit`."""
        ...

    def outbox_counts(self) -> OutboxCounts:
        """Quick, however much waits."""
        ...

    def outbox_entry(self, correlation_id: str) -> OutboxEntry:
        """One completion. Raises NotFound."""
        ...

    def record_sent(self, sent: Sequence[tuple[str, datetime]]) -> None:
        """One more try of each, with its time; several in one transaction."""
        ...

    def record_answer(self, answer: Answer, at: datetime, instead: Sequence[OutgoingMessage] = ()) -> OutboxState | None:
        """Where the completion stands after this answer: settled, refused, or unsettled when its next step is to be sent now. With
        `instead` a refused step is not the end: these are to be sent in its place.

        None when there is nothing to change: unknown id, another plan, another step, answered before (a refusal after settlement changes
        nothing; a settlement after a refusal settles)."""
        ...

    def retry(self, correlation_id: str, at: datetime) -> None:
        """A refused completion becomes unsettled again. Raises NotFound."""
        ...

    def resolve(self, correlation_id: str, note: str, at: datetime) -> None:
        """A person has settled a refused completion. Raises NotFound."""
        ...

    def history(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """Completed swaps, newest first."""
        ...

    def completed_swap(self, correlation_id: str) -> CompletedSwap:
        """One completed swap. Raises NotFound."""
        ...

    def pending_completions(self, plan_id: str) -> tuple[Swap, ...]:
        """Completed and not yet settled swaps of one plan, oldest first (decision 19)."""
        ...

    def completions_since_told(self, plan_id: str) -> tuple[Swap, ...]:
        """The pending ones, and those settled after the cached plan was told, oldest first: what that plan does not hold."""
        ...

    def count_copy(self, correlation_id: str, at: datetime) -> int:
        """One more print: 0 for the first, then 1, 2, ... Raises NotFound."""
        ...

    def put_plan(self, plan: ServicePlan, as_of: datetime) -> None:
        """Cache a plan as the platform told it."""
        ...

    def plan(self, plan_id: str) -> CachedPlan | None: ...

    def plans(self) -> tuple[CachedPlan, ...]:
        """All cached plans, by id."""
        ...

    def held_batteries(self, *, except_plan: str) -> frozenset[str]:
        """Other customers' current batteries, normalised: from the cached plans, less and plus what was swapped here since."""
        ...

    def payment_used_at(self, method: str, receipt_id: str, *, except_swap: str) -> datetime | None:
        """When this receipt paid another swap here (decision 10)."""
        ...

    def audit(self, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
        """One entry in the audit trail."""
        ...

    def close(self) -> None: ...


# ---------------------------------------------------------------- paper


class ReceiptMaker(Protocol):
    """Receipt to PDF."""

    async def make(self, receipt: Receipt) -> bytes:
        """The PDF, one page exactly as long as its content."""
        ...


class ReceiptArchive(Protocol):
    """Receipts on disk."""

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write a receipt under this name, whole or not at all. Raises StoreFailed."""
        ...


class Printer(Protocol):
    """PDF to paper."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Returns when the job is accepted. Raises PrinterUnavailable within its own deadline."""
        ...


# ---------------------------------------------------------------- practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation to practise: what it is about, the customer's code, the battery to choose, and what the trainee will meet, in order."""

    id: str
    title: str
    about: str
    customer_code: str
    new_battery_id: str
    steps: tuple[str, ...]


class Practice(Protocol):
    """The world of training mode: a platform and batteries that can be set up for a scenario. Absent at a real counter."""

    scenarios: tuple[Scenario, ...]

    async def begin(self, scenario_id: str) -> Scenario:
        """Put plans, batteries and faults in place for one scenario. Raises NotFound."""
        ...
