"""A swap whose time cannot be right: booked all the same, because its battery has left, marked in its event, and listed for a person.

The time is the counter's, and its clock may be wrong, or the swap waited long at a counter without a link. Pure rules.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from kiosk.domain.agent.agent_result import AgentResult
from kiosk.domain.agent.specification_json import Json
from kiosk.domain.requests import CompleteService, Request
from kiosk.domain.times import iso_utc
from kiosk.platform.outgoing_events import SERVICE_COMPLETED
from kiosk.platform.store.store_values import OpenState, ToSettle
from kiosk.wire.signed_messages import MAX_APART

PART, LATE, FUTURE = "time", "late", "future"
MAX_LATE = timedelta(days=30)
_MARK, _EVENT = "transaction_time", "service_event"


def odd_time(request: Request, now: datetime) -> str:
    """LATE, FUTURE, or "" where the time of a completed swap can be right."""
    if not isinstance(request, CompleteService):
        return ""
    if request.transaction_timestamp > now + MAX_APART:
        return FUTURE
    return LATE if request.transaction_timestamp < now - MAX_LATE else ""


def with_mark(result: AgentResult, odd: str) -> AgentResult:
    """The same result; its event, wherever it stands, says that the time is odd."""
    if not odd or _EVENT not in result.metadata:
        return result
    events = tuple(_marked(each, odd) if each["event_type"] == SERVICE_COMPLETED else each for each in result.events)
    return replace(result, events=events, metadata={**result.metadata, _EVENT: _marked(result.metadata[_EVENT], odd)})


def _marked(event: Json, odd: str) -> Json:
    return {**event, "service_context": {**event["service_context"], _MARK: odd}}


def time_to_settle(request: Request, odd: str, now: datetime) -> tuple[ToSettle, ...]:
    """What a person has to look at; nothing where the time can be right."""
    if not odd or not isinstance(request, CompleteService):
        return ()
    said = f"The counter says that the swap was made at {iso_utc(request.transaction_timestamp)}; it came at {iso_utc(now)}."
    why = "Its clock is wrong, or the swap waited there for more than 30 days." if odd == LATE else "Its clock is wrong."
    return (ToSettle(part=PART, state=OpenState.ODD_TIME, reason=f"{said} {why} It is booked."),)
