"""The list behind "waiting" and "refused": completions that the platform has not confirmed, and what can be done about them.

Refused ones stand first. "Send again" sends as it is; "Resolve" asks for a note of what was settled with the supervisor (decision 20). What
cannot be read or stored goes to the window like any failure, and the list stays as it was.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.messages import step_refused
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event, OutboxChanged
from kiosk.station.services.open_completions import OpenCompletion
from ui.pages.customer.views import TypingView
from ui.pages.overlays.overlay import Overlay
from ui.pages.page_context import PageContext
from ui.pages.shared_text import ago, masked_name, moment_words, shortened
from ui.pages.station_status import Status
from ui.widgets import ChoiceList, RowView, StatusHero, Widgets
from ui.widgets.frame import BACKSPACE, Action, FrameState

MOST_SHOWN = 200  # the oldest are read first; a day's work is fewer


class DetailPanel(QWidget):
    """What is known of the chosen completion."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        names = ("Completed", "Customer", "Returned", "New", "Sent")
        self._who, self._state = kit.text("", "title"), kit.say("", "attention")
        self._why = kit.text("")
        self._facts = kit.facts(*((name, "") for name in names), ids=frozenset({"Returned", "New"}))
        self._safe = kit.say("The swap is safe on this kiosk. Nothing is booked twice.", "text", "shield-check-bold")
        panel = kit.panel(self._who, self._state, self._why, kit.rule(), self._facts, ..., self._safe, gap="s")
        self.setLayout(kit.stack(panel))

    def show_completion(self, who: str, state: tuple[str, str, str], why: str, facts: dict[str, str]) -> None:
        self._who.set_words(who)
        self._state.say(*state)
        self._why.set_words(why)
        self._why.setVisible(bool(why))
        self._safe.setVisible(state[1] != "stop")  # a refusal's reason takes room, and what to do is said in it
        for name, value in facts.items():
            self._facts.set_value(name, value)


class OutboxPage(Overlay):
    """Completions not yet confirmed. Enter sends the chosen one again."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        kit = context.kit
        self.completions: tuple[OpenCompletion, ...] = ()
        self.current = ""
        self._list, self._detail, self._empty = ChoiceList(kit), DetailPanel(kit), StatusHero(kit)
        self._note = TypingView(kit, "What was settled, and with whom")
        self._empty.show_hero("muted", "checks-bold", "All confirmed", "The platform has confirmed every swap of this kiosk.")
        self._layers = QStackedLayout(self)
        self._both = kit.body(kit.columns((self._list, 7), (self._detail, 5)))
        for layer in (self._empty, self._both, self._note):
            self._layers.addWidget(layer)
        self._list.chosen.connect(self._choose)
        self._note.changed.connect(self.redrawn)

    # -- what is shown

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._draw()
        self._ask()

    def handle_event(self, event: Event) -> None:
        if isinstance(event, OutboxChanged):
            self._ask()

    def _ask(self) -> None:
        self.run(open_completions(self.context.kiosk), self._show)

    def _show(self, found: tuple[OpenCompletion, ...]) -> None:
        self.completions = found
        if self._chosen() is None:
            self.current = found[0].swap.correlation_id if found else ""
        self._draw()

    def _chosen(self) -> OpenCompletion | None:
        return next((each for each in self.completions if each.swap.correlation_id == self.current), None)

    @property
    def writing(self) -> bool:
        """Whether a note is being written."""
        return self._layers.currentWidget() is self._note

    def _choose(self, key: str) -> None:
        self.current = key
        self._draw()

    def _draw(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._list.show_rows(tuple(self._row(each) for each in self.completions), self.current)
            self._detail.show_completion(masked_name(chosen.swap.plan), _state(chosen), _why(chosen), self._facts(chosen))
        if not self.writing or chosen is None or not chosen.refused:
            self._layers.setCurrentWidget(self._empty if chosen is None else self._both)
        self.redrawn.emit()

    def _row(self, each: OpenCompletion) -> RowView:
        age = ago(each.entry.created_at, self.context.now())
        icon = "warning-bold" if each.refused else "hourglass-medium-bold"
        note = "Refused" if each.refused else "Waiting"
        return RowView(key=each.swap.correlation_id, words=masked_name(each.swap.plan), note=note, near=age, icon=icon)

    def _facts(self, each: OpenCompletion) -> dict[str, str]:
        swap, entry = each.swap, each.entry
        now, zone = self.context.now(), self.context.zone
        sent = f"{entry.tries} ×, last {moment_words(entry.last_sent_at, now, zone)}" if entry.last_sent_at else "Not yet"
        return {
            "Completed": moment_words(swap.completed_at or entry.created_at, now, zone),
            "Customer": shortened(swap.plan.customer_id),
            "Returned": swap.incoming.battery_id if swap.incoming else "None",
            "New": swap.outgoing.battery_id if swap.outgoing else "None",
            "Sent": sent,
        }

    def frame_state(self) -> FrameState:
        chosen = self._chosen()
        if self.writing:
            ready = bool(self._note.value)
            primary = Action(words="Resolve" if ready else "Write a note first", icon="check-bold", enabled=ready)
            return FrameState(title="What was settled, and with whom", step=0, primary=primary)
        if chosen is None:
            return FrameState(title="Not yet confirmed", step=0, primary=Action(words="Back to the counter"), back=None)
        resolve = Action(words="Resolve with note", icon="note-pencil-bold") if chosen.refused else None
        again = Action(words="Send again", icon="paper-plane-right-bold", enabled=not self.acting)
        return FrameState(title="Not yet confirmed", step=0, primary=again, other=resolve)

    # -- what can be done

    def primary(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            self.closed.emit()
        elif self.writing:
            if self._note.value:
                self.act(self.context.kiosk.outbox.resolve(self.current, self._note.value), lambda _none: self._after_note())
        else:
            self.act(self.context.kiosk.outbox.send_again(self.current), lambda _none: self._ask())

    def other(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.refused:
            self._note.set_value("")
            self._layers.setCurrentWidget(self._note)
            self.redrawn.emit()

    def back(self) -> None:
        if self.writing:
            self._after_note()
        else:
            self.closed.emit()

    def type_character(self, character: str) -> None:
        if self.writing:
            self._note.erase() if character == BACKSPACE else self._note.add(character)

    def leave(self) -> None:
        self._layers.setCurrentWidget(self._both)
        super().leave()

    def _after_note(self) -> None:
        self._layers.setCurrentWidget(self._both)
        self._draw()
        self._ask()


def _state(each: OpenCompletion) -> tuple[str, str, str]:
    if each.refused:
        return "Refused by the platform", "stop", ""
    return "Waiting for the platform", "attention", "hourglass-medium-bold"


def _why(each: OpenCompletion) -> str:
    if each.refused:
        why = step_refused(each.entry.message.action, each.entry.reason or "none was given")
        return f"Reason: {why.rstrip('.')}. Call the supervisor."
    return "It is sent again by itself until it is answered."
