"""The platform: plans of customers, completions, payments, readings of batteries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.service_plan import ServicePlan, ToldPlans
from kiosk.domain.requests import CompleteService, CompletionRequest, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Payment, Swap


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
        """The plan as the platform has it now. Raises CustomerUnknown, PlanInvalid, StationRefused, LinkDown (no link, or no answer in
        time)."""


class CompletionChannel(Protocol):
    """Where completions go. Sending proves nothing (decision 17); answers come to `on_answer`, on the I/O thread, at any time."""

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion or a step of one; `request` is of `swap`, which may hold more that a dialect sends. The
        same swap and request give the same bytes. Raises StepImpossible for a step of the older sequence in a dialect that has none."""

    async def prepare(self, plan_id: str) -> None:
        """Have the answers of this plan subscribed before they are needed; saves a round trip later. Raises LinkDown."""

    async def send(self, message: OutgoingMessage, *, asking: bool = False) -> None:
        """Publish once, with the subscription to the answer acknowledged before; `asking` the broker whether it takes it, where it can say.

        Raises LinkDown; Forbidden where the broker's access list does not let this kiosk publish or read.
        """

    on_answer: Callable[[Answer], None]


class PaymentChannel(Protocol):
    """Who confirms payments (decision 22). `takes_parts` is false where the platform confirms a payment with its swap alone: a part must be
    confirmed before."""

    takes_parts: bool
    claims: bool
    """Whether a transaction is claimed before money is asked for it (decision 27): where the station signs."""

    async def prepare(self, plan_id: str) -> None:
        """Subscribe to this plan's payments. Raises LinkDown."""

    async def claim(self, swap: Swap, timeout_seconds: float) -> None:
        """Returns when the platform knows that this station began the swap; claimed again it is the same. Raises TransactionOwned,
        StationRefused, LinkDown (no link, or no answer in time)."""

    async def confirm(self, swap: Swap, payment: Payment, timeout_seconds: float) -> None:
        """Returns when the platform has confirmed the receipt. Raises PaymentRefused, PaymentUsed, PaymentUnconfirmed, LinkDown; where it
        says nothing of the receipt TransactionOwned, StationRefused."""

    def received_payments(self, plan_id: str) -> tuple[PaymentReceived, ...]:
        """The payments of this plan that the platform announced since the kiosk was started, oldest first, for whatever transaction."""


class Link(Protocol):
    """The link to the broker, as far as a person may have a say in it."""

    @property
    def seconds_to_try(self) -> float | None:
        """Until the next try to connect; None while one is under way, and while the link is up."""

    def try_now(self) -> None:
        """Connect at once."""


class PlanFeed(Protocol):
    """The station's plans at the platform: those last served there, and the new ones served nowhere yet."""

    async def changes(self, since: str) -> ToldPlans:
        """What changed since a cursor; everything since "".

        Raises LinkDown, NotFound where the platform gives no plans, BadInput where it does not understand the question; where that is the
        cursor, `where` is "cursor".
        """


MAX_REPORTED = 50
"""Readings in one report: far below what the platform takes at once."""


class ReadingChannel(Protocol):
    """Where readings are reported, and the last known ones come from."""

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        """Report readings of one battery, at most MAX_REPORTED; for each "" where it is accepted, else the reason of its refusal.

        Raises LinkDown, and then any of them may have arrived or not; BadInput where the platform takes none of this report, NotFound
        where it keeps no readings.
        """

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        """The last reading that any station reported, None where there is none. Raises LinkDown, BadInput."""
