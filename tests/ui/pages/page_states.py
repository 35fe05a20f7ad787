"""The states of the pages from the returned battery to the last one, each shown in a frame: what layout tests look at."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from itertools import product
from typing import Any

from pytestqt.qtbot import QtBot

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import (
    BatteryDamaged,
    BatteryNotIssuable,
    BatteryTooLow,
    BatteryUnreachable,
    BatteryUnreadable,
    KioskError,
    PartNeedsLink,
    PaymentRefused,
    PaymentTooSmall,
    PaymentUnconfirmed,
    PaymentUsed,
    PriceMissing,
    ReadingPrevented,
    RenewalNeeded,
    SameBattery,
    StoreFailed,
    WrongBattery,
)
from kiosk.domain.money.cash import QUICK_NOTES
from kiosk.domain.money.pay_code import DEFAULT, pay_template
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.domain.swap.swap import Confirmation, Swap
from kiosk.station.ports import Sighting
from tests.builders import NOON, plan_of, plan_with, reading, swap_of, swap_with_batteries
from tests.ui.faults import SCREENS
from tests.ui.page_counter import spin
from tests.ui.pages.payment.cash_states import CASH_STATES
from tests.ui.pages.shown_swaps import begun, completed, exhausted, named, paid, payment
from tests.ui.screens import frame_in
from tests.ui.window_counter import World
from ui.devices.sounds import Sounds
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind, ReadRequest, wait_for
from ui.pages.done import AnswerState, DonePage, PlatformAnswer, PrintState, ReceiptPrint
from ui.pages.page_context import Page, PageContext
from ui.pages.payment.flow import PaymentViewKind as PaymentView
from ui.pages.payment.page import PaymentPage
from ui.pages.payment.text import foreign_note, part_note
from ui.pages.review import ReviewPage
from ui.widgets import Widgets
from ui.widgets.frame import Frame

DATA = ("Amina W.", "Weekly Freedom Nairobi", "Station 14", "Too hot", "Voltage too low", "Cell voltages differ by")
FULL: dict[str, Any] = {"soc_percent": Decimal(15), "full_kwh": Decimal(32), "seconds": 6.2}


# the battery that comes back


def returned(page: ReturnedPage) -> None:
    page.enter(begun())
    page.stop_work()
    page.show_view(BatteryViewKind.READING)


def reading_late(page: ReturnedPage) -> None:
    returned(page)
    page.busy.tick(8.0, 1)


def read(page: ReturnedPage) -> None:
    returned(page)
    page.reading = reading("BAT-12345", "4.8", **FULL)
    page.accept(begun())


def inspected(page: ReturnedPage) -> None:
    returned(page)
    page.reading = reading("BAT-12345", "4.8", **FULL, estimated=True)
    page.accept(replace(begun(), inspection="too hot, 68 °C; voltage too low, 39.5 V; cell voltages differ by 0.4 V"))


def stopped(page: ReturnedPage) -> None:
    returned(page)
    page.show_view(BatteryViewKind.STOPPED)


def returned_refused(error: KioskError) -> Callable[[ReturnedPage], None]:
    def prepare(page: ReturnedPage) -> None:
        returned(page)
        page.refuse(error)

    return prepare


# the battery to hand out


def stop_looking(page: Page) -> None:
    """What the scanner has seen until now has arrived: it would draw over what a test shows."""
    Page.leave(page)
    arrived: list[object] = []
    page.context.bridge.run(asyncio.sleep(0), arrived.append)
    spin(lambda: bool(arrived))


def listing(page: NewPage, count: int = 4) -> None:
    page.enter(named(replace(begun(), incoming=reading("BAT-12345", "4.8"))))
    stop_looking(page)
    page.context.memory.note_reading(reading("BAT-20001", "30.4"))
    names = [
        ("OVES BATT 45AH -12345", "oves"),
        *((f"OVES BATT 45AH -{20001 + each}", "oves") for each in range(count)),
        ("JK-B2A24S", "jk"),
        ("JK-B2A24S", "jk"),
        ("Phone", ""),
    ]
    page._note_seen(
        tuple(
            Sighting(address=f"C8:{each}", name=name, rssi=-45 - 8 * each, protocol=p, has_own_id=p == "oves")
            for each, (name, p) in enumerate(names)
        )
    )


def listing_many(page: NewPage) -> None:
    listing(page, 14)


def listing_nothing(page: NewPage) -> None:
    page.enter(named(swap_of(plan_with(holds=None, used_kwh="0", swaps_used=10))))
    stop_looking(page)


def listing_broken(page: NewPage) -> None:
    listing_nothing(page)
    page._show_fault(BatteryUnreachable("", 0, heard_others=False, fault=AdapterFault.SWITCHED_OFF))


def typing(page: NewPage) -> None:
    listing(page)
    page._type()
    page.typing.set_value("BAT-20417")


def new_reading(page: NewPage) -> None:
    listing(page)
    page.request = ReadRequest(target="BAT-20417", shown="BAT-20417")
    page.busy.start(wait_for(6, 10))
    page.show_tips()
    page.show_view(BatteryViewKind.READING)
    page.busy.tick(4.0, 1)


def new_refused(error: KioskError) -> Callable[[NewPage], None]:
    def prepare(page: NewPage) -> None:
        listing(page)
        page.refuse(error)

    return prepare


# the payment


def entry(swap: Swap) -> Callable[[PaymentPage], None]:
    def prepare(page: PaymentPage) -> None:
        page.enter(swap)
        page.set_receipt("MP4471KENYA")

    return prepare


def by_code(page: PaymentPage) -> None:
    page.enter(exhausted())


def part_paid() -> Swap:
    """Five dollars of 12.48 are confirmed."""
    first = replace(payment(Confirmation.PLATFORM), amount=Decimal(5), receipt_id="MP4470KENYA")
    return replace(exhausted(), parts=(first,))


def rest(page: PaymentPage) -> None:
    page.enter(part_paid())
    page.flow.say(part_note(part_paid().parts))


def typed(amount: str) -> Callable[[PaymentPage], None]:
    def prepare(page: PaymentPage) -> None:
        entry(exhausted())(page)
        page.form.set_amount(Decimal(amount))

    return prepare


def foreign(page: PaymentPage) -> None:
    page.enter(exhausted())
    told = PaymentReceived(plan_id="plan", receipt_id="MP4472KENYA", method="CASH", amount=Decimal(1500), currency="KES")
    page.flow.say(foreign_note(told, "USD"))


def arrived(page: PaymentPage) -> None:
    entry(exhausted())(page)
    swap = replace(exhausted(), payment=replace(payment(Confirmation.PLATFORM), amount=Decimal(15)))
    page.swap = swap
    page.flow._show_counted(swap, (replace(payment(Confirmation.PLATFORM), amount=Decimal(15)),))


def part_offline(page: PaymentPage) -> None:
    waiting(page)
    assert page.swap is not None
    page.swap = replace(page.swap, payment=replace(payment(Confirmation.WAITING), amount=Decimal(5)))
    page.flow.refuse(PartNeedsLink("no route to the platform"))


def waiting(page: PaymentPage) -> None:
    page.enter(paid(confirmation=Confirmation.WAITING))
    page.stop_work()
    page.flow.waiting.busy.tick(9.0, 1)


def vouching(page: PaymentPage) -> None:
    waiting(page)
    page.ask_supervisor()


def not_paid(error: KioskError) -> Callable[[PaymentPage], None]:
    def prepare(page: PaymentPage) -> None:
        entry(exhausted())(page)
        page.flow.refuse(error)

    return prepare


def not_confirmed(page: PaymentPage) -> None:
    waiting(page)
    page.flow.refuse(PaymentUnconfirmed("MP4471KENYA", 20))


def letters(page: PaymentPage) -> None:
    entry(exhausted())(page)
    page.type_letters()
    assert page.flow.view is PaymentView.LETTERS


# the review and the last page


def reviewed(swap: Swap) -> Callable[[ReviewPage], None]:
    return lambda page: page.enter(swap)


def not_stored(page: ReviewPage) -> None:
    page.enter(paid())
    page._refuse(StoreFailed("the disk is full"))


def estimated() -> Swap:
    swap = exhausted(used="100")
    assert swap.outgoing is not None
    return replace(swap, outgoing=reading("BAT-67890", "30.4", **FULL, estimated=True), inspection="too hot, 68 °C")


def telling() -> Swap:
    """All that a battery may say of itself and still be handed out."""
    said = {"states": ("full", "switched off by software"), "unknown_codes": ("0x4000",), "output_on": True}
    return replace(PLAIN, outgoing=reading("BAT-67890", "30.377", **FULL | {"soc_percent": Decimal(95)}, **said))


PRINTED = ReceiptPrint(state=PrintState.PRINTED)


def done(swap: Swap, answer: PlatformAnswer | None = None, printed: ReceiptPrint = PRINTED) -> Callable[[DonePage], None]:
    def prepare(page: DonePage) -> None:
        page.swap = swap
        page.show_swap(swap)
        page._show_answer(answer or PlatformAnswer())
        page._show_print(printed)
        page._show_paper()  # the page does so in a later turn

    return prepare


NO_PAPER = ReceiptPrint(state=PrintState.NOT_PRINTED, reason="the print service does not answer")
FIRST = named(swap_with_batteries(plan_with(holds=None, used_kwh="0", swaps_used=0)))
UNLIMITED = named(swap_with_batteries(plan_of().with_states(*(replace(each, quota=Decimal(10**8)) for each in plan_of().service_states))))
PLAIN = named(swap_with_batteries())
State = tuple[Callable[[PageContext], Page], Callable[..., object]]
STATES: dict[str, State] = {
    "reading": (ReturnedPage, returned),
    "reading late": (ReturnedPage, reading_late),
    "read": (ReturnedPage, read),
    "inspected": (ReturnedPage, inspected),
    "stopped": (ReturnedPage, stopped),
    "wrong": (ReturnedPage, returned_refused(WrongBattery("BAT-12345", "BAT-12346"))),
    "unreachable": (ReturnedPage, returned_refused(BatteryUnreachable("BAT-12345", 10))),
    "unreadable": (ReturnedPage, returned_refused(BatteryUnreadable("BAT-12345", "55 % does not agree with 4.8 of 32 kWh"))),
    "prevented": (ReturnedPage, returned_refused(ReadingPrevented.by(ReadObstacle.MAYBE_PAIRING, "BAT-12345"))),
    "damaged": (ReturnedPage, returned_refused(BatteryDamaged("BAT-12345", ("too hot, 68 °C", "voltage too low, 39.5 V")))),
    "list": (NewPage, listing),
    "many": (NewPage, listing_many),
    "nothing": (NewPage, listing_nothing),
    "broken": (NewPage, listing_broken),
    "typing": (NewPage, typing),
    "new, reading": (NewPage, new_reading),
    "too low": (NewPage, new_refused(BatteryTooLow("BAT-20417", Decimal("3.1"), Decimal("20.0")))),
    "output off": (NewPage, new_refused(BatteryNotIssuable("BAT-20417", ("its output is switched off",), output_off=True))),
    "unequal": (NewPage, new_refused(BatteryNotIssuable("BAT-20417", ("its cells differ by 0.412 V, 0.3 V is the most",)))),
    "same": (NewPage, new_refused(SameBattery("BAT-12345"))),
    "code": (PaymentPage, by_code),
    "entry": (PaymentPage, entry(exhausted())),
    **CASH_STATES,
    "entry, swaps": (PaymentPage, entry(named(replace(PLAIN, plan=plan_with(swaps_used=10))))),
    "entry, rest": (PaymentPage, rest),
    "entry, part": (PaymentPage, typed("5")),
    "entry, over": (PaymentPage, typed("15")),
    "entry, foreign": (PaymentPage, foreign),
    "arrived": (PaymentPage, arrived),
    "part offline": (PaymentPage, part_offline),
    "counted already": (PaymentPage, not_paid(PaymentUsed("CASH", "MP4471KENYA", NOON, here=True))),
    "letters": (PaymentPage, letters),
    "waiting": (PaymentPage, waiting),
    "vouching": (PaymentPage, vouching),
    "not confirmed": (PaymentPage, not_confirmed),
    "used": (PaymentPage, not_paid(PaymentUsed("CASH", "MP4471KENYA", NOON))),
    "too small": (PaymentPage, not_paid(PaymentTooSmall(Decimal("2.48"), "USD"))),
    "not paid": (PaymentPage, not_paid(PaymentRefused("MP4471KENYA", "this receipt was never paid"))),
    "no price": (PaymentPage, not_paid(PriceMissing(Decimal("15.6")))),
    "renewal": (PaymentPage, not_paid(RenewalNeeded(1))),
    "review": (ReviewPage, reviewed(PLAIN)),
    "review, first visit": (ReviewPage, reviewed(FIRST)),
    "review, unlimited": (ReviewPage, reviewed(UNLIMITED)),
    "review, paid": (ReviewPage, reviewed(paid())),
    "review, parts": (ReviewPage, reviewed(replace(paid(), parts=part_paid().parts))),
    "review, estimate": (ReviewPage, reviewed(estimated())),
    "review, telling": (ReviewPage, lambda page: page.enter(telling())),
    "review, not stored": (ReviewPage, not_stored),
    "done": (DonePage, done(completed(PLAIN))),
    "done, confirmed": (DonePage, done(completed(paid()), PlatformAnswer(state=AnswerState.CONFIRMED, at=NOON))),
    "done, not printed": (
        DonePage,
        done(completed(replace(paid(), parts=part_paid().parts)), PlatformAnswer(), replace(NO_PAPER, copy=12)),
    ),
    "done, not printed, paid": (DonePage, done(completed(paid()), PlatformAnswer(), NO_PAPER)),
    "done, refused": (
        DonePage,
        done(
            completed(FIRST),
            PlatformAnswer(state=AnswerState.REFUSED, reason="the battery BAT-67890 is issued to another customer"),
            NO_PAPER,
        ),
    ),
}


def shown(world: World, qtbot: QtBot, widgets: Widgets, state: State) -> Frame:
    make, prepare = state
    world.kiosk.people.configured_supervisors = ("SUP-007",)
    frame = frame_in(widgets, qtbot)
    context = PageContext(
        widgets=widgets,
        bridge=world.bridge,
        kiosk=world.kiosk,
        sounds=Sounds(0.0, frame),
        now=world.clock.now,
        monotonic=world.clock.monotonic,
        zone=UTC,
        payment_methods=("MOBILE_MONEY", "CASH", "CARD"),
        pay_code=pay_template(DEFAULT),
        quick_notes=QUICK_NOTES,
    )
    page = make(context)
    page.noted.connect(frame.show_notice)
    frame.add_page(page)
    frame.show_page(page)
    prepare(page)
    frame.show_state(replace(page.frame_state(), customer="Amina W."))
    frame.show()
    return frame


LOOKS = [*product(SCREENS, ("light", "training")), ("1280x800", "dark"), ("1280x800", "training-dark")]
