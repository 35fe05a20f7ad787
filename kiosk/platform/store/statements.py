"""The statements of the platform's store, made once: SQLAlchemy compiles each a single time."""

from sqlalchemy import ColumnElement, Update, and_, bindparam, delete, exists, func, insert, literal_column, or_, select, tuple_, update

from kiosk.platform.store.station_tables import claims
from kiosk.platform.store.tables import (
    battery_bindings,
    outgoing_events,
    payment_events,
    plans,
    refusals,
    service_events,
    template_changes,
    template_documents,
    template_heads,
    template_versions,
    templates,
    transactions,
)
from kiosk.wire.actions import ISSUE

MAX_ADOPTED = 1000  # events at once
MAX_COUNTED = 10_000

_BY_PLAN = plans.c.plan_id == bindparam("plan")

THE_PLANS = select(plans.c.plan_id, plans.c.document, templates.c.document.label("template"), plans.c.version).where(
    templates.c.digest == plans.c.template_digest, plans.c.plan_id.in_(bindparam("plans", expanding=True))
)
LOCK_PLANS = THE_PLANS.order_by(plans.c.plan_id).with_for_update(of=plans)
LOCK_PLAN = select(plans.c.plan_id).where(_BY_PLAN).with_for_update()
"""Of the plan's row alone: what is read of the plan and its template after this holds until the end of the transaction."""
KNOWS_CODE = select(
    or_(
        *(
            exists().where(place.in_(bindparam("codes", expanding=True)))
            for place in (
                plans.c.plan_id,
                plans.c.customer_id,
                plans.c.current_asset,
                battery_bindings.c.asset_id,
                service_events.c.outgoing_battery_id,
                service_events.c.incoming_battery_id,
                service_events.c.correlation_id,
            )
        )
    )
)
UPDATE_PLAN = (
    update(plans)
    .where(_BY_PLAN, plans.c.version == bindparam("seen"))
    .values(
        document=bindparam("new_document"),
        version=plans.c.version + 1,
        changed_at=bindparam("at"),
        current_asset=bindparam("asset"),
        station_id=func.coalesce(bindparam("station"), plans.c.station_id),
    )
)
REPLACE_PLAN = update(plans).where(_BY_PLAN).values(version=plans.c.version + 1)
"""Sets besides each column that a value is given for, under its own name."""
THE_TEMPLATE = select(templates.c.digest).where(templates.c.digest == bindparam("digest"))

RECORDED = select(
    transactions.c.correlation_id,
    transactions.c.part,
    transactions.c.plan_id,
    transactions.c.digest,
    transactions.c.response,
    transactions.c.action,
).where(transactions.c.correlation_id.in_(bindparam("correlations", expanding=True)))
ADD_TRANSACTION = insert(transactions)
ADD_SERVICE_EVENT = insert(service_events)

THE_CLAIMS = select(claims).where(claims.c.correlation_id.in_(bindparam("transactions", expanding=True)))
OPEN_CLAIMS = select(claims).where(
    claims.c.plan_id.in_(bindparam("plans", expanding=True)),
    claims.c.claimed_at >= bindparam("since"),
    ~exists().where(transactions.c.correlation_id == claims.c.correlation_id, transactions.c.part == ISSUE),
)
ADD_CLAIM = insert(claims)

REFUSED_AGAIN = (
    update(refusals)
    .where(refusals.c.correlation_id == bindparam("correlation"), refusals.c.part == bindparam("of_part"))
    .values(settled_at=None, times=refusals.c.times + bindparam("more"))
)
"""Sets besides each column that a value is given for, under its own name."""
ADD_REFUSAL = insert(refusals)
FORGET_REFUSALS = delete(refusals).where(tuple_(refusals.c.correlation_id, refusals.c.part).in_(bindparam("keys", expanding=True)))

_PAYMENTS = select(
    payment_events.c.method,
    payment_events.c.receipt_id,
    payment_events.c.owner,
    payment_events.c.plan_id,
    payment_events.c.amount,
    payment_events.c.currency,
    payment_events.c.at,
    payment_events.c.event,
).order_by(payment_events.c.number)
_OF_OWNERS = payment_events.c.owner.in_(bindparam("owners", expanding=True))
PAYMENTS_OF_OWNERS = _PAYMENTS.where(_OF_OWNERS)
_UNASSIGNED = payment_events.c.owner == literal_column("''")  # written out, so that it is seen to be the condition of its index
PAYMENTS = _PAYMENTS.where(
    or_(
        _OF_OWNERS,
        tuple_(payment_events.c.method, payment_events.c.receipt_id).in_(bindparam("receipts", expanding=True)),
        and_(payment_events.c.plan_id.in_(bindparam("plans", expanding=True)), _UNASSIGNED),
    )
)
ASSIGN_PAYMENT = (
    update(payment_events)
    .where(payment_events.c.method == bindparam("by_method"), payment_events.c.receipt_id == bindparam("receipt"), _UNASSIGNED)
    .values(owner=bindparam("of_owner"))
)
ADD_PAYMENT_EVENT = insert(payment_events)

QUEUE_EVENTS = insert(outgoing_events).returning(outgoing_events.c.number, sort_by_parameter_order=True)
PUBLISHED = (
    update(outgoing_events).where(outgoing_events.c.number.in_(bindparam("numbers", expanding=True))).values(published_at=bindparam("at"))
)
_WAITING = outgoing_events.c.published_at.is_(None)
TO_PUBLISH = (
    select(outgoing_events.c.number, outgoing_events.c.event_id, outgoing_events.c.topic, outgoing_events.c.payload)
    .where(_WAITING, outgoing_events.c.stored_by == bindparam("me"))
    .order_by(outgoing_events.c.number)
    .limit(bindparam("most"))
)
_OLDEST = (
    select(outgoing_events.c.number, outgoing_events.c.stored_by)
    .where(_WAITING)
    .order_by(outgoing_events.c.number)
    .limit(MAX_ADOPTED)
    .subquery()
)
WAITING = (
    select(_OLDEST.c.stored_by, func.min(_OLDEST.c.number).label("oldest"), func.max(_OLDEST.c.number).label("newest"))
    .where(_OLDEST.c.stored_by != bindparam("me"))
    .group_by(_OLDEST.c.stored_by)
)
COUNT_WAITING = select(func.count()).select_from(select(outgoing_events.c.number).where(_WAITING).limit(MAX_COUNTED).subquery())


def _adopt(whose: ColumnElement[bool]) -> Update:
    """Make waiting events this worker's; those that another worker is just adopting are left to it."""
    theirs = select(outgoing_events.c.number).where(_WAITING, whose).order_by(outgoing_events.c.number).limit(MAX_ADOPTED)
    found = theirs.with_for_update(skip_locked=True).cte("found")  # as a common table it is looked up once, so the limit holds
    return update(outgoing_events).where(outgoing_events.c.number.in_(select(found.c.number))).values(stored_by=bindparam("me"))


ADOPT_FREE = _adopt(outgoing_events.c.stored_by.is_(None))
ADOPT_ORPHANS = _adopt(and_(outgoing_events.c.stored_by == bindparam("owner"), outgoing_events.c.number <= bindparam("newest")))

# ------------------------------------------------------------ templates

_HEAD = template_heads.c.template_id == bindparam("template")
_NEWEST_FIRST = (template_versions.c.major.desc(), template_versions.c.minor.desc(), template_versions.c.patch.desc())

THE_DOCUMENT = select(template_documents.c.document).where(
    template_documents.c.kind == bindparam("of_kind"), template_documents.c.document_id == bindparam("document_of")
)

_WHOLE = (
    select(
        template_heads.c.status, template_heads.c.created_at, template_heads.c.updated_at, template_heads.c.created_by, templates.c.document
    )
    .join(template_versions, template_versions.c.template_id == template_heads.c.template_id)
    .join(templates, templates.c.digest == template_versions.c.digest)
)
THE_VERSION = _WHOLE.where(_HEAD, template_versions.c.version == bindparam("of_version"))
THE_NEWEST = _WHOLE.where(_HEAD).order_by(*_NEWEST_FIRST).limit(1)
_RANKED = select(
    template_versions.c.template_id,
    template_versions.c.version,
    func.row_number().over(partition_by=template_versions.c.template_id, order_by=_NEWEST_FIRST).label("rank"),
).subquery()
ALL_NEWEST = (
    _WHOLE.add_columns(template_heads.c.template_id)
    .join(_RANKED, (_RANKED.c.template_id == template_versions.c.template_id) & (_RANKED.c.version == template_versions.c.version))
    .where(_RANKED.c.rank == 1)
    .order_by(template_heads.c.template_id)
)
LOCK_HEAD = select(template_heads.c.status).where(_HEAD).with_for_update()
SET_HEAD = (
    update(template_heads)
    .where(_HEAD)
    .values(status=func.coalesce(bindparam("new_status"), template_heads.c.status), updated_at=bindparam("now"))
)

CHANGES_OF = select(template_changes).where(template_changes.c.template_id == bindparam("template")).order_by(template_changes.c.number)
ALL_CHANGES = select(template_changes).order_by(template_changes.c.template_id, template_changes.c.number)
ADD_CHANGE = insert(template_changes).returning(template_changes.c.number)
ONE_MORE_PLAN = (
    update(template_changes).where(template_changes.c.number == bindparam("change_number")).values(plans=template_changes.c.plans + 1)
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
    .outerjoin(
        template_versions,
        (template_versions.c.template_id == templates.c.template_id) & (template_versions.c.version == templates.c.version),
    )
    .where(template_versions.c.digest.is_(None))
    .order_by(templates.c.template_id, templates.c.version, templates.c.digest)
)
