"""The list of new batteries, on a real kiosk in a training environment."""

from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.faults import settle
from tests.ui.page_counter import PATIENCE, Counter
from tests.ui.pages.battery.test_pages import at_list
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.ranking import barred_counts
from ui.pages.battery.views import BatteryViewKind
from ui.widgets.choices import Row


def test_back_on_the_list_from_the_review_all_rows_are_shown(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    shown = rows_shown(page)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    counter.press("back")
    qtbot.waitUntil(lambda: counter.step is Step.NEW and len(page.batteries) == 5, timeout=PATIENCE)
    settle()
    assert rows_shown(page) == shown == 5


def rows_shown(page: NewPage) -> int:
    return sum(row.isVisible() for row in page.list_view.findChildren(Row))


def test_a_refused_battery_is_barred_with_its_reason_and_not_proposed_again(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.wizard.scan("BAT-39950")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    counter.press("primary")
    qtbot.waitUntil(lambda: any(each.refused for each in page.batteries), timeout=PATIENCE)
    refused = next(each for each in page.batteries if each.refused)
    assert refused.barred is not None
    assert "too little" in refused.barred.note
    assert page.current != refused.address
    assert ("Too little charge", 1) in barred_counts(page.batteries)


def test_looking_again_starts_the_list_anew(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    page.list_view.chosen.emit(page.batteries[-1].address)
    counter.press("other")
    assert page.view is BatteryViewKind.LIST
    assert not page.touched
