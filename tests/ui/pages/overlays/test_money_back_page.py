"""Money goes back at the counter: offered after a payment, approved by a supervisor, and the swap below has ended (decision 38)."""

from decimal import Decimal

from pytestqt.qtbot import QtBot

from kiosk.domain.money.cash import MoneyAct
from kiosk.domain.swap.swap import Step, Swap
from tests.ui.page_counter import Counter, World
from ui.pages.overlays.money_back_page import MoneyBackPage
from ui.pages.payment.page import PaymentPage


def paid(world: World) -> Swap:
    """A swap that was paid for in cash and stands at its review."""
    swap = world.with_batteries("exhausted")
    return world.wait(world.kiosk.swaps.confirm_payment(world.wait(world.kiosk.swaps.take_cash(swap, Decimal(100)))))


def at_money_back(counter: Counter, qtbot: QtBot) -> MoneyBackPage:
    counter.wizard.show_swap(paid(counter.world))
    assert counter.words("back") == "Money back"
    counter.press("back")
    page = counter.wizard.overlay
    assert isinstance(page, MoneyBackPage)
    qtbot.waitUntil(lambda: page.paid is not None)
    return page


def kept_ids(world: World) -> list[str]:
    return [each.swap.correlation_id for each in world.wait(world.kiosk.swaps.kept())]


def approve(counter: Counter, page: MoneyBackPage, qtbot: QtBot, who: str = "SUP-1") -> None:
    counter.press("primary")
    for character in who:
        page.type_character(character)
    counter.press("primary")
    qtbot.waitUntil(lambda: not page.acting)


def test_cash_back_says_how_much_and_ends_the_swap(counter: Counter, qtbot: QtBot) -> None:
    page = at_money_back(counter, qtbot)
    assert page.paid is not None
    swap = page.paid
    approve(counter, page, qtbot)
    assert page.entry is not None
    assert (page.entry.act, page.entry.amount, page.entry.approved_by) == (MoneyAct.REFUNDED, swap.amount_paid, "SUP-1")
    counter.press("primary")
    assert (counter.wizard.overlay, counter.wizard.swap, counter.step) == (None, None, Step.CUSTOMER)
    assert swap.correlation_id not in kept_ids(counter.world)


def test_a_credit_stays_with_the_customer(counter: Counter, qtbot: QtBot) -> None:
    page = at_money_back(counter, qtbot)
    page.choice.ways.segments[MoneyAct.CREDITED].click()
    approve(counter, page, qtbot)
    assert page.entry is not None
    assert page.entry.act is MoneyAct.CREDITED
    assert page.entry.correlation_id in kept_ids(counter.world)


def test_who_is_no_supervisor_gives_nothing_back(counter: Counter, qtbot: QtBot) -> None:
    page = at_money_back(counter, qtbot)
    approve(counter, page, qtbot, "ATT-1")
    assert page.entry is None
    assert page.frame_state().title == "ATT-1 is no supervisor of this station"
    counter.press("back")
    counter.press("back")
    assert (counter.wizard.overlay, counter.step) == (None, Step.REVIEW)


def test_without_a_supervisor_nothing_is_offered(counter: Counter) -> None:
    people = counter.world.kiosk.people
    supervisors, people.configured_supervisors = people.supervisors, ()
    try:
        counter.wizard.show_swap(paid(counter.world))
        assert counter.words("back") == "Back"
        assert not counter.frame.bar.back.isEnabled()
    finally:
        people.configured_supervisors = supervisors


def test_cash_takes_one_touch_for_the_exact_sum(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.with_batteries("exhausted"))
    page = counter.page
    assert isinstance(page, PaymentPage)
    page.form.view.methods.segments["CASH"].click()
    due = page.form.rest
    assert counter.words("primary") == f"Received {due:.2f}\N{NO-BREAK SPACE}USD"
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW)
    assert counter.wizard.swap is not None
    payment = counter.wizard.swap.payments[-1]
    assert (payment.amount, payment.method, payment.receipt_id[:5]) == (due, "CASH", "CASH-")


def test_notes_give_change_that_is_no_part_of_the_amount(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.with_batteries("exhausted"))
    page = counter.page
    assert isinstance(page, PaymentPage)
    page.form.view.methods.segments["CASH"].click()
    cash, due = page.form.view.cash, page.form.rest
    cash.buttons[1].click()
    back = cash.sums[1] - due
    assert cash.change.number == f"{back:.2f}"
    assert counter.words("primary") == f"Received, {back:.2f} back"
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW)
    assert counter.wizard.swap is not None
    assert counter.wizard.swap.amount_paid == due


def test_a_receipt_that_is_scanned_leaves_cash(counter: Counter) -> None:
    counter.wizard.show_swap(counter.world.with_batteries("exhausted"))
    page = counter.page
    assert isinstance(page, PaymentPage)
    page.form.view.methods.segments["CASH"].click()
    counter.wizard.scan("MP4471")
    assert (page.form.method, page.form.receipt_id, page.form.cash) == ("MOBILE_MONEY", "MP4471", False)
