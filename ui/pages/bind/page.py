"""The page that binds a sticker to a pack, over the page of the swap or from the battery reader's page.

It collects: the sticker, scanned or typed; the one pack that is meant, which the service tells; what that pack answers. A person sees both
numbers and confirms. Where the sticker or the pack is bound already a supervisor ends that, with a reason. Opened for a battery of the swap
it closes itself when that is bound, and the swap goes on. Leaving it at any time binds nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.binding import Binding, Sticker, read_sticker
from kiosk.domain.errors import BatteryUnreachable, BatteryUnreadable, KioskError
from kiosk.domain.language import mark, tr
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import ReadPhase, Sighting
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.pack_on_counter import READ_SECONDS, PackRead, PacksHeard, bind_read, read_pack, wait_for_pack
from ui.pages.approval import ApproveView
from ui.pages.battery.reading import GRACE_SECONDS
from ui.pages.bind.text import (
    NO_SUPERVISOR,
    NOTHING_BOUND,
    REASONS,
    BindFacts,
    Stage,
    bind_refusal,
    near_notice,
    number_inside,
    pack_lines,
    standing_lines,
    steps_of,
)
from ui.pages.bind.views import WorkView
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext, TypingView, is_customer_code
from ui.widgets import ErrorPanel
from ui.widgets.frame import Action, FrameState

TICK_MILLISECONDS = 500
MAX_CODE = 64
STICKER_HERE = mark("That is not a battery code. Scan the sticker on the pack now.")
NO_ID = mark("This code holds no battery id. Type the id on the sticker.")
_WAYS = (
    mark("Scan the sticker on the case."),
    mark("Leave only this pack on the counter, switched on."),
    mark("Look at what is read, and bind it."),
)
_TAKEN_WAYS = (
    mark("Look whether sticker and pack are the right ones."),
    mark("Were they bound wrongly, or was a part replaced? A supervisor binds them anew."),
)


class BindPage(Overlay):
    """`bound` is the id of the battery that was bound here last."""

    takes_scans = True
    _heard = Signal(int, object)  # the number of the work and PacksHeard; comes from the I/O thread

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        widgets = context.widgets
        self.facts, self._refused, self._run = BindFacts(), "", 0  # `_refused` says why what was typed cannot be taken
        self.work, self.refused = WorkView(widgets), ErrorPanel(widgets)
        self.typing, self.approval = TypingView(widgets, tr("Id on the battery")), ApproveView(context, Act.BINDING, REASONS)
        self._layers = QStackedLayout(self)
        for layer in (self.work, self.typing, self.approval, self.refused):
            self._layers.addWidget(layer)
        self._since, self._timer = QElapsedTimer(), self.timer(TICK_MILLISECONDS, self._tick)
        self._heard.connect(self._note_heard, Qt.ConnectionType.QueuedConnection)
        self.typing.changed.connect(self.redrawn)
        self.approval.changed.connect(self.redrawn)

    @property
    def works(self) -> bool:
        return super().works or self.facts.stage is Stage.READING

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.bound = ""
        self.begin(Sticker(battery_id=normalise_id(self.about)))

    def leave(self) -> None:
        self.approval.end()
        self._stop_work()

    def _stop_work(self) -> None:
        self._timer.stop()
        self._run += 1
        super().leave()

    def begin(self, sticker: Sticker) -> None:
        """With this sticker, or with none yet."""
        self._stop_work()
        self.facts = BindFacts(sticker=sticker)
        if sticker.battery_id:
            self._look()
        else:
            self._draw(anew=True)

    def _show_known(self, known: Binding | None) -> None:
        self._change(replace(self.facts, known=known))

    # -- what is shown

    def _show(self, stage: Stage) -> None:
        self._change(replace(self.facts, stage=stage))

    def _change(self, facts: BindFacts) -> None:
        before, self.facts = self.facts, facts
        self._draw(anew=(before.stage, before.read) != (self.facts.stage, self.facts.read))

    def _draw(self, *, anew: bool) -> None:
        facts, here = self.facts, self.context.here
        self.work.show_steps(steps_of(facts, here), *near_notice(facts))
        if anew:
            self._draw_side()
        layers: dict[Stage, QWidget] = {Stage.TYPING: self.typing, Stage.APPROVAL: self.approval, Stage.REFUSED: self.refused}
        self._layers.setCurrentWidget(layers.get(facts.stage, self.work))
        self.redrawn.emit()

    def _draw_side(self) -> None:
        facts, here = self.facts, self.context.here
        if facts.read is None:
            self.work.show_ways(tr("What to do"), [tr(each) for each in _WAYS])
        elif facts.stage is Stage.TAKEN:
            ways = [tr(each) for each in _TAKEN_WAYS] + ([] if self._supervisors else [tr(NO_SUPERVISOR)])
            self.work.show_ways(tr("Bound until now"), ways, standing_lines(facts.read, here))
        else:
            heading = tr("These two are bound") if facts.stage is Stage.BOUND else tr("Do these two belong together?")
            self.work.show_pair(heading, facts.sticker.battery_id, number_inside(facts.read), pack_lines(facts.read))

    def frame_state(self) -> FrameState:
        primary, other = self._actions()
        title = {
            Stage.TYPING: self._refused or tr("Type the id on the battery"),
            Stage.APPROVAL: self.approval.title,
            Stage.REFUSED: tr(NOTHING_BOUND).rstrip("."),
            Stage.TAKEN: tr("Bound already"),
        }.get(self.facts.stage, tr("Bind the sticker to the pack"))
        return FrameState(title=title, step=0, primary=primary, other=other)

    def _actions(self) -> tuple[Action, Action | None]:
        bind = Action(words=tr("Bind {battery}", battery=self.facts.sticker.battery_id), icon="link-bold", enabled=not self.acting)
        wrong = Action(words=tr("Wrong pack"), icon="x-bold")
        match self.facts.stage:
            case Stage.STICKER:
                return Action(words=tr("Type the id"), icon="keyboard-bold", quiet=True), None
            case Stage.TYPING:
                typed = self.typing.value
                return Action(words=tr("Use {battery}", battery=typed) if typed else tr("Type the id first"), enabled=bool(typed)), None
            case Stage.PACK:
                return Action(words=tr("Waiting for the pack"), icon="hourglass-medium-bold", enabled=False), None
            case Stage.READING:
                return Action(words=tr("Reading, please wait"), icon="hourglass-medium-bold", enabled=False), wrong
            case Stage.READ:
                return bind, wrong
            case Stage.TAKEN:
                return self._supervisor_action(), wrong
            case Stage.APPROVAL:
                return self.approval.action(bind.words, bind.icon), None
            case Stage.REFUSED:
                return Action(words=tr("Read again"), icon="arrow-clockwise-bold"), None
        return Action(words=tr("Back to the counter")), Action(words=tr("Bind another"), icon="link-bold")

    def _supervisor_action(self) -> Action:
        asked = bool(self._supervisors)
        words = tr("A supervisor binds it") if asked else tr("Call the supervisor")
        return Action(words=words, icon="identification-badge-bold", enabled=asked)

    # -- the pack

    def _look(self, rejected: str = "") -> None:
        """Wait for the pack that is meant, and read it."""
        self._stop_work()
        self.facts = replace(self.facts, stage=Stage.PACK, heard=None, read=None, rejected=rejected)
        self._draw(anew=True)
        run, kiosk = self._run, self.context.kiosk
        self.run(_binding_of(kiosk.bindings, self.facts.sticker.battery_id), self._show_known)
        work = wait_for_pack(kiosk.scanner, self.facts.sticker.address, lambda heard: self._heard.emit(run, heard), rejected)
        self.run(work, self._read, self._refuse)

    def _note_heard(self, run: int, heard: PacksHeard) -> None:
        if run == self._run and self.facts.stage is Stage.PACK:
            self._change(replace(self.facts, heard=heard))

    def _read(self, pack: Sighting) -> None:
        kiosk = self.context.kiosk
        wanted = Binding(
            battery_id=self.facts.sticker.battery_id,
            address=pack.address,
            family="",
            bound_by=kiosk.people.attendant_id,
            bound_at=self.context.now(),
        )
        heard = replace(self.facts.heard or PacksHeard(), meant=pack)
        self._change(replace(self.facts, stage=Stage.READING, heard=heard, seconds=0))
        self._since.start()
        self._timer.start()
        self.run(read_pack(kiosk.bindings, kiosk.scanner, wanted, pack, on_phase=_ignore), self._show_read, self._refuse)

    def _tick(self) -> None:
        if self._since.elapsed() / 1000 > READ_SECONDS + GRACE_SECONDS:
            self._stop_work()
            self._refuse(BatteryUnreachable(self.facts.sticker.battery_id, READ_SECONDS))
            return
        self._change(replace(self.facts, seconds=min(int(self._since.elapsed() / 1000), round(READ_SECONDS))))

    def _show_read(self, read: PackRead) -> None:
        self._timer.stop()
        self.context.sounds.accepted()
        self._change(replace(self.facts, stage=Stage.TAKEN if read.bindable.standing else Stage.READ, read=read))

    def _refuse(self, error: Exception) -> None:
        self._timer.stop()
        if not isinstance(error, KioskError):
            self.begin(Sticker())
            self.context.bridge.unhandled.emit(error)
            return
        if isinstance(error, BatteryUnreachable | BatteryUnreadable) and error.battery_id:
            error = replace(error, battery_id=self.facts.sticker.battery_id)  # a person knows no address
        self.context.sounds.refused()
        self.refused.show_error(bind_refusal(error))
        self._show(Stage.REFUSED)

    # -- binding

    def _bind(self, approval: Approval | None = None) -> None:
        if self.facts.read is not None:
            self.act(bind_read(self.context.kiosk.bindings, self.facts.read, approval), self._show_bound, self._refuse)

    def _show_bound(self, binding: Binding) -> None:
        self.bound = binding.battery_id
        if self.facts.read is not None:
            self.context.memory.note_reading(self.facts.read.reading)
        self.context.sounds.accepted()
        if self.about:
            self.closed.emit()  # the page below reads it and goes on
        else:
            self._show(Stage.BOUND)

    def _approve(self) -> None:
        """Who approves ends what is in the way."""
        who = self.approval.take()
        asked = self.context.kiosk.people.approve(who.id, who.pin, self.approval.reason, Act.BINDING)
        self.act(asked, self._bind, lambda error: None if self.approval.refuse(error) else self._refuse(error))

    @property
    def _supervisors(self) -> tuple[str, ...]:
        return self.context.kiosk.swaps.supervisors

    def _say_refused(self, sentence: str) -> None:
        """Why what was typed cannot be taken, in the title's place; "" where it was."""
        self._refused = sentence
        if sentence:
            self.context.sounds.refused()
            self.redrawn.emit()

    # -- presses, typing and scans

    def primary(self) -> None:
        match self.facts.stage:
            case Stage.STICKER:
                self._refused = ""
                self.typing.set_value("")
                self._show(Stage.TYPING)
            case Stage.TYPING if self.typing.value:
                self._say_refused(self._take_sticker(self.typing.value))
            case Stage.READ:
                self._bind()
            case Stage.TAKEN if self._supervisors:
                self.approval.begin()
                self._show(Stage.APPROVAL)
            case Stage.APPROVAL if self.approval.is_ready:
                self._approve()
            case Stage.REFUSED:
                self._look()
            case Stage.BOUND:
                self.closed.emit()

    def other(self) -> None:
        if self.facts.stage is Stage.BOUND:
            self.begin(Sticker())
        elif self.facts.heard is not None and self.facts.heard.meant is not None:
            self._look(rejected=self.facts.heard.meant.address)

    def back(self) -> None:
        if self.facts.stage is Stage.APPROVAL:
            if not self.approval.back():
                self._show(Stage.TAKEN)
        elif self.facts.stage is Stage.TYPING:
            self._show(Stage.STICKER)
        else:
            super().back()

    @property
    def is_typing(self) -> bool:
        return self.facts.stage is Stage.TYPING or (self.facts.stage is Stage.APPROVAL and self.approval.is_typing)

    def type_character(self, character: str) -> None:
        if self.facts.stage is Stage.APPROVAL:
            self.approval.type_character(character)
        elif self.facts.stage is Stage.TYPING:
            self._refused = ""
            self.typing.type_character(character.upper())

    def handle_scan(self, text: str) -> str:
        if self.acting:
            return super().handle_scan(text)
        if self.facts.stage is Stage.APPROVAL:
            return self.approval.scan_here
        if is_customer_code(text) or len(text) > MAX_CODE:
            return tr(STICKER_HERE)
        return self._take_sticker(text)

    def take_badge(self, code: str) -> bool:
        return self.facts.stage is Stage.APPROVAL and self.approval.take_badge(code)

    def _take_sticker(self, text: str) -> str:
        sticker = read_sticker(text)
        if not sticker.battery_id:
            return tr(NO_ID)
        self.begin(sticker)
        return ""


def _ignore(_phase: ReadPhase) -> None:
    """The page shows the seconds."""


async def _binding_of(bindings: Bindings, battery_id: str) -> Binding | None:
    """On the I/O thread, which changes them."""
    return bindings.binding_of(battery_id)
