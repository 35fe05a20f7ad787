"""A barcode scanner that types like a keyboard. Its keys are caught before any widget gets them: a scan presses no button.

What is a scan, typing or a press is decided by `ui.input_rules`, whose table holds all the rules. Here every key that could begin a scan
is held back until that is decided; if it was a person, the keys are replayed in order to where they were going, press by press.

Nothing here fails: what cannot be a scan is typed. A code over `most` characters is cut there, so that the parser can refuse it by length.
"""

import unicodedata
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractButton, QApplication
from shiboken6 import isValid

from ui.devices.key_readings import KeyReading, us_character
from ui.input_rules import ENTER, TAB, Framing, KeyRules, KeyVerdict

__all__ = ["BarcodeScanner", "Framing"]

ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
LINE_ENDS = frozenset("\r\n\t")  # a line feed comes as Ctrl+J
SILENT = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock}
)
COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier  # how Windows tells AltGr
DEAD_KEYS = range(Qt.Key.Key_Dead_Grave, Qt.Key.Key_Dead_Longsolidusoverlay + 1)
DEAD = "\u00b4"  # stands for an accent that waits for its letter


class BarcodeScanner(QObject):
    """Watches one window. `scanned` gives a code, in upper and lower case as it was read, without its frame, and what its keys are on the
    keyboard of the United States where that is something else; `cut` says that a piece of a code came without its end. `key_seen` gives
    every key of a row; while `measuring` that is all there is. `is_typing` says whether Enter ends a text that a person types now."""

    scanned = Signal(str, str)
    cut = Signal()
    key_seen = Signal(str, str, float)  # a character, "\n" for Enter, "\t" for Tab; by its place; seconds

    def __init__(self, clock: Callable[[], float], framing: Framing | None = None, is_typing: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self._clock, self.is_typing = clock, is_typing
        self.rules = KeyRules(framing or Framing())
        self._reading = KeyReading()
        self._held: list[tuple[QObject, QKeyEvent]] = []  # receiver and event as they came, to be replayed
        self._last = float("-inf")
        self._pressed: set[int] = set()  # keys of a scan whose release is still to come
        self._replaying, self._waited, self.measuring = False, False, False
        self._pause = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._after_pause)

    def watch(self, window: QWindow) -> None:
        """Read the keys of this window from now on. Keys come to the window before they come to any widget."""
        window.installEventFilter(self)

    def use_framing(self, framing: Framing) -> None:
        """Go on with a scanner that is set up so; what was learnt of the former is forgotten."""
        self._replay()
        self.rules = KeyRules(framing)

    def eventFilter(self, receiver: QObject, event: QEvent) -> bool:
        """True keeps an event from the widgets."""
        if self._replaying or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.KeyPress:
            return self._press(receiver, event)
        return event.type() == QEvent.Type.KeyRelease and self._release(receiver, event)

    # -- deciding

    def _press(self, receiver: QObject, event: QKeyEvent) -> bool:
        moment, is_end = self._moment(event), event.key() in ENDS or (event.text() in LINE_ENDS and bool(event.text()))
        if event.key() in SILENT:
            self._reading.see(event.key() == Qt.Key.Key_CapsLock)
            return False
        if self.measuring:
            return self._measure(event, moment)
        held_down = self.rules.is_held_down(event.key(), moment, repeated=event.isAutoRepeat())
        if self._held and self.rules.is_over(moment, typing=self.is_typing(), end=is_end):
            self._decide()
        if is_end:
            return self._end(receiver, event, moment)
        if self._held and _alt_digit(event):
            self._hold(receiver, event, moment)
            return True
        text = self._character(event)
        if held_down or not text:
            return self._interrupt(event, moment, lost=bool(text))
        self._take_in(receiver, event, text, moment)
        return True

    def _interrupt(self, event: QKeyEvent, moment: float, *, lost: bool) -> bool:
        verdict = self.rules.interrupt(moment, lost=lost)
        if verdict is KeyVerdict.TYPING:
            self._replay()
            return False
        self._finish(verdict)
        self._pressed.add(event.key())
        return True

    def _measure(self, event: QKeyEvent, moment: float) -> bool:
        """Tell of a key, and let nobody else have it; commands go on."""
        is_end = event.key() in ENDS or (event.text() in LINE_ENDS and bool(event.text()))
        text = ("\t" if event.key() == Qt.Key.Key_Tab else "\n") if is_end else self._character(event, held=True)
        if text:
            self.key_seen.emit(text, us_character(event), moment)
            self._pressed.add(event.key())
        return bool(text)

    def _take_in(self, receiver: QObject, event: QKeyEvent, text: str, moment: float) -> None:
        verdict = self.rules.add(text, moment, typing=self.is_typing())
        self._reading.add(text, us_character(event))
        self.key_seen.emit(text, us_character(event), moment)
        self._hold(receiver, event, moment)
        if verdict is not KeyVerdict.HELD:
            self._finish(verdict)

    def _end(self, receiver: QObject, event: QKeyEvent, moment: float) -> bool:
        verdict = self.rules.end(moment, TAB if event.key() == Qt.Key.Key_Tab else ENTER, typing=self.is_typing())
        self.key_seen.emit("\t" if event.key() == Qt.Key.Key_Tab else "\n", "", moment)
        if verdict is KeyVerdict.HELD:
            self._reading.add("\n", "\n")
            self._hold(receiver, event, moment)
            return True
        if verdict in {KeyVerdict.SCAN, KeyVerdict.CUT}:
            self._hold(receiver, event, moment)
            self._finish(verdict)
            return True
        if verdict is KeyVerdict.DROPPED and self.rules.row.is_line:
            self._finish(verdict)
        self._replay()
        if verdict is KeyVerdict.PRESS:
            return False
        self._pressed.add(event.key())
        return True

    def _character(self, event: QKeyEvent, *, held: bool = False) -> str:
        """The character of a key that may belong to a scan; empty for a key that is a command."""
        text, framing = event.text(), self.rules.framing
        if event.key() in DEAD_KEYS:
            return text or DEAD
        if not text or event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Escape}:
            return ""
        if text in framing.prefix + framing.end_characters or ((held or self._held) and unicodedata.category(text[0]) == "Cc"):
            return text  # STX and ETX come as Ctrl+B and Ctrl+C; a group separator may stand inside a code
        return text if text.isprintable() and event.modifiers() & COMMANDS in {Qt.KeyboardModifier.NoModifier, ALT_GR} else ""

    def _decide(self) -> None:
        verdict = self.rules.decide()
        if verdict is KeyVerdict.TYPING:
            self._replay()
        else:
            self._finish(verdict)

    def _finish(self, verdict: KeyVerdict) -> None:
        framing, text, other = self.rules.framing, self.rules.row.text, self._reading.other()
        self._pressed |= {held.key() for _, held in self._take()}
        if verdict is KeyVerdict.SCAN:
            self.scanned.emit(framing.bare(text), framing.bare(other))
        elif verdict is KeyVerdict.CUT:
            self.cut.emit()

    # -- holding back and replaying

    def _hold(self, receiver: QObject, event: QKeyEvent, moment: float) -> None:
        self._held.append((receiver, _copy(event)))
        self._last, self._waited = moment, False
        self._pause.start(round(self.rules.wait_seconds(typing=self.is_typing()) * 1000) + 10)

    def _release(self, receiver: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if any(held.key() == key for _, held in self._held):
            self._held.append((receiver, _copy(event)))
            return True
        swallowed = key in self._pressed
        self._pressed.discard(key)
        return swallowed

    def _take(self) -> list[tuple[QObject, QKeyEvent]]:
        held, self._held = self._held, []
        self.rules.forget_row()
        self._reading = KeyReading()
        self._pause.stop()
        return held

    def _replay(self) -> None:
        """It was a person: the keys go where they were going."""
        self._replaying = True
        try:
            for receiver, event in self._take():
                if isValid(receiver):
                    self._send(receiver, event)
        finally:
            self._replaying = False

    def _send(self, receiver: QObject, event: QKeyEvent) -> None:
        """A blank inside a code or a text must not press the button that has the focus: it is a character, where one can be typed."""
        focused = QApplication.focusWidget()
        if event.key() != Qt.Key.Key_Space or self.rules.is_quiet(self._last) or not isinstance(focused, QAbstractButton):
            QCoreApplication.sendEvent(receiver, event)
        elif self.is_typing():
            QCoreApplication.sendEvent(focused.window(), event)

    def _after_pause(self) -> None:
        """Wait for one more turn of the event loop: after a stall of the window the next keys may be waiting behind this timer."""
        if not self._waited:
            self._waited = True
            self._pause.start(0)
        else:
            self._decide()

    def _moment(self, event: QKeyEvent) -> float:
        """When the key was pressed, in seconds: as the system says, so that a stall of the window does not make people fast."""
        return event.timestamp() / 1000 if event.timestamp() else self._clock()


def _copy(event: QKeyEvent) -> QKeyEvent:
    """As it came, but not as a repeat: what repeats because it is held down is never held back."""
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), autorep=False, count=event.count())


def _alt_digit(event: QKeyEvent) -> bool:
    """How Windows scanners spell a character that is not on the keyboard: Alt with its number; the character itself follows."""
    both = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.KeypadModifier
    return event.modifiers() & both == both
