"""What the running plans of a template rely on, in a few dozen groups, counted by the database: no plan leaves it.

The cost is one pass over the plans of that template and no other, some microseconds a plan; nothing is locked meanwhile.
"""

from functools import cache
from typing import Any

from sqlalchemy import JSON, Connection, Select, Text, bindparam, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from kiosk.domain.templates.compatibility import ENDED, InUse
from kiosk.platform.store.plan_rows import template_of
from kiosk.platform.store.tables import plans, templates
from kiosk.wire.exact_json import loads

_TEXTS = ("service_state", "payment_state", "currency")
_MAX_TIME = "10min"  # a million plans take seconds; the server's usual limit is for swaps


def in_use(connection: Connection, template_id: str) -> tuple[InUse, ...]:
    """The groups of a template's running plans, whatever version they pinned."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_MAX_TIME}'")
    found = connection.execute(_groups(dialect), {"template": template_id}).all()
    documents = {row.template_digest: _template_text(connection, row.template_digest) for row in found}
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


def _template_text(connection: Connection, digest: str) -> str:
    text: str = connection.execute(select(templates.c.document).where(templates.c.digest == digest)).scalar_one()
    return text


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
