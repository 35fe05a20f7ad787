"""A barcode scanner that types like a keyboard. Its keys are caught before any widget gets them: a scan presses no button.

A scanner types faster than a person: keys less than `gap_seconds` apart, at least `least` of them, ended by Enter, Tab, the configured
suffix, or a pause. Every key that could begin a scan is held back for one gap; if it was a person, the keys are replayed in order to
where they were going, press by press. The Enter of a scan and an Enter up to half a second after it are dropped with it. A key that is
held down repeats and is no scan. With a `prefix` configured, only what begins with it is a scan.

A scanner may be slower than that (`Burst`): its characters are typed, the Enter behind them is dropped, and `typed` gives
them. An Enter or a Space within a second of any scanner's key presses nothing. Only where a person types a text does Enter always count.

Nothing here fails: what cannot be a scan is typed. A code over `most` characters is cut there, so that the parser can refuse it by length.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from shiboken6 import isValid

GAP_SECONDS = 0.16
END_SECONDS = 0.5  # an Enter so soon after a scan is the end of it
QUIET_SECONDS = 1.0  # an Enter so soon after a scanner's key is nobody's decision; characters after so long a pause begin a code


class Burst:
    """The last characters that came within GAP_SECONDS of each other."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most, self._scanner_at = least, most, float("-inf")
        self.text, self._last, self._begins = "", float("-inf"), True

    def add(self, character: str, moment: float) -> None:
        """One more character."""
        pause = moment - self._last
        if pause <= GAP_SECONDS:
            self._scanner_at = moment
        else:
            self.text, self._begins = "", pause > QUIET_SECONDS
        if len(self.text) < self._most:
            self.text += character
        self._last = moment

    def clear(self) -> None:
        """An end or a command: what comes next begins anew."""
        self.text, self._last, self._begins = "", float("-inf"), True

    def end_scan(self, moment: float) -> None:
        """A scan has ended; its last key came at `moment`."""
        self.clear()
        self._scanner_at = moment

    def is_scan(self, moment: float) -> bool:
        """Whether an end now is the end of a scan. Nobody was typing before it: a person's last characters are not a code."""
        return len(self.text) >= self._least and self._begins and moment - self._last <= END_SECONDS

    def is_quiet(self, moment: float) -> bool:
        """Whether no scanner's key came lately."""
        return moment - self._scanner_at > QUIET_SECONDS


ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
LINE_ENDS = frozenset("\r\n\t")  # a line feed comes as Ctrl+J
SILENT = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock}
)
COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier  # how Windows tells AltGr


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the scanner is set up. `prefix` and `suffix` are the characters it adds, often none, STX and ETX, or "~"."""

    gap_seconds: float = 0.035
    least: int = 4
    most: int = 4096
    prefix: str = ""
    suffix: str = ""


class BarcodeScanner(QObject):
    """Watches one window. `scanned` gives a code, in upper and lower case as it was read, without its frame; `typed` one that was so slow
    that its characters were typed already. `is_typing` says whether Enter ends a text that a person types now."""

    scanned = Signal(str)
    typed = Signal(str)

    def __init__(self, clock: Callable[[], float], framing: Framing | None = None, is_typing: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self._clock, self._framing, self._is_typing = clock, framing or Framing(), is_typing
        self._burst = Burst(self._framing.least, self._framing.most)
        self._held: list[tuple[QObject, QKeyEvent]] = []  # receiver and event as they came, to be replayed
        self._text, self._last, self._ended_at = "", float("-inf"), float("-inf")
        self._pressed: set[int] = set()  # keys of a scan whose release is still to come
        self._replaying, self._waited = False, False
        self._pause = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._after_pause)

    def watch(self, window: QWindow) -> None:
        """Read the keys of this window from now on. Keys come to the window before they come to any widget."""
        window.installEventFilter(self)

    def eventFilter(self, receiver: QObject, event: QEvent) -> bool:
        """True keeps an event from the widgets."""
        if self._replaying or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.KeyPress:
            return self._press(receiver, event)
        return event.type() == QEvent.Type.KeyRelease and self._release(receiver, event)

    # -- deciding

    def _press(self, receiver: QObject, event: QKeyEvent) -> bool:
        moment = self._moment(event)
        if self._held and moment - self._last > self._framing.gap_seconds:
            self._decide()
        if event.key() in SILENT:
            return False
        if event.isAutoRepeat():
            self._burst.clear()
            self._replay()
            return False
        if event.key() in ENDS or event.text() in LINE_ENDS:
            return self._end(receiver, event, moment)
        if self._held and _alt_digit(event):
            self._hold(receiver, event, moment)
            return True
        text = self._character(event)
        if not text:
            self._burst.clear()
            self._replay()
            return False
        self._burst.add(text, moment)
        self._hold(receiver, event, moment)
        self._take_in(text, moment)
        return True

    def _take_in(self, text: str, moment: float) -> None:
        if len(self._text) < self._framing.most:
            self._text += text
        if self._framing.suffix and self._text.endswith(self._framing.suffix) and self._is_scan():
            self._finish(moment)

    def _end(self, receiver: QObject, event: QKeyEvent, moment: float) -> bool:
        if self._held and _open_document(self._text):
            self._hold(receiver, event, moment)
            self._text += "\n"
            return True
        if self._held and self._is_scan():
            self._hold(receiver, event, moment)
            self._finish(moment)
            return True
        self._replay()
        if not self._is_dropped(moment):
            self._burst.clear()
            return False
        self._pressed.add(event.key())
        return True

    def _is_dropped(self, moment: float) -> bool:
        """Whether an end that no fast keys came before is a scanner's all the same; a code that was typed before it is emitted."""
        if moment - self._ended_at <= END_SECONDS:
            return True  # CR LF, Enter after the suffix, or an Enter that came late
        if self._is_typing():
            return False
        text, ends = self._burst.text, self._burst.is_scan(moment)
        if ends and text.startswith(self._framing.prefix):
            self._burst.clear()
            self.typed.emit(text.removeprefix(self._framing.prefix).removesuffix(self._framing.suffix))
        return ends or not self._burst.is_quiet(moment)

    def _character(self, event: QKeyEvent) -> str:
        """The character of a key that may belong to a scan; empty for a key that is a command."""
        text = event.text()
        if not text or event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Escape}:
            return ""
        if text in self._framing.prefix + self._framing.suffix or (self._held and unicodedata.category(text[0]) == "Cc"):
            return text  # STX and ETX come as Ctrl+B and Ctrl+C; a group separator may stand inside a code
        return text if text.isprintable() and event.modifiers() & COMMANDS in {Qt.KeyboardModifier.NoModifier, ALT_GR} else ""

    def _is_scan(self) -> bool:
        return len(self._text) >= self._framing.least and self._text.startswith(self._framing.prefix)

    def _decide(self) -> None:
        if self._is_scan():
            self._finish(self._last)
        else:
            self._replay()

    def _finish(self, moment: float) -> None:
        text = self._text.removeprefix(self._framing.prefix).removesuffix(self._framing.suffix)
        self._pressed |= {held.key() for _, held in self._take()}
        self._ended_at = moment
        self._burst.end_scan(moment)
        self.scanned.emit(text)

    # -- holding back and replaying

    def _hold(self, receiver: QObject, event: QKeyEvent, moment: float) -> None:
        self._held.append((receiver, _copy(event)))
        self._last, self._waited = moment, False
        self._pause.start(round(self._framing.gap_seconds * 1000) + 10)

    def _release(self, receiver: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if any(held.key() == key for _, held in self._held):
            self._held.append((receiver, _copy(event)))
            return True
        swallowed = key in self._pressed
        self._pressed.discard(key)
        return swallowed

    def _take(self) -> list[tuple[QObject, QKeyEvent]]:
        held, self._held, self._text = self._held, [], ""
        self._pause.stop()
        return held

    def _replay(self) -> None:
        """It was a person: the keys go where they were going."""
        self._replaying = True
        try:
            for receiver, event in self._take():
                if isValid(receiver) and not self._presses_by_itself(event):
                    QCoreApplication.sendEvent(receiver, event)
        finally:
            self._replaying = False

    def _presses_by_itself(self, event: QKeyEvent) -> bool:
        """A space inside a slow code would press the button that has the focus."""
        return event.key() == Qt.Key.Key_Space and not self._is_typing() and not self._burst.is_quiet(self._last)

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
    return QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())


def _alt_digit(event: QKeyEvent) -> bool:
    """How Windows scanners spell a character that is not on the keyboard: Alt with its number; the character itself follows."""
    both = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.KeypadModifier
    return event.modifiers() & both == both


def _open_document(text: str) -> bool:
    """Whether a line end stands inside a JSON document that is not complete yet."""
    return text.startswith(("{", "[")) and text.count("{") + text.count("[") > text.count("}") + text.count("]")
