"""A supervisor approves in place, by name or badge and always by PIN; the service decides, the page says why not."""

from itertools import product

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.people import Act
from kiosk.station.services.people_making import PeopleMaking
from tests.ui.accessible.tree import unsaid
from tests.ui.faults import SCREENS, faults, settle
from tests.ui.pages.page_states import shown
from tests.ui.pages.people.approval_states import PLACES, pin, who
from tests.ui.pages.people.crew import BADGES, JOSEPH, LYDIA, PINS, SUP, TECH, WRONG, at_work, sign_in
from tests.ui.screens import widgets_of
from tests.ui.window_counter import Window, World
from ui.pages.approval import BADGE_HERE, NO_APPROVER, ApproveView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
REASONS = {"sticker": "Sticker is right", "clock": "A clock was wrong"}


@pytest.fixture
def view(window: Window, world: World, qtbot: QtBot) -> ApproveView:
    """Asked for by Joseph, an attendant."""
    at_work(world, window, JOSEPH)
    made = ApproveView(window.context, Act.DOUBT, REASONS)
    qtbot.addWidget(made)
    made.begin()
    return made


def approve(world: World, view: ApproveView, act: Act = Act.DOUBT) -> object:
    """What a page does with the view; the approval, or None where it was refused and said."""
    asked, failed = view.take(), list[Exception]()
    try:
        return world.wait(world.kiosk.people.approve(asked.id, asked.pin, view.reason, act))
    except Exception as error:  # noqa: BLE001  as pages do
        failed.append(error)
    assert view.refuse(failed[0])
    return None


def type_pin(view: ApproveView, digits: str) -> None:
    for digit in digits:
        view.type_character(digit)


def names(view: ApproveView) -> list[tuple[str, bool]]:
    return [(row.view.words, row.view.allowed) for row in view._who.list._rows if not row.isHidden()]


def test_supervisors_and_technicians_are_listed_and_nobody_else(view: ApproveView) -> None:
    assert names(view) == [("Miriam T.", True), ("Samuel B.", True)]
    assert (view.action("Approve").words, view.action("Approve").enabled) == ("Waiting for a badge", False)


def test_a_name_and_its_pin_approve_with_the_reason(view: ApproveView, world: World) -> None:
    view._choose(SUP)
    assert view.action("Approve").words == "Type 6 digits more"
    type_pin(view, PINS[SUP])
    assert view.is_ready
    approval = approve(world, view)
    assert approval is not None
    assert (approval.supervisor, approval.reason) == (SUP, "Sticker is right")  # type: ignore[attr-defined]  # an Approval
    assert view.pin.dots.missing == 6, "the PIN is kept nowhere"


def test_a_badge_says_who_and_still_asks_for_the_pin(view: ApproveView) -> None:
    assert view.take_badge(BADGES[SUP])
    assert (view.title, view.action("Approve").words) == ("Type the PIN", "Type 6 digits more")
    assert not view.is_ready


def test_an_attendants_badge_approves_nothing(view: ApproveView) -> None:
    assert view.take_badge(BADGES[LYDIA])
    assert view.title == NO_APPROVER
    assert view.take_badge("SKB1.ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # no secret: nobody's
    assert view.title == "This badge is not known here"


def test_a_wrong_pin_is_said_with_the_tries_left_and_five_show_the_clock(view: ApproveView, world: World) -> None:
    view._choose(SUP)
    for left in range(4, 0, -1):
        type_pin(view, WRONG[6])
        assert approve(world, view) is None
        assert view.pin.said.text().startswith(f"The PIN is wrong. {left} ")
    type_pin(view, WRONG[6])
    assert approve(world, view) is None
    assert view.pin.waits
    assert view.action("Approve").words.startswith("Wait")
    assert view.back()
    view._choose(TECH)
    type_pin(view, PINS[TECH])
    assert approve(world, view) is not None


def test_where_two_are_asked_the_asker_is_listed_with_the_reason_why_not(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window, SUP)
    made = ApproveView(window.context, Act.MONEY_BACK)
    qtbot.addWidget(made)
    made.begin()
    assert names(made) == [("Miriam T.", False), ("Samuel B.", True)]


def test_a_customers_code_here_says_what_to_scan(view: ApproveView) -> None:
    assert view.scan_here == BADGE_HERE


def test_back_forgets_the_pin_and_shows_the_names_again(view: ApproveView) -> None:
    view._choose(SUP)
    type_pin(view, "94")
    assert view.back()
    assert (view.pin.person, view.is_typing, view.back()) == (None, False, False)


def test_without_people_the_id_is_typed_as_before(window: Window, world: World, qtbot: QtBot) -> None:
    made = ApproveView(window.context, Act.DOUBT, REASONS)
    qtbot.addWidget(made)
    made.begin()
    type_pin(made, "sup-007")
    assert (made.title, made.is_ready, made.take().id, made.take_badge(BADGES.get(SUP, "SKB1.X"))) == (
        "Type the supervisor's id",
        True,
        "SUP-007",
        False,
    )


@pytest.mark.parametrize(("screen", "place"), [*product(SCREENS, PLACES)])
def test_every_place_is_sound_and_read_whole(world: World, qtbot: QtBot, screen: str, place: str) -> None:
    found = {}
    for name, prepare in (("who", who(world, place)), ("pin", pin(world, place))):
        frame = shown(world, qtbot, widgets_of(screen), (PLACES[place][0], prepare))
        settle()
        found[name] = [*faults(frame, SCREENS[screen]), *unsaid(frame)]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


def test_who_makes_a_pin_anew_is_not_asked_for_here(world: World) -> None:
    """A PIN that must be changed approves nothing."""
    people = sign_in(world, TECH)
    world.wait(PeopleMaking(people).make_pin(SUP, "517204"))
    try:
        with pytest.raises(Exception, match="NotApproved"):
            world.wait(people.approve(SUP, "517204", "why", Act.DOUBT))
    finally:
        world.wait(people.change_pin(SUP, "517204", PINS[SUP]))
