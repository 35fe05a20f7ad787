"""A PIN of one person: typed into dots, checked, and after too many wrong ones waited for by a clock."""

from math import ceil

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.errors import KioskError, PersonLocked, PinWrong
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.domain.people import Person
from ui.pages.page_context import PageContext
from ui.pages.people.rows import role_words, short_name
from ui.widgets import Band, NumericPad, Widgets
from ui.widgets.frame import BACKSPACE, Action
from ui.widgets.pin import PinDots

TICK_MILLISECONDS = 1000
FORGET_MILLISECONDS = 30_000  # digits that nobody goes on with
QUIET_SECONDS = 1.0  # after a key that is no digit: a scanner that types slowly is no PIN
MINUTE = 60
SEEN = mark("Nobody can see the digits here.")
WAYS = (
    mark("Wait for the clock, then type the PIN again."),
    mark("Somebody else? Sign in with your own badge or name."),
    mark("PIN forgotten? A technician gives a new one."),
)


class OutView(QWidget):
    """Too many wrong PINs: how long still, and the ways on."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._band, self._time, self._bar = Band(widgets, "stop"), widgets.figure("", "", "hero"), widgets.bar()
        self._whole = 0
        self._whole_words = widgets.text("", "small", "muted")
        self._safe = widgets.say(tr("What is open is safe. It is not touched by this."), "text", "shield-check-bold")
        until = widgets.text(tr("The next PIN counts in"), "body", "muted")
        left = widgets.panel(self._band, until, self._time, self._bar, self._whole_words, ..., self._safe, gap="s")
        noted = widgets.say(tr("This is noted in the record of the counter."), "muted", "clipboard-text-bold")
        steps = widgets.numbered(*(tr(each) for each in WAYS))
        ways = widgets.panel(widgets.text(tr("What to do"), "title"), widgets.rule(), steps, ..., noted)
        self.setLayout(widgets.columns((left, 7), (ways, 5)))

    def begin(self, person: Person, seconds: float) -> None:
        """Of whom, and how long from now."""
        self._whole = max(1, round(seconds))
        self._band.show_band("stop", tr("Too many wrong PINs"), tr("For {name}", name=short_name(person)))
        self._whole_words.set_words(tr_count("It waits {count} minute", "It waits {count} minutes", ceil(self._whole / MINUTE)))
        self.tick(seconds)

    def tick(self, seconds: float) -> None:
        """So long still."""
        left = max(0, ceil(seconds))
        self._time.set_figure(clock(left), tr("min"))
        self._bar.set_level(1 - min(1.0, left / self._whole))
        self._bar.describe(tr("Wait"), tr_count("{count} second left", "{count} seconds left", left))


def clock(seconds: int) -> str:
    """ "0:47"."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02d}"


class PinViews(QObject):
    """`dots`, `pad`, and `said` below the dots are put into a page by it; `out` is a page of its own, shown while `waits`. Emits `changed`
    when the frame shows something else."""

    changed = Signal()

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._clock = context, context.monotonic
        widgets = context.widgets
        self.person: Person | None = None
        self.name = ""
        self.dots, self.pad, self.out = PinDots(widgets), NumericPad(widgets), OutView(widgets)
        self.said = widgets.say("", "muted", "lock-key-bold")
        self._refused, self._quiet_until, self._until = "", float("-inf"), float("-inf")
        self._timer = QTimer(self, interval=TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._forget = QTimer(self, interval=FORGET_MILLISECONDS, singleShot=True)
        self._forget.timeout.connect(self.dots.clear)
        self.pad.typed.connect(self.dots.type_character)
        self.pad.erased.connect(lambda: self.dots.type_character(BACKSPACE))
        self.dots.changed.connect(self._show)

    # -- coming and going

    def begin(self, person: Person, name: str = "") -> None:
        """The PIN of this person; `name` is whose it is, in words. Where none of them counts now, the clock is shown."""
        self.person, self._refused = person, ""
        self.name = name or tr("PIN of {name}", name=short_name(person))
        self.dots.begin(self.name, person.role.pin_digits)
        self._stop_waiting()
        self._wait(person, self._context.kiosk.people.seconds_locked(person.id))
        self.changed.emit()

    def end(self) -> None:
        """Nothing typed is kept."""
        if self.person is None:
            return
        self.person = None
        self._stop_waiting()
        self.dots.clear()

    @property
    def waits(self) -> bool:
        """Whether no PIN of this person is looked at now."""
        return self._timer.isActive()

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._until - self._clock())

    def _wait(self, person: Person, left: float) -> None:
        if left > 0:
            self._until = self._clock() + left
            self.out.begin(person, left)
            self._timer.start()

    def _stop_waiting(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self.out.tick(self.seconds_left)
        if not self.seconds_left:
            self._stop_waiting()
            self._refused = ""
            self._show()
        self.changed.emit()

    # -- typing

    def type_character(self, character: str) -> None:
        """From a keyboard. What comes right after a key that is no digit is no PIN: a scanner types slowly."""
        if self.waits:
            return
        if character != BACKSPACE and character not in "0123456789":
            self._quiet_until = self._clock() + QUIET_SECONDS
            self.dots.clear()
        elif self._clock() >= self._quiet_until:
            self.dots.type_character(character)
        else:
            self._quiet_until = self._clock() + QUIET_SECONDS

    def _show(self) -> None:
        if self.dots.missing < self.dots.length:
            self._refused = ""
            self._forget.start()
        else:
            self._forget.stop()
        words = self._refused or tr(SEEN)
        self.said.show_notice("stop" if self._refused else "muted", words, "x-circle-fill" if self._refused else "lock-key-bold")
        self.changed.emit()

    def action(self, ready: str, icon: str = "arrow-right-bold") -> Action:
        """The next step: `ready` once all digits are there."""
        if self.waits:
            return Action(words=tr("Wait {time}", time=clock(ceil(self.seconds_left))), icon="hourglass-medium-bold", enabled=False)
        missing = self.dots.missing
        if missing:
            words = tr_count("Type {count} digit more", "Type {count} digits more", missing)
            return Action(words=words, icon="lock-bold", enabled=False)
        return Action(words=ready, icon=icon)

    @property
    def is_ready(self) -> bool:
        """Whether all digits are typed and may be tried."""
        return bool(self.dots.length) and not self.dots.missing and not self.waits

    # -- checking

    def refuse(self, error: KioskError) -> None:
        """Why the PIN that was tried does not count."""
        message = message_for(error)
        self._refused = f"{message.what}. {message.why}".strip() if message.why else message.what
        self.dots.clear(wrong=isinstance(error, PinWrong))
        if isinstance(error, PersonLocked) and self.person is not None:
            self._wait(self.person, self._context.kiosk.people.seconds_locked(self.person.id))
            self.changed.emit()


class PinView(QWidget):
    """Whose PIN, its dots and the keys."""

    def __init__(self, widgets: Widgets, pin: PinViews) -> None:
        super().__init__()
        self._name, self._role = widgets.text("", "number"), widgets.text("", "lead", "muted")
        self._caption = widgets.text("", "label", "muted")
        self._below = widgets.say("", "muted", "info-bold")
        who = widgets.panel(
            self._name, self._role, widgets.rule(), self._caption, pin.dots, pin.said, ..., widgets.rule(), self._below, gap="s"
        )
        self.setLayout(widgets.columns((who, 5), (widgets.panel(pin.pad), 7)))

    def show_who(self, person: Person, caption: str, below: str) -> None:
        self._name.set_words(short_name(person))
        self._role.set_words(role_words(person))
        self._caption.set_words(caption)
        self._below.show_notice("muted", below, "info-bold")
