"""The parts: what they show, how they change in place, what they say when touched or typed on."""

import subprocess
import sys
from typing import Protocol

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.drawn import drawn_in
from tests.ui.screens import widgets_of
from ui.widgets import (
    LETTERS,
    BatteryCard,
    BatteryView,
    BusyPanel,
    ChoiceList,
    Field,
    IconLabel,
    Keyboard,
    NumericPad,
    QuotaBar,
    QuotaView,
    RowView,
    Segments,
    Wait,
)
from ui.widgets.button import Button
from ui.widgets.choices import SETTLED_SECONDS, TICK, Row
from ui.widgets.keypads import ERASE, NONE, KeyGrid
from ui.widgets.labels import Figure, Label, set_shown
from ui.widgets.status_line import StatusButton, StatusItem

WAIT = Wait(
    phases=("Looking", "Connecting", "Reading"),
    usual_seconds=6,
    limit_seconds=10,
    late_words="Move it closer.",
    usual_phase_seconds=(1, 4, 1),
)


def visible_words(part: QWidget) -> list[str]:
    return [label.text() for label in part.findChildren(Label) if label.isVisibleTo(part) and label.text()]


class Show(Protocol):
    """Shows a part inside a window, as it is on a page."""

    def __call__(self, part: QWidget, width: int = 600, height: int = 400) -> None: ...


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    windows: list[QWidget] = []

    def show_part(part: QWidget, width: int = 600, height: int = 400) -> None:
        window = QWidget()
        window.resize(width, height)
        part.setParent(window)
        part.setGeometry(0, 0, width, height)
        qtbot.addWidget(window)
        windows.append(window)  # nobody else holds it
        window.show()
        QApplication.processEvents()

    return show_part


def press(pad: KeyGrid, face: str) -> None:
    key = next(key for key in pad.keys.values() if key.face == face)
    QTest.mousePress(key, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(key, Qt.MouseButton.LeftButton)


def test_importing_the_kit_imports_nothing_heavy() -> None:
    script = (
        "import sys, ui.widgets.frame, ui.widgets, ui.devices.sounds\n"
        "heavy = {'qtawesome', 'PySide6.QtMultimedia', 'PySide6.QtSvg', 'sqlalchemy', 'pydantic', 'reportlab', 'bleak', 'paho'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_name_that_looks_like_markup_is_shown_as_it_is(qtbot: QtBot) -> None:
    label = widgets_of().text("<b>Amina</b> W.")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_each_sentence_of_a_live_area_has_a_line_of_its_own(show: Show) -> None:
    label = widgets_of().centred("Plug it in.\nType the code.")
    show(label)
    label.resize(600, label.heightForWidth(600))
    assert 2 * widgets_of().metrics("body").height <= label.height() < 3 * widgets_of().metrics("body").height


@pytest.mark.parametrize("dark", ["light", "dark"])
@pytest.mark.parametrize(("tone", "sign"), [("muted", "ok"), ("unknown", "muted"), ("attention", "attention"), ("stop", "stop")])
def test_only_what_is_known_to_be_well_has_a_green_sign(tone: str, sign: str, dark: str, qtbot: QtBot) -> None:
    theme = widgets_of(look=dark)
    button = StatusButton(theme, StatusItem(key="printer", icon="printer-bold", words="", tone=tone))
    qtbot.addWidget(button)
    button.resize(button.width_as("full"), button.height())
    picture = button.grab().toImage()
    found = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert theme.colour(sign).name() in found
    assert (theme.colour("ok").name() in found) is (sign == "ok")


def test_an_icon_that_is_not_shipped_is_an_error(qapp: object) -> None:
    with pytest.raises(KeyError):
        widgets_of().pixmap("no-such-icon", "text", 24)


def test_a_figure_takes_the_next_smaller_type_when_it_does_not_fit(show: Show) -> None:
    figure = Figure(widgets_of(), "1,234,567.50", "USD", "hero")
    show(figure, 300, 100)
    assert figure.overflowing() == []
    figure.resize(60, 100)
    assert figure.overflowing() == ["1,234,567.50 USD"]


def test_facts_break_into_lines_where_they_are_narrow_and_are_read_out_whole(show: Show) -> None:
    facts = widgets_of().facts(("Electricity left in the plan", "29.9 kWh"), ("Has battery", "BAT-12345"))
    show(facts, 600, 200)
    one_line = facts.heightForWidth(600)
    assert facts.heightForWidth(260) > one_line
    facts.set_value("Has battery", "BAT-20417")
    assert facts.accessibleName() == "Electricity left in the plan: 29.9 kWh; Has battery: BAT-20417"
    with pytest.raises(KeyError):
        facts.set_value("Colour", "red")


def test_a_figure_is_read_out_with_its_unit(show: Show, qtbot: QtBot) -> None:
    figure = widgets_of().figure("29.9", "kWh")
    qtbot.addWidget(figure)
    figure.set_figure("29.9", "kWh", before="55.5 →")
    assert figure.accessibleName() == "55.5 → 29.9 kWh"


@pytest.mark.parametrize(("level", "words"), [(0.89, ""), (0.9, "Nearly used up"), (1.0, "Used up"), (1.2, "Used up")])
def test_a_quota_says_when_it_is_nearly_used_up(level: float, words: str, show: Show) -> None:
    bar = QuotaBar(widgets_of(), QuotaView(name="Swaps", left="1", used="9 of 10 used", level=level))
    show(bar)
    assert [say.text() for say in bar.findChildren(IconLabel) if say.isVisible()] == ([words] if words else [])


def test_an_unlimited_quota_shows_the_word_and_neither_bar_nor_number(show: Show) -> None:
    bar = QuotaBar(widgets_of(), QuotaView(name="Network", left="100000000", used="0 of 100000000 used"))
    show(bar)
    bar.show_quota(QuotaView(name="Network", unlimited=True))
    assert visible_words(bar) == ["Network", "Unlimited"]


def test_a_battery_without_a_percentage_shows_no_gauge(show: Show) -> None:
    card = BatteryCard(widgets_of(), BatteryView(name="New", battery_id="BAT-20417", kwh="30.4", percent=95, fitness="Fit for use"))
    show(card)
    assert visible_words(card) == ["New", "BAT-20417", "95 %", "Fit for use"]
    card.show_battery(BatteryView(name="New", battery_id="BAT-20388", kwh="29.8", estimated=True))
    assert visible_words(card) == ["New", "BAT-20388", "Estimate"]


def test_the_busy_panel_notes_how_long_each_phase_took(show: Show) -> None:
    panel = BusyPanel(widgets_of())
    show(panel, 700, 460)
    panel.start(WAIT)
    panel.tick(1.2, 1)
    panel.tick(4.7, 1)
    assert visible_words(panel) == ["Step 2 of 3", "Looking", "1 s", "Connecting", "now", "Reading", "about 1 s"]


def test_the_busy_panel_says_what_to_try_past_the_usual_time_only(show: Show) -> None:
    panel = BusyPanel(widgets_of())
    show(panel, 700, 460)
    panel.start(WAIT)
    panel.tick(6.0, 1)
    assert "Move it closer." not in visible_words(panel)
    panel.tick(6.5, 1)
    assert "Move it closer." in visible_words(panel)
    panel.start(WAIT)
    assert "Move it closer." not in visible_words(panel)


def test_a_wait_has_at_most_three_phases(qtbot: QtBot) -> None:
    panel = BusyPanel(widgets_of())
    qtbot.addWidget(panel)
    with pytest.raises(ValueError, match="at most 3 phases"):
        panel.start(Wait(phases=("a", "b", "c", "d"), usual_seconds=1, limit_seconds=2))


def test_keys_answer_on_press_and_say_what_they_are(show: Show) -> None:
    pad = NumericPad(widgets_of(), LETTERS)
    show(pad)
    said: list[str] = []
    pad.typed.connect(said.append)
    pad.erased.connect(lambda: said.append("erased"))
    pad.letters.connect(lambda: said.append("letters"))
    for face in ("4", "0", ERASE, LETTERS):
        press(pad, face)
    assert said == ["4", "0", "erased", "letters"]


def test_two_fast_touches_on_a_key_are_two_characters(show: Show) -> None:
    pad = NumericPad(widgets_of())
    show(pad)
    said: list[str] = []
    pad.typed.connect(said.append)
    key = pad.keys[0, 0]
    QTest.mouseClick(key, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(key, Qt.MouseButton.LeftButton)
    assert said == ["1", "1"]


def test_the_key_bottom_left_follows_what_is_typed(show: Show) -> None:
    pad = NumericPad(widgets_of(), NONE)
    show(pad)
    corner = pad.keys[3, 0]
    assert not corner.isVisible()
    pad.set_corner(",")
    assert corner.isVisible()
    assert corner.accessibleName() == "Comma"


def test_the_small_keyboard_has_forty_named_keys(show: Show) -> None:
    keyboard = Keyboard(widgets_of())
    show(keyboard, 1200, 400)
    names = [key.accessibleName() for key in keyboard.keys.values()]
    assert len(set(names)) == 40
    assert {"A", "0", "Hyphen", "Underscore", "Full stop", "Erase"} <= set(names)


def test_arrows_move_between_keys(show: Show, qtbot: QtBot) -> None:
    pad = NumericPad(widgets_of())
    show(pad)
    pad.window().activateWindow()
    qtbot.waitUntil(pad.isActiveWindow)
    pad.keys[0, 0].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(pad.keys[0, 0], Qt.Key.Key_Down)
    assert pad.keys[1, 0].hasFocus()
    QTest.keyClick(pad.keys[1, 0], Qt.Key.Key_Right)
    assert pad.keys[1, 1].ringed()


def test_keys_typed_into_a_field_that_has_the_focus_do_not_land_in_it(show: Show) -> None:
    field = Field(widgets_of(), "Receipt id")
    show(field)
    field.set_value("MP44")
    QTest.keyClicks(field, "71BAT-20417")
    assert field.value == "MP44"
    assert field.accessibleName() == "Receipt id: MP44"


def test_one_segment_is_chosen_and_has_the_tick(show: Show) -> None:
    methods = Segments(widgets_of(), (("mobile", "Mobile money", "device-mobile-bold"), ("card", "Card", "credit-card-bold")))
    show(methods, 700, 100)
    methods.choose("mobile")
    chosen: list[str] = []
    methods.chosen.connect(chosen.append)
    QTest.mouseClick(methods.segments["card"], Qt.MouseButton.LeftButton)
    assert (methods.current, chosen) == ("card", ["card"])
    assert [each.isChecked() for each in methods.segments.values()] == [False, True]
    assert [each.icon_name for each in methods.segments.values()] == ["device-mobile-bold", TICK]


ROWS = tuple(RowView(key=f"BAT-{n}", words=f"BAT-{n}", near="Near") for n in range(20400, 20412))


def row_of(part: ChoiceList, key: str) -> Row:
    return next(row for row in part.findChildren(Row) if row.view.key == key and row.isVisible())


def test_a_list_pages_by_whole_rows(show: Show) -> None:
    part = ChoiceList(widgets_of())
    show(part, 650, 400)
    part.show_rows(ROWS, "BAT-20400")
    assert part.page_count() == 3
    more = next(button for button in part.findChildren(Button) if button.words.startswith("More"))
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert [row.view.key for row in part.findChildren(Row) if row.isVisible()] == [f"BAT-{n}" for n in range(20404, 20408)]
    assert part.current == "BAT-20400"


def test_a_list_never_changes_under_a_finger(show: Show, qtbot: QtBot) -> None:
    part = ChoiceList(widgets_of())
    show(part, 650, 400)
    part.show_rows(ROWS[:2], "BAT-20400")
    held = row_of(part, "BAT-20401")
    QTest.mousePress(held, Qt.MouseButton.LeftButton)
    part.show_rows((ROWS[5], *ROWS[:2]), "BAT-20400")
    assert held.view.key == "BAT-20401"
    QTest.mouseRelease(held, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len([row for row in part.findChildren(Row) if row.isVisible()]) == 3)
    assert part.current == "BAT-20401"


def test_a_row_that_may_not_be_chosen_stays_listed_with_its_reason(show: Show) -> None:
    part = ChoiceList(widgets_of())
    show(part, 650, 400)
    part.show_rows((RowView(key="BAT-12345", words="BAT-12345", note="just returned", near="Very near", allowed=False),))
    row = row_of(part, "BAT-12345")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert part.current == ""
    assert row.accessibleName() == "BAT-12345, just returned, Very near"


def test_a_part_without_a_parent_opens_no_window_of_its_own(qtbot: QtBot) -> None:
    label = widgets_of().text("Paper out")
    qtbot.addWidget(label)
    set_shown(label, shown=False)
    set_shown(label, shown=True)
    assert not label.isVisible()
    host = QWidget()
    qtbot.addWidget(host)
    label.setParent(host)
    host.show()
    assert label.isVisible()


def test_a_list_that_was_filled_while_it_was_hidden_shows_what_there_is_room_for(show: Show) -> None:
    part = ChoiceList(widgets_of())
    show(part, 600, 600)
    part.hide()
    part.resize(600, 60)
    part.show_rows(tuple(RowView(key=str(each), words=f"BAT-{20400 + each}") for each in range(6)))
    part.resize(600, 600)
    part.show()
    QApplication.processEvents()
    assert sum(row.isVisible() for row in part.findChildren(Row)) == 6


def test_a_touch_does_not_count_right_after_two_rows_have_changed_places(show: Show) -> None:
    part = ChoiceList(widgets_of())
    show(part, 600, 400)
    rows = tuple(RowView(key=key, words=key) for key in ("BAT-20400", "BAT-20401"))
    part.show_rows(rows)
    chosen: list[str] = []
    part.chosen.connect(chosen.append)
    part.show_rows(rows[::-1])
    first = part.findChildren(Row)[0]
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert chosen == []  # it was meant for the one that stood here
    first._moved_at -= SETTLED_SECONDS
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert chosen == ["BAT-20401"]


def test_energies_stand_in_one_column_whatever_else_a_row_says(show: Show) -> None:
    row = Row(widgets_of())
    show(row, 640, 72)
    ends = []
    for view in (
        RowView(key="1", words="BAT-1", energy="30.4", near="Very near"),
        RowView(key="2", words="BAT-2", energy="0.8", note="too little"),
    ):
        row.show_row(view, chosen=False)
        pieces = {piece.text: piece.area for piece in drawn_in(row)}
        ends.append((round(pieces[view.energy or ""].right()), round(pieces["kWh"].right())))
    assert abs(ends[0][0] - ends[1][0]) <= 1
    assert ends[0][1] == ends[1][1]
