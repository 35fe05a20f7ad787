"""What changes plans besides the requests of kiosks: a plan is added or replaced, given inputs by a person (decision 14: a contract is
signed, a deposit paid, a battery lost or found), or moved to another version of its template (decision 23).

A plan's row is locked while it changes and its version counter rises, so a swap is booked before on the old content or after on the new
one, never between. What tells of the change (the history, the entry of the change log, the plan's own record of its move) is written in
the same transaction: what the log counts has moved, wherever a run was broken off. Each plan has a transaction of its own. Raises
StoreFailed when the database does not answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from kiosk.domain.agent.specification_json import fsm_json
from kiosk.domain.errors import NotFound, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.plan.fsm import FsmInput
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.templates.compatibility import CannotMove, Moved
from kiosk.domain.times import iso_utc
from kiosk.platform.store import statements as sql
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import retry
from kiosk.platform.store.store_values import TemplateChange
from kiosk.platform.store.tables import plan_moves, plans
from kiosk.platform.store.template_store import add_change, keep_content
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps

EVENT_TYPE = "PLAN_INPUT"
MAX_AT_ONCE = 500
Decided = Moved | CannotMove | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """What is given, by whom; `id` names it in the history."""

    id: str
    plan_id: str
    inputs: tuple[FsmInput, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """The name of one version."""

    template_id: str
    version: str

    def __str__(self) -> str:
        return f"{self.template_id}@{self.version}"


def insert_plan(connection: Connection, plan: ServicePlan, at: datetime) -> bool:
    """A new plan; False when there is one of this id, which stays as it is."""
    if connection.execute(sql.THE_PLANS, {"plans": [plan.id]}).one_or_none() is not None:
        return False
    about = {"template_digest": keep_content(connection, plan.template), **facts_of(plan)}
    connection.execute(insert(plans), {"plan_id": plan.id, "document": plan_text(plan), "version": 1, "changed_at": at, **about})
    return True


def put_plan(connection: Connection, plan: ServicePlan, at: datetime) -> None:
    """The plan as given, whatever it was before."""
    content = {"document": plan_text(plan), "template_digest": keep_content(connection, plan.template), **facts_of(plan)}
    if connection.execute(sql.REPLACE_PLAN, {"plan": plan.id, "changed_at": at, **content}).rowcount == 0:
        insert_plan(connection, plan, at)


def apply_inputs(database: Database, given: PlanInput) -> ServicePlan:
    """The plan after the inputs, all or none. Raises NotFound; StepImpossible for one that its state does not take."""
    return retry(database, lambda connection: _apply(connection, given))


def _apply(connection: Connection, given: PlanInput) -> ServicePlan:
    before = _lock_plan(connection, given.plan_id)
    if before is None:
        raise NotFound("plan", given.plan_id)
    plan, ignored = before.after(given.inputs)
    if ignored:
        raise StepImpossible(
            tr(
                "a plan in {service_state} and payment {payment_state} does not take {names}",
                service_state=before.service_state,
                payment_state=before.payment_state,
                names=", ".join(f"{each.input} of the {each.cycle}" for each in ignored),
            )
        )
    put_plan(connection, plan, given.at)
    kind = {"event_type": EVENT_TYPE, "event_id": given.id}
    event = {
        **kind,
        "timestamp": iso_utc(given.at),
        "plan_id": plan.id,
        "customer_id": plan.customer_id,
        "by": given.by,
        "fsm_inputs": fsm_json(given.inputs),
        "service_state": plan.service_state,
        "payment_state": plan.payment_state,
    }
    batteries = {"incoming_battery_id": None, "outgoing_battery_id": None, "net_kwh": None}
    row = {**kind, "plan_id": plan.id, "correlation_id": given.id, "at": given.at, "event": dumps(event).decode()}
    connection.execute(sql.ADD_SERVICE_EVENT, {**row, **batteries})
    record_act(connection, given.at, "inputs given to a plan", given.by, input=given.id, plan=plan.id)
    return plan


def plans_on(database: Database, version: TemplateVersion) -> Iterator[ServicePlan]:
    """All plans that have pinned a version, by id, a page at a time; no lock and no transaction is held between two pages."""
    for plan_ids in _pages(database, version):
        with database.reading() as connection:
            rows = {row.plan_id: row for row in connection.execute(sql.THE_PLANS, {"plans": plan_ids})}
        yield from (plan_of(rows[each].document, rows[each].template) for each in plan_ids if each in rows)


def plan_ids_on(database: Database, version: TemplateVersion) -> Iterator[str]:
    """Their ids alone, in the same way."""
    for plan_ids in _pages(database, version):
        yield from plan_ids


def _pages(database: Database, version: TemplateVersion) -> Iterator[Sequence[str]]:
    page: Sequence[str] = [""]
    while page:
        about = {"template": version.template_id, "of_version": version.version, "most": MAX_AT_ONCE, "after": page[-1]}
        with database.reading() as connection:
            page = connection.execute(sql.PLANS_OF_VERSION, about).scalars().all()
        yield page


def move_plan(
    database: Database,
    plan_id: str,
    source: TemplateVersion,
    decide: Callable[[ServicePlan], Decided],
    change: TemplateChange,
    log_number: int | None,
) -> tuple[Decided, int | None]:
    """Move one plan as decided on it as it is now: what was decided, None where it left `source` meanwhile or where `decide` says None.

    The first plan that moves writes `change` into the change log; later ones are counted under its number, which is given beside.
    """
    return retry(database, lambda connection: _move(connection, plan_id, source, decide, change, log_number))


def _move(
    connection: Connection,
    plan_id: str,
    source: TemplateVersion,
    decide: Callable[[ServicePlan], Decided],
    change: TemplateChange,
    log_number: int | None,
) -> tuple[Decided, int | None]:
    before = _lock_plan(connection, plan_id)
    if before is None or (before.template.id, before.template.version) != (source.template_id, source.version):
        return None, log_number
    decided = decide(before)
    if not isinstance(decided, Moved):
        return decided, log_number
    put_plan(connection, decided.plan, change.at)
    number = add_change(connection, decided.plan.template.id, change) if log_number is None else log_number
    connection.execute(sql.ONE_MORE_PLAN, {"change_number": number})
    came = {"from_template_id": source.template_id, "from_version": source.version}
    connection.execute(insert(plan_moves), {"plan_id": plan_id, "change": number, "at": change.at, **came})
    return decided, number


def _lock_plan(connection: Connection, plan_id: str) -> ServicePlan | None:
    """The plan as it stays until the end of the transaction; None where there is none."""
    if connection.execute(sql.LOCK_PLAN, {"plan": plan_id}).one_or_none() is None:
        return None
    row = connection.execute(sql.THE_PLANS, {"plans": [plan_id]}).one()
    return plan_of(row.document, row.template)
