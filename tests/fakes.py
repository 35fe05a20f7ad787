"""Small honest implementations of the ports: each does what its port says, in memory, and can be told what to meet."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import BatteryUnreachable, CustomerUnknown, KioskError, LinkDown, PrinterUnavailable
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompletionRequest, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.receipt import ReceiptText
from kiosk.domain.swap.swap import Payment, Swap
from kiosk.station.events import Announce
from kiosk.station.ports import BindingStore, OutgoingMessage, ReadPhase, ReadTrace, Sighting
from kiosk.station.services.bindings import Bindings
from kiosk.wire.request_documents import write_request


@dataclass
class FakeClock:
    """Wall and monotonic time that move when told to."""

    wall: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    steady: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def pass_time(self, seconds: float) -> None:
        """Both clocks go on."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def jump(self, seconds: float) -> None:
        """Only the wall clock is set."""
        self.wall += timedelta(seconds=seconds)


@dataclass
class CountedIds:
    """Ids in order."""

    made: int = 0

    def __call__(self) -> str:
        self.made += 1
        return f"TXN-{self.made:026}"


@dataclass
class PlanTeller:
    """PlanSource: tells the plans it knows, or raises what it is told to."""

    plans: dict[str, ServicePlan] = field(default_factory=dict)
    failure: KioskError | None = None

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        if self.failure is not None:
            raise self.failure
        if code.plan_id not in self.plans:
            raise CustomerUnknown(code.plan_id)
        return self.plans[code.plan_id]


def _unheard(_answer: Answer) -> None:
    """Until the outbox listens."""


class RecordingChannel:
    """CompletionChannel: keeps what is sent; `down` is a link that does not work."""

    def __init__(self) -> None:
        self.down = False
        self.sent: list[OutgoingMessage] = []
        self.on_answer: Callable[[Answer], None] = _unheard

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        plan_id, payload = swap.plan.id, write_request(request)
        return OutgoingMessage(
            correlation_id=swap.correlation_id, plan_id=plan_id, topic=f"call/{plan_id}", payload=payload, action=request.action
        )

    async def prepare(self, plan_id: str) -> None:
        if self.down:
            raise LinkDown("no network")

    async def send(self, message: OutgoingMessage, *, asking: bool = False) -> None:
        if self.down:
            raise LinkDown("no network")
        self.sent.append(message)

    def settle(self, message: OutgoingMessage) -> None:
        """The platform's good word."""
        self.on_answer(Settled(correlation_id=message.correlation_id, plan_id=message.plan_id, raw=b"{}", action=message.action))

    def refuse(self, message: OutgoingMessage, reason: str = "no such plan", signal: str = "SERVICE_COMPLETION_FAILED") -> None:
        """The platform's refusal."""
        self.on_answer(
            Rejected(
                correlation_id=message.correlation_id,
                plan_id=message.plan_id,
                raw=b"{}",
                reason=reason,
                signals=(signal,),
                action=message.action,
            )
        )


@dataclass
class SecretsInMemory:
    """SecretFiles: each of one binding as it was bound once."""

    kept: dict[str, tuple[Binding, str]] = field(default_factory=dict, repr=False)

    def secret(self, binding: Binding) -> str:
        of, secret = self.kept.get(binding.battery_id, (None, ""))
        return secret if of is not None and (of.address, of.bound_at) == (binding.address, binding.bound_at) else ""

    def keep(self, binding: Binding, secret: str) -> None:
        self.kept[binding.battery_id] = (binding, secret)

    def forget(self, battery_id: str) -> None:
        self.kept.pop(battery_id, None)

    def keep_only(self, battery_ids: Sequence[str]) -> None:
        self.kept = {each: kept for each, kept in self.kept.items() if each in battery_ids}


def bindings_alone(store: BindingStore, clock: FakeClock, announce: Announce = lambda _event: None) -> Bindings:
    """The table of batteries of a station without a platform over HTTP."""
    return Bindings(store, SecretsInMemory(), clock, announce, station_id="STATION_XYZ", ids=CountedIds())


@dataclass
class FixedScanner:
    """BatteryScanner: reads the batteries it is given, and keeps the capacities that it was told to estimate with."""

    readings: dict[str, BatteryTelemetry] = field(default_factory=dict)
    capacities: list[Decimal | None] = field(default_factory=list)
    energy_needed: bool = True

    async def start(self) -> None:
        """Nothing to prepare."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        yield tuple(Sighting(address=battery_id, name=battery_id) for battery_id in self.readings)

    async def read(
        self,
        battery_id: str,
        on_phase: Callable[[ReadPhase], None],
        timeout_seconds: float,
        default_kwh: Decimal | None = None,
        *,
        energy_needed: bool = True,
        in_background: bool = False,
    ) -> BatteryTelemetry:
        self.capacities.append(default_kwh)
        self.energy_needed = energy_needed
        for phase in ReadPhase:
            on_phase(phase)
        if battery_id not in self.readings:
            raise BatteryUnreachable(battery_id, timeout_seconds)
        return self.readings[battery_id]

    def last_reads(self) -> tuple[ReadTrace, ...]:
        return ()

    async def check(self) -> bool:
        return True


@dataclass
class AgreeingPayments:
    """PaymentChannel: confirms, or raises what it is told to; `told` is what the platform said by itself."""

    failure: KioskError | None = None
    asked: list[str] = field(default_factory=list)
    takes_parts: bool = True
    told: list[PaymentReceived] = field(default_factory=list)
    claims: bool = False
    claimed: list[str] = field(default_factory=list)
    no_claim: KioskError | None = None

    async def prepare(self, plan_id: str) -> None:
        """Everything is heard anyway."""

    async def claim(self, swap: Swap, timeout_seconds: float) -> None:
        self.claimed.append(swap.correlation_id)
        if self.no_claim is not None:
            raise self.no_claim

    async def confirm(self, swap: Swap, payment: Payment, timeout_seconds: float) -> None:
        self.asked.append(payment.receipt_id)
        if self.failure is not None:
            raise self.failure

    def received_payments(self, plan_id: str) -> tuple[PaymentReceived, ...]:
        return tuple(each for each in self.told if each.plan_id == plan_id)


class BlankPaper:
    """ReceiptMaker: a page that says which receipt it is."""

    async def make(self, text: ReceiptText) -> bytes:
        return f"%PDF {text.transaction_id} {text.copy}".encode()


@dataclass
class RecordingPrinter:
    """Printer: notes what it prints, or is out of order for a `reason`."""

    reason: str = ""
    printed: list[str] = field(default_factory=list)

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        if self.reason:
            raise PrinterUnavailable(self.reason)
        self.printed.append(title)

    async def check(self) -> bool:
        if self.reason:
            raise PrinterUnavailable(self.reason)
        return True
