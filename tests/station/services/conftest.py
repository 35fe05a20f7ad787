"""A counter on a real SQLite file, with a platform and a radio that do as they are told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Swap, SwapRules
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Event
from kiosk.station.services.money_back import MoneyBack
from kiosk.station.services.outbox import Outbox, RetryPolicy
from kiosk.station.services.people import People
from kiosk.station.services.plans import Plans
from kiosk.station.services.station import Station
from kiosk.station.services.swaps import Swaps
from tests.builders import plan_of, reading
from tests.fakes import AgreeingPayments, CountedIds, FakeClock, FixedScanner, PlanTeller, RecordingChannel
from tests.station.services.binding_station import Bound
from tests.station.services.people_station import Crew, people_of


@dataclass
class Counter:
    """Everything a test may look at or tell."""

    store: SqlStore
    clock: FakeClock = field(default_factory=FakeClock)
    teller: PlanTeller = field(default_factory=PlanTeller)
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    scanner: FixedScanner = field(default_factory=FixedScanner)
    payments: AgreeingPayments = field(default_factory=AgreeingPayments)
    events: list[Event] = field(default_factory=list)
    known: People | None = None

    def __post_init__(self) -> None:
        policy = RetryPolicy(first_seconds=3, most_seconds=60, spread=lambda: 0.0)
        self.people = self.known or people_of(self.store, self.clock, self.events.append, supervisors=("SUP-7",))
        self.outbox = Outbox(self.store, self.channel, self.clock, self.events.append, policy, self.people)
        self.plans = Plans(self.teller, self.store, self.clock, self.events.append, collectable=Collectable())
        self.swaps = Swaps(
            plans=self.plans,
            scanner=self.scanner,
            store=self.store,
            channel=self.channel,
            payments=self.payments,
            outbox=self.outbox,
            clock=self.clock,
            ids=CountedIds(),
            station=Station(id="STATION_XYZ", name="Station 14", attendant_id="ATT-001"),
            rules=SwapRules(),
            people=self.people,
        )
        self.money_back = MoneyBack(self.store, self.payments, self.clock, self.swaps.station, self.people)

    def know(self, plan: ServicePlan | None = None) -> CustomerCode:
        """The platform knows this plan; the code that finds it."""
        plan = plan or plan_of()
        self.teller.plans[plan.id] = plan
        return CustomerCode(text=plan.id, plan_id=plan.id)

    async def to_review(self, plan: ServicePlan | None = None, new_id: str = "BAT-67890") -> Swap:
        """A swap with both batteries."""
        swap = await self.swaps.identify(self.know(plan))
        if not swap.plan.first_visit:
            swap = await self.swaps.accept_returned(swap, reading(swap.plan.current_asset or ""))
        return await self.swaps.accept_new(swap, reading(new_id, "30.4"))


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    store = open_store(tmp_path / "kiosk.sqlite")
    yield Counter(store)
    store.close()


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Bound]:
    made = Bound(tmp_path)
    yield made
    for each in made.stores:
        each.close()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    made = Crew(tmp_path)
    yield made
    for each in made.stores:
        each.close()
