"""The technician's page "Try the scanner", behind the battery reader's page: three scans are measured, and what they tell is stored.

While it is shown every key of the barcode scanner is measured and none is looked up or pressed. What is stored holds at once; where the
configuration file cannot be written the page says so, and it holds until the window is closed.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.language import mark, tr
from kiosk.domain.swap.swap import Swap
from ui.input_rules import END_SECONDS, Framing
from ui.pages.overlays.scanner_measure import CODE, SCANS, Key, Measured, framing_for, measure, remark, rows_of
from ui.pages.overlays.status_pages import SCANNER, Overlay, Status
from ui.pages.page_context import PageContext, RebuiltPanel
from ui.widgets import Notice, QrCodeView
from ui.widgets.frame import Action, FrameState, back_action
from ui.widgets.surfaces import Surface

log = logging.getLogger(__name__)

PAUSE_MILLISECONDS = round(END_SECONDS * 1000) + 200  # after it the scan is over
PRACTICE = mark("Practice stores nothing. Used until the window closes.")
StoreSettings = Callable[[str, dict[str, str | int]], Path]


def store_settings(section: str, values: dict[str, str | int]) -> Path:
    """The configuration file's own writer. Raises BadInput."""
    from kiosk.settings_file import store_settings as store  # a page that is rarely opened

    return store(section, values)


class BarcodePage(Overlay):
    """`store` writes settings into the configuration file."""

    takes_scans = True

    def __init__(self, context: PageContext, status: Callable[[], Status], store: StoreSettings = store_settings) -> None:
        super().__init__(context, status)
        widgets, self._store = context.widgets, store
        self.scans: tuple[Measured, ...] = ()
        self._keys: list[Key] = []
        self.stored, self._said = False, ("", "")  # tone and sentence about what was done
        self._code = QrCodeView(widgets)
        head = widgets.centred(tr("Scan this code three times"), "title")
        below = widgets.centred(tr("A photo of it on a phone will do as well."))
        left = widgets.lay_out(Surface(widgets, "area"), widgets.stack(self._code, head, below, gap="m", grow=(0,)), "pad")
        left.set_colours("accent_soft", "accent", "ring")
        self._table, self._notice = RebuiltPanel(widgets), Notice(widgets, behind="ground")
        right = widgets.body(widgets.stack(self._table, self._notice, gap="m", grow=(0,)))
        self.setLayout(widgets.columns((left, 5), (right, 7)))
        self._pause = self.timer(PAUSE_MILLISECONDS, self._end_scan, once=True)
        context.barcode_scanner.key_seen.connect(self._note_key)

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._code.show_code(CODE, tr("Code to try the scanner with"))
        self.context.barcode_scanner.measuring = True
        self.other()

    def leave(self) -> None:
        self.context.barcode_scanner.measuring = False
        self._pause.stop()
        super().leave()

    # -- measuring

    def _note_key(self, typed: str, by_place: str, moment: float) -> None:
        if self.context.barcode_scanner.measuring and len(self.scans) < SCANS:
            self._keys.append(Key(typed=typed, by_place=by_place, moment=moment))
            self._pause.start()

    def _end_scan(self) -> None:
        scan, self._keys = measure(self._keys), []
        if scan is None:
            self._notice.show_notice("attention", tr("That was no scan. Scan the code on this page."))
            return
        self.scans += (scan,)
        self.context.sounds.accepted()
        self.draw()

    def draw(self) -> None:
        """Show what was measured so far."""
        widgets = self.context.widgets
        grid = QGridLayout()
        grid.setVerticalSpacing(widgets.t.space("s"))
        grid.setHorizontalSpacing(widgets.t.space("m"))
        heads = (tr("Scan"), *(str(number + 1) for number in range(SCANS)), tr("Used"))
        for line, row in enumerate((heads, *rows_of(self.scans))):
            for column, words in enumerate(row):
                role = "small" if line == 0 else "body" if column == 0 else "strong"
                label = widgets.text(words, role, "muted" if line == 0 else "text", wrap=column == 0)
                grid.addWidget(label, line, column, Qt.AlignmentFlag(0) if column == 0 else Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        metrics = widgets.metrics("strong", "tabular")
        for column in range(1, SCANS + 2):  # what comes later moves nothing
            grid.setColumnMinimumWidth(column, max(metrics.width(words) for words in (tr("none"), "Enter")))
        count = tr("{count} of {limit}", count=len(self.scans), limit=SCANS)
        title = widgets.row(widgets.text(tr("Measured"), "title"), ..., widgets.text(count, "title", "accent", wrap=False))
        self._table.rebuild(widgets.stack(title, widgets.rule(), grid, ..., gap="m"))
        self._notice.show_notice(*(self._said if self._said[1] else remark(self.scans)))
        self.redrawn.emit()

    # -- the frame

    def frame_state(self) -> FrameState:
        waiting = tr("Waiting for scan {number}", number=len(self.scans) + 1)
        primary = Action(words=waiting, icon="qr-code-bold", enabled=False)
        if self.stored:
            primary = Action(words=tr("Back to the counter"))
        elif len(self.scans) == SCANS:
            primary = Action(words=tr("Save"), icon="check-bold")
        again = Action(words=tr("Start again"), icon="arrow-clockwise-bold")
        return FrameState(title=tr("How does this scanner type?"), step=0, primary=primary, back=back_action(), other=again)

    def handle_scan(self, _text: str) -> str:
        return ""

    def other(self) -> None:
        self.scans, self._keys, self.stored, self._said = (), [], False, ("", "")
        self.draw()

    def back(self) -> None:
        self.opened.emit(SCANNER, "")

    def primary(self) -> None:
        if self.stored:
            self.closed.emit()
        elif len(self.scans) == SCANS:
            self._save(framing_for(self.scans))

    def _save(self, framing: Framing) -> None:
        self.context.barcode_scanner.use_framing(framing)
        if self.context.kiosk.training is not None:
            self._show_stored("attention", tr(PRACTICE))
            return
        values: dict[str, str | int] = {"gap_ms": round(framing.gap_seconds * 1000), "prefix": framing.prefix, "suffix": framing.suffix}
        self.act(self._stored(values), lambda _path: self._show_stored("ok", tr("Stored in the settings of this kiosk.")), self._say_why)

    async def _stored(self, values: dict[str, str | int]) -> Path:
        """Recorded before they are stored."""
        await self.context.kiosk.record.record_settings("barcode", values)
        return await asyncio.to_thread(self._store, "barcode", values)

    def _say_why(self, error: Exception) -> None:
        if not isinstance(error, BadInput | StoreFailed):
            self.context.bridge.unhandled.emit(error)
            return
        words = tr("Not stored: {reason}. Used until the window closes.", reason=error.reason)
        log.warning("the scanner's settings are not stored: %s", error)
        self._show_stored("attention", words)

    def _show_stored(self, tone: str, words: str) -> None:
        self.stored, self._said = True, (tone, words)
        self.draw()
