"""The CompletionChannel over MQTT: stored bytes out, answers in (decisions 16, 17, 18, 21).

`send` raises LinkDown when the bytes cannot leave now; that they left proves nothing. An answer reaches `on_answer` in the turn of the loop
in which it arrives, whoever asked and however late. One that is not JSON, of another shape, for another plan or without our id is logged.
The topic shows what an answer is to: the steps of the older sequence share one correlation id. The topics of those steps are
listened to from a plan's first such step on; no other plan pays for them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kiosk.domain.requests import OLDER_STEPS, CompleteService, CompletionRequest
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import Handler, MqttSession
from kiosk.station.adapters.mqtt.answer_subscriptions import MAX_PLANS, AnswerSubscriptions
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import BY_NAME, Topics, plan_id_of, topic_for
from kiosk.wire.completion_answers import Unintelligible, answer_from_payload
from kiosk.wire.request_documents import write_request

log = logging.getLogger(__name__)
EXPIRY_SECONDS = 300  # facts from the field


def publish_completion(session: MqttSession, message: OutgoingMessage, response_topic: str) -> None:
    """Publish the stored bytes once. Raises LinkDown."""
    delivery = Delivery(response_topic=response_topic, correlation_data=message.correlation_id.encode(), expiry_seconds=EXPIRY_SECONDS)
    session.publish(message.topic, message.payload, delivery)


def hand_on_answer(message: MqttMessage, plan_id: str, action: str, listener: Callable[[Answer], None]) -> None:
    """Call `listener` with the answer in a message; what cannot be understood is logged, and the completion is sent again."""
    answer = answer_from_payload(plan_id, message.payload, action)
    if isinstance(answer, Unintelligible):
        log.warning("an answer on %s %s", message.topic, answer.reason)
    else:
        listener(answer)


def log_unexpected(answer: Answer) -> None:
    """The listener before there is one."""
    log.warning("the answer to %s came before anybody listened", answer.correlation_id)


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a request goes, and where its answer comes from: patterns with `{plan_id}`."""

    asked_on: str
    answered_on: str


def _routes(topics: Topics) -> dict[str, _Route]:
    rows = (BY_NAME[name] for name in (CompleteService.action, *OLDER_STEPS))
    return {each.name: _Route(each.request_pattern(topics), each.answer_patterns(topics)[0]) for each in rows}


class MqttCompletions:
    """Implements the port CompletionChannel."""

    def __init__(self, session: MqttSession, topics: Topics, max_plans: int = MAX_PLANS) -> None:
        self._session, self._routes = session, _routes(topics)
        handlers: dict[str, Handler] = {
            route.answered_on: partial(self._on_message, action, route.answered_on) for action, route in self._routes.items()
        }
        whole = {topics.complete_service_response: handlers.pop(topics.complete_service_response)}
        self._answers = AnswerSubscriptions(session, whole, max_plans)
        self._answers_to_steps = AnswerSubscriptions(session, handlers, max_plans)
        self.on_answer: Callable[[Answer], None] = log_unexpected

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion or a step of one. Raises BadInput for an id that is no plan id."""
        return OutgoingMessage(
            correlation_id=swap.correlation_id,
            plan_id=swap.plan.id,
            topic=topic_for(self._routes[request.action].asked_on, swap.plan.id),
            payload=write_request(request),
            action=request.action,
        )

    async def prepare(self, plan_id: str) -> None:
        """Subscribe to this plan's answers now. Raises LinkDown."""
        await self._answers.need(plan_id)

    async def send(self, message: OutgoingMessage) -> None:
        """Publish the stored bytes once, the answer's subscription acknowledged before. Raises LinkDown."""
        answers = self._answers if message.action == CompleteService.action else self._answers_to_steps
        await answers.need(message.plan_id)
        publish_completion(self._session, message, topic_for(self._routes[message.action].answered_on, message.plan_id))

    def _on_message(self, action: str, pattern: str, message: MqttMessage) -> None:
        plan_id = plan_id_of(pattern, message.topic)
        if plan_id is not None:
            hand_on_answer(message, plan_id, action, self.on_answer)
