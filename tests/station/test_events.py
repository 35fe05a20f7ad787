"""The hub of announcements: everybody who subscribed, in order."""

from datetime import UTC, datetime

from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, EventHub, PlanRefreshed

UP = LinkChanged(connected=True, since=datetime(2026, 11, 21, tzinfo=UTC))


def test_each_event_reaches_everybody_in_the_order_of_subscribing() -> None:
    hub, seen = EventHub(), list[tuple[str, Event]]()
    hub.announce(UP)  # nobody is there yet, and that is no error
    hub.subscribe(lambda event: seen.append(("first", event)))
    hub.subscribe(lambda event: seen.append(("second", event)))
    plan = PlanRefreshed(plan_id="P-1")
    for event in (UP, plan):
        hub.announce(event)
    assert seen == [("first", UP), ("second", UP), ("first", plan), ("second", plan)]
