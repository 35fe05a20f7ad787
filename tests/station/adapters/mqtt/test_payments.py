"""Payments confirmed, refused, used and unconfirmed, over a real broker (decisions 10, 22)."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import LinkDown, PaymentRefused, PaymentUnconfirmed, PaymentUsed
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.swap.swap import Confirmation, Payment
from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.wire.actions import Topics
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.payment_messages import payment_event_from_payload
from tests.brokers import Mosquitto, free_port, run
from tests.builders import plan_of, specified, swap_of
from tests.station.adapters.mqtt.parties import Ears, Platform, linked, unlinked

Link = Callable[..., LinkSettings]
Answers = Callable[[str, dict[str, Any]], list[tuple[str, bytes]]]
TOPICS = Topics()
NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
PAYMENT = Payment(
    amount=Decimal("15.00"),
    currency="USD",
    receipt_id="PAY-78910",
    method="MOBILE_MONEY",
    recorded_at=NOW,
    confirmation=Confirmation.WAITING,
)


def response(plan_id: str, **body: Any) -> tuple[str, bytes]:
    return TOPICS.process_payment_response.replace("{plan_id}", plan_id), dumps(body)


def event(plan_id: str, transaction_id: str = "", **payment_data: Any) -> tuple[str, bytes]:
    body = specified("payment_received_event")
    body["plan_id"], body["service_context"]["transaction_id"] = plan_id, transaction_id
    body["payment_data"] |= payment_data
    return TOPICS.payment_received.replace("{plan_id}", plan_id), dumps(body)


def confirmed(
    broker: Mosquitto, link: Link, plan_id: str, answers: Answers, *, seconds: float = 5.0, before: tuple[tuple[str, bytes], ...] = ()
) -> tuple[list[dict[str, Any]], list[Any]]:
    """Confirm PAYMENT; gives the questions asked and the events announced. `before` is published once the plan is prepared."""

    async def act() -> tuple[list[dict[str, Any]], list[Any]]:
        announced: Ears[Any] = Ears()
        asked: list[dict[str, Any]] = []
        async with linked(link(broker.port, client_id=f"{plan_id}-far")) as far, linked(link(broker.port, client_id=plan_id)) as near:

            def heard(message: MqttMessage) -> None:
                asked.append(loads(message.payload))
                for told in answers(plan_id, asked[-1]):
                    far.publish(*told)

            await Platform(far).answer(TOPICS.process_payment.replace("{plan_id}", plan_id), heard)
            payments = MqttPayments(near, TOPICS, announced)
            await payments.prepare(plan_id)
            for told in before:
                far.publish(*told)
            await announced.until(count=len(before))
            await payments.confirm(swap_of(plan_of(id=plan_id)), PAYMENT, seconds)
            return asked, announced.heard

    return run(act())


def ok(plan_id: str, question: dict[str, Any]) -> list[tuple[str, bytes]]:
    return [response(plan_id, signals=["PAYMENT_PROCESSED_SUCCESS"], correlation_id=question["correlation_id"])]


def test_the_platforms_answer_confirms(mosquitto: Mosquitto, link: Link) -> None:
    (question,), _ = confirmed(mosquitto, link, "y-answer", ok)
    assert question == {
        "action": "PROCESS_PAYMENT",
        "payment_amount": Decimal("15.00"),
        "payment_receipt_id": "PAY-78910",
        "payment_method": "MOBILE_MONEY",
        "attendant_id": question["attendant_id"],
        "attendant_station": question["attendant_station"],
        "correlation_id": "att-payment-PAY-78910-01JHMN5Z000000000000000001",
        "transaction_id": "TXN-01JHMN5Z000000000000000001",
        "payment_timestamp": "2025-01-15T10:30:00Z",
    }


def test_the_event_confirms_and_is_announced(mosquitto: Mosquitto, link: Link) -> None:
    _, announced = confirmed(mosquitto, link, "y-event", lambda p, _: [event(p)])
    assert announced == [
        PaymentReceived(
            plan_id="y-event",
            receipt_id="PAY-78910",
            method="MOBILE_MONEY",
            amount=Decimal("15.00"),
            currency="USD",
            paid_at=datetime(2025, 1, 15, 10, 24, 30, tzinfo=UTC),
        )
    ]


def test_words_about_something_else_are_passed_over(mosquitto: Mosquitto, link: Link) -> None:
    def answers(plan_id: str, question: dict[str, Any]) -> list[tuple[str, bytes]]:
        topic = TOPICS.payment_received.replace("{plan_id}", plan_id)
        return [
            (topic, b"boom"),
            (topic, dumps({"event_type": "PAYMENT_RECEIVED"})),
            (topic, event("another")[1]),
            event(plan_id, odoo_receipt_id="PAY-OTHER"),
            event(plan_id, "TXN-01JHMN5Z000000000000000009", amount=Decimal(1)),
            response(plan_id, signals=["PAYMENT_FAILED"], correlation_id="att-payment-PAY-OTHER-01JHMN5Z000000000000000001"),
            (response(plan_id)[0], b"\xff"),
            response(plan_id, signals=["WHO_KNOWS"], correlation_id=question["correlation_id"]),
            response(plan_id, signals=["CUSTOMER_IDENTIFIED_SUCCESS"], success=True, correlation_id=question["correlation_id"]),
            *ok(plan_id, question),
        ]

    confirmed(mosquitto, link, "y-odd", answers)


def test_a_refusal_carries_the_platforms_reason(mosquitto: Mosquitto, link: Link) -> None:
    def answers(plan_id: str, question: dict[str, Any]) -> list[tuple[str, bytes]]:
        metadata = {"reason": "no such receipt"}
        return [response(plan_id, signals=["PAYMENT_FAILED"], metadata=metadata, correlation_id=question["correlation_id"])]

    with pytest.raises(PaymentRefused, match="no such receipt"):
        confirmed(mosquitto, link, "y-refused", answers)


@pytest.mark.parametrize(
    "body", [{"signals": ["PAYMENT_FAILED"], "metadata": {"reasons": [{"code": "PaymentUsed"}]}}, {"signals": ["PAYMENT_ALREADY_USED"]}]
)
def test_a_receipt_that_paid_before_is_told_apart(mosquitto: Mosquitto, link: Link, body: dict[str, Any]) -> None:
    with pytest.raises(PaymentUsed):
        confirmed(mosquitto, link, "y-used", lambda p, q: [response(p, **body, correlation_id=q["correlation_id"])])


@pytest.mark.parametrize("paid", [{"amount": Decimal(5)}, {"currency": "KES"}])
def test_a_receipt_over_another_amount_or_currency_is_refused(mosquitto: Mosquitto, link: Link, paid: dict[str, Any]) -> None:
    with pytest.raises(PaymentRefused, match="it was paid with"):
        confirmed(mosquitto, link, "y-amount", lambda p, _: [event(p, **paid)])


def test_no_word_in_time_leaves_the_payment_unconfirmed(mosquitto: Mosquitto, link: Link) -> None:
    with pytest.raises(PaymentUnconfirmed):
        confirmed(mosquitto, link, "y-silent", lambda _p, _q: [], seconds=0.2)


def test_an_event_that_came_before_the_question_counts_when_nobody_answers(mosquitto: Mosquitto, link: Link) -> None:
    confirmed(mosquitto, link, "y-before", lambda _p, _q: [], seconds=0.2, before=(event("y-before"),))


def test_an_event_that_came_before_the_question_does_not_overrule_the_answer(mosquitto: Mosquitto, link: Link) -> None:
    with pytest.raises(PaymentUsed):
        confirmed(
            mosquitto,
            link,
            "y-overrule",
            before=(event("y-overrule"),),
            answers=lambda p, q: [response(p, signals=["PAYMENT_ALREADY_USED"], correlation_id=q["correlation_id"])],
        )


def test_an_event_for_another_swap_confirms_nothing(mosquitto: Mosquitto, link: Link) -> None:
    other = event("y-other", "TXN-01JHMN5Z000000000000000009")
    with pytest.raises(PaymentUnconfirmed):
        confirmed(mosquitto, link, "y-other", lambda _p, _q: [], seconds=0.2, before=(other,))


def test_without_a_broker_the_swap_is_told_that_there_is_no_link(link: Link) -> None:
    async def act() -> None:
        async with unlinked(link(free_port())) as session:
            with pytest.raises(LinkDown):
                await MqttPayments(session, TOPICS, print).confirm(swap_of(), PAYMENT, 20.0)

    run(act(), seconds=5)


def heard_after(broker: Mosquitto, link: Link, plan_id: str, answers: Answers, *told: tuple[str, bytes], asks: bool) -> list[str]:
    """The receipts that the payments still has in mind after it was told, and, where it `asks`, after the platform's answer."""

    async def act() -> list[str]:
        announced: Ears[Any] = Ears()
        async with linked(link(broker.port, client_id=f"{plan_id}-far")) as far, linked(link(broker.port, client_id=plan_id)) as near:

            def heard(message: MqttMessage) -> None:
                for each in answers(plan_id, loads(message.payload)):
                    far.publish(*each)

            await Platform(far).answer(TOPICS.process_payment.replace("{plan_id}", plan_id), heard)
            payments = MqttPayments(near, TOPICS, announced)
            await payments.prepare(plan_id)
            for each in told:
                far.publish(*each)
            await announced.until(count=len(told))
            if asks:
                with pytest.raises((PaymentRefused, PaymentUsed)):
                    await payments.confirm(swap_of(plan_of(id=plan_id)), PAYMENT, 5.0)
            return [each.receipt_id for each in payments.received_payments(plan_id)]

    return run(act())


def refusing(plan_id: str, question: dict[str, Any]) -> list[tuple[str, bytes]]:
    return [response(plan_id, signals=["PAYMENT_FAILED"], metadata={"reason": "no"}, correlation_id=question["correlation_id"])]


def using(plan_id: str, question: dict[str, Any]) -> list[tuple[str, bytes]]:
    return [response(plan_id, signals=["PAYMENT_ALREADY_USED"], correlation_id=question["correlation_id"])]


def test_events_stay_in_mind_once_each_and_for_their_plan(mosquitto: Mosquitto, link: Link) -> None:
    events = (event("y-mind"), event("y-mind", odoo_receipt_id="PAY-2"), event("y-mind"))
    assert heard_after(mosquitto, link, "y-mind", ok, *events, asks=False) == ["PAY-78910", "PAY-2"]


@pytest.mark.parametrize(
    ("answers", "amount", "left"), [(refusing, "15.00", []), (using, "15.00", []), (using, "5", []), (refusing, "5", ["PAY-78910"])]
)
def test_an_answer_that_contradicts_an_event_takes_it_out_of_mind(
    mosquitto: Mosquitto, link: Link, answers: Answers, amount: str, left: list[str]
) -> None:
    """But for an event with another amount than was typed: that is what the refusal is about."""
    plan_id = f"y-contradicted-{answers.__name__}-{amount}"
    assert heard_after(mosquitto, link, plan_id, answers, event(plan_id, amount=Decimal(amount)), asks=True) == left


@pytest.mark.parametrize("timestamp", ["yesterday", 5, None, "2025-01-15T10:24:30"])
def test_a_payment_whose_time_cannot_be_read_is_paid_all_the_same(timestamp: object) -> None:
    body = loads(event("y", payment_timestamp=timestamp)[1])
    body["timestamp"] = timestamp
    told = payment_event_from_payload("y", dumps(body))
    assert isinstance(told, PaymentReceived)
    assert told.paid_at is None


def test_an_event_names_the_swap_that_it_pays_and_when_it_was_paid() -> None:
    told = payment_event_from_payload("y", event("y", "TXN-01JHMN5Z000000000000000001")[1])
    assert isinstance(told, PaymentReceived)
    assert (told.transaction_id, told.paid_at) == ("TXN-01JHMN5Z000000000000000001", datetime(2025, 1, 15, 10, 24, 30, tzinfo=UTC))
    assert (told.for_another("TXN-01JHMN5Z000000000000000001"), told.for_another("TXN-2")) == (False, True)
