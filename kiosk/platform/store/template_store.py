"""The template catalogue: named documents, versions of templates, their change logs. Each method is one transaction.

Versions are only ever added: what a plan pinned stays as it is (decision 23). Whoever adds one holds the lock of its template, so that two
refinements at once are made one after the other, the second on top of the first. Every method raises StoreFailed when the database does
not answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.domain.templates.compatibility import InUse
from kiosk.domain.templates.semantic_version import SemanticVersion
from kiosk.platform.store import statements as sql
from kiosk.platform.store.plan_groups import in_use
from kiosk.platform.store.plan_rows import template_of, template_row
from kiosk.platform.store.retry import retry
from kiosk.platform.store.statements import ADD_TEMPLATE, THE_TEMPLATE
from kiosk.platform.store.template_values import (
    ACTIVE,
    DEPRECATED,
    ChangeKind,
    DocumentKind,
    NamedDocument,
    NewVersion,
    Registered,
    TemplateChange,
    TemplateRecord,
)
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps, loads

_Row = Row[*tuple[Any, ...]]
Refine = Callable[[TemplateRecord, Callable[[], tuple[InUse, ...]]], NewVersion]


class TemplateStore:
    """Works on the platform's database; holds no state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_documents(self, documents: Iterable[NamedDocument]) -> None:
        """New ones; a document that is there already stays as it is."""
        kept = tuple(documents)
        retry(self._database, lambda connection: _add_documents(connection, kept))

    def documents(self, ids: Mapping[DocumentKind, str]) -> dict[DocumentKind, dict[str, Any]]:
        """Those of the named documents that are known."""
        with self._database.reading() as connection:
            found = {kind: _document(connection, kind, document_id) for kind, document_id in ids.items()}
        return {kind: document for kind, document in found.items() if document is not None}

    def add(self, new: NewVersion) -> bool:
        """A new template with its first version; False when there is one of this id, which stays as it is."""
        return retry(self._database, lambda connection: _add_template(connection, new))

    def register(self, new: NewVersion) -> Registered:
        """A version that was made elsewhere, as it is. One of the same number and another content is not taken."""
        return retry(self._database, lambda connection: _register(connection, new))

    def register_stored(self, made: Callable[[ServicePlanTemplate], NewVersion | None]) -> None:
        """List the templates that plans have pinned and the catalogue does not know; `made` gives None for one that cannot be listed."""
        retry(self._database, lambda connection: _register_stored(connection, made))

    def refine(self, template_id: str, decide: Refine) -> TemplateRecord | None:
        """The next version, as decided on the newest one and the plans in use; None when there is no such template.

        What `decide` raises goes on to the caller, and nothing is written.
        """
        return retry(self._database, lambda connection: _refine(connection, template_id, decide))

    def in_use(self, template_id: str) -> tuple[InUse, ...]:
        """What the template's running plans rely on now."""
        with self._database.reading() as connection:
            return in_use(connection, template_id)

    def deprecate(self, template_id: str, change: Callable[[TemplateRecord], TemplateChange]) -> TemplateRecord | None:
        """No new plan from now on; nothing changes where it is so already. None when there is no such template."""
        return retry(self._database, lambda connection: _deprecate(connection, template_id, change))

    def record(self, template_id: str, version: str | None = None) -> TemplateRecord | None:
        """One version, the newest where none is named."""
        with self._database.reading() as connection:
            return _record(connection, template_id, version)

    def newest(self) -> tuple[TemplateRecord, ...]:
        """The newest version of each template, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(sql.ALL_NEWEST).all()
            logs = _logs(connection.execute(sql.ALL_CHANGES).all())
        return tuple(_as_record(row, logs.get(row.template_id, ())) for row in rows)


def keep_content(connection: Connection, template: ServicePlanTemplate) -> str:
    """The digest under which this content lies."""
    row = template_row(template)
    if connection.execute(THE_TEMPLATE, {"digest": row.digest}).one_or_none() is None:
        about = {"template_id": template.id, "version": template.version}
        connection.execute(ADD_TEMPLATE, {**about, "digest": row.digest, "document": row.document})
    return row.digest


def add_change(connection: Connection, template_id: str, change: TemplateChange) -> int:
    """The number of the entry."""
    what = {"version": change.version, "kind": change.kind.value, "summary": change.summary, "plans": change.plans}
    row = {"template_id": template_id, **what, "at": change.at, "by": change.by, "reasons": dumps(change.reasons).decode()}
    number: int = connection.execute(sql.ADD_CHANGE, row).scalar_one()
    return number


def _add_documents(connection: Connection, documents: Iterable[NamedDocument]) -> None:
    for each in documents:
        if _document(connection, each.kind, each.id) is None:
            row = {"kind": each.kind.value, "document_id": each.id, "document": dumps(each.content).decode()}
            connection.execute(sql.ADD_DOCUMENT, row)


def _document(connection: Connection, kind: DocumentKind, document_id: str) -> dict[str, Any] | None:
    text = connection.execute(sql.THE_DOCUMENT, {"of_kind": kind.value, "document_of": document_id}).scalar_one_or_none()
    return None if text is None else dict(loads(text))


def _add_template(connection: Connection, new: NewVersion) -> bool:
    change = new.change
    if connection.execute(sql.LOCK_HEAD, {"template": new.template.id}).one_or_none() is not None:
        return False
    times = {"created_at": change.at, "updated_at": change.at}
    connection.execute(sql.ADD_HEAD, {"template_id": new.template.id, "status": ACTIVE, "created_by": change.by, **times})
    _add_version(connection, new)
    return True


def _add_version(connection: Connection, new: NewVersion) -> None:
    """Content is kept as ACTIVE, whatever the template's status: a plan's pin must not change with it."""
    template, number = replace(new.template, status=ACTIVE), SemanticVersion.parse(new.template.version)
    numbers = {"major": number.major, "minor": number.minor, "patch": number.patch}
    row = {"template_id": template.id, "version": template.version, "digest": keep_content(connection, template), **numbers}
    connection.execute(sql.ADD_VERSION, row)
    add_change(connection, template.id, new.change)


def _register(connection: Connection, new: NewVersion) -> Registered:
    if _add_template(connection, new):
        return Registered.NEW
    known = _record(connection, new.template.id, new.template.version)
    if known is not None:
        same = replace(known.template, status=new.template.status) == new.template
        return Registered.KNOWN if same else Registered.OTHER_CONTENT
    _add_version(connection, new)
    _touch(connection, new)
    return Registered.NEW


def _register_stored(connection: Connection, made: Callable[[ServicePlanTemplate], NewVersion | None]) -> None:
    for document in connection.execute(sql.STORED_AND_NOT_LISTED).scalars().all():
        new = made(template_of(document))
        if new is not None:
            _register(connection, new)


def _touch(connection: Connection, new: NewVersion, status: str | None = None) -> None:
    now = connection.execute(sql.LOCK_HEAD, {"template": new.template.id}).scalar_one()
    connection.execute(sql.SET_HEAD, {"template": new.template.id, "new_status": status or now, "now": new.change.at})


def _refine(connection: Connection, template_id: str, decide: Refine) -> TemplateRecord | None:
    newest = _lock(connection, template_id)
    if newest is None:
        return None
    new = decide(newest, lambda: in_use(connection, template_id))
    _add_version(connection, new)
    _touch(connection, new)
    return _record(connection, template_id, new.template.version)


def _lock(connection: Connection, template_id: str) -> TemplateRecord | None:
    """The newest version, with the template's lock held."""
    if connection.execute(sql.LOCK_HEAD, {"template": template_id}).one_or_none() is None:
        return None
    return _record(connection, template_id, None)


def _deprecate(connection: Connection, template_id: str, change: Callable[[TemplateRecord], TemplateChange]) -> TemplateRecord | None:
    newest = _lock(connection, template_id)
    if newest is None or newest.status == DEPRECATED:
        return newest
    new = NewVersion(template=newest.template, change=change(newest))
    _touch(connection, new, DEPRECATED)
    add_change(connection, template_id, new.change)
    return _record(connection, template_id, None)


def _record(connection: Connection, template_id: str, version: str | None) -> TemplateRecord | None:
    statement = sql.THE_NEWEST if version is None else sql.THE_VERSION
    row = connection.execute(statement, {"template": template_id} | ({} if version is None else {"of_version": version})).one_or_none()
    if row is None:
        return None
    return _as_record(row, _logs(connection.execute(sql.CHANGES_OF, {"template": template_id}).all()).get(template_id, ()))


def _as_record(row: _Row, log: tuple[TemplateChange, ...]) -> TemplateRecord:
    template = replace(template_of(row.document), status=row.status)
    about = {"created_at": row.created_at, "updated_at": row.updated_at, "created_by": row.created_by}
    return TemplateRecord(template=template, change_log=log, **about)


def _logs(rows: Iterable[_Row]) -> dict[str, tuple[TemplateChange, ...]]:
    """By template; the rows come so."""
    return {
        template_id: tuple(_as_change(each) for each in found) for template_id, found in groupby(rows, lambda row: str(row.template_id))
    }


def _as_change(row: _Row) -> TemplateChange:
    return TemplateChange(
        at=row.at,
        by=row.by,
        version=row.version,
        kind=ChangeKind(row.kind),
        summary=row.summary,
        reasons=tuple(loads(row.reasons)),
        plans=row.plans,
    )
