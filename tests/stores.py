"""What a kiosk has stored, for tests that look behind its services."""

from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.kiosk import Kiosk


def store_of(kiosk: Kiosk) -> SqlStore:
    """The kiosk's own store, to be used on its loop."""
    store = kiosk.history._store
    assert isinstance(store, SqlStore)
    return store
