"""The store of a counter, whose record is sealed by the key that lies in the data folder."""

from pathlib import Path

from kiosk.shared.record_key import KeyFile
from kiosk.station.adapters.record_files import STATION_KEY
from kiosk.station.adapters.store.sql_store import SqlStore, open_store


def open_station_store(database_url: str, data: Path) -> SqlStore:
    """As `open_store`; the record is sealed as soon as the station has a key. Raises StoreFailed, BadInput."""
    return open_store(database_url, KeyFile(data / STATION_KEY))
