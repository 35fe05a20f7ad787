"""A scanner and a person at the keyboard of a counter: real key events, at set speeds, by a clock of their own."""

from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from tests.ui.page_counter import Counter
from ui.devices.barcode_scanner import BarcodeScanner


@dataclass
class Keys:
    """Keys that come to the window of a counter. Times are seconds."""

    counter: Counter
    moment: float = 100.0
    barcode_scanner: BarcodeScanner = field(init=False)

    def __post_init__(self) -> None:
        wizard = self.counter.wizard
        self.barcode_scanner = BarcodeScanner(lambda: self.moment, is_typing=wizard.is_typing)
        self.barcode_scanner.scanned.connect(wizard.scan)
        self.barcode_scanner.cut.connect(wizard.refuse_cut)
        self.barcode_scanner.watch(self.counter.frame.windowHandle())

    def key(self, key: int, text: str, *, after: float) -> None:
        """One key, pressed and released."""
        self.moment += after
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            QCoreApplication.sendEvent(self.counter.frame.windowHandle(), event)

    def enter(self, *, after: float) -> None:
        self.key(Qt.Key.Key_Return, "\r", after=after)

    def type(self, text: str, *, gap: float) -> None:
        """The characters, the first of them after a long pause."""
        self.moment += 5
        for character in text:
            self.key(ord(character.upper()), character, after=gap)

    def scan(self, text: str, *, gap: float, enter: float) -> None:
        """A scan whose Enter comes so long after its last character."""
        self.type(text, gap=gap)
        self.enter(after=enter)
