"""A counter with its window in a process of its own, which is led through a swap and kills itself (as `kill -9` does) at one of `MOMENTS`.

    python -m tests.end_to_end.dying_window FOLDER PORT PLAN_ID MOMENT

What goes on by itself does so here. Prints the swap's correlation id before it ends.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from kiosk.bootstrap import build_kiosk
from kiosk.domain.swap.swap import Step, next_step
from kiosk.station.services.kiosk import Kiosk
from tests.end_to_end.world import NEW, settings_in
from tests.ui.screens import ARMING_MILLISECONDS, widgets_of
from ui.bridge import Bridge
from ui.devices.sounds import Sounds
from ui.pages.customer.page import CustomerPage
from ui.pages.page_context import PageContext
from ui.widgets.frame import Frame
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.wizard import PAGES, SwapWizard

WAIT_MILLISECONDS = 40_000
GOES_ON_SECONDS = 0.3
MOMENTS = ("found", "returned", "list", "review", "back on the list", "back on the returned reading", "back on found", "payment")


def spin(happened: Callable[[], bool], milliseconds: int = WAIT_MILLISECONDS) -> None:
    """Run the window's loop until it happened."""
    deadline = QDeadlineTimer(milliseconds)
    while not happened():
        if deadline.hasExpired():
            sys.exit("it did not happen")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


class DyingWindow:
    """The window, and the moment at which it dies."""

    def __init__(self, kiosk: Kiosk, bridge: Bridge, moment: str) -> None:
        widgets = widgets_of()
        self.frame, self.moment = Frame(widgets), moment
        context = PageContext(
            widgets=widgets,
            bridge=bridge,
            kiosk=kiosk,
            sounds=Sounds(0.0, self.frame),
            now=lambda: datetime.now(UTC),
            zone=UTC,
            payment_methods=("CASH",),
            advance_seconds=GOES_ON_SECONDS,
        )
        self.wizard = SwapWizard(self.frame, context, PAGES, STATUS_PAGES)
        self.wizard.start()
        self.frame.show()
        spin(self.frame.isVisible)

    def at(self, title: str) -> bool:
        """Whether the page with this title is shown and has no work under way that a press began."""
        return self.frame.state is not None and self.frame.state.title == title and not self.wizard.acting

    def reach(self, moment: str, title: str) -> None:
        """Wait for the page; die where this is the moment."""
        spin(lambda: self.at(title))
        if moment == self.moment:
            page = self.wizard.page
            found = page.found if isinstance(page, CustomerPage) else None
            swap = found.swap if found is not None else self.wizard.swap
            if swap is not None:
                print(swap.correlation_id, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    def back(self) -> None:
        spin(lambda: self.frame.bar.allows("back"), ARMING_MILLISECONDS)
        self.frame.bar.back.click()

    def swap_and_die(self, plan_id: str) -> None:
        """As far as the moment."""
        self.wizard.scan(plan_id)
        self.reach("found", "Customer found")
        self.reach("returned", "Returned battery")
        self.reach("list", "Choose the new battery")
        self.wizard.scan(NEW)
        spin(lambda: next_step(self.wizard.swap) in (Step.PAYMENT, Step.REVIEW))
        self.reach(self.moment if self.moment == "payment" else "review", self.frame.state.title if self.frame.state else "")
        for moment, title in zip(MOMENTS[4:], ("Choose the new battery", "Returned battery", "Customer found"), strict=False):
            self.back()
            self.reach(moment, title)


def main(folder: str, port: str, plan_id: str, moment: str) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication([])
    bridge = Bridge()
    bridge.start()
    kiosks: list[Kiosk] = []

    async def opened() -> Kiosk:
        kiosk = build_kiosk(settings_in(Path(folder), int(port)), bridge.announce)
        await kiosk.start()
        await kiosk.link.wait_until_tried()
        return kiosk

    bridge.run(opened(), kiosks.append)
    spin(lambda: bool(kiosks))
    DyingWindow(kiosks[0], bridge, moment).swap_and_die(plan_id)
    application.quit()


if __name__ == "__main__":
    main(*sys.argv[1:])
