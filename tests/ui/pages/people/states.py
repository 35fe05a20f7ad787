"""The pages of people in the states that layout tests look at, on a window of `window_counter`."""

from collections.abc import Callable

from kiosk.domain.errors import PersonLocked, PinWrong
from tests.ui.pages.people.crew import JOSEPH, LYDIA, SUP, TECH, at_work, crew_of, lock_out, new_person
from tests.ui.window_counter import Window, World
from ui.pages.overlays.hand_over_page import HandOverPage
from ui.pages.people.locked_page import LockedPage
from ui.pages.people.sign_in_page import SignInPage, SignInView
from ui.widgets.status_line import PERSON

Prepare = Callable[[World, Window], object]


def sign_in_page(window: Window) -> SignInPage:
    page = window.wizard.gate.page
    assert isinstance(page, SignInPage)
    return page


def locked_page(window: Window) -> LockedPage:
    page = window.wizard.gate.page
    assert isinstance(page, LockedPage)
    return page


def sign_in(world: World, window: Window) -> None:
    at_work(world, window)


def forgotten(world: World, window: Window) -> None:
    sign_in(world, window)
    sign_in_page(window).primary()


def pin(world: World, window: Window, person_id: str = LYDIA) -> None:
    sign_in(world, window)
    sign_in_page(window).choose(person_id)
    for digit in "40":
        sign_in_page(window).type_character(digit)


def pin_of_a_supervisor(world: World, window: Window) -> None:
    pin(world, window, SUP)


def wrong(world: World, window: Window) -> None:
    pin(world, window)
    sign_in_page(window)._refuse(PinWrong(3))


def locked_out(world: World, window: Window) -> None:
    crew_of(world)
    at_work(world, window)
    lock_out(world, LYDIA)
    sign_in_page(window).choose(LYDIA)


def new_pin(world: World, window: Window) -> None:
    people = crew_of(world)
    known = people.known("ATT-9")
    person = known.person if known is not None else new_person(world)
    sign_in(world, window)
    sign_in_page(window).choose(person.id)
    sign_in_page(window)._ask_new(SignInView.NEW)
    sign_in_page(window)._start_again("These were two PINs. Choose one.")


def locked(world: World, window: Window) -> None:
    people = at_work(world, window, JOSEPH)
    world.wait(people.lock())
    window.wizard.gate.look()


def locked_over_a_swap(world: World, window: Window) -> None:
    at_work(world, window, JOSEPH)
    window.wizard.show_swap(world.to_review())
    locked(world, window)
    for digit in "40":
        locked_page(window).type_character(digit)


def locked_wrong(world: World, window: Window) -> None:
    locked_over_a_swap(world, window)
    locked_page(window)._refuse(PinWrong(1))


def locked_and_out(world: World, window: Window) -> None:
    locked_over_a_swap(world, window)
    lock_out(world, JOSEPH)
    locked_page(window)._refuse(PersonLocked(world.clock.now()))


def taking_over(world: World, window: Window) -> None:
    locked_over_a_swap(world, window)
    locked_page(window).other()


def hand_over(world: World, window: Window, person_id: str = JOSEPH) -> None:
    at_work(world, window, person_id)
    window.wizard.show_swap(world.to_review())
    window.wizard.open_overlay(PERSON)
    page = window.wizard.overlay
    assert isinstance(page, HandOverPage)


def hand_over_of_a_technician(world: World, window: Window) -> None:
    hand_over(world, window, TECH)


PEOPLE_STATES: dict[str, Prepare] = {
    "sign in": sign_in,
    "sign in, forgotten": forgotten,
    "sign in, PIN": pin,
    "sign in, PIN of six": pin_of_a_supervisor,
    "sign in, wrong": wrong,
    "sign in, locked out": locked_out,
    "new PIN": new_pin,
    "locked": locked,
    "locked over a swap": locked_over_a_swap,
    "locked, wrong": locked_wrong,
    "locked, locked out": locked_and_out,
    "taking over": taking_over,
    "hand over": hand_over,
    "hand over, technician": hand_over_of_a_technician,
}
