"""Rows of the platform's record, each written in the transaction of its act (decision 37)."""

from datetime import datetime

from sqlalchemy import Connection

from kiosk.platform.store.tables import record_head, record_rows
from kiosk.shared.sql.record_table import RecordedAct, RecordTable

record = RecordTable(record_rows, record_head)


def record_act(connection: Connection, at: datetime, act: str, who: str = "", text: str = "", **ids: str) -> int:
    """An act of a person, as part of the caller's transaction; the row's number. `act` is constant words, `who` an id, `ids` name no
    customer; what the person said or wrote is the `text`. What cannot be recorded is not done: the transaction fails as a whole."""
    return record.append(connection, RecordedAct(at=at, what=act, who=who, ids=ids, detail=text))
