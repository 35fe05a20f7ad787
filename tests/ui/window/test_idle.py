"""Nobody at the counter: what shows a customer is put away after two minutes, and nothing is lost or cut off."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.station.adapters.store.tables import audit
from tests.builders import plan_with, reading
from tests.ui.window_counter import Window, World, window_on
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.done import DonePage
from ui.pages.payment.page import PaymentPage
from ui.pages.review import ReviewPage
from ui.window.idle import COUNTED_SECONDS, IDLE_SECONDS, REASON

PAGES = {Step.RETURNED: ReturnedPage, Step.NEW: NewPage, Step.PAYMENT: PaymentPage, Step.REVIEW: ReviewPage, Step.DONE: DonePage}


@pytest.fixture
def window(world: World) -> Iterator[Window]:
    with window_on(world) as shown:
        shown.wizard._makers = {**shown.wizard._makers, **PAGES}
        for step in PAGES:
            shown.wizard._pages.pop(step, None)
        shown.wizard.idle.watch(shown.frame.windowHandle())
        yield shown


def leave_alone(window: Window, world: World, seconds: float) -> None:
    """Time goes on, and the window looks at it."""
    world.clock.pass_time(seconds)
    window.wizard._tick()


def found(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.scan(world.know())
    qtbot.waitUntil(lambda: window.title == "Customer found")


def journal(world: World) -> list[tuple[str, str]]:
    """The audit trail: what, and the detail."""
    return [(row.what, row.detail) for row in world.store.rows(select(audit.c.what, audit.c.detail).order_by(audit.c.number))]


def touch(window: Window) -> None:
    """A touch beside every button."""
    QTest.mouseClick(window.frame.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(3, window.frame.height() // 2))


def test_a_customer_who_was_found_and_left_alone_is_put_away_and_journalled(window: Window, world: World, qtbot: QtBot) -> None:
    found(window, world, qtbot)
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert journal(world)[-1] == ("left", REASON)
    assert world.wait(world.kiosk.swaps.kept()) == ()


def test_the_last_seconds_are_counted_and_any_touch_stops_it(window: Window, world: World, qtbot: QtBot) -> None:
    found(window, world, qtbot)
    leave_alone(window, world, IDLE_SECONDS - COUNTED_SECONDS - 1)
    assert window.frame.notice == ""
    leave_alone(window, world, 4)
    assert window.frame.notice == "Nobody here? Back to the start in 7 s. Touch to stay."
    touch(window)
    leave_alone(window, world, 7)
    assert (window.title, window.frame.notice) == ("Customer found", "")


@pytest.mark.parametrize("input_of", ["key", "scan", "press"])
def test_a_key_a_scan_and_a_press_count_as_somebody(window: Window, world: World, qtbot: QtBot, input_of: str) -> None:
    found(window, world, qtbot)
    leave_alone(window, world, IDLE_SECONDS - 1)
    if input_of == "key":
        QTest.keyClick(window.frame.windowHandle(), Qt.Key.Key_Shift)
    elif input_of == "scan":
        window.wizard.scan("BAT-12345")
    else:
        window.wizard._type_character("x")
    leave_alone(window, world, IDLE_SECONDS - 1)
    assert window.title == "Customer found"


def test_a_clock_that_is_set_puts_nothing_away(window: Window, world: World, qtbot: QtBot) -> None:
    found(window, world, qtbot)
    world.clock.jump(3600)
    window.wizard._tick()
    assert window.title == "Customer found"
    assert window.frame.notice == "The clock was set on by 1 h. This is noted."


def kept(world: World, swap: Swap) -> Swap:
    (one,) = world.wait(world.kiosk.swaps.kept())
    assert one.set_aside
    assert one.swap.correlation_id == swap.correlation_id
    return one.swap


def test_a_swap_whose_batteries_were_read_is_kept_and_goes_on_where_it_was(window: Window, world: World, qtbot: QtBot) -> None:
    swap = world.to_review()
    window.wizard.show_swap(swap)
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert kept(world, swap) == swap
    assert journal(world)[-1] == ("kept for later", REASON)
    resumed = world.wait(world.kiosk.swaps.resume(swap.correlation_id))
    assert (resumed.incoming, resumed.outgoing, next_step(resumed)) == (swap.incoming, swap.outgoing, Step.REVIEW)


def test_a_reading_that_ended_is_kept_too(window: Window, world: World, qtbot: QtBot) -> None:
    world.scanner.readings["BAT-12345"] = reading()
    swap = world.begun()
    window.wizard.show_swap(swap)
    page = window.wizard.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ)
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert kept(world, swap).battery_ids == ("BAT-12345",)


def test_a_running_reading_is_never_ended(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.begun())
    page = window.wizard.page
    assert isinstance(page, ReturnedPage)
    page.show_view(BatteryViewKind.READING)
    leave_alone(window, world, 10 * IDLE_SECONDS)
    assert window.wizard.page is page
    page.show_view(BatteryViewKind.STOPPED)
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")


def test_a_payment_is_never_ended(window: Window, world: World) -> None:
    window.wizard.show_swap(world.to_review(plan_with(used_kwh="390")))
    assert isinstance(window.wizard.page, PaymentPage)
    leave_alone(window, world, 10 * IDLE_SECONDS)
    assert isinstance(window.wizard.page, PaymentPage)
    assert window.frame.notice == ""


def test_a_look_up_is_never_ended_and_the_idle_page_counts_nothing(window: Window, world: World) -> None:
    leave_alone(window, world, IDLE_SECONDS - 1)
    assert window.frame.notice == ""
    world.teller.silent = True
    window.wizard.scan(world.know())
    leave_alone(window, world, 10 * IDLE_SECONDS)
    assert window.title == "Looking up the plan"


def test_done_gives_the_counter_free_and_changes_nothing(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.completed())
    page = window.wizard.page
    assert isinstance(page, DonePage)
    qtbot.waitUntil(lambda: not page.works)
    before = journal(world)
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert journal(world) == before


def test_a_page_behind_the_status_line_is_put_away_with_the_customer_below(window: Window, world: World, qtbot: QtBot) -> None:
    found(window, world, qtbot)
    window.wizard.open_overlay("link")
    leave_alone(window, world, IDLE_SECONDS)
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert window.wizard.overlay is None
    assert journal(world)[-1] == ("left", REASON)
