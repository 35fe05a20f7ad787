"""Subscriptions to what the platform says: on the station's own topics, and on topics about single plans, which are made when they are
needed: a station never listens to all stations' plans.

At most `most` plans' topics are kept, the least recently used are given up first; an answer that comes after that is lost like any other
lost answer, and the completion is sent again. After a break of the link all kept topics are subscribed again.

On a station's own topic the question tells the plan: an answer carries its id as correlation data, and the same id in the payload. One that
carries two, or answers nothing that was asked here, says nothing. An event names its plan itself.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from kiosk.domain.errors import BadInput, Forbidden
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession, Subscription
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.wire.actions import Topics, WireAction, topic_for
from kiosk.wire.checked import topic_id_fault
from kiosk.wire.completion_answers import Unintelligible, correlation_id_in, mapping, own_id
from kiosk.wire.exact_json import loads

log = logging.getLogger(__name__)
MAX_PLANS = 64
MAX_ASKED = 512
PlanHandler = Callable[[str, MqttMessage], None]


class Answering(Protocol):
    """What was understood of an answer."""

    @property
    def correlation_id(self) -> str:
        """What it answers."""


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

    def only(self, is_meant: Callable[[T], bool]) -> "Understood[T]":
        """The same for what is meant; the rest is logged."""

        def read(plan_id: str, payload: bytes) -> T | Unintelligible:
            said = self.read(plan_id, payload)
            return said if isinstance(said, Unintelligible) or is_meant(said) else Unintelligible(reason="carries two correlation ids")

        return Understood(read, self.use, self.kind)


@dataclass(slots=True)
class _Asked:
    """A question: about which plan, where its answer was asked for last, how often it was asked."""

    plan_id: str
    response_topic: str
    times: int = 1


class PlanSubscriptions:
    """The topics of some patterns, for each plan in use. `handlers`: by pattern (`{plan_id}` inside), what is called with the plan's id and
    each message. With `optional`, a broker that does not let them be read is no fault of its own."""

    def __init__(self, session: MqttSession, handlers: dict[str, PlanHandler], most: int = MAX_PLANS, *, optional: bool = False) -> None:
        self._session, self._handlers, self._most, self._optional = session, handlers, most, optional
        self._kept: OrderedDict[str, list[Subscription]] = OrderedDict()

    async def need(self, plan_id: str) -> None:
        """Until the broker has granted all topics of this plan. Raises LinkDown; BadInput for an id that is no plan id."""
        kept = self._kept.get(plan_id) or self._listen(plan_id)
        self._kept.move_to_end(plan_id)
        if not all(each.granted for each in kept):
            await asyncio.gather(*(self._session.ready(each) for each in kept))

    def _listen(self, plan_id: str) -> list[Subscription]:
        topics = {topic_for(pattern, plan_id): partial(handler, plan_id) for pattern, handler in self._handlers.items()}
        listen = partial(self._session.listen, optional=self._optional)
        kept = self._kept[plan_id] = [listen(topic, handler) for topic, handler in topics.items()]
        while len(self._kept) > self._most:
            _, given_up = self._kept.popitem(last=False)
            for each in given_up:
                self._session.forget(each)
        return kept


class AnswerSubscriptions:
    """What is heard of some actions, in whatever place it is said. `handlers`: by action, what takes each answer about a plan. `on_event`
    is called with PAYMENT_RECEIVED. Without `own` the contract's topics are all there is."""

    def __init__(
        self,
        session: MqttSession,
        topics: Topics,
        handlers: dict[WireAction, Understood[Any]],
        most: int = MAX_PLANS,
        *,
        own: StationTopics | None = None,
        on_event: PlanHandler | None = None,
    ) -> None:
        self._session, self._topics, self._own = session, topics, own
        self._asked: OrderedDict[tuple[str, str], _Asked] = OrderedDict()  # by verb and correlation id
        self._own_handlers: dict[str, Callable[[MqttMessage], None]] = {}
        shared: dict[str, PlanHandler] = {
            pattern: partial(self._take_shared, action, handler)
            for action, handler in handlers.items()
            for pattern in action.answer_patterns(topics)
        }
        if own is not None:
            self._own_handlers = {own.answer(action): partial(self._take_own, action, handler) for action, handler in handlers.items()}
        if on_event is not None:
            shared[topics.payment_received] = on_event
            if own is not None:
                self._own_handlers[own.payment_received] = partial(_take_own_event, on_event)
        self._by_plan = None if own is not None and own.alone else PlanSubscriptions(session, shared, most, optional=own is not None)
        self._own_kept: list[Subscription] = []

    async def need(self, plan_id: str) -> None:
        """Until the broker has granted what answers about this plan may come on. Raises LinkDown; BadInput for an id that is no plan id."""
        if fault := topic_id_fault(plan_id):
            raise BadInput("plan_id", fault)
        if self._own_handlers and not self._own_kept:
            listen = partial(self._session.listen, optional=self._by_plan is not None)
            self._own_kept = [listen(topic, handler) for topic, handler in self._own_handlers.items()]
        if self._by_plan is None:
            await self._need_own()
            return
        own_is_granted = await self._may_read_own()
        try:
            await self._by_plan.need(plan_id)
        except Forbidden:
            if not own_is_granted:
                raise

    async def _need_own(self) -> None:
        if not all(each.granted for each in self._own_kept):
            await asyncio.gather(*(self._session.ready(each) for each in self._own_kept))

    async def _may_read_own(self) -> bool:
        if not self._own_kept:
            return False
        try:
            await self._need_own()
        except Forbidden:
            if self._own is not None:
                self._own.heard_on_own = False
            return False
        return True

    def delivery(self, action: WireAction, plan_id: str, correlation_id: str, expiry_seconds: int) -> Delivery:
        """What goes beside a question that is sent now, the first time or again: where its answer is asked for, and under which id."""
        response_topic = topic_for(action.answer_patterns(self._topics)[0], plan_id)
        if self._own is not None:
            asked = self._asked.pop((action.verb, correlation_id), None)
            times = 0 if asked is None else asked.times
            if self._own.alone or self._own.heard_on_own == (times % 2 == 0):
                response_topic = self._own.answer(action)
            self._asked[action.verb, correlation_id] = _Asked(plan_id, response_topic, times + 1)
            if len(self._asked) > MAX_ASKED:
                self._asked.popitem(last=False)
        return Delivery(response_topic=response_topic, correlation_data=correlation_id.encode(), expiry_seconds=expiry_seconds)

    def _take_shared(self, action: WireAction, handler: PlanHandler, plan_id: str, message: MqttMessage) -> None:
        """An answer on a topic of the contract. Another's may be heard there: only what was asked for there shows where answers come."""
        asked = self._asked.get((action.verb, _asked_as(message)))
        if self._own is not None and asked is not None and asked.response_topic == message.topic:
            self._own.heard_on_own = False
        handler(plan_id, message)

    def _take_own(self, action: WireAction, handler: Understood[Answering], message: MqttMessage) -> None:
        asked_as = _asked_as(message)
        asked = self._asked.get((action.verb, asked_as))
        if self._own is None or asked is None:
            log.info("an answer on %s is to no question of this session", message.topic)
            return
        self._own.heard_on_own = True
        handler.only(lambda said: said.correlation_id == asked_as)(asked.plan_id, message)


def _take_own_event(handler: PlanHandler, message: MqttMessage) -> None:
    try:
        plan_id = mapping(loads(message.payload)).get("plan_id")
    except BadInput:
        plan_id = None
    if not isinstance(plan_id, str) or not plan_id:
        log.warning("an event on %s names no plan", message.topic)
    else:
        handler(plan_id, message)


def _asked_as(message: MqttMessage) -> str:
    """The id that was asked under: MQTT's correlation data; the payload's where a platform gives none back; "" where it is no text."""
    if not message.correlation_data:
        return correlation_id_in(message.payload)
    try:
        return own_id(message.correlation_data.decode())
    except UnicodeDecodeError:
        return ""
