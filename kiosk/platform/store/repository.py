"""PlatformStore: each method one transaction.

A request is decided inside the transaction that writes the decision, with the plan's row locked, and decided again when another worker was
quicker: its `decide` has no effect of its own. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import Connection, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store import statements as sql
from kiosk.platform.store.event_store import EventStore, note_published
from kiosk.platform.store.ledger import Ledger, decide_and_write
from kiosk.platform.store.plan_changes import insert_plan, put_plan
from kiosk.platform.store.plan_rows import plan_of
from kiosk.platform.store.retry import is_outage, retry
from kiosk.platform.store.store_values import Decision, Known, RequestFacts, Work
from kiosk.platform.store.tables import secrets
from kiosk.platform.store.upgrade import upgrade
from kiosk.shared.sql.engine import make_engine

REQUEST_GROUP: Final = "request-group"
"""The shared subscription of the workers. Who knows its name may join it, and then receives requests that nobody answers: a broker checks
no rights for that."""


class PlatformStore(EventStore):
    """`where` is the path of an SQLite file or an SQLAlchemy URL. Its schema is brought up to date. Raises StoreFailed."""

    def __init__(self, where: str | Path) -> None:
        super().__init__(make_engine(where))
        try:
            upgrade(self)
        except BaseException:
            self.close()
            raise

    def secret(self, name: str) -> str:
        """A secret of the platform's own, 32 hexadecimal digits: made when it is asked for first, and the same for every worker on the
        database from then on."""
        return retry(self, lambda connection: _find_or_make_secret(connection, name))

    def insert_plan(self, plan: ServicePlan, at: datetime) -> bool:
        """A new plan; False when there is one of this id, which stays as it is."""
        return retry(self, lambda connection: insert_plan(connection, plan, at))

    def put_plan(self, plan: ServicePlan, at: datetime) -> None:
        """A supervisor's change: the plan as given, whatever it was before."""
        retry(self, lambda connection: put_plan(connection, plan, at))

    def plan(self, plan_id: str) -> ServicePlan | None:
        """The plan as it is now."""
        return self.plans((plan_id,)).get(plan_id)

    def plans(self, plan_ids: Sequence[str]) -> dict[str, ServicePlan]:
        """Those of these plans that there are."""
        with self.reading() as connection:
            rows = connection.execute(sql.THE_PLANS, {"plans": list(plan_ids)}).all()
        return {row.plan_id: plan_of(row.document, row.template) for row in rows}

    def look_up(self, requests: Sequence[RequestFacts]) -> list[Known]:
        """What is known about these requests, without a lock: a moment later it may be otherwise."""
        with self.reading() as connection:
            ledger = Ledger(connection, requests, lock=False)
        return [ledger.known(each) for each in requests]

    def decide(self, work: Work) -> Decision:
        """Decide a request and write the decision in one transaction."""
        return retry(self, lambda connection: decide_and_write(connection, [work], self.worker))[0]

    def decide_all(self, works: Sequence[Work], published: Sequence[int] = ()) -> list[Decision | Exception]:
        """Decide all of them in their order and write it, in one transaction; also note that the events `published` have left.

        Where one of them makes that fail, each gets a transaction of its own, and only that one is the exception that it raised.
        """
        try:
            with self.writing() as connection:
                decisions = decide_and_write(connection, works, self.worker)
                note_published(connection, published, works[-1].facts.at)
                return list[Decision | Exception](decisions)
        except Exception as error:  # by one of them, whatever it was
            if is_outage(error):
                raise
        return self._decide_one_by_one(works, published)

    def _decide_one_by_one(self, works: Sequence[Work], published: Sequence[int]) -> list[Decision | Exception]:
        """What was decided is returned even where the database goes away half way."""
        decided: list[Decision | Exception] = []
        outage: Exception | None = None
        for each in works:
            try:
                decided.append(outage or self.decide(each))
            except Exception as error:  # noqa: BLE001  the caller logs it as what became of this request
                decided.append(error)
                outage = error if is_outage(error) else None
        if not outage:
            self.record_published(published, works[-1].facts.at)
        return decided


def _find_or_make_secret(connection: Connection, name: str) -> str:
    """Of two workers at once the slower one violates the key, and tries again."""
    known: str | None = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one_or_none()
    if known is not None:
        return known
    made = token_hex(16)
    connection.execute(insert(secrets), {"name": name, "value": made})
    return made


def can_be_shared(url: str | Path) -> bool:
    """Whether several processes may work on this database: one that is a server."""
    return isinstance(url, str) and "://" in url and not url.startswith("sqlite")


def open_store(url: str | Path) -> PlatformStore:
    """The store at a path or an SQLAlchemy URL, made where it is not there. Raises BadInput for text that is no URL of one, StoreFailed."""
    if isinstance(url, str) and "://" not in url:
        raise BadInput("--database", tr("must be an SQLAlchemy URL, e.g. sqlite:///platform.sqlite"))
    try:
        return PlatformStore(url)
    except BadInput as error:  # it names the kiosk's setting; here it is the option
        raise BadInput("--database", error.reason) from error


def open_existing(url: str) -> PlatformStore:
    """As `open_store`, but an SQLite file that is not there is not made: its name was mistyped. Raises BadInput, StoreFailed."""
    with suppress(ArgumentError):  # what is no URL, `open_store` refuses
        read = make_url(url)
        named = read.database or ":memory:"
        is_file = read.get_backend_name() == "sqlite" and named != ":memory:" and not named.startswith("file:")
        if is_file and not Path(named).exists():
            raise BadInput("--database", tr("there is no file {path}", path=named))
    return open_store(url)
