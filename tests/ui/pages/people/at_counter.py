"""What people do at a counter that knows them, on a window of `window_counter`."""

from pytestqt.qtbot import QtBot

from tests.ui.accessible.tree import tree_of
from tests.ui.pages.people.crew import JOSEPH, at_work
from tests.ui.window_counter import Window, World
from ui.pages.people.locked_page import LockedPage

CUSTOMER = ("Amina", "CUST-001", "BAT-12345", "BAT-67890", "12345")


def type_pin(window: Window, pin: str) -> None:
    for digit in pin:
        window.wizard._type_character(digit)


def enter_pin(window: Window, pin: str) -> None:
    type_pin(window, pin)
    window.press("primary")


def said(window: Window) -> str:
    """All that a screen reader finds."""
    return " ".join(f"{node.name} {node.value}" for node in tree_of(window.frame))


def open_swap(world: World, window: Window, person_id: str = JOSEPH) -> None:
    """A swap on its last page, with somebody signed in."""
    at_work(world, window, person_id)
    window.wizard.show_swap(world.to_review())


def lock(world: World, window: Window, qtbot: QtBot) -> None:
    world.wait(world.kiosk.people.lock())
    qtbot.waitUntil(lambda: isinstance(window.wizard.gate.page, LockedPage))


def person_words(window: Window) -> str:
    button = window.frame.status_line._person
    return button.words if button is not None else ""
