"""What the pages make of batteries that were read in the background, on a real kiosk in a training environment."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from kiosk.station.adapters.bluetooth import Fault
from kiosk.station.ports import ReadPhase
from tests.builders import NOON, reading
from tests.ui.page_counter import PATIENCE, Counter, run_of
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.customer.found import MeanwhileView, near_words
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind


def at_found(counter: Counter, qtbot: QtBot, scenario_id: str = "normal") -> CustomerPage:
    scenario = counter.world.begin(scenario_id)
    page = counter.page
    assert isinstance(page, CustomerPage)
    counter.wizard.scan(scenario.customer_code)
    qtbot.waitUntil(lambda: page.view is CustomerViewKind.FOUND, timeout=PATIENCE)
    return page


def found_and_read(counter: Counter, qtbot: QtBot, scenario_id: str = "normal") -> CustomerPage:
    page = at_found(counter, qtbot, scenario_id)
    assert page.found is not None
    swap = page.found.swap
    qtbot.waitUntil(lambda: counter.world.kiosk.reads.valid(swap, swap.plan.current_asset or "") is not None, timeout=PATIENCE)
    return page


def phases_of(counter: Counter) -> list[ReadPhase]:
    page, heard = counter.wizard.page_of(Step.RETURNED), list[ReadPhase]()
    assert isinstance(page, ReturnedPage)
    page._phase_begun.connect(lambda _run, phase: heard.append(phase))
    return heard


def test_the_battery_is_read_while_its_customer_is_found_and_its_page_waits_for_nothing(counter: Counter, qtbot: QtBot) -> None:
    heard = phases_of(counter)
    page = found_and_read(counter, qtbot)
    assert page.found is not None
    battery = page.found.swap.plan.current_asset
    qtbot.waitUntil(lambda: page.found_view._near.text().startswith(f"{battery} holds 0.8 kWh, read"), timeout=PATIENCE)
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.READ, timeout=PATIENCE)
    assert heard == []  # no reading was begun for the page
    assert counter.words("primary") == "Choose new battery"
    kept = counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap
    assert kept.incoming is not None
    assert kept.incoming.kwh_remaining == Decimal("0.8")


def test_reading_again_is_a_new_reading(counter: Counter, qtbot: QtBot) -> None:
    found_and_read(counter, qtbot)
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.READ, timeout=PATIENCE)
    heard = phases_of(counter)
    counter.press("other")
    qtbot.waitUntil(lambda: heard == list(ReadPhase), timeout=PATIENCE)


def test_a_battery_read_meanwhile_goes_by_the_same_rules(counter: Counter, qtbot: QtBot) -> None:
    found_and_read(counter, qtbot, "damaged_battery")
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert counter.words("primary") == "Record for inspection"


def test_the_wrong_battery_that_was_read_meanwhile_is_refused_and_the_right_one_read_again(counter: Counter, qtbot: QtBot) -> None:
    page = found_and_read(counter, qtbot, "wrong_battery")
    qtbot.waitUntil(lambda: page.found_view._near.text().startswith("Another battery answered for"), timeout=PATIENCE)
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.READ, timeout=PATIENCE)


def test_what_fails_meanwhile_is_not_shown_until_a_person_reads_it(counter: Counter, qtbot: QtBot) -> None:
    page = at_found(counter, qtbot)
    assert page.found is not None
    expected = page.found.swap.plan.current_asset or ""
    practice = counter.world.kiosk.training
    practice._batteries.set_faults(expected, Fault.DROPS_LINK)  # type: ignore[union-attr]  # the environment's own batteries
    counter.world.kiosk.reads._kept = {}
    page._show_battery()
    assert "holds" not in page.found_view._near.text()
    counter.press("primary")
    qtbot.waitUntil(lambda: isinstance(counter.page, ReturnedPage) and counter.page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)


def test_the_proposed_battery_is_read_before_it_is_chosen_and_taken_at_once(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    page = counter.page
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: counter.words("primary") == f"Take BAT-{20000 + run_of(swap)}", timeout=PATIENCE)
    qtbot.waitUntil(lambda: sum(each.fresh is not None for each in page.batteries) == 4, timeout=PATIENCE)
    low = next(each for each in page.batteries if each.shown == "BAT-39950")
    assert low.barred is not None
    assert low.barred.note == "too little, 0.5 kWh is the least"
    by_persons = counter.world.kiosk.scanner.last_reads()
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.world.kiosk.scanner.last_reads() == by_persons


def test_the_row_that_is_touched_is_read_next(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.with_returned("normal")
    counter.wizard.show_swap(swap)
    page = counter.page
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    last = next(each.address for each in page.batteries if each.shown.endswith("30402"))  # not the one that may not be handed out
    page.list_view.chosen.emit(last)
    qtbot.waitUntil(lambda: counter.world.kiosk.reads._first == last, timeout=PATIENCE)
    assert page.current == last


def test_after_the_new_battery_nothing_more_is_read(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.with_batteries("normal"))
    assert counter.step is Step.REVIEW
    qtbot.waitUntil(lambda: not counter.world.kiosk.reads._wanted.is_set(), timeout=PATIENCE)


def test_a_customer_who_goes_without_a_swap_ends_the_reading(counter: Counter, qtbot: QtBot) -> None:
    at_found(counter, qtbot)
    assert counter.world.kiosk.reads._wanted.is_set()
    counter.press("back")
    qtbot.waitUntil(lambda: not counter.world.kiosk.reads._wanted.is_set(), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (MeanwhileView(battery=""), ("", "muted")),
        (MeanwhileView(battery="BAT-12345"), ("Listening for BAT-12345", "muted")),
        (MeanwhileView(battery="BAT-12345", near=True), ("BAT-12345 is near the counter", "ok")),
        (MeanwhileView(battery="BAT-12345", near=True, reading_now=True), ("BAT-12345 is near, and is being read", "ok")),
        (MeanwhileView(battery="BAT-12345", reading=reading("BAT-12345", "4.8")), ("BAT-12345 holds 4.8 kWh, read 6 s ago", "ok")),
        (MeanwhileView(battery="BAT-12345", reading=reading("BAT-23456", "4.8")), ("Another battery answered for BAT-12345", "attention")),
    ],
)
def test_the_battery_that_comes_back_is_told_as_far_as_it_is_known(view: MeanwhileView, words: tuple[str, str]) -> None:
    assert near_words(view, NOON + timedelta(seconds=6)) == words
