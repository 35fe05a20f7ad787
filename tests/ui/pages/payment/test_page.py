"""The payment page, on a real kiosk in a training environment whose platform confirms receipts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import PaymentUnconfirmed, PriceMissing, RenewalNeeded, StoreFailed
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.swap.swap import Confirmation, Step, Swap
from tests.ui.page_counter import PATIENCE, Counter, World, open_counter
from ui.pages.payment.flow import PaymentViewKind
from ui.pages.payment.page import PaymentPage
from ui.widgets import LETTERS
from ui.widgets.frame import BACKSPACE


@pytest.fixture
def counter(practised: World, qtbot: QtBot) -> Iterator[Counter]:
    practised.kiosk.people.configured_supervisors = ("SUP-007",)
    made = open_counter(practised, qtbot)
    yield made
    made.wizard.stop()


def payment(counter: Counter) -> PaymentPage:
    assert isinstance(counter.page, PaymentPage)
    return counter.page


def at_payment(counter: Counter, scenario: str = "exhausted") -> PaymentPage:
    counter.wizard.show_swap(counter.world.with_batteries(scenario))
    return payment(counter)


def unique(page: PaymentPage, prefix: str = "MP") -> str:
    """A receipt id that no other test has used."""
    assert page.swap is not None
    return f"{prefix}{page.swap.plan.id.rsplit('-', 1)[1]}"


def type_receipt(counter: Counter, receipt_id: str) -> None:
    for character in receipt_id:
        counter.frame.typed.emit(character)


def recorded(counter: Counter) -> Swap:
    """A swap whose receipt is recorded and not yet confirmed."""
    swap = counter.world.with_batteries("exhausted")
    due = counter.world.kiosk.swaps.due(swap)
    number = swap.plan.id.rsplit("-", 1)[1]
    return counter.world.wait(counter.world.kiosk.swaps.take_payment(swap, due.cost, f"REC{number}", "CASH"))


def test_the_page_says_what_is_due_and_asks_for_the_receipt(counter: Counter) -> None:
    page = at_payment(counter)
    assert page.form.title == "The plan is 1.8 kWh short"
    assert (page.form.view.fields["amount"].value, page.form.view.fields["receipt"].value) == ("1.44", "")
    assert counter.words("primary") == "Type the receipt id first"
    assert not counter.frame.bar.allows("primary")


def test_a_recorded_receipt_goes_on_when_the_platform_confirms_it(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    type_receipt(counter, unique(page).lower())
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.page.swap is not None
    paid = counter.page.swap.payment
    assert paid is not None
    assert (paid.amount, paid.confirmation, paid.method) == (Decimal("1.44"), Confirmation.PLATFORM, "MOBILE_MONEY")


def test_the_method_of_the_last_payment_is_chosen_beforehand(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.view.methods.segments["CASH"].click()
    type_receipt(counter, unique(page))
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert at_payment(counter).form.view.methods.current == "CASH"


def test_a_refused_receipt_is_dropped_and_another_one_can_be_typed(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter, "payment_failure")
    type_receipt(counter, "MP0000")
    counter.press("primary")
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED, timeout=PATIENCE)
    assert page.swap is not None
    assert page.swap.payment is None
    assert (counter.words("primary"), counter.words("other")) == ("Type another id", "Keep for later")
    assert counter.frame.bar.allows("back")
    counter.press("primary")
    type_receipt(counter, unique(page))
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_a_receipt_that_paid_before_is_refused_and_nothing_is_recorded(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    receipt = unique(page, "USED")
    type_receipt(counter, receipt)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    page = at_payment(counter)
    type_receipt(counter, receipt)
    counter.press("primary")
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED, timeout=PATIENCE)
    assert page.flow.refused.panel.accessibleName() == f"The receipt {receipt} was used before"


def test_two_receipts_pay_together_and_the_platform_confirms_each(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.view.fields["amount"].click()
    counter.frame.typed.emit("1")
    page.form.view.fields["receipt"].click()
    type_receipt(counter, unique(page, "PART"))
    counter.press("primary")
    qtbot.waitUntil(lambda: page.form.amount.text == "0.44" and page.flow.view is PaymentViewKind.ENTRY, timeout=PATIENCE)
    assert page.swap is not None
    assert [each.confirmation for each in page.swap.parts] == [Confirmation.PLATFORM]
    assert counter.words("back") == "Money back"
    type_receipt(counter, unique(page, "REST"))
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.page.swap is not None
    assert counter.page.swap.amount_paid == Decimal("1.44")


def test_the_pad_has_letters_for_the_receipt_and_a_decimal_sign_for_the_amount(counter: Counter) -> None:
    page = at_payment(counter)
    corner = page.form.view.pad.keys[3, 0]
    assert corner.face == LETTERS
    page.form.view.fields["amount"].click()
    assert corner.face == "."
    counter.frame.typed.emit(BACKSPACE)
    assert page.form.amount.text == "1.4"


def test_letters_are_typed_on_the_small_keyboard(counter: Counter) -> None:
    page = at_payment(counter)
    page.form.view.pad.letters.emit()
    page.flow.keyboards[PaymentViewKind.LETTERS].type_character("A")
    page.flow.keyboards[PaymentViewKind.LETTERS].type_character("7")
    counter.press("primary")
    assert (page.flow.view, page.form.receipt_id) == (PaymentViewKind.ENTRY, "A7")


def test_a_scan_is_a_receipt_id_and_a_battery_code_is_none(counter: Counter) -> None:
    page = at_payment(counter)
    counter.wizard.scan("mp4471")
    assert page.form.receipt_id == "MP4471"
    counter.wizard.scan("BAT-20001")
    assert counter.frame.notice == "That is a battery code. Scan the receipt now."
    assert page.form.receipt_id == "MP4471"


def test_back_before_a_payment_is_the_new_battery(counter: Counter, qtbot: QtBot) -> None:
    at_payment(counter)
    counter.press("back")
    qtbot.waitUntil(lambda: counter.step is Step.NEW, timeout=PATIENCE)


def test_keeping_for_later_is_the_next_customer_and_the_swap_is_offered_again(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    assert page.swap is not None
    own = page.swap.correlation_id
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)
    kept = {each.swap.correlation_id: each.set_aside for each in counter.world.wait(counter.world.kiosk.swaps.kept())}
    assert kept[own]


def test_a_resumed_payment_goes_straight_to_the_wait_and_back_is_off(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(recorded(counter))
    assert payment(counter).flow.view is PaymentViewKind.WAITING
    assert not counter.frame.bar.allows("back")
    assert counter.frame.state is not None
    assert counter.frame.state.title == "The payment is recorded"
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def unconfirmed(counter: Counter) -> PaymentPage:
    """The page after a wait that ended without a word."""
    counter.wizard.show_swap(recorded(counter))
    page = payment(counter)
    page.stop_work()
    page.flow.refuse(PaymentUnconfirmed("REC", 20))
    return page


def test_a_wait_without_a_word_can_be_tried_again(counter: Counter, qtbot: QtBot) -> None:
    unconfirmed(counter)
    assert (counter.words("primary"), counter.words("other")) == ("Try again", "Keep for later")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_the_platforms_event_ends_a_wait_that_was_given_up(counter: Counter, qtbot: QtBot) -> None:
    page = unconfirmed(counter)
    assert page.swap is not None
    assert page.swap.payment is not None
    other = PaymentReceived(plan_id="another", receipt_id="X", method="CASH", amount=Decimal(1), currency="USD")
    counter.wizard.handle_event(other)
    assert page.flow.view is PaymentViewKind.REFUSED
    counter.wizard.handle_event(replace(other, plan_id=page.swap.plan.id, receipt_id=page.swap.payment.receipt_id))
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_a_supervisor_may_vouch_and_only_one_of_this_station(counter: Counter, qtbot: QtBot) -> None:
    page = unconfirmed(counter)
    page.flow.refused.approve.click()
    type_receipt(counter, "SUP-9")
    counter.press("primary")
    refused = "SUP-9 is no supervisor of this station"
    qtbot.waitUntil(lambda: counter.frame.state is not None and counter.frame.state.title == refused, timeout=PATIENCE)
    page.flow.approval.typing.set_value("")
    type_receipt(counter, "sup-007")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.page.swap is not None
    paid = counter.page.swap.payment
    assert paid is not None
    assert (paid.confirmation, paid.confirmed_by) == (Confirmation.SUPERVISOR, "SUP-007")


def test_without_supervisors_nobody_is_asked_to_vouch(practised: World, qtbot: QtBot) -> None:
    practised.kiosk.people.configured_supervisors = ()
    counter = open_counter(practised, qtbot)
    page = unconfirmed(counter)
    assert not page.flow.refused.approve.isVisible()
    counter.wizard.stop()


def test_without_a_price_a_smaller_charge_can_be_chosen(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.clear()
    page.flow.refuse(PriceMissing(Decimal("15.6")))
    assert (counter.words("primary"), counter.words("other")) == ("Choose a smaller charge", "Keep for later")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.NEW, timeout=PATIENCE)


def test_a_plan_without_swaps_and_without_a_price_must_be_renewed(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.clear()
    page.flow.refuse(RenewalNeeded(1))
    assert (counter.words("primary"), counter.words("other")) == ("Keep for later", "Stop this swap")
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_a_disk_error_keeps_what_was_typed(counter: Counter) -> None:
    page = at_payment(counter)
    type_receipt(counter, "MP9")
    page.flow.refuse(StoreFailed("the disk is full"))
    assert counter.words("primary") == "Try again"
    counter.press("back")
    assert page.form.receipt_id == "MP9"


def typed_amount(counter: Counter, page: PaymentPage, keys: str) -> None:
    page.form.view.fields["amount"].click()
    for key in keys:
        counter.frame.typed.emit(key)


def test_an_amount_that_can_be_read_two_ways_is_said_and_not_recorded(counter: Counter) -> None:
    page = at_payment(counter)
    page.form.set_receipt(unique(page))
    typed_amount(counter, page, "1.234")
    assert counter.words("primary") == "Type the amount first"
    assert not counter.frame.bar.allows("primary")


def test_more_than_twice_what_is_due_asks_first(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.set_receipt(unique(page))
    typed_amount(counter, page, "144")
    counter.press("primary")
    assert (page.flow.view, page.acting) == (PaymentViewKind.TWICE, False)
    assert (counter.words("primary"), counter.words("other").replace("\N{NO-BREAK SPACE}", " ")) == (
        "Change the amount",
        "Record 144.00 USD",
    )
    counter.press("primary")
    assert (page.flow.view, page.form.active, page.form.amount.text) == (PaymentViewKind.ENTRY, "amount", "144")
    counter.press("primary")
    counter.press("back")
    assert page.flow.view is PaymentViewKind.ENTRY
    counter.press("primary")
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.page.swap is not None
    assert counter.page.swap.amount_paid == Decimal(144)


def test_twice_what_is_due_is_recorded_at_once(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    page.form.set_receipt(unique(page))
    typed_amount(counter, page, "2.88")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


CODES = {
    "own plan": lambda swap: swap.plan.id,
    "own plan, lower": lambda swap: swap.plan.id.lower(),
    "own battery": lambda swap: swap.outgoing.battery_id,
    "this swap": lambda swap: swap.correlation_id,
    "address": lambda _swap: "https://example.org/pay?id=1",
    "JSON": lambda swap: f'{{"plan_id": "{swap.plan.id}"}}',
    "card": lambda swap: f"QR_CUSTOMER_{swap.plan.id}",
    "address card": lambda _swap: "BEGIN:VCARD",
    "space": lambda _swap: "QGH7 X2K9LM",
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_code_that_is_no_receipt_is_refused_where_it_is_scanned(counter: Counter, code: Callable[[Swap], str]) -> None:
    page = at_payment(counter)
    assert page.swap is not None
    counter.wizard.scan(code(page.swap))
    assert page.form.receipt_id == ""
    assert counter.frame.notice.endswith("Scan the receipt now.")


def test_another_customers_card_is_taken_out_again(counter: Counter, qtbot: QtBot) -> None:
    other = counter.world.with_batteries("normal")
    page = at_payment(counter)
    counter.wizard.scan(other.plan.id)
    qtbot.waitUntil(lambda: page.form.receipt_id == "", timeout=PATIENCE)
    assert counter.frame.notice == "It is a code of a customer, a battery or a swap. Scan the receipt now."


def test_a_used_receipt_is_taken_out_again(counter: Counter, qtbot: QtBot) -> None:
    page = at_payment(counter)
    receipt = unique(page, "TWO")
    type_receipt(counter, receipt)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    page = at_payment(counter)
    counter.wizard.scan(receipt)
    qtbot.waitUntil(lambda: page.form.receipt_id == "", timeout=PATIENCE)
    assert counter.frame.notice == f"The receipt {receipt} was used before. Ask for the receipt of this payment."


def test_a_typed_code_of_another_customer_is_refused_when_it_is_recorded(counter: Counter, qtbot: QtBot) -> None:
    other = counter.world.with_batteries("normal")
    page = at_payment(counter)
    type_receipt(counter, other.plan.id)
    counter.press("primary")
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.REFUSED, timeout=PATIENCE)
    assert page.swap is not None
    assert page.swap.payment is None
