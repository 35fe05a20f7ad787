"""The warning on the review: it fits the page at every size and look, and 40 % longer, and moves nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading
from kiosk.domain.messages.batteries import doubt_message
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.telemetry import Telemetry
from tests.builders import NOON, reading
from tests.domain.messages.test_doubts import doubt
from tests.ui.faults import SCREENS, faults, settle
from tests.ui.pages.page_states import LOOKS, PLAIN, State, estimated, shown
from tests.ui.pages.shown_swaps import paid
from tests.ui.screens import widgets_of
from tests.ui.untranslated import untranslated
from tests.ui.window_counter import World
from ui.pages.review import ReviewPage, ReviewView
from ui.widgets import Label, QuotaChange
from ui.widgets.frame import Frame

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def doubted(swap: Swap, *kinds: DoubtKind) -> Callable[[ReviewPage], None]:
    """The new battery, then the returned one, by one rule each."""

    def prepare(page: ReviewPage) -> None:
        page.enter(swap)
        ids = ("BAT-67890", "BAT-12345")
        doubts = [doubt(kind, battery_id, station="STATION-NAIROBI-9") for kind, battery_id in zip(kinds, ids, strict=False)]
        page.review.show_doubt(doubt_message(doubts, UTC, paid=swap.payment is not None))

    return prepare


STATES: dict[str, State] = {
    "one": (ReviewPage, doubted(PLAIN, DoubtKind.CHARGED)),
    "two": (ReviewPage, doubted(PLAIN, DoubtKind.CAPACITY, DoubtKind.DRAINED)),
    "paid": (ReviewPage, doubted(paid(), DoubtKind.CHARGED)),
    "paid, two": (ReviewPage, doubted(paid(), DoubtKind.CHARGED, DoubtKind.CHARGED)),
    "estimate": (ReviewPage, doubted(estimated(), DoubtKind.CHARGED, DoubtKind.ELSEWHERE)),
}


def misfits(frame: Frame, screen: str) -> list[str]:
    """Faults, and parts that got less than their least height (a figure that is cut is no fault by itself)."""
    (view,) = frame.findChildren(ReviewView)
    layout = view.layout()
    found = faults(frame, SCREENS[screen])
    assert layout is not None
    least = layout.heightForWidth(view.width())
    return found if least <= view.height() else [*found, f"{least} px of {view.height()}"]


@pytest.mark.parametrize(("screen", "look"), LOOKS)
def test_the_warning_fits_the_page(world: World, qtbot: QtBot, screen: str, look: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen, look), state)
        found[name] = misfits(frame, screen)
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("screen", SCREENS)
def test_the_warning_fits_the_page_in_a_longer_language_and_is_translated(world: World, qtbot: QtBot, screen: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        found[name] = [*misfits(frame, screen), *untranslated(frame, ("Amina W.",))]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


def test_the_warning_moves_nothing_beside_it(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), STATES["one"])
    settle()
    (page,) = frame.findChildren(ReviewPage)
    pay = page.review.pay
    place = pay.geometry()
    page.enter(PLAIN)
    settle()
    assert pay.geometry() == place


@pytest.mark.parametrize("screen", SCREENS)
def test_quotas_and_payment_stand_apart_by_one_gap(world: World, qtbot: QtBot, screen: str) -> None:
    widgets = widgets_of(screen, "light")
    frame = shown(world, qtbot, widgets, (ReviewPage, lambda page: page.enter(PLAIN)))
    (view,) = frame.findChildren(ReviewView)
    panels = [*(each.parentWidget() for each in view.findChildren(QuotaChange)), view.pay]
    places = sorted((each.mapTo(view, each.rect().topLeft()).x(), each.width()) for each in panels if each is not None)
    gaps = [after[0] - (before[0] + before[1]) for before, after in pairwise(places)]
    assert gaps == [widgets.t.space("l")] * 2
    assert max(width for _, width in places) - min(width for _, width in places) <= 1


def test_without_a_doubt_the_quotas_are_shown_again(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), STATES["one"])
    (page,), quotas = frame.findChildren(ReviewPage), frame.findChildren(QuotaChange)
    panel = page.review.doubt
    assert (panel.isVisible(), [each.isVisible() for each in quotas]) == (True, [False, False])
    page.enter(PLAIN)
    assert (panel.isVisible(), [each.isVisible() for each in quotas]) == (False, [True, True])


class KnownReadings:
    """ReadingChannel: another station read every battery five minutes before noon, nearly empty."""

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        return tuple("" for _ in documents)

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        at: datetime = NOON - timedelta(minutes=5)
        return KnownReading(reading=reading(battery_id, "0.1", timestamp=at), station_id="STATION-9")


def test_the_page_tells_what_was_found_and_completing_stays_one_press(world: World, qtbot: QtBot) -> None:
    assert isinstance(world.store, SqlStore)
    telemetry = Telemetry(world.store, KnownReadings(), world.clock, station_id="STATION-14", limits=FitnessLimits())
    world.kiosk = replace(world.kiosk, telemetry=telemetry)
    swap = replace(PLAIN, started_at=NOON - timedelta(minutes=1))
    assert swap.outgoing is not None

    async def noted() -> None:
        assert swap.outgoing is not None
        telemetry.note(swap.outgoing, swap)

    world.wait(noted())
    frame = shown(world, qtbot, widgets_of(), (ReviewPage, lambda page: page.enter(swap)))
    (page,) = frame.findChildren(ReviewPage)
    panel = page.review.doubt
    qtbot.waitUntil(panel.isVisible)
    words = [each.text() for each in panel.findChildren(Label)]
    assert any("30.4 kWh at 10:30, but 0.1 kWh at STATION-9 at 10:25: no charger is that fast." in each for each in words)
    assert page.frame_state().primary is not None
    assert not page.acting
