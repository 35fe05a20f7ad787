"""A counter for tests of the window itself: real services on a real SQLite file, with a platform, a radio and paper that do as told."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from kiosk.domain.money.money import Collectable
from kiosk.domain.money.pay_code import pay_template
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Step, Swap, SwapRules
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.record_files import AcknowledgedHead
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.ports import Training
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.device_health import LinkState
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.money_back import MoneyBack
from kiosk.station.services.open_completions import History
from kiosk.station.services.outbox import Outbox, RetryPolicy
from kiosk.station.services.plans import Plans
from kiosk.station.services.print_queue import PrintQueue
from kiosk.station.services.receipts import Receipts
from kiosk.station.services.record import Record
from kiosk.station.services.station import Station
from kiosk.station.services.swaps import Swaps
from tests.builders import plan_of, reading
from tests.fakes import (
    AgreeingPayments,
    BlankPaper,
    CountedIds,
    FakeClock,
    FixedScanner,
    PlanTeller,
    RecordingChannel,
    RecordingPrinter,
    bindings_alone,
)
from tests.station.services.people_station import people_of
from tests.ui.screens import Hands, frame_in, widgets_of
from ui.bridge import Bridge
from ui.devices.sounds import Sounds
from ui.pages.customer.page import CustomerPage
from ui.pages.formatting import RAIL
from ui.pages.page_context import Page, PageContext
from ui.widgets import Widgets
from ui.widgets.frame import Action, FrameState
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.wizard import PageMaker, SwapWizard

START_MILLISECONDS = 60_000  # many counters may start at once
STATION = Station(id="STATION_XYZ", name="Station 14", attendant_id="ATT-001")


@dataclass
class SlowTeller(PlanTeller):
    """A platform that can be told to keep silent until the work is cancelled."""

    silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        self.asked.append(code.text)
        if self.silent:
            await asyncio.Event().wait()
        return await super().identify(code, timeout_seconds)


class StepPage(Page):
    """A page of a step that only notes what comes to it."""

    step = Step.RETURNED

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.came: list[str] = []

    def frame_state(self) -> FrameState:
        return FrameState(title=self.step.value, step=RAIL[self.step], primary=Action(words="Go on"), other=Action(words="Something else"))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.came.append("enter")

    def leave(self) -> None:
        super().leave()
        self.came.append("leave")

    def primary(self) -> None:
        self.came.append("primary")

    def other(self) -> None:
        self.came.append("other")

    def type_character(self, character: str) -> None:
        self.came.append(f"typed {character}")

    def handle_scan(self, text: str) -> str:
        self.came.append(f"scanned {text}")
        return "" if text.startswith("BAT") else "Scan the battery now."


def page_for(step: Step) -> PageMaker:
    """A noting page for a step."""
    return type(f"{step.value.title()}Page", (StepPage,), {"step": step})


@dataclass(kw_only=True)
class World:
    """What a test may look at or tell."""

    bridge: Bridge
    store: SqlStore
    kiosk: Kiosk
    clock: FakeClock = field(default_factory=FakeClock)
    teller: SlowTeller
    channel: RecordingChannel
    scanner: FixedScanner
    printer: RecordingPrinter
    payments: AgreeingPayments = field(default_factory=AgreeingPayments)
    crewed: bool = False  # by those tests that want people
    qtbot: QtBot

    def know(self, plan: ServicePlan | None = None) -> str:
        """The platform knows this plan; the code on the customer's card."""
        plan = plan or plan_of(customer_name="Amina Wanjiru")
        self.teller.plans[plan.id] = plan
        return plan.id

    def wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work on the I/O thread."""
        done: list[T] = []
        failed: list[Exception] = []
        self.bridge.run(work, done.append, failed.append)
        self.qtbot.waitUntil(lambda: bool(done or failed))
        if failed:
            raise failed[0]
        return done[0]

    def begun(self, plan: ServicePlan | None = None) -> Swap:
        """A swap that was begun here."""
        code = self.know(plan)
        return self.wait(self.kiosk.swaps.identify(CustomerCode(text=code, plan_id=code)))

    def to_review(self, plan: ServicePlan | None = None) -> Swap:
        """A swap with both batteries."""
        return self.to_review_from(self.begun(plan))

    def to_review_from(self, swap: Swap) -> Swap:
        """The same of a swap that was begun."""
        if not swap.plan.first_visit:
            swap = self.wait(self.kiosk.swaps.accept_returned(swap, reading(swap.plan.current_asset or "")))
        return self.wait(self.kiosk.swaps.accept_new(swap, reading("BAT-67890", "30.4")))

    def completed(self, plan: ServicePlan | None = None) -> Swap:
        """A swap that is complete and not yet answered."""
        return self.wait(self.kiosk.swaps.complete(self.to_review(plan)))


@contextmanager
def world_in(folder: Path, qtbot: QtBot, practice: Training | None = None) -> Iterator[World]:
    """A counter's services, started and stopped on an I/O thread of their own."""
    bridge = Bridge()
    bridge.start()
    clock, teller, channel, scanner, printer = FakeClock(), SlowTeller(), RecordingChannel(), FixedScanner(), RecordingPrinter()
    payments = AgreeingPayments()

    async def built() -> tuple[Kiosk, SqlStore]:
        store = open_store(folder / "kiosk.sqlite")

        async def close_store() -> None:
            store.close()

        people = people_of(store, clock, bridge.announce)
        outbox = Outbox(store, channel, clock, bridge.announce, RetryPolicy(spread=lambda: 0.0), people=people)
        plans = Plans(teller, store, clock, bridge.announce, collectable=Collectable())
        swaps = Swaps(
            plans=plans,
            scanner=scanner,
            store=store,
            channel=channel,
            payments=payments,
            outbox=outbox,
            clock=clock,
            ids=CountedIds(),
            station=STATION,
            rules=SwapRules(),
            people=people,
        )
        receipts = Receipts(store, BlankPaper(), FolderArchive(folder / "receipts"), clock, STATION, Collectable(), training=False)
        printing = PrintQueue(printer, clock, bridge.announce)
        kiosk = Kiosk(
            swaps=swaps,
            plans=plans,
            history=History(store),
            outbox=outbox,
            receipts=receipts,
            printing=printing,
            scanner=scanner,
            reads=BackgroundReads(swaps, scanner, clock, bridge.announce),
            link=LinkState(),
            record=Record(store, AcknowledgedHead(folder / "record-head"), clock),
            bindings=bindings_alone(store, clock, bridge.announce),
            money_back=MoneyBack(store, payments, clock, STATION, people),
            people=people,
            closing=(close_store,),
            training=practice,
        )
        await kiosk.start()
        return kiosk, store

    parts: list[tuple[Kiosk, SqlStore]] = []
    bridge.run(built(), parts.append)
    qtbot.waitUntil(lambda: bool(parts), timeout=START_MILLISECONDS)
    kiosk, store = parts[0]
    world = World(
        bridge=bridge,
        store=store,
        kiosk=kiosk,
        clock=clock,
        teller=teller,
        channel=channel,
        scanner=scanner,
        printer=printer,
        payments=payments,
        qtbot=qtbot,
    )
    try:
        yield world
    finally:
        world.wait(kiosk.stop())
        bridge.stop()


@dataclass(kw_only=True)
class Window(Hands):
    """A shown frame with its wizard."""

    wizard: SwapWizard
    context: PageContext

    @property
    def title(self) -> str:
        return self.frame.state.title if self.frame.state else ""

    @property
    def sounds(self) -> list[str]:
        return self.context.sounds.played


@contextmanager
def window_on(
    world: World, widgets: Widgets | None = None, first: PageMaker = CustomerPage, payment: PageMaker | None = None, pay_code: str = ""
) -> Iterator[Window]:
    """A window whose later pages only note what comes to them, but for the `payment` page where one is given."""
    widgets = widgets or widgets_of()
    frame = frame_in(widgets, world.qtbot)
    context = PageContext(
        widgets=widgets,
        bridge=world.bridge,
        kiosk=world.kiosk,
        sounds=Sounds(0.0, frame),
        now=world.clock.now,
        monotonic=world.clock.monotonic,
        zone=UTC,
        payment_methods=("MOBILE_MONEY", "CARD"),
        pay_code=pay_template(pay_code),
    )
    makers = {step: page_for(step) for step in Step} | {Step.CUSTOMER: first}
    makers |= {Step.PAYMENT: payment} if payment is not None else {}
    wizard = SwapWizard(frame, context, makers, STATUS_PAGES)
    wizard.start()
    frame.show()
    try:
        yield Window(frame=frame, wizard=wizard, context=context)
    finally:
        wizard.stop()
