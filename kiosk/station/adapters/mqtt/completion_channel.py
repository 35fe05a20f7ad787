"""The CompletionChannel over MQTT: stored bytes out, answers in (decisions 16, 17, 18, 21).

`send` raises LinkDown when the bytes cannot leave now; that they left proves nothing. One that is sent again asks the broker whether it
takes it (QoS 1 with MQTT 5, decision 43): at QoS 0 a broker says nothing of what its access list forbids. An answer reaches `on_answer`
in the turn of the loop in which it arrives, whoever asked and however late, perhaps on two topics. One that is not JSON, of another
shape, for another plan, without our id, or that asks for patience is logged, and the completion is sent again. The topic shows what an
answer is to: the steps of the older sequence share one correlation id. The topics of those steps are listened to from a plan's first such
step on; no other plan pays for them.

What is completed now leaves in the dialect that is spoken, what is stored in the one it was written in. So a station may change its dialect
while completions wait: none is lost, and none is rewritten (decision 16). Where the platform does not speak the former dialect any more
they are not answered and stay unsettled, to be seen.
"""

import logging
from collections.abc import Callable
from functools import partial

from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.requests import OLDER_STEPS, CompleteService, CompletionRequest
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.own_messages import OwnMessages
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.answer_subscriptions import MAX_PLANS, AnswerSubscriptions, Understood
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import BY_NAME, FIELD_COMPLETION, Topics, topic_for
from kiosk.wire.completion_answers import answer_from_payload
from kiosk.wire.field_completions import completion_to_field
from kiosk.wire.request_documents import write_request

log = logging.getLogger(__name__)
EXPIRY_SECONDS = 300  # facts from the field


def log_unexpected(answer: Answer) -> None:
    """The listener before there is one."""
    log.warning("the answer to %s came before anybody listened", answer.correlation_id)


class MqttCompletions:
    """Implements the port CompletionChannel. `in_field_dialect`: a swap is completed by the field's message; it has no older sequence.
    `own_topic` is one that this station alone sends to and reads, "" for none; `own` are the topics that it is answered on, where there are
    any."""

    def __init__(
        self,
        session: MqttSession,
        topics: Topics,
        max_plans: int = MAX_PLANS,
        *,
        in_field_dialect: bool = False,
        own_topic: str = "",
        own: StationTopics | None = None,
    ) -> None:
        self._session, self._topics, self._in_field_dialect = session, topics, in_field_dialect
        self._own = OwnMessages(session, own_topic) if own_topic else None
        self._answers: dict[str, AnswerSubscriptions] = {}
        for actions in ((CompleteService.action,), (FIELD_COMPLETION,), OLDER_STEPS):
            handlers = {BY_NAME[each]: Understood[Answer](partial(answer_from_payload, action=each), self._hand_on) for each in actions}
            of_station = None if actions == (FIELD_COMPLETION,) else own  # the field's dialect knows no station's topics
            self._answers |= dict.fromkeys(actions, AnswerSubscriptions(session, topics, handlers, max_plans, own=of_station))
        self.on_answer: Callable[[Answer], None] = log_unexpected

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion or a step of one. Raises BadInput for an id that is no plan id; StepImpossible for a step
        of the older sequence in the field's dialect."""
        if not self._in_field_dialect:
            action, payload = request.action, write_request(request)
        elif isinstance(request, CompleteService):
            action, payload = FIELD_COMPLETION, completion_to_field(swap, request)
        else:
            raise StepImpossible(tr("{action} is not known in the field dialect", action=request.action))
        topic = topic_for(BY_NAME[action].request_pattern(self._topics), swap.plan.id)
        return OutgoingMessage(correlation_id=swap.correlation_id, plan_id=swap.plan.id, topic=topic, payload=payload, action=action)

    async def prepare(self, plan_id: str) -> None:
        await self._answers[FIELD_COMPLETION if self._in_field_dialect else CompleteService.action].need(plan_id)

    async def send(self, message: OutgoingMessage, *, asking: bool = False) -> None:
        answers = self._answers[message.action]
        await answers.need(message.plan_id)
        delivery = answers.delivery(BY_NAME[message.action], message.plan_id, message.correlation_id, EXPIRY_SECONDS)
        if asking:
            taken = await self._session.publish_asking(message.topic, message.payload, delivery)
            if taken and self._own is not None:
                await self._own.check()  # perhaps it was answered, and the answer may not be read
        else:
            self._session.publish(message.topic, message.payload, delivery)

    def _hand_on(self, answer: Answer) -> None:
        self.on_answer(answer)
