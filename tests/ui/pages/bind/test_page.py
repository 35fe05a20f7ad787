"""The page that binds a sticker to a pack, on a real kiosk in a training environment: its bindings are its own."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.battery.binding import Binding, Sticker
from kiosk.domain.errors import BatteriesAlike, BatteryUnbound
from kiosk.domain.language import in_language, tr
from kiosk.domain.swap.swap import Step
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, SimulatedEnvironment
from kiosk.station.services import pack_on_counter
from kiosk.station.services.pack_on_counter import READ_SECONDS
from tests.builders import NOON
from tests.ui.page_counter import PATIENCE, Counter, World, open_counter
from ui.pages.approval import TYPE_HERE
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.reading import GRACE_SECONDS
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.bind.page import NO_ID, STICKER_HERE, BindPage
from ui.pages.bind.text import Stage
from ui.pages.overlays.status_pages import SCANNER, ScannerPage

NAME, STICKER = "XIAOXIANG BMS", "BAT-77001"
PACK = SimulatedBattery(asset_id=NAME, kwh_remaining=Decimal("3.2"), voltage=Decimal("51.2"), rssi=-20, protocol="jbd")


@pytest.fixture
def room(practised: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedEnvironment]:
    """The environment's own batteries; a pack is meant sooner, and a reading ends sooner. What a test binds is unbound again."""
    monkeypatch.setattr(pack_on_counter, "SURE_SECONDS", 0.4)
    monkeypatch.setattr(practised.kiosk.swaps, "read_seconds", lambda _swap: 3.0)
    practised.begin("normal")
    room: SimulatedEnvironment = practised.kiosk.training._batteries  # type: ignore[union-attr]  # the environment's own
    yield room
    for each in known(practised):
        practised.wait(practised.kiosk.bindings.unbind(each.battery_id, "ATT-001"))
    room._devices = ()
    room.remove(NAME)


@pytest.fixture
def supervised(practised: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A counter with a supervisor."""
    monkeypatch.setattr(practised.kiosk.people, "configured_supervisors", ("SUP-007",))
    made = open_counter(practised, qtbot)
    yield made
    made.wizard.stop()


def known(world: World) -> tuple[Binding, ...]:
    return world.wait(world.kiosk.bindings.bindings())


def bind_at(world: World, battery_id: str, address: str) -> None:
    wanted = Binding(battery_id=battery_id, address=address, family="jbd", bound_at=NOON, bound_by="ATT-001")
    world.wait(world.kiosk.bindings.bind(wanted))


def address_of(room: SimulatedEnvironment) -> str:
    return next(each.address for each in room.peripherals if each.name == NAME)


def opened(counter: Counter, stage: Stage, qtbot: QtBot) -> BindPage:
    page = counter.wizard.overlay
    assert isinstance(page, BindPage)
    qtbot.waitUntil(lambda: page.facts.stage is stage, timeout=PATIENCE)
    return page


def open_from_status(counter: Counter) -> BindPage:
    """As a technician does."""
    counter.frame.status.emit(SCANNER)
    assert isinstance(counter.wizard.overlay, ScannerPage)
    counter.press("other")
    assert isinstance(counter.wizard.overlay, BindPage)
    return counter.wizard.overlay


def new_page(counter: Counter, qtbot: QtBot) -> NewPage:
    counter.wizard.show_swap(counter.world.with_returned("normal"))
    page = counter.page
    assert isinstance(page, NewPage)
    qtbot.waitUntil(lambda: bool(page.batteries), timeout=PATIENCE)
    return page


def at_unbound(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> NewPage:
    """The page of the new battery, where a sticker was scanned that no pack in range is bound to."""
    page = new_page(counter, qtbot)
    room.put(PACK)
    qtbot.waitUntil(lambda: any(each.name == NAME for each in page._seen), timeout=PATIENCE)
    counter.wizard.scan(STICKER)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    return page


# in the middle of a swap


def test_a_sticker_that_is_not_bound_is_said_with_the_nearest_pack_and_can_be_bound(
    counter: Counter, qtbot: QtBot, room: SimulatedEnvironment
) -> None:
    page = at_unbound(counter, qtbot, room)
    assert isinstance(page.error, BatteryUnbound)
    assert page.refused.accessibleName() == "This sticker is not bound yet"
    assert (counter.words("primary"), counter.words("other")) == ("Bind this sticker", "Choose another")
    qtbot.waitUntil(lambda: page._error_view is not None and len(page._error_view.compared) == 2, timeout=PATIENCE)
    assert page._error_view is not None
    assert [each.value for each in page._error_view.compared] == [STICKER, f"...{address_of(room)[-5:]}"]


def test_a_bound_battery_is_read_by_its_binding_and_the_swap_goes_on(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    page = at_unbound(counter, qtbot, room)
    room.put(replace(PACK, kwh_remaining=Decimal("30.4")))
    counter.press("primary")
    bind = opened(counter, Stage.READ, qtbot)
    assert bind.facts.read is not None
    assert (bind.facts.sticker.battery_id, bind.facts.read.pack.address) == (STICKER, address_of(room))
    assert counter.words("primary") == f"Bind {STICKER}"
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step in {Step.REVIEW, Step.PAYMENT}, timeout=PATIENCE)
    assert counter.wizard.overlay is None
    assert page.reading is not None
    assert (page.reading.battery_id, page.reading.address) == (STICKER, address_of(room))


def test_back_from_the_binding_is_the_refusal_and_nothing_is_bound(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    page = at_unbound(counter, qtbot, room)
    counter.press("primary")
    opened(counter, Stage.READ, qtbot)
    counter.press("back")
    assert counter.wizard.overlay is None
    assert page.view is BatteryViewKind.REFUSED
    assert known(counter.world) == ()


def test_two_that_say_one_id_are_shown_side_by_side_and_both_set_aside(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    page = new_page(counter, qtbot)
    own = room.battery("BAT-30388")
    twin = next(each for each in room.peripherals if each.name.endswith(own.asset_id[-6:]))
    room.add_devices(replace(twin, address="AA:00:00:00:4C:1A", rssi=-40))
    qtbot.waitUntil(lambda: any(each.address == "AA:00:00:00:4C:1A" for each in page._seen), timeout=PATIENCE)
    counter.wizard.scan(own.asset_id)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert isinstance(page.error, BatteriesAlike)
    assert (counter.words("primary"), counter.words("other")) == ("Choose another", "Read again")
    qtbot.waitUntil(lambda: page._error_view is not None and len(page._error_view.compared) == 2, timeout=PATIENCE)
    assert page._error_view is not None
    assert {each.value for each in page._error_view.compared} == {"...4C:1A", f"...{twin.address[-5:]}"}
    assert [each.words for each in page._error_view.ways] == ["Set both aside"]
    page.refused.pressed.emit("RECORD_INSPECTION")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.LIST, timeout=PATIENCE)
    assert own.asset_id in page.context.memory.set_aside


def test_a_returned_battery_that_is_not_bound_can_be_bound_and_read_again(
    counter: Counter, qtbot: QtBot, room: SimulatedEnvironment
) -> None:
    swap = counter.world.customer("normal")
    expected = swap.plan.current_asset or ""
    room.remove(expected)
    room.put(PACK)
    counter.wizard.show_swap(swap)
    page = counter.page
    assert isinstance(page, ReturnedPage)
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert isinstance(page.error, BatteryUnbound)
    assert (counter.words("primary"), counter.words("other")) == ("Bind this sticker", "Read again")
    counter.press("primary")
    opened(counter, Stage.READ, qtbot)
    counter.press("primary")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    assert page.accepted is not None


def test_in_another_language_the_binding_begins_again_with_the_same_sticker(
    counter: Counter, qtbot: QtBot, room: SimulatedEnvironment
) -> None:
    at_unbound(counter, qtbot, room)
    counter.press("primary")
    opened(counter, Stage.READ, qtbot)
    with in_language(translations_of(PSEUDO)):
        counter.wizard.show_language()
        page = opened(counter, Stage.PACK, qtbot)
        assert page.facts.sticker.battery_id == STICKER
        assert counter.words("primary") == tr("Waiting for the pack")


# from the battery reader's page


def test_a_technician_binds_at_any_time_one_after_the_other(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    room.put(PACK)
    page = open_from_status(counter)
    assert counter.words("primary") == "Type the id"
    counter.wizard.scan(STICKER)
    opened(counter, Stage.READ, qtbot)
    counter.press("primary")
    opened(counter, Stage.BOUND, qtbot)
    assert [(each.battery_id, each.address, each.family) for each in known(counter.world)] == [(STICKER, address_of(room), "jbd")]
    assert page.bound == STICKER
    counter.press("other")
    assert page.facts.stage is Stage.STICKER
    counter.press("back")
    assert counter.step is Step.CUSTOMER
    assert counter.wizard.overlay is None


def test_packs_that_are_about_as_near_are_not_read(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    room.put(PACK)
    pack = next(each for each in room.peripherals if each.name == NAME)
    room.add_devices(replace(pack, address="A4:C1:37:00:00:02", rssi=-24))
    page = open_from_status(counter)
    counter.wizard.scan(STICKER)
    qtbot.waitUntil(lambda: page.facts.heard is not None and len(page.facts.heard.packs) > 1, timeout=PATIENCE)
    qtbot.wait(800)  # twice as long as a clear one needs
    assert page.facts.stage is Stage.PACK
    assert not counter.frame.bar.allows("primary")
    room.put(replace(PACK, rssi=-5))
    opened(counter, Stage.READ, qtbot)


def test_the_wrong_pack_is_not_taken_again(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    room.put(PACK)
    page = open_from_status(counter)
    counter.wizard.scan(STICKER)
    opened(counter, Stage.READ, qtbot)
    counter.press("other")
    assert page.facts.rejected == address_of(room)
    qtbot.waitUntil(lambda: page.facts.heard is not None, timeout=PATIENCE)
    qtbot.wait(800)
    assert page.facts.stage is Stage.PACK
    assert known(counter.world) == ()


def test_a_pack_that_does_not_answer_is_said_by_the_sticker_and_read_again(
    counter: Counter, qtbot: QtBot, room: SimulatedEnvironment
) -> None:
    room.put(replace(PACK, faults=frozenset({Fault.DROPS_LINK})))
    page = open_from_status(counter)
    counter.wizard.scan(STICKER)
    opened(counter, Stage.REFUSED, qtbot)
    assert STICKER in page.refused.accessibleName()
    assert address_of(room) not in page.refused.accessibleName()
    room.put(PACK)
    counter.press("primary")
    opened(counter, Stage.READ, qtbot)


def test_a_scanner_that_breaks_its_word_is_stopped_by_the_page(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    room.put(PACK)
    page = open_from_status(counter)
    counter.wizard.scan(STICKER)
    opened(counter, Stage.READING, qtbot)

    class Late:
        def elapsed(self) -> float:
            return (READ_SECONDS + GRACE_SECONDS + 1) * 1000

    page._since = Late()  # type: ignore[assignment]  # a clock that is late
    page._tick()
    assert page.facts.stage is Stage.REFUSED
    assert page.refused.accessibleName() == f"{STICKER} did not answer in 10 s"


def test_an_id_can_be_typed_and_an_address_alone_is_not_enough(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    room.put(PACK)
    page = open_from_status(counter)
    counter.press("primary")
    page.typing.set_value("C8:47:8C:00:10:01")
    counter.press("primary")
    assert counter.frame.state is not None
    assert counter.frame.state.title == NO_ID
    page.typing.set_value("")
    for character in STICKER.lower():
        counter.frame.typed.emit(character)
    counter.press("primary")
    opened(counter, Stage.READ, qtbot)


def test_a_customers_code_is_no_sticker(counter: Counter, room: SimulatedEnvironment) -> None:
    page = open_from_status(counter)
    counter.wizard.scan("QR_CUSTOMER_practice-normal-1")
    assert counter.frame.notice == STICKER_HERE
    assert page.facts.sticker == Sticker()


# bound already


def taken(counter: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> BindPage:
    room.put(PACK)
    bind_at(counter.world, STICKER, "A4:C1:37:00:00:09")
    open_from_status(counter)
    counter.wizard.scan(STICKER)
    return opened(counter, Stage.TAKEN, qtbot)


def test_a_sticker_that_is_bound_elsewhere_waits_for_a_supervisor(
    counter: Counter, qtbot: QtBot, room: SimulatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter.world.kiosk.people, "configured_supervisors", ())
    page = taken(counter, qtbot, room)
    assert page.facts.known is not None
    assert counter.words("primary") == "Call the supervisor"
    assert not counter.frame.bar.allows("primary")
    assert [each.address for each in known(counter.world)] == ["A4:C1:37:00:00:09"]


def test_a_supervisor_binds_it_anew_with_a_reason(supervised: Counter, qtbot: QtBot, room: SimulatedEnvironment) -> None:
    page = taken(supervised, qtbot, room)
    supervised.press("primary")
    assert not supervised.frame.bar.allows("primary")
    supervised.wizard.scan("BAT-1")
    assert supervised.frame.notice == TYPE_HERE
    page.approval.typing.set_value("NOBODY")
    supervised.press("primary")
    refusal = "NOBODY is no supervisor of this station"
    qtbot.waitUntil(lambda: supervised.frame.state is not None and supervised.frame.state.title == refusal, timeout=PATIENCE)
    assert [each.address for each in known(supervised.world)] == ["A4:C1:37:00:00:09"]
    page.approval.typing.set_value("sup-007")
    supervised.press("primary")
    opened(supervised, Stage.BOUND, qtbot)
    assert [(each.battery_id, each.address, each.bound_by) for each in known(supervised.world)] == [(STICKER, address_of(room), "SUP-007")]
    queued = supervised.world.wait(supervised.world.kiosk.bindings.queued())
    assert queued[-1].change.note == "Electronics replaced"
