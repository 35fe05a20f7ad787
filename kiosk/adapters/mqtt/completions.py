"""The CompletionChannel over MQTT: stored bytes out, answers in (decisions 16, 17, 18).

`send` raises LinkDown when the bytes cannot leave now; that they left proves nothing. An answer reaches `on_answer` in the turn of the loop
in which it arrives, whoever asked and however late. One that is not JSON, of another shape, for another plan or without our id is logged.
"""

import logging
from collections.abc import Callable

from kiosk.adapters.mqtt.answers import MOST_PLANS, AnswerTopics
from kiosk.adapters.mqtt.link import Delivery, Message
from kiosk.adapters.mqtt.session import MqttSession
from kiosk.adapters.wire.answers import Unintelligible, answer_from_payload
from kiosk.adapters.wire.requests import write_request
from kiosk.adapters.wire.topics import Topics, plan_id_of, topic_for
from kiosk.domain.answer import Answer
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap import Swap
from kiosk.ports import OutgoingMessage

log = logging.getLogger(__name__)
EXPIRY_SECONDS = 300  # facts from the field


class MqttCompletions:
    """Implements the port CompletionChannel."""

    def __init__(self, session: MqttSession, topics: Topics, most_plans: int = MOST_PLANS) -> None:
        self._session, self._topics = session, topics
        self._answers = AnswerTopics(session, {topics.complete_service_response: self._heard}, most_plans)
        self.on_answer: Callable[[Answer], None] = _nobody_listens

    def message(self, swap: Swap, request: CompleteService) -> OutgoingMessage:
        """The bytes and the topic of a completion. Raises BadInput for an id that is no plan id."""
        topic = topic_for(self._topics.complete_service, swap.plan.id)
        return OutgoingMessage(
            correlation_id=request.correlation_id, plan_id=swap.plan.id, topic=topic, payload=write_request(request)
        )  # fmt: skip

    async def prepare(self, plan_id: str) -> None:
        """Subscribe to this plan's answers now. Raises LinkDown."""
        await self._answers.need(plan_id)

    async def send(self, message: OutgoingMessage) -> None:
        """Publish the stored bytes once, the answer's subscription acknowledged before. Raises LinkDown."""
        await self._answers.need(message.plan_id)
        delivery = Delivery(
            response_topic=topic_for(self._topics.complete_service_response, message.plan_id),
            correlation_data=message.correlation_id.encode(),
            expiry_seconds=EXPIRY_SECONDS,
        )
        self._session.publish(message.topic, message.payload, delivery)

    def _heard(self, message: Message) -> None:
        plan_id = plan_id_of(self._topics.complete_service_response, message.topic)
        if plan_id is None:
            return
        answer = answer_from_payload(plan_id, message.payload)
        if isinstance(answer, Unintelligible):
            log.warning("an answer on %s %s", message.topic, answer.reason)
        else:
            self.on_answer(answer)


def _nobody_listens(answer: Answer) -> None:
    log.warning("the answer to %s came before anybody listened", answer.correlation_id)
