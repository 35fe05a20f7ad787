"""What is imported and built after the first painted page: the bridge, the pages, and the kiosk itself.

`ui.window.main_window` imports this module in a background thread by its name. `open_counter` and `open_training` run on the I/O thread
and raise StoreInUse, StoreFailed or BadInput, which the first page shows; a kiosk that was built and does not start is stopped again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from kiosk.domain.language import use_language
from kiosk.domain.money.pay_code import NO_CODE, PayTemplate
from kiosk.domain.swap.swap import Step
from kiosk.station.events import Announce
from kiosk.station.ports import Printer
from kiosk.station.services.kiosk import Kiosk
from ui.bridge import Bridge
from ui.devices.barcode_scanner import BarcodeScanner
from ui.devices.sounds import Sounds
from ui.pages.battery.page import NewPage, ReturnedPage
from ui.pages.customer.page import CustomerPage
from ui.pages.done import DonePage
from ui.pages.overlays.outbox_page import OutboxPage
from ui.pages.overlays.status_pages import LINK, OUTBOX, PRINTER, SCANNER, LinkPage, PrinterPage, ScannerPage
from ui.pages.page_context import PageContext
from ui.pages.payment.page import PaymentPage
from ui.pages.review import ReviewPage
from ui.pages.training import TrainingPage
from ui.widgets.frame import Frame
from ui.window.boot_settings import start_logging
from ui.window.wizard import OverlayMaker, PageMaker, SwapWizard

__all__ = ["BarcodeScanner", "Bridge", "Counter", "OpenCounter", "make_wizard", "open_counter", "open_training"]

LEARNT_SWAPS = 10  # from the history; twice as many readings are counted
PAGES: Mapping[Step, PageMaker] = {
    Step.CUSTOMER: CustomerPage,
    Step.RETURNED: ReturnedPage,
    Step.NEW: NewPage,
    Step.PAYMENT: PaymentPage,
    Step.REVIEW: ReviewPage,
    Step.DONE: DonePage,
}
STATUS_PAGES: Mapping[str, OverlayMaker] = {LINK: LinkPage, OUTBOX: OutboxPage, SCANNER: ScannerPage, PRINTER: PrinterPage}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A started kiosk, and what the window needs of its settings. `zone` None is the machine's own."""

    kiosk: Kiosk
    zone: tzinfo | None
    payment_methods: tuple[str, ...]
    sound_volume: float
    supervisors: tuple[str, ...] = ()
    pay_code: PayTemplate = NO_CODE


OpenCounter = Callable[[Announce], Awaitable[Counter]]


async def open_counter(announce: Announce) -> Counter:
    """The kiosk for the counter, as configured. Raises StoreInUse, StoreFailed, BadInput."""
    from kiosk import bootstrap  # the heavy libraries, here on the I/O thread

    return await _open(lambda settings: bootstrap.build_kiosk(settings, announce, instance=bootstrap.COUNTER, printer_factory=_qt_printer))


def _qt_printer(name: str) -> Printer:
    from ui.devices.qt_printer import QtPrinter  # QtPdf is for systems without CUPS only

    return QtPrinter(name)


async def open_training(announce: Announce) -> Counter:
    """The kiosk of training mode, in a world of its own. Raises StoreInUse, StoreFailed, BadInput."""
    from kiosk import bootstrap

    return await _open(lambda settings: bootstrap.build_training(settings, announce))


async def _open(build: Callable[[Any], Kiosk]) -> Counter:
    from kiosk.bootstrap import zone_of
    from kiosk.settings import load_settings
    from kiosk.shared.translations import translations_of

    settings = load_settings()
    use_language(translations_of(settings.ui.language))
    start_logging(settings.data / "logs")
    zone = zone_of(settings)
    kiosk = build(settings)
    try:
        await kiosk.start()
    except BaseException:
        await asyncio.shield(kiosk.stop())
        raise
    return Counter(
        kiosk=kiosk,
        zone=zone,
        payment_methods=settings.payment.methods,
        sound_volume=settings.ui.sound_volume,
        supervisors=settings.station.supervisors,
        pay_code=settings.payment.code,
    )


def make_wizard(frame: Frame, bridge: Bridge, counter: Counter) -> SwapWizard:
    """The wizard in `frame`; in training its first page offers what can be practised."""
    context = PageContext(
        kit=frame.kit,
        bridge=bridge,
        kiosk=counter.kiosk,
        sounds=Sounds(counter.sound_volume, frame),
        now=lambda: datetime.now(UTC),
        zone=counter.zone,
        payment_methods=counter.payment_methods,
        supervisors=counter.supervisors,
        pay_code=counter.pay_code,
    )
    bridge.run(counter.kiosk.history.reading_seconds(LEARNT_SWAPS), context.memory.learn)
    first = CustomerPage if counter.kiosk.training is None else TrainingPage
    return SwapWizard(frame, context, {**PAGES, Step.CUSTOMER: first}, STATUS_PAGES)
