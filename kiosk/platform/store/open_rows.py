"""The rows of what waits for a person: what was refused, or begun and not completed; and how many of them one station may add in an hour.

What is refused costs who asks nothing, so without a bound the true ones drown in what somebody makes up. Beyond REFUSALS_AN_HOUR new ones
of a station are counted in one row of that station and hour, which tells the last of them; refusals of plans that nobody knows are counted
so from the first on. A refusal that has its row already is the same row again, whatever was counted. Stations that never served anybody
count as one, because anybody can make up names. What is booked, and what waits since then, is never only counted.

The counts are of this process: several workers admit so much each, and a start begins anew.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from kiosk.platform.store import statements as sql
from kiosk.platform.store.store_values import OpenState, RequestFacts, RequestKey
from kiosk.platform.store.tables import plans

REFUSALS_AN_HOUR: Final = 200
COUNTED: Final = "counted"
"""The part of a row that counts; no request has it."""
_NOT_BOOKED = (OpenState.REFUSED, OpenState.UNPROVEN)
_SERVED = select(plans.c.plan_id).where(plans.c.station_id == bindparam("station")).limit(1)
_MAX_NAME = 60


@dataclass(slots=True)
class OpenRow:
    """What waits for a person from now on, and the request that caused it; `refused` is how often in this transaction."""

    facts: RequestFacts
    state: OpenState
    reason: str = ""
    refused: int = 0
    plan_known: bool = True


class HourlyRate:
    """How often each station did something in this hour: added a row, or asked for what is asked seldom."""

    def __init__(self, most: int = REFUSALS_AN_HOUR) -> None:
        self._most, self._hour = most, ""
        self._added: Counter[str] = Counter()

    def admits(self, station: str, at: datetime) -> bool:
        """Whether there is room for one more; counts it."""
        hour = hour_of(at)
        if hour != self._hour:
            self._hour, self._added = hour, Counter()
        if self._added[station] >= self._most:
            return False
        self._added[station] += 1
        return True


def hour_of(at: datetime) -> str:
    """As it stands in the id of a row that counts."""
    return f"{at:%Y-%m-%dT%H}"


def known_station(connection: Connection, station: str) -> str:
    """The station, if it has served anybody; else the empty name that all others share."""
    return station if station and connection.execute(_SERVED, {"station": station}).first() else ""


def write_open_row(connection: Connection, key: RequestKey, row: OpenRow, rate: HourlyRate) -> None:
    """In the caller's transaction: a row of its own, or one more in the row that counts."""
    if row.plan_known and _again(connection, key, row):
        return
    if row.state in _NOT_BOOKED:
        station = known_station(connection, row.facts.station_id)
        if not row.plan_known:
            key, row = _counted("UNKNOWN-PLANS", station, key, row)
        elif not rate.admits(station, row.facts.at):
            key, row = _counted("MORE-REFUSALS", station, key, row)
        if key.part == COUNTED and _again(connection, key, row):
            return
    new = {"correlation_id": key.correlation_id, "part": key.part, "first_at": row.facts.at, "times": max(1, row.refused), "note": ""}
    connection.execute(sql.ADD_REFUSAL, {**new, **_values(row)})


def _counted(what: str, station: str, key: RequestKey, row: OpenRow) -> tuple[RequestKey, OpenRow]:
    where = station[:_MAX_NAME] or "OTHER-STATIONS"
    reason = f"Counted and not listed one by one; the last was {key.correlation_id}: {row.reason}"
    counted = RequestKey(correlation_id=f"{what}-{where}-{hour_of(row.facts.at)}", part=COUNTED)
    return counted, replace(row, state=OpenState.REFUSED, reason=reason, refused=max(1, row.refused))


def _again(connection: Connection, key: RequestKey, row: OpenRow) -> bool:
    """Whether there is this row; it is open again."""
    known = {"correlation": key.correlation_id, "of_part": key.part, "more": row.refused}
    return connection.execute(sql.REFUSED_AGAIN, {**known, **_values(row)}).rowcount > 0


def _values(row: OpenRow) -> dict[str, object]:
    facts = row.facts
    return {
        "plan_id": facts.plan_id,
        "station_id": facts.station_id,
        "attendant_id": facts.attendant_id,
        "action": facts.action,
        "state": row.state,
        "reason": row.reason,
        "last_at": facts.at,
    }
