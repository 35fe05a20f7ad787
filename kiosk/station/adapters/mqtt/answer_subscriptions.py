"""Subscriptions to the answers about single plans, made when they are needed: a station never listens to all stations' plans.

At most `most` plans' topics are kept, the least recently used are given up first; an answer that comes after that is lost like any other
lost answer, and the completion is sent again. After a break of the link all kept topics are subscribed again.
"""

import asyncio
from collections import OrderedDict

from kiosk.shared.mqtt.session import Handler, MqttSession, Subscription
from kiosk.wire.actions import topic_for

MAX_PLANS = 64


class AnswerSubscriptions:
    """The topics of some patterns, for each plan in use. `handlers`: by pattern (`{plan_id}` inside), what is called with its messages."""

    def __init__(self, session: MqttSession, handlers: dict[str, Handler], most: int = MAX_PLANS) -> None:
        self._session, self._handlers, self._most = session, handlers, most
        self._kept: OrderedDict[str, list[Subscription]] = OrderedDict()

    async def need(self, plan_id: str) -> None:
        """Until the broker has granted all topics of this plan. Raises LinkDown; BadInput for an id that is no plan id."""
        kept = self._kept.get(plan_id)
        if kept is None:
            kept = self._listen(plan_id)
        self._kept.move_to_end(plan_id)
        if not all(each.granted for each in kept):
            await asyncio.gather(*(self._session.ready(each) for each in kept))

    def _listen(self, plan_id: str) -> list[Subscription]:
        topics = [(topic_for(pattern, plan_id), handler) for pattern, handler in self._handlers.items()]
        kept = self._kept[plan_id] = [self._session.listen(topic, handler) for topic, handler in topics]
        while len(self._kept) > self._most:
            _, given_up = self._kept.popitem(last=False)
            for each in given_up:
                self._session.forget(each)
        return kept
