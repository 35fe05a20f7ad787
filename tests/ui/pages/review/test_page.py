"""The review, on a real kiosk in a training environment."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import StoreFailed
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.ports import OutgoingMessage
from tests.stores import store_of
from tests.ui.page_counter import PATIENCE, Counter, World
from ui.pages.review import NOT_RECORDED, ReviewPage
from ui.widgets import Label


def review(counter: Counter) -> ReviewPage:
    assert isinstance(counter.page, ReviewPage)
    return counter.page


def at_review(counter: Counter, scenario: str = "normal") -> ReviewPage:
    counter.wizard.show_swap(counter.world.with_batteries(scenario))
    return review(counter)


def paid_swap(world: World) -> Swap:
    swap = world.with_batteries("exhausted")
    swaps = world.kiosk.swaps
    receipt = f"PAID{swap.plan.id.rsplit('-', 1)[1]}"
    return world.wait(swaps.confirm_payment(world.wait(swaps.take_payment(swap, swaps.due(swap).cost, receipt, "CASH"))))


async def history(world: World) -> list[str]:
    return [each.swap.correlation_id for each in store_of(world.kiosk).history()]


def test_completing_is_one_press_and_the_page_turns(counter: Counter, qtbot: QtBot) -> None:
    page = at_review(counter)
    assert page.swap is not None
    own = page.swap.correlation_id
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)
    assert counter.world.wait(history(counter.world)).count(own) == 1


def test_a_second_press_does_nothing(counter: Counter, qtbot: QtBot) -> None:
    page = at_review(counter)
    counter.press("primary")
    assert page.acting
    counter.press("primary")
    page.primary()
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)
    assert page.error is None


def test_a_full_disk_books_nothing_and_the_same_swap_completes_later(
    counter: Counter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = at_review(counter)

    def full(_swap: Swap, _message: OutgoingMessage) -> None:
        raise StoreFailed("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store_of(counter.world.kiosk), "complete", full)
        counter.press("primary")
        qtbot.waitUntil(lambda: page.error is not None, timeout=PATIENCE)
    assert page.refused.accessibleName() == "The swap could not be stored"
    assert NOT_RECORDED in {label.text() for label in page.refused.findChildren(Label)}
    assert (counter.words("primary"), counter.words("other")) == ("Try again", "Keep for later")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)


def test_back_from_the_review_is_the_new_battery(counter: Counter, qtbot: QtBot) -> None:
    at_review(counter)
    counter.press("back")
    qtbot.waitUntil(lambda: counter.step is Step.NEW, timeout=PATIENCE)


def test_the_new_battery_is_read_again_and_the_review_comes_back_by_itself(counter: Counter, qtbot: QtBot) -> None:
    page = at_review(counter)
    before = page.running.outgoing
    assert before is not None
    assert counter.words("other") == "Read again"
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.NEW, timeout=PATIENCE)
    assert counter.words("primary") == "Reading, please wait"
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    again = review(counter).running.outgoing
    assert again is not None
    assert (again.battery_id, again.timestamp > before.timestamp) == (before.battery_id, True)


def test_after_a_payment_back_leads_to_the_money_and_the_swap_can_be_kept(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(paid_swap(counter.world))
    assert counter.words("back") == "Money back"
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_a_scan_changes_nothing_here(counter: Counter) -> None:
    at_review(counter)
    counter.wizard.scan("BAT-20001")
    assert counter.frame.notice == "Nothing has to be scanned now."
    assert counter.step is Step.REVIEW
