"""Wiring: the only place that chooses adapters.

health     what a counter looks after
parts      from settings to parts, one function each
build      one kiosk of parts, built in order: for the counter, the terminal or training; and the terminal's own use of one: send what waits
"""

from kiosk.bootstrap.build import build_kiosk, build_training, deliver_outbox, open_scanner
from kiosk.bootstrap.health import ANY_BATTERY, certificate_files
from kiosk.bootstrap.parts import (
    COUNTER,
    TERMINAL,
    TRAINING,
    archive_of,
    bindings_of,
    link_of,
    own_topic,
    paper_of,
    people_making_of,
    people_of,
    people_sync_of,
    plan_source_of,
    plan_sync_of,
    platform_client_of,
    printer_of,
    receipts_of,
    record_of,
    scanner_of,
    session_of,
    signing_of,
    station_key_of,
    station_of,
    topics_of,
    zone_of,
)

__all__ = [
    "ANY_BATTERY",
    "COUNTER",
    "TERMINAL",
    "TRAINING",
    "archive_of",
    "bindings_of",
    "build_kiosk",
    "build_training",
    "certificate_files",
    "deliver_outbox",
    "link_of",
    "open_scanner",
    "own_topic",
    "paper_of",
    "people_making_of",
    "people_of",
    "people_sync_of",
    "plan_source_of",
    "plan_sync_of",
    "platform_client_of",
    "printer_of",
    "receipts_of",
    "record_of",
    "scanner_of",
    "session_of",
    "signing_of",
    "station_key_of",
    "station_of",
    "topics_of",
    "zone_of",
]
