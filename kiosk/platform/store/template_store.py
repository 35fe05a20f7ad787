"""The template catalogue: named documents, versions of templates, their change logs. Each method is one transaction.

Versions are only ever added: what a plan pinned stays as it is (decision 23). Whoever adds one holds the lock of its template, so that two
refinements at once are made one after the other, the second on top of the first. Every method raises StoreFailed when the database does
not answer.

What the running plans of a template rely on is a few dozen groups, counted by the database: no plan leaves it. The cost is one pass over
the plans of that template and no other, some microseconds a plan; nothing is locked meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import JSON, Connection, Row, Select, Text, bindparam, cast, column, func, insert, select, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from kiosk.domain.errors import NotFound
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.domain.templates.compatibility import ENDED, InUse
from kiosk.domain.templates.semantic_version import SemanticVersion
from kiosk.platform.store import statements as sql
from kiosk.platform.store.plan_rows import template_of, template_row
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import retry
from kiosk.platform.store.store_values import (
    ACTIVE,
    DEPRECATED,
    ChangeKind,
    DocumentKind,
    NamedDocument,
    NewVersion,
    TemplateChange,
    TemplateRecord,
)
from kiosk.platform.store.tables import plans, template_documents, template_heads, template_versions, templates
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps, loads

_TEXTS = ("service_state", "payment_state", "currency")
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

    def register(self, new: NewVersion) -> bool:
        """A version that was made elsewhere, as it is; False when one of the same number is known with another content, which stays."""
        return retry(self._database, lambda connection: _register(connection, new))

    def register_stored(self, made: Callable[[ServicePlanTemplate], NewVersion | None]) -> None:
        """List the templates that plans have pinned and the catalogue does not know; `made` gives None for one that cannot be listed."""
        retry(self._database, lambda connection: _register_stored(connection, made))

    def refine(self, template_id: str, decide: Refine) -> str:
        """The number of the next version, as decided on the newest one and the plans in use. Raises NotFound.

        What `decide` raises goes on to the caller, and nothing is written.
        """
        return retry(self._database, lambda connection: _refine(connection, template_id, decide))

    def in_use(self, template_id: str) -> tuple[InUse, ...]:
        """What the template's running plans rely on now."""
        with self._database.reading() as connection:
            return in_use(connection, template_id)

    def deprecate(self, template_id: str, by: str, at: datetime) -> None:
        """No new plan from now on; nothing changes where it is so already. Raises NotFound."""
        retry(self._database, lambda connection: _deprecate(connection, template_id, by, at))

    def record(self, template_id: str, version: str | None = None) -> TemplateRecord | None:
        """One version, the newest where none is named."""
        with self._database.reading() as connection:
            return _record(connection, template_id, version)

    def newest(self) -> tuple[TemplateRecord, ...]:
        """The newest version of each template, by id."""
        with self._database.reading() as connection:
            rows = connection.execute(sql.ALL_NEWEST).all()
            logs = _logs(connection.execute(sql.ALL_CHANGES))
        return tuple(_as_record(row, logs) for row in rows)


def keep_content(connection: Connection, template: ServicePlanTemplate) -> str:
    """The digest under which this content lies."""
    row = template_row(template)
    if connection.execute(sql.THE_TEMPLATE, {"digest": row["digest"]}).one_or_none() is None:
        connection.execute(insert(templates), {"template_id": template.id, "version": template.version, **row})
    return row["digest"]


def add_change(connection: Connection, template_id: str, change: TemplateChange) -> int:
    """The number of the entry; the act is recorded."""
    record_act(
        connection, change.at, f"template {change.kind.value}", change.by, change.summary, template=template_id, version=change.version
    )
    texts = {"kind": change.kind.value, "reasons": dumps(change.reasons).decode()}
    return int(connection.execute(sql.ADD_CHANGE, {"template_id": template_id, **asdict(change), **texts}).scalar_one())


def _add_documents(connection: Connection, documents: Iterable[NamedDocument]) -> None:
    for each in documents:
        if _document(connection, each.kind, each.id) is None:
            row = {"kind": each.kind.value, "document_id": each.id, "document": dumps(each.content).decode()}
            connection.execute(insert(template_documents), row)


def _document(connection: Connection, kind: DocumentKind, document_id: str) -> dict[str, Any] | None:
    text = connection.execute(sql.THE_DOCUMENT, {"of_kind": kind.value, "document_of": document_id}).scalar_one_or_none()
    return None if text is None else dict(loads(text))


def _add_template(connection: Connection, new: NewVersion) -> bool:
    if connection.execute(sql.LOCK_HEAD, {"template": new.template.id}).one_or_none() is not None:
        return False
    about = {"created_at": new.change.at, "updated_at": new.change.at, "created_by": new.change.by}
    connection.execute(insert(template_heads), {"template_id": new.template.id, "status": ACTIVE, **about})
    _add_version(connection, new)
    return True


def _add_version(connection: Connection, new: NewVersion) -> None:
    """Content is kept as ACTIVE, whatever the template's status: a plan's pin must not change with it."""
    template, number = replace(new.template, status=ACTIVE), SemanticVersion.parse(new.template.version)
    numbers = {"major": number.major, "minor": number.minor, "patch": number.patch}
    row = {"template_id": template.id, "version": template.version, "digest": keep_content(connection, template), **numbers}
    connection.execute(insert(template_versions), row)
    connection.execute(sql.SET_HEAD, {"template": template.id, "new_status": None, "now": new.change.at})
    add_change(connection, template.id, new.change)


def _register(connection: Connection, new: NewVersion) -> bool:
    if _add_template(connection, new):
        return True
    known = _record(connection, new.template.id, new.template.version)
    if known is not None:
        return replace(known.template, status=new.template.status) == new.template
    _add_version(connection, new)
    return True


def _register_stored(connection: Connection, made: Callable[[ServicePlanTemplate], NewVersion | None]) -> None:
    for document in connection.execute(sql.STORED_AND_NOT_LISTED).scalars().all():
        new = made(template_of(document))
        if new is not None:
            _register(connection, new)


def _refine(connection: Connection, template_id: str, decide: Refine) -> str:
    new = decide(_lock(connection, template_id), lambda: in_use(connection, template_id))
    _add_version(connection, new)
    return new.template.version


def _lock(connection: Connection, template_id: str) -> TemplateRecord:
    """The newest version, with the template's lock held."""
    locked = connection.execute(sql.LOCK_HEAD, {"template": template_id}).one_or_none()
    newest = None if locked is None else _record(connection, template_id, None)
    if newest is None:
        raise NotFound("template", template_id)
    return newest


def _deprecate(connection: Connection, template_id: str, by: str, at: datetime) -> None:
    newest = _lock(connection, template_id)
    if newest.status != DEPRECATED:
        connection.execute(sql.SET_HEAD, {"template": template_id, "new_status": DEPRECATED, "now": at})
        version = newest.template.version
        change = TemplateChange(at=at, by=by, version=version, kind=ChangeKind.DEPRECATED, summary="takes no new plans")
        add_change(connection, template_id, change)


def _record(connection: Connection, template_id: str, version: str | None) -> TemplateRecord | None:
    asked = {"template": template_id, "of_version": version}
    row = connection.execute(sql.THE_NEWEST if version is None else sql.THE_VERSION, asked).one_or_none()
    return None if row is None else _as_record(row, _logs(connection.execute(sql.CHANGES_OF, asked)))


def _as_record(row: _Row, logs: Mapping[str, tuple[TemplateChange, ...]]) -> TemplateRecord:
    template = replace(template_of(row.document), status=row.status)
    about = {"created_at": row.created_at, "updated_at": row.updated_at, "created_by": row.created_by}
    return TemplateRecord(template=template, change_log=logs.get(template.id, ()), **about)


def _logs(rows: Iterable[_Row]) -> dict[str, tuple[TemplateChange, ...]]:
    """By template; the rows come so."""
    return {template_id: tuple(map(_as_change, found)) for template_id, found in groupby(rows, attrgetter("template_id"))}


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


# ------------------------------------------------------------ what running plans rely on


def in_use(connection: Connection, template_id: str) -> tuple[InUse, ...]:
    """The groups of a template's running plans, whatever version they pinned."""
    dialect = connection.dialect.name
    if dialect == "postgresql":  # a million plans take seconds; the server's usual limit is for swaps
        connection.exec_driver_sql("SET LOCAL statement_timeout = '10min'")
    found = connection.execute(_groups(dialect), {"template": template_id}).all()
    pinned = select(templates.c.digest, templates.c.document).where(templates.c.digest.in_({row.template_digest for row in found}))
    documents = {row.digest: row.document for row in connection.execute(pinned)}
    return tuple(
        InUse(
            template=template_of(documents[row.template_digest]),
            service_ids=tuple(loads(row.services)),
            service_state=row.service_state,
            payment_state=row.payment_state,
            currency=row.currency,
            plans=row.plans,
        )
        for row in found
    )


@cache
def _groups(dialect: str) -> Select[Any]:
    facts = _facts_on_postgresql() if dialect == "postgresql" else _facts()
    each = facts.where(plans.c.template_id == bindparam("template")).subquery()
    counted = select(*each.c, func.count().label("plans")).where(each.c.service_state != ENDED)
    return counted.group_by(*each.c).order_by(*each.c)


def _facts() -> Select[Any]:
    """The digest of a plan's template, its states and currency, and the ids of its services in their order as a JSON list."""
    texts = [func.json_extract(plans.c.document, f"$.{name}").label(name) for name in _TEXTS]
    each = func.json_each(plans.c.document, "$.serviceStates").table_valued("key", "value")
    services = select(func.json_group_array(func.json_extract(each.c.value, "$.service_id"))).scalar_subquery()
    return select(plans.c.template_digest, *texts, services.label("services"))


def _facts_on_postgresql() -> Select[Any]:
    """The same; each document is read once."""
    columns = [*(column(name, Text) for name in _TEXTS), column("serviceStates", JSONB)]
    read = func.json_to_record(cast(plans.c.document, JSON)).table_valued(*columns).render_derived(name="read", with_types=True)
    services = cast(func.jsonb_path_query_array(read.c.serviceStates, cast("$[*].service_id", JSONPATH)), Text).label("services")
    return select(plans.c.template_digest, *(read.c[name] for name in _TEXTS), services).select_from(plans.join(read, true()))
