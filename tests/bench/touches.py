"""How many touches and seconds a swap takes: an autopilot at the real pages of a kiosk in training, on its own broker and platform.

Every touch is a click on a button that is seen, on and armed; every scan is keys that come to the window through the barcode scanner. The
autopilot does the next thing as soon as the page allows it, so the seconds are those of the program alone: the simulated radio (each
battery takes a quarter of a second; in the field some six), what goes on by itself after 1.5 s, and what is armed before a press counts.
The customer's card is always scanned; "battery touched" takes the battery that the list offers first, "battery scanned" its sticker.

`python -m tests.bench.touches [--write FILE]` prints the table, and puts it between its two marks in FILE.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEvent, QEventLoop, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.domain.swap.swap import Step
from kiosk.settings import UiSettings
from tests.bench.screen import choose_platform
from tests.ui.page_counter import Counter, World, open_counter, practice_world, run_of
from ui.devices.barcode_scanner import BarcodeScanner
from ui.widgets.button import Button
from ui.widgets.frame import FrameState

BEGIN, END = "<!-- made by tests/bench/touches.py -->", "<!-- end of what tests/bench/touches.py made -->"
PATIENCE_MILLISECONDS = 30_000
SEEN_MILLISECONDS = 50  # a hand sees a button before it touches it, and only then it counts
KEY_MILLISECONDS = 5


class Kept:
    """In the place of a test's qtbot: keeps a window."""

    def __init__(self) -> None:
        self.windows: list[QWidget] = []

    def addWidget(self, window: QWidget) -> None:
        self.windows.append(window)


def receipt_of(pilot: "Autopilot") -> str:
    """Seven letters and digits, another one for each swap."""
    swap = pilot.counter.wizard.swap
    assert swap is not None
    return f"MP{44000 + run_of(swap)}"


@dataclass
class Autopilot:
    """Two hands and a scanner; counts what they do."""

    counter: Counter
    touches: int = 0
    scans: int = 0
    scanner: BarcodeScanner = field(init=False)

    def __post_init__(self) -> None:
        wizard = self.counter.wizard
        self.scanner = BarcodeScanner(monotonic, is_typing=wizard.is_typing)
        self.scanner.scanned.connect(wizard.scan)
        self.scanner.watch(self.counter.frame.windowHandle())

    def wait(self, happened: Callable[[], bool], what: str) -> None:
        deadline = QDeadlineTimer(PATIENCE_MILLISECONDS)
        while not happened():
            if deadline.hasExpired():
                raise TimeoutError(f"{what}: {self.state.title}, {self.state.primary.words}")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 10)

    @property
    def state(self) -> FrameState:
        assert self.counter.frame.state is not None
        return self.counter.frame.state

    def scan(self, text: str) -> None:
        """A code and its Enter."""
        self.scans += 1
        began = round(monotonic() * 1000)
        for place, character in enumerate(f"{text}\r"):
            key = Qt.Key.Key_Return if character == "\r" else Qt.Key.Key_A
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
                event.setTimestamp(began + KEY_MILLISECONDS * place)  # by the scanner's clock, however busy this machine is
                QCoreApplication.sendEvent(self.counter.frame.windowHandle(), event)

    def touch_next(self, words: str) -> None:
        """The next step, once it begins with these words and may be pressed."""
        self.wait(lambda: self.state.primary.words.startswith(words) and self.counter.frame.bar.allows("primary"), words)
        self._touch(self.counter.frame.bar.primary)

    def touch(self, name: str) -> None:
        """A button of the page, by the name that is read out."""
        self.wait(lambda: any(self._named(name)), name)
        self._touch(next(self._named(name)))

    def _named(self, name: str) -> Iterator[Button]:
        return (each for each in self.counter.page.findChildren(Button) if each.isVisible() and each.accessibleName() == name)

    def _touch(self, button: Button) -> None:
        self.touches += 1
        QTest.qWait(SEEN_MILLISECONDS)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))

    def at(self, step: Step) -> None:
        self.wait(lambda: self.counter.step is step, step)


def new_battery(pilot: Autopilot, *, scanned: bool) -> None:
    """Take the new battery."""
    pilot.at(Step.NEW)
    swap = pilot.counter.wizard.swap
    assert swap is not None
    battery = f"BAT-{20000 + run_of(swap)}"
    if scanned:
        pilot.scan(battery)
    else:
        pilot.touch_next(f"Take {battery}")


def pay_typed(pilot: Autopilot) -> None:
    """The receipt's id by the keyboard of the screen."""
    pilot.at(Step.PAYMENT)
    pilot.counter.page.type_letters()  # type: ignore[attr-defined]  # by the key with the letters, which is counted here
    pilot.touches += 1
    for character in receipt_of(pilot):
        pilot.touch(character)
    pilot.touch_next("Use this id")
    pilot.touch_next("Record")


def pay_scanned(pilot: Autopilot) -> None:
    """The receipt's id by the scanner."""
    pilot.at(Step.PAYMENT)
    pilot.scan(receipt_of(pilot))
    pilot.touch_next("Record")


def pay_cash(pilot: Autopilot) -> None:
    """The exact sum in cash; the kiosk makes the receipt's number."""
    pilot.at(Step.PAYMENT)
    pilot.touch("Cash")
    pilot.touch_next("Received")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is counted: a situation of training, and how it is paid for, where it is."""

    name: str
    scenario: str
    pay: Callable[[Autopilot], None] | None = None


SITUATIONS = (
    Situation(name="returning customer with quota", scenario="normal"),
    Situation(name="first visit", scenario="first_visit"),
    Situation(name="receipt typed", scenario="exhausted", pay=pay_typed),
    Situation(name="receipt scanned", scenario="exhausted", pay=pay_scanned),
    Situation(name="cash", scenario="exhausted", pay=pay_cash),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One row of the table."""

    name: str
    battery: str
    touches: int
    scans: int
    seconds: float


def count(world: World, situation: Situation, *, scanned: bool, advance_seconds: float) -> Count:
    """One swap from the scan of the card to the page that says that it is complete."""
    counter = open_counter(world, Kept(), advance_seconds=advance_seconds)  # type: ignore[arg-type]  # only its addWidget is used
    code = world.begin(situation.scenario).customer_code
    pilot = Autopilot(counter)
    began = monotonic()
    pilot.scan(code)
    new_battery(pilot, scanned=scanned)
    if situation.pay is not None:
        situation.pay(pilot)
    pilot.touch_next("Complete swap")
    pilot.at(Step.DONE)
    seconds = monotonic() - began
    counter.wizard.stop()
    counter.frame.close()
    return Count(
        name=situation.name, battery="scanned" if scanned else "touched", touches=pilot.touches, scans=pilot.scans, seconds=seconds
    )


def measure(*, advance_seconds: float = UiSettings().advance_seconds) -> list[Count]:
    """All situations, each once with the battery scanned and once with it touched."""
    with TemporaryDirectory() as folder, practice_world(Path(folder)) as world:
        return [count(world, each, scanned=scanned, advance_seconds=advance_seconds) for each in SITUATIONS for scanned in (True, False)]


def table(counts: list[Count]) -> str:
    """In Markdown."""
    head = "| situation | new battery | touches | scans | seconds of the program |\n|---|---|---|---|---|"
    rows = (f"| {each.name} | {each.battery} | {each.touches} | {each.scans} | {each.seconds:.1f} |" for each in counts)
    return "\n".join((head, *rows))


def put(text: str, file: Path) -> None:
    """Between the marks of the file. Raises ValueError where it has none."""
    before, mark, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"{file} has not both marks")
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """As the docstring says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    choose_platform()
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    application = QApplication.instance() or QApplication([])
    text = table(measure())
    print(text)
    if options.write is not None:
        put(text, options.write)
    del application


if __name__ == "__main__":
    main()
