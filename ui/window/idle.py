"""When nobody is at the counter: a page that shows a customer's data is put away after IDLE_SECONDS without a touch, a key or a scan.

| shown | after two minutes without input |
|---|---|
| customer found, nothing read | the swap ends, with the reason in the journal |
| a page of a swap in which something was read or paid | the swap is kept for later, with the reason in the journal |
| typing a code, a refusal, kept swaps, Done, a page behind the status line | the first page; nothing ends |
| idle page, looking a customer up, reading, payment, printing, a press at work | stays (`Page.works`, or nothing to hide) |

Where people sign in nothing is put away: the counter is locked instead, which hides the same and ends nothing (`ui.window.people_gate`).

The last COUNTED_SECONDS are counted on the screen; any touch, key or scan stops that and everything begins again. The time is passed in.
"""

from collections.abc import Callable, Sequence
from math import ceil

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

from kiosk.domain.language import tr
from ui.pages.page_context import Page

IDLE_SECONDS = 120.0
COUNTED_SECONDS = 10.0
REASON = "nobody touched anything for 2 minutes"  # for the journal, which is kept in English
INPUTS = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress, QEvent.Type.Wheel})


class IdleWatch(QObject):
    """Used in the window's thread. `clock` tells seconds that never jump."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock, self._since, self._counts_down, self._touched = clock, clock(), False, True

    def watch(self, window: QWindow) -> None:
        """See what people do in this window from now on, before any widget does."""
        window.installEventFilter(self)

    def eventFilter(self, _receiver: QObject, event: QEvent) -> bool:
        """Takes nothing away."""
        if event.type() in INPUTS:
            self.touch()
        return False

    def touch(self) -> None:
        """Somebody is there."""
        self._since, self._touched = self._clock(), True

    def was_touched(self) -> bool:
        """Whether somebody was there since this was asked last."""
        touched, self._touched = self._touched, False
        return touched

    def seconds_left(self) -> float:
        """Until the page is put away; 0 or less when it is time."""
        return IDLE_SECONDS - (self._clock() - self._since)

    def look(self, shown: Sequence[Page], say: Callable[[str, str], None]) -> None:
        """Put these pages away that show something of a customer, when nobody has touched anything for long; `say` a notice before."""
        if any(page.works for page in shown) or not any(page.shows_customer for page in shown):
            self.touch()
        left = self.seconds_left()
        if left <= 0:
            self.touch()
            for page in reversed(shown):
                page.put_away(REASON)
        elif left <= COUNTED_SECONDS:
            self._counts_down = True
            say("attention", tr("Nobody here? Back to the start in {seconds} s. Touch to stay.", seconds=ceil(left)))
        elif self._counts_down:
            self._counts_down = False
            say("ok", "")
