"""Answers the messages that kiosks send. Each request is decided in one transaction; workers may share a database.

What happens on each kind of failure:

- A message that cannot be read: refused with a reason where it has a correlation id, else a line in the log.
- A request that is not taken for its sender's: a signed refusal, or the platform's time where only the clocks differ (decision 26).
- A plan that is not known, a request that the agent refuses: a failure signal with every reason. Refusals are not remembered: the same
  correlation id may succeed later, when what was wrong has been repaired.
- The same correlation id again: the first answer with IDEMPOTENT_OPERATION_DETECTED; with other content: refused, and the first stands
  (decision 17).
- A stored plan that cannot be read: what is asked about it stays unanswered, with the reason in the log; what came with it is answered.
- The database does not answer, or the payment can be neither confirmed nor refused now: no answer at all, because any would be final at the
  kiosk; it asks again. A swap that was made on such a payment waits for a person.
"""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, CustomerUnknown, KioskError, NotFound, PaymentInvalid, PaymentUnconfirmed, StoreFailed
from kiosk.domain.language import ENGLISH, in_language
from kiosk.domain.money.money import check_decimals
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import IdentifyCustomer
from kiosk.platform.agent.decision import PLAN_UNKNOWN, Decider
from kiosk.platform.agent.station_answers import EnrolmentDesk, message_of, not_taken
from kiosk.platform.agent.wire_messages import (
    Incoming,
    InvalidRequest,
    ParsedRequest,
    Response,
    find_route,
    identification,
    identification_refusal,
    invalid,
    parse_request,
    refusal,
    respond,
    response_to,
    with_failure_signal,
)
from kiosk.platform.payment_proof import PaymentVerifier, check_form, verify_payment
from kiosk.platform.stations.admission import StationAdmission
from kiosk.platform.stations.judging import RequestMessage, SenderVerdict
from kiosk.platform.store.held_requests import HeldRequests
from kiosk.platform.store.reading_history import ReadingHistory
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.retry import is_outage
from kiosk.platform.store.station_register import StationRegister
from kiosk.platform.store.station_values import HeldRequest
from kiosk.platform.store.store_values import Decision, EventToPublish, Known, Snapshot, Work
from kiosk.shared.system import Clock
from kiosk.wire.actions import StationRefusal
from kiosk.wire.station_topics import station_in_enrol_topic
from kiosk.wire.telemetry_documents import reading_of

log = logging.getLogger(__name__)
_MAX_UNCONFIRMED_LOGGED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """A response for each message, in their order; `noted` when it is noted that the events which had left are published."""

    responses: tuple[Response, ...]
    noted: bool


@dataclass(slots=True)
class PendingRequest:
    """A request on its way to its answer; `asker` is the station whose own topic may be answered, `payment_problem` is there where its
    payment is none, `answer` is None while it is silent."""

    incoming: Incoming
    parsed: ParsedRequest
    asker: str = ""
    payment_problem: KioskError | None = None
    answer: bytes | None = None
    events: tuple[EventToPublish, ...] = ()


@dataclass(frozen=True, slots=True)
class UnjudgedRequest:
    """A request that can be answered, understood or not, before it is known who sent it."""

    incoming: Incoming
    request: ParsedRequest | InvalidRequest

    @property
    def message(self) -> RequestMessage:
        """As it is judged."""
        return message_of(self.incoming, self.request.station if isinstance(self.request, ParsedRequest) else "")


class RequestHandler:
    """Answers messages. Holds no state but which unconfirmed receipts are in the log already: a kiosk asks again and again."""

    def __init__(self, store: PlatformStore, verifier: PaymentVerifier, clock: Clock) -> None:
        self._store, self._verifier, self._clock, self._readings = store, verifier, clock, ReadingHistory(store)
        self._admission = StationAdmission(StationRegister(store), clock)
        self._enrolment, self._held = EnrolmentDesk(self._admission, clock), HeldRequests(store)
        self._log_unconfirmed = lru_cache(maxsize=_MAX_UNCONFIRMED_LOGGED)(_log_unconfirmed)  # once each

    def handle_all(self, batch: Sequence[Incoming], published: Sequence[int] = ()) -> BatchResult:
        """A response for each message, as if they came one by one. Nothing is raised.

        The way of a message: it is parsed; its signature is judged; its payment is checked, outside any transaction; inside one transaction
        for all of them it is decided from a snapshot and written, and it is noted that the events `published` have left; its response gets
        its topic.
        """
        with in_language(ENGLISH):  # what goes over the wire and into the database
            read = self._admit([self._read(each) for each in batch])
            pending = [each for each in read if isinstance(each, PendingRequest)]
            noted = self._decide([each for each in pending if each.parsed.route.action.effect], published)
            self._identify([each for each in pending if not each.parsed.route.action.effect])
            answered = tuple(self._respond(each) if isinstance(each, PendingRequest) else each for each in read)
        return BatchResult(responses=answered, noted=noted)

    def book_held(self, held: HeldRequest) -> Response:
        """Decide a completion of a revoked station as if it came now, because a person says so."""
        incoming = Incoming(topic=held.topic, payload=held.payload)
        with in_language(ENGLISH):
            read = self._read(incoming)
            if not isinstance(read, UnjudgedRequest) or not isinstance(read.request, ParsedRequest):
                return Response()
            pending = PendingRequest(incoming, replace(read.request, signer=held.station_id))
            self._decide([pending], ())
            return self._respond(pending)

    def _read(self, incoming: Incoming) -> UnjudgedRequest | Response:
        """A request to judge; a response already where a station asks to be enrolled, a silent one where there is nobody to answer."""
        with _log_errors(incoming):
            station = station_in_enrol_topic(incoming.topic)
            if station:
                return self._enrolment.answer(station, incoming)
            found = find_route(incoming.topic)
            if found is None:
                raise BadInput("the topic", "is none that something is asked on")
            return UnjudgedRequest(incoming, parse_request(*found, incoming))
        return Response()

    def _admit(self, read: Sequence[UnjudgedRequest | Response]) -> list[PendingRequest | Response]:
        """Those that are taken for who they say they are; a response already for the others."""
        asked = [each for each in read if isinstance(each, UnjudgedRequest)]
        try:
            verdicts = iter(self._admission.judge_all([each.message for each in asked]))
        except StoreFailed as error:
            _log_outage(asked, error)
            return [each if isinstance(each, Response) else Response() for each in read]
        return [each if isinstance(each, Response) else self._take(each, next(verdicts)) for each in read]

    def _take(self, read: UnjudgedRequest, verdict: SenderVerdict) -> PendingRequest | Response:
        request, now = read.request, self._clock.now()
        if isinstance(request, ParsedRequest) and verdict.is_taken:
            return PendingRequest(read.incoming, replace(request, signer=verdict.signer), verdict.asker)
        if verdict.refusal is StationRefusal.REVOKED and isinstance(request, ParsedRequest):
            with _log_errors(read.incoming):
                self._hold(read.incoming, request, verdict.asker)
        answer = invalid(request, now) if isinstance(request, InvalidRequest) and verdict.is_taken else not_taken(request, verdict, now)
        return respond(request, read.incoming, answer, now, asker=verdict.asker)

    def _hold(self, incoming: Incoming, request: ParsedRequest, station: str) -> None:
        """What a revoked station completed in its own name waits for a person; what it only asks does not. Raises StoreFailed."""
        action = request.route.action
        if not action.effect or action.question or request.station not in ("", station):
            return
        held = HeldRequest(
            correlation_id=request.correlation_id,
            part=action.effect,
            plan_id=request.plan_id,
            station_id=station,
            action=action.name,
            topic=incoming.topic,
            payload=incoming.payload,
            held_at=self._clock.now(),
        )
        if not self._held.hold(held):
            log.warning("the revoked station %r has too many completions that wait; %s is not kept here", station, request.correlation_id)

    def _respond(self, pending: PendingRequest) -> Response:
        if pending.answer is None:
            return Response(events=pending.events)
        return respond(pending.parsed, pending.incoming, pending.answer, self._clock.now(), pending.events, pending.asker)

    # ------------------------------------------------------------ what changes something

    def _decide(self, pending: Sequence[PendingRequest], published: Sequence[int]) -> bool:
        """Whether it was noted that `published` have left."""
        try:
            ready = self._check_payments(pending)
            if not ready:
                return False
            decisions = self._store.decide_all([self._work(each) for each in ready], published)
        except StoreFailed as error:
            _log_outage(pending, error)
            return False
        for each, decision in zip(ready, decisions, strict=True):
            with _log_errors(each.incoming):
                self._answer(each, decision)
        return True

    def _work(self, pending: PendingRequest) -> Work:
        parsed, context = pending.parsed, self._context()
        decider = Decider(parsed=parsed, context=context, payment_problem=pending.payment_problem)
        return Work(facts=parsed.facts(context.now), decide=decider.decide)

    def _answer(self, pending: PendingRequest, decision: Decision | Exception) -> None:
        parsed = pending.parsed
        match decision:
            case BadInput():
                pending.answer = refusal(parsed.route, parsed.correlation_id, decision)
            case Exception():
                raise decision
            case Decision(waits=True):
                pending.events = decision.events
                self._log_unconfirmed(parsed.payment.payment_receipt_id if parsed.payment else "", parsed.plan_id)
            case Decision():
                pending.answer, pending.events = decision.response, decision.events

    def _check_payments(self, pending: Sequence[PendingRequest]) -> list[PendingRequest]:
        """Those that can be decided: asks about the receipts that the store does not know yet. Raises StoreFailed."""
        showing = [each for each in pending if each.parsed.receipt is not None]
        silent = {id(each) for each in showing}
        for each, known in _ask_together(showing, self._look_up):
            with _log_errors(each.incoming):
                problem = self._find_payment_problem(each.parsed, known)
                claims = isinstance(known, Snapshot) and known.claims
                if isinstance(problem, PaymentUnconfirmed) and not each.parsed.completes and not claims:
                    self._log_unconfirmed(problem.receipt_id, each.parsed.plan_id)  # a question, which leaves no trace
                    continue
                each.payment_problem = problem
                silent.remove(id(each))
        return [each for each in pending if id(each) not in silent]

    def _look_up(self, requests: Sequence[ParsedRequest]) -> list[Known]:
        return self._store.look_up([each.facts(self._clock.now()) for each in requests])

    def _find_payment_problem(self, parsed: ParsedRequest, known: Known) -> KioskError | None:
        """Why the payment is none; PaymentUnconfirmed where that cannot be known now.

        The operator's policy is the floor: a template says only whether the kiosk waits for the platform's word (decision 32).
        """
        payment = parsed.payment
        if payment is None or not isinstance(known, Snapshot) or known.receipt_paid is not None or known.unapplied:
            return None
        if self._store.knows_code(payment.payment_receipt_id):
            return PaymentInvalid("it is a code of a customer, a battery or a swap")
        try:
            check_form(payment)
            if not parsed.completes:
                _check_method(parsed, known)
                check_decimals(payment.payment_amount, known.plan.billing_currency)
            verify_payment(self._verifier, payment, known.plan, parsed.signer)
        except KioskError as error:
            return error
        return None

    # ------------------------------------------------------------ what only asks

    def _identify(self, pending: Sequence[PendingRequest]) -> None:
        """Who stands at the counter, with which batteries."""
        try:
            for each, plan in _ask_together(pending, self._plans):
                with _log_errors(each.incoming):
                    each.answer = self._identify_one(each.parsed, plan)
        except StoreFailed as error:
            _log_outage(pending, error)

    def _plans(self, requests: Sequence[ParsedRequest]) -> list[ServicePlan | None]:
        ids = [each.plan_id for each in requests]
        return list(map(self._store.plans(ids).get, ids))

    def _identify_one(self, parsed: ParsedRequest, plan: ServicePlan | None) -> bytes:
        now = self._clock.now()
        if parsed.route.action.name != IdentifyCustomer.action:
            return self._identify_battery(parsed, plan)
        if plan is None:
            unknown = CustomerUnknown(parsed.plan_id)
            return identification_refusal(parsed.plan_id, parsed.correlation_id, now, PLAN_UNKNOWN, unknown)
        return identification(service_agent(parsed.request, plan, self._context()), plan, parsed.correlation_id, now)

    def _identify_battery(self, parsed: ParsedRequest, plan: ServicePlan | None) -> bytes:
        if plan is None:
            return refusal(parsed.route, parsed.correlation_id, NotFound("plan", parsed.plan_id), signals=(PLAN_UNKNOWN,))
        context = replace(self._context(), last_reading=self._last_reading(parsed))
        result = service_agent(parsed.request, plan, context)
        return response_to(with_failure_signal(result, parsed.route), parsed.correlation_id)

    def _last_reading(self, parsed: ParsedRequest) -> KnownReading | None:
        """The last one known of the battery beside the one in the request. Raises StoreFailed."""
        reading = getattr(parsed.request, "telemetry", None)
        if not isinstance(reading, BatteryTelemetry):
            return None
        document = self._readings.latest(normalise_id(reading.battery_id), reading.timestamp)
        return None if document is None else reading_of(document)

    def _context(self) -> AgentContext:
        return AgentContext(now=self._clock.now())


@contextmanager
def _log_errors(incoming: Incoming) -> Generator[None]:
    """What one message raises leaves that one unanswered, and the log says so."""
    try:
        yield
    except BadInput as error:
        log.info("a message on %s cannot be answered: %s %s", incoming.topic[:200], error.where, error.reason)
    except StoreFailed:
        log.exception("a message on %s stays unanswered", incoming.topic)
    except Exception:  # a bug must not silence the platform
        log.exception("a message on %s was not handled", incoming.topic[:200])


def _ask_together[T](
    pending: Sequence[PendingRequest], ask: Callable[[Sequence[ParsedRequest]], list[T]]
) -> list[tuple[PendingRequest, T]]:
    """What `ask` returns for each request, asked at once; one by one where a request makes that fail (a plan that cannot be read), and that
    one is left out and stays silent. Raises StoreFailed when the database is away.
    """
    try:
        return list(zip(pending, ask([each.parsed for each in pending]), strict=True)) if pending else []
    except Exception as error:  # by one of them, whatever it was
        if is_outage(error):
            raise
    found: list[tuple[PendingRequest, T]] = []
    for each in pending:
        with _log_errors(each.incoming):
            found += zip((each,), ask([each.parsed]), strict=True)
    return found


def _check_method(parsed: ParsedRequest, snapshot: Snapshot) -> None:
    """A receipt that was paid by another method is that one, typed wrongly: said while it can be typed again. Raises PaymentInvalid."""
    for each in (*snapshot.payments, *snapshot.unassigned):
        if parsed.receipt is not None and each.key.receipt_id == parsed.receipt.receipt_id:
            raise PaymentInvalid(f"this receipt was recorded as {each.key.method}")


def _log_unconfirmed(receipt_id: str, plan_id: str) -> None:
    log.warning("the payment callback has not confirmed receipt %s of plan %s; what shows it waits unanswered", receipt_id, plan_id)


def _log_outage(pending: Sequence[PendingRequest | UnjudgedRequest], error: StoreFailed) -> None:
    log.error("a message on %s stays unanswered, and %s more with it", pending[0].incoming.topic, len(pending) - 1, exc_info=error)
