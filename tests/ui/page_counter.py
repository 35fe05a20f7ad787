"""A counter for page tests: the real wizard in a frame, on a real kiosk in a training environment."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer
from pytestqt.qtbot import QtBot

from kiosk.bootstrap import build_training
from kiosk.domain.money.cash import QUICK_NOTES
from kiosk.domain.swap.swap import Step, Swap
from kiosk.settings import Settings
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.ports import Scenario
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import parse_customer_code
from tests.ui.screens import Hands, frame_in, wait_until, widgets_of
from ui.bridge import Bridge
from ui.devices.sounds import Sounds
from ui.pages.page_context import Page, PageContext
from ui.widgets import Widgets
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.wizard import PAGES, SwapWizard

PATIENCE = 20_000  # milliseconds; everything here takes far less


@dataclass(kw_only=True)
class World:
    """A started kiosk behind a bridge. Used by all tests of a module; each begins its own scenario."""

    bridge: Bridge
    kiosk: Kiosk
    connected: bool = False

    def hear(self, event: object) -> None:
        """Keeps whether the link is up."""
        if isinstance(event, LinkChanged):
            self.connected = event.connected

    def wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work on the I/O thread."""
        done: list[T] = []
        failed: list[Exception] = []
        self.bridge.run(work, done.append, failed.append)
        spin(lambda: bool(done or failed))
        if failed:
            raise failed[0]
        return done[0]

    def begin(self, scenario_id: str) -> Scenario:
        """Set the world up for a scenario; returns when the link is as the scenario has it."""
        assert self.kiosk.training is not None
        scenario = self.wait(self.kiosk.training.begin(scenario_id))
        spin(lambda: self.connected is (scenario_id != "unreachable"))
        return scenario

    def customer(self, scenario_id: str) -> Swap:
        """A swap that has just begun, in its scenario."""
        return self.wait(self.kiosk.swaps.identify(parse_customer_code(self.begin(scenario_id).customer_code)))

    def with_returned(self, scenario_id: str) -> Swap:
        """The same with its returned battery read and accepted."""
        swap = self.customer(scenario_id)
        reading = self.wait(self.kiosk.swaps.read(swap, swap.plan.current_asset or "", lambda _phase: None))
        return self.wait(self.kiosk.swaps.accept_returned(swap, reading))

    def with_batteries(self, scenario_id: str) -> Swap:
        """The same with both batteries; on a first visit with the new one only."""
        first = scenario_id == "first_visit"
        swap = self.customer(scenario_id) if first else self.with_returned(scenario_id)
        new_id = f"BAT-{20000 + run_of(swap)}"
        reading = self.wait(self.kiosk.swaps.read(swap, new_id, lambda _phase: None))
        return self.wait(self.kiosk.swaps.accept_new(swap, reading))


def run_of(swap: Swap) -> int:
    """The number of the practice run that a customer belongs to."""
    return int(swap.plan.id.rsplit("-", 1)[1])


def spin(happened: Callable[[], bool], milliseconds: int = PATIENCE) -> None:
    """Run the window's loop until it happened; serves fixtures of a module, which have no qtbot."""
    assert wait_until(happened, QDeadlineTimer(milliseconds)), "it did not happen"


@contextmanager
def practice_world(folder: Path) -> Iterator[World]:
    """A training environment of its own, ended in good order."""
    bridge = Bridge()
    bridge.start()
    settings = Settings(data=folder)

    async def opened() -> Kiosk:
        kiosk = build_training(settings, bridge.announce, link_back_seconds=0.2)
        await kiosk.start()
        return kiosk

    world = World(bridge=bridge, kiosk=None)  # type: ignore[arg-type]  # filled in the next line, which needs `wait`
    bridge.announced.connect(world.hear)
    world.kiosk = world.wait(opened())
    try:
        yield world
    finally:
        world.wait(world.kiosk.stop())
        bridge.stop()


@dataclass(kw_only=True)
class Counter(Hands):
    """A window on a world."""

    world: World
    wizard: SwapWizard
    context: PageContext

    @property
    def page(self) -> Page:
        assert self.wizard.page is not None
        return self.wizard.page

    @property
    def step(self) -> Step:
        """Which page is shown."""
        return next(step for step, maker in PAGES.items() if type(self.page) is maker)


def open_counter(world: World, qtbot: QtBot, widgets: Widgets | None = None, **changes: Any) -> Counter:
    """A shown window with every page of a swap."""
    widgets = widgets or widgets_of()
    frame = frame_in(widgets, qtbot)
    context = PageContext(
        widgets=widgets,
        bridge=world.bridge,
        kiosk=world.kiosk,
        sounds=Sounds(0.0, frame),
        now=lambda: datetime.now(UTC),
        zone=UTC,
        payment_methods=("MOBILE_MONEY", "CASH", "CARD"),
        quick_notes=QUICK_NOTES,
    )
    context = replace(context, **changes)
    wizard = SwapWizard(frame, context, PAGES, STATUS_PAGES)
    wizard.start()
    frame.show()
    return Counter(world=world, frame=frame, wizard=wizard, context=context)
