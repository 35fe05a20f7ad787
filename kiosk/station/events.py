"""What a running kiosk announces, and the hub that hands it on. Whoever starts the kiosk passes one `Announce`; the window turns it into
a signal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.people import Person
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.health import Health, HealthPart


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxChanged:
    """How much is not settled, the age of the oldest, and how much the platform refused and nobody has resolved."""

    unsettled: int
    oldest: datetime | None
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAnswered:
    """The platform has answered a completion: `settled`, or refused for `reason`. Announced before the answer is stored, so that
    nobody waits for the disk; were it lost here, the completion is sent again and answered again (decision 17)."""

    correlation_id: str
    settled: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefreshed:
    """The platform has sent the plan anew."""

    plan_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterChanged:
    """How the receipt of the swap `correlation_id` ended: `available` when it was printed, else `reason`, and `repair` and `short` as in
    PrinterUnavailable. `set_up` is False where there is nothing to print on."""

    available: bool
    correlation_id: str
    reason: str = ""
    repair: str = ""
    short: str = ""
    set_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChanged:
    """How a part of the counter is from now on."""

    part: HealthPart
    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingsChanged:
    """How many batteries are bound, how many changes made here wait for the platform, and how many it refused: these wait for a
    supervisor."""

    bound: int
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryReadBehind:
    """The reading of a battery in the background has begun or ended, for better or worse. `target` is its id or address, normalised."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """This person works at the counter from now on; `before` is who handed it over, None where nobody did."""

    person: Person
    before: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """Nobody works at the counter now."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """The counter is locked: customers are hidden, and whoever works there types the PIN, or hands over."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """It goes on where it stood."""

    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChanged:
    """Who may sign in here has changed; `known` is how many they are."""

    known: int


Event = (
    BatteryReadBehind
    | BindingsChanged
    | HealthChanged
    | LinkChanged
    | Locked
    | OutboxChanged
    | PaymentReceived
    | PeopleChanged
    | PlanRefreshed
    | PrinterChanged
    | SignedIn
    | SignedOut
    | SwapAnswered
    | Unlocked
)
Announce = Callable[[Event], None]


class EventHub:
    """Hands each event to all who subscribed, in the order of subscribing, on the thread that announces it."""

    def __init__(self) -> None:
        self._listeners: list[Announce] = []

    def subscribe(self, listener: Announce) -> None:
        """From now on `listener` is called with each event; it raises nothing."""
        self._listeners.append(listener)

    def announce(self, event: Event) -> None:
        """Something has happened."""
        for listener in self._listeners:
            listener(event)
