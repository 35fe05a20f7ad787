"""A plan moved to another version, or to another template (decision 23). All or nothing.

What was used stays used and the battery stays with its customer. A quota becomes the new version's, plus what the plan had above its
old version's: what was paid for as a top-up is not lost. A service that is new begins at 0. The states stay; they must exist in the new
machines. Nothing is moved that would break the contract: `kiosk/domain/templates/compatibility.py` says what does.
"""

from dataclasses import dataclass, replace

from kiosk.domain.decimals import ZERO, plain, trimmed
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.plan.template import ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.templates.compatibility import InUse, breaks_of
from kiosk.domain.templates.refinement import differences, quota_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The plan on the new version, and what changed, as phrases."""

    plan: ServicePlan
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotMove:
    """Every reason, as phrases."""

    reasons: tuple[str, ...]


def migrate(plan: ServicePlan, target: ServicePlanTemplate) -> Moved | CannotMove:
    """The plan on `target`, or why it cannot get there. Nothing is raised."""
    reasons = breaks_of(target, InUse.by(plan))
    if reasons:
        return CannotMove(reasons=reasons)
    moved = replace(plan, template=target, service_states=tuple(_state(plan, each) for each in target.service_configurations))
    return Moved(plan=moved, changes=(*_quotas(plan, moved), *_terms(plan.template, target)))


def _state(plan: ServicePlan, target: ServiceConfiguration) -> ServiceState:
    now = next((each for each in plan.service_states if each.service_id == target.service_id), None)
    if now is None:
        return ServiceState(service_id=target.service_id, used=ZERO, quota=target.quota)
    before = plan.template.configuration(target.service_id)
    return replace(now, quota=max(now.quota, target.quota) if before is None else trimmed(target.quota + now.quota - before.quota))


def _quotas(before: ServicePlan, after: ServicePlan) -> tuple[str, ...]:
    had = {each.service_id: each.quota for each in before.service_states}
    return tuple(
        tr(
            "the quota of {service_id} becomes {quota}, used stays {used}",
            service_id=each.service_id,
            quota=quota_words(each.quota),
            used=plain(each.used),
        )
        for each in after.service_states
        if each.quota != had.get(each.service_id)
    )


def _terms(old: ServicePlanTemplate, new: ServicePlanTemplate) -> tuple[str, ...]:
    """What differs besides the quotas, which are the plan's own."""
    quotas = {each.service_id: each.quota for each in new.service_configurations}
    same = tuple(replace(each, quota=quotas.get(each.service_id, each.quota)) for each in old.service_configurations)
    return tuple(each.what for each in differences(replace(old, service_configurations=same), new))
