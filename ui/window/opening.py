"""What is imported and built after the first painted page: the kiosk, and the wizard in its window.

`ui.window.main_window` imports this module in a background thread by its name, with what opens the kiosk (`ui.window.counter`).
"""

from datetime import UTC, datetime
from time import monotonic

from kiosk.domain.swap.swap import Step
from ui.bridge import Bridge
from ui.devices.barcode_scanner import BarcodeScanner
from ui.devices.sounds import Sounds
from ui.pages.customer.page import CustomerPage
from ui.pages.page_context import PageContext
from ui.pages.training import TrainingPage
from ui.widgets.frame import Frame
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.counter import Counter, OpenCounter, open_counter, open_training
from ui.window.wizard import PAGES, SwapWizard

__all__ = ["BarcodeScanner", "Bridge", "Counter", "OpenCounter", "make_wizard", "open_counter", "open_training"]

LEARNT_SWAPS = 10  # from the history; twice as many readings are counted


def make_wizard(frame: Frame, bridge: Bridge, counter: Counter) -> SwapWizard:
    """The wizard in `frame` with its first page; in training that offers what can be practised."""
    context = PageContext(
        widgets=frame.widgets,
        bridge=bridge,
        kiosk=counter.kiosk,
        sounds=Sounds(counter.sound_volume, frame),
        now=lambda: datetime.now(UTC),
        zone=counter.zone,
        payment_methods=counter.payment_methods,
        pay_code=counter.pay_code,
        quick_notes=counter.quick_notes,
        barcode_scanner=BarcodeScanner(monotonic, counter.framing),
        advance_seconds=counter.advance_seconds,
    )
    bridge.run(counter.kiosk.history.reading_seconds(LEARNT_SWAPS), context.memory.learn)
    first = CustomerPage if counter.kiosk.training is None else TrainingPage
    wizard = SwapWizard(frame, context, {**PAGES, Step.CUSTOMER: first}, STATUS_PAGES)
    wizard.page_of(Step.CUSTOMER)
    return wizard
