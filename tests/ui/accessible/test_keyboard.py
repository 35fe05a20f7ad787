"""A whole swap by a keyboard alone, through the filter of the barcode scanner: Tab, arrows, Space, Enter, Escape and typed characters."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.hands import Keys
from tests.ui.page_counter import PATIENCE, Counter, run_of, spin
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind
from ui.widgets import Button, Field

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
MAX_STOPS = 70  # of Tab on one page
SLOWLY = 2.0  # seconds after another key: a person's


@pytest.fixture
def keys(counter: Counter) -> Keys:
    counter.frame.activateWindow()
    return Keys(counter)


def tab_to(keys: Keys, name: str) -> Button:
    """Tab until the focus is on the button of this name."""
    frame = keys.counter.frame
    for _ in range(MAX_STOPS):
        keys.key(Qt.Key.Key_Tab, "\t", after=SLOWLY)
        stop = frame.focusWidget()
        if isinstance(stop, Button) and stop.accessibleName().startswith(name):
            assert stop.ringed()
            return stop
    raise AssertionError(f"Tab does not come to {name}")


def space(keys: Keys) -> None:
    keys.key(Qt.Key.Key_Space, " ", after=SLOWLY)


def enter(keys: Keys, words: str) -> None:
    """The next step, by Enter, once it says so and counts."""
    bar = keys.counter.frame.bar
    spin(lambda: bar.primary.words.startswith(words) and bar.allows("primary"))
    keys.enter(after=SLOWLY)


def test_a_whole_swap_by_keyboard_alone(counter: Counter, keys: Keys, qtbot: QtBot) -> None:
    code = counter.world.begin("normal").customer_code
    enter(keys, "Type the code")
    keys.type(code, gap=0.3)
    enter(keys, "Find customer")
    enter(keys, "Read returned battery")
    enter(keys, "Choose new battery")
    assert counter.wizard.swap is not None
    new = f"BAT-{20000 + run_of(counter.wizard.swap)}"
    spin(lambda: any(each.accessibleName().startswith(new) for each in counter.page.findChildren(Button)))
    row = tab_to(keys, new)
    space(keys)
    spin(row.isChecked)
    enter(keys, f"Take {new}")
    qtbot.waitUntil(lambda: counter.step is Step.REVIEW, timeout=PATIENCE)
    tab_to(keys, "Complete swap")
    spin(lambda: counter.frame.bar.allows("primary"))
    space(keys)
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)
    enter(keys, "Next customer")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_a_payment_by_keyboard_alone(counter: Counter, keys: Keys) -> None:
    """Each way to pay is a stop of Tab; the amount and the receipt are typed."""
    counter.wizard.show_swap(counter.world.with_batteries("exhausted"))
    assert counter.step is Step.PAYMENT
    card = tab_to(keys, "Card")
    space(keys)
    spin(card.isChecked)
    assert counter.frame.focusWidget() is card  # and the focus stays where it was
    field = tab_to(keys, "Receipt id")
    assert isinstance(field, Field)
    space(keys)
    keys.type("CARD4471", gap=0.3)
    spin(lambda: field.value == "CARD4471")
    enter(keys, "Record payment")
    spin(lambda: counter.step is Step.REVIEW)


def test_escape_is_back(counter: Counter, keys: Keys) -> None:
    enter(keys, "Type the code")
    page = counter.page
    assert isinstance(page, CustomerPage)
    spin(lambda: page.view is CustomerViewKind.TYPING)
    keys.key(Qt.Key.Key_Escape, "\x1b", after=SLOWLY)
    spin(lambda: page.view is CustomerViewKind.IDLE)
