"""The pages of the returned and the new battery, on a real kiosk in a training environment."""

from dataclasses import replace
from decimal import Decimal

from pytestqt.qtbot import QtBot

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import AnotherPack, BatteriesAlike, BatteryUnbound, BatteryUnreachable
from kiosk.domain.messages import Remedy
from kiosk.domain.swap.swap import Confirmation, Payment, Step
from kiosk.station.adapters.bluetooth import Fault
from kiosk.station.ports import ReadPhase
from tests.ui.page_counter import PATIENCE, Counter, run_of
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.ranking import Known
from ui.pages.battery.reading import GRACE_SECONDS, READING_HERE, STICKER_HERE
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind, ReadRequest


def returned(counter: Counter) -> ReturnedPage:
    assert isinstance(counter.page, ReturnedPage)
    return counter.page


def new(counter: Counter) -> NewPage:
    assert isinstance(counter.page, NewPage)
    return counter.page


def at_returned(counter: Counter, qtbot: QtBot, scenario: str, view: BatteryViewKind) -> ReturnedPage:
    counter.wizard.show_swap(counter.world.customer(scenario))
    page = returned(counter)
    qtbot.waitUntil(lambda: page.view is view, timeout=PATIENCE)
    return page


def at_list(counter: Counter, qtbot: QtBot, scenario: str = "normal") -> NewPage:
    swap = counter.world.customer(scenario) if scenario == "first_visit" else counter.world.with_returned(scenario)
    counter.wizard.show_swap(swap)
    page = new(counter)
    qtbot.waitUntil(lambda: any(each.address == page.current for each in page.batteries), timeout=PATIENCE)
    return page


def set_faults(counter: Counter, battery_id: str, *faults: Fault) -> None:
    practice = counter.world.kiosk.training
    practice._batteries.set_faults(battery_id, *faults)  # type: ignore[union-attr]  # the environment's own batteries


# the battery that comes back


def test_the_returned_battery_is_read_without_a_touch_and_its_swap_is_journalled(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    assert counter.words("primary") == "Choose new battery"
    kept = counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap
    assert kept.incoming is not None
    assert kept.incoming.battery_id == page.expected
    counter.press("primary")
    assert counter.step is Step.NEW


def test_the_new_battery_is_looked_for_while_the_old_one_is_carried(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    qtbot.waitUntil(lambda: bool(page.context.memory.seen(page.context.now())), timeout=PATIENCE)
    counter.press("primary")
    assert new(counter).batteries


def test_a_paid_swap_cannot_be_stopped_and_is_kept_instead(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    assert page.way_out is Remedy.STOP_SWAP
    assert page.swap is not None
    payment = Payment(
        amount=Decimal(1),
        currency="USD",
        receipt_id="MP1",
        method="CASH",
        recorded_at=page.context.now(),
        confirmation=Confirmation.PLATFORM,
    )
    page.swap = replace(page.swap, payment=payment)
    assert Remedy.KEEP in page.ways()
    assert Remedy.STOP_SWAP not in page.ways()


def test_the_phases_come_from_the_reading(counter: Counter, qtbot: QtBot) -> None:
    page, heard = counter.wizard.page_of(Step.RETURNED), list[ReadPhase]()
    assert isinstance(page, ReturnedPage)
    page._phase_begun.connect(lambda _run, phase: heard.append(phase))
    counter.wizard.show_swap(counter.world.customer("normal"))
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    assert heard == [ReadPhase.LOOKING, ReadPhase.CONNECTING, ReadPhase.READING]


def test_stopping_a_reading_leaves_two_ways_on(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.customer("normal"))
    counter.press("other")
    assert returned(counter).view is BatteryViewKind.STOPPED
    assert (counter.words("primary"), counter.words("other")) == ("Read again", "Stop this swap")
    counter.press("primary")
    qtbot.waitUntil(lambda: returned(counter).view is BatteryViewKind.READ, timeout=PATIENCE)


def test_a_wrong_battery_is_refused_and_read_again(counter: Counter, qtbot: QtBot) -> None:
    at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    assert counter.frame.state is not None
    assert counter.frame.state.title == "Wrong battery"
    assert returned(counter).refused.accessibleName() == "This is not Joseph K.'s battery"
    assert counter.context.sounds.played[-1] == "refused"
    counter.press("primary")
    qtbot.waitUntil(lambda: returned(counter).view is BatteryViewKind.READ, timeout=PATIENCE)


def test_two_batteries_that_say_one_id_are_a_stop_with_a_sentence(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.customer("normal"))
    page = returned(counter)
    room = counter.world.kiosk.training._batteries  # type: ignore[union-attr]  # the environment's own batteries
    own = next(device for device in room.peripherals if device.name.endswith(page.expected[-6:]))
    room.add_devices(replace(own, address="AA:00:00:00:00:01", rssi=-30))
    try:
        page.take(Remedy.READ_AGAIN)
        qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    finally:
        room._devices = ()  # the other tests of this module are in the same room
        room.remove("nothing")
    assert isinstance(page.error, BatteriesAlike)
    assert page.refused.accessibleName() == f"Two batteries say they are {page.expected}"
    assert (counter.words("primary"), counter.words("other")) == ("Read again", "Stop this swap")
    assert page.accepted is None


def test_a_swap_stopped_at_a_wrong_battery_is_left_with_its_reason(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    assert page.swap is not None
    own = page.swap.correlation_id
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)
    assert own not in {kept.swap.correlation_id for kept in counter.world.wait(counter.world.kiosk.swaps.kept())}


def test_a_damaged_battery_is_taken_back_for_inspection(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "damaged_battery", BatteryViewKind.REFUSED)
    assert counter.words("primary") == "Record for inspection"
    counter.press("primary")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    assert page.accepted is not None
    assert page.accepted.inspection == "too hot, 68 °C"


def test_an_unreadable_returned_battery_ends_the_swap_and_is_set_aside(counter: Counter, qtbot: QtBot) -> None:
    swap = counter.world.customer("normal")
    set_faults(counter, swap.plan.current_asset or "", Fault.CONTRADICTORY)
    counter.wizard.show_swap(swap)
    qtbot.waitUntil(lambda: returned(counter).view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert (counter.words("primary"), counter.words("other")) == ("Read again", "Record for inspection")
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_a_scan_during_a_reading_is_dropped_with_a_sentence(counter: Counter) -> None:
    counter.wizard.show_swap(counter.world.customer("normal"))
    counter.wizard.scan("BAT-20001")
    assert counter.frame.notice == READING_HERE
    assert returned(counter).request.target == returned(counter).expected


def test_a_customers_code_is_no_battery(counter: Counter, qtbot: QtBot) -> None:
    at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    counter.wizard.scan("QR_CUSTOMER_practice-normal-1")
    assert counter.frame.notice == STICKER_HERE


def test_a_scanned_sticker_is_read_and_the_id_inside_decides(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "wrong_battery", BatteryViewKind.REFUSED)
    counter.wizard.scan("BAT-30388")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READING, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert page.refused.accessibleName() == "This is not Joseph K.'s battery"


def test_reading_again_takes_the_battery_out_of_the_swap_first(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    counter.press("other")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READING, timeout=PATIENCE)
    assert counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap.incoming is None


def test_back_from_the_returned_battery_is_the_customer(counter: Counter, qtbot: QtBot) -> None:
    at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    counter.press("back")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_a_scanner_that_breaks_its_word_is_stopped_by_the_page(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.customer("normal"))
    page = returned(counter)
    assert page.swap is not None
    limit = counter.world.kiosk.swaps.read_seconds(page.swap)

    class Late:
        def elapsed(self) -> float:
            return (limit + GRACE_SECONDS + 1) * 1000

    page._since = Late()  # type: ignore[assignment]  # a clock that is late
    page._tick()
    assert page.view is BatteryViewKind.REFUSED
    assert isinstance(page.error, BatteryUnreachable)


def test_the_usual_time_is_the_median_of_the_last_readings(counter: Counter, qtbot: QtBot) -> None:
    assert counter.context.memory.usual_seconds(10) == 6
    at_returned(counter, qtbot, "normal", BatteryViewKind.READ)
    assert counter.context.memory.usual_seconds(10) == 1


# the battery to hand out


def test_the_nearest_battery_is_chosen_and_the_returned_one_is_barred(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    assert page.swap is not None
    run = run_of(page.swap)
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    qtbot.waitUntil(lambda: counter.words("primary") == f"Take BAT-{20000 + run}", timeout=PATIENCE)  # read meanwhile
    barred = page.batteries[-1]
    assert (barred.shown, barred.known, barred.may_be_chosen) == (f"BAT-{12000 + run}", Known.JUST_RETURNED, False)


def test_a_battery_chosen_from_the_list_is_read_and_completes_without_payment(counter: Counter, qtbot: QtBot) -> None:
    at_list(counter, qtbot)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_what_comes_next_is_the_payment_where_the_plan_is_short(counter: Counter, qtbot: QtBot) -> None:
    at_list(counter, qtbot, "exhausted")
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.PAYMENT, timeout=PATIENCE)


def test_a_chosen_row_stays_chosen_while_the_ranking_changes(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    second = page.batteries[1].address
    page.list_view.chosen.emit(second)
    page.show_seen(tuple(reversed(page._seen)))
    assert page.current == second


def test_a_scanned_sticker_saves_the_choice(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot, "first_visit")
    assert page.swap is not None
    counter.wizard.scan(f"BAT-{20000 + run_of(page.swap)}")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert counter.frame.notice == ""


def test_a_sticker_whose_code_holds_an_address_too_is_read_by_its_id(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    assert page.swap is not None
    counter.wizard.scan(f"BAT-{20000 + run_of(page.swap)};C8478C001001")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert page.request.shown == f"BAT-{20000 + run_of(page.swap)}"


def test_an_id_can_be_typed_on_a_keyboard(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    assert page.swap is not None
    for character in f"bat-{20000 + run_of(page.swap)}":
        counter.frame.typed.emit(character)
    assert page.view is BatteryViewKind.TYPING
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_the_returned_battery_is_not_handed_out(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    assert page.swap is not None
    counter.wizard.scan(page.swap.plan.current_asset or "")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert (counter.words("primary"), counter.words("other")) == ("Choose another", "Read again")
    counter.press("primary")
    assert page.view is BatteryViewKind.LIST


def test_a_battery_that_is_too_low_is_not_handed_out(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.wizard.scan("BAT-39950")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert page.refused.accessibleName() == "BAT-39950 holds too little"


def test_a_damaged_new_battery_is_set_aside_and_no_longer_offered(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    set_faults(counter, "BAT-30388", Fault.HOT)
    counter.wizard.scan("BAT-30388")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert counter.words("other") == "Record for inspection"
    counter.press("other")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.LIST, timeout=PATIENCE)
    qtbot.waitUntil(lambda: any(each.known is Known.SET_ASIDE and not each.may_be_chosen for each in page.batteries), timeout=PATIENCE)


def test_choosing_another_battery_takes_the_read_one_out_of_the_swap(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    counter.press("back")
    qtbot.waitUntil(lambda: counter.step is Step.NEW and not page.acting, timeout=PATIENCE)
    assert counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap.outgoing is None
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    read, other = page.current, next(each for each in page.batteries if each.may_be_chosen and each.address != page.current)
    page.list_view.chosen.emit(other.address)
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    stored = counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap.outgoing
    assert stored is not None
    assert stored.address == other.address != read


def test_listening_that_fails_is_said_and_can_be_tried_again(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    page.stop_work()
    page._show_fault(BatteryUnreachable("", 0, heard_others=False, fault=AdapterFault.SWITCHED_OFF))
    assert counter.words("primary") == "Look again"
    counter.press("primary")
    qtbot.waitUntil(lambda: page.current != "", timeout=PATIENCE)


def test_an_address_is_never_shown_to_the_attendant(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    page.request = ReadRequest(target="C8:2E:6A:6B:05:EF", shown="BAT-20001")
    page.refuse(BatteryUnreachable("C8:2E:6A:6B:05:EF", 10))
    assert page.refused.accessibleName() == "BAT-20001 did not answer in 10 s"


def test_an_address_is_scanned_as_a_sticker_is(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    qtbot.waitUntil(lambda: len(page.batteries) == 5, timeout=PATIENCE)
    address = page.batteries[0].address
    counter.wizard.scan(address.replace(":", "-").lower())
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert page.reading is not None
    assert page.reading.address == address


def test_a_sticker_that_is_not_bound_and_another_pack_have_their_own_titles(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    for error, title, first in (
        (BatteryUnbound("BAT-20450", 10.0, packs=3), "Sticker not bound", "Bind this sticker"),
        (AnotherPack.of("BAT-20450", found="1", bound="2"), "Another pack", "Choose another"),
    ):
        page.refuse(error)
        assert counter.frame.state is not None
        assert (counter.frame.state.title, counter.words("primary")) == (title, first)
