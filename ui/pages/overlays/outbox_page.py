"""The overlay behind "waiting" and "refused": completions that the platform has not confirmed, and what can be done about them.

Refused ones stand first. "Send again" sends the same message again; "Resolve" asks for a note of what was settled (decision 20), and,
where people are known, for a supervisor's PIN. The window shows what cannot be read or stored as any failure, and the list stays as it was.
"""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import step_refused
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event, OutboxChanged
from kiosk.station.ports import OutboxEntry
from kiosk.station.services.open_completions import OpenCompletion
from ui.pages.approval import ApproveView
from ui.pages.formatting import StationTime, age_words, masked_name, moment_words, shortened
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext, TypingView
from ui.widgets import ChoiceList, RowView, StatusHero, Widgets
from ui.widgets.frame import Action, FrameState

NOTE, WAITS = mark("What was settled, and with whom"), "hourglass-medium-bold"
MAX_SHOWN = 200  # the oldest are read first; a day's work is fewer


class DetailPanel(QWidget):
    """What is known of the chosen completion."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._who, self._state = widgets.text("", "title"), widgets.say("", "attention")
        self._why, self._facts = widgets.text(""), widgets.facts()
        self._safe = widgets.say(tr("The swap is safe on this kiosk. Nothing is recorded twice."), "text", "shield-check-bold")
        self.setLayout(
            widgets.stack(widgets.panel(self._who, self._state, self._why, widgets.rule(), self._facts, ..., self._safe, gap="s"))
        )

    def show_completion(self, each: OpenCompletion, here: StationTime) -> None:
        swap, entry = each.swap, each.entry
        self._who.set_words(masked_name(swap.plan))
        if each.refused:
            reason = step_refused(entry.message.action, entry.reason or tr("none was given")).rstrip(".")
            self._state.say(tr("Changed here, and not sent") if entry.altered else tr("Refused by the platform"), "stop")
            self._why.set_words(tr("Reason: {reason}. Call the supervisor.", reason=reason))
        else:
            held = entry.reason.rstrip(".")
            self._state.say(tr("Waiting for the platform"), "attention", WAITS)
            again = tr("It is sent again by itself until it is answered.")
            self._why.set_words(tr("Reason: {reason}. Tell the technician.", reason=held) if held else again)
        self._safe.setVisible(not each.refused)  # a refusal's reason takes room, and what to do is said in it
        returned, new = tr("Returned"), tr("New")
        lines = (
            (tr("Completed"), moment_words(swap.completed_at or entry.created_at, here.now, here.zone)),
            (tr("Customer"), shortened(swap.plan.customer_id)),
            (returned, swap.incoming.battery_id if swap.incoming else tr("None")),
            (new, swap.outgoing.battery_id if swap.outgoing else tr("None")),
            (tr("Sent"), _sent(entry, here)),
        )
        self._facts.show_facts(lines, ids=frozenset({returned, new}))


class OutboxPage(Overlay):
    """Completions not yet confirmed. Enter sends the chosen one again."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        widgets = context.widgets
        self.completions: tuple[OpenCompletion, ...] = ()
        self.current = ""
        self._list, self._detail, self._empty = ChoiceList(widgets), DetailPanel(widgets), StatusHero(widgets)
        self._note = TypingView(widgets, tr(NOTE))
        self._empty.show_hero("muted", "checks-bold", tr("All confirmed"), tr("The platform has confirmed every swap of this kiosk."))
        self._layers = QStackedLayout(self)
        self._both = widgets.body(widgets.columns((self._list, 7), (self._detail, 5)))
        self.approval = ApproveView(context, Act.RESOLVE)
        for layer in (self._empty, self._both, self._note, self.approval):
            self._layers.addWidget(layer)
        self._list.chosen.connect(self._choose)
        self._note.changed.connect(self.redrawn)
        self.approval.changed.connect(self.redrawn)

    @property
    def shows_customer(self) -> bool:
        return bool(self.completions)

    # -- what is shown

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._draw()
        self._ask()

    def handle_event(self, event: Event) -> None:
        if isinstance(event, OutboxChanged):
            self._ask()

    def _ask(self) -> None:
        self.run(self.context.kiosk.outbox.with_swaps(MAX_SHOWN), self._show)

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

    @property
    def approving(self) -> bool:
        """Whether who approves is asked for."""
        return self._layers.currentWidget() is self.approval

    def _choose(self, key: str) -> None:
        self.current = key
        self._draw()

    def _draw(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._list.show_rows(tuple(self._row(each) for each in self.completions), self.current)
            self._detail.show_completion(chosen, self.context.here)
        if not (self.writing or self.approving) or chosen is None or not chosen.refused:
            self._layers.setCurrentWidget(self._empty if chosen is None else self._both)
        self.redrawn.emit()

    def _row(self, each: OpenCompletion) -> RowView:
        return RowView(
            key=each.swap.correlation_id,
            words=masked_name(each.swap.plan),
            note=tr("Refused") if each.refused else tr("Waiting"),
            near=age_words(each.entry.created_at, self.context.now()),
            icon="warning-bold" if each.refused else WAITS,
        )

    def frame_state(self) -> FrameState:
        chosen = self._chosen()
        if self.writing:
            ready = bool(self._note.value)
            primary = Action(words=tr("Resolve") if ready else tr("Write a note first"), icon="check-bold", enabled=ready)
            return FrameState(title=tr(NOTE), step=0, primary=primary)
        if self.approving:
            return FrameState(title=self.approval.title, step=0, primary=self.approval.action(tr("Resolve")))
        if chosen is None:
            return FrameState(title=tr("Not yet confirmed"), step=0, primary=Action(words=tr("Back to the counter")), back=None)
        resolve = Action(words=tr("Resolve with note"), icon="note-pencil-bold") if chosen.refused else None
        again = Action(words=tr("Send again"), icon="paper-plane-right-bold", enabled=not self.acting)
        return FrameState(title=tr("Not yet confirmed"), step=0, primary=again, other=resolve)

    # -- what can be done

    def primary(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            self.closed.emit()
        elif self.writing:
            self._take_note()
        elif self.approving:
            if self.approval.is_ready:
                who = self.approval.take()
                work = self.context.kiosk.outbox.resolve(self.current, self._note.value, who.id, who.pin)
                self.act(work, lambda _none: self._after_note(), self._refuse)
        else:
            self.act(self.context.kiosk.outbox.send_again(self.current), lambda _none: self._ask())

    def _take_note(self) -> None:
        if self._note.value and self.context.at_work.known:
            self.approval.begin()
            self._layers.setCurrentWidget(self.approval)
            self.redrawn.emit()
        elif self._note.value:
            self.act(self.context.kiosk.outbox.resolve(self.current, self._note.value), lambda _none: self._after_note())

    def _refuse(self, error: Exception) -> None:
        if not self.approval.refuse(error):
            self._after_note()
            self.context.bridge.unhandled.emit(error)

    def take_badge(self, code: str) -> bool:
        return self.approving and self.approval.take_badge(code)

    @property
    def is_typing(self) -> bool:
        return self.approving and self.approval.is_typing

    def other(self) -> None:
        chosen = self._chosen()
        if chosen is not None and chosen.refused:
            self._note.set_value("")
            self._layers.setCurrentWidget(self._note)
            self.redrawn.emit()

    def back(self) -> None:
        if self.approving:
            if not self.approval.back():
                self._layers.setCurrentWidget(self._note)
                self.redrawn.emit()
        elif self.writing:
            self._after_note()
        else:
            self.closed.emit()

    def type_character(self, character: str) -> None:
        if self.writing:
            self._note.type_character(character)
        elif self.approving:
            self.approval.type_character(character)

    def leave(self) -> None:
        self.approval.end()
        self._layers.setCurrentWidget(self._both)
        super().leave()

    def _after_note(self) -> None:
        self._layers.setCurrentWidget(self._both)
        self._draw()
        self._ask()


def _sent(entry: OutboxEntry, here: StationTime) -> str:
    if entry.last_sent_at is None:
        return tr("Not yet")
    moment = moment_words(entry.last_sent_at, here.now, here.zone)
    return tr_count("{count} ×, last {moment}", "{count} ×, last {moment}", entry.tries, moment=moment)
