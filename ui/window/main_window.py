"""The window from its first picture to its end: it starts the kiosk, shows the wizard, and stops everything when it is closed.

The first page is painted before anything heavy is imported; libraries, pages and the kiosk are loaded in the background, and until then
the page says that it is getting ready. A kiosk that cannot start (another one runs on the data, the disk, a setting) is an error page with
its reason; the window stays. A fault of the program, in whatever thread, is written to the log and shown as a sentence; the window stays.
Closing ends the kiosk and the I/O thread, each within a deadline; what is not settled is in the store. SIGTERM and SIGHUP do the same,
with shorter deadlines (`ui.window.shut_down`).
"""

import gc
import importlib
import os
import sys
import threading
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from kiosk.domain.language import mark, tr, use_language
from kiosk.domain.panel import Screen, diagonal_inches
from kiosk.shared.garbage import collect_due
from ui.pages.start import StartPage
from ui.widgets import Widgets, theme
from ui.widgets.frame import Frame
from ui.widgets.tokens import Tokens
from ui.window.boot_settings import BootSettings
from ui.window.kept_window import KeptWindow
from ui.window.shut_down import EndSignals

if TYPE_CHECKING:  # nothing of these is imported before the first picture
    from ui.bridge import Bridge
    from ui.devices.barcode_scanner import BarcodeScanner
    from ui.window.opening import Counter, OpenCounter
    from ui.window.wizard import SwapWizard

STOP_SECONDS = 12.0
SIGNALLED_SECONDS = 2.5  # then the I/O thread has what is left until `shut_down.END_SECONDS`
FAULT = mark("The program has made a mistake")
FAULT_STEPS = (mark("Try again."), mark("The same result? Call the supervisor."))
COLLECT_MILLISECONDS = 1000
RETRY_MILLISECONDS = 50  # until another language is shown, while a press is being worked on


class Window(QObject):
    """One window with its kiosk. `ready` comes when the wizard is there, `refused` when the kiosk cannot start."""

    ready = Signal()
    refused = Signal(object)  # the exception
    _loaded = Signal(object)  # the module ui.window.opening, or an exception
    _fault = Signal(object)  # an exception of any thread

    def __init__(self, look: BootSettings, opener: "OpenCounter | None" = None) -> None:
        super().__init__()
        self._look, self._opener = look, opener
        self._translations = look.translations
        use_language(self._translations)
        if theme.needs_script_fonts(look.station + look.attendant):
            theme.load_script_fonts()
        self.widgets = Widgets(Tokens(screen_for(look), look.theme, training=look.training))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, self.widgets)
        self.frame = Frame(self.widgets)
        self.page = StartPage(self.widgets)
        self.frame.add_page(self.page)
        self.frame.show_who(look.station, look.attendant)
        self.frame.show_state(self.page.state)
        self.bridge: Bridge | None = None
        self.counter: Counter | None = None
        self.wizard: SwapWizard | None = None
        self.barcode_scanner: BarcodeScanner | None = None
        self.kept: KeptWindow | None = None  # one that fills the screen
        self._refusal: Exception | None = None
        self._opening: ModuleType | None = None
        self._early: list[Any] = []
        self._loaded.connect(self._begin, Qt.ConnectionType.QueuedConnection)
        self._fault.connect(self._show_fault, Qt.ConnectionType.QueuedConnection)
        self.frame.primary.connect(self._again)
        self.frame.other.connect(self._close)

    # -- coming

    def show(self) -> None:
        """Paint the first page, then go on behind it."""
        self.frame.installEventFilter(self)
        if self._look.fullscreen:
            self.kept = KeptWindow(self.frame, self._may_leave)
            self.frame.setGeometry(self.frame.screen().geometry())  # a screen without a window manager makes nothing full by itself
            self.frame.showFullScreen()
        else:
            self.frame.resize(*self._look.size)
            self.frame.show()

    def _may_leave(self) -> bool:
        """Where people are known a technician has to be signed in."""
        return self.wizard is None or self.wizard.gate.may_leave

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits for the first picture only."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._load)
        return False

    def _load(self) -> None:
        theme.load_script_fonts()
        if not self.widgets.t.screen.has_room:
            from kiosk.domain.errors import PanelTooSmall

            self._refuse(PanelTooSmall(self.widgets.t.screen.words))
            return
        threading.Thread(target=self._import_rest, name="imports", daemon=True).start()

    def _import_rest(self) -> None:
        try:
            self._loaded.emit(importlib.import_module("ui.window.opening"))
        except Exception as error:  # noqa: BLE001  a fault on the way is shown, the window must not wait for ever
            self._loaded.emit(error)

    def _begin(self, loaded: ModuleType | Exception) -> None:
        if isinstance(loaded, Exception):
            self._refuse(loaded)
            return
        self._opening = loaded
        self.bridge = loaded.Bridge()
        self.bridge.announced.connect(self._keep_early)
        self.bridge.start()
        self._open()

    def _open(self) -> None:
        if self._opening is None or self.bridge is None:
            self._load()
            return
        opener = self._opener or (self._opening.open_training if self._look.training else self._opening.open_counter)
        announce = self.bridge.announce

        async def open_counter() -> "Counter":
            import asyncio  # here, on the I/O thread

            asyncio.get_running_loop().set_exception_handler(self._loop_fault)
            counter: Counter = await opener(announce)
            return counter

        self.bridge.run(open_counter(), self._prepare_wizard, self._refuse)

    def _keep_early(self, event: object) -> None:
        """What is announced before there is a wizard for it."""
        self._early.append(event)

    def _prepare_wizard(self, counter: "Counter") -> None:
        if self._opening is None or self.bridge is None:
            return
        self.counter = counter
        wizard: SwapWizard = self._opening.make_wizard(self.frame, self.bridge, counter)
        QTimer.singleShot(0, self, lambda: self._begin_work(wizard))  # a touch is answered in between

    def _begin_work(self, wizard: "SwapWizard") -> None:
        if self._opening is None or self.bridge is None:
            return
        self.bridge.announced.disconnect(self._keep_early)
        self.wizard = wizard
        wizard.start()
        for event in self._early:
            wizard.handle_event(event)
        self._watch_keys(wizard)
        self.ready.emit()

    def _watch_keys(self, wizard: "SwapWizard") -> None:
        """From now on what is scanned comes to the wizard."""
        scanner = wizard.context.barcode_scanner
        scanner.is_typing = wizard.is_typing
        scanner.scanned.connect(wizard.scan)
        scanner.cut.connect(wizard.refuse_cut)
        scanner.watch(self.frame.windowHandle())
        self.barcode_scanner = scanner
        if self.kept is not None:
            wizard.gate.looked.connect(self.kept.look)
            self.kept.refused.connect(wizard.gate.say_who_may_leave)
            self.kept.look()
        wizard.idle.watch(self.frame.windowHandle())  # after the scanner, so that it sees what that takes away

    # -- the language

    def use_language(self, code: str) -> None:
        """Go on in another language: the same swap, on new pages. It records nothing, and what a press has begun ends first.

        Raises BadInput for a language that is not there; then nothing changes.
        """
        from kiosk.shared.translations import translations_of

        self._translations = translations_of(code)
        self._show_language()

    def _show_language(self) -> None:
        if self.wizard is not None and self.wizard.acting:
            QTimer.singleShot(RETRY_MILLISECONDS, self, self._show_language)
            return
        use_language(self._translations)
        self.frame.show_language()
        if self.wizard is not None:
            self.wizard.show_language()
        elif self._refusal is not None:
            self._show_refusal(self._refusal)
        else:
            self._show_waiting()

    # -- what can go wrong

    def _refuse(self, error: Exception) -> None:
        self._refusal = error
        self._show_refusal(error)
        self.refused.emit(error)

    def _show_refusal(self, error: Exception) -> None:
        from kiosk.domain.errors import KioskError
        from kiosk.domain.messages import message_for

        if isinstance(error, KioskError):
            message = message_for(error)
            self.page.show_refusal(message.what, message.why_on_pages or message.why, message.steps)
        else:
            self._log(error)
            self.page.show_refusal(tr(FAULT), tr("It is noted for the technician."), tuple(tr(each) for each in FAULT_STEPS))
        self.frame.show_state(self.page.state)

    def _show_waiting(self) -> None:
        self.page.show_waiting()
        self.frame.show_state(self.page.state)

    def _again(self) -> None:
        if self.wizard is None and self.page.refused:
            self._refusal = None
            self._show_waiting()
            self._open()

    def _close(self) -> None:
        if self.wizard is None:
            self.frame.close()

    def report(self, error: BaseException) -> None:
        """A fault of the program, from any thread."""
        self._log(error)
        self._fault.emit(error)

    def _show_fault(self, error: Exception) -> None:
        if self.wizard is not None:
            self.wizard.show_failure(error)
        elif not self.page.refused:
            self._refuse(error)

    def _loop_fault(self, _loop: object, context: dict[str, Any]) -> None:
        self.report(context.get("exception") or RuntimeError(str(context.get("message"))))

    def _log(self, error: BaseException) -> None:
        import logging  # not needed before something fails

        logging.getLogger(__name__).critical("a fault of the program", exc_info=error)

    # -- going

    def close(self) -> None:
        """Leave the loop, whatever is open over the window, and whoever works here: the system asks for it."""
        if self.kept is not None:
            self.kept.let_go()
        self.frame.close()
        QApplication.exit(0)

    def stop(self, seconds: float | None = None) -> None:
        """End the kiosk and the I/O thread, the kiosk in `seconds` where they are given; what is not settled waits in the store."""
        self._opening = None  # what is still being opened does not begin any more
        if self.wizard is not None:
            self.wizard.stop()
        if self.bridge is None:
            return
        if self.counter is not None:
            self._stop_kiosk(self.bridge, self.counter, seconds)
        if seconds is None:
            self.bridge.stop()
        else:
            self.bridge.stop(1.0)

    def _stop_kiosk(self, bridge: "Bridge", counter: "Counter", seconds: float | None) -> None:
        ended = threading.Event()

        async def stopped() -> None:
            try:
                await counter.kiosk.stop(seconds)
            finally:
                ended.set()

        bridge.run(stopped(), lambda _none: None)
        ended.wait(STOP_SECONDS if seconds is None else seconds)


def screen_for(look: BootSettings) -> Screen:
    """The panel, or the part of it that a window takes."""
    screen = QGuiApplication.primaryScreen()
    if look.fullscreen and screen is not None:
        return theme.screen_of(screen, look.inches)
    wide, high = look.size
    return Screen(width=wide, height=high, inches=look.inches or diagonal_inches(wide, high))


def _hook(window: Window) -> None:
    """Faults that nobody caught: logged, shown, survived. An interrupt from the terminal closes the window."""

    def gui(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
        else:
            window.report(error.with_traceback(trace))

    def thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            window.report(arguments.exc_value)

    sys.excepthook = gui
    threading.excepthook = thread


def _collect_from_ready_on(window: Window) -> None:
    looking = QTimer(window, interval=COLLECT_MILLISECONDS)
    looking.timeout.connect(collect_due)

    def begin(*_: object) -> None:
        gc.freeze()
        looking.start()

    window.ready.connect(begin)
    window.refused.connect(begin)


def run_window(look: BootSettings, opener: "OpenCounter | None" = None, *, shown: Callable[[Window], None] | None = None) -> int:
    """Run the kiosk in a window until it is closed; 0 when it ended as it should.

    `opener` starts the kiosk, on the I/O thread; without one the counter's or training's is started, as `look` says.
    `shown` gets the window before the loop runs. Garbage is looked for in the GUI thread alone (`kiosk.shared.garbage`), from when
    everything is loaded; what was loaded is left out of every look.
    """
    gc.disable()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = Window(look, opener)
    hooks = sys.excepthook, threading.excepthook
    _hook(window)
    try:
        with EndSignals() as signals:
            signals.came.connect(window.close, Qt.ConnectionType.QueuedConnection)
            _collect_from_ready_on(window)
            window.show()
            if os.environ.get("WATCHDOG_PID"):
                from kiosk.shared.service_manager import ServiceManager
                from ui.window.watchdog import Watchdog

                Watchdog(window, lambda: window.bridge if window.wizard is not None else None, ServiceManager())
            if shown is not None:
                shown(window)
            code = application.exec()
            window.stop(SIGNALLED_SECONDS if signals.received else None)
    finally:
        sys.excepthook, threading.excepthook = hooks
        gc.enable()
    return code
