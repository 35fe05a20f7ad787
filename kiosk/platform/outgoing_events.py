"""The events that the platform publishes for people and systems that follow a plan: SERVICE_COMPLETED and PAYMENT_RECEIVED."""

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.store_values import EventToPublish
from kiosk.wire.actions import Topics, topic_for
from kiosk.wire.exact_json import dumps

TOPICS = Topics()
SERVICE_COMPLETED, PAYMENT_RECEIVED = "SERVICE_COMPLETED", "PAYMENT_RECEIVED"


def to_publish(event: Json, plan: ServicePlan) -> tuple[EventToPublish, ...]:
    """The event with its topic; none where the plan publishes no events (decision 21)."""
    if not plan.publishes_events:
        return ()
    pattern = TOPICS.payment_received if event["event_type"] == PAYMENT_RECEIVED else TOPICS.service_completed
    return (EventToPublish(event_id=event["event_id"], topic=topic_for(pattern, plan.id), payload=dumps(event)),)
