"""The battery that comes back, and the battery to hand out.

Returned: reading begins at once. New: a ranked list; a scanned sticker is read at once, an id can be typed. Each step is journalled by the
services before it is shown; going back from a reading takes the battery out of the swap again. Listening that fails is said in the list,
and scanning and typing go on.
"""

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import BatteryDamaged, BatteryUnreadable, KioskError
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.station.ports import Sighting
from kiosk.station.services.kiosk import Kiosk
from ui.pages.battery.ranking import Surroundings, chosen_of, rows_of, tail_of
from ui.pages.battery.reading import MOST_CODE, READING_HERE, STICKER_HERE, BatteryViewKind, ReadingPage, ReadRequest
from ui.pages.battery.views import MOST_CHECKS, ListView, ReadFacts
from ui.pages.code_kinds import is_battery_code, is_customer_code
from ui.pages.error_views import action
from ui.pages.formatting import FIT, battery_view, checks_of, cover_of, read_words
from ui.pages.page_context import PageContext
from ui.pages.shared_text import RAIL
from ui.pages.typing_view import TypingView
from ui.widgets import RowView
from ui.widgets.frame import BACKSPACE, Action, FrameState

AGAIN = action(Remedy.READ_AGAIN)
UNREADABLE = "unreadable, set aside for inspection"


class ReturnedPage(ReadingPage):
    """Step 2. Emits `advanced` with the swap that has its returned battery; None when the swap was stopped."""

    step = RAIL[Step.RETURNED]
    reading_title, read_title = "Reading the returned battery", "Returned battery"
    offered = (Remedy.READ_AGAIN, Remedy.STOP_SWAP, Remedy.RECORD_INSPECTION)
    _around = Signal(object)  # sightings; comes from the I/O thread

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._around.connect(self._note_around, Qt.ConnectionType.QueuedConnection)

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.read_expected()

    @property
    def expected(self) -> str:
        """The battery that the plan says the customer has."""
        return (self.swap.plan.current_asset if self.swap is not None else None) or ""

    def read_expected(self, target: str = "") -> None:
        """Read the customer's battery, or the one whose sticker was scanned: its own id decides."""
        for view in (self.reading_view, self.stopped_view):
            view.tips.show_battery("Expected battery", self.expected, f"With {self.name}")
        self.read(ReadRequest(target=target or self.expected, shown=target or self.expected))

    def accepting(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        return self.context.kiosk.swaps.accept_returned(swap, reading)

    def accept(self, swap: Swap) -> None:
        """The radio is free again: listen for the new battery while the attendant still carries the old one."""
        super().accept(swap)
        self.run(_listen(self.context.kiosk, self._around.emit), lambda _none: None, lambda _error: None)  # the next page will say it

    def _note_around(self, seen: tuple[Sighting, ...]) -> None:
        self.context.memory.note_seen(seen, self.context.now())

    def read_facts(self, swap: Swap, reading: BatteryTelemetry) -> ReadFacts:
        reasons = tuple(f"{reason[:1].upper()}{reason[1:]}" for reason in swap.inspection.split("; ")[:MOST_CHECKS])
        return ReadFacts(
            card=battery_view(reading, "Energy left"),
            verdict=("Set aside for inspection", "attention") if swap.inspection else (FIT, "ok"),
            checks=reasons if swap.inspection else checks_of(reading, self.name),
            read_at=read_words(reading, self.context.zone),
        )

    # -- the frame

    def own_state(self) -> FrameState:
        if self.view is BatteryViewKind.READ:
            return FrameState(title=self.read_title, step=self.step, primary=Action(words="Choose new battery"), other=AGAIN)
        return FrameState(title=self.read_title, step=self.step, primary=AGAIN, other=action(self.way_out))

    # -- presses

    def primary(self) -> None:
        if self.view is BatteryViewKind.READ:
            self.advanced.emit(self.accepted)
        elif self.view is not BatteryViewKind.READING:
            self.take(self.ways()[0] if self.view is BatteryViewKind.REFUSED else Way.READ_AGAIN)

    def other(self) -> None:
        if self.view is BatteryViewKind.READING:
            self.stop_work()
            self.show_view(BatteryViewKind.STOPPED)
        elif self.view is BatteryViewKind.REFUSED:
            self.take(self.ways()[1])
        else:
            self.take(Way.READ_AGAIN if self.view is BatteryViewKind.READ else self.way_out)

    def back(self) -> None:
        self.stop_work()
        super().back()

    def take(self, way: Remedy) -> None:
        if way is Remedy.READ_AGAIN:
            self.undo(self.read_expected)
        elif way is Remedy.RECORD_INSPECTION and isinstance(self.error, BatteryDamaged):
            self._accept_for_inspection(self.error)
        elif self.way_out is Remedy.KEEP:
            self.keep()
        elif way is Remedy.RECORD_INSPECTION:
            self._leave(UNREADABLE)
        else:
            self._leave(f"stopped: {message_for(self.error).what}" if self.error is not None else "stopped by the attendant")

    def _accept_for_inspection(self, error: BatteryDamaged) -> None:
        if self.swap is not None and self.reading is not None:
            reasons = "; ".join(error.reasons)
            self.act(self.context.kiosk.swaps.accept_returned(self.swap, self.reading, inspection=reasons), self.accept, self.refuse)

    def _leave(self, reason: str) -> None:
        if self.swap is not None:
            self.act(self.context.kiosk.swaps.leave(self.swap, reason), lambda _none: self.advanced.emit(None), self.refuse)

    def handle_scan(self, text: str) -> str:
        if self.view is BatteryViewKind.READING:
            return READING_HERE
        if is_customer_code(text) or not (is_battery_code(text) or tail_of(text) == tail_of(self.expected)) or len(text) > MOST_CODE:
            return STICKER_HERE
        self.undo(lambda: self.read_expected(normalise_id(text)))
        return ""


class NewPage(ReadingPage):
    """Step 3. Emits `advanced` with the swap that has its new battery."""

    step = RAIL[Step.NEW]
    reading_title, read_title = "Reading the new battery", "New battery"
    offered = (Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN, Remedy.RECORD_INSPECTION)
    _sighted = Signal(object)  # sightings; comes from the I/O thread

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.rows: tuple[RowView, ...] = ()
        self.current, self.fault = "", ""
        self._seen: tuple[Sighting, ...] = ()
        self._known: frozenset[str] = frozenset()
        self._sighted.connect(self._show_seen, Qt.ConnectionType.QueuedConnection)

    def more_views(self) -> dict[BatteryViewKind, QWidget]:
        self.list_view, self.typing = ListView(self.context.kit), TypingView(self.context.kit, "Id on the battery")
        self.list_view.chosen.connect(self._choose)
        self.list_view.typing.connect(self._type)
        self.typing.changed.connect(self.redrawn)
        return {BatteryViewKind.LIST: self.list_view, BatteryViewKind.TYPING: self.typing}

    def build_next(self) -> bool:
        return self.typing.build()

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.current, self._seen = "", self.context.memory.seen(self.context.now())
        if swap is not None:
            self.list_view.show_cover(cover_of(swap))
            self.show_list()

    # -- the list

    def show_list(self) -> None:
        """Listen, and show what is heard."""
        self.stop_work()
        self.fault = ""
        self._draw_rows()
        self.show_view(BatteryViewKind.LIST)
        kiosk = self.context.kiosk
        self.run(_listen(kiosk, self._sighted.emit), lambda _none: None, self._not_listening)
        if self.swap is not None:
            self.run(kiosk.battery_records.known_ids(except_plan=self.swap.plan.id), self._show_known)

    def _show_known(self, known: frozenset[str]) -> None:
        self._known = known
        self._draw_rows()

    def _show_seen(self, seen: tuple[Sighting, ...]) -> None:
        self._seen = seen
        if self.view is BatteryViewKind.LIST and not self.fault:
            self._draw_rows()

    def _draw_rows(self) -> None:
        around = Surroundings(
            returned_id=(self.swap.plan.current_asset if self.swap is not None else None) or "",
            known_ids=self._known | self.context.memory.known_ids,
            memory=self.context.memory,
            now=self.context.now(),
            zone=self.context.zone,
        )
        self.rows = rows_of(self._seen, around)
        self.current = chosen_of(self.rows, self.current)
        self.list_view.show_rows(self.rows, self.current, fault=self.fault)
        if self.view is BatteryViewKind.LIST:
            self.redrawn.emit()

    def _choose(self, key: str) -> None:
        self.current = key
        self.redrawn.emit()

    def _not_listening(self, error: Exception) -> None:
        if not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)
            return
        self.fault, self._seen = message_for(error).sentence, ()
        self.context.sounds.refused()
        self._draw_rows()

    def _chosen(self) -> RowView | None:
        return next((row for row in self.rows if row.key == self.current), None)

    def _type(self) -> None:
        self.typing.set_value("")
        self.stop_work()
        self.show_view(BatteryViewKind.TYPING)

    def _read(self, target: str, shown: str) -> None:
        for view in (self.reading_view, self.stopped_view):
            view.tips.show_battery("New battery", shown, "")
        self.read(ReadRequest(target=target, shown=shown))

    def accepting(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        return self.context.kiosk.swaps.accept_new(swap, reading)

    def read_facts(self, swap: Swap, reading: BatteryTelemetry) -> ReadFacts:
        del swap
        return ReadFacts(
            card=battery_view(reading, "Energy"),
            verdict=(FIT, "ok"),
            checks=checks_of(reading),
            read_at=read_words(reading, self.context.zone),
        )

    # -- the frame

    def own_state(self) -> FrameState:
        if self.view is BatteryViewKind.READ:
            due = self.accepted is not None and next_step(self.accepted) is Step.PAYMENT
            return FrameState(
                title=self.read_title, step=self.step, primary=Action(words="Take payment" if due else "Check and complete"), other=AGAIN
            )
        if self.view is BatteryViewKind.TYPING:
            ready = bool(self.typing.value)
            primary = Action(words=f"Read {self.typing.value}" if ready else "Type the id first", enabled=ready)
            return FrameState(title="Type the id on the battery", step=self.step, primary=primary)
        if self.view is BatteryViewKind.STOPPED:
            return FrameState(title=self.read_title, step=self.step, primary=AGAIN, other=action(Way.CHOOSE_ANOTHER))
        kept = action(Way.KEEP) if self.way_out is Way.KEEP else None
        return FrameState(title="Choose the new battery", step=self.step, primary=self._list_action(), other=kept)

    def _list_action(self) -> Action:
        chosen = self._chosen()
        if chosen is not None:
            return Action(words=f"Read {chosen.words}")
        if self.fault:
            return Action(words="Look again", icon="arrow-clockwise-bold")
        if any(row.allowed for row in self.rows):
            return Action(words="Choose a battery first", enabled=False)
        return Action(words="Looking, please wait", icon="hourglass-medium-bold", enabled=False)

    # -- presses

    def primary(self) -> None:
        chosen = self._chosen()
        if self.view is BatteryViewKind.READ:
            self.advanced.emit(self.accepted)
        elif self.view is BatteryViewKind.TYPING and self.typing.value:
            self._read(normalise_id(self.typing.value), normalise_id(self.typing.value))
        elif self.view is BatteryViewKind.REFUSED:
            self.take(self.ways()[0])
        elif self.view is BatteryViewKind.STOPPED:
            self.take(Way.READ_AGAIN)
        elif self.view is BatteryViewKind.LIST and chosen is not None:
            self._read(chosen.key, chosen.words)
        elif self.view is BatteryViewKind.LIST and self.fault:
            self.show_list()

    def other(self) -> None:
        if self.view is BatteryViewKind.READING:
            self.stop_work()
            self.show_view(BatteryViewKind.STOPPED)
        elif self.view is BatteryViewKind.REFUSED:
            self.take(self.ways()[1])
        elif self.view is BatteryViewKind.LIST:
            self.stop_work()
            self.keep()
        else:
            self.take(Way.READ_AGAIN if self.view is BatteryViewKind.READ else Way.CHOOSE_ANOTHER)

    def back(self) -> None:
        self.stop_work()
        if self.view is BatteryViewKind.LIST:
            super().back()
        else:
            self.undo(self.show_list)

    @property
    def is_typing(self) -> bool:
        return self.view is BatteryViewKind.TYPING

    def type_character(self, character: str) -> None:
        if self.view is BatteryViewKind.LIST and character != BACKSPACE:
            self._type()
        if self.view is BatteryViewKind.TYPING:
            self.typing.erase() if character == BACKSPACE else self.typing.add(character.upper())

    def take(self, way: Remedy) -> None:
        if way is Remedy.READ_AGAIN:
            self.undo(lambda: self._read(self.asked.target, self.asked.shown))
        elif way is Remedy.RECORD_INSPECTION and isinstance(self.error, BatteryDamaged | BatteryUnreadable):
            self._set_aside(self.error)
        else:
            self.undo(self.show_list)

    def _set_aside(self, error: BatteryDamaged | BatteryUnreadable) -> None:
        """Write down that a battery of the station is not to be handed out, and go on choosing."""
        if self.swap is None:
            return
        battery_id = normalise_id(error.battery_id or self.asked.shown)
        reasons = "; ".join(error.reasons) if isinstance(error, BatteryDamaged) else error.reason
        self.context.memory.set_aside.add(battery_id)
        work = _note_aside(self.context, self.swap, f"{battery_id}: {reasons}")
        self.act(work, lambda _none: self.show_list(), self.refuse)

    def handle_scan(self, text: str) -> str:
        if self.view is BatteryViewKind.READING:
            return READING_HERE
        heard = any(tail_of(each.name) == tail_of(text) for each in self._seen)
        if is_customer_code(text) or not (is_battery_code(text) or heard) or len(text) > MOST_CODE:
            return STICKER_HERE
        self.undo(lambda: self._read(normalise_id(text), normalise_id(text)))
        return ""


async def _listen(kiosk: Kiosk, tell: Callable[[tuple[Sighting, ...]], None]) -> None:
    """Tells each list of sightings until cancelled. Raises BatteryUnreachable."""
    async with aclosing(kiosk.scanner.sightings()) as lists:  # type: ignore[type-var]  # every scanner's is a generator
        async for seen in lists:
            tell(seen)


async def _known_ids(kiosk: Kiosk, plan_id: str) -> frozenset[str]:
    """Ids of batteries that this kiosk has met. Raises StoreFailed."""
    read = (reading for each in kiosk.store.history() for reading in (each.swap.incoming, each.swap.outgoing))
    return kiosk.store.held_batteries(except_plan=plan_id) | {reading.battery_id for reading in read if reading is not None}


async def _note_aside(context: PageContext, swap: Swap, detail: str) -> None:
    """Raises StoreFailed."""
    context.kiosk.store.audit(context.now().astimezone(UTC), "new battery set aside for inspection", swap.correlation_id, detail)
