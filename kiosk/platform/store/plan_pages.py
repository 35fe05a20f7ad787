"""Plans in pages: what has changed at a station since a cursor, and the plans of a customer or a template.

A station's plans are those last served there and the new ones: served nowhere yet, and changed within NEW_FOR before the round began. An
older one is asked for when its customer comes. A **round** begins with no cursor, or with the cursor that the last round ended with, and
goes on page by page while there is more. What a transaction stamped before a round began and committed after it
read that far would be passed over; so the cursor at the end of a round points OVERLAP before the round's beginning, and what changed since
comes again in the next one. Right as long as no transaction takes longer, and no two workers' clocks differ by more, than OVERLAP.

Pages are read by key, so that the millionth costs what the first does. A cursor that is none raises BadInput; a database that does not
answer raises StoreFailed.
"""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter

from sqlalchemy import bindparam, select, tuple_

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.plan_rows import plan_of
from kiosk.platform.store.tables import plans, templates
from kiosk.shared.sql.column_types import UtcDateTime
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import Raw, dumps, loads

OVERLAP = timedelta(seconds=60)
NEW_FOR = timedelta(days=30)
"""Who signs a contract fetches the first battery in the same month. Plans served nowhere go to every station; without an end a million that
were imported and never used would stay on a hundred thousand kiosks' first round for ever."""
MAX_PLANS = 500
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPlan:
    """A plan as it is now: `document` is its JSON without the template, `template_key` that of a template of the page."""

    plan_id: str
    changed_at: datetime
    template_key: str
    document: Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """A page of a round. `cursor` goes on with the round while there is `more`, and begins the next one when there is not."""

    plans: tuple[ChangedPlan, ...]
    templates: Mapping[str, Raw]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansPage:
    """Plans in the order of template version and id; `cursor` None when these were the last."""

    plans: tuple[ServicePlan, ...]
    cursor: str | None


_CHANGED = (
    select(plans.c.plan_id, plans.c.changed_at, plans.c.template_digest, plans.c.document)
    .where(tuple_(plans.c.changed_at, plans.c.plan_id) > tuple_(bindparam("at", type_=UtcDateTime), bindparam("id")))
    .order_by(plans.c.station_id, plans.c.changed_at, plans.c.plan_id)  # the first is one value: it names the index to PostgreSQL
    .limit(bindparam("most"))
)
_SERVED_THERE = _CHANGED.where(plans.c.station_id == bindparam("station"))
_SERVED_NOWHERE = _CHANGED.where(plans.c.station_id.is_(None))
_TEMPLATES = select(templates.c.digest, templates.c.document).where(templates.c.digest.in_(bindparam("digests", expanding=True)))
_WHOLE = (
    select(plans.c.template_version, plans.c.document, templates.c.document.label("template"))
    .join_from(plans, templates, templates.c.digest == plans.c.template_digest)
    .where(tuple_(plans.c.template_version, plans.c.plan_id) > tuple_(bindparam("version"), bindparam("id")))
    .order_by(plans.c.template_version, plans.c.plan_id)
    .limit(bindparam("most"))
)


class PlanPages:
    """Reads only. `first` is how many a page holds, at most MAX_PLANS."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, station_id: str, since: str | None, first: int, now: datetime) -> ChangesPage:
        """The station's plans that changed since the cursor, oldest change first; all without one. Raises BadInput, StoreFailed."""
        _check(first)
        at, plan_id, began = _read_place(since) if since else (_BEGINNING, "", None)
        began = began or now
        asked = {"station": station_id, "at": at, "id": plan_id, "most": first + 1}
        new = {**asked, "at": began - NEW_FOR, "id": ""} if at < began - NEW_FOR else asked
        with self._database.reading() as connection:
            there, nowhere = connection.execute(_SERVED_THERE, asked).all(), connection.execute(_SERVED_NOWHERE, new).all()
            found = tuple(islice(heapq.merge(there, nowhere, key=attrgetter("changed_at", "plan_id")), first + 1))
            digests = sorted({each.template_digest for each in found[:first]})
            pinned = connection.execute(_TEMPLATES, {"digests": digests}).all() if digests else ()
        page = tuple(
            ChangedPlan(plan_id=each.plan_id, changed_at=each.changed_at, template_key=each.template_digest, document=Raw(each.document))
            for each in found[:first]
        )
        more = len(found) > first
        end = (page[-1].changed_at, page[-1].plan_id, began.isoformat()) if more else (began - OVERLAP, "", "")
        cursor = _format_cursor(end[0].isoformat(), *end[1:])
        return ChangesPage(plans=page, templates={row.digest: Raw(row.document) for row in pinned}, cursor=cursor, more=more)

    def plans(
        self,
        *,
        customer_id: str | None = None,
        template_id: str | None = None,
        version: str | None = None,
        after: str | None = None,
        first: int = 50,
    ) -> PlansPage:
        """The plans of a customer, of a template, or of one version of it. Raises BadInput without either, StoreFailed."""
        _check(first)
        if customer_id is None and template_id is None:
            raise BadInput("servicePlans", tr("needs a customer_id or a template_id"))
        if version is not None and template_id is None:
            raise BadInput("template_version", tr("needs a template_id"))
        pairs = ((plans.c.customer_id, customer_id), (plans.c.template_id, template_id), (plans.c.template_version, version))
        query = _WHOLE.where(*(column == value for column, value in pairs if value is not None))
        seen_version, seen_id = _parse_cursor(after, 2) if after else ("", "")
        with self._database.reading() as connection:
            rows = connection.execute(query, {"version": seen_version, "id": seen_id, "most": first + 1}).all()
        page = tuple(plan_of(each.document, each.template) for each in rows[:first])
        return PlansPage(plans=page, cursor=_format_cursor(page[-1].template.version, page[-1].id) if len(rows) > first else None)


def _check(first: int) -> None:
    if not 1 <= first <= MAX_PLANS:
        raise BadInput("first", tr("must be between 1 and {count}", count=MAX_PLANS))


# ---------------------------------------------------------------- cursors: text that means something here only


def _read_place(cursor: str) -> tuple[datetime, str, datetime | None]:
    """After which change a page begins, by its time and plan, and when the round began: None before its first page."""
    at, plan_id, began = _parse_cursor(cursor, 3)
    try:
        return _moment(at), plan_id, _moment(began) if began else None
    except (ValueError, OverflowError) as error:
        raise _no_cursor() from error


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(text)
    return read.astimezone(UTC)


def _format_cursor(*parts: str) -> str:
    return urlsafe_b64encode(dumps(parts)).decode()


def _parse_cursor(cursor: str, count: int) -> list[str]:
    try:
        parts = loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (BadInput, ValueError) as error:
        raise _no_cursor() from error
    if not (isinstance(parts, list) and len(parts) == count and all(isinstance(each, str) and "\0" not in each for each in parts)):
        raise _no_cursor()
    return parts


def _no_cursor() -> BadInput:
    return BadInput("cursor", tr("is none of this platform's"))
