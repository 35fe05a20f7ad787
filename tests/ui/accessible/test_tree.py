"""What a screen reader finds on every page in every state: roles, names, values, the order of reading, and the way of Tab."""

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.accessible.tree import ACTS, Role, tree_of, unsaid
from tests.ui.faults import settle
from tests.ui.page_counter import Counter
from tests.ui.pages.battery.test_layout import ALL_STATES
from tests.ui.pages.customer import test_layout as customer
from tests.ui.pages.overlays.test_barcode_page import STATES as BARCODE
from tests.ui.pages.page_states import shown
from tests.ui.pages.people.states import PEOPLE_STATES
from tests.ui.pages.review.test_doubts import STATES as DOUBTS
from tests.ui.screens import widgets_of
from tests.ui.window_counter import World, window_on
from ui.widgets import Button
from ui.widgets.frame import Frame

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
EVERY = {
    **ALL_STATES,
    **{f"doubt: {name}": state for name, state in DOUBTS.items()},
    **{f"barcode: {name}": state for name, state in BARCODE.items()},
}


PARTS = ["0", "1", "2", "customer", "people"]  # of all states, shared out among processes


def frames(world: World, qtbot: QtBot, part: str) -> Iterator[tuple[str, Frame]]:
    """Every page in every state of a part, each shown in a window."""
    mine = [] if part in {"customer", "people"} else [*EVERY.items()][int(part) :: 3]
    for name, state in mine:
        frame = shown(world, qtbot, widgets_of(), state)
        settle()
        yield name, frame
        frame.hide()
    for name, prepare in customer.STATES.items() if part == "customer" else ():
        with window_on(world) as window:
            customer.prepared(world, window, prepare)
            settle()
            yield f"customer: {name}", window.frame
            window.frame.hide()
    for name, people in PEOPLE_STATES.items() if part == "people" else ():
        with window_on(world) as window:
            customer.prepare_people(world, window, people)
            settle()
            yield f"people: {name}", window.frame
            window.frame.hide()


@pytest.mark.parametrize("part", PARTS)
def test_every_state_is_read_whole_in_order_with_roles_names_and_values(world: World, qtbot: QtBot, part: str) -> None:
    found = {name: unsaid(frame) for name, frame in frames(world, qtbot, part)}
    assert len(found) > (10 if part == "people" else 20)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("state", ["read", "entry", "review", "done"])
def test_in_training_it_is_read_whole_too(world: World, qtbot: QtBot, state: str) -> None:
    frame = shown(world, qtbot, widgets_of("1280x800", "training"), EVERY[state])
    settle()
    assert unsaid(frame) == []
    assert [node.name for node in tree_of(frame) if "TRAINING" in node.name]


@pytest.mark.parametrize("part", PARTS)
def test_tab_goes_in_the_order_of_reading_and_every_stop_shows_its_ring(world: World, qtbot: QtBot, part: str) -> None:
    found = {}
    for name, frame in frames(world, qtbot, part):
        meant = [node.widget for node in tree_of(frame) if node.role in ACTS and node.widget.isEnabled()]
        frame.activateWindow()
        frame.setFocus()
        reached = [_tab(frame) for _ in meant]
        if reached != meant:
            found[name] = [
                f"{before} then {after}" for before, after in zip(_names(meant), _names(reached), strict=True) if before != after
            ]
        _tab(frame)
        assert frame.focusWidget() is meant[0], name  # round and round
        QTest.keyClick(frame.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert frame.focusWidget() is meant[-1], name
    assert found == {}


def _names(widgets: Sequence[QWidget]) -> list[str]:
    return [each.accessibleName() if isinstance(each, Button) else str(each) for each in widgets]


def _tab(frame: Frame) -> QWidget:
    """Where Tab leads to; it is seen to be there."""
    QTest.keyClick(frame.focusWidget(), Qt.Key.Key_Tab)
    stop = frame.focusWidget()
    assert isinstance(stop, Button)
    assert stop.ringed()
    return stop


@pytest.mark.parametrize("state", ["list", "entry", "read", "done"])
def test_the_ring_is_seen(world: World, qtbot: QtBot, state: str) -> None:
    frame = shown(world, qtbot, widgets_of(), EVERY[state])
    settle()
    frame.activateWindow()
    for button in {type(each): each for each in frame.findChildren(Button) if each.isVisible() and each.isEnabled()}.values():
        if getattr(button, "active", False):
            continue  # a field that is typed in has this look anyhow
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(button.hasFocus)
        button.theme.keyboard.show_ring(ring=True)
        with_ring = button.grab().toImage()
        button.theme.keyboard.show_ring(ring=False)
        assert button.grab().toImage() != with_ring, button.accessibleName()


def test_a_row_is_a_radio_button_in_a_list_and_says_when_it_is_chosen(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), EVERY["list"])
    settle()
    rows = [node for node in tree_of(frame) if node.role is Role.RadioButton]
    assert [row.spoken.state().checked for row in rows] == [1, 0, 0, 0]
    assert all(row.spoken.parent().role() is Role.List for row in rows)
    rows[1].spoken.actionInterface().doAction("Press")
    assert [row.spoken.state().checked for row in rows] == [0, 1, 0, 0]


def test_a_field_has_its_value_and_takes_another(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), EVERY["typing"])
    settle()
    (page,) = (each for each in frame.pages.children() if hasattr(each, "type_character"))
    frame.typed.connect(page.type_character)
    (field,) = (node for node in tree_of(frame) if node.role is Role.EditableText)
    assert (field.name, field.value) == ("Id on the battery", "BAT-20417")
    assert field.spoken.state().editable
    text, typing = field.spoken.textInterface(), field.spoken.editableTextInterface()
    assert (text.characterCount(), text.cursorPosition(), text.text(4, 6)) == (9, 9, "20")
    typing.replaceText(4, 9, "30999")
    assert field.value == "BAT-30999"
    typing.deleteText(0, 4)
    typing.insertText(0, "OVES-")
    assert field.value == "OVES-30999"


def test_bars_say_what_they_measure(world: World, qtbot: QtBot) -> None:
    def bars(state: str) -> list[tuple[str, str, float]]:
        frame = shown(world, qtbot, widgets_of(), EVERY[state])
        settle()
        nodes = [node for node in tree_of(frame) if node.role is Role.ProgressBar]
        return [(node.name, node.value, node.spoken.valueInterface().currentValue()) for node in nodes]

    assert bars("read") == [("Charge", "15 %", 15.0)]
    assert bars("new, reading") == [("Wait", "4 of 10 s", 40.0)]
    assert bars("review")[:2] == [("Swaps left", "7 of 10 used", 60.0), ("Electricity left", "370.1 of 400 kWh used", 86.1)]
    assert bars("review")[2][0] == "Can be pressed soon"


def test_going_on_by_itself_is_a_bar_of_its_own(counter: Counter) -> None:
    counter.frame.bar.primary.show_going_on(0.25, 2)
    (bar,) = (node for node in tree_of(counter.frame) if node.name == "Goes on by itself")
    assert (bar.role, bar.value, bar.spoken.valueInterface().currentValue()) == (Role.ProgressBar, "2 s left", 25.0)
    counter.frame.bar.primary.show_going_on(0.0, 0)
    assert "Goes on by itself" not in [node.name for node in tree_of(counter.frame)]


def test_the_rail_says_which_step_of_six(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), EVERY["list"])
    nodes = tree_of(frame)
    assert nodes[0].name == "Swap Kiosk"
    assert [(node.role, node.name) for node in nodes if node.widget is frame.rail] == [(Role.StaticText, "Step 3 of 6: New")]


def test_a_button_that_is_switched_off_while_it_has_the_focus_gives_it_to_no_other(world: World, qtbot: QtBot) -> None:
    """A scanner's Space, or a person's, would press what nobody chose."""
    frame = shown(world, qtbot, widgets_of(), EVERY["read"])
    frame.activateWindow()
    frame.bar.back.setFocus(Qt.FocusReason.TabFocusReason)
    frame.bar.back.setEnabled(False)
    assert frame.focusWidget() is frame


def test_what_is_wrong_is_found(world: World, qtbot: QtBot) -> None:
    frame = shown(world, qtbot, widgets_of(), EVERY["read"])
    settle()
    assert unsaid(frame) == []
    frame.bar.other.setAccessibleName("")
    assert "not in the tree: Button" in unsaid(frame)
    (gauge,) = (node.widget for node in tree_of(frame) if node.role is Role.ProgressBar)
    gauge.setAccessibleName("")
    assert "not in the tree: BatteryGauge" in unsaid(frame)
    frame.heading.move(0, frame.height() - frame.heading.height())
    assert any(fault.startswith("read too early") for fault in unsaid(frame))
