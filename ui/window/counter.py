"""A started kiosk with what the window needs of its settings, for the counter and for training.

`open_counter` and `open_training` run on the I/O thread and raise StoreInUse, StoreFailed or BadInput, which the first page shows; a kiosk
that was built and does not start is stopped again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from kiosk.domain.language import use_language
from kiosk.domain.money.pay_code import NO_CODE, PayTemplate
from kiosk.station.events import Announce
from kiosk.station.ports import Printer
from kiosk.station.services.kiosk import Kiosk
from ui.input_rules import Framing
from ui.window.logs import start_logging


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A started kiosk, and what the window needs of its settings. `zone` None is the machine's own."""

    kiosk: Kiosk
    zone: tzinfo | None
    payment_methods: tuple[str, ...]
    sound_volume: float
    pay_code: PayTemplate = NO_CODE
    quick_notes: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    advance_seconds: float = 0.0
    framing: Framing = field(default_factory=Framing)


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
    zone, kiosk = zone_of(settings), build(settings)
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
        pay_code=settings.payment.code,
        quick_notes=settings.payment.quick_notes,
        advance_seconds=settings.ui.advance_seconds,
        framing=Framing.of(settings.barcode.gap_ms, settings.barcode.prefix, settings.barcode.suffix),
    )
