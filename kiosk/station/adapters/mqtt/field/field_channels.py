"""The CompletionChannel in the field dialect: stored bytes out on `payment_and_service`, answers in from either echo topic.

As in the specification's dialect: `send` raises LinkDown when the bytes cannot leave now, and that they left proves nothing. An answer
reaches `on_answer` whoever asked and however late, on both topics perhaps. One that is not JSON, of another shape, for another plan,
without our id, or that asks for patience is logged, and the completion is sent again.
"""

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, CompletionRequest, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Payment, Swap
from kiosk.shared.mqtt.link import MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.answer_subscriptions import MAX_PLANS, AnswerSubscriptions
from kiosk.station.adapters.mqtt.completion_channel import EXPIRY_SECONDS, hand_on_answer, log_unexpected, publish_completion
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import FIELD_COMPLETION, Topics, plan_id_of, topic_for
from kiosk.wire.field_completions import completion_to_field


class FieldPlans(MqttPlans):
    """Implements the port PlanSource."""

    expiry_seconds = EXPIRY_SECONDS

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        """The plan as the platform has it now. Raises CustomerUnknown, PlanInvalid, LinkDown."""
        return confirmed_with_the_swap(await super().identify(code, timeout_seconds))


def confirmed_with_the_swap(plan: ServicePlan) -> ServicePlan:
    """The plan whose payments wait for no word of the platform's before the swap."""
    config = plan.template.agent_config
    completion = replace(config.service_completion, require_payment_confirmation=False)
    return replace(plan, template=replace(plan.template, agent_config=replace(config, service_completion=completion)))


class FieldPayments:
    """Implements the port PaymentChannel."""

    takes_parts = False

    async def prepare(self, plan_id: str) -> None:
        """There is nothing to subscribe to."""

    async def confirm(self, _swap: Swap, _payment: Payment, _timeout_seconds: float) -> None:
        """Always raises StepImpossible."""
        raise StepImpossible(tr("this platform confirms a payment with its swap alone; a supervisor may approve it"))

    def received_payments(self, _plan_id: str) -> tuple[PaymentReceived, ...]:
        """Nothing, ever."""
        return ()


class FieldCompletions:
    """Implements the port CompletionChannel."""

    def __init__(self, session: MqttSession, topics: Topics, max_plans: int = MAX_PLANS) -> None:
        self._session, self._topics = session, topics
        self._patterns = (topics.payment_and_service_attendant, topics.payment_and_service_service)
        self._answers = AnswerSubscriptions(session, dict.fromkeys(self._patterns, self._on_message), max_plans)
        self.on_answer: Callable[[Answer], None] = log_unexpected

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """The bytes and the topic of a completion. Raises BadInput for an id that is no plan id; StepImpossible for a step of the older
        sequence, which is the specification's alone."""
        if not isinstance(request, CompleteService):
            raise StepImpossible(tr("{action} is not known in the field dialect", action=request.action))
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
        publish_completion(self._session, message, topic_for(self._patterns[0], message.plan_id))

    def _on_message(self, message: MqttMessage) -> None:
        plan_id = next((found for each in self._patterns if (found := plan_id_of(each, message.topic))), None)
        if plan_id is not None:
            hand_on_answer(message, plan_id, FIELD_COMPLETION, self.on_answer)
