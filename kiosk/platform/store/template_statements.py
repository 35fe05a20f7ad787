"""The statements of the template catalogue, made once."""

from sqlalchemy import bindparam, func, insert, select, update

from kiosk.platform.store.tables import plans, templates
from kiosk.platform.store.template_tables import changes, documents, heads, plan_moves, versions

_HEAD = heads.c.template_id == bindparam("template")
_NEWEST_FIRST = (versions.c.major.desc(), versions.c.minor.desc(), versions.c.patch.desc())

THE_DOCUMENT = select(documents.c.document).where(
    documents.c.kind == bindparam("of_kind"), documents.c.document_id == bindparam("document_of")
)
ADD_DOCUMENT = insert(documents)

_WHOLE = (
    select(heads.c.status, heads.c.created_at, heads.c.updated_at, heads.c.created_by, templates.c.document)
    .join(versions, versions.c.template_id == heads.c.template_id)
    .join(templates, templates.c.digest == versions.c.digest)
)
THE_VERSION = _WHOLE.where(_HEAD, versions.c.version == bindparam("of_version"))
THE_NEWEST = _WHOLE.where(_HEAD).order_by(*_NEWEST_FIRST).limit(1)
_RANKED = select(
    versions.c.template_id,
    versions.c.version,
    func.row_number().over(partition_by=versions.c.template_id, order_by=_NEWEST_FIRST).label("rank"),
).subquery()
ALL_NEWEST = (
    _WHOLE.add_columns(heads.c.template_id)
    .join(_RANKED, (_RANKED.c.template_id == versions.c.template_id) & (_RANKED.c.version == versions.c.version))
    .where(_RANKED.c.rank == 1)
    .order_by(heads.c.template_id)
)
LOCK_HEAD = select(heads.c.status).where(_HEAD).with_for_update()
ADD_HEAD = insert(heads)
SET_HEAD = update(heads).where(_HEAD).values(status=bindparam("new_status"), updated_at=bindparam("now"))
ADD_VERSION = insert(versions)

CHANGES_OF = select(changes).where(changes.c.template_id == bindparam("template")).order_by(changes.c.number)
ALL_CHANGES = select(changes).order_by(changes.c.template_id, changes.c.number)
ADD_CHANGE = insert(changes).returning(changes.c.number)
ONE_MORE_PLAN = update(changes).where(changes.c.number == bindparam("change_number")).values(plans=changes.c.plans + 1)
ADD_MOVE = insert(plan_moves)
LOCK_PIN = select(plans.c.template_id, plans.c.template_version).where(plans.c.plan_id == bindparam("plan")).with_for_update()
"""Of the plan's row alone: what is read of the plan and its template after this holds until the end of the transaction."""
MOVE_PLAN = (
    update(plans)
    .where(plans.c.plan_id == bindparam("plan"), plans.c.version == bindparam("seen"))
    .values(
        document=bindparam("new_document"),
        template_digest=bindparam("digest"),
        template_id=bindparam("to_template"),
        template_version=bindparam("to_version"),
        current_asset=bindparam("asset"),
        version=plans.c.version + 1,
        changed_at=bindparam("now"),
    )
)
PLANS_OF_VERSION = (
    select(plans.c.plan_id)
    .where(plans.c.template_id == bindparam("template"), plans.c.template_version == bindparam("of_version"))
    .where(plans.c.plan_id > bindparam("after"))
    .order_by(plans.c.plan_id)
    .limit(bindparam("most"))
)
STORED_AND_NOT_LISTED = (
    select(templates.c.document)
    .outerjoin(versions, (versions.c.template_id == templates.c.template_id) & (versions.c.version == templates.c.version))
    .where(versions.c.digest.is_(None))
    .order_by(templates.c.template_id, templates.c.version, templates.c.digest)
)
