"""The CompletionChannel in the field dialect: stored bytes out on `payment_and_service`, answers in from either echo topic.

As in the specification's dialect: `send` raises LinkDown when the bytes cannot leave now, and that they left proves nothing. An answer
reaches `on_answer` whoever asked and however late, on both topics perhaps. One that is not JSON, of another shape, for another plan,
without our id, or that asks for patience is logged, and the completion is sent again.
"""

import logging
from collections.abc import Callable

from kiosk.domain.errors import StepImpossible
from kiosk.domain.requests import CompleteService, CompletionRequest
from kiosk.domain.swap.completion_answer import Answer
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.answer_subscriptions import MOST_PLANS, AnswerTopics
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import FIELD_COMPLETION
from kiosk.wire.completion_answers import Unintelligible, answer_from_payload
from kiosk.wire.field_completions import completion_to_field
from kiosk.wire.topics import Topics, plan_id_of, topic_for

log = logging.getLogger(__name__)
EXPIRY_SECONDS = 300


class FieldCompletions:
    """Implements the port CompletionChannel."""

    def __init__(self, session: MqttSession, topics: Topics, most_plans: int = MOST_PLANS) -> None:
        self._session, self._topics = session, topics
        self._patterns = (topics.payment_and_service_attendant, topics.payment_and_service_service)
        self._answers = AnswerTopics(session, dict.fromkeys(self._patterns, self._heard), most_plans)
        self.on_answer: Callable[[Answer], None] = _nobody_listens

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion. Raises BadInput for an id that is no plan id; StepImpossible for a step of the older
        sequence, which is the specification's alone."""
        if not isinstance(request, CompleteService):
            raise StepImpossible(f"{request.action} is not spoken in the field dialect")
        return OutgoingMessage(
            correlation_id=request.correlation_id,
            plan_id=swap.plan.id,
            topic=topic_for(self._topics.payment_and_service, swap.plan.id),
            payload=completion_to_field(swap, request),
            action=FIELD_COMPLETION,
        )

    async def prepare(self, plan_id: str) -> None:
        """Subscribe to this plan's answers now. Raises LinkDown."""
        await self._answers.need(plan_id)

    async def send(self, message: OutgoingMessage) -> None:
        """Publish the stored bytes once, the subscriptions to the answer acknowledged before. Raises LinkDown."""
        await self._answers.need(message.plan_id)
        delivery = Delivery(
            response_topic=topic_for(self._patterns[0], message.plan_id),
            correlation_data=message.correlation_id.encode(),
            expiry_seconds=EXPIRY_SECONDS,
        )
        self._session.publish(message.topic, message.payload, delivery)

    def _heard(self, message: MqttMessage) -> None:
        plan_id = next((found for each in self._patterns if (found := plan_id_of(each, message.topic))), None)
        if plan_id is None:
            return
        answer = answer_from_payload(plan_id, message.payload, FIELD_COMPLETION)
        if isinstance(answer, Unintelligible):
            log.warning("an answer on %s %s", message.topic, answer.reason)
        else:
            self.on_answer(answer)


def _nobody_listens(answer: Answer) -> None:
    log.warning("the answer to %s came before anybody listened", answer.correlation_id)
