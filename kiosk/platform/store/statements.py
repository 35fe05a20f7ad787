"""The statements of the platform's memory, made once: SQLAlchemy compiles each a single time."""

from sqlalchemy import bindparam, delete, func, insert, select, update

from kiosk.platform.store.tables import outgoing_events, payment_events, plans, refusals, service_events, templates, transactions

_BY_PLAN = plans.c.plan_id == bindparam("plan")
_OF_ITS_TEMPLATE = templates.c.digest == plans.c.template_digest

THE_PLAN = select(plans.c.document, templates.c.document.label("template"), plans.c.version).where(_BY_PLAN, _OF_ITS_TEMPLATE)
LOCK_PLAN = THE_PLAN.with_for_update(of=plans)
ADD_PLAN = insert(plans)
BOOK_PLAN = (
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
REPLACE_PLAN = (
    update(plans)
    .where(_BY_PLAN)
    .values(
        customer_id=bindparam("customer"),
        document=bindparam("new_document"),
        template_digest=bindparam("digest"),
        template_id=bindparam("of_template"),
        template_version=bindparam("of_version"),
        current_asset=bindparam("asset"),
        version=plans.c.version + 1,
        changed_at=bindparam("at"),
    )
)
THE_TEMPLATE = select(templates.c.digest).where(templates.c.digest == bindparam("digest"))
ADD_TEMPLATE = insert(templates)

RECORDED = select(transactions.c.digest, transactions.c.response, transactions.c.action).where(
    transactions.c.correlation_id == bindparam("correlation"), transactions.c.part == bindparam("of_part")
)
ADD_TRANSACTION = insert(transactions)
ADD_SERVICE_EVENT = insert(service_events)

_THIS_REFUSAL = (refusals.c.correlation_id == bindparam("correlation")) & (refusals.c.part == bindparam("of_part"))
REFUSED_AGAIN = (
    update(refusals)
    .where(_THIS_REFUSAL)
    .values(
        reason=bindparam("last_reason"),
        last_at=bindparam("at"),
        times=refusals.c.times + 1,
        plan_id=bindparam("of_plan"),
        station_id=bindparam("station"),
        attendant_id=bindparam("attendant"),
        action=bindparam("asked_action"),
    )
)
ADD_REFUSAL = insert(refusals)
FORGET_REFUSAL = delete(refusals).where(_THIS_REFUSAL)

_PAYMENTS = select(
    payment_events.c.method,
    payment_events.c.receipt_id,
    payment_events.c.owner,
    payment_events.c.plan_id,
    payment_events.c.amount,
    payment_events.c.currency,
    payment_events.c.at,
)
PAYMENT_OF_RECEIPT = _PAYMENTS.where(
    payment_events.c.method == bindparam("by_method"), payment_events.c.receipt_id == bindparam("receipt")
)  # fmt: skip
PAYMENTS_OF_OWNER = _PAYMENTS.where(payment_events.c.owner == bindparam("of_owner")).order_by(payment_events.c.number)
ADD_PAYMENT_EVENT = insert(payment_events)

QUEUE_EVENT = insert(outgoing_events).returning(outgoing_events.c.number)
TO_PUBLISH = (
    select(outgoing_events.c.number, outgoing_events.c.event_id, outgoing_events.c.topic, outgoing_events.c.payload)
    .where(outgoing_events.c.published_at.is_(None))
    .order_by(outgoing_events.c.number)
    .limit(bindparam("most"))
)
PUBLISHED = (
    update(outgoing_events)
    .where(outgoing_events.c.number.in_(bindparam("numbers", expanding=True)))
    .values(published_at=bindparam("at"))
)  # fmt: skip
