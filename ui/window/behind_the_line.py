"""The pages behind the status line and over a swap, by the key that opens them."""

from collections.abc import Callable, Mapping

from ui.pages.bind.page import BindPage
from ui.pages.overlays.barcode_page import BarcodePage
from ui.pages.overlays.hand_over_page import HandOverPage
from ui.pages.overlays.health_page import HealthPage
from ui.pages.overlays.link_page import LinkPage
from ui.pages.overlays.money_back_page import MoneyBackPage
from ui.pages.overlays.outbox_page import OutboxPage
from ui.pages.overlays.status_pages import LINK, OUTBOX, PRINTER, SCANNER, Overlay, PrinterPage, ScannerPage, Status
from ui.pages.page_context import BARCODE, BIND, MONEY_BACK, PageContext
from ui.widgets.status_line import HEALTH, PERSON

OverlayMaker = Callable[[PageContext, Callable[[], Status]], Overlay]
STATUS_PAGES: Mapping[str, OverlayMaker] = {
    LINK: LinkPage,
    OUTBOX: OutboxPage,
    SCANNER: ScannerPage,
    PRINTER: PrinterPage,
    BIND: BindPage,
    BARCODE: BarcodePage,
    HEALTH: HealthPage,
    MONEY_BACK: MoneyBackPage,
    PERSON: HandOverPage,
}
