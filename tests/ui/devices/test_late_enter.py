"""An Enter that is the end of a scan presses nothing: slow scanners and late ends on every page that acts."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.stores import store_of
from tests.ui.hands import Keys
from tests.ui.page_counter import PATIENCE, Counter, World
from tests.ui.pages.payment.test_page import at_payment, unique
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind as CustomerView
from ui.pages.done import DonePage
from ui.pages.payment.flow import PaymentViewKind
from ui.pages.review import ReviewPage

NOTHING = "Nothing has to be scanned now."
FAST = 0.008
SCANS = [(0.045, 0.045), (0.08, 0.08), (0.12, 0.12), (0.045, 0.49)]  # seconds a character, seconds before the Enter


def completed(world: World) -> list[str]:
    async def ids() -> list[str]:
        return [each.swap.correlation_id for each in store_of(world.kiosk).history()]

    return world.wait(ids())


def at_review(counter: Counter) -> ReviewPage:
    counter.wizard.show_swap(counter.world.with_batteries("normal"))
    assert isinstance(counter.page, ReviewPage)
    return counter.page


@pytest.mark.parametrize(("gap", "enter"), SCANS)
def test_a_slow_scan_on_the_review_books_nothing(counter: Counter, gap: float, enter: float) -> None:
    page, before = at_review(counter), completed(counter.world)
    Keys(counter).scan("BAT-70002", gap=gap, enter=enter)
    assert not page.acting
    assert counter.frame.notice == NOTHING
    assert completed(counter.world) == before


@pytest.mark.parametrize("enter", [0.06, 0.12, 0.49, 0.99])
def test_a_late_enter_books_nothing(counter: Counter, qtbot: QtBot, enter: float) -> None:
    page, keys = at_review(counter), Keys(counter)
    with qtbot.waitSignal(keys.barcode_scanner.scanned):
        keys.type("BAT-70002", gap=FAST)
    keys.enter(after=enter)
    assert not page.acting
    assert counter.frame.notice == NOTHING


def test_an_enter_by_itself_completes(counter: Counter, qtbot: QtBot) -> None:
    at_review(counter)
    keys = Keys(counter)
    keys.scan("BAT-70002", gap=0.045, enter=0.045)
    qtbot.waitUntil(lambda: counter.frame.bar.allows("primary"))
    keys.enter(after=1.01)
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)


@pytest.mark.parametrize(("gap", "enter"), SCANS)
@pytest.mark.parametrize("active", ["receipt", "amount"])
def test_a_slow_scan_is_the_receipt_and_records_nothing(counter: Counter, gap: float, enter: float, active: str) -> None:
    page = at_payment(counter)
    page.form.choose_field(active)
    receipt = unique(page, "QGH7X2K9")
    Keys(counter).scan(receipt, gap=gap, enter=enter)
    assert (page.flow.view, page.acting, page.form.receipt_id, page.form.amount.text) == (PaymentViewKind.ENTRY, False, receipt, "1.44")


def test_a_slow_scan_of_a_battery_is_taken_out_of_the_receipt(counter: Counter) -> None:
    page = at_payment(counter)
    page.form.set_receipt("QGH7X2K9LM")
    Keys(counter).scan("BAT-70002", gap=0.045, enter=0.045)
    assert page.form.receipt_id == "QGH7X2K9LM"
    assert counter.frame.notice == "That is a battery code. Scan the receipt now."


def test_a_late_enter_on_the_payment_page_records_nothing(counter: Counter, qtbot: QtBot) -> None:
    page, keys = at_payment(counter), Keys(counter)
    with qtbot.waitSignal(keys.barcode_scanner.scanned):
        keys.type(unique(page, "QGH7X2K9"), gap=FAST)
    keys.enter(after=0.12)
    assert (page.flow.view, page.acting) == (PaymentViewKind.ENTRY, False)


def test_a_late_enter_does_not_leave_the_customer_that_was_found(counter: Counter, qtbot: QtBot) -> None:
    code, keys = counter.world.begin("normal").customer_code, Keys(counter)
    with qtbot.waitSignal(keys.barcode_scanner.scanned):
        keys.type(code, gap=FAST)
    qtbot.waitUntil(lambda: isinstance(counter.page, CustomerPage) and counter.page.view is CustomerView.FOUND, timeout=PATIENCE)
    keys.enter(after=0.3)
    keys.enter(after=0.4)
    assert isinstance(counter.page, CustomerPage)
    assert (counter.page.view, counter.page.acting) == (CustomerView.FOUND, False)


def test_a_code_typed_quickly_is_looked_up_by_its_own_enter(counter: Counter, qtbot: QtBot) -> None:
    code = counter.world.begin("normal").customer_code
    Keys(counter).scan(code, gap=0.1, enter=0.1)
    qtbot.waitUntil(lambda: isinstance(counter.page, CustomerPage) and counter.page.view is CustomerView.FOUND, timeout=PATIENCE)


def test_a_slow_scan_on_done_is_a_code_and_not_the_next_step(counter: Counter) -> None:
    swap = counter.world.with_batteries("normal")
    counter.wizard.show_swap(counter.world.wait(counter.world.kiosk.swaps.complete(swap)))
    Keys(counter).scan("BAT-70002", gap=0.045, enter=0.045)
    assert isinstance(counter.page, DonePage)
    assert counter.frame.notice == "That is a battery code. Scan the customer's card now."
