"""The fast path: what goes on by itself, what stops it, and that a person alone chooses a battery and completes, on a kiosk in training."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step, Swap, next_step
from tests.builders import priced, unpriced
from tests.ui.page_counter import PATIENCE, Counter, World, open_counter, run_of
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.returned_page import NO_NEW, ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind
from ui.pages.page_context import Page
from ui.widgets import Label

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
QUICK = 0.3  # seconds


@pytest.fixture
def fast(practised: World, qtbot: QtBot) -> Iterator[Counter]:
    """A counter whose green pages go on by themselves, soon."""
    counter = open_counter(practised, qtbot, advance_seconds=QUICK)
    yield counter
    counter.wizard.stop()


@pytest.fixture
def slow(practised: World, qtbot: QtBot) -> Iterator[Counter]:
    """The same, which takes longer than any test."""
    counter = open_counter(practised, qtbot, advance_seconds=50.0)
    yield counter
    counter.wizard.stop()


def scan_customer(counter: Counter, qtbot: QtBot, scenario: str = "normal") -> CustomerPage:
    code, page = counter.world.begin(scenario).customer_code, counter.page
    assert isinstance(page, CustomerPage)
    counter.wizard.scan(code)
    qtbot.waitUntil(lambda: page.view is CustomerViewKind.FOUND, timeout=PATIENCE)
    return page


def at(counter: Counter, qtbot: QtBot, step: Step) -> None:
    qtbot.waitUntil(lambda: counter.step is step, timeout=PATIENCE)


def new_battery(counter: Counter) -> str:
    assert counter.wizard.swap is not None
    return f"BAT-{20000 + run_of(counter.wizard.swap)}"


def test_a_returning_customer_needs_two_scans_and_one_touch(fast: Counter, qtbot: QtBot) -> None:
    scan_customer(fast, qtbot)
    at(fast, qtbot, Step.NEW)
    fast.wizard.scan(new_battery(fast))
    at(fast, qtbot, Step.REVIEW)
    fast.press("primary")
    at(fast, qtbot, Step.DONE)
    fast.wizard.scan(fast.world.begin("normal").customer_code)
    at(fast, qtbot, Step.CUSTOMER)


def test_a_first_visit_needs_two_touches(fast: Counter, qtbot: QtBot) -> None:
    scan_customer(fast, qtbot, "first_visit")
    at(fast, qtbot, Step.NEW)
    qtbot.waitUntil(lambda: fast.words("primary") == f"Take {new_battery(fast)}", timeout=PATIENCE)
    fast.press("primary")
    at(fast, qtbot, Step.REVIEW)
    fast.press("primary")
    at(fast, qtbot, Step.DONE)


def test_a_sticker_scanned_on_the_returned_reading_takes_the_new_battery(slow: Counter, qtbot: QtBot) -> None:
    slow.wizard.show_swap(slow.world.customer("normal"))
    page = slow.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    new = new_battery(slow)
    slow.wizard.scan(new)
    at(slow, qtbot, Step.REVIEW)
    assert slow.wizard.swap is not None
    assert slow.wizard.swap.battery_ids == (page.expected, new)


def test_its_own_sticker_scanned_there_reads_the_returned_battery_again(slow: Counter, qtbot: QtBot) -> None:
    slow.wizard.show_swap(slow.world.customer("normal"))
    page = slow.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    slow.wizard.scan(page.expected)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READING, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    assert slow.step is Step.RETURNED


def test_a_touch_stops_what_goes_on_by_itself_and_the_page_stays(slow: Counter, qtbot: QtBot) -> None:
    scan_customer(slow, qtbot)
    qtbot.waitUntil(lambda: slow.frame.going_on.running, timeout=PATIENCE)
    slow.frame.going_on.stopped.emit()
    assert slow.frame.state is not None
    assert slow.frame.state.primary.goes_on_after == 0
    qtbot.wait(1100)  # drawn again twice meanwhile
    assert slow.frame.state.primary.goes_on_after == 0
    slow.press("primary")
    assert slow.step is Step.RETURNED


@pytest.mark.parametrize("scenario", ["damaged_battery", "wrong_battery", "more_energy"])
def test_a_returned_battery_with_something_to_look_at_waits_for_a_person(fast: Counter, qtbot: QtBot, scenario: str) -> None:
    scan_customer(fast, qtbot, scenario)
    asked = (BatteryViewKind.REFUSED, BatteryViewKind.MORE)

    def is_looked_at() -> bool:
        page = fast.page
        return (
            page.view in asked if isinstance(page, ReturnedPage) else isinstance(page, CustomerPage) and page.flow.known.fault is not None
        )

    qtbot.waitUntil(is_looked_at, timeout=PATIENCE)
    shown = fast.step
    qtbot.wait(round(QUICK * 1000) + 700)
    assert fast.step is shown
    assert not fast.frame.going_on.running


def test_neither_a_new_battery_nor_completing_goes_on_by_itself(fast: Counter, qtbot: QtBot) -> None:
    """Whatever the time, and whatever is said to have gone by: the list, the payment, the review and the last page stay."""
    for swap in (fast.world.with_returned("normal"), fast.world.with_batteries("exhausted"), fast.world.with_batteries("normal")):
        fast.wizard.show_swap(swap)
        assert fast.frame.state is not None
        assert fast.frame.state.primary.goes_on_after == 0
        fast.frame.went_on.emit()
        qtbot.wait(round(QUICK * 1000) + 200)
        assert fast.step is next_step(swap)
        assert fast.wizard.swap == swap
    done = fast.world.wait(fast.world.kiosk.swaps.complete(swap))
    fast.wizard.show_swap(done)
    fast.frame.went_on.emit()
    assert fast.step is Step.DONE


def test_only_the_found_customer_and_the_returned_reading_know_how_to_go_on(fast: Counter) -> None:
    pages = [fast.wizard.page_of(step) for step in Step]
    knows = {type(page) for page in pages if type(page).go_on is not Page.go_on}
    assert knows == {CustomerPage, ReturnedPage}


def test_with_zero_seconds_nothing_goes_on(counter: Counter, qtbot: QtBot) -> None:
    page = scan_customer(counter, qtbot)
    qtbot.waitUntil(lambda: page.flow.green, timeout=PATIENCE)
    assert not counter.frame.going_on.running
    assert counter.step is Step.CUSTOMER


def without_swaps(swap: Swap, *, price: str | None) -> Swap:
    """Their plan with no swap left."""
    plan = swap.plan.with_states(replace(swap.plan.swap_count, used=swap.plan.swap_count.quota))
    return replace(swap, plan=unpriced(plan) if price is None else priced(plan, plan.swap_count.service_id, price))


def show_found(counter: Counter, swap: Swap) -> CustomerPage:
    from kiosk.station.services.customer_lookup import FoundCustomer

    page = counter.page
    assert isinstance(page, CustomerPage)
    page._show_found(FoundCustomer(swap=swap))
    return page


def words_of(page: Page) -> list[str]:
    return [label.text() for label in page.findChildren(Label) if label.isVisible()]


def test_no_swap_left_and_no_price_is_said_on_found_and_nothing_is_read_by_hand(fast: Counter, qtbot: QtBot) -> None:
    page = show_found(fast, without_swaps(fast.world.customer("normal"), price=None))
    assert "May swap: no" in words_of(page)
    assert "All 10 swaps are used. No price is known." in words_of(page)
    assert (fast.words("primary"), fast.words("other")) == ("Next customer", "Take it back")
    qtbot.wait(round(QUICK * 1000) + 200)
    assert fast.step is Step.CUSTOMER
    fast.press("primary")
    qtbot.waitUntil(lambda: page.view is CustomerViewKind.IDLE, timeout=PATIENCE)


def test_where_one_swap_more_has_a_price_it_is_said_and_a_person_goes_on(fast: Counter, qtbot: QtBot) -> None:
    page = show_found(fast, without_swaps(fast.world.customer("normal"), price="150"))
    assert "May swap: pay first" in words_of(page)
    assert any("One more costs 150" in words for words in words_of(page))
    qtbot.wait(round(QUICK * 1000) + 200)
    assert fast.step is Step.CUSTOMER
    fast.press("primary")
    assert type(fast.page) is ReturnedPage


def test_a_battery_is_taken_back_without_a_new_one_and_the_swap_is_kept(fast: Counter, qtbot: QtBot) -> None:
    swap = without_swaps(fast.world.customer("normal"), price=None)
    show_found(fast, swap)
    fast.press("other")
    page = fast.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    fast.wizard.scan("BAT-30388")
    assert fast.frame.notice == NO_NEW
    assert fast.words("primary") == "Keep for later"
    qtbot.wait(round(QUICK * 1000) + 200)
    assert fast.step is Step.RETURNED
    fast.press("primary")
    at(fast, qtbot, Step.CUSTOMER)
    kept = next(each for each in fast.world.wait(fast.world.kiosk.swaps.kept()) if each.swap.correlation_id == swap.correlation_id)
    assert kept.set_aside
    assert kept.swap.incoming is not None


def test_a_battery_read_in_the_background_is_not_read_again_when_its_sticker_is_scanned(slow: Counter, qtbot: QtBot) -> None:
    swap = slow.world.with_returned("normal")
    slow.wizard.show_swap(swap)
    page, new = slow.page, f"BAT-{20000 + run_of(swap)}"
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: any(each.shown == new and each.fresh for each in page.batteries), timeout=PATIENCE)
    by_persons = slow.world.kiosk.scanner.last_reads()
    slow.wizard.scan(new)
    at(slow, qtbot, Step.REVIEW)
    assert slow.world.kiosk.scanner.last_reads() == by_persons
