"""What both dialects of the CompletionChannel do alike: publish stored bytes, and hand an answer on."""

import logging
from collections.abc import Callable

from kiosk.domain.swap.completion_answer import Answer
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.completion_answers import Unintelligible, answer_from_payload

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
