"""What the operator decides for the whole platform, and the events that it publishes for people and systems that follow a plan."""

from dataclasses import dataclass, field

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.store_values import EventToPublish
from kiosk.wire.actions import Topics, topic_for
from kiosk.wire.exact_json import dumps

SERVICE_COMPLETED, PAYMENT_RECEIVED = "SERVICE_COMPLETED", "PAYMENT_RECEIVED"


def to_publish(event: Json, plan: ServicePlan, topics: Topics) -> tuple[EventToPublish, ...]:
    """The event with its topic; none where the plan publishes no events (decision 21)."""
    if not plan.publishes_events:
        return ()
    pattern = topics.payment_received if event["event_type"] == PAYMENT_RECEIVED else topics.service_completed
    return (EventToPublish(event_id=event["event_id"], topic=topic_for(pattern, plan.id), payload=dumps(event)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRules:
    """What the platform's configuration decides."""

    limits: FitnessLimits = field(default_factory=FitnessLimits)
    collectable: Collectable = field(default_factory=Collectable)
    topics: Topics = field(default_factory=Topics)
