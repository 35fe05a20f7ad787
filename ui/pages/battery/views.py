"""The views of the two battery pages: reading, the reading, stopped, the list. Each draws what it is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr, tr_count
from kiosk.station.ports import ReadPhase
from ui.pages.formatting import FIT, SET_ASIDE, CoverFacts
from ui.widgets import BatteryCard, BatteryView, ChoiceList, RowView, StatusHero, Wait, Widgets

LEFT, RIGHT = 7, 5  # shares of the two columns
MAX_CHECKS = 5
MAX_REASONS = 3
PHASE_INDEX = {ReadPhase.LOOKING: 0, ReadPhase.CONNECTING: 1, ReadPhase.READING: 2}
EMPTY = BatteryView(name="", battery_id="", kwh="")


class BatteryViewKind(StrEnum):
    """What a battery page shows; LIST and TYPING are the new battery's only, MORE and APPROVAL the returned one's: it holds more than it
    went out with, and a supervisor lets the swap go on."""

    LIST = "list"
    TYPING = "typing"
    READING = "reading"
    STOPPED = "stopped"
    READ = "read"
    REFUSED = "refused"
    MORE = "more"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Which battery is to be read: `target` as the scanner looks for it (an id or an address), `shown` as a person knows it."""

    target: str
    shown: str


def wait_for(usual_seconds: int, limit_seconds: float) -> Wait:
    """One reading: its phases take what they usually take of the usual time."""
    first = max(1, round(usual_seconds / 6))
    return Wait(
        phases=(tr("Looking for the battery"), tr("Connecting"), tr("Reading charge and health")),
        usual_seconds=usual_seconds,
        limit_seconds=max(usual_seconds + 1, round(limit_seconds)),
        usual_phase_seconds=(first, max(1, usual_seconds - 2 * first), first),
        late_words=tr("This takes longer than usual. Move the battery closer to the counter."),
    )


class TipsView(QWidget):
    """A reading, or that it was stopped (`live`); at the right which battery is meant, and what helps to read it."""

    def __init__(self, widgets: Widgets, live: QWidget) -> None:
        super().__init__()
        self._caption, self._id = widgets.text("", "body", "muted"), widgets.id("", "number")
        self._customer = widgets.text("", "body", "muted")
        tips = widgets.panel(
            self._caption,
            self._id,
            self._customer,
            widgets.rule(),
            widgets.say(tr("Keep it within 1 m of the counter and switched on."), "text", "bluetooth-bold"),
            widgets.say(tr("The id inside the battery decides, not the sticker."), "text", "identification-card-bold"),
            ...,
        )
        self.setLayout(widgets.columns((live, LEFT), (tips, RIGHT)))

    def show_battery(self, caption: str, battery_id: str, customer: str) -> None:
        self._caption.set_words(caption)
        self._id.set_words(battery_id)
        self._customer.set_words(customer)
        self._customer.setVisible(bool(customer))


class ReadView(QWidget):
    """An accepted reading: the battery as a card; whether it is fit, what was checked of it, and when it was read."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._card = BatteryCard(widgets, EMPTY, large=True)
        self._verdict = widgets.say("", "ok", role="title")
        self._checks = [widgets.say("", "ok", "check-bold", plain=True) for _ in range(MAX_CHECKS)]
        self._notice, self._read_at = widgets.say("", "muted", "info-bold", plain=True), widgets.say("", "muted", "clock-bold")
        side = widgets.panel(self._verdict, widgets.rule(), *self._checks, self._notice, ..., self._read_at)
        self.setLayout(widgets.columns((self._card, LEFT), (side, RIGHT)))

    def show_read(
        self, card: BatteryView, checks: Sequence[str], read_at: str, *, notices: Sequence[str] = (), set_aside: bool = False
    ) -> None:
        """`checks` say what was checked, or why the battery is `set_aside`; `notices` what else it says, which bars nothing."""
        tone, icon, verdict = ("attention", "warning-bold", tr(SET_ASIDE)) if set_aside else ("ok", "check-bold", tr(FIT))
        self._card.show_battery(card)
        self._verdict.say(verdict, tone)
        for shown, words in zip(self._checks, (*checks, *[""] * MAX_CHECKS), strict=False):
            shown.show_notice(tone, words, icon)
        self._notice.show_notice("muted", ". ".join(notices), "info-bold")
        self._read_at.say(read_at, "muted", "clock-bold")


class ListView(QWidget):
    """Batteries in range to choose from; what else can be done at the right."""

    chosen = Signal(str)
    typing = Signal()

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._list, self._state = ChoiceList(widgets), widgets.say("", "muted", "bluetooth-bold")
        self._list.chosen.connect(self.chosen)
        self._empty = StatusHero(widgets)
        left = widgets.stack(self._empty, self._list, self._state, grow=(0, 1))
        type_id = widgets.button(tr("Type the id"), "keyboard-bold")
        type_id.clicked.connect(self.typing)
        self._caption, self._covers = widgets.text("", "small", "muted"), widgets.figure(role="title")
        self._sum, self._note = widgets.text("", "small", "muted"), widgets.say("", "attention")
        self._barred_name, self._barred = widgets.text(tr("Barred here"), "label", "muted"), widgets.facts()
        side = widgets.panel(
            widgets.text(tr("Or scan its sticker"), "lead"),
            widgets.text(tr("It is read at once.")),
            type_id,
            widgets.rule(),
            self._caption,
            self._covers,
            self._sum,
            self._note,
            ...,
            self._barred_name,
            self._barred,
            gap="s",
        )
        self.setLayout(widgets.columns((widgets.body(left), LEFT), (side, RIGHT)))

    def show_rows(self, rows: Sequence[RowView], current: str, *, read: int = 0, fault: str = "") -> None:
        """The rows in this order, of which `read` were read; without any, that the scanner looks for them, or why it cannot."""
        self._list.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        looking = ("accent", "bluetooth-bold", tr("Looking for batteries"), tr("Switch one on and put it on the counter."))
        self._empty.show_hero(*(("stop", "bluetooth-slash-bold", tr("Nothing to list"), fault) if fault else looking))
        self._list.show_rows(tuple(rows), current)
        found = tr_count("{count} near, {read} read", "{count} near, {read} of them read", len(rows), read=read) if rows else ""
        self._state.say(found, "muted", "bluetooth-bold")

    def show_barred(self, counts: Sequence[tuple[str, int]]) -> None:
        """How many are barred, by reason; what has no room is summed up."""
        shown, others = counts[:MAX_REASONS], sum(count for _, count in counts[MAX_REASONS:])
        if others:
            shown = (*counts[: MAX_REASONS - 1], (tr("Other reasons"), others + counts[MAX_REASONS - 1][1]))
        self._barred.show_facts(tuple((reason, str(count)) for reason, count in shown))
        for part in (self._barred, self._barred_name):
            part.setVisible(bool(counts))

    def show_cover(self, facts: CoverFacts) -> None:
        self._caption.set_words(facts.caption)
        self._covers.set_figure(facts.number, facts.unit)
        self._sum.set_words(facts.sum)
        self._sum.setVisible(bool(facts.sum))
        self._note.show_notice("attention", facts.note)
