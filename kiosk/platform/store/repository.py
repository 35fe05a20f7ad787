"""PlatformStore: each method one transaction.

`decide` is called inside the transaction that books its outcome, with the plan's row locked, and called again when another worker was
quicker: it has no effect of its own. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from kiosk.domain.errors import BadInput
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store import statements as sql
from kiosk.platform.store.event_store import EventStore, note_published
from kiosk.platform.store.ledger import Ledger, settled
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.retry import is_outage, retried
from kiosk.platform.store.store_values import Asked, Decide, Decision, Failed, Glance, Outcome, Wanted
from kiosk.platform.store.template_store import keep_content
from kiosk.platform.store.upgrade import upgrade
from kiosk.shared.sql.engine import make_engine


class PlatformStore(EventStore):
    """`where` is the path of an SQLite file or an SQLAlchemy URL. Its schema is brought up to date. Raises StoreFailed."""

    def __init__(self, where: str | Path) -> None:
        super().__init__(make_engine(where))
        try:
            upgrade(self)
        except BaseException:
            self.close()
            raise

    def insert_plan(self, plan: ServicePlan, at: datetime) -> bool:
        """A new plan; False when there is one of this id, which stays as it is."""
        return retried(self, lambda connection: _insert_plan(connection, plan, at))

    def put_plan(self, plan: ServicePlan, at: datetime) -> None:
        """A supervisor's change: the plan as given, whatever it was before."""
        retried(self, lambda connection: _put_plan(connection, plan, at))

    def plan(self, plan_id: str) -> ServicePlan | None:
        """The plan as it is now."""
        return self.plans((plan_id,)).get(plan_id)

    def plans(self, plan_ids: Sequence[str]) -> dict[str, ServicePlan]:
        """Those of these plans that there are."""
        with self.reading() as connection:
            rows = connection.execute(sql.THE_PLANS, {"plans": list(plan_ids)}).all()
        return {row.plan_id: plan_of(row.document, row.template) for row in rows}

    def glance(self, asked: Sequence[Asked]) -> list[Glance]:
        """What is known about these requests, without a lock."""
        with self.reading() as connection:
            ledger = Ledger(connection, asked, lock=False)
        return [Glance(recorded=ledger.recorded(each.key), books=ledger.books(each)) for each in asked]

    def act(self, asked: Asked, decide: Decide, without_plan: Decision | None = None) -> Outcome:
        """Decide and book in one transaction; `without_plan` is booked where there is no such plan."""
        wanted = [Wanted(asked=asked, decide=decide, without_plan=without_plan)]
        return retried(self, lambda connection: settled(connection, wanted, self.worker))[0]

    def act_all(self, wanted: Sequence[Wanted], left: Sequence[int] = ()) -> list[Outcome | Failed]:
        """Decide and book all of them in their order, in one transaction; also note that the events `left` have been published.

        Where one of them makes that fail, each gets a transaction of its own, and only that one is Failed.
        """
        try:
            with self.writing() as connection:
                done = settled(connection, wanted, self.worker)
                note_published(connection, left, wanted[-1].asked.at)
                return list[Outcome | Failed](done)
        except Exception as error:  # by one of them, whatever it was
            if is_outage(error):
                raise
        return self._one_by_one(wanted, left)

    def _one_by_one(self, wanted: Sequence[Wanted], left: Sequence[int]) -> list[Outcome | Failed]:
        """What was booked is told even where the database goes away half way."""
        done: list[Outcome | Failed] = []
        outage: Exception | None = None
        for each in wanted:
            try:
                done.append(Failed(error=outage) if outage else self.act(each.asked, each.decide, each.without_plan))
            except Exception as error:  # noqa: BLE001  a bug in one of them is the caller's to tell
                done.append(Failed(error=error))
                outage = error if is_outage(error) else None
        if not outage:
            self.record_published(left, wanted[-1].asked.at)
        return done


def can_be_shared(url: str | Path) -> bool:
    """Whether several processes may work on this database: one that is a server."""
    return isinstance(url, str) and "://" in url and not url.startswith("sqlite")


def open_store(url: str | Path) -> PlatformStore:
    """The store at a path or an SQLAlchemy URL, made where it is not there. Raises BadInput for text that is no URL of one, StoreFailed."""
    if isinstance(url, str) and "://" not in url:
        raise BadInput("--database", "must be an SQLAlchemy URL, e.g. sqlite:///platform.sqlite")
    try:
        return PlatformStore(url)
    except BadInput as error:  # said of the kiosk's setting; here it is the option
        raise BadInput("--database", error.reason) from error


def open_existing(url: str) -> PlatformStore:
    """As `open_store`, but an SQLite file that is not there is not made: its name was mistyped. Raises BadInput, StoreFailed."""
    file = _file_of(url)
    if file is not None and not file.exists():
        raise BadInput("--database", f"there is no file {file}")
    return open_store(url)


def _file_of(url: str) -> Path | None:
    """Of an SQLite database; None for every other, and for what `open_store` refuses."""
    try:
        read = make_url(url)
    except ArgumentError:
        return None
    named = read.database or ""
    of_sqlite = read.get_backend_name() == "sqlite" and named not in ("", ":memory:") and not named.startswith("file:")
    return Path(named) if of_sqlite else None


def _insert_plan(connection: Connection, plan: ServicePlan, at: datetime) -> bool:
    if connection.execute(sql.THE_PLAN, {"plan": plan.id}).one_or_none() is not None:
        return False
    digest = keep_content(connection, plan.template)
    row = {"plan_id": plan.id, "document": plan_text(plan), "template_digest": digest, "version": 1, "changed_at": at}
    connection.execute(sql.ADD_PLAN, {**row, **facts_of(plan)})
    return True


def _put_plan(connection: Connection, plan: ServicePlan, at: datetime) -> None:
    digest = keep_content(connection, plan.template)
    facts = facts_of(plan)
    about = {"customer": plan.customer_id, "asset": facts["current_asset"], "of_template": plan.template.id}
    values = {"new_document": plan_text(plan), "digest": digest, "at": at, "of_version": plan.template.version}
    if connection.execute(sql.REPLACE_PLAN, {"plan": plan.id, **about, **values}).rowcount == 0:
        _insert_plan(connection, plan, at)
