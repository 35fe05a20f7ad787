"""The payment page and money that arrives by itself, in parts, in another currency, or beyond what is due; the code to pay by."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import zxingcpp
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import LinkDown, PaymentRefused
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.swap.swap import Confirmation, Step, Swap, next_step
from kiosk.shared.mqtt.link import LinkChanged
from tests.builders import plan_with
from tests.ui.faults import LOOKS, SCREENS
from tests.ui.screens import widgets_of
from tests.ui.window_counter import Window, World, window_on
from ui.pages.payment.flow import RECORDED, PaymentViewKind
from ui.pages.payment.page import PaymentPage

TEMPLATE = "https://pay.example.org/{plan}?amount={amount}&for={reference}"
SHORT = plan_with(used_kwh="390")  # 15.6 kWh are missing, 12.48 USD are due


@pytest.fixture
def window(world: World) -> Iterator[Window]:
    with window_on(world, payment=PaymentPage, pay_code=TEMPLATE) as made:
        yield made


def page_of(window: Window) -> PaymentPage:
    page = window.wizard.page
    assert isinstance(page, PaymentPage)
    return page


def at_payment(window: Window, world: World) -> PaymentPage:
    """The page of a swap for which 12.48 USD are due."""
    window.wizard.show_swap(world.to_review(SHORT))
    return page_of(window)


def paid_by_phone(swap: Swap | None, amount: str = "12.48", receipt_id: str = "MP1", currency: str = "USD") -> PaymentReceived:
    assert swap is not None
    return PaymentReceived(
        plan_id=swap.plan.id,
        receipt_id=receipt_id,
        method="MOBILE_MONEY",
        amount=Decimal(amount),
        currency=currency,
        transaction_id=swap.correlation_id,
    )


def arrive(window: Window, world: World, event: PaymentReceived) -> None:
    """The platform tells of it, and the kiosk announces it."""
    world.payments.told.append(event)
    window.wizard.handle_event(event)


def step_of(window: Window) -> Step:
    return next_step(window.wizard.swap)


def parts_of(page: PaymentPage) -> list[str]:
    return [each.receipt_id for each in page.swap.parts] if page.swap is not None else []


def test_a_payment_that_arrives_is_shown_and_the_swap_goes_on_without_a_touch(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap))
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.ARRIVED)
    assert (page.flow.arrived._amount.number, page.flow.arrived._facts.pairs()[0][0]) == ("12.48", "Mobile money MP1")
    assert (window.title, window.sounds[-1]) == (RECORDED, "accepted")
    qtbot.waitUntil(lambda: step_of(window) is Step.REVIEW)
    assert window.wizard.swap is not None
    payment = window.wizard.swap.payment
    assert payment is not None
    assert (payment.receipt_id, payment.confirmation) == ("MP1", Confirmation.PLATFORM)
    assert world.payments.asked == []


def test_a_touch_need_not_wait_for_it(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap))
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.ARRIVED)
    assert not window.frame.bar.allows("back")
    window.press("primary")
    assert step_of(window) is Step.REVIEW


def test_a_payment_that_came_before_the_page_opened_is_found(window: Window, world: World, qtbot: QtBot) -> None:
    swap = world.to_review(SHORT)
    world.payments.told.append(paid_by_phone(swap))
    window.wizard.show_swap(swap)
    qtbot.waitUntil(lambda: page_of(window).flow.view is PaymentViewKind.ARRIVED)


def test_a_payment_for_a_kept_swap_is_found_when_it_is_taken_up(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    swap = page.swap
    assert swap is not None
    window.press("other")
    qtbot.waitUntil(lambda: window.wizard.swap is None)
    arrive(window, world, paid_by_phone(swap))
    window.wizard.show_swap(world.wait(world.kiosk.swaps.resume(swap.correlation_id)))
    qtbot.waitUntil(lambda: page_of(window).flow.view is PaymentViewKind.ARRIVED)


def test_a_payment_of_another_plan_changes_nothing(window: Window, world: World) -> None:
    page = at_payment(window, world)
    arrive(window, world, replace(paid_by_phone(page.swap), plan_id="another"))
    world.wait(world.kiosk.swaps.kept())
    assert page.flow.view is PaymentViewKind.ENTRY


def test_a_part_that_arrives_is_counted_and_the_rest_is_asked_for(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap, "5"))
    qtbot.waitUntil(lambda: bool(parts_of(page)))
    assert window.frame.notice == "Received: 5.00\N{NO-BREAK SPACE}USD with receipt MP1."
    assert window.title == "7.48\N{NO-BREAK SPACE}USD still due"
    assert (page.form.amount.text, read_code(page)) == ("7.48", code_for(page, "7.48"))
    assert (window.frame.bar.allows("back"), window.frame.state and window.frame.state.hint) == (False, RECORDED)
    arrive(window, world, paid_by_phone(page.swap, "7.48", "MP2"))
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.ARRIVED)
    assert window.frame.notice == ""
    qtbot.waitUntil(lambda: step_of(window) is Step.REVIEW)
    assert window.wizard.swap is not None
    assert window.wizard.swap.amount_paid == Decimal("12.48")


def test_the_same_event_again_is_no_second_part(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap, "5"))
    qtbot.waitUntil(lambda: bool(parts_of(page)))
    arrive(window, world, paid_by_phone(page.swap, "5"))
    world.wait(world.kiosk.swaps.kept())
    assert parts_of(page) == ["MP1"]


def type_receipt(window: Window, receipt_id: str, amount: str = "") -> None:
    page = page_of(window)
    if amount:
        page.form.view.fields["amount"].click()
        for character in amount:
            window.frame.typed.emit(character)
        page.form.view.fields["receipt"].click()
    for character in receipt_id:
        window.frame.typed.emit(character)


def test_where_the_platform_takes_no_parts_the_page_asks_for_all_that_is_due(window: Window, world: World) -> None:
    world.payments.takes_parts = False
    page = at_payment(window, world)
    type_receipt(window, "MP1", "5")
    assert window.words("primary") == "Type all that is due"
    note = page.form._note()
    assert (note.tone, "7.48" in note.words, "one receipt must cover all" in note.words) == ("attention", True, True)
    page.form.set_amount(Decimal("12.48"))
    assert page.form.action().words == "Record payment"


def test_a_part_that_is_typed_counts_when_the_platform_confirms_it(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    type_receipt(window, "MP1", "5")
    assert window.words("primary") == "Record part payment"
    window.press("primary")
    qtbot.waitUntil(lambda: bool(parts_of(page)) and page.flow.view is PaymentViewKind.ENTRY)
    assert (world.payments.asked, page.form.receipt_id) == (["MP1"], "")
    type_receipt(window, "MP1")
    window.press("primary")
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED)
    assert page.flow.refused.panel.accessibleName() == "The receipt MP1 is counted already"
    window.press("primary")
    type_receipt(window, "MP2")
    window.press("primary")
    qtbot.waitUntil(lambda: step_of(window) is Step.REVIEW)


def test_the_receipt_that_is_typed_and_arrives_at_the_same_moment_counts_once(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    type_receipt(window, "MP1", "5")
    window.press("primary")
    arrive(window, world, paid_by_phone(page.swap, "5"))
    qtbot.waitUntil(lambda: bool(parts_of(page)) and page.flow.view is PaymentViewKind.ENTRY)
    world.wait(world.kiosk.swaps.kept())
    assert parts_of(page) == ["MP1"]


def test_what_arrives_while_another_receipt_is_recorded_is_taken_afterwards(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    type_receipt(window, "MP1", "5")
    window.press("primary")
    arrive(window, world, paid_by_phone(page.swap, "7.48", "MP2"))
    qtbot.waitUntil(lambda: step_of(window) is Step.REVIEW)
    assert window.wizard.swap is not None
    assert [each.receipt_id for each in window.wizard.swap.payments] == ["MP1", "MP2"]


def test_an_amount_typed_wrongly_is_mended_by_what_the_platform_has_told(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    world.payments.failure = PaymentRefused("MP1", "this receipt was recorded with 5.00 USD")
    world.payments.told.append(paid_by_phone(page.swap, "5"))
    type_receipt(window, "MP1")
    window.press("primary")
    qtbot.waitUntil(lambda: parts_of(page) == ["MP1"])
    assert page.flow.view is PaymentViewKind.ENTRY


def test_money_in_another_currency_is_said_and_never_counted(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap, "500", currency="KES"))
    qtbot.waitUntil(lambda: bool(window.frame.notice))
    assert window.frame.notice == (
        "500\N{NO-BREAK SPACE}KES arrived, receipt MP1. It is not counted: this plan is paid in USD. Ask the supervisor."
    )
    assert (window.sounds[-1], page.form.amount.text) == ("attention", "12.48")
    assert page.swap is not None
    assert page.swap.payments == ()
    assert window.context.sounds.is_asking()
    window.press("back")
    qtbot.waitUntil(lambda: step_of(window) is Step.NEW)
    assert not window.context.sounds.is_asking()


def test_more_than_is_due_says_what_it_buys_before_it_is_recorded(window: Window, world: World) -> None:
    page = at_payment(window, world)
    type_receipt(window, "MP1", "15")
    assert page.form.view._note.text() == "2.52\N{NO-BREAK SPACE}USD more than due: 3.2\N{NO-BREAK SPACE}kWh more on the plan."


def test_more_than_is_due_that_arrives_says_what_it_buys(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    arrive(window, world, paid_by_phone(page.swap, "15"))
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.ARRIVED)
    assert page.flow.arrived._more.text() == "2.52\N{NO-BREAK SPACE}USD more than due: 3.2\N{NO-BREAK SPACE}kWh more on the plan."


def test_a_part_without_a_link_says_that_it_needs_one_and_goes_on_when_it_is_back(window: Window, world: World, qtbot: QtBot) -> None:
    page = at_payment(window, world)
    world.payments.failure = LinkDown("no network")
    type_receipt(window, "MP1", "5")
    window.press("primary")
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED)
    assert page.flow.refused.panel.accessibleName() == "A part payment needs the link to the platform"
    assert (window.words("primary"), window.words("other")) == ("Try again", "Keep for later")
    world.payments.failure = None
    window.wizard.handle_event(LinkChanged(connected=True, since=world.clock.now()))
    qtbot.waitUntil(lambda: bool(parts_of(page)) and page.flow.view is PaymentViewKind.ENTRY)


def test_a_scan_of_the_receipt_shows_the_keys_and_the_code_comes_back_by_touch(window: Window, world: World) -> None:
    page = at_payment(window, world)
    view = page.form.view
    assert view.code.isVisible()
    window.wizard.scan("MP4471")
    assert (view.pad.isVisible(), view.code.isVisible(), view.to_code.isVisible()) == (True, False, True)
    view.to_code.click()
    assert (view.pad.isVisible(), view.code.isVisible(), view.to_code.isVisible()) == (False, True, False)
    assert page.form.receipt_id == "MP4471"


def test_choosing_a_method_shows_the_keys(window: Window, world: World) -> None:
    view = at_payment(window, world).form.view
    view.methods.segments["CARD"].click()
    assert (view.pad.isVisible(), view.fields["receipt"].active) == (True, True)


def test_without_a_template_there_is_no_code(world: World) -> None:
    with window_on(world, payment=PaymentPage) as window:
        view = at_payment(window, world).form.view
        assert (view.pad.isVisible(), view.code.isVisible(), view.to_code.isVisible()) == (True, False, False)


# -- the code, read from the page's picture


def code_for(page: PaymentPage, amount: str) -> str:
    assert page.swap is not None
    return f"https://pay.example.org/{page.swap.plan.id}?amount={amount}&for={page.swap.correlation_id}"


def read_code(page: PaymentPage) -> str:
    """What a reader sees in a picture of the whole page."""
    picture = page.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    seen = memoryview(picture.constBits()).cast("B", (picture.height(), picture.bytesPerLine()))
    (found,) = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return str(found.text)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_code_on_the_page_can_be_read_in_every_size_and_look(world: World, screen: str, look: str) -> None:
    with window_on(world, widgets_of(screen, look), payment=PaymentPage, pay_code=TEMPLATE) as window:
        page = at_payment(window, world)
        assert read_code(page) == code_for(page, "12.48")
        side = min(page.form.view.code.width(), page.form.view.code.height())
        assert side >= 40 * SCREENS[screen].px_per_mm


def test_an_old_payment_that_names_no_swap_is_not_taken_for_this_one(window: Window, world: World) -> None:
    page = at_payment(window, world)
    assert page.swap is not None
    before = page.swap.started_at - timedelta(seconds=1)
    arrive(window, world, replace(paid_by_phone(page.swap), transaction_id="", paid_at=before))
    world.wait(world.kiosk.swaps.kept())
    assert (page.flow.view, page.swap.payments) == (PaymentViewKind.ENTRY, ())
