"""What a counter looks after, and how often. The terminal's `doctor` looks at the same parts in the same way, once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from kiosk.settings import Settings
from kiosk.shared.system import Clock, is_synchronised
from kiosk.station.adapters.http.client import PlatformClient
from kiosk.station.events import Announce
from kiosk.station.health import Health, HealthPart
from kiosk.station.ports import BatteryScanner, Printer
from kiosk.station.services.health_checks import (
    ClockCheck,
    certificates_health,
    disk_health,
    platform_health,
    printer_health,
    reader_health,
)
from kiosk.station.services.health_watch import HealthCheck, HealthWatch
from kiosk.station.services.record import Record

ANY_BATTERY = "/api/v1/assets/DOCTOR/telemetry/latest"  # a question that needs the token; that there is no such battery is an answer
SLOW_SECONDS, DAILY_SECONDS = 60.0, 3600.0


def health_watch_of(
    settings: Settings,
    scanner: BatteryScanner,
    printer: Printer,
    client: PlatformClient | None,
    record: Record,
    clock: Clock,
    announce: Announce,
    *,
    ahead: Callable[[], timedelta] | None = None,
) -> HealthWatch:
    """The lights of one counter. `ahead` is what the platform's clock is ahead, where it says so."""

    question = None if client is None else partial(client.get, ANY_BATTERY)

    async def certificates() -> Health:
        return certificates_health(certificate_files(settings), clock.now())

    checks = (
        HealthCheck(part=HealthPart.READER, look=lambda: reader_health(scanner)),
        HealthCheck(part=HealthPart.PRINTER, look=lambda: printer_health(printer)),
        HealthCheck(part=HealthPart.PLATFORM, look=lambda: platform_health(question), every_seconds=SLOW_SECONDS),
        HealthCheck(part=HealthPart.DISK, look=lambda: disk_health(settings.data), every_seconds=SLOW_SECONDS),
        HealthCheck(part=HealthPart.CLOCK, look=ClockCheck(clock, is_synchronised, record.note_clock, ahead)),
        HealthCheck(part=HealthPart.CERTIFICATES, look=certificates, every_seconds=DAILY_SECONDS),
        HealthCheck(part=HealthPart.RECORD, look=record.health),
    )
    return HealthWatch(checks, announce)


def certificate_files(settings: Settings) -> tuple[Path, ...]:
    """What the link to the broker uses, as configured."""
    return tuple(each for each in (settings.mqtt.tls_ca, settings.mqtt.tls_cert) if each is not None)
