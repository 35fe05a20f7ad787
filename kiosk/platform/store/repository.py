"""PlatformStore: each method one transaction.

A request is decided inside the transaction that writes the decision, with the plan's row locked, and decided again when another worker was
quicker: its `decide` has no effect of its own. Every method raises StoreFailed when the database does not answer.

Events are stored in the transaction of their swap or payment, by the worker that is to publish them, and each is published once in the
ordinary case. A worker publishes what it stored, and notes that it has left. What names no worker (a command stored it) is adopted by
whoever looks first. Events that two looks of the same worker find waiting, some seconds apart, are orphans: their worker has died or has no
link. They are adopted by one other, under the same event id. No clocks are compared.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import Connection, Row, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store import statements as sql
from kiosk.platform.store.ledger import Ledger, decide_and_write
from kiosk.platform.store.open_rows import HourlyRate
from kiosk.platform.store.plan_changes import insert_plan, put_plan
from kiosk.platform.store.plan_rows import plan_of
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import is_outage, retry
from kiosk.platform.store.store_values import Decision, EventToPublish, Known, RequestFacts, Work
from kiosk.platform.store.tables import secrets
from kiosk.platform.store.upgrade import upgrade
from kiosk.shared.sql.engine import Database, make_engine
from kiosk.shared.sql.record_table import KEY_OPTION, KeySource

REQUEST_GROUP: Final = "request-group"
"""The shared subscription of the workers. Who knows its name may join it, and then receives requests that nobody answers: a broker checks
no rights for that."""


class PlatformStore(Database):
    """`where` is the path of an SQLite file or an SQLAlchemy URL. Its schema is brought up to date. Raises StoreFailed.

    `key` gives the key that seals the record. `worker` is who publishes what is stored through this object: a name that no other has, ever.
    `refusals` is how many of them it has stored lately.
    """

    def __init__(self, where: str | Path, key: KeySource | None = None) -> None:
        engine = make_engine(where)
        super().__init__(engine.execution_options(**{KEY_OPTION: key}) if key else engine)
        self.worker = uuid.uuid4().hex
        self.refusals = HourlyRate()
        try:
            upgrade(self)
        except BaseException:
            self.close()
            raise

    def secret(self, name: str) -> str:
        """A secret of the platform's own, 32 hexadecimal digits: made when it is asked for first, and the same for every worker on the
        database from then on."""
        return retry(self, lambda connection: _find_or_make_secret(connection, name))

    def insert_plan(self, plan: ServicePlan, at: datetime, act: str = "", who: str = "") -> bool:
        """A new plan; False when there is one of this id, which stays as it is. Recorded where it is a person's `act`."""

        def work(connection: Connection) -> bool:
            is_new = insert_plan(connection, plan, at)
            if is_new and act:
                record_act(connection, at, act, who, plan=plan.id)
            return is_new

        return retry(self, work)

    def put_plan(self, plan: ServicePlan, at: datetime, who: str = "") -> None:
        """A supervisor's change, recorded: the plan as given, whatever it was before."""

        def work(connection: Connection) -> None:
            put_plan(connection, plan, at)
            record_act(connection, at, "plan put", who, plan=plan.id)

        retry(self, work)

    def plan(self, plan_id: str) -> ServicePlan | None:
        """The plan as it is now."""
        return self.plans((plan_id,)).get(plan_id)

    def plans(self, plan_ids: Sequence[str]) -> dict[str, ServicePlan]:
        """Those of these plans that there are."""
        with self.reading() as connection:
            rows = connection.execute(sql.THE_PLANS, {"plans": list(plan_ids)}).all()
        return {row.plan_id: plan_of(row.document, row.template) for row in rows}

    def knows_code(self, code: str) -> bool:
        """Whether a code is a plan's, a customer's, a battery's or a swap's that is known here, in capitals or not."""
        plain = code.strip()
        with self.reading() as connection:
            return bool(connection.execute(sql.KNOWS_CODE, {"codes": sorted({plain, plain.upper(), plain.lower()})}).scalar())

    def look_up(self, requests: Sequence[RequestFacts]) -> list[Known]:
        """What is known about these requests, without a lock: a moment later it may be otherwise."""
        with self.reading() as connection:
            ledger = Ledger(connection, requests, lock=False)
        return [ledger.known(each) for each in requests]

    def decide(self, work: Work) -> Decision:
        """Decide a request and write the decision in one transaction."""
        return retry(self, lambda connection: decide_and_write(connection, [work], self.worker, self.refusals))[0]

    def decide_all(self, works: Sequence[Work], published: Sequence[int] = ()) -> list[Decision | Exception]:
        """Decide all of them in their order and write it, in one transaction; also note that the events `published` have left.

        Where one of them makes that fail, each gets a transaction of its own, and only that one is the exception that it raised.
        """
        try:
            with self.writing() as connection:
                decisions = decide_and_write(connection, works, self.worker, self.refusals)
                _note_published(connection, published, works[-1].facts.at)
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

    # ------------------------------------------------------------ events that wait to be published

    def to_publish(self, limit: int = 100) -> tuple[EventToPublish, ...]:
        """This worker's events and those that name no worker, not yet published, oldest first."""
        retry(self, lambda connection: connection.execute(sql.ADOPT_FREE, {"me": self.worker}))
        with self.reading() as connection:
            found = connection.execute(sql.TO_PUBLISH, {"me": self.worker, "most": limit}).all()
        return tuple(EventToPublish(number=n, event_id=i, topic=t, payload=p) for n, i, t, p in found)

    def count_waiting(self) -> int:
        """Events stored and not yet published, MAX_COUNTED at most."""
        with self.reading() as connection:
            return connection.execute(sql.COUNT_WAITING).scalar_one()

    def others_waiting(self) -> Sequence[Row[str, int, int]]:
        """Of each other worker that has not published all (`stored_by`): the numbers of its `oldest` event and of the `newest` seen."""
        with self.reading() as connection:
            return connection.execute(sql.WAITING, {"me": self.worker}).all()

    def adopt(self, orphans: Row[str, int, int]) -> None:
        """Make these events this worker's, but for those that have left or found another meanwhile."""
        of = {"me": self.worker, "owner": orphans.stored_by, "newest": orphans.newest}
        retry(self, lambda connection: connection.execute(sql.ADOPT_ORPHANS, of))

    def record_published(self, numbers: Sequence[int], at: datetime) -> None:
        """These events have been handed to the broker."""
        retry(self, lambda connection: _note_published(connection, numbers, at))


class OrphanWatch:
    """One worker's looks at the events of the others. For one thread."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store
        self._seen: dict[str, Row[str, int, int]] = {}

    def look(self) -> None:
        """Adopt what the last look saw, too. Between two looks lie some seconds, in which a worker that lives would have published."""
        seen = {each.stored_by: each for each in self._store.others_waiting()}
        for worker, waiting in seen.items():
            before = self._seen.get(worker)
            if before is not None and before.oldest == waiting.oldest:
                self._store.adopt(before)
        self._seen = seen


def _note_published(connection: Connection, numbers: Sequence[int], at: datetime) -> None:
    """As `record_published`, in the caller's transaction."""
    if numbers:
        connection.execute(sql.PUBLISHED, {"numbers": list(numbers), "at": at})


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


def open_store(url: str | Path, key: KeySource | None = None) -> PlatformStore:
    """The store at a path or an SQLAlchemy URL, made where it is not there. Raises BadInput for text that is no URL of one, StoreFailed."""
    if isinstance(url, str) and "://" not in url:
        raise BadInput("--database", tr("must be an SQLAlchemy URL, e.g. sqlite:///platform.sqlite"))
    try:
        return PlatformStore(url, key)
    except BadInput as error:  # it names the kiosk's setting; here it is the option
        raise BadInput("--database", error.reason) from error


def open_existing(url: str, key: KeySource | None = None) -> PlatformStore:
    """As `open_store`, but an SQLite file that is not there is not made: its name was mistyped. Raises BadInput, StoreFailed."""
    with suppress(ArgumentError):  # what is no URL, `open_store` refuses
        read = make_url(url)
        named = read.database or ":memory:"
        is_file = read.get_backend_name() == "sqlite" and named != ":memory:" and not named.startswith("file:")
        if is_file and not Path(named).exists():
            raise BadInput("--database", tr("there is no file {path}", path=named))
    return open_store(url, key)
