"""`platform migrate`: the plans of one version moved to another (decision 23), after a dry run that writes nothing.

What happens on each kind of failure:

- A plan that cannot be moved stays as it is, with every reason; the others go on.
- The run is killed, or the database goes away: each plan has moved as a whole or not at all. The same run again goes on with the rest.
- A plan that swaps at the same time: the swap is booked on one version or the other, never between.
- A version that is not known: NotFound. A target that is deprecated: TemplateInactive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.errors import BadInput, NotFound
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.templates.compatibility import ENDED, CannotMove, migrate
from kiosk.platform.store.plan_changes import Decided, TemplateVersion, move_plan, plan_ids_on, plans_on
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import ChangeKind, TemplateChange
from kiosk.platform.store.template_store import TemplateStore
from kiosk.platform.templates.composing import check_active, check_name
from kiosk.shared.system import Clock


class PlanOutcome(StrEnum):
    """What became, or in a dry run would become, of one plan. One `stays` that has ended, or that somebody else moved meanwhile."""

    MOVED = "moved"
    CANNOT = "cannot move"
    STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """One plan; `what` holds the changes of one that moves, or every reason of one that cannot, as phrases."""

    plan_id: str
    outcome: PlanOutcome
    what: tuple[str, ...] = ()


def parse_version_name(where: str, text: str) -> TemplateVersion:
    """`A@1.2.0`. Raises BadInput."""
    template_id, at, version = text.rpartition("@")
    if not at or not template_id or not version:
        raise BadInput(where, tr("must be like bss-template-weekly@1.2.0"))
    return TemplateVersion(template_id=template_id, version=version)


class Migration:
    """One run. Raises BadInput, NotFound before anything is moved."""

    def __init__(self, store: PlatformStore, clock: Clock, source: TemplateVersion, target: TemplateVersion, by: str) -> None:
        check_name("--by", by)
        self._store, self._clock, self._source, self._by = store, clock, source, by
        if source == target:
            raise BadInput("--to", tr("is the version that the plans have already"))
        catalogue = TemplateStore(store)
        found = catalogue.record(target.template_id, target.version)
        if found is None:
            raise NotFound("template", str(target))
        check_active(found)
        self._target = found.template
        if catalogue.record(source.template_id, source.version) is None and next(plan_ids_on(store, source), None) is None:
            raise NotFound("template", str(source))

    def dry_run(self) -> Iterator[PlanReport]:
        """What would become of every plan, by id; nothing is written."""
        for plan in plans_on(self._store, self._source):
            yield _report(plan.id, self._decide(plan))

    def run(self) -> Iterator[PlanReport]:
        """Moves plan by plan, by id; each has been moved when it is given."""
        number: int | None = None
        summary = f"plans of {self._source} moved here"
        for plan_id in plan_ids_on(self._store, self._source):
            change = TemplateChange(
                at=self._clock.now(), by=self._by, version=self._target.version, kind=ChangeKind.MIGRATION, summary=summary
            )
            decided, number = move_plan(self._store, plan_id, self._source, self._decide, change, number)
            yield _report(plan_id, decided)

    def _decide(self, plan: ServicePlan) -> Decided:
        return None if plan.service_state == ENDED else migrate(plan, self._target)


def _report(plan_id: str, decided: Decided) -> PlanReport:
    if decided is None:
        return PlanReport(plan_id=plan_id, outcome=PlanOutcome.STAYS)
    if isinstance(decided, CannotMove):
        return PlanReport(plan_id=plan_id, outcome=PlanOutcome.CANNOT, what=decided.reasons)
    return PlanReport(plan_id=plan_id, outcome=PlanOutcome.MOVED, what=decided.changes)
