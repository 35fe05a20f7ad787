"""The audit trail: who did what to which swap, in the order it happened. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import Connection, insert

from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables

_ADD = insert(tables.audit)


def add_entry(connection: Connection, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
    """One entry, as part of the caller's transaction."""
    connection.execute(_ADD, {"at": at, "what": what, "correlation_id": correlation_id, "detail": detail})


class AuditTrail(Database):
    """The part of the store that is the audit trail's."""

    def audit(self, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
        """One entry on its own. Raises StoreFailed."""
        with self.writing() as connection:
            add_entry(connection, at, what, correlation_id, detail)
