"""What a scanner meant by its keys. It types on the keyboard of the United States, whatever keyboard the kiosk is set to, and knows nothing
of Caps Lock: so each key has a second reading, by its place and Shift alone. Where the two differ, either may be the code: a scanner may be
set to the kiosk's keyboard. `kiosk.domain.keyboard` says what makes them differ.
"""

import sys
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from kiosk.domain.keyboard import likelier
from kiosk.domain.money.payments import is_battery_sticker

FIRST_X_CODE = 8 if sys.platform == "linux" else 0  # X11 and Wayland count the same keys from 8
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
US = {first + at: pair for first, plain, shifted in _ROWS for at, pair in enumerate(zip(plain, shifted, strict=True))}


def us_character(event: QKeyEvent) -> str:
    """What this key gives on the keyboard of the United States, without Caps Lock; "" where it has no such key or none is told."""
    pair = US.get(event.nativeScanCode() - FIRST_X_CODE) if event.nativeScanCode() else None
    others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if pair is None or others != Qt.KeyboardModifier.NoModifier:
        return ""
    return pair[1] if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else pair[0]


@dataclass(slots=True)
class KeyReading:
    """The two readings of one row of keys."""

    as_typed: str = ""
    by_place: str = ""
    unknown: bool = False  # a key without a place on that keyboard: this scanner is set to another

    def see(self, caps_lock: bool) -> None:  # noqa: FBT001  which of the silent keys it was
        """A key that types nothing. A scanner that presses Caps Lock for its capitals means what is typed."""
        self.unknown = self.unknown or (caps_lock and bool(self.as_typed))

    def add(self, typed: str, by_place: str) -> None:
        """One more character."""
        self.as_typed += typed
        self.by_place += by_place
        self.unknown = self.unknown or not by_place

    def other(self) -> str:
        """The second reading; "" where there is none or it is the same."""
        return "" if self.unknown or self.by_place == self.as_typed else self.by_place


class ScannedCode(str):
    """The likelier reading of a scan, with both: `by_place` is "" where there is one only."""

    __slots__ = ("by_place", "typed")
    typed: str
    by_place: str

    @classmethod
    def of(cls, typed: str, by_place: str) -> "ScannedCode":
        """A battery's sticker is recognised by its form."""
        first, second = likelier(typed, by_place)
        if is_battery_sticker(second) and not is_battery_sticker(first):
            first = second
        code = cls(first)
        code.typed, code.by_place = typed, by_place
        return code
