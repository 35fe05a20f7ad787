"""How much waits to be published: for the figures."""

from sqlalchemy import func, select

from kiosk.platform.store.tables import outgoing_events
from kiosk.shared.sql.engine import Database

MOST_COUNTED = 10_000
_WAITING = select(outgoing_events.c.number).where(outgoing_events.c.published_at.is_(None)).limit(MOST_COUNTED)
_COUNT = select(func.count()).select_from(_WAITING.subquery())


def events_waiting(database: Database) -> int:
    """Events stored and not yet published, MOST_COUNTED at most. Raises StoreFailed."""
    with database.reading() as connection:
        return connection.execute(_COUNT).scalar_one()
