"""Ports: what the services need from outside. Adapters implement them; `bootstrap` chooses; tests pass simulators.

Every coroutine here may be cancelled at any time and then leaves nothing open. Every wait has a deadline of its own.
All times are aware and in UTC. Store calls are synchronous, short, and made from the I/O thread only.
"""

from kiosk.station.ports.batteries import BatteryScanner, PhaseTime, ReadingGaveWay, ReadPhase, ReadTrace, Scenario, Sighting, Training
from kiosk.station.ports.bindings import BindingChannel, BindingStore, KnownBatteries, NoBindings, QueuedBinding, SecretFiles
from kiosk.station.ports.people_list import KnownPerson, PeopleChannel, PeopleStore, ToldPeople
from kiosk.station.ports.platform import (
    MAX_REPORTED,
    CompletionChannel,
    Link,
    OutgoingMessage,
    PaymentChannel,
    PlanFeed,
    PlanSource,
    ReadingChannel,
)
from kiosk.station.ports.printing import KeptReceipts, Printer, ReceiptArchive, ReceiptMaker
from kiosk.station.ports.store import (
    CachedPlan,
    CompletedSwap,
    CustomerRecords,
    CustomerStore,
    KeptSwap,
    OutboxEntry,
    OutboxState,
    Progress,
    QueuedReading,
    Store,
    SyncPlace,
)

__all__ = [
    "MAX_REPORTED",
    "BatteryScanner",
    "BindingChannel",
    "BindingStore",
    "CachedPlan",
    "CompletedSwap",
    "CompletionChannel",
    "CustomerRecords",
    "CustomerStore",
    "KeptReceipts",
    "KeptSwap",
    "KnownBatteries",
    "KnownPerson",
    "Link",
    "NoBindings",
    "OutboxEntry",
    "OutboxState",
    "OutgoingMessage",
    "PaymentChannel",
    "PeopleChannel",
    "PeopleStore",
    "PhaseTime",
    "PlanFeed",
    "PlanSource",
    "Printer",
    "Progress",
    "QueuedBinding",
    "QueuedReading",
    "ReadPhase",
    "ReadTrace",
    "ReadingChannel",
    "ReadingGaveWay",
    "ReceiptArchive",
    "ReceiptMaker",
    "Scenario",
    "SecretFiles",
    "Sighting",
    "Store",
    "SyncPlace",
    "ToldPeople",
    "Training",
]
