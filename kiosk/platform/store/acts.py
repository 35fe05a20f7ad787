"""The record of what people and stations did that matters: who, what, when, and ids. No names of customers, no free text.

The one place that writes it, so that whoever chains the record finds all of it here.
"""

from datetime import datetime

from sqlalchemy import Connection, insert

from kiosk.platform.store.station_tables import acts
from kiosk.wire.exact_json import dumps

_ADD = insert(acts)
MAX_WHO = 128


def record_act(connection: Connection, at: datetime, act: str, who: str, **ids: str) -> None:
    """Write one act, in the caller's transaction."""
    connection.execute(_ADD, {"at": at, "who": who[:MAX_WHO], "act": act, "ids": dumps(ids).decode()})
