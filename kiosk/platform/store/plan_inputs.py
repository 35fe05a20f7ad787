"""Inputs that a person gives to a plan's state machines (decision 14): a contract is signed, a deposit paid, a battery lost or found.

One transaction with the plan's row locked: all inputs are taken and written into the history, or none. Raises StoreFailed when the
database does not answer.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from kiosk.domain.agent.specification_json import fsm_json
from kiosk.domain.errors import NotFound, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.plan.fsm import FsmInput
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.times import iso_utc
from kiosk.platform.store.ledger import OvertakenError
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.retry import retry
from kiosk.platform.store.statements import ADD_SERVICE_EVENT, LOCK_PIN, THE_PLANS, UPDATE_PLAN
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps

EVENT_TYPE = "PLAN_INPUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """What is given, by whom; `id` names it in the history."""

    id: str
    plan_id: str
    inputs: tuple[FsmInput, ...]
    by: str
    at: datetime


def apply_inputs(database: Database, given: PlanInput) -> ServicePlan:
    """The plan after the inputs. Raises NotFound; StepImpossible for one that its state does not take."""
    return retry(database, lambda connection: _apply(connection, given))


def _apply(connection: Connection, given: PlanInput) -> ServicePlan:
    if connection.execute(LOCK_PIN, {"plan": given.plan_id}).one_or_none() is None:
        raise NotFound("plan", given.plan_id)
    row = connection.execute(THE_PLANS, {"plans": [given.plan_id]}).one()
    before = plan_of(row.document, row.template)
    plan, ignored = before.after(given.inputs)
    if ignored:
        names = ", ".join(f"{each.input} of the {each.cycle}" for each in ignored)
        raise StepImpossible(
            tr(
                "a plan in {service_state} and payment {payment_state} does not take {names}",
                service_state=before.service_state,
                payment_state=before.payment_state,
                names=names,
            )
        )
    about = {"plan": plan.id, "seen": row.version, "asset": facts_of(plan)["current_asset"], "station": None, "at": given.at}
    if connection.execute(UPDATE_PLAN, {**about, "new_document": plan_text(plan)}).rowcount != 1:
        raise OvertakenError
    connection.execute(ADD_SERVICE_EVENT, _history(plan, given))
    return plan


def _history(plan: ServicePlan, given: PlanInput) -> dict[str, object]:
    states = {"service_state": plan.service_state, "payment_state": plan.payment_state}
    event = {
        "event_type": EVENT_TYPE,
        "event_id": given.id,
        "timestamp": iso_utc(given.at),
        "plan_id": plan.id,
        "customer_id": plan.customer_id,
        "by": given.by,
        "fsm_inputs": fsm_json(given.inputs),
        **states,
    }
    batteries = {"incoming_battery_id": None, "outgoing_battery_id": None, "net_kwh": None}
    about = {"event_id": given.id, "event_type": EVENT_TYPE, "plan_id": plan.id, "correlation_id": given.id, "at": given.at}
    return {**about, **batteries, "event": dumps(event).decode()}
