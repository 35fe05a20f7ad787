"""What is shipped (resources/) into the catalogue at start: the documents that templates name, and the templates.

What the catalogue holds already stays as it is, whatever a later release ships. Templates that plans have pinned and the catalogue does
not list yet, from before there was one, are listed too.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import resources
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.domain.templates.semantic_version import SemanticVersion
from kiosk.platform.store.store_values import ChangeKind, DocumentKind, NamedDocument, NewVersion, TemplateChange
from kiosk.platform.store.template_store import TemplateStore
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import loads
from kiosk.wire.template_documents import template_from_document

log = logging.getLogger(__name__)
SHIPPED_BY, IMPORTED_BY = "swap-kiosk", "import"
_FOLDERS = {
    DocumentKind.CONTRACT_TERMS: ("terms", "*.json"),
    DocumentKind.SERVICE_CYCLE_FSM: ("fsm", "*service-cycle*.json"),
    DocumentKind.PAYMENT_CYCLE_FSM: ("fsm", "*payment-cycle*.json"),
    DocumentKind.AGENT_CONFIG: ("agent", "*.json"),
}


def seed(database: Database, at: datetime) -> None:
    """Raises StoreFailed."""
    catalogue = TemplateStore(database)
    catalogue.add_documents(shipped_documents())
    for template in shipped_templates():
        register(catalogue, template, at, SHIPPED_BY)
    catalogue.register_stored(lambda template: _new_version(template, at, IMPORTED_BY))


def register(catalogue: TemplateStore, template: ServicePlanTemplate, at: datetime, by: str) -> bool:
    """List a version that was made elsewhere; False when it is known with other content. One whose number is no semantic version is not
    listed, and the log says so: plans on it run, but it cannot be refined."""
    new = _new_version(template, at, by)
    is_the_same = new is None or catalogue.register(new)
    if not is_the_same:
        log.warning("%s of %s is known with other content", template.version, template.id)
    return is_the_same


def shipped_documents() -> Iterator[NamedDocument]:
    """The documents that templates name by their ids."""
    for kind, (folder, pattern) in _FOLDERS.items():
        for path in _files(folder, pattern):
            content = loads(path.read_bytes())
            yield NamedDocument(kind=kind, id=content["id"], content=content)


def shipped_templates() -> Iterator[ServicePlanTemplate]:
    """The templates to begin with."""
    for path in _files("templates", "*.json"):
        yield template_from_document(loads(path.read_bytes()))


def _files(folder: str, pattern: str) -> list[Path]:
    return sorted(resources.path(folder).glob(pattern))


def _new_version(template: ServicePlanTemplate, at: datetime, by: str) -> NewVersion | None:
    try:
        SemanticVersion.parse(template.version)
    except ValueError as error:
        log.warning("the version %s of the template %s %s", template.version, template.id, error)
        return None
    change = TemplateChange(at=at, by=by, version=template.version, kind=ChangeKind.IMPORTED, summary=f"{template.version} as it came")
    return NewVersion(template=template, change=change)
