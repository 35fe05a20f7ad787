"""The plan cache, written by the platform's messages only, how far the sync that fills it has come, and who holds which battery.

Beside each plan stands how far this kiosk had come when it was asked for: `told_after` is the last completion stored here by then, `booked`
the last one of this plan that was answered by then. What was done later, and what the platform has not booked, goes before the cached plan
when batteries are looked up. Numbers decide, not times: a clock that jumps confuses nothing.

The sync fills the cache page by page, each with its cursor in one transaction. A page is as of the moment it was asked for, so a swap
completed or answered while it was on its way goes before the plan it brings. A plan that came since the asking, by the answer to a
customer's code, stays; unless its time lies in the future, which is a clock that was set back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, delete, exists, func, insert, or_, select, update

from kiosk.domain.errors import KioskError, PlanInvalid, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import NOT_BOOKED, readable
from kiosk.station.ports import CachedPlan, Progress, SyncPlace
from kiosk.wire.exact_json import text
from kiosk.wire.stored_documents import plan_from_json, plan_to_json

_plans, _outbox, _syncs = tables.plans, tables.outbox, tables.plan_syncs
_CODES = (  # ids that are kept in one case
    tables.bindings.c.battery_id,
    tables.bindings.c.address,
    tables.binding_changes.c.battery_id,
    tables.readings.c.battery_id,
    tables.swaps.c.correlation_id,
)
_NOT_BOOKED = _outbox.c.state.in_(NOT_BOOKED)
_LAST = select(func.coalesce(func.max(_outbox.c.number), 0))
_OPEN = select(_outbox.c.plan_id, _outbox.c.number).where(_NOT_BOOKED)
_BOOKED = (
    select(_outbox.c.plan_id, func.max(_outbox.c.number))
    .where(
        _outbox.c.plan_id.in_(bindparam("ids", expanding=True)),
        _outbox.c.number <= bindparam("last"),
        _outbox.c.number.not_in(bindparam("open", expanding=True)),
    )
    .group_by(_outbox.c.plan_id)
)
_FACTS: dict[str, Any] = {name: bindparam(name) for name in ("document", "as_of", "current_asset", "told_after", "booked")}
_REPLACE = update(_plans).where(_plans.c.plan_id == bindparam("id")).values(_FACTS)
_ADD = insert(_plans).values(plan_id=bindparam("id"), **_FACTS)
_ALL = select(_plans.c.plan_id, _plans.c.document, _plans.c.as_of).order_by(_plans.c.plan_id)
_WITH = _ALL.where(
    or_(
        func.upper(_plans.c.plan_id).like(bindparam("text"), escape="\\"),
        func.upper(_plans.c.document).like(bindparam("text"), escape="\\"),
    )
).limit(bindparam("most"))
_ONE = _ALL.where(_plans.c.plan_id == bindparam("id"))

_PLACE = select(_syncs.c.cursor, _syncs.c.fresh_at).where(_syncs.c.station_id == bindparam("station"))
_MOVE = update(_syncs).where(_syncs.c.station_id == bindparam("station")).values(cursor=bindparam("to"), fresh_at=bindparam("fresh"))
_BEGIN = insert(_syncs).values(station_id=bindparam("station"), cursor=bindparam("to"), fresh_at=bindparam("fresh"))
_TOLD = select(_plans.c.plan_id, _plans.c.as_of).where(_plans.c.plan_id.in_(bindparam("ids", expanding=True)))
_FORGET = delete(_plans).where(_plans.c.as_of < bindparam("before"), ~exists().where(_outbox.c.plan_id == _plans.c.plan_id, _NOT_BOOKED))

_last = _outbox.alias("last")
_returned = _outbox.alias("returned")
_last_number = select(func.max(_outbox.c.number)).where(_outbox.c.plan_id == _plans.c.plan_id).scalar_subquery()
_newer = _last.c.state.in_(NOT_BOOKED) | (_last.c.number > _plans.c.booked)
_held = (
    select(
        case((_newer, _last.c.outgoing_battery_id), else_=_plans.c.current_asset).label("battery_id"),
        case((_newer, _last.c.number), else_=_plans.c.told_after).label("since"),
    )
    .join_from(_plans, _last, _last.c.number == _last_number, isouter=True)
    .where(_plans.c.plan_id != bindparam("except_plan"))
    .subquery("held")
)
_HELD = select(_held.c.battery_id).where(
    _held.c.battery_id.is_not(None),
    ~exists().where(_returned.c.incoming_battery_id == _held.c.battery_id, _returned.c.number > _held.c.since),
)


def _read_plan(row: Row[*tuple[Any, ...]]) -> CachedPlan:
    try:
        return CachedPlan(plan=plan_from_json(row.document), as_of=row.as_of)
    except KioskError as fault:
        raise StoreFailed(tr("the cached plan {plan_id} cannot be read ({why})", plan_id=row.plan_id, why=fault)) from fault


class PlanCache(Database):
    """The part of the store that is the plan cache's."""

    def progress(self, plan_id: str | None = None) -> Progress:
        with self.reading() as connection:
            return _progress(connection, plan_id)

    def put_plan(self, plan: ServicePlan, as_of: datetime, asked: Progress | None = None) -> None:
        """Cache a plan as the platform sent it, in place of what was cached. `asked` is the progress when it was asked: what was completed
        or answered while the answer was on its way may be missing in it. Raises StoreFailed."""
        with self.writing() as connection:
            (facts,) = _facts(connection, [plan], asked or _progress(connection, plan.id), as_of)
            if connection.execute(_REPLACE, facts).rowcount == 0:
                connection.execute(_ADD, facts)

    def plan(self, plan_id: str) -> CachedPlan | None:
        """The cached plan, None when there is none. Raises StoreFailed."""
        return next(map(_read_plan, self.rows(_ONE, {"id": plan_id})), None)

    def plans(self) -> tuple[CachedPlan, ...]:
        """All cached plans, by id; a damaged one is logged and hides no other. Raises StoreFailed."""
        return readable(self.rows(_ALL), _read_plan)

    def plans_with(self, text: str, most: int) -> tuple[CachedPlan, ...]:
        """Looked for as the documents are written; a damaged one is logged and hides no other. Raises StoreFailed."""
        return readable(self.rows(_WITH, {"text": f"%{_escaped(text.upper())}%", "most": most}), _read_plan)

    def sync_place(self, station_id: str) -> SyncPlace | None:
        return next((SyncPlace(cursor=row.cursor, fresh_at=row.fresh_at) for row in self.rows(_PLACE, {"station": station_id})), None)

    def put_told(
        self, plans: Sequence[ServicePlan], asked: Progress, asked_at: datetime, now: datetime, station_id: str, place: SyncPlace
    ) -> tuple[str, ...]:
        to = {"station": station_id, "to": place.cursor, "fresh": place.fresh_at}
        with self.writing() as connection:
            known = dict(connection.execute(_TOLD, {"ids": [each.id for each in plans]}).all())
            older = [each for each in plans if each.id not in known or known[each.id] <= asked_at or known[each.id] > now]
            facts = _facts(connection, older, asked, asked_at)
            for statement, is_known in ((_REPLACE, True), (_ADD, False)):
                if some := [each for each in facts if (each["id"] in known) is is_known]:
                    connection.execute(statement, some)
            if connection.execute(_MOVE, to).rowcount == 0:
                connection.execute(_BEGIN, to)
        return tuple(each.id for each in older)

    def forget_plans(self, before: datetime) -> int:
        with self.writing() as connection:
            return connection.execute(_FORGET, {"before": before}).rowcount

    def knows_code(self, code: str) -> bool:
        with self.reading() as connection:
            return bool(connection.execute(_knows(code.strip().upper())).scalar())

    def held_batteries(self, *, except_plan: str) -> frozenset[str]:
        """Batteries in the hands of customers other than that plan's, normalised (decision 12). Raises StoreFailed.

        A plan's battery is the one last issued here, where the platform had not booked that when it sent the plan; else the one of the
        cached plan. A battery that came back here since is held by no customer.
        """
        with self.reading() as connection:
            return frozenset(connection.execute(_HELD, {"except_plan": except_plan}).scalars())


def _progress(connection: Connection, plan_id: str | None) -> Progress:
    pending: dict[str, set[int]] = {}
    last = connection.execute(_LAST).scalar_one()
    for each, number in connection.execute(_OPEN if plan_id is None else _OPEN.where(_outbox.c.plan_id == plan_id)):
        pending.setdefault(each, set()).add(number)
    return Progress(last=last, not_booked={each: frozenset(numbers) for each, numbers in pending.items()})


def _facts(connection: Connection, plans: Sequence[ServicePlan], asked: Progress, as_of: datetime) -> list[dict[str, Any]]:
    """What stands in the table for each of these plans, with the last completion of it that was answered when it was asked for."""
    still_open = [number for each in plans for number in asked.not_booked.get(each.id, ())]
    booked = dict(connection.execute(_BOOKED, {"ids": [each.id for each in plans], "last": asked.last, "open": still_open}).all())
    return [
        {
            "id": each.id,
            "document": plan_to_json(each),
            "as_of": as_of,
            "current_asset": _current_asset(each),
            "told_after": asked.last,
            "booked": booked.get(each.id, 0),
        }
        for each in plans
    ]


def _escaped(text: str) -> str:
    """For LIKE: its signs stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _current_asset(plan: ServicePlan) -> str | None:
    try:
        return plan.current_asset
    except PlanInvalid:  # no service of it tracks a battery: starting a swap with it raises the same
        return None


def _knows(code: str) -> Select[tuple[bool]]:
    """The customer's id is looked for in the document, which holds it once, as JSON writes it."""
    return select(
        exists().where(or_(func.upper(_plans.c.plan_id) == code, func.upper(_plans.c.current_asset) == code))
        | exists().where(func.upper(_plans.c.document).contains(f'"CUSTOMER_ID":{text(code)}', autoescape=True))
        | exists().where(or_(_outbox.c.outgoing_battery_id == code, _outbox.c.incoming_battery_id == code))
        | or_(*(exists().where(place.in_((code, code.lower()))) for place in _CODES))
    )
