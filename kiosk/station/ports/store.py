"""The store: the journal, the plan cache and how far its sync has come, the outbox, the queue of readings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from kiosk.domain.approval import Approval
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.money.cash import MoneyAct, MoneyEntry
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.pending_swaps import Answer, PendingSwaps
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import OutboxChanged
from kiosk.station.ports.platform import OutgoingMessage


class OutboxState(StrEnum):
    """Where a completion stands. `resolved` is a refused one that a person has settled, with a note (decision 20)."""

    UNSETTLED = "unsettled"
    SETTLED = "settled"
    REFUSED = "refused"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A completion as stored. `message` is the step that waits for its answer, or the last one; `steps_after` is how many follow it.
    `tries` counts sendings; `reason` is the platform's when refused, and while unsettled why the broker does not take it; `note` the
    person's when resolved. `altered` is whether the message is not the one that the record has: it is never sent."""

    message: OutgoingMessage
    state: OutboxState
    created_at: datetime
    steps_after: int = 0
    tries: int = 0
    last_sent_at: datetime | None = None
    reason: str = ""
    note: str = ""
    altered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedSwap:
    """A swap in the history: the swap as it was completed, where its completion stands, and how often its receipt was printed."""

    swap: Swap
    state: OutboxState
    reason: str = ""
    prints: int = 0

    @property
    def copies(self) -> int:
        """How many of the prints were copies."""
        return max(0, self.prints - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSwap:
    """A swap that was begun and not completed: `set_aside` by a person, or cut off by a restart. `saved_at` is its last step."""

    swap: Swap
    saved_at: datetime
    set_aside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPlan:
    """A plan as the platform last sent it, and when."""

    plan: ServicePlan
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlace:
    """How far a station's sync has come: `cursor` "" before the first page; `fresh_at` is when the last round over everything began."""

    cursor: str
    fresh_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far this kiosk had come when it asked: the number of the last completion stored here, and by plan those that the platform had not
    booked as far as is known here.
    """

    last: int
    not_booked: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedReading:
    """A reading that waits to be reported: `document` is what is sent for it, byte for byte, every time."""

    number: int
    battery_id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecords:
    """What is kept of one customer: names, ids of cached plans, and the swaps in the order in which they were begun; `waiting` are those of
    them that are not booked, kept, or have money of which the platform does not know yet.
    """

    names: tuple[str, ...]
    plan_ids: tuple[str, ...]
    swaps: tuple[str, ...]
    waiting: tuple[str, ...]


class CustomerStore(Protocol):
    """What is kept of customers, and how it is taken away. Each method is one transaction; each raises StoreFailed."""

    def customer_records(self, customer_id: str) -> CustomerRecords:
        """Of one customer."""

    def customer_export(self, customer_id: str) -> dict[str, Any]:
        """All rows of one customer, as JSON has them."""

    def erase_customer(self, customer_id: str, token: str, at: datetime) -> CustomerRecords:
        """A pseudonym, made of `token`, takes the customer's place; cached plans go. Nothing where a swap waits: `waiting` says so."""

    def old_swaps(self, before: datetime, limit: int) -> tuple[str, ...]:
        """Swaps that ended before that time, wait for nothing and still name their customer, oldest first."""

    def forget_swaps(self, ids: Sequence[str], token: str, at: datetime) -> None:
        """As `erase_customer`, of these swaps alone; the bytes that were sent for them go. One that waits by now stays as it is."""

    def forget_plans(self, before: datetime) -> int:
        """As the store's."""

    def scrub(self) -> None:
        """Nothing that was deleted stays readable in the database's file."""


class Store(Protocol):
    """The journal, the plan cache, the outbox, the readings. Each method is one transaction; each raises StoreFailed when the disk does not
    hold it."""

    def save_swap(
        self, swap: Swap, at: datetime, what: str, *, detail: str = "", ids: Mapping[str, str] | None = None, set_aside: bool = False
    ) -> None:
        """Journal one step of a running swap with its row in the record: `what`, `ids`, and the `detail` that was said; a payment takes
        its (method, receipt id) for this swap alone.

        Raises PaymentUsed.
        """

    def leave_swap(self, correlation_id: str, at: datetime, reason: str) -> None:
        """The running swap ends without a completion; it stays in the journal with its reason."""

    def kept_swaps(self) -> tuple[KeptSwap, ...]:
        """Swaps begun and not completed, newest first."""

    def complete(self, swap: Swap, *messages: OutgoingMessage) -> None:
        """The completed swap, its messages in the order of sending, and its audit entry, all or nothing. The same correlation id twice
        raises StoreFailed."""

    def unsettled(self) -> tuple[OutboxEntry, ...]:
        """Completions not answered yet, oldest first."""

    def refused(self) -> tuple[OutboxEntry, ...]:
        """Completions that the platform refused and nobody has resolved, oldest first."""

    def to_send(self, limit: int) -> tuple[OutboxEntry, ...]:
        """The oldest unsettled completion of each plan, those sent least often first, then the oldest, at most `limit`."""

    def outbox_counts(self) -> OutboxChanged:
        """How much waits and is refused; quick, however much waits."""

    def outbox_entry(self, correlation_id: str) -> OutboxEntry:
        """One completion. Raises NotFound."""

    def outbox_messages(self, correlation_id: str) -> tuple[OutgoingMessage, ...]:
        """Everything that is sent for one completion, in order, answered or not, byte for byte; nothing for an id that is not known."""

    def record_sent(self, sent: Sequence[tuple[str, datetime]]) -> None:
        """One more try of each, with its time; several in one transaction."""

    def record_held(self, correlation_id: str, reason: str) -> None:
        """Why an unsettled completion does not leave, "" when it does; one in another state stays as it is."""

    def record_answer(self, answer: Answer, at: datetime, instead: Sequence[OutgoingMessage] = ()) -> OutboxState | None:
        """Where the completion stands after this answer: settled, refused, or unsettled when its next step is to be sent now. With
        `instead` a refused step is not the end: these are to be sent in its place.

        None when there is nothing to change: unknown id, another plan, another step, answered before (a refusal after settlement changes
        nothing; a settlement after a refusal settles)."""

    def hold_back(self, correlation_id: str, reason: str, at: datetime) -> None:
        """An unsettled completion whose message is altered waits for a person, as a refused one does."""

    def retry(self, correlation_id: str, at: datetime, who: str = "") -> None:
        """A refused completion becomes unsettled again, by whom. Raises NotFound."""

    def resolve(self, correlation_id: str, note: str, at: datetime, who: str = "") -> None:
        """A person has settled a refused completion. Raises NotFound."""

    def history(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """Completed swaps, newest first."""

    def completed_swap(self, correlation_id: str) -> CompletedSwap:
        """One completed swap. Raises NotFound."""

    def pending_completions(self, plan_id: str) -> tuple[Swap, ...]:
        """Completed and not yet settled swaps of one plan, oldest first (decision 19)."""

    def pending_swaps(self, plan_id: str) -> PendingSwaps:
        """The pending ones, and those answered after the cached plan was asked for: what that plan may lack."""

    def count_copy(self, correlation_id: str, at: datetime) -> int:
        """One more print came out: 0 for the first, then 1, 2, ... Raises NotFound."""

    def put_plan(self, plan: ServicePlan, as_of: datetime, asked: Progress | None = None) -> None:
        """Cache a plan as the platform sent it; `asked` is the progress when it was asked, now where it is not given."""

    def plan(self, plan_id: str) -> CachedPlan | None: ...

    def plans(self) -> tuple[CachedPlan, ...]:
        """All cached plans, by id."""

    def plans_with(self, text: str, most: int) -> tuple[CachedPlan, ...]:
        """At most so many cached plans, by id, in which this text stands somewhere, in capitals or not."""

    def held_batteries(self, *, except_plan: str) -> frozenset[str]:
        """Other customers' current batteries, normalised: from the cached plans, less and plus what was swapped here since."""

    def knows_code(self, code: str) -> bool:
        """Whether a code is a plan's, a customer's, a battery's (its sticker or its pack's address) or a swap's that is known here, in
        capitals or not."""

    def payment_used_at(self, method: str, receipt_id: str, *, except_swap: str) -> datetime | None:
        """When this receipt paid another swap here (decision 10)."""

    def save_cash(self, station_id: str, at: datetime, given: Decimal, note: str, swap_with: Callable[[str], Swap]) -> Swap:
        """Journal the step of a swap that cash is received for: `swap_with` is the swap with the next number of the station as a
        receipt of it. Number, swap and act are one transaction (decision 31). `given` is what was handed over, change included; `note` an
        id that somebody wrote.

        Raises what `swap_with` raises.
        """

    def give_back(
        self, swap: Swap, act: MoneyAct, at: datetime, station_id: str, approval: Approval, credited: Swap | None = None
    ) -> MoneyEntry:
        """The money of a begun swap goes back by a numbered act (decision 38). Its receipts stay used. The swap ends, or, where `credited`
        is given, is kept as that.

        Raises NotFound where the swap has ended.
        """

    def money_entries(self, correlation_id: str) -> tuple[MoneyEntry, ...]:
        """The acts with the money of one swap, in their order."""

    def money_book(self, limit: int = 100) -> tuple[MoneyEntry, ...]:
        """All acts with money, newest first."""

    def begin_cash_series(self, station_id: str, at: datetime, why: str) -> None:
        """From now on cash receipts are numbered in a new series, `R1`, `R2`, ...: numbers of the one before may be used elsewhere."""

    def number_cash_above(self, station_id: str, highest: int, at: datetime) -> None:
        """The next number of the series is above this one, which the platform knows."""

    def untold_money(self) -> tuple[Swap, ...]:
        """Swaps whose payments stay at the platform's desk, which does not know of it yet."""

    def record_told(self, correlation_id: str, at: datetime) -> None:
        """The platform knows of these payments now."""

    def sync_place(self, station_id: str) -> SyncPlace | None:
        """Where to go on; None when it was never begun."""

    def progress(self, plan_id: str | None = None) -> Progress:
        """How far this kiosk has come now; `not_booked` of that plan alone where one is named."""

    def put_told(
        self, plans: Sequence[ServicePlan], asked: Progress, asked_at: datetime, now: datetime, station_id: str, place: SyncPlace
    ) -> tuple[str, ...]:
        """A page and its cursor, all or nothing. The plans are as of `asked_at`: a plan that came since stays as it is. Ids of the
        plans that were stored."""

    def forget_plans(self, before: datetime) -> int:
        """Plans that last came before that time and with nothing pending are forgotten; how many."""

    def queue_reading(self, read: KnownReading) -> int:
        """Keep a reading until it is reported; how many were forgotten unreported for it, because the queue is full.

        Raises BadInput for what cannot be reported at all: no id that can be one, a number that is none.
        """

    def readings_to_report(self, limit: int) -> tuple[QueuedReading, ...]:
        """The oldest that wait."""

    def record_reports(self, reports: Sequence[tuple[int, str]]) -> None:
        """The numbers that were accepted, each with "", and those refused, each with the reason: these wait no longer."""

    def last_reading(self, battery_id: str, before: datetime) -> KnownReading | None:
        """The last reading of this battery made here before that time."""

    def audit(
        self,
        at: datetime,
        what: str,
        correlation_id: str = "",
        detail: str = "",
        *,
        who: str = "",
        ids: Mapping[str, str] | None = None,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        """One row of the record in a transaction of its own (decision 37). `what`, `who`, `ids` and `digests` are the chain's: no name, no
        phone number, no words about a customer. What was said is the `detail`: the chain has its digest."""

    def close(self) -> None: ...
