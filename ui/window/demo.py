"""`demo`: training mode goes through one swap by itself, by the mouse, in the real window.

A picture of each page is saved before its next step is pressed. The demo fails, with a sentence, when the swap does not end within the
deadline; the pictures until then stay.
"""

import json
import os
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from kiosk.domain.language import tr
from kiosk.domain.swap.swap import Step, next_step
from kiosk.station.events import SwapAnswered
from kiosk.station.ports import OutboxEntry, OutboxState
from ui.widgets.choices import Row
from ui.window.boot_settings import read_boot_settings
from ui.window.main_window import Window, run_window

DEADLINE_SECONDS = 60.0
WATCHED_PAUSE = 0.9
TICK_MILLISECONDS = 30
SCENARIO = "normal"


class DemoDriver(QObject):
    """Presses what a trainee would press. `pause` is how long a person may look at a page, in seconds."""

    def __init__(self, window: Window, out: Path, pause: float) -> None:
        super().__init__()
        self._window, self._out, self._pause = window, out, pause
        self._seen_since: tuple[str, float] = ("", 0.0)
        self.began = time.monotonic()
        self.screens: list[str] = []
        self.correlation_id, self.acknowledged, self.receipt, self.problem = "", False, "", ""
        self._timer = QTimer(self, interval=TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        window.ready.connect(self._ready)
        window.refused.connect(lambda error: self._end(str(error)))
        QTimer.singleShot(int(DEADLINE_SECONDS * 1000), self, lambda: self._end(tr("the swap did not end in time")))

    def _ready(self) -> None:
        if self._window.bridge is not None:
            self._window.bridge.announced.connect(self._hear)
        self._timer.start()

    def _hear(self, event: object) -> None:
        if isinstance(event, SwapAnswered) and event.correlation_id == self.correlation_id:
            self.acknowledged = event.settled

    def _tick(self) -> None:
        wizard, state = self._window.wizard, self._window.frame.state
        if wizard is None or state is None:
            return
        swap = wizard.swap
        if next_step(swap) is Step.DONE and swap is not None:
            self.correlation_id = swap.correlation_id
            self._finish()
        elif wizard.page is not None and wizard.page.acting:
            return
        elif state.primary.enabled:
            if self._looked_at(state.title) and self._window.frame.bar.allows("primary"):
                self._picture(state.title)
                self._click(self._window.frame.bar.primary)
        elif swap is None:
            self._choose_scenario()

    def _look_at(self, entry: OutboxEntry) -> None:
        self.acknowledged = self.acknowledged or entry.state is OutboxState.SETTLED

    def _looked_at(self, title: str) -> bool:
        """Whether the page has stood for as long as somebody needs to see it."""
        if self._seen_since[0] != title:
            self._seen_since = (title, time.monotonic())
        return time.monotonic() - self._seen_since[1] >= self._pause

    def _choose_scenario(self) -> None:
        rows = [each for each in self._window.frame.findChildren(Row) if each.isVisible() and each.view.key == SCENARIO]
        if rows:
            self._click(rows[0])

    def _click(self, button: QPushButton) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))

    def _finish(self) -> None:
        """The end: confirmed by the platform, seen, and with its receipt on disk."""
        if not self.acknowledged:
            bridge, counter = self._window.bridge, self._window.counter
            if bridge is not None and counter is not None:  # the answer may have been announced before the swap was known here
                bridge.run(counter.kiosk.outbox.entry(self.correlation_id), self._look_at, lambda _error: None)
            return
        receipt = Path(os.environ["SWAP_KIOSK_DATA"]) / "training" / "receipts" / f"{self.correlation_id}.pdf"
        if receipt.exists() and self._looked_at("done"):
            self._picture("done")
            self.receipt = str(shutil.copyfile(receipt, self._out / "receipt.pdf"))
            self._end("")

    def _picture(self, title: str) -> None:
        name = "-".join("".join(each if each.isalnum() else " " for each in title.lower()).split())
        self.screens.append(str(self._out / f"{len(self.screens) + 1:02d}-{name}.png"))
        self._window.frame.grab().save(self.screens[-1])

    def _end(self, problem: str) -> None:
        self._timer.stop()
        self.problem = problem
        self._window.frame.close()


def run_demo(out: Path, *, as_json: bool, watched: bool) -> int:
    """Run the demo; 0 when a whole swap was seen to its end."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("[0-9][0-9]-*.png"), out / "receipt.pdf"):
        old.unlink(missing_ok=True)
    drivers: list[DemoDriver] = []
    with tempfile.TemporaryDirectory(prefix="swap-kiosk-demo-") as folder:
        os.environ["SWAP_KIOSK_DATA"] = folder
        look = replace(read_boot_settings(training=True), fullscreen=False)
        run_window(look, shown=lambda window: drivers.append(DemoDriver(window, out, WATCHED_PAUSE if watched else 0.1)))
    driver = drivers[0]
    ok, seconds = not driver.problem and bool(driver.receipt), round(time.monotonic() - driver.began, 1)
    if as_json:
        reason = {} if ok else {"reason": driver.problem or tr("the window was closed")}
        result = {
            "ok": ok,
            "correlation_id": driver.correlation_id,
            "acknowledged": driver.acknowledged,
            "receipt": driver.receipt,
            "screens": driver.screens,
            "seconds": seconds,
        }
        print(json.dumps({**result, **reason}))
    elif driver.problem:
        print(tr("The demo did not end: {reason}", reason=driver.problem))
    else:
        done = tr("{swap}, confirmed by the platform, {seconds} s", swap=driver.correlation_id, seconds=seconds)
        print(*driver.screens, driver.receipt, done, sep="\n")
    return 0 if ok else 1
