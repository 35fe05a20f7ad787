"""Back, on every page of a swap: one page, with the swap alive and what was read still read."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.ports import KeptSwap
from tests.ui.page_counter import PATIENCE, Counter, World
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
    "payment": Way(
        lambda world: world.with_batteries("exhausted"), ((Step.NEW, READ), (Step.NEW, LIST), (Step.RETURNED, READ), (Step.CUSTOMER, FOUND))
    ),
    "review": Way(
        lambda world: world.with_batteries("normal"), ((Step.NEW, READ), (Step.NEW, LIST), (Step.RETURNED, READ), (Step.CUSTOMER, FOUND))
    ),
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


def test_what_was_read_is_shown_again_and_is_not_read_anew(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_batteries("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    page = counter.page
    assert isinstance(page, NewPage)
    assert (page.view, page.reading, counter.words("other")) == (READ, swap.outgoing, "Read again")
    counter.press("primary")
    assert (counter.step, counter.page.swap) == (Step.REVIEW, swap)


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


def test_another_language_shows_the_same_reading_after_back(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_batteries("normal")
    counter.wizard.show_swap(swap)
    counter.press("back")
    counter.wizard.show_language()
    page = counter.page
    assert isinstance(page, NewPage)
    assert (page.view, page.reading) == (READ, swap.outgoing)
