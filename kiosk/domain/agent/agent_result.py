"""What the agent gives back, and what it needs beside the plan (decision 25)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kiosk.domain.agent.specification_json import Json, fsm_json
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import KioskError
from kiosk.domain.messages import message_for
from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.fsm import FsmInput
from kiosk.domain.plan.service_plan import ServicePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentContext:
    """The world that an action happens in: the time (aware), the limits of fitness, the collectable units, and the last reading known of
    the battery that it is about, None where there is none.

    `receipt_known` where the receipt of a payment is recorded already, so that its form is not checked.
    """

    now: datetime
    limits: FitnessLimits = field(default_factory=FitnessLimits)
    collectable: Collectable = field(default_factory=Collectable)
    last_reading: KnownReading | None = None
    receipt_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult:
    """Signals and facts of one action; `plan` is the plan after it, the same object when nothing changed.

    `events` are to be published after the plan is stored.
    """

    signals: tuple[str, ...]
    plan: ServicePlan
    metadata: Json = field(default_factory=dict)
    fsm_inputs: tuple[FsmInput, ...] = ()
    events: tuple[Json, ...] = ()

    def response(self) -> dict[str, Any]:
        """`signals`, `metadata` and `fsmInputs`, as in the specification's examples."""
        return {"signals": list(self.signals), "metadata": self.metadata, "fsmInputs": fsm_json(self.fsm_inputs)}


def refusal(signal: str, plan: ServicePlan, *errors: KioskError, **facts: Any) -> AgentResult:  # noqa: ANN401  any JSON value
    """A business refusal: the signal, every reason at once, and the plan as it was."""
    reasons = [{"code": type(each).__name__, "message": message_for(each).sentence} for each in errors]
    return AgentResult(
        signals=(signal,), plan=plan, metadata={**facts, "passed": False, "reason": reasons[0]["message"], "reasons": reasons}
    )
