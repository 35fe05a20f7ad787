"""The template service of specification 003: create, refine, deprecate, list, get; a plan from a template.

What happens on each kind of failure:

- Input that breaks a rule or names no known document (all unknown ids in one), a version that is there already: BadInput, nothing is written.
- A template that is not known: NotFound. A deprecated one: TemplateInactive, for a new plan and for a refinement alike.
- A refinement that would break running contracts: RefinementRefused with every reason (decision 23).
- The database does not answer: StoreFailed; nothing of that call is written.
"""

from collections.abc import Callable

from ulid import ULID

from kiosk.domain.plan import ServicePlan
from kiosk.platform.store.memory import PlatformStore
from kiosk.platform.templates.values import CreateTemplate, TemplateRecord, UpdateTemplate
from kiosk.ports import Clock


def _ulid() -> str:
    return str(ULID())


class ServicePlanTemplateService:
    """Blocking; holds no state. `ids` gives 26-character ULIDs."""

    def __init__(self, store: PlatformStore, clock: Clock, ids: Callable[[], str] = _ulid) -> None:
        self._store, self._clock, self._ids = store, clock, ids

    def create_template(self, wanted: CreateTemplate) -> TemplateRecord:
        """A template's first version. Raises BadInput, StoreFailed."""
        raise NotImplementedError

    def update_template(self, template_id: str, wanted: UpdateTemplate) -> TemplateRecord:
        """A refinement: the next version, validated against every running plan.

        Raises NotFound, BadInput, TemplateInactive, RefinementRefused.
        """
        raise NotImplementedError

    def deprecate_template(self, template_id: str, by: str) -> TemplateRecord:
        """No new plan from now on; running ones are unchanged. Again changes nothing. Raises NotFound."""
        raise NotImplementedError

    def templates(self) -> tuple[TemplateRecord, ...]:
        """The newest version of every template, by id."""
        raise NotImplementedError

    def template(self, template_id: str, version: str | None = None) -> TemplateRecord:
        """One version, the newest where none is named. Raises NotFound."""
        raise NotImplementedError

    def create_service_plan_from_template(self, template_id: str, customer_id: str) -> ServicePlan:
        """A plan of the newest version on its first visit, in the machines' initial states (decision 24).

        Raises NotFound, BadInput, TemplateInactive.
        """
        raise NotImplementedError


def open_templates(store: PlatformStore, clock: Clock, ids: Callable[[], str] = _ulid) -> ServicePlanTemplateService:
    """The service over a store that holds what is shipped (documents, example templates); what is there already stays as it is."""
    return ServicePlanTemplateService(store, clock, ids)
