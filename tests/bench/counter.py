"""The real window with a real kiosk, on a broker of the benchmark, and a probe that says when what was announced is painted.

Everything here is used in the GUI thread. A wait that lasts longer than it can raises LinkDown with what was waited for.
"""

import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from kiosk.bootstrap import build_kiosk
from kiosk.domain.errors import LinkDown
from kiosk.domain.swap.swap import Step
from kiosk.settings import MqttSettings, Settings
from kiosk.station.events import Announce
from kiosk.station.services.kiosk import Kiosk
from tests.bench.broker import HOST
from tests.bench.screen import choose_platform
from ui.pages.done import AnswerState, DonePage
from ui.window.boot_settings import BootSettings
from ui.window.main_window import Window
from ui.window.opening import Counter

_SECONDS = 15.0
_LOOK_AGAIN_MILLISECONDS = 100
Change = Callable[[Kiosk, Settings, Announce], Kiosk]


class Probe(QObject):
    """When the last page had painted the platform's answer: `painted`, monotonic seconds, 0.0 while it has not."""

    def __init__(self, window: Window, page: DonePage) -> None:
        super().__init__()
        self.painted = 0.0
        self._page, self._drawn = page, False
        window.frame.installEventFilter(self)
        page.body.notice.installEventFilter(self)

    def expect(self) -> None:
        """From now on, for the next answer."""
        self.painted = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """An update request is all painting that is due, at once, and its way to the screen; the notice's own paint is a part of it."""
        if watched is self._page.body.notice:
            self._drawn = self._drawn or (event.type() == QEvent.Type.Paint and self._page.answer.state is not AnswerState.WAITING)
            return False
        if event.type() != QEvent.Type.UpdateRequest:
            return False
        self._drawn = False
        watched.event(event)
        if self._drawn and not self.painted:
            self.painted = time.perf_counter()
        return True


class RunningCounter:
    """The window, its kiosk, and the probe."""

    def __init__(self, window: Window, kiosk: Kiosk) -> None:
        self.window, self.kiosk = window, kiosk
        if window.bridge is None or window.wizard is None:
            raise LinkDown("the window did not become ready")
        self.bridge, self.wizard = window.bridge, window.wizard
        page = self.wizard.page_of(Step.DONE)
        if not isinstance(page, DonePage):
            raise TypeError("the last page is another one")
        self.probe = Probe(window, page)

    def on_loop[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; what it raises is raised here."""
        found: list[T] = []
        failed: list[Exception] = []
        self.bridge.run(work, found.append, failed.append)
        wait_until(lambda: bool(found or failed), "work on the I/O thread")
        if failed:
            raise failed[0]
        return found[0]


@contextmanager
def running_counter(folder: Path, port: int, change: Change) -> Generator[RunningCounter]:
    """A counter with its link up; `change` may replace parts of the kiosk before it starts."""
    choose_platform()
    application = QApplication.instance() or QApplication(["swap-kiosk"])
    settings = Settings(data=folder / "data", mqtt=MqttSettings(host=HOST, port=port))
    made: list[Kiosk] = []

    async def opened(announce: Announce) -> Counter:
        kiosk = change(build_kiosk(settings, announce), settings, announce)
        made.append(kiosk)
        await kiosk.start()
        return Counter(kiosk=kiosk, zone=None, payment_methods=settings.payment.methods, sound_volume=0.0)

    window = Window(BootSettings(fullscreen=False), opened)
    refusals: list[Exception] = []
    window.refused.connect(refusals.append)
    window.show()
    try:
        wait_until(lambda: window.wizard is not None or bool(refusals), "the kiosk")
        if refusals:
            raise refusals[0]
        yield RunningCounter(window, made[0])
    finally:
        window.stop()
        window.frame.close()
        application.processEvents()


def wait_until(there: Callable[[], bool], what: str) -> None:
    """Let the window live until something is so. Raises LinkDown.

    Between two events the thread sleeps, as it does in front of a person. Given a limit in milliseconds `processEvents` does not wait at
    all: asked again and again, it would hold the interpreter against the I/O thread.
    """
    passed, alarm = QElapsedTimer(), QTimer()
    passed.start()
    alarm.start(_LOOK_AGAIN_MILLISECONDS)
    while not there():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if passed.hasExpired(int(_SECONDS * 1000)):
            raise LinkDown(f"{what} did not come in {_SECONDS:.0f} s")


def settle(milliseconds: int = 30) -> None:
    """Let everything that is under way come to rest."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
