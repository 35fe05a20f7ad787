"""The pages of the batteries in another language, which is chosen in the middle of a swap."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import WrongBattery
from kiosk.domain.language import in_language, tr
from kiosk.domain.messages import Remedy
from kiosk.domain.swap.swap import Step, Swap
from kiosk.shared.translations import PSEUDO, translations_of
from tests.ui.page_counter import PATIENCE, Counter
from tests.ui.pages.battery.test_pages import at_list, at_returned, new, returned
from ui.pages.battery.views import BatteryViewKind


def test_in_another_language_the_reading_is_shown_again_and_not_made_again(counter: Counter, qtbot: QtBot) -> None:
    before = at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    with in_language(translations_of(PSEUDO)):
        counter.wizard.show_language()
        page = returned(counter)
        assert page is not before
        assert (page.view, page.accepted, page.reading) == (BatteryViewKind.READ, before.accepted, before.reading)
        assert counter.words("primary") == tr("Choose new battery")
    counter.press("primary")
    assert counter.step is Step.NEW


def test_in_another_language_a_refused_battery_is_still_refused(counter: Counter, qtbot: QtBot) -> None:
    before = at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    with in_language(translations_of(PSEUDO)):
        counter.wizard.show_language()
        assert (returned(counter).view, returned(counter).error) == (BatteryViewKind.REFUSED, before.error)
        assert counter.frame.state is not None
        assert counter.frame.state.title == tr("Wrong battery")


def test_in_another_language_the_list_goes_on(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    with in_language(translations_of(PSEUDO)):
        counter.wizard.show_language()
        assert new(counter) is not page
        qtbot.waitUntil(lambda: new(counter).current != "", timeout=PATIENCE)


def test_why_a_swap_was_stopped_is_stored_in_english(counter: Counter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    page = at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    assert isinstance(page.error, WrongBattery)
    swaps, reasons = counter.world.kiosk.swaps, list[str]()
    leave = swaps.leave

    async def leave_and_note(swap: Swap, reason: str) -> None:
        reasons.append(reason)
        await leave(swap, reason)

    monkeypatch.setattr(swaps, "leave", leave_and_note)
    with in_language(translations_of(PSEUDO)):
        page.take(Remedy.STOP_SWAP)
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)
    assert reasons == [f"stopped: This is not the battery {page.error.expected_id}"]
