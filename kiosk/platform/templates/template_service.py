"""The template service of specification 003: create, refine, deprecate, list, get; a plan from a template.

What happens on each kind of failure:

- Input that breaks a rule or names no known document (all unknown ids in one), a version that is there already: BadInput.
- A template that is not known: NotFound. A deprecated one: TemplateInactive, for a new plan and for a refinement alike.
- A refinement that would break running contracts: RefinementRefused with every reason (decision 23).
- The database does not answer: StoreFailed.

Nothing of such a call is written.
"""

from collections.abc import Callable
from dataclasses import replace

from ulid import ULID

from kiosk.domain.errors import BadInput, NotFound, RefinementRefused, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan, first_plan
from kiosk.domain.templates.compatibility import InUse, contract_breaks
from kiosk.domain.templates.refinement import Difference, differences, needed_bump
from kiosk.domain.templates.semantic_version import Bump, SemanticVersion
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import ChangeKind, DocumentKind, NamedDocument, NewVersion, TemplateChange, TemplateRecord
from kiosk.platform.store.template_store import TemplateStore
from kiosk.platform.templates.composing import (
    CreateTemplate,
    Documents,
    UpdateTemplate,
    check_active,
    check_document,
    check_name,
    first_version,
    next_version,
    plan_id_for,
    template_id_for,
    version_of,
)
from kiosk.platform.templates.shipped_templates import seed
from kiosk.shared.system import Clock


def _ulid() -> str:
    return str(ULID())


class ServicePlanTemplateService:
    """Blocking; holds no state. `ids` gives 26-character ULIDs."""

    def __init__(self, store: PlatformStore, clock: Clock, ids: Callable[[], str] = _ulid) -> None:
        self._plans, self._catalogue, self._clock, self._ids = store, TemplateStore(store), clock, ids

    def add_document(self, document: NamedDocument) -> None:
        """A document that templates may name from now on; the same again changes nothing.

        Raises BadInput where it breaks a rule, or where its id is taken by another content: templates that name it were made of that.
        """
        check_document(document)
        self._catalogue.add_documents((document,))
        if self._catalogue.documents({document.kind: document.id})[document.kind] != document.content:
            raise BadInput("id", tr("{id} is a known document with other content; give this one an id of its own", id=document.id))

    def create_template(self, given: CreateTemplate) -> TemplateRecord:
        """A template's first version. Raises BadInput, StoreFailed."""
        check_name("created_by", given.created_by)
        template = first_version(given, self._documents(given), given.id or template_id_for(given.name, self._ids()))
        change = TemplateChange(
            at=self._clock.now(), by=given.created_by, version=template.version, kind=ChangeKind.CREATED, summary=f"{template.name} begins"
        )
        if not self._catalogue.add(NewVersion(template=template, change=change)):
            if self._catalogue.record(template.id, template.version) is not None:
                raise BadInput("version", tr("{version} of {id} exists already", version=template.version, id=template.id))
            raise BadInput("id", tr("{id} exists already: refine it instead", id=template.id))
        return self.template(template.id)

    def update_template(self, template_id: str, given: UpdateTemplate) -> TemplateRecord:
        """A refinement: the next version, validated against every running plan.

        Raises NotFound, BadInput, TemplateInactive, RefinementRefused.
        """
        documents = self._documents(given)
        version = self._catalogue.refine(template_id, lambda newest, in_use: self._next(newest, in_use, given, documents))
        return self.template(template_id, version)

    def validate_template_refinement(self, template_id: str, given: UpdateTemplate) -> TemplateChange:
        """What `update_template` would write into the change log; writes nothing and raises the same."""
        documents = self._documents(given)
        return self._next(self.template(template_id), lambda: self._catalogue.in_use(template_id), given, documents).change

    def deprecate_template(self, template_id: str, by: str) -> TemplateRecord:
        """No new plan from now on; running ones are unchanged. Again changes nothing. Raises NotFound, BadInput."""
        if by:
            check_name("by", by)
        self._catalogue.deprecate(template_id, by, self._clock.now())
        return self.template(template_id)

    def templates(self) -> tuple[TemplateRecord, ...]:
        """The newest version of every template, by id."""
        return self._catalogue.newest()

    def template(self, template_id: str, version: str | None = None) -> TemplateRecord:
        """One version, the newest where none is named. Raises NotFound."""
        found = self._catalogue.record(template_id, version)
        if found is None:
            raise NotFound("template", template_id if version is None else f"{template_id}@{version}")
        return found

    def create_service_plan_from_template(self, template_id: str, customer_id: str) -> ServicePlan:
        """A plan of the newest version on its first visit, in the machines' initial states (decision 24).

        Raises NotFound, BadInput, TemplateInactive.
        """
        check_name("customer_id", customer_id)
        newest = self.template(template_id)
        check_active(newest)
        plan = first_plan(newest.template, plan_id_for(template_id, self._ids()), customer_id)
        # the same plan was written by an attempt before this one
        if not self._plans.insert_plan(plan, self._clock.now(), "plan made from a template") and self._plans.plan(plan.id) != plan:
            raise StoreFailed(tr("there is a plan {id} already", id=plan.id))
        return plan

    def _documents(self, given: CreateTemplate | UpdateTemplate) -> Documents:
        """Those that an input names. Raises BadInput that names every id without a document."""
        ids = {kind: getattr(given, f"{kind.value}_id") for kind in DocumentKind}
        found = self._catalogue.documents({kind: document_id for kind, document_id in ids.items() if document_id is not None})
        unknown = {f"{kind.value}_id": each for kind, each in ids.items() if each is not None and kind not in found}
        if unknown:
            names = ", ".join(unknown.values())
            raise BadInput(", ".join(unknown), tr("names no known document: {ids}; `swap-kiosk platform documents` adds one", ids=names))
        return found

    def _next(
        self, newest: TemplateRecord, in_use: Callable[[], tuple[InUse, ...]], given: UpdateTemplate, documents: Documents
    ) -> NewVersion:
        if given.updated_by:
            check_name("updated_by", given.updated_by)
        check_active(newest)
        candidate = next_version(newest.template, given, documents)
        found = differences(newest.template, candidate)
        refined = replace(candidate, version=str(_next_number(newest, given.version, found)))
        broken = contract_breaks(refined, in_use())
        if broken:
            raise RefinementRefused(refined.id, refined.version, broken)
        return NewVersion(
            template=refined,
            change=TemplateChange(
                at=self._clock.now(),
                by=given.updated_by,
                version=refined.version,
                kind=ChangeKind[needed_bump(found).name],
                summary=f"{refined.version} refines {newest.template.version}",
                reasons=tuple(each.what for each in found),
            ),
        )


def open_templates(store: PlatformStore, clock: Clock, ids: Callable[[], str] = _ulid) -> ServicePlanTemplateService:
    """The service over a store that holds what is shipped (documents, example templates); what is there already stays as it is."""
    seed(store, clock.now())
    return ServicePlanTemplateService(store, clock, ids)


def _next_number(newest: TemplateRecord, asked: str | None, found: tuple[Difference, ...]) -> SemanticVersion:
    """The number of a refinement: the next of the needed kind, or the one asked for where it says no less. Raises BadInput."""
    now, needed = version_of(newest.template.version), needed_bump(found)
    chosen = None if asked is None else version_of(asked)
    if chosen is not None and chosen <= now:
        raise BadInput(
            "version", tr("must come after {now}, the newest of {id}: this or a later one exists already", now=now, id=newest.template.id)
        )
    if needed is Bump.NONE:
        raise BadInput("input", tr("changes nothing of version {now}", now=now))
    if chosen is None:
        return now.bumped(needed)
    if chosen.bump_from(now) < needed:
        reasons = "; ".join(each.what for each in found if each.bump is needed)
        raise BadInput("version", tr("must be at least {version}, because {reasons}", version=now.bumped(needed), reasons=reasons))
    return chosen
