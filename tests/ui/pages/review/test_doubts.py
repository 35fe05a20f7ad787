"""A doubt on the review: it stands in the place of the review at every size and look, and 40 % longer, until somebody settles it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.telemetry import Telemetry
from tests.builders import NOON, reading
from tests.domain.messages.test_doubts import doubt
from tests.ui.drawn import words_seen
from tests.ui.faults import SCREENS, faults
from tests.ui.long_ids import LENGTHS, ends_unseen, lengthen_ids
from tests.ui.pages.page_states import LOOKS, PLAIN, State, estimated, shown
from tests.ui.pages.shown_swaps import paid
from tests.ui.screens import widgets_of
from tests.ui.untranslated import untranslated
from tests.ui.window_counter import World
from ui.pages.doubt import Asked
from ui.pages.page_context import Page
from ui.pages.review import ReviewPage, ReviewView
from ui.widgets import Label, QuotaChange
from ui.widgets.button import Button
from ui.widgets.frame import Frame
from ui.widgets.notice import ErrorPanel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def doubted(swap: Swap, *kinds: DoubtKind) -> Callable[[ReviewPage], None]:
    """The new battery, then the returned one, by one rule each."""

    def prepare(page: ReviewPage) -> None:
        page.enter(swap)
        ids = ("BAT-67890", "BAT-12345")
        found = tuple(doubt(kind, battery_id, station="STATION-NAIROBI-9") for kind, battery_id in zip(kinds, ids, strict=False))
        page.show_doubts(found)

    return prepare


def returned_doubted(page: ReviewPage) -> None:
    page.enter(PLAIN)
    page.show_doubts((doubt(DoubtKind.ELSEWHERE, "BAT-12345", minutes=0.5, station="STATION-14"),))


def alone(page: ReviewPage) -> None:
    """At a station without supervisors."""
    page.context.kiosk.people.configured_supervisors = ()
    doubted(PLAIN, DoubtKind.CHARGED)(page)


def alone_again(page: ReviewPage) -> None:
    """There, after the battery was read again."""
    page.context.kiosk.people.configured_supervisors = ()
    page.context.memory.read_again(PLAIN, reading("BAT-67890", "30.4"))
    doubted(PLAIN, DoubtKind.CHARGED)(page)


def asking_why(page: ReviewPage) -> None:
    alone_again(page)
    page.other()


def approving(page: ReviewPage) -> None:
    doubted(PLAIN, DoubtKind.CHARGED)(page)
    page.other()
    page.type_character("s")


STATES: dict[str, State] = {
    **{kind.value: (ReviewPage, doubted(PLAIN, kind)) for kind in DoubtKind},
    "two": (ReviewPage, doubted(PLAIN, DoubtKind.CAPACITY, DoubtKind.DRAINED)),
    "returned": (ReviewPage, returned_doubted),
    "paid": (ReviewPage, doubted(paid(), DoubtKind.CHARGED)),
    "estimate": (ReviewPage, doubted(estimated(), DoubtKind.CHARGED, DoubtKind.ELSEWHERE)),
    "no supervisor": (ReviewPage, alone),
    "no supervisor, read again": (ReviewPage, alone_again),
    "no supervisor, why": (ReviewPage, asking_why),
    "approving": (ReviewPage, approving),
}


@pytest.mark.parametrize(("screen", "look"), LOOKS)
def test_the_doubt_fits_the_page(world: World, qtbot: QtBot, screen: str, look: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen, look), state)
        found[name] = faults(frame, SCREENS[screen])
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("screen", SCREENS)
def test_the_doubt_fits_the_page_in_a_longer_language_and_is_translated(world: World, qtbot: QtBot, screen: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        found[name] = [*faults(frame, SCREENS[screen]), *untranslated(frame, ("Amina W.", "STATION-NAIROBI-9", "STATION-14"))]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_end_of_an_id_is_seen_in_every_state(world: World, qtbot: QtBot, screen: str, length: int) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        lengthen_ids(frame, length)
        found[name] = [*ends_unseen(frame), *faults(frame, SCREENS[screen])]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


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


# ---------------------------------------------------------------- what is done about it


def at_doubt(world: World, qtbot: QtBot, state: str) -> tuple[Frame, ReviewPage]:
    frame = shown(world, qtbot, widgets_of(), STATES[state])
    (page,) = frame.findChildren(ReviewPage)
    page.redrawn.connect(lambda: frame.show_state(page.frame_state()))
    return frame, page


def test_the_filled_button_reads_again_and_the_other_completes_all_the_same(world: World, qtbot: QtBot) -> None:
    frame, page = at_doubt(world, qtbot, "charged")
    assert (frame.bar.primary.words, frame.bar.other.words) == ("Read BAT-67890 again", "Complete all the same")
    asked: list[tuple[Asked, str]] = []
    page.doubt.asked.connect(lambda what, battery: asked.append((what, battery)))
    page.primary()
    assert asked == [(Asked.READ_AGAIN, "BAT-67890")]


def test_both_readings_stand_side_by_side_with_place_and_time(world: World, qtbot: QtBot) -> None:
    frame, _page = at_doubt(world, qtbot, "returned")
    (panel,) = (each for each in frame.findChildren(ErrorPanel) if each.isVisible())
    words = [words_seen(each) for each in panel.findChildren(Label) if each.isVisible()]
    assert "One of the two readings is wrong" in words
    why = "BAT-12345 was at STATION-14 less than a minute ago."
    assert why.replace(" ", "") in (each.replace(" ", "") for each in words)  # in two lines
    assert words[2:8] == ["STATION-14", "0.6 kWh", "read at 10:29", "Here", "4.4 kWh", "read at 10:30"]


def test_without_supervisors_the_attendant_decides_once_it_was_read_again(world: World, qtbot: QtBot) -> None:
    frame, _page = at_doubt(world, qtbot, "no supervisor")
    assert (frame.bar.primary.words, frame.bar.other.words) == ("Read BAT-67890 again", "Keep for later")
    frame, _page = at_doubt(world, qtbot, "no supervisor, read again")
    assert frame.bar.other.words == "Complete all the same"


def test_back_from_the_approval_shows_the_readings_again(world: World, qtbot: QtBot) -> None:
    frame, page = at_doubt(world, qtbot, "approving")
    page.back()
    assert frame.bar.primary.words == "Read BAT-67890 again"


class KnownReadings:
    """ReadingChannel: another station read every battery five minutes before noon, nearly empty."""

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        return tuple("" for _ in documents)

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        at: datetime = NOON - timedelta(minutes=5)
        return KnownReading(reading=reading(battery_id, "0.1", timestamp=at), station_id="STATION-9")


def in_doubt(world: World) -> Swap:
    """A stored swap at its review; another station read both batteries a moment ago."""
    assert isinstance(world.store, SqlStore)
    telemetry = Telemetry(world.store, KnownReadings(), world.clock, station_id="STATION_XYZ", limits=FitnessLimits())
    world.kiosk = replace(world.kiosk, telemetry=telemetry)
    swap = replace(world.to_review(), started_at=NOON - timedelta(minutes=1))
    assert swap.outgoing is not None

    async def noted() -> None:
        assert swap.outgoing is not None
        telemetry.note(swap.outgoing, swap)

    world.wait(noted())
    return swap


def at_review(world: World, qtbot: QtBot, swap: Swap) -> tuple[Frame, ReviewPage]:
    frame = shown(world, qtbot, widgets_of(), (ReviewPage, lambda page: page.enter(swap)))
    (page,) = frame.findChildren(ReviewPage)
    page.redrawn.connect(lambda: frame.show_state(page.frame_state()))
    qtbot.waitUntil(lambda: page.doubted)
    return frame, page


def answered(frame: Frame, advanced: list[Swap | None], title: str) -> bool:
    return frame.state is not None and frame.state.title == title if title else bool(advanced)


def test_what_was_found_stands_in_the_way_until_a_supervisor_says_why(world: World, qtbot: QtBot) -> None:
    frame, page = at_review(world, qtbot, in_doubt(world))
    advanced: list[Swap | None] = []
    page.advanced.connect(advanced.append)
    page.other()
    for typed, answer in (("att-9", "ATT-9 is no supervisor of this station"), ("sup-007", "")):
        page.doubt.approval.typing.set_value("")
        for each in typed:
            page.type_character(each)
        page.primary()
        qtbot.waitUntil(partial(answered, frame, advanced, answer))
    (done,) = advanced
    assert done is not None
    assert done.doubt_approved == Approval(supervisor="SUP-007", reason="Sticker is right")
    assert world.store.completed_swap(done.correlation_id).swap.doubt_approved == done.doubt_approved


def test_reading_again_goes_back_to_the_page_of_that_battery(world: World, qtbot: QtBot) -> None:
    _frame, page = at_review(world, qtbot, in_doubt(world))
    advanced: list[Swap | None] = []
    page.advanced.connect(advanced.append)
    page.primary()
    qtbot.waitUntil(lambda: bool(advanced))
    assert advanced[0] is not None
    assert advanced[0].outgoing is None
    again = page.context.memory.take_wanted()
    assert again is not None
    assert (again.battery_id, again.anew, page.context.memory.take_wanted()) == ("BAT-67890", True, None)


def test_another_one_is_taken_and_the_doubtful_one_is_barred(world: World, qtbot: QtBot) -> None:
    frame, page = at_review(world, qtbot, in_doubt(world))
    advanced: list[Swap | None] = []
    page.advanced.connect(advanced.append)
    (button,) = (each for each in frame.findChildren(Button) if each.isVisible() and each.words == "Take another")
    button.click()
    qtbot.waitUntil(lambda: bool(advanced))
    assert page.context.memory.refusal("BAT-67890") is not None


def test_a_doubt_that_comes_while_the_swap_is_completed_stops_it(world: World, qtbot: QtBot) -> None:
    swap = in_doubt(world)
    frame = shown(world, qtbot, widgets_of(), (ReviewPage, lambda page: Page.enter(page, swap)))
    (page,) = frame.findChildren(ReviewPage)
    assert not page.doubted
    page.primary()
    qtbot.waitUntil(lambda: page.doubted)
    assert world.wait(world.kiosk.swaps.kept())[0].swap.completed_at is None
