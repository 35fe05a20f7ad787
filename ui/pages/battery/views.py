"""The views of the two battery pages: reading, the reading, stopped, the list. Each draws what it is given."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.pages.formatting import CoverFacts
from ui.widgets import BatteryCard, BatteryView, BusyPanel, ChoiceList, RowView, StatusHero, Wait, Widgets

LEFT, RIGHT = 7, 5  # shares of the two columns
MOST_CHECKS = 5
PHASES = ("Looking for the battery", "Connecting", "Reading charge and health")
LATE_WORDS = "This takes longer than usual. Move the battery closer to the counter."
EMPTY = BatteryView(name="", battery_id="", kwh="")


def wait_for(usual_seconds: int, limit_seconds: float) -> Wait:
    """One reading: its phases take what they usually take of the usual time."""
    first = max(1, round(usual_seconds / 6))
    phases = (first, max(1, usual_seconds - 2 * first), first)
    limit = max(usual_seconds + 1, round(limit_seconds))
    return Wait(phases=PHASES, usual_seconds=usual_seconds, limit_seconds=limit, usual_phase_seconds=phases, late_words=LATE_WORDS)


class Tips(QWidget):
    """Which battery is meant and how to help it; the right column of a reading and of a stopped one."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._caption, self._id = kit.text("", "body", "muted"), kit.id("", "number")
        self._whose = kit.text("", "body", "muted")
        tips = (
            kit.say("Keep it within 1 m of the counter and switched on.", "text", "bluetooth-bold"),
            kit.say("The id inside the battery decides, not the sticker.", "text", "identification-card-bold"),
        )
        self.setLayout(kit.stack(kit.panel(self._caption, self._id, self._whose, kit.rule(), *tips, ...)))

    def show_battery(self, caption: str, battery_id: str, whose: str) -> None:
        self._caption.set_words(caption)
        self._id.set_words(battery_id)
        self._whose.set_words(whose)
        self._whose.setVisible(bool(whose))


class ReadingView(QWidget):
    """The wait for one reading."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self.busy, self.tips = BusyPanel(kit), Tips(kit)
        self.setLayout(kit.columns((self.busy, LEFT), (self.tips, RIGHT)))


class StoppedView(QWidget):
    """A reading that a person has stopped."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        live, self.tips = StatusHero(kit), Tips(kit)
        live.show_hero("accent", "bluetooth-bold", "Reading stopped", "Put the battery on the counter and read it again.")
        self.setLayout(kit.columns((live, LEFT), (self.tips, RIGHT)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """An accepted reading: the card, the verdict with its tone, what was checked (or why it is set aside), when it was read."""

    card: BatteryView
    verdict: tuple[str, str]
    checks: tuple[str, ...]
    read_at: str


class ReadView(QWidget):
    """Energy and fitness."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._card = BatteryCard(kit, EMPTY, large=True)
        self._verdict = kit.say("", "ok", role="title")
        self._checks = [kit.say("", "ok", "check-bold", plain=True) for _ in range(MOST_CHECKS)]
        self._read_at = kit.say("", "muted", "clock-bold")
        side = kit.panel(self._verdict, kit.rule(), *self._checks, ..., self._read_at)
        self.setLayout(kit.columns((self._card, LEFT), (side, RIGHT)))

    def show_read(self, facts: ReadFacts) -> None:
        words, tone = facts.verdict
        icon = "check-bold" if tone == "ok" else "warning-bold"
        self._card.show_battery(facts.card)
        self._verdict.say(words, tone)
        for index, check in enumerate(self._checks):
            shown = index < len(facts.checks)
            check.say(facts.checks[index] if shown else "", tone, icon)
            check.setVisible(shown)
        self._read_at.say(facts.read_at, "muted", "clock-bold")


class ListView(QWidget):
    """Batteries in range to choose from; the ways around choosing at the right."""

    chosen = Signal(str)
    typing = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._list, self._state = ChoiceList(kit), kit.say("", "muted", "bluetooth-bold")
        self._list.chosen.connect(self.chosen)
        self._empty = StatusHero(kit)
        left = kit.stack(self._empty, self._list, self._state)
        left.setStretch(0, 1)
        left.setStretch(1, 1)
        type_id = kit.button("Type the id", "keyboard-bold")
        type_id.clicked.connect(self.typing)
        self._caption, self._covers = kit.text("", "body", "muted"), kit.figure()
        self._sum, self._note = kit.text("", "body", "muted"), kit.say("", "attention")
        side = kit.panel(
            kit.text("No need to choose", "lead"),
            kit.text("Scan the code on the battery, and it is read at once."),
            type_id,
            kit.rule(),
            self._caption,
            self._covers,
            self._sum,
            self._note,
            ...,
        )
        self.setLayout(kit.columns((kit.body(left), LEFT), (side, RIGHT)))

    def show_rows(self, rows: Sequence[RowView], current: str, *, fault: str = "") -> None:
        """The rows in this order; without any, that the scanner looks for them, or the fault that keeps it from listening."""
        self._list.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        if fault:
            self._empty.show_hero("stop", "bluetooth-slash-bold", "Nothing to list", fault)
        else:
            self._empty.show_hero("accent", "bluetooth-bold", "Looking for batteries", "Switch one on and put it on the counter.")
        self._list.show_rows(tuple(rows), current)
        self._state.say(f"{len(rows)} found, still looking" if rows else "", "muted", "bluetooth-bold")

    def show_cover(self, facts: CoverFacts) -> None:
        self._caption.set_words(facts.caption)
        self._covers.set_figure(facts.number, facts.unit)
        self._sum.set_words(facts.sum)
        self._sum.setVisible(bool(facts.sum))
        self._note.say(facts.note, "attention")
        self._note.setVisible(bool(facts.note))
