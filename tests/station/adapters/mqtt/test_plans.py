"""identify_customer over a real broker: fresh plans, refusals, and the answers that are none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.domain.agent.agent_result import AgentResult
from kiosk.domain.errors import BadInput, CustomerUnknown, KioskError, LinkDown, PlanInvalid
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.platform.agent.wire_messages import identification, identification_refusal
from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics
from kiosk.wire.identification import question_from_payload
from tests.brokers import Mosquitto, free_port, run
from tests.builders import plan_of
from tests.station.adapters.mqtt.parties import Platform, linked, unlinked

Link = Callable[..., LinkSettings]
Reply = Callable[[str, str], list[bytes]]
TOPICS = Topics()
NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


class StoppedClock:
    """Always the same time."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


def code(plan_id: str) -> CustomerCode:
    return CustomerCode(text=plan_id, plan_id=plan_id)


def source(session: MqttSession) -> MqttPlans:
    return MqttPlans(session, TOPICS, StoppedClock(), station_id="STATION_XYZ", attendant=lambda: "ATT-001")


def identified(
    broker: Mosquitto, link: Link, plan_id: str, reply: Reply, *, echo: str = TOPICS.identify_customer_service, seconds: float = 5.0
) -> ServicePlan:
    """What the kiosk gets when the platform answers each question with `reply(plan_id, correlation_id)`."""

    async def act() -> ServicePlan:
        async with linked(link(broker.port, client_id=f"{plan_id}-far")) as far, linked(link(broker.port, client_id=plan_id)) as near:

            def heard(message: MqttMessage) -> None:
                asked = question_from_payload(plan_id, message.payload)
                for payload in reply(plan_id, asked.correlation_id):
                    far.publish(echo.replace("{plan_id}", plan_id), payload)

            await Platform(far).answer(TOPICS.identify_customer.replace("{plan_id}", plan_id), heard)
            return await source(near).identify(code(plan_id), seconds)

    return run(act())


def plan(plan_id: str) -> ServicePlan:
    return plan_of(id=plan_id)


def told(found: ServicePlan, correlation_id: str) -> bytes:
    """The platform's answer with this plan."""
    result = AgentResult(signals=("CUSTOMER_IDENTIFIED_SUCCESS",), plan=found, metadata={"customer_id": found.customer_id})
    return identification(result, found, correlation_id, NOW)


@pytest.mark.parametrize("echo", [TOPICS.identify_customer_service, TOPICS.identify_customer_attendant])
def test_the_plan_comes_on_either_topic_whole(mosquitto: Mosquitto, link: Link, echo: str) -> None:
    found = identified(mosquitto, link, "i-plan", lambda p, c: [told(plan(p), c + "re_abs_identify")], echo=echo)
    assert found == plan("i-plan")


def test_answers_that_are_none_are_passed_over(mosquitto: Mosquitto, link: Link) -> None:
    def reply(plan_id: str, correlation_id: str) -> list[bytes]:
        good = told(plan(plan_id), correlation_id)
        other_id = told(plan_of(id=plan_id, customer_id="OTHER"), "ASK-01JHMN5Z000000000000000009")
        return [b"boom", b"[]", b"{}", other_id, told(plan("another"), correlation_id), good, good]

    assert identified(mosquitto, link, "i-odd", reply).customer_id == "CUST-001"


@pytest.mark.parametrize("signal", ["SERVICE_PLAN_NOT_FOUND", "CUSTOMER_NOT_FOUND", "INVALID_QR_CODE", "INVALID_SUBSCRIPTION_ID"])
def test_a_customer_whom_the_platform_does_not_know(mosquitto: Mosquitto, link: Link, signal: str) -> None:
    with pytest.raises(CustomerUnknown):
        identified(mosquitto, link, "i-unknown", lambda p, c: [identification_refusal(p, c, NOW, signal, CustomerUnknown(p))])


def refused(mosquitto: Mosquitto, link: Link, signal: str, reason: str) -> ServicePlan:
    return identified(mosquitto, link, "i-refused", lambda p, c: [identification_refusal(p, c, NOW, signal, BadInput("it", reason))])


def test_another_refusal_is_told_with_its_reason(mosquitto: Mosquitto, link: Link) -> None:
    with pytest.raises(PlanInvalid, match="comes from nowhere"):
        refused(mosquitto, link, "SECURITY_ALERT", "comes from nowhere")


def test_a_platform_with_too_much_to_do_is_no_link_and_the_cached_plan_may_serve(mosquitto: Mosquitto, link: Link) -> None:
    with pytest.raises(LinkDown, match="too much at once"):
        refused(mosquitto, link, "RATE_LIMIT_EXCEEDED", "comes too often")


def test_a_plan_that_breaks_a_rule_is_refused_with_its_place(mosquitto: Mosquitto, link: Link) -> None:
    def reply(plan_id: str, correlation_id: str) -> list[bytes]:
        good = plan(plan_id)
        broken = replace(good, service_states=(*good.service_states, good.service_states[0]))
        return [told(broken, correlation_id)]

    with pytest.raises(PlanInvalid, match="serviceStates"):
        identified(mosquitto, link, "i-broken", reply)


def test_a_question_that_is_lost_is_asked_again_with_the_same_id(mosquitto: Mosquitto, link: Link) -> None:
    asked: list[str] = []

    def reply(plan_id: str, correlation_id: str) -> list[bytes]:
        asked.append(correlation_id)
        return [] if len(asked) == 1 else [told(plan(plan_id), correlation_id)]

    identified(mosquitto, link, "i-again", reply, seconds=1.0)
    assert len(asked) == 2
    assert len(set(asked)) == 1


def test_a_platform_that_says_nothing_is_no_link(mosquitto: Mosquitto, link: Link) -> None:
    with pytest.raises(LinkDown, match=r"within 0\.2 s"):
        identified(mosquitto, link, "i-silent", lambda _p, _c: [], seconds=0.2)


def test_without_a_broker_the_answer_is_no_link_at_once(link: Link) -> None:
    async def act() -> None:
        async with unlinked(link(free_port())) as session:
            with pytest.raises(KioskError) as caught:
                await source(session).identify(code("i-nobody"), 20.0)
            assert isinstance(caught.value, LinkDown)

    run(act(), seconds=5)
