"""Requests that were refused, and swaps that were begun and not completed: a person settles them, unless the same key is booked first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.times import iso_utc
from kiosk.platform.store.open_items import OpenList
from kiosk.platform.store.store_values import OpenState
from kiosk.platform.store.tables import refusals
from kiosk.shared.sql.engine import Database

_FACTS = ("number", "correlation_id", "plan_id", "station_id", "attendant_id", "action", "reason", "first_at", "last_at", "times", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledRow:
    """What was refused, with the last reason, or begun and not completed; in either case not booked since.

    `note` is what was done when a person settled it before, empty where nobody did.
    """

    number: int
    correlation_id: str
    plan_id: str
    station_id: str
    attendant_id: str
    action: str
    state: OpenState
    reason: str
    first_at: datetime
    last_at: datetime
    times: int
    note: str = ""

    def as_json(self) -> Json:
        """Every fact, for the terminal."""
        return {
            "number": self.number,
            "state": self.state.value,
            "reason": self.reason,
            "plan_id": self.plan_id,
            "correlation_id": self.correlation_id,
            "action": self.action,
            "station_id": self.station_id or None,
            "attendant_id": self.attendant_id or None,
            "first_at": iso_utc(self.first_at),
            "last_at": iso_utc(self.last_at),
            "times": self.times,
            "note": self.note or None,
        }


class UnsettledRequests(OpenList[UnsettledRow]):
    """The list for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, refusals, "unsettled request", _as_row)


def _as_row(row: RowMapping) -> UnsettledRow:
    return UnsettledRow(state=OpenState(row["state"]), **{name: row[name] for name in _FACTS})
