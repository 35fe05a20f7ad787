"""Plans moved from one version of a template to another, each in its own transaction (decision 23).

A plan's row is locked while it is moved and its version counter rises, so a swap is booked before on the old version or after on the new
one, never between. The entry of the change log and the plan's own record are written in the same transaction as the plan: what the log
counts has moved, wherever a run was broken off. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.templates.plan_migration import CannotMove, Moved
from kiosk.platform.store import statements as sql
from kiosk.platform.store.ledger import OvertakenError
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.retry import retry
from kiosk.platform.store.statements import THE_PLANS
from kiosk.platform.store.template_store import add_change, keep_content
from kiosk.platform.store.template_values import TemplateChange
from kiosk.shared.sql.engine import Database

MAX_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """The name of one version."""

    template_id: str
    version: str

    def __str__(self) -> str:
        return f"{self.template_id}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStep:
    """What became of one plan; `log_number` is the entry of the change log that counts it, None while none does."""

    decided: Moved | CannotMove | None
    log_number: int | None


Decide = Callable[[ServicePlan], Moved | CannotMove | None]


class PlanMoves:
    """Works on the platform's database; holds no state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plans_on(self, version: TemplateVersion) -> Iterator[ServicePlan]:
        """All plans that have pinned a version, by id, a page at a time; no lock and no transaction is held between two pages."""
        for plan_ids in self._pages(version):
            with self._database.reading() as connection:
                rows = {row.plan_id: row for row in connection.execute(THE_PLANS, {"plans": plan_ids})}
            yield from (plan_of(rows[each].document, rows[each].template) for each in plan_ids if each in rows)

    def plan_ids_on(self, version: TemplateVersion) -> Iterator[str]:
        """Their ids alone, in the same way."""
        for plan_ids in self._pages(version):
            yield from plan_ids

    def _pages(self, version: TemplateVersion) -> Iterator[Sequence[str]]:
        about = {"template": version.template_id, "of_version": version.version, "most": MAX_AT_ONCE}
        after = ""
        while True:
            with self._database.reading() as connection:
                page = connection.execute(sql.PLANS_OF_VERSION, {**about, "after": after}).scalars().all()
            if not page:
                return
            yield page
            after = page[-1]

    def move(self, plan_id: str, source: TemplateVersion, decide: Decide, change: TemplateChange, log_number: int | None) -> MigrationStep:
        """Move one plan as decided on it as it is now. `decided` is None where it left `source` meanwhile, or where `decide` says None.

        The first plan that moves writes `change` into the change log; later ones are counted under its number.
        """
        return retry(self._database, lambda connection: _move(connection, plan_id, source, decide, change, log_number))


def _move(
    connection: Connection, plan_id: str, source: TemplateVersion, decide: Decide, change: TemplateChange, log_number: int | None
) -> MigrationStep:
    locked = connection.execute(sql.LOCK_PIN, {"plan": plan_id}).one_or_none()
    if locked is None or (locked.template_id, locked.template_version) != (source.template_id, source.version):
        return MigrationStep(decided=None, log_number=log_number)
    row = connection.execute(THE_PLANS, {"plans": [plan_id]}).one()
    decided = decide(plan_of(row.document, row.template))
    if not isinstance(decided, Moved):
        return MigrationStep(decided=decided, log_number=log_number)
    _write(connection, decided.plan, row.version, change.at)
    number = add_change(connection, decided.plan.template.id, change) if log_number is None else log_number
    connection.execute(sql.ONE_MORE_PLAN, {"change_number": number})
    came = {"from_template_id": source.template_id, "from_version": source.version}
    connection.execute(sql.ADD_MOVE, {"plan_id": plan_id, "change": number, "at": change.at, **came})
    return MigrationStep(decided=decided, log_number=number)


def _write(connection: Connection, plan: ServicePlan, seen: int, at: datetime) -> None:
    facts = facts_of(plan)
    about = {"to_template": facts["template_id"], "to_version": facts["template_version"], "asset": facts["current_asset"]}
    values = {"new_document": plan_text(plan), "digest": keep_content(connection, plan.template), "now": at, **about}
    if connection.execute(sql.MOVE_PLAN, {"plan": plan.id, "seen": seen, **values}).rowcount != 1:
        raise OvertakenError
