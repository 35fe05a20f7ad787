"""Back, on every page of a swap: one page, with the swap alive and what was read still read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.ports import KeptSwap
from tests.ui.page_counter import PATIENCE, Counter, World, open_counter
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.reading import ReadingPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind

FOUND, READ, LIST = CustomerViewKind.FOUND, BatteryViewKind.READ, BatteryViewKind.LIST
Place = tuple[Step, object]


@dataclass(frozen=True)
class Way:
    """A page of a swap in a scenario, and the pages that Back leads to from there, one after the other."""

    begin: Callable[[World], Swap]
    back: tuple[Place, ...]


WAYS = {
    "returned": Way(lambda world: world.customer("normal"), ((Step.CUSTOMER, FOUND),)),
    "wrong battery": Way(lambda world: world.customer("wrong_battery"), ((Step.CUSTOMER, FOUND),)),
    "holds more": Way(lambda world: world.customer("more_energy"), ((Step.CUSTOMER, FOUND),)),
    "list": Way(lambda world: world.with_returned("normal"), ((Step.RETURNED, READ), (Step.CUSTOMER, FOUND))),
    "first visit": Way(lambda world: world.customer("first_visit"), ((Step.CUSTOMER, FOUND),)),
    "payment": Way(lambda world: world.with_batteries("exhausted"), ((Step.NEW, LIST), (Step.RETURNED, READ), (Step.CUSTOMER, FOUND))),
    "review": Way(lambda world: world.with_batteries("normal"), ((Step.NEW, LIST), (Step.RETURNED, READ), (Step.CUSTOMER, FOUND))),
    "first review": Way(lambda world: world.with_batteries("first_visit"), ((Step.NEW, LIST), (Step.CUSTOMER, FOUND))),
}


def place(counter: Counter) -> Place:
    """The page that is shown, and what it shows."""
    assert isinstance(counter.page, CustomerPage | ReadingPage)
    return counter.step, counter.page.view


def kept(counter: Counter, swap: Swap) -> list[KeptSwap]:
    """The swap as the journal has it, while it is under way."""
    return [each for each in counter.world.wait(counter.world.kiosk.swaps.kept()) if each.swap.correlation_id == swap.correlation_id]


@pytest.mark.parametrize("name", WAYS)
def test_back_is_one_page_with_the_swap_alive(counter: Counter, qtbot: QtBot, name: str) -> None:
    swap = WAYS[name].begin(counter.world)
    counter.wizard.show_swap(swap)
    for step, view in WAYS[name].back:
        counter.press("back")
        qtbot.waitUntil(lambda expected=(step, view): place(counter) == expected, timeout=PATIENCE)  # type: ignore[misc]  # bound now
        assert kept(counter, swap), f"the swap has ended at {step}"


def back_on_list(counter: Counter, qtbot: QtBot, scenario: str = "normal") -> tuple[NewPage, Swap]:
    """Back from the page after the new battery; the page, and the swap as it was there."""
    swap = counter.world.with_batteries(scenario)
    counter.wizard.show_swap(swap)
    counter.press("back")
    page = counter.page
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: not page.acting, timeout=PATIENCE)
    return page, swap


@pytest.mark.parametrize("scenario", ["normal", "exhausted", "first_visit"])
def test_the_new_battery_that_was_read_is_chosen_on_the_list_and_taken_without_reading_anew(
    counter: Counter, qtbot: QtBot, scenario: str
) -> None:
    page, swap = back_on_list(counter, qtbot, scenario)
    assert swap.outgoing is not None
    assert (page.view, page.current) == (LIST, swap.outgoing.address)
    assert counter.words("primary") == f"Take {swap.outgoing.battery_id}"
    assert kept(counter, swap)[0].swap.outgoing is None
    by_persons = counter.world.kiosk.scanner.last_reads()
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step in (Step.REVIEW, Step.PAYMENT), timeout=PATIENCE)
    assert counter.page.swap == swap
    assert kept(counter, swap)[0].swap.battery_ids == swap.battery_ids
    assert counter.world.kiosk.scanner.last_reads() == by_persons


def test_it_stays_chosen_while_the_others_come_into_range(counter: Counter, qtbot: QtBot) -> None:
    page, swap = back_on_list(counter, qtbot)
    assert swap.outgoing is not None
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    assert [each.address for each in page.batteries].count(swap.outgoing.address) == 1
    assert page.current == swap.outgoing.address


def test_a_reading_that_is_not_valid_any_more_is_made_anew(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_batteries("normal")
    assert swap.outgoing is not None
    old = replace(swap.outgoing, timestamp=swap.outgoing.timestamp - timedelta(seconds=121))
    counter.context.memory.note_reading(old)
    counter.wizard.show_swap(replace(swap, outgoing=old))
    counter.press("back")
    page = counter.page
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: not page.acting, timeout=PATIENCE)
    assert counter.words("primary") == f"Read {old.battery_id}"
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.page.running.outgoing is not None
    assert counter.page.running.outgoing.timestamp > swap.outgoing.timestamp


def test_after_back_neither_the_returned_reading_nor_the_customer_goes_on_by_itself(practised: World, qtbot: QtBot) -> None:
    counter = open_counter(practised, qtbot, advance_seconds=0.2)
    counter.wizard.show_swap(counter.world.with_returned("normal"))
    for step in (Step.RETURNED, Step.CUSTOMER):
        counter.press("back")
        assert counter.step is step
        qtbot.wait(1200)  # the customer's page is drawn again meanwhile
        assert (counter.step, counter.frame.going_on.running) == (step, False)
    counter.wizard.stop()


def test_the_returned_battery_stays_read_and_stored_behind_the_list(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    page = counter.page
    assert isinstance(page, ReturnedPage)
    assert (page.reading, counter.words("primary"), counter.words("other")) == (swap.incoming, "Choose new battery", "Read again")
    assert kept(counter, swap)[0].swap.battery_ids == swap.battery_ids
    counter.press("primary")
    assert (counter.step, counter.page.swap) == (Step.NEW, swap)


def test_read_again_is_there_for_the_other_wish(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    counter.press("other")
    page = counter.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READING, timeout=PATIENCE)
    assert kept(counter, swap)[0].swap.incoming is None
    qtbot.waitUntil(lambda: page.view is READ, timeout=PATIENCE)


def test_the_customer_who_is_still_there_goes_on_without_a_second_reading(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    counter.press("back")
    assert (counter.frame.state and counter.frame.state.title, counter.words("primary")) == ("Customer found", "Choose new battery")
    counter.press("primary")
    assert (counter.step, counter.page.swap) == (Step.NEW, swap)


def test_a_customer_who_was_found_and_not_read_goes_on_to_the_reading(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.customer("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    assert counter.words("primary") == "Read returned battery"
    counter.press("primary")
    assert (counter.step, counter.page.swap) == (Step.RETURNED, swap)


def test_before_the_found_customer_what_was_read_is_kept_for_later(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    for _ in range(3):
        counter.press("back")
    qtbot.waitUntil(lambda: place(counter) == (Step.CUSTOMER, CustomerViewKind.IDLE), timeout=PATIENCE)
    (found,) = kept(counter, swap)
    assert found.set_aside
    assert found.swap.battery_ids == swap.battery_ids


def test_in_another_language_it_is_still_chosen(counter: Counter, qtbot: QtBot) -> None:
    _page, swap = back_on_list(counter, qtbot)
    counter.wizard.show_language()
    page = counter.page
    assert isinstance(page, NewPage)
    assert swap.outgoing is not None
    assert (page.view, page.current, counter.words("primary")) == (LIST, swap.outgoing.address, f"Take {swap.outgoing.battery_id}")
