"""The rows of a completed swap by sqlite3 alone, one transaction. The file has the schema and the journal's row already."""

import sqlite3
from pathlib import Path

from tests.bench.floors.rows import PRAGMAS, SwapRows

_SAVE = "UPDATE swaps SET status = 'completed', saved_at = ?, journal = ? WHERE correlation_id = ?"
_QUEUE = (
    "INSERT INTO outbox (correlation_id, plan_id, incoming_battery_id, outgoing_battery_id, state, created_at)"
    " VALUES (?, ?, ?, ?, 'unsettled', ?)"
)
_STEP = "INSERT INTO outbox_steps (correlation_id, position, action, topic, payload) VALUES (?, 0, 'COMPLETE_SERVICE', ?, ?)"
_NOTE = "INSERT INTO audit (at, what, correlation_id) VALUES (?, 'completed', ?)"


def connect(file: Path) -> sqlite3.Connection:
    """A connection on which the statements below say themselves when a transaction begins; any thread may use it."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for each in PRAGMAS:
        connection.execute(each)
    return connection


def commit(connection: sqlite3.Connection, rows: SwapRows) -> None:
    """One swap, committed."""
    at = rows.at.isoformat(" ")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_SAVE, (at, rows.journal, rows.correlation_id))
    batteries = (rows.incoming_battery_id, rows.outgoing_battery_id)
    connection.execute(_QUEUE, (rows.correlation_id, rows.plan_id, *batteries, at))
    connection.execute(_STEP, (rows.correlation_id, rows.topic, rows.payload))
    connection.execute(_NOTE, (at, rows.correlation_id))
    connection.execute("COMMIT")
