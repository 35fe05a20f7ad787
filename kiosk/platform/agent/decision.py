"""What an action does to the books: the pure part of the platform. No broker, no database; called again when another worker was quicker.

The events are always made and stored, because the platform is the source of truth for history (decision 19); whether they are published is
the template's `event_publishing_enabled` (decision 21).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import KioskError, PaymentError, PaymentUnconfirmed
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, EquipmentCheckin, EquipmentCheckout
from kiosk.domain.times import iso_utc
from kiosk.platform.agent import responses
from kiosk.platform.agent.parsing import Call
from kiosk.platform.agent.payment_allocation import Tender, single, whole
from kiosk.platform.agent.prepaid_credit import with_paid_top_up
from kiosk.platform.store.store_values import Books, Decision, EventToPublish, RecordedPayment, ServiceFact, Unapplied
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.topics import Topics, topic_for

SERVICE_COMPLETED, PAYMENT_RECEIVED = "SERVICE_COMPLETED", "PAYMENT_RECEIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One call with all it is decided from besides the books."""

    call: Call
    context: AgentContext
    topics: Topics

    def decide(self, books: Books) -> Decision:
        """What to write and what to answer."""
        try:
            tender = self._tender(books)
        except PaymentError as problem:
            return self.refuse_payment(problem)
        result = responses.named(_as_stored(self._result(books, tender), books, tender), self.call.step)
        changed = None if result.plan == books.plan else result.plan
        response = responses.flat(result, self.call.correlation_id)
        if self.call.step.question or self.call.step.success not in result.signals:
            return Decision(response=response, final=False, plan=changed)
        return self._booked(books, result, changed, response, tender)

    def refuse_payment(self, problem: KioskError) -> Decision:
        """Nothing is booked, because the payment is none."""
        call = self.call
        return Decision(response=responses.refusal(call.step, call.correlation_id, problem, signals=("PAYMENT_FAILED",)), final=False)

    def wait_for(self, unconfirmed: PaymentUnconfirmed) -> Decision:
        """Nothing is booked and nothing answered yet."""
        return Decision(response=b"", final=False, waits=True, reason=f"{message_for(unconfirmed).what}.")

    def _tender(self, books: Books) -> Tender:
        """What the receipt pays, if one is shown. Raises PaymentError."""
        payment, receipt = self.call.payment, self.call.receipt
        completes = isinstance(self.call.request, CompleteService)
        if payment is None or receipt is None:
            return Tender(unused=books.payments if completes else ())
        if not self.call.completes:
            return single(payment, self.call.owner, books)
        tender = whole(payment, receipt, self.call.owner, books)
        return tender if completes else replace(tender, unused=())  # the check-out counts all that the transaction owns

    def _result(self, books: Books, tender: Tender) -> AgentResult:
        request = self.call.request
        plan = books.plan
        if isinstance(request, EquipmentCheckout):
            plan = with_paid_top_up(request, plan, books.payments, self.context)
        known = books.receipt_paid is not None or bool(books.unapplied)
        result = service_agent(request, _telling(plan), replace(self.context, receipt_known=known))
        after = replace(result.plan, template=books.plan.template)
        if self.call.payment is not None and tender.new is None:
            after = replace(after, payment_state=books.plan.payment_state)  # the payment cycle has heard of this payment
        return replace(result, plan=after if self.call.step.success in result.signals or plan is books.plan else books.plan)

    def _booked(self, books: Books, result: AgentResult, changed: ServicePlan | None, response: bytes, tender: Tender) -> Decision:
        events = {event["event_type"]: event for event in result.events}
        received = None if tender.new is None else _with_amount(events[PAYMENT_RECEIVED], tender.new)
        completed = events.get(SERVICE_COMPLETED)
        publishes = books.plan.template.agent_config.service_completion.event_publishing_enabled
        told = [each for each in (completed, received) if each is not None and publishes]
        return Decision(
            response=response,
            final=True,
            plan=changed,
            service=_completed(completed) if completed else self._step_taken(result),
            payment=self._paid(books, received) if received else None,
            bound=tender.bound,
            unapplied=tuple(_not_counted(each, books) for each in tender.unused),
            events=tuple(self._to_publish(each) for each in told),
        )

    def _to_publish(self, event: Json) -> EventToPublish:
        pattern = self.topics.payment_received if event["event_type"] == PAYMENT_RECEIVED else self.topics.service_completed
        return EventToPublish(event_id=event["event_id"], topic=topic_for(pattern, self.call.plan_id), payload=dumps(event))

    def _paid(self, books: Books, event: Json) -> RecordedPayment | None:
        receipt = self.call.receipt
        if receipt is None:
            return None
        return RecordedPayment(
            key=receipt,
            owner=self.call.owner,
            plan_id=books.plan.id,
            amount=event["payment_data"]["amount"],
            currency=books.plan.billing_currency,
            at=self.context.now,
            event=dumps(event).decode(),
        )

    def _step_taken(self, result: AgentResult) -> ServiceFact | None:
        """A step of the older sequence in the history; a payment has a history of its own."""
        call = self.call
        if call.payment is not None:
            return None
        event_id = f"EVT-{call.step.part.upper()}-{call.correlation_id}"
        event = {
            "event_type": call.step.action,
            "event_id": event_id,
            "timestamp": iso_utc(self.context.now),
            "plan_id": call.plan_id,
            "customer_id": result.plan.customer_id,
            "service_data": result.metadata,
        }
        incoming, outgoing, net = _moved(call, result)
        return ServiceFact(
            event_id=event_id,
            event_type=call.step.action,
            event=event,
            incoming_battery_id=incoming,
            outgoing_battery_id=outgoing,
            net_kwh=net,
        )


def _not_counted(paid: RecordedPayment, books: Books) -> Unapplied:
    """Money for this transaction that it was completed without."""
    reason = f"{paid.owner} was completed without it" if paid.plan_id == books.plan.id else f"{paid.owner} is of the plan {books.plan.id}"
    return Unapplied(
        key=paid.key,
        plan_id=paid.plan_id,
        amount=paid.amount,
        currency=paid.currency,
        reference=paid.owner,
        kind="NOT_COUNTED",
        reason=reason,
        paid_at=paid.at,
    )


def _as_stored(result: AgentResult, books: Books, tender: Tender) -> AgentResult:
    """A completion tells the event of its payment as the history has it: its receipt's own amount, or what was recorded before."""
    made = result.metadata.get("payment_event")
    if made is None:
        return result
    if tender.new is not None:
        stored = _with_amount(made, tender.new)
    else:
        stored = made if books.receipt_paid is None else loads(books.receipt_paid.event)
    return replace(result, metadata={**result.metadata, "payment_event": stored})


def _with_amount(event: Json, amount: Decimal) -> Json:
    """The event tells of this receipt alone, also where the request tells the sum of several."""
    return {**event, "payment_data": {**event["payment_data"], "amount": amount}}


def _telling(plan: ServicePlan) -> ServicePlan:
    """The plan with its events switched on, so that the agent makes them."""
    config = plan.template.agent_config
    if config.service_completion.event_publishing_enabled:
        return plan
    completion = replace(config.service_completion, event_publishing_enabled=True)
    return replace(plan, template=replace(plan.template, agent_config=replace(config, service_completion=completion)))


def _completed(event: Json) -> ServiceFact:
    data = event["service_data"]
    return ServiceFact(
        event_id=event["event_id"],
        event_type=event["event_type"],
        event=event,
        incoming_battery_id=data["incoming_battery_id"],
        outgoing_battery_id=data["outgoing_battery_id"],
        net_kwh=data["net_delivered_kwh"],
    )


def _moved(call: Call, result: AgentResult) -> tuple[str | None, str | None, Decimal | None]:
    """Battery back, battery out, net energy, of a step of the older sequence."""
    request = call.request
    if isinstance(request, EquipmentCheckin):
        return request.equipment_id, None, None
    if isinstance(request, EquipmentCheckout):
        energy = result.metadata.get("electricity_calculation")
        return request.incoming_equipment_id, request.replacement_equipment_id, energy and energy["net_delivered_kwh"]
    return None, None, None
