"""The data that the support commands read and write, also beside a running kiosk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.station.ports import Store


@contextmanager
def opened_store() -> "Iterator[Store]":
    """The store that the settings name, closed afterwards. Raises BadInput, StoreFailed."""
    from kiosk.settings import load_settings
    from kiosk.station.adapters.store.sql_store import open_store

    store = open_store(load_settings().database_url)
    try:
        yield store
    finally:
        store.close()
