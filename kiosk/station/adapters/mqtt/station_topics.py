"""The topics of one station alone (contract, "Additions of the second round"): answers on `rtrn/abs/station/{station}/{verb}`, payments of
its own transactions on `event/abs/station/{station}/payment_received`.

A station that knows the platform's key listens to these and nothing else. One that does not listens to the contract's topics of its plans
too, because an older broker does not let it read its own, or an older platform not answer there. Where the platform was heard last is
where it is asked to answer; a question that is asked again asks for the other.
"""

from dataclasses import dataclass

from kiosk.wire.actions import WireAction
from kiosk.wire.station_topics import own_answer_topic, own_payment_topic


@dataclass(slots=True)
class StationTopics:
    """Shared by all that one session asks. `alone`: nothing else is listened to. `heard_on_own` is where the platform was heard last."""

    station_id: str
    alone: bool = False
    heard_on_own: bool = True

    def answer(self, action: WireAction) -> str:
        """Where this station alone is answered."""
        return own_answer_topic(self.station_id, action.verb)

    @property
    def payment_received(self) -> str:
        """Where this station alone is told of payments."""
        return own_payment_topic(self.station_id)
