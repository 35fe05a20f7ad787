"""The platform's agent: one message in, its answer and its events out. One call is one transaction; workers may share a database.

What happens on each kind of failure:

- A message that cannot be read: refused with a reason where a correlation id can be told, else a line in the log.
- A plan that is not known, a request that the agent refuses: a failure signal with every reason. Refusals are not remembered: the same
  correlation id may succeed later, when what was wrong has been mended.
- The same correlation id again: the first answer with IDEMPOTENT_OPERATION_DETECTED; with other content: refused, and the first stands
  (decision 17).
- The database does not answer, or the payment can be neither confirmed nor refused now: no answer at all, because any would be final at the
  kiosk; it asks again.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.adapters.wire.ids import MOST_ID_LENGTH
from kiosk.adapters.wire.topics import Topics, topic_for
from kiosk.domain.agent import service_agent
from kiosk.domain.battery import FitnessLimits
from kiosk.domain.errors import (
    BadInput,
    CustomerUnknown,
    KioskError,
    NotFound,
    PaymentUnconfirmed,
    StepImpossible,
    StoreFailed,
)
from kiosk.domain.money import Collectable
from kiosk.domain.requests import CompleteService, IdentifyCustomer
from kiosk.domain.result import AgentContext
from kiosk.platform import replies
from kiosk.platform.booking import Booking
from kiosk.platform.intake import Call, Malformed, read_call
from kiosk.platform.messages import Incoming, Outgoing, answer_topic, step_for, steps_of
from kiosk.platform.payments import PaymentVerifier, check_form
from kiosk.platform.store.memory import PlatformStore
from kiosk.platform.store.values import Asked, Books, Decision, EventToPublish, Recorded
from kiosk.ports import Clock

log = logging.getLogger(__name__)
_UNKNOWN = "SERVICE_PLAN_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRules:
    """What the platform's configuration decides."""

    limits: FitnessLimits = field(default_factory=FitnessLimits)
    collectable: Collectable = field(default_factory=Collectable)
    topics: Topics = field(default_factory=Topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to publish, None for silence; then the events, which are stored and wait to be published."""

    answer: Outgoing | None = None
    events: tuple[EventToPublish, ...] = ()


class Desk:
    """Answers. Holds no state."""

    def __init__(self, store: PlatformStore, verifier: PaymentVerifier, clock: Clock, rules: PlatformRules) -> None:
        self._store, self._verifier, self._clock, self._rules = store, verifier, clock, rules
        self._steps = steps_of(rules.topics)

    def handle(self, incoming: Incoming) -> Reply:
        """What to publish now. Nothing that a message holds is raised."""
        found = step_for(self._steps, incoming.topic)
        if found is None:
            log.info("nothing is asked on %r", incoming.topic[:200])
            return Reply()
        step, plan_id = found
        try:
            call = read_call(step, plan_id, incoming)
            payload, events = self._answer(call)
        except BadInput as error:
            log.info("a message on %s cannot be answered: %s %s", incoming.topic, error.where, error.reason)
            return Reply()
        except StoreFailed:
            log.exception("a message on %s stays unanswered", incoming.topic)
            return Reply()
        except PaymentUnconfirmed as error:
            log.warning("a message on %s stays unanswered: %s cannot be confirmed now", incoming.topic, error.receipt_id)
            return Reply()
        topic = answer_topic(incoming, topic_for(step.answers_on, plan_id), plan_id)
        return Reply(answer=Outgoing(topic=topic, payload=payload, correlation_data=incoming.correlation_data), events=events)

    def _answer(self, call: Call | Malformed) -> tuple[bytes, tuple[EventToPublish, ...]]:
        if isinstance(call, Malformed):
            return self._malformed(call), ()
        if isinstance(call.request, IdentifyCustomer):
            return self._identify(call), ()
        return self._transact(call)

    def _malformed(self, call: Malformed) -> bytes:
        if call.step.action == IdentifyCustomer.action:
            return replies.not_identified(call.plan_id, call.correlation_id, self._clock.now(), call.signal, call.error)
        return replies.refusal(call.step, call.correlation_id, call.error, signals=(call.signal,))

    def _identify(self, call: Call) -> bytes:
        plan = self._store.plan(call.plan_id)
        now = self._clock.now()
        if plan is None:
            return replies.not_identified(call.plan_id, call.correlation_id, now, _UNKNOWN, CustomerUnknown(call.plan_id))
        return replies.identified(service_agent(call.request, plan, self._context()), plan, call.correlation_id, now)

    def _transact(self, call: Call) -> tuple[bytes, tuple[EventToPublish, ...]]:
        booking = Booking(call=call, context=self._context(), topics=self._rules.topics)
        problem = self._payment_problem(call)

        def decide(books: Books) -> Decision:
            return _explained(booking.decide(books) if problem is None else booking.refuse_payment(problem))

        outcome = self._store.act(_asked(call, booking.context.now), decide)
        if outcome is None:
            unknown = NotFound("plan", call.plan_id)
            return replies.refusal(call.step, call.correlation_id, unknown, signals=(_UNKNOWN,)), ()
        if isinstance(outcome, Decision):
            return outcome.response, outcome.events
        return _done_before(call, outcome), ()

    def _payment_problem(self, call: Call) -> KioskError | None:
        """Asks the verifier about a receipt that the books do not know yet. Raises PaymentUnconfirmed."""
        payment, receipt = call.payment, call.receipt
        if payment is None or receipt is None or self._store.recorded(call.key) or self._store.payment(receipt):
            return None
        plan = self._store.plan(call.plan_id)
        if plan is None:
            return None
        try:
            check_form(payment)
            if not isinstance(call.request, CompleteService) or plan.template.agent_config.service_completion.require_payment_confirmation:
                self._verifier.verify(payment, plan)
        except PaymentUnconfirmed:
            raise
        except KioskError as error:
            return error
        return None

    def _context(self) -> AgentContext:
        return AgentContext(now=self._clock.now(), limits=self._rules.limits, collectable=self._rules.collectable)


def _asked(call: Call, at: datetime) -> Asked:
    station, attendant = (_brief(getattr(call.request, name, "")) for name in ("attendant_station", "attendant_id"))
    return Asked(
        key=call.key, plan_id=call.plan_id, action=call.step.action, digest=call.digest, request=call.content, receipt=call.receipt, at=at,
        station_id=station, attendant_id=attendant,
    )  # fmt: skip


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
