"""Subscriptions to the answers about single plans, made when they are needed: a station never listens to all stations' plans.

At most `most` plans' topics are kept, the least recently used are given up first; an answer that comes after that is lost like any other
lost answer, and the completion is sent again. After a break of the link all kept topics are subscribed again.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kiosk.shared.mqtt.link import MqttMessage
from kiosk.shared.mqtt.session import MqttSession, Subscription
from kiosk.wire.actions import topic_for
from kiosk.wire.completion_answers import Unintelligible

log = logging.getLogger(__name__)
MAX_PLANS = 64
PlanHandler = Callable[[str, MqttMessage], None]


@dataclass(frozen=True, slots=True)
class Understood[T]:
    """A handler that calls `use` with what a message says of a plan; what cannot be understood is logged, and whoever waits goes on."""

    read: Callable[[str, bytes], T | Unintelligible]
    use: Callable[[T], None]
    kind: str = "an answer"

    def __call__(self, plan_id: str, message: MqttMessage) -> None:
        said = self.read(plan_id, message.payload)
        if isinstance(said, Unintelligible):
            log.warning("%s on %s %s", self.kind, message.topic, said.reason)
        else:
            self.use(said)


class AnswerSubscriptions:
    """The topics of some patterns, for each plan in use. `handlers`: by pattern (`{plan_id}` inside), what is called with the plan's id and
    each message."""

    def __init__(self, session: MqttSession, handlers: dict[str, PlanHandler], most: int = MAX_PLANS) -> None:
        self._session, self._handlers, self._most = session, handlers, most
        self._kept: OrderedDict[str, list[Subscription]] = OrderedDict()

    async def need(self, plan_id: str) -> None:
        """Until the broker has granted all topics of this plan. Raises LinkDown; BadInput for an id that is no plan id."""
        kept = self._kept.get(plan_id) or self._listen(plan_id)
        self._kept.move_to_end(plan_id)
        if not all(each.granted for each in kept):
            await asyncio.gather(*(self._session.ready(each) for each in kept))

    def _listen(self, plan_id: str) -> list[Subscription]:
        topics = {topic_for(pattern, plan_id): partial(handler, plan_id) for pattern, handler in self._handlers.items()}
        kept = self._kept[plan_id] = [self._session.listen(topic, handler) for topic, handler in topics.items()]
        while len(self._kept) > self._most:
            _, given_up = self._kept.popitem(last=False)
            for each in given_up:
                self._session.forget(each)
        return kept
