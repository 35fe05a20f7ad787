"""What the pages say of a battery's output, cells and codes, read from a JBD pack on the counter."""

from decimal import Decimal

from pytestqt.qtbot import QtBot

from kiosk.domain.errors import BatteryNotIssuable
from kiosk.domain.swap.swap import Step
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery
from tests.ui.page_counter import PATIENCE, Counter
from tests.ui.pages.battery.test_pages import at_list
from ui.pages.battery.views import BatteryViewKind
from ui.pages.formatting import battery_view, checks_of, notices_of
from ui.pages.review import ReviewPage


def jbd_pack(counter: Counter, *faults: Fault, problem_code: int = 0) -> str:
    """A charged JBD pack on the counter, and its id."""
    room = counter.world.kiosk.training._batteries  # type: ignore[union-attr]  # the environment's own batteries
    pack = SimulatedBattery(
        asset_id="BAT-88001",
        protocol="jbd",
        kwh_remaining=Decimal("0.896"),
        voltage=Decimal("51.2"),
        faults=frozenset(faults),
        problem_code=problem_code,
    )
    room.put(pack)
    return pack.asset_id


def new_card(counter: Counter) -> str:
    """What the review says of the new battery."""
    assert isinstance(counter.page, ReviewPage)
    return counter.page.review._new._fitness.text()


def test_a_battery_whose_output_is_off_is_not_handed_out_and_not_put_aside(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.wizard.scan(jbd_pack(counter, Fault.OUTPUT_OFF))
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.REFUSED, timeout=PATIENCE)
    assert isinstance(page.error, BatteryNotIssuable)
    assert counter.frame.state is not None
    assert counter.frame.state.title == "Not to hand out"
    assert page.refused.accessibleName() == "BAT-88001 is not to be handed out now"
    assert (counter.words("primary"), counter.words("other")) == ("Choose another", "Read again")
    jbd_pack(counter)
    counter.press("other")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)


def test_what_a_battery_says_that_bars_nothing_is_shown_with_its_cells(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.wizard.scan(jbd_pack(counter, problem_code=0x8001))
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert page.reading is not None
    assert notices_of(page.reading) == ("It says: full", "BMS code 0x8000, meaning not known")
    assert "BMS code 0x8000, meaning not known" in new_card(counter)
    assert battery_view(page.reading, "").measured[2:] == (("Lowest cell", "3.2 V"), ("Cell spread", "0 V"))
    assert "No fault reported" not in checks_of(page.reading)


def test_a_battery_that_says_nothing_shows_no_notice(counter: Counter, qtbot: QtBot) -> None:
    page = at_list(counter, qtbot)
    counter.wizard.scan(jbd_pack(counter))
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    assert page.reading is not None
    assert (notices_of(page.reading), new_card(counter)) == ((), "Fit for use")
    assert "No fault reported" in checks_of(page.reading)
