"""The PlanSource over MQTT, in either dialect: identify_customer asked, the plan read from the answer.

No link and no answer in time are LinkDown. The platform's own word stands: CustomerUnknown, PlanInvalid for a plan that breaks a rule,
StationRefused where it takes nothing of this station.
An answer that cannot be understood, answers another question, or comes a second time is logged or dropped, and the wait goes on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ulid import ULID

from kiosk.domain.errors import LinkDown
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode, IdentifyCustomer
from kiosk.shared.mqtt.session import AwaitedAnswers, MqttSession, ask_until_answered
from kiosk.shared.system import Clock
from kiosk.station.adapters.mqtt.answer_subscriptions import AnswerSubscriptions, Understood
from kiosk.station.adapters.mqtt.completion_channel import EXPIRY_SECONDS
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.wire.actions import BY_NAME, Topics, topic_for
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload, question_to_payload

_TRIES = 2
_QUESTION = BY_NAME[IdentifyCustomer.action]


def new_question_id() -> str:
    """`ASK-` and a ULID."""
    return f"ASK-{ULID()}"


class MqttPlans:
    """Implements the port PlanSource. `station_id` and who `attendant` says works there stand in the question, which nobody need answer
    when the wait for it is over; `own` are the topics that the station is answered on, where there are any; `expiry_seconds` is how long it
    may travel where a dialect has a rule of its own."""

    expiry_seconds: int | None = None

    def __init__(
        self,
        session: MqttSession,
        topics: Topics,
        clock: Clock,
        *,
        station_id: str,
        attendant: Callable[[], str],
        question_id: Callable[[], str] = new_question_id,
        own: StationTopics | None = None,
    ) -> None:
        self._session, self._topics, self._clock = session, topics, clock
        self._station_id, self._attendant, self._question_id = station_id, attendant, question_id
        answered = Understood(identify_answer_from_payload, self._on_answer)
        self._answers = AnswerSubscriptions(session, topics, {_QUESTION: answered}, own=own)
        self._waiting: AwaitedAnswers[IdentifyAnswer] = AwaitedAnswers()

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        question, topic = self._question_id(), topic_for(self._topics.identify_customer, code.plan_id)
        payload = question_to_payload(code, question, self._clock.now(), self._attendant(), self._station_id)
        expiry_seconds = self.expiry_seconds or max(1, round(timeout_seconds))

        def publish() -> None:
            self._session.publish(topic, payload, self._answers.delivery(_QUESTION, code.plan_id, question, expiry_seconds))

        try:
            async with asyncio.timeout(timeout_seconds):
                await self._answers.need(code.plan_id)
                with self._waiting.asking(question) as answer:
                    answered = await ask_until_answered(answer, publish, timeout_seconds / _TRIES)
        except TimeoutError as error:
            raise LinkDown(tr("the platform does not answer within {seconds} s", seconds=f"{timeout_seconds:g}")) from error
        return answered.plan()

    def _on_answer(self, answer: IdentifyAnswer) -> None:
        self._waiting.answer(answer.correlation_id, answer)


class FieldPlans(MqttPlans):
    """The same in the field's dialect, where the payments of a plan wait for no word of the platform's before the swap."""

    expiry_seconds = EXPIRY_SECONDS

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        plan = await super().identify(code, timeout_seconds)
        config = plan.template.agent_config
        completion = replace(config.service_completion, require_payment_confirmation=False)
        return replace(plan, template=replace(plan.template, agent_config=replace(config, service_completion=completion)))
