"""The warning on the review: its words, and that it fits the page at every size and look, and 40 % longer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from kiosk.adapters.store.opening import SqlStore
from kiosk.domain.battery import FitnessLimits
from kiosk.domain.plausible import Doubt, DoubtKind, KnownReading
from kiosk.domain.swap import Swap
from kiosk.services.telemetry import Telemetry
from tests.builders import NOON, reading
from tests.ui.desks import World
from tests.ui.faults import SCREENS, faults, lengthen, settle
from tests.ui.kits import kit_of
from tests.ui.test_battery_layout import LOOKS, PLAIN, State, estimated, paid, shown
from ui.frame import Frame
from ui.kit import Label, QuotaChange
from ui.pages.doubt_words import ASK, PAID, READ_AGAIN, doubt_facts
from ui.pages.review import ReviewPage
from ui.pages.review_views import DoubtPanel, PayPanel, ReviewView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NAIROBI = ZoneInfo("Africa/Nairobi")


def doubt(kind: DoubtKind = DoubtKind.CHARGED, battery_id: str = "BAT-67890", minutes: float = 5, station: str = "STATION-9") -> Doubt:
    """A battery read with 4.4 kWh, and with 0.6 kWh so long before."""
    now = reading(battery_id, "4.4", full_kwh=Decimal("4.5"))
    before = reading(battery_id, "0.6", timestamp=NOON - timedelta(minutes=minutes), full_kwh=Decimal("12.25"))
    return Doubt(kind=kind, now=now, before=KnownReading(reading=before, station_id=station))


def told(*doubts: Doubt, paid: bool = False) -> str:
    """All that is said."""
    facts = doubt_facts(doubts, NAIROBI, paid=paid)
    return " ".join((*facts.lines, facts.advice)) if facts else ""


# ---------------------------------------------------------------- words


def test_no_doubt_says_nothing() -> None:
    assert told() == ""


def test_both_values_and_both_times_are_told_why_they_cannot_be_and_what_to_do() -> None:
    assert told(doubt()) == (
        "BAT-67890: 4.4 kWh at 13:30, but 0.6 kWh at STATION-9 at 13:25: no charger is that fast. "
        "Go back, read again. The same? Ask the supervisor."
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DoubtKind.DRAINED, "no ride uses that much."),
        (DoubtKind.CAPACITY, "full at 4.5 kWh at 13:30, but full at 12.25 kWh at STATION-9 at 13:25: it may be another battery."),
        (DoubtKind.ELSEWHERE, "it cannot have come here so soon."),
        (DoubtKind.CLOCK, "one of the clocks is wrong."),
    ],
)
def test_each_rule_has_its_words(kind: DoubtKind, words: str) -> None:
    assert words in told(doubt(kind))


def test_reading_again_mends_no_clock() -> None:
    assert told(doubt(DoubtKind.CLOCK)).endswith(f"wrong. {ASK}")


def test_after_a_payment_nobody_is_sent_back() -> None:
    words = told(doubt(), paid=True)
    assert words.endswith(PAID)
    assert READ_AGAIN not in words


def test_one_doubt_a_battery_is_enough_and_both_batteries_are_told() -> None:
    words = told(doubt(DoubtKind.CHARGED, "BAT-1"), doubt(DoubtKind.CAPACITY, "BAT-1"), doubt(DoubtKind.DRAINED, "BAT-2"))
    assert (words.count("BAT-1:"), words.count("BAT-2:")) == (1, 1)
    assert "charger" in words
    assert words.count("Go back") == 1


def test_an_earlier_day_is_named_and_an_unknown_station_is_not() -> None:
    assert "0.6 kWh at 13:30 on 14 Jan:" in told(doubt(minutes=24 * 60, station=""))


# ---------------------------------------------------------------- the page


def doubted(swap: Swap, *kinds: DoubtKind) -> Callable[[ReviewPage], None]:
    """The new battery, then the returned one, by one rule each."""

    def prepare(page: ReviewPage) -> None:
        page.enter(swap)
        ids = ("BAT-67890", "BAT-12345")
        doubts = [doubt(kind, battery_id, station="STATION-NAIROBI-9") for kind, battery_id in zip(kinds, ids, strict=False)]
        page.review.show_doubt(doubt_facts(doubts, UTC, paid=swap.payment is not None))

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
def test_the_warning_fits_the_page_also_in_a_longer_language(world: World, qtbot: QtBot, screen: str, look: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, kit_of(screen, look), state)
        found[name] = misfits(frame, screen)
        lengthen(frame)
        found[f"{name}, longer"] = misfits(frame, screen)
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


def test_the_warning_moves_nothing_beside_it(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, kit_of(), STATES["one"])
    settle()
    (page,), (pay,) = frame.findChildren(ReviewPage), frame.findChildren(PayPanel)
    place = pay.geometry()
    page.enter(PLAIN)
    settle()
    assert pay.geometry() == place


def test_without_a_doubt_the_quotas_are_shown_again(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, kit_of(), STATES["one"])
    (panel,), quotas = frame.findChildren(DoubtPanel), frame.findChildren(QuotaChange)
    assert (panel.isVisible(), [each.isVisible() for each in quotas]) == (True, [False, False])
    (page,) = frame.findChildren(ReviewPage)
    page.enter(PLAIN)
    assert (panel.isVisible(), [each.isVisible() for each in quotas]) == (False, [True, True])


class KnowingDesk:
    """TelemetryDesk: another station read every battery five minutes before noon, nearly empty."""

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        return tuple("" for _ in documents)

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        at: datetime = NOON - timedelta(minutes=5)
        return KnownReading(reading=reading(battery_id, "0.1", timestamp=at), station_id="STATION-9")


def test_the_page_tells_what_was_found_and_completing_stays_one_press(world: World, qtbot: QtBot) -> None:
    assert isinstance(world.store, SqlStore)
    telemetry = Telemetry(world.store, KnowingDesk(), world.clock, station_id="STATION-14", limits=FitnessLimits())
    world.kiosk.telemetry = telemetry
    swap = replace(PLAIN, started_at=NOON - timedelta(minutes=1))
    assert swap.outgoing is not None

    async def noted() -> None:
        assert swap.outgoing is not None
        telemetry.note(swap.outgoing, swap)

    world.wait(noted())
    frame = shown(world, qtbot, kit_of(), (ReviewPage, lambda page: page.enter(swap)))
    (panel,) = frame.findChildren(DoubtPanel)
    qtbot.waitUntil(panel.isVisible)
    words = [each.text() for each in panel.findChildren(Label)]
    assert any("30.4 kWh at 10:30, but 0.1 kWh at STATION-9 at 10:25: no charger is that fast." in each for each in words)
    (page,) = frame.findChildren(ReviewPage)
    assert page.frame_state().primary is not None
    assert not page.acting
