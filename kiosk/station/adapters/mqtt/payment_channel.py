"""The PaymentChannel over MQTT: PROCESS_PAYMENT asked, and confirmed by its answer or by a PAYMENT_RECEIVED event (decision 22).

A refusal is PaymentRefused, or PaymentUsed when the platform says so; what is no word about the receipt is TransactionOwned or
StationRefused; no word in time is PaymentUnconfirmed; no link is LinkDown. An event
that names another amount or currency than the receipt that was asked about refuses it; one for another swap confirms nothing. An event
that came before the question counts when the platform does not answer it; the last events are kept for whoever looks later
(`received_payments`), but for those that an answer contradicts. The same receipt for the same swap is always the same bytes. What cannot be
understood is logged, and the wait goes on.

In the field's dialect payments are confirmed with the swap alone (`FieldPayments`).
"""

import asyncio
from collections import OrderedDict
from typing import Any, NoReturn

from kiosk.domain.errors import (
    KioskError,
    LinkDown,
    PaymentError,
    PaymentRefused,
    PaymentUnconfirmed,
    PaymentUsed,
    StationRefused,
    StepImpossible,
    TransactionOwned,
)
from kiosk.domain.language import tr
from kiosk.domain.money.payments import PaymentReceived, normalise_receipt_id
from kiosk.domain.requests import ProcessPayment, VerifyServiceQuota
from kiosk.domain.swap.swap import Payment, Swap
from kiosk.domain.written import format_money
from kiosk.shared.mqtt.session import AwaitedAnswers, MqttSession, ask_until_answered
from kiosk.shared.system import Clock, SystemClock
from kiosk.station.adapters.mqtt.answer_subscriptions import AnswerSubscriptions, Understood
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.station.events import Announce
from kiosk.wire.actions import BY_NAME, Topics, WireAction, topic_for
from kiosk.wire.claims import ClaimAnswer, claim_answer_from_payload, claim_to_payload
from kiosk.wire.payment_messages import PaymentAnswer, payment_answer_from_payload, payment_event_from_payload
from kiosk.wire.request_documents import write_request

_MAX_EVENTS = 256
_EXPIRY_SECONDS = 60
_PAUSE_SECONDS = 4.0
_QUESTION, _CLAIM = BY_NAME[ProcessPayment.action], BY_NAME[VerifyServiceQuota.action]
_CLAIM_TRIES = 2
_Key = tuple[str, str]


class MqttPayments:
    """Implements the port PaymentChannel. `announce` is called with every PAYMENT_RECEIVED of a plan in use. It claims where `own` are all
    the topics that are listened to: where the station signs."""

    takes_parts = True

    def __init__(
        self, session: MqttSession, topics: Topics, announce: Announce, own: StationTopics | None = None, clock: Clock | None = None
    ) -> None:
        self._session, self._topics, self._announce, self._clock = session, topics, announce, clock or SystemClock()
        handlers: dict[WireAction, Understood[Any]] = {_QUESTION: Understood(payment_answer_from_payload, self._on_answer)}
        self.claims = own is not None and own.alone
        if self.claims:
            handlers[_CLAIM] = Understood(claim_answer_from_payload, self._on_claim_answer)
        self._answers = AnswerSubscriptions(
            session, topics, handlers, own=own, on_event=Understood(payment_event_from_payload, self._on_event, "an event")
        )
        self._claiming: AwaitedAnswers[ClaimAnswer] = AwaitedAnswers()
        self._waiting: AwaitedAnswers[PaymentAnswer | PaymentReceived] = AwaitedAnswers()
        self._questions: dict[_Key, ProcessPayment] = {}
        self._events: OrderedDict[_Key, PaymentReceived] = OrderedDict()

    async def prepare(self, plan_id: str) -> None:
        await self._answers.need(plan_id)

    async def claim(self, swap: Swap, timeout_seconds: float) -> None:
        plan_id, known = swap.plan.id, swap.correlation_id
        topic, payload = topic_for(self._topics.verify_service_quota, plan_id), claim_to_payload(swap, self._clock.now())
        expiry_seconds = max(1, round(timeout_seconds))

        def publish() -> None:
            self._session.publish(topic, payload, self._answers.delivery(_CLAIM, plan_id, known, expiry_seconds))

        try:
            async with asyncio.timeout(timeout_seconds):
                await self._answers.need(plan_id)
                with self._claiming.asking(known) as answer:
                    said = await ask_until_answered(answer, publish, timeout_seconds / _CLAIM_TRIES)
        except TimeoutError as error:
            raise LinkDown(tr("the platform does not answer within {seconds} s", seconds=f"{timeout_seconds:g}")) from error
        if not said.claimed:
            _refuse(said, LinkDown(said.reason))

    async def confirm(self, swap: Swap, payment: Payment, timeout_seconds: float) -> None:
        question, key = _request(swap, payment), _key(swap.plan.id, payment.receipt_id)
        self._questions[key] = question
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._answers.need(swap.plan.id)
                word = await self._ask(swap.plan.id, question)
        except TimeoutError as error:
            earlier = self._events.get(key)
            if earlier is None or earlier.for_another(swap.correlation_id):  # what paid another swap confirms nothing (decision 10)
                raise PaymentUnconfirmed(payment.receipt_id, timeout_seconds) from error
            word = earlier
        finally:
            if self._questions.get(key) is question:
                del self._questions[key]
        try:
            _check_confirmed(word, payment)
        except PaymentError:
            self._drop_contradicted(key, word, payment)
            raise

    def received_payments(self, plan_id: str) -> tuple[PaymentReceived, ...]:
        return tuple(event for event in self._events.values() if event.plan_id == plan_id)

    def _drop_contradicted(self, key: _Key, word: PaymentAnswer | PaymentReceived, payment: Payment) -> None:
        """The platform has refused what an event had confirmed: the later answer holds, unless it is about what was typed wrongly."""
        event = self._events.get(key)
        typed_right = event is not None and (event.amount, event.currency) == (payment.amount, payment.currency)
        if isinstance(word, PaymentAnswer) and (word.used or typed_right):
            self._events.pop(key, None)

    async def _ask(self, plan_id: str, question: ProcessPayment) -> PaymentReceived | PaymentAnswer:
        """The platform's word, whichever way it comes first."""
        topic, payload = topic_for(self._topics.process_payment, plan_id), write_request(question)

        def publish() -> None:
            self._session.publish(topic, payload, self._answers.delivery(_QUESTION, plan_id, question.correlation_id, _EXPIRY_SECONDS))

        with self._waiting.asking(question.correlation_id) as answer:
            return await ask_until_answered(answer, publish, _PAUSE_SECONDS)

    def _on_answer(self, answer: PaymentAnswer) -> None:
        self._waiting.answer(answer.correlation_id, answer)

    def _on_claim_answer(self, answer: ClaimAnswer) -> None:
        self._claiming.answer(answer.correlation_id, answer)

    def _on_event(self, event: PaymentReceived) -> None:
        key = _key(event.plan_id, event.receipt_id)
        self._events[key] = event
        if len(self._events) > _MAX_EVENTS:
            self._events.popitem(last=False)
        question = self._questions.get(key)
        if question is not None and not event.for_another(question.transaction_id):
            self._waiting.answer(question.correlation_id, event)
        self._announce(event)


class FieldPayments:
    """Implements the port PaymentChannel where a payment is confirmed with its swap alone."""

    takes_parts = claims = False

    async def claim(self, swap: Swap, timeout_seconds: float) -> None:
        """The field's dialect has no signatures, and so nobody who owns a transaction."""

    async def prepare(self, plan_id: str) -> None:
        """There is nothing to subscribe to."""

    async def confirm(self, _swap: Swap, _payment: Payment, _timeout_seconds: float) -> None:
        """Always raises StepImpossible."""
        raise StepImpossible(tr("the platform confirms it with the swap. A supervisor may approve it"))

    def received_payments(self, _plan_id: str) -> tuple[PaymentReceived, ...]:
        """Nothing, ever."""
        return ()


def _check_confirmed(word: PaymentReceived | PaymentAnswer, payment: Payment) -> None:
    """Raises PaymentUsed, PaymentRefused unless the platform's word confirms this payment."""
    if isinstance(word, PaymentReceived):
        if (word.amount, word.currency) != (payment.amount, payment.currency):
            raise PaymentRefused(payment.receipt_id, tr("it was paid with {amount}", amount=format_money(word.amount, word.currency)))
    elif word.used:
        raise PaymentUsed(payment.method, payment.receipt_id)
    elif not word.confirmed:
        _refuse(word, PaymentRefused(payment.receipt_id, word.reason))


def _refuse(word: PaymentAnswer | ClaimAnswer, otherwise: KioskError) -> NoReturn:
    """What is no word about the receipt or the plan, but about whose transaction it is, or whose station this is."""
    if word.owned:
        raise TransactionOwned(word.reason)
    if word.station_refused:
        raise StationRefused(word.reason)
    raise otherwise


def _request(swap: Swap, payment: Payment) -> ProcessPayment:
    """The id names the receipt, so that another receipt for the same swap is another question, and ends in the swap's own 26 characters."""
    return ProcessPayment(
        payment_amount=payment.amount,
        payment_receipt_id=payment.receipt_id,
        payment_method=payment.method,
        attendant_id=swap.attendant_id,
        attendant_station=swap.station_id,
        correlation_id=f"att-payment-{payment.receipt_id}-{swap.correlation_id.removeprefix('TXN-')}",
        transaction_id=swap.correlation_id,
        payment_timestamp=payment.recorded_at,
    )


def _key(plan_id: str, receipt_id: str) -> _Key:
    return plan_id, normalise_receipt_id(receipt_id)
