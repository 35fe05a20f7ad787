"""Opening the store: the schema is brought up to date, then the parts are handed out as one.

Raises StoreFailed, with a phrase for people, when the file is no database, is damaged or cannot be written, when the disk does not take
the settings that keep a swap safe, when the database is a newer version's, and when its tables are another program's.
"""

from pathlib import Path

from kiosk.shared.sql.engine import make_engine
from kiosk.station.adapters.store.audit_trail import AuditTrail
from kiosk.station.adapters.store.journal import Journal
from kiosk.station.adapters.store.outbox_queue import OutboxQueue
from kiosk.station.adapters.store.plan_cache import PlanCache
from kiosk.station.adapters.store.plan_sync_state import PlanSyncState
from kiosk.station.adapters.store.reading_queue import ReadingQueue
from kiosk.station.adapters.store.swap_history import SwapHistory
from kiosk.station.adapters.store.upgrade import upgrade
from kiosk.station.adapters.store.used_receipts import UsedReceipts


class SqlStore(Journal, OutboxQueue, SwapHistory, PlanCache, PlanSyncState, UsedReceipts, ReadingQueue, AuditTrail):
    """The `Store` of the ports on SQLAlchemy. Synchronous; one transaction a call, none held between calls; for one thread."""


def open_store(where: str | Path) -> SqlStore:
    """The store in an SQLite file (a path; its folder is made) or at an SQLAlchemy URL. Raises StoreFailed, BadInput for the URL."""
    store = SqlStore(make_engine(where))
    try:
        upgrade(store)
    except BaseException:
        store.close()
        raise
    return store
