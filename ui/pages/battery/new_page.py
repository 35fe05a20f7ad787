"""The page for the battery to hand out.

A ranked list to choose from, with what is read of them meanwhile; a scanned sticker is read at once, an id can be typed. A battery that is
accepted is stored with the swap, and what comes next is shown at once: the review, or the payment. It is always a person who chooses.
Where batteries cannot be looked for, the list says so; scanning and typing go on.
"""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.binding import address_of
from kiosk.domain.errors import BatteryDamaged, BatteryError, BatteryUnreadable, KioskError, SameBattery
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.events import BatteryReadBehind, Event
from kiosk.station.ports import Sighting
from ui.pages.battery.barring import why_barred
from ui.pages.battery.ranking import NearbyBattery, Surroundings, barred_counts, choose, nearby, row_view
from ui.pages.battery.reading import ReadingPage
from ui.pages.battery.views import BatteryViewKind, ListView, ReadRequest
from ui.pages.formatting import RAIL, cover_of
from ui.pages.page_context import Page, PageContext, TypingView, action
from ui.pages.session_memory import Refusal, WantedBattery
from ui.widgets.frame import BACKSPACE, Action, FrameState, back_action

AGE_MILLISECONDS = 1000


class NewPage(ReadingPage):
    """Step 3. Emits `advanced` with the swap that has its new battery."""

    step = RAIL[Step.NEW]
    reading_title, read_title = mark("Reading the new battery"), mark("New battery")
    offered = (Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN, Remedy.RECORD_INSPECTION, Remedy.BIND_STICKER)
    is_new = True

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.batteries: tuple[NearbyBattery, ...] = ()
        self.current, self.fault = "", ""
        self.touched = False  # a person has chosen the row
        self.was_read: BatteryTelemetry | None = None  # for this swap, before Back
        self._known: frozenset[str] = frozenset()
        self._taken: frozenset[str] = frozenset()
        self._ages = self.timer(AGE_MILLISECONDS, self._draw_ages)

    def more_views(self) -> dict[BatteryViewKind, QWidget]:
        self.list_view, self.typing = ListView(self.context.widgets), TypingView(self.context.widgets, tr("Id on the battery"))
        self.list_view.chosen.connect(self._choose)
        self.list_view.typing.connect(self._type)
        self.typing.changed.connect(self.redrawn)
        return {BatteryViewKind.LIST: self.list_view, BatteryViewKind.TYPING: self.typing}

    def build_next(self) -> bool:
        return self.typing.build()

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.current, self.touched, self.was_read = "", False, None
        self.show_nothing_read()
        wanted = self.context.memory.take_wanted()
        if wanted is not None:
            self.read_wanted(wanted)

    def return_to(self, swap: Swap) -> None:
        """The list, with the battery that was read chosen: the swap is without it, and may take it again as it was read."""
        Page.return_to(self, swap)
        if swap.outgoing is not None:
            self.act(self._take_out(swap, swap.outgoing), self._show_read)

    def _show_read(self, reading: BatteryTelemetry) -> None:
        self.was_read, self.current, self.touched = reading, reading.address, True
        self._draw_rows()

    async def _take_out(self, swap: Swap, reading: BatteryTelemetry) -> BatteryTelemetry:
        await self.context.kiosk.reads.note(swap, reading)
        await self.context.kiosk.swaps.back(swap)
        return reading

    def resume(self, before: Page, swap: Swap | None) -> None:
        if isinstance(before, NewPage):
            self.current, self.touched, self.was_read = before.current, before.touched, before.was_read
        super().resume(before, swap)

    def reading_of(self, swap: Swap) -> BatteryTelemetry | None:
        return swap.outgoing

    def show_nothing_read(self) -> None:
        self._seen = self.context.memory.seen(self.context.now())
        self.list_view.show_cover(cover_of(self.running))
        self.show_list()

    # -- the list

    def show_list(self) -> None:
        """Look for batteries, and list what is in range."""
        self.stop_work()
        self.fault = ""
        self._draw_rows()
        self.show_view(BatteryViewKind.LIST)
        self.look_around(self._show_fault)
        self._ages.start()
        self.run(self.context.kiosk.swaps.known_ids(except_plan=self.running.plan.id), self._show_known)
        self.run(self.context.kiosk.swaps.taken(self.running), self._show_taken)

    def stop_work(self) -> None:
        self._ages.stop()
        super().stop_work()

    def _show_known(self, known: frozenset[str]) -> None:
        self._known = known
        self._draw_rows()

    def _show_taken(self, taken: frozenset[str]) -> None:
        self._taken = taken
        self._draw_rows()

    def handle_event(self, event: Event) -> None:
        if isinstance(event, BatteryReadBehind):
            self._draw_ages()

    def _draw_ages(self) -> None:
        if self.view is BatteryViewKind.LIST and self._listed() and not self.fault:
            self._draw_rows()

    def show_seen(self, _seen: tuple[Sighting, ...]) -> None:
        if self.view is BatteryViewKind.LIST and not self.fault:
            self._draw_rows()

    def _listed(self) -> tuple[Sighting, ...]:
        """What is in range, and what was read before Back."""
        read = self.was_read
        if read is None or any(each.address == read.address for each in self._seen):
            return self._seen
        return (*self._seen, Sighting(address=read.address, name=read.battery_id, protocol=read.protocol, battery_id=read.battery_id))

    def _draw_rows(self) -> None:
        memory, here, swap, seen = self.context.memory, self.context.here, self.running, self._listed()
        valid = ((each.address, self.context.kiosk.reads.valid(swap, each.address)) for each in seen)
        fresh = {address: reading for address, reading in valid if reading is not None}
        rules = self.context.kiosk.swaps.rules
        around = Surroundings(
            returned_id=swap.plan.current_asset or "",
            known_ids=self._known | memory.known_ids,
            memory=memory,
            now=here.now,
            zone=here.zone,
            fresh=fresh,
            reading_now=self.context.kiosk.reads.reads_now,
            barred={address: why for address, each in fresh.items() if (why := why_barred(swap, each, rules, self._taken))},
            taken=self._taken,
            limits=rules.limits,
        )
        self.batteries = nearby(seen, around)
        self.current = choose(self.batteries, self.current, touched=self.touched)
        read = sum(each.last is not None for each in self.batteries)
        self.list_view.show_rows([row_view(each, here) for each in self.batteries], self.current, read=read, fault=self.fault)
        self.list_view.show_barred(barred_counts(self.batteries))
        if self.view is BatteryViewKind.LIST:
            self.redrawn.emit()

    def _choose(self, key: str) -> None:
        self.current, self.touched = key, True
        self.context.bridge.run(self.context.kiosk.reads.attend(self.running, first=key), lambda _none: None)
        self.redrawn.emit()

    def _show_fault(self, error: Exception) -> None:
        if isinstance(error, KioskError):
            self.fault, self._seen = message_for(error).page_sentence, ()
            self.context.sounds.refused()
            self._draw_rows()
        else:
            self.context.bridge.unhandled.emit(error)

    def _chosen(self) -> NearbyBattery | None:
        return next((each for each in self.batteries if each.address == self.current), None)

    # -- one reading

    def refuse(self, error: Exception) -> None:
        """What was refused is never proposed again."""
        if isinstance(error, BatteryError) and not isinstance(error, SameBattery):
            address = self.reading.address if self.reading is not None else address_of(self.request.target)
            told = normalise_id(self.reading.battery_id) if self.reading is not None else ""
            shown = "" if address_of(self.request.target) else normalise_id(self.request.shown)
            self.context.memory.note_refusal(Refusal(at=self.context.now(), error=error), address, told, shown)
        self.current, self.touched = "", False
        super().refuse(error)

    def _type(self) -> None:
        self.typing.set_value("")
        self.stop_work()
        self.show_view(BatteryViewKind.TYPING)

    def tips(self) -> tuple[str, str, str]:
        return tr("New battery"), self.request.shown, ""

    def read_again(self) -> None:
        self.undo(lambda: self.read(self.request))

    def is_expected(self, text: str) -> bool:
        return any(each.may_be(text) or each.address.upper() == address_of(text) for each in self._seen)

    def accept_work(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        return self.context.kiosk.swaps.accept_new(swap, reading)

    def read_scanned(self, battery_id: str) -> None:
        self.read_wanted(WantedBattery(battery_id=battery_id))

    def read_wanted(self, wanted: WantedBattery) -> None:
        """Read this battery: what was read in the background where it told this id, unless it is to be read anew."""
        battery_id = wanted.battery_id
        same = [each.address for each in self._seen if each.may_be(battery_id)]
        if len(same) == 1 and not wanted.anew:
            fresh = self.context.kiosk.reads.valid(self.running, same[0])
            if fresh is not None and normalise_id(fresh.battery_id) == battery_id:
                self.read(ReadRequest(target=same[0], shown=battery_id), anew=False)
                return
        self.read(ReadRequest(target=wanted.address or battery_id, shown=battery_id))

    def show_accepted(self, swap: Swap, _reading: BatteryTelemetry) -> None:
        self.advanced.emit(swap)

    def take(self, remedy: Remedy) -> None:
        if remedy is Remedy.READ_AGAIN:
            self.read_again()
        elif remedy is Remedy.RECORD_INSPECTION and isinstance(self.error, BatteryDamaged | BatteryUnreadable):
            self._set_aside(self.error)
        else:
            self.undo(self.show_list)

    def _set_aside(self, error: BatteryDamaged | BatteryUnreadable) -> None:
        """Record that a battery of the station is not to be handed out, and go on choosing."""
        battery_id = normalise_id(error.battery_id or self.request.shown)
        reasons = error.reasons if isinstance(error, BatteryDamaged) else (error.reason,)
        self.context.memory.set_aside.add(battery_id)
        work = self.context.kiosk.swaps.record_set_aside(self.running, battery_id, reasons)
        self.act(work, lambda _none: self.show_list(), self.refuse)

    # -- the frame

    def frame_state(self) -> FrameState:
        if self.view is BatteryViewKind.TYPING:
            value = self.typing.value
            primary = Action(words=tr("Read {battery}", battery=value) if value else tr("Type the id first"), enabled=bool(value))
            return FrameState(title=tr("Type the id on the battery"), step=self.step, primary=primary)
        if self.view is BatteryViewKind.LIST:
            other = action(Remedy.KEEP) if self.way_out is Remedy.KEEP else None if self.fault else _look_again()
            title, back = tr("Choose the new battery"), self.way_back()
            return FrameState(title=title, step=self.step, primary=self._list_action(), back=back, other=other)
        return super().frame_state()

    def _list_action(self) -> Action:
        chosen = self._chosen()
        if chosen is not None:
            words = mark("Read {battery}") if chosen.fresh is None else mark("Take {battery}")
            return Action(words=tr(words, battery=chosen.shown))
        if self.fault:
            return _look_again()
        if any(each.may_be_chosen for each in self.batteries):
            return Action(words=tr("Choose a battery first"), enabled=False)
        return Action(words=tr("Looking, please wait"), icon="hourglass-medium-bold", enabled=False)

    # -- presses

    def primary(self) -> None:
        chosen = self._chosen()
        if self.view is BatteryViewKind.TYPING:
            if self.typing.value:
                self.read_scanned(normalise_id(self.typing.value))
        elif self.view is not BatteryViewKind.LIST:
            super().primary()
        elif chosen is not None:
            self.read(ReadRequest(target=chosen.address, shown=chosen.shown), anew=False)
        elif self.fault:
            self.show_list()

    def other(self) -> None:
        if self.view is BatteryViewKind.LIST and self.way_out is not Remedy.KEEP:
            self.current, self.touched = "", False
            self.show_list()
        elif self.view is BatteryViewKind.LIST:
            self.stop_work()
            self.keep()
        else:
            super().other()

    def way_back_here(self) -> Action:
        return back_action()  # to the list

    def back(self) -> None:
        if self.view is BatteryViewKind.LIST:
            super().back()
        else:
            self.stop_work()
            self.undo(self.show_list)

    @property
    def is_typing(self) -> bool:
        return self.view is BatteryViewKind.TYPING

    def type_character(self, character: str) -> None:
        if self.view is BatteryViewKind.LIST and character != BACKSPACE:
            self._type()
        if self.view is BatteryViewKind.TYPING:
            self.typing.type_character(character.upper())


def _look_again() -> Action:
    return Action(words=tr("Look again"), icon="arrow-clockwise-bold")
