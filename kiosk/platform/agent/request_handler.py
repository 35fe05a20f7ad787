"""The platform's agent: messages in, their answers and events out. One call is one transaction; workers may share a database.

What happens on each kind of failure:

- A message that cannot be read: refused with a reason where a correlation id can be told, else a line in the log.
- A plan that is not known, a request that the agent refuses: a failure signal with every reason. Refusals are not remembered: the same
  correlation id may succeed later, when what was wrong has been mended.
- The same correlation id again: the first answer with IDEMPOTENT_OPERATION_DETECTED; with other content: refused, and the first stands
  (decision 17).
- A stored plan that cannot be read: what is asked about it stays unanswered, with the reason in the log; what came with it is answered.
- The database does not answer, or the payment can be neither confirmed nor refused now: no answer at all, because any would be final at the
  kiosk; it asks again. A swap that was made on such a payment waits for people to see.
"""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import (
    BadInput,
    CustomerUnknown,
    KioskError,
    NotFound,
    PaymentInvalid,
    PaymentUnconfirmed,
    StepImpossible,
    StoreFailed,
)
from kiosk.domain.money.money import check_decimals
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import IdentifyCustomer
from kiosk.platform.agent import responses as replies
from kiosk.platform.agent.decision import Booking
from kiosk.platform.agent.parsing import Call, Malformed, read_call
from kiosk.platform.agent.routes import Incoming, Outgoing, answer_topic, step_for, steps_of
from kiosk.platform.payments.verifiers import PaymentVerifier, check_form
from kiosk.platform.rules import PlatformRules
from kiosk.platform.store.reading_history import TelemetryBook
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.retry import is_outage
from kiosk.platform.store.store_values import ISSUE, Asked, Books, Decision, EventToPublish, Failed, Glance, Key, Outcome, Recorded, Wanted
from kiosk.shared.clock import Clock
from kiosk.wire.actions import FIELD_COMPLETION
from kiosk.wire.ids import MOST_ID_LENGTH
from kiosk.wire.reading_documents import reading_of

log = logging.getLogger(__name__)
_UNKNOWN = "SERVICE_PLAN_NOT_FOUND"
_MOST_TOLD = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to publish, None for silence, and to which action; then the events, which are stored and wait to be published."""

    answer: Outgoing | None = None
    events: tuple[EventToPublish, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A reply for each message, in their order; `noted` when what had left before is noted as published."""

    replies: tuple[Reply, ...]
    noted: bool


@dataclass(slots=True)
class _Case:
    """A message on its way to its answer; `call` None where there is nobody to answer, `problem` where its payment is none."""

    incoming: Incoming
    call: Call | Malformed | None = None
    problem: KioskError | None = None
    reply: bytes | None = None
    events: tuple[EventToPublish, ...] = ()


@contextmanager
def _or_silence(incoming: Incoming) -> Generator[None]:
    """What one message raises leaves that one unanswered, and says so in the log."""
    try:
        yield
    except BadInput as error:
        log.info("a message on %s cannot be answered: %s %s", incoming.topic[:200], error.where, error.reason)
    except StoreFailed:
        log.exception("a message on %s stays unanswered", incoming.topic)
    except Exception:  # a bug must not silence the platform
        log.exception("a message on %s was not handled", incoming.topic[:200])


def _together[T](cases: Sequence[_Case], ask: Callable[[Sequence[Call]], list[T]]) -> list[tuple[_Case, T]]:
    """What `ask` knows of each case, asked at once; one by one where a case makes that fail (a plan that cannot be read), and that one is
    left out and silent. Raises StoreFailed when the database is away.
    """
    try:
        return list(zip(cases, ask([_call(each) for each in cases]), strict=True)) if cases else []
    except Exception as error:  # by one of them, whatever it was
        if is_outage(error):
            raise
    found: list[tuple[_Case, T]] = []
    for case in cases:
        with _or_silence(case.incoming):
            found += zip((case,), ask([_call(case)]), strict=True)
    return found


def _log_unconfirmed(receipt_id: str, plan_id: str) -> None:
    log.warning("the payment callback has not confirmed receipt %s of plan %s; what shows it waits unanswered", receipt_id, plan_id)


def _log_outage(cases: Sequence[_Case], error: StoreFailed) -> None:
    log.error("a message on %s stays unanswered, and %s more with it", cases[0].incoming.topic, len(cases) - 1, exc_info=error)


class Desk:
    """Answers. Holds no state but which unconfirmed receipts its log has told of: a kiosk asks again and again."""

    def __init__(self, store: PlatformStore, verifier: PaymentVerifier, clock: Clock, rules: PlatformRules) -> None:
        self._store, self._verifier, self._clock, self._rules = store, verifier, clock, rules
        self._steps, self._readings = steps_of(rules.topics), TelemetryBook(store)
        self._tell_unconfirmed = lru_cache(maxsize=_MOST_TOLD)(_log_unconfirmed)  # once each

    def handle(self, incoming: Incoming) -> Reply:
        """What to publish now. Nothing is raised."""
        return self.handle_all((incoming,)).replies[0]

    def handle_all(self, batch: Sequence[Incoming], left: Sequence[int] = ()) -> Handled:
        """A reply for each message, as if they came one by one. What they book is one transaction; it notes too that `left` have left."""
        cases = [self._case(each) for each in batch]
        noted = self._transact([each for each in cases if isinstance(each.call, Call) and each.call.step.part], left)
        self._look_up([each for each in cases if isinstance(each.call, Call) and not each.call.step.part])
        for each in cases:
            if isinstance(each.call, Malformed):
                each.reply = self._malformed(each.call)
        return Handled(replies=tuple(_reply(each, self._clock.now()) for each in cases), noted=noted)

    def _case(self, incoming: Incoming) -> _Case:
        case = _Case(incoming)
        with _or_silence(incoming):
            found = step_for(self._steps, incoming.topic)
            if found is None:
                raise BadInput("the topic", "is none that something is asked on")
            case.call = read_call(*found, incoming)
        return case

    def _malformed(self, call: Malformed) -> bytes:
        if call.step.action == IdentifyCustomer.action:
            return replies.not_identified(call.plan_id, call.correlation_id, self._clock.now(), call.signal, call.error)
        return replies.refusal(call.step, call.correlation_id, call.error, signals=(call.signal,))

    def _look_up(self, cases: Sequence[_Case]) -> None:
        """What is asked and changes nothing: who stands at the counter, with which batteries."""
        try:
            for case, plan in _together(cases, self._plans):
                with _or_silence(case.incoming):
                    case.reply = self._identified(_call(case), plan)
        except StoreFailed as error:
            _log_outage(cases, error)

    def _plans(self, calls: Sequence[Call]) -> list[ServicePlan | None]:
        found = self._store.plans([each.plan_id for each in calls])
        return [found.get(each.plan_id) for each in calls]

    def _identified(self, call: Call, plan: ServicePlan | None) -> bytes:
        now = self._clock.now()
        if call.step.action != IdentifyCustomer.action:
            return self._identified_battery(call, plan)
        if plan is None:
            return replies.not_identified(call.plan_id, call.correlation_id, now, _UNKNOWN, CustomerUnknown(call.plan_id))
        return replies.identified(service_agent(call.request, plan, self._context()), plan, call.correlation_id, now)

    def _identified_battery(self, call: Call, plan: ServicePlan | None) -> bytes:
        if plan is None:
            return replies.refusal(call.step, call.correlation_id, NotFound("plan", call.plan_id), signals=(_UNKNOWN,))
        context = replace(self._context(), last_reading=self._last_reading(call))
        return replies.flat(replies.named(service_agent(call.request, plan, context), call.step), call.correlation_id)

    def _last_reading(self, call: Call) -> KnownReading | None:
        """The last one known of the battery beside the one that is told. Raises StoreFailed."""
        reading = getattr(call.request, "telemetry", None)
        if not isinstance(reading, BatteryTelemetry):
            return None
        document = self._readings.latest_beside(normalise_id(reading.battery_id), reading.timestamp)
        return None if document is None else reading_of(document)

    # ------------------------------------------------------------ what is booked

    def _transact(self, cases: Sequence[_Case], left: Sequence[int]) -> bool:
        """Whether `left` was noted."""
        try:
            ready = self._verified(cases)
            if not ready:
                return False
            outcomes = self._store.act_all([self._wanted(each) for each in ready], left)
        except StoreFailed as error:
            _log_outage(cases, error)
            return False
        for case, outcome in zip(ready, outcomes, strict=True):
            with self._or_wait(case):
                case.reply, case.events = _told(_call(case), outcome)
        return True

    @contextmanager
    def _or_wait(self, case: _Case) -> Generator[None]:
        """As `_or_silence`, for what waits for its payment to be confirmed."""
        with _or_silence(case.incoming):
            try:
                yield
            except PaymentUnconfirmed as error:
                self._tell_unconfirmed(error.receipt_id, _call(case).plan_id)

    def _wanted(self, case: _Case) -> Wanted:
        call, problem = _call(case), case.problem
        booking = Booking(call=call, context=self._context(), topics=self._rules.topics)

        def decide(books: Books) -> Decision:
            if isinstance(problem, PaymentUnconfirmed):
                return booking.wait_for(problem)
            return _explained(booking.decide(books) if problem is None else booking.refuse_payment(problem))

        return Wanted(asked=_asked(call, booking.context.now), decide=decide, question=call.step.question)

    def _verified(self, cases: Sequence[_Case]) -> list[_Case]:
        """The cases that can be decided: asks about the receipts that the books do not know yet, outside any transaction."""
        showing = [each for each in cases if _call(each).receipt is not None]
        silent = {id(each) for each in showing}
        for case, known in _together(showing, self._glances):
            with self._or_wait(case):
                case.problem = self._payment_problem(_call(case), known)
                silent.remove(id(case))
        return [each for each in cases if id(each) not in silent]

    def _glances(self, calls: Sequence[Call]) -> list[Glance]:
        return self._store.glance([_asked(each, self._clock.now()) for each in calls])

    def _payment_problem(self, call: Call, known: Glance) -> KioskError | None:
        """Why the payment is none; PaymentUnconfirmed where that cannot be told now, which is raised where no swap was made on it.

        The operator's policy is the floor: a template says only whether the kiosk waits for the platform's word (decision 32).
        """
        payment, books = call.payment, known.books
        if payment is None or books is None or known.recorded is not None or books.receipt_paid is not None or books.unapplied:
            return None
        if self._store.plans([payment.payment_receipt_id]):
            return PaymentInvalid("it is a customer's code, not a receipt")
        try:
            check_form(payment)
            if not call.completes:
                _check_method(call, books)
                check_decimals(payment.payment_amount, books.plan.billing_currency)
            self._verifier.verify(payment, books.plan)
        except KioskError as error:
            if isinstance(error, PaymentUnconfirmed) and not call.completes:
                raise  # a question, which leaves no trace
            return error
        return None

    def _context(self) -> AgentContext:
        return AgentContext(now=self._clock.now(), limits=self._rules.limits, collectable=self._rules.collectable)


def _check_method(call: Call, books: Books) -> None:
    """A receipt that was paid by another method is that one, typed wrongly: said while it can be typed again. Raises PaymentInvalid."""
    for each in (*books.payments, *books.loose):
        if call.receipt is not None and each.key.receipt_id == call.receipt.receipt_id:
            raise PaymentInvalid(f"this receipt was recorded as {each.key.method}")


def _call(case: _Case) -> Call:
    """Of a case that has one."""
    if not isinstance(case.call, Call):
        raise TypeError("this message is no call")
    return case.call


def _reply(case: _Case, now: datetime) -> Reply:
    call, payload = case.call, case.reply
    if call is None or payload is None:
        return Reply(events=case.events)
    if call.step.action == FIELD_COMPLETION:
        paid = isinstance(call, Call) and call.payment is not None
        payload = replies.in_field_words(call.plan_id, payload, now, paid=paid)
    topic = answer_topic(call.step, call.plan_id, case.incoming.response_topic)
    answer = Outgoing(topic=topic, payload=payload, correlation_data=case.incoming.correlation_data)
    return Reply(answer=answer, events=case.events, action=call.step.action)


def _told(call: Call, outcome: Outcome | Failed) -> tuple[bytes, tuple[EventToPublish, ...]]:
    """The answer and the events of what came of it."""
    match outcome:
        case Failed(error=BadInput() as unfit):
            return replies.refusal(call.step, call.correlation_id, unfit), ()
        case Failed(error=error):
            raise error
        case Decision(waits=True):
            raise PaymentUnconfirmed(call.payment.payment_receipt_id if call.payment else "", 0.0)
        case Decision():
            return outcome.response, outcome.events
        case Recorded():
            return _done_before(call, outcome), ()
    unknown = NotFound("plan", call.plan_id)
    return replies.refusal(call.step, call.correlation_id, unknown, signals=(_UNKNOWN,)), ()


def _asked(call: Call, at: datetime) -> Asked:
    station, attendant = (_brief(getattr(call.request, name, "")) for name in ("attendant_station", "attendant_id"))
    return Asked(
        key=call.key,
        plan_id=call.plan_id,
        action=call.step.action,
        digest=call.digest,
        request=call.content,
        receipt=call.receipt,
        at=at,
        pays=_paid_for(call),
        station_id=station,
        attendant_id=attendant,
    )


def _paid_for(call: Call) -> Key | None:
    """A payment is for the new battery of its transaction."""
    return None if call.payment is None else Key(correlation_id=call.owner, part=ISSUE)


def _brief(text: str) -> str:
    """An id to look up by; what is too long for one is none."""
    return text if len(text) <= MOST_ID_LENGTH else ""


def _explained(decision: Decision) -> Decision:
    """A refusal with its reason, for the list of refusals."""
    return decision if decision.final else replace(decision, reason=replies.reason_in(decision.response))


def _done_before(call: Call, recorded: Recorded) -> bytes:
    if recorded.digest == call.digest and recorded.action == call.step.action:
        return replies.repeated(recorded.response)
    clash = StepImpossible(f"{call.correlation_id} was used before with other content, which stands")
    return replies.refusal(call.step, call.correlation_id, clash)
