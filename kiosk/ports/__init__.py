"""What the services ask of the world. Adapters implement these; `bootstrap` chooses them; tests pass simulators.

Every coroutine here may be cancelled at any time and then leaves nothing open. Every wait has a deadline of its own.
All times are aware and in UTC. Store calls are synchronous, short, and made from the I/O thread only.
"""

from kiosk.domain.customer_code import CustomerCode
from kiosk.ports.batteries import BatteryScanner, PhaseTime, ReadPhase, ReadTrace, Sighting
from kiosk.ports.paper import Printer, ReceiptArchive, ReceiptMaker
from kiosk.ports.platform import CompletionChannel, OutgoingMessage, PaymentDesk, PlanSource
from kiosk.ports.practice import Practice, Scenario
from kiosk.ports.store import CachedPlan, CompletedSwap, KeptSwap, OutboxCounts, OutboxEntry, OutboxState, Store
from kiosk.shared.clock import Clock, Ids

__all__ = [
    "BatteryScanner",
    "CachedPlan",
    "Clock",
    "CompletedSwap",
    "CompletionChannel",
    "CustomerCode",
    "Ids",
    "KeptSwap",
    "OutboxCounts",
    "OutboxEntry",
    "OutboxState",
    "OutgoingMessage",
    "PaymentDesk",
    "PhaseTime",
    "PlanSource",
    "Practice",
    "Printer",
    "ReadPhase",
    "ReadTrace",
    "ReceiptArchive",
    "ReceiptMaker",
    "Scenario",
    "Sighting",
    "Store",
]
