"""Battery readings. The key is what makes a reading the same one, and finds the latest of a battery at one place of its index, however many
there are."""

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text

from kiosk.platform.store.tables import ID, metadata
from kiosk.shared.sql.column_types import UtcDateTime

telemetry = Table(
    "platform_telemetry",
    metadata,
    Column("asset_id", ID, nullable=False),  # normalised
    Column("read_at", UtcDateTime, nullable=False),
    Column("station_id", String(128), nullable=False),  # "" where it is not told
    Column("document", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("asset_id", "read_at", "station_id"),
)
