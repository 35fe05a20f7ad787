"""The events that the platform publishes for people and systems that follow a plan: SERVICE_COMPLETED and PAYMENT_RECEIVED."""

from collections.abc import Iterable

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.store_values import EventToPublish, Snapshot
from kiosk.wire.actions import Topics, topic_for
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.station_topics import own_payment_topic

TOPICS = Topics()
SERVICE_COMPLETED, PAYMENT_RECEIVED = "SERVICE_COMPLETED", "PAYMENT_RECEIVED"


def to_publish(event: Json, plan: ServicePlan, listening: Iterable[str] = ()) -> tuple[EventToPublish, ...]:
    """The event with its topics: a payment's is told to the stations that wait for it too, each on its own. None where the plan publishes
    no events (decision 21)."""
    if not plan.publishes_events:
        return ()
    paid = event["event_type"] == PAYMENT_RECEIVED
    topics = [topic_for(TOPICS.payment_received if paid else TOPICS.service_completed, plan.id)]
    topics += [own_payment_topic(each) for each in listening] if paid else []
    payload = dumps(event)
    return tuple(EventToPublish(event_id=event["event_id"], topic=each, payload=payload) for each in topics)


def told_at_claim(snapshot: Snapshot, station: str) -> tuple[EventToPublish, ...]:
    """What was paid before the station began the transaction: for it, or for its plan without naming one (decision 27)."""
    if not snapshot.plan.publishes_events:
        return ()
    events = [(loads(each.event)["event_id"], each.event.encode()) for each in snapshot.paid_before]
    return tuple(EventToPublish(event_id=name, topic=own_payment_topic(station), payload=event) for name, event in events)
