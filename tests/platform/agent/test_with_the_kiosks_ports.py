"""The kiosk's own ports against the platform, through Mosquitto: what one writes the other reads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from kiosk.domain.errors import CustomerUnknown, PaymentRefused, PaymentUnconfirmed, PaymentUsed
from kiosk.domain.requests import CompleteService, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.swap import Confirmation, Payment
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.payment_proof import ScriptedPayments
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.station.events import Event
from kiosk.wire.actions import Topics
from tests.brokers import Mosquitto, run
from tests.builders import NOON, plan_of, plan_with, swap_of
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, FixedClock, Where
from tests.platform.kiosks import WAIT_SECONDS, link_to, platform_on

PAYMENT = Payment(
    amount=Decimal("12.48"), currency="USD", receipt_id="PAY-1", method="MOBILE_MONEY", recorded_at=NOON, confirmation=Confirmation.WAITING
)
REQUEST = CompleteService(
    outgoing_battery_id="BAT-67890",
    outgoing_kwh=Decimal("30.4"),
    incoming_battery_id="BAT-12345",
    incoming_kwh=Decimal("4.8"),
    payment_occurred=True,
    payment_amount=PAYMENT.amount,
    payment_receipt_id=PAYMENT.receipt_id,
    payment_method=PAYMENT.method,
    attendant_id="ATT-001",
    attendant_station="STATION_XYZ",
    transaction_timestamp=NOON,
    correlation_id=SWAP,
)


@dataclass(slots=True)
class Ports:
    """A kiosk without services: its ports, its platform, what it was told."""

    plans: MqttPlans
    channel: MqttCompletions
    payments: MqttPayments
    platform: PlatformService
    answers: asyncio.Queue[Answer]
    told: list[Event]

    async def complete(self, request: CompleteService) -> Answer:
        await self.channel.send(self.channel.message(swap_of(plan_of(id=PLAN)), request))
        return await self.answers.get()


@asynccontextmanager
async def ports_on(broker: Mosquitto, books: Where, script: ScriptedPayments | None = None) -> AsyncIterator[Ports]:
    told: list[Event] = []
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    async with platform_on(broker, books, PLAN, verifier=script) as platform:
        session = MqttSession(link_to(broker, "kiosk"))
        await session.start()
        await session.wait_connected(WAIT_SECONDS)
        channel = MqttCompletions(session, Topics())
        channel.on_answer = answers.put_nowait
        plans = MqttPlans(session, Topics(), FixedClock(), station_id="STATION_XYZ", attendant=lambda: "ATT-001")
        payments = MqttPayments(session, Topics(), told.append)
        try:
            yield Ports(plans=plans, channel=channel, payments=payments, platform=platform, answers=answers, told=told)
        finally:
            await session.stop()


@pytest.mark.parametrize("typed", [False, True])
def test_a_customer_is_identified_by_a_code_scanned_or_typed(mosquitto: Mosquitto, books: Where, typed: bool) -> None:  # noqa: FBT001  a case
    async def identify() -> None:
        async with ports_on(mosquitto, books) as kiosk:
            assert await kiosk.plans.identify(CustomerCode(text=PLAN, plan_id=PLAN, typed=typed), WAIT_SECONDS) == plan_of()
            with pytest.raises(CustomerUnknown):
                await kiosk.plans.identify(CustomerCode(text="nobody", plan_id="nobody", typed=typed), WAIT_SECONDS)

    run(identify())


def test_an_exhausted_quota_is_paid_confirmed_and_the_swap_settled_once(mosquitto: Mosquitto, books: Where) -> None:
    exhausted = plan_with(used_kwh="390")

    async def swap() -> tuple[Answer, Answer]:
        async with ports_on(mosquitto, books) as kiosk:
            kiosk.platform._store.put_plan(exhausted, NOON)
            await kiosk.payments.confirm(swap_of(exhausted, SWAP), PAYMENT, WAIT_SECONDS)
            answers = await kiosk.complete(REQUEST), await kiosk.complete(REQUEST)
            with pytest.raises(PaymentUsed):
                await kiosk.payments.confirm(swap_of(exhausted, OTHER_SWAP), PAYMENT, WAIT_SECONDS)
            assert len(kiosk.told) == 1
            return answers

    first, again = run(swap())
    assert isinstance(first, Settled)
    assert isinstance(again, Settled)
    assert (first.correlation_id, first.repeated, again.repeated) == (SWAP, False, True)


def test_a_refused_payment_reaches_the_kiosk_in_the_platforms_words(mosquitto: Mosquitto, books: Where) -> None:
    async def pay() -> Answer:
        async with ports_on(mosquitto, books, ScriptedPayments(refused={PLAN: "the customer has cancelled it"})) as kiosk:
            with pytest.raises(PaymentRefused) as refused:
                await kiosk.payments.confirm(swap_of(plan_of(), SWAP), PAYMENT, WAIT_SECONDS)
            assert refused.value.reason == "the customer has cancelled it"
            return await kiosk.complete(REQUEST)

    answer = run(pay())
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.signals) == ("the customer has cancelled it", ("SERVICE_COMPLETION_FAILED", "PAYMENT_FAILED"))


def test_a_payment_that_nobody_can_confirm_now_is_unconfirmed_and_not_refused(mosquitto: Mosquitto, books: Where) -> None:
    async def pay() -> None:
        async with ports_on(mosquitto, books, ScriptedPayments(silent={PLAN})) as kiosk:
            with pytest.raises(PaymentUnconfirmed):
                await kiosk.payments.confirm(swap_of(plan_of(), SWAP), PAYMENT, 0.3)

    run(pay())


def test_a_refused_completion_names_the_platforms_reason(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> Answer:
        async with ports_on(mosquitto, books) as kiosk:
            return await kiosk.complete(replace(REQUEST, incoming_battery_id="BAT-9"))

    answer = run(swap())
    assert isinstance(answer, Rejected)
    assert "BAT-12345" in answer.reason
