"""Decides a request: the pure part of the platform. No broker, no database; called again when another worker was quicker.

The events are always made and stored, because the platform is the source of truth for history (decision 19); whether they are published is
the template's `event_publishing_enabled` (decision 21).

What a receipt that is shown pays, by the payments that are recorded (decisions 9, 10):

- A receipt pays one transaction, once, with one amount. One that the ERP system has confirmed without naming a transaction belongs to the
  first transaction of its plan that shows it.
- COMPLETE_SERVICE, and the payment of the older sequence, show the last receipt with the sum of all: the sum of what is recorded for the
  transaction counts. Parts that were confirmed without a transaction are this plan's customer's money: they are taken where they make up
  the sum exactly.
- Money that came and could not be applied pays nothing until a person has settled it; neither does money for a transaction that is
  completed already.
- What was paid for a transaction and is not counted when it is completed is kept as an unapplied payment: a person has to see it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, combinations

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.energy import energy_of
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import (
    KioskError,
    NotFound,
    PaymentError,
    PaymentInvalid,
    PaymentUnapplied,
    PaymentUnconfirmed,
    PaymentUsed,
    StationRefused,
    StepImpossible,
)
from kiosk.domain.messages import message_for
from kiosk.domain.money.money import check_covers, payment_credit
from kiosk.domain.plan.quota import Credit, check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, EquipmentCheckin, EquipmentCheckout, Exchange, ProcessPayment
from kiosk.domain.times import iso_utc
from kiosk.platform.agent.odd_times import odd_time, time_to_settle, with_mark
from kiosk.platform.agent.returned_energy import plan_by_readings, to_settle, without_energy
from kiosk.platform.agent.wire_messages import ParsedRequest, reason_of, refusal, repetition, response_to, with_failure_signal
from kiosk.platform.outgoing_events import PAYMENT_RECEIVED, SERVICE_COMPLETED, to_publish, told_at_claim
from kiosk.platform.store.store_values import (
    Decision,
    Known,
    OwnedElsewhere,
    ReceiptKey,
    RecordedPayment,
    RecordedRequest,
    ServiceFact,
    Snapshot,
    Unapplied,
)
from kiosk.wire.actions import FIELD_COMPLETION, StationRefusal
from kiosk.wire.exact_json import dumps, loads

PLAN_UNKNOWN, PAYMENT_FAILED = "SERVICE_PLAN_NOT_FOUND", "PAYMENT_FAILED"
_MAX_PARTS = 8  # parts of one payment; more are not tried for a sum


def top_up_prepaid(
    request: EquipmentCheckout, plan: ServicePlan, payments: tuple[RecordedPayment, ...], context: AgentContext
) -> ServicePlan:
    """The plan with its quotas topped up by what was paid for this transaction; the same object where nothing is short or it does not
    suffice."""
    amount = sum((each.amount for each in payments if each.plan_id == plan.id), Decimal(0))
    if not amount:
        return plan
    try:
        quota = check_quota(plan, energy_of(request, plan).net_kwh)
        if not quota.exhausted:
            return plan
        check_covers(quota, plan, amount, context.collectable)
        credit = payment_credit(quota, plan, amount, context.collectable)
    except KioskError:
        return plan  # the agent will name the reason
    return _add_credit(plan, credit)


def _add_credit(plan: ServicePlan, credit: Credit) -> ServicePlan:
    swaps, electricity = plan.swap_count, plan.electricity
    credited = plan.with_states(replace(swaps, quota=swaps.quota + credit.swaps))
    return credited.with_states(replace(electricity, quota=electricity.quota + credit.kwh)) if electricity else credited


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAllocation:
    """`new` is the amount to record for the receipt, None where it is recorded already; `assigned` are payments that now belong to the
    transaction; `unused` those that were made for it and do not count.
    """

    new: Decimal | None = None
    assigned: tuple[RecordedPayment, ...] = ()
    unused: tuple[RecordedPayment, ...] = ()


def allocate_receipt(payment: ProcessPayment, owner: str, snapshot: Snapshot) -> PaymentAllocation:
    """The question whether a receipt is paid: this receipt with its own amount. Raises PaymentUsed, PaymentInvalid, PaymentUnapplied."""
    paid = _find_recorded(payment, owner, snapshot)
    if paid is None:
        return PaymentAllocation(new=payment.payment_amount)
    if paid.amount != payment.payment_amount:
        raise _other_amount(paid)
    return PaymentAllocation(assigned=_assign((paid,), owner))


def allocate_to_swap(payment: ProcessPayment, receipt: ReceiptKey, owner: str, snapshot: Snapshot) -> PaymentAllocation:
    """What completes a swap: the receipt's own amount, or the sum of the transaction's. Raises as `allocate_receipt`."""
    paid = _find_recorded(payment, owner, snapshot)
    others = tuple(each for each in snapshot.payments if each.key != receipt)
    here = [each for each in others if each.plan_id == snapshot.plan.id]
    strays = tuple(each for each in others if each.plan_id != snapshot.plan.id)
    before = sum((each.amount for each in here), Decimal(0))
    amount = payment.payment_amount
    if paid is None:
        return PaymentAllocation(new=amount - before, unused=strays) if before < amount else PaymentAllocation(new=amount, unused=others)
    if amount == paid.amount:
        return PaymentAllocation(assigned=_assign((paid,), owner), unused=others)
    for parts in _sets_of_parts(snapshot, receipt):
        if before + paid.amount + sum(each.amount for each in parts) == amount:
            return PaymentAllocation(assigned=_assign((paid, *parts), owner), unused=strays)
    raise _other_amount(paid)


def _find_recorded(payment: ProcessPayment, owner: str, snapshot: Snapshot) -> RecordedPayment | None:
    paid = snapshot.receipt_paid
    if snapshot.too_late and (paid is None or not paid.owner):
        raise PaymentUnapplied(payment.payment_receipt_id, f"{owner} is completed already")
    if paid is None and snapshot.unapplied:
        raise PaymentUnapplied(payment.payment_receipt_id, snapshot.unapplied)
    if paid and (paid.plan_id != snapshot.plan.id or paid.owner not in ("", owner)):
        raise PaymentUsed(payment.payment_method, payment.payment_receipt_id, paid.at)
    return paid


def _sets_of_parts(snapshot: Snapshot, receipt: ReceiptKey) -> Iterator[tuple[RecordedPayment, ...]]:
    """No part, then each, then each two: the fewest come first."""
    unassigned = [each for each in snapshot.unassigned if each.key != receipt][-_MAX_PARTS:]
    for many in range(len(unassigned) + 1):
        yield from combinations(unassigned, many)


def _assign(payments: Iterable[RecordedPayment], owner: str) -> tuple[RecordedPayment, ...]:
    return tuple(replace(each, owner=owner) for each in payments if not each.owner)


def _other_amount(paid: RecordedPayment) -> PaymentInvalid:
    return PaymentInvalid(f"this receipt was recorded with {paid.amount} {paid.currency}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """A request and what it is decided from besides what the store knows: the time, and why its payment is none."""

    parsed: ParsedRequest
    context: AgentContext
    payment_problem: KioskError | None = None

    def decide(self, known: Known) -> Decision:
        """What to write and what to answer."""
        match known:
            case RecordedRequest():
                return self._repeat(known)
            case None:
                return self._refuse(NotFound("plan", self.parsed.plan_id), signal=PLAN_UNKNOWN)
            case OwnedElsewhere():
                return self._refuse(_owned(known), signal=StationRefusal.OWNED)
            case Snapshot():
                return self._with_claim(self._decide(known), known)

    def _repeat(self, recorded: RecordedRequest) -> Decision:
        """The answer that was given before; a request with other content is refused, and the first stands (decision 17)."""
        parsed = self.parsed
        if recorded.digest == parsed.digest and recorded.action == parsed.route.action.name:
            return Decision(response=repetition(recorded.response), final=False)
        clash = StepImpossible(f"{parsed.correlation_id} was used before with other content, which stands")
        return Decision(response=refusal(parsed.route, parsed.correlation_id, clash), final=False)

    def _with_claim(self, decision: Decision, snapshot: Snapshot) -> Decision:
        """Whatever becomes of the first request of a transaction, its signer began it (decision 27)."""
        if not snapshot.claims:
            return decision
        return replace(decision, claims=True, events=(*decision.events, *told_at_claim(snapshot, self.parsed.signer)))

    def _decide(self, snapshot: Snapshot) -> Decision:
        if isinstance(self.payment_problem, PaymentUnconfirmed):
            why = f"{message_for(self.payment_problem).what}." if self.parsed.completes else ""  # a question leaves no trace
            return Decision(response=b"", final=False, waits=True, reason=why)
        if self.payment_problem is not None:
            return self._refuse(self.payment_problem, signal=PAYMENT_FAILED)
        try:
            allocation = self._allocate(snapshot)
        except PaymentError as problem:
            return self._refuse(problem, signal=PAYMENT_FAILED)
        result, booked_on = self._run_agent(snapshot, allocation)
        odd = odd_time(self.parsed.request, self.context.now)
        result = with_failure_signal(with_mark(_with_stored_payment(result, snapshot, allocation), odd), self.parsed.route)
        changed = None if result.plan == snapshot.plan else result.plan
        response = response_to(result, self.parsed.correlation_id)
        if self.parsed.route.action.question or not self._succeeds(result):
            return self._not_recorded(response, changed)
        decision = self._record(snapshot, result, changed, response, allocation)
        request = self.parsed.request
        if not isinstance(request, Exchange):
            return decision
        more = to_settle(request, snapshot.plan, booked_on, self.context.limits)
        return replace(decision, to_settle=(*more, *time_to_settle(request, odd, self.context.now)))

    def _refuse(self, problem: KioskError, *, signal: str) -> Decision:
        return self._not_recorded(refusal(self.parsed.route, self.parsed.correlation_id, problem, signals=(signal,)))

    def _not_recorded(self, response: bytes, changed: ServicePlan | None = None) -> Decision:
        """A refusal is kept with its reason for a person, the answer to a question is not."""
        question = self.parsed.route.action.question
        return Decision(response=response, final=False, plan=changed, reason="" if question else reason_of(response))

    def _succeeds(self, result: AgentResult) -> bool:
        return self.parsed.route.action.success in result.signals

    def _allocate(self, snapshot: Snapshot) -> PaymentAllocation:
        """What the receipt pays, if one is shown. Raises PaymentError."""
        payment, receipt = self.parsed.payment, self.parsed.receipt
        completes = isinstance(self.parsed.request, CompleteService)
        if payment is None or receipt is None:
            return PaymentAllocation(unused=snapshot.payments if completes else ())
        if not self.parsed.completes:
            return allocate_receipt(payment, self.parsed.owner, snapshot)
        allocation = allocate_to_swap(payment, receipt, self.parsed.owner, snapshot)
        return allocation if completes else replace(allocation, unused=())  # the check-out counts all that the transaction owns

    def _run_agent(self, snapshot: Snapshot, allocation: PaymentAllocation) -> tuple[AgentResult, ServicePlan]:
        """The agent's result, and the plan that it was worked out from: as it is, else with the readings alone, as the
        counter knew them (decision 28)."""
        request, plan = self.parsed.request, snapshot.plan
        result = self._ask_agent(snapshot, plan, allocation)
        if isinstance(request, Exchange) and not self._succeeds(result):
            unbounded = plan_by_readings(request, plan)
            second = result if unbounded is plan else self._ask_agent(snapshot, unbounded, allocation)
            if self._succeeds(second):
                return second, unbounded
        return result, plan

    def _ask_agent(self, snapshot: Snapshot, plan: ServicePlan, allocation: PaymentAllocation) -> AgentResult:
        request, before = self.parsed.request, plan
        if isinstance(request, EquipmentCheckout):
            plan = top_up_prepaid(request, plan, snapshot.payments, self.context)
        context = replace(self.context, receipt_known=snapshot.receipt_paid is not None or bool(snapshot.unapplied))
        result = service_agent(request, _with_events_on(plan), context)
        after = replace(result.plan, template=snapshot.plan.template)
        if self.parsed.payment is not None and allocation.new is None:
            after = replace(after, payment_state=snapshot.plan.payment_state)  # the payment cycle knows this payment already
        if self.parsed.route.action.name == FIELD_COMPLETION and self._succeeds(result):
            after = without_energy(after)
        return replace(result, plan=after if self._succeeds(result) or plan is before else snapshot.plan)

    def _record(
        self, snapshot: Snapshot, result: AgentResult, changed: ServicePlan | None, response: bytes, allocation: PaymentAllocation
    ) -> Decision:
        events = {event["event_type"]: event for event in result.events}
        received = None if allocation.new is None else _with_amount(events[PAYMENT_RECEIVED], allocation.new)
        completed = events.get(SERVICE_COMPLETED)
        payment = None
        if received and self.parsed.receipt:
            payment = RecordedPayment(
                key=self.parsed.receipt,
                owner=self.parsed.owner,
                plan_id=snapshot.plan.id,
                amount=received["payment_data"]["amount"],
                currency=snapshot.plan.billing_currency,
                at=self.context.now,
                event=dumps(received).decode(),
            )
        return Decision(
            response=response,
            final=True,
            plan=changed,
            service=_completed_service(completed) if completed else self._step_of_sequence(result),
            payment=payment,
            assigned=allocation.assigned,
            unapplied=tuple(_not_counted(each, snapshot) for each in allocation.unused),
            events=tuple(
                chain.from_iterable(to_publish(each, snapshot.plan, snapshot.listening) for each in (completed, received) if each)
            ),
        )

    def _step_of_sequence(self, result: AgentResult) -> ServiceFact | None:
        """A step of the older sequence in the history; a payment has a history of its own."""
        parsed = self.parsed
        if parsed.payment is not None:
            return None
        event_id = f"EVT-{parsed.route.action.effect.upper()}-{parsed.correlation_id}"
        event = {
            "event_type": parsed.route.action.name,
            "event_id": event_id,
            "timestamp": iso_utc(self.context.now),
            "plan_id": parsed.plan_id,
            "customer_id": result.plan.customer_id,
            "service_data": result.metadata,
        }
        fact = ServiceFact(event_id=event_id, event_type=parsed.route.action.name, event=event)
        match parsed.request:
            case EquipmentCheckin(equipment_id=returned):
                return replace(fact, incoming_battery_id=returned)
            case EquipmentCheckout(incoming_equipment_id=returned, replacement_equipment_id=issued):
                energy = result.metadata.get("electricity_calculation")
                net = energy and energy["net_delivered_kwh"]
                return replace(fact, incoming_battery_id=returned, outgoing_battery_id=issued, net_kwh=net)
        return fact


def _owned(known: OwnedElsewhere) -> StationRefused:
    return StationRefused(f"{known.transaction} was begun at the station {known.station_id}; the platform's desk can free it")


def _not_counted(paid: RecordedPayment, snapshot: Snapshot) -> Unapplied:
    """Money for this transaction that it was completed without."""
    here = paid.plan_id == snapshot.plan.id
    return Unapplied(
        key=paid.key,
        plan_id=paid.plan_id,
        amount=paid.amount,
        currency=paid.currency,
        reference=paid.owner,
        kind="NOT_COUNTED",
        reason=f"{paid.owner} was completed without it" if here else f"{paid.owner} is of the plan {snapshot.plan.id}",
        paid_at=paid.at,
    )


def _with_stored_payment(result: AgentResult, snapshot: Snapshot, allocation: PaymentAllocation) -> AgentResult:
    """A completion answers with the event of its payment as it is stored: its receipt's own amount, or what was recorded before."""
    stored = result.metadata.get("payment_event")
    if stored is None:
        return result
    if allocation.new is not None:
        stored = _with_amount(stored, allocation.new)
    elif snapshot.receipt_paid is not None:
        stored = loads(snapshot.receipt_paid.event)
    return replace(result, metadata={**result.metadata, "payment_event": stored})


def _with_amount(event: Json, amount: Decimal) -> Json:
    """The event is about this receipt alone, also where the request gives the sum of several."""
    return {**event, "payment_data": {**event["payment_data"], "amount": amount}}


def _with_events_on(plan: ServicePlan) -> ServicePlan:
    """The plan with its events switched on, so that the agent makes them."""
    if plan.publishes_events:
        return plan
    config = plan.template.agent_config
    completion = replace(config.service_completion, event_publishing_enabled=True)
    return replace(plan, template=replace(plan.template, agent_config=replace(config, service_completion=completion)))


def _completed_service(event: Json) -> ServiceFact:
    data = event["service_data"]
    return ServiceFact(
        event_id=event["event_id"],
        event_type=event["event_type"],
        event=event,
        incoming_battery_id=data["incoming_battery_id"],
        outgoing_battery_id=data["outgoing_battery_id"],
        net_kwh=data["net_delivered_kwh"],
    )
