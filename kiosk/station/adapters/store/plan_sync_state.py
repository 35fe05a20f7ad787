"""The plan cache as the sync fills it: page by page, each with its cursor in one transaction.

A page is as of the moment it was asked for, so what stands beside each plan (see `plans`) is how far this kiosk had come by then: a swap
completed or answered while the page was on its way goes before the plan it brings. A plan that came since the asking, by the answer to
a customer's code, stays; unless its time lies in the future, which is a clock that was set back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.plan_cache import booked_by, current_asset
from kiosk.station.ports import OutboxState
from kiosk.station.ports.sync import Progress, SyncPlace
from kiosk.wire.stored_documents import plan_to_json

_plans, _outbox, _syncs = tables.plans, tables.outbox, tables.plan_syncs
_NOT_BOOKED = _outbox.c.state.in_((OutboxState.UNSETTLED.value, OutboxState.REFUSED.value))
_PLACE = select(_syncs.c.cursor, _syncs.c.fresh_at).where(_syncs.c.station_id == bindparam("station"))
_MOVE = update(_syncs).where(_syncs.c.station_id == bindparam("station")).values(cursor=bindparam("to"), fresh_at=bindparam("fresh"))
_BEGIN = insert(_syncs).values(station_id=bindparam("station"), cursor=bindparam("to"), fresh_at=bindparam("fresh"))
_TOLD = select(_plans.c.plan_id, _plans.c.as_of).where(_plans.c.plan_id.in_(bindparam("ids", expanding=True)))
_FACTS: dict[str, Any] = {name: bindparam(name) for name in ("document", "as_of", "current_asset", "told_after", "booked")}
_REPLACE = update(_plans).where(_plans.c.plan_id == bindparam("id")).values(_FACTS)
_ADD = insert(_plans).values(plan_id=bindparam("id"), **_FACTS)
_FORGET = delete(_plans).where(_plans.c.as_of < bindparam("before"), ~exists().where(_outbox.c.plan_id == _plans.c.plan_id, _NOT_BOOKED))


class PlanSyncState(Database):
    """The part of the store that keeps up with the platform's plans."""

    def sync_place(self, station_id: str) -> SyncPlace | None:
        """Where to go on, None when it was never begun. Raises StoreFailed."""
        with self.reading() as connection:
            row = connection.execute(_PLACE, {"station": station_id}).one_or_none()
        return None if row is None else SyncPlace(cursor=row.cursor, fresh_at=row.fresh_at)

    def put_told(
        self, plans: Sequence[ServicePlan], asked: Progress, asked_at: datetime, now: datetime, station_id: str, place: SyncPlace
    ) -> tuple[str, ...]:
        """A page and its cursor; ids of the plans stored. Raises StoreFailed."""
        with self.writing() as connection:
            known = dict(connection.execute(_TOLD, {"ids": [each.id for each in plans]}).all())
            older = [each for each in plans if each.id not in known or known[each.id] <= asked_at or known[each.id] > now]
            if older:
                _put(connection, older, frozenset(known), asked, asked_at)
            to = {"station": station_id, "to": place.cursor, "fresh": place.fresh_at}
            if connection.execute(_MOVE, to).rowcount == 0:
                connection.execute(_BEGIN, to)
        return tuple(each.id for each in older)

    def forget_plans(self, before: datetime) -> int:
        """Plans that last came before, with nothing pending; how many were forgotten. Raises StoreFailed."""
        with self.writing() as connection:
            return connection.execute(_FORGET, {"before": before}).rowcount


def _put(connection: Connection, plans: Sequence[ServicePlan], known: frozenset[str], asked: Progress, asked_at: datetime) -> None:
    ids = [each.id for each in plans]
    booked = booked_by(connection, ids, asked)
    facts = [
        {
            "id": each.id,
            "document": plan_to_json(each),
            "as_of": asked_at,
            "current_asset": current_asset(each),
            "told_after": asked.last,
            "booked": booked.get(each.id, 0),
        }
        for each in plans
    ]
    for statement, is_known in ((_REPLACE, True), (_ADD, False)):
        some = [each for each in facts if (each["id"] in known) is is_known]
        if some:
            connection.execute(statement, some)
