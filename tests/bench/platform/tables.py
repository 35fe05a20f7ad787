"""Databases for the load: the platform's own tables with plans that any number of swaps does not exhaust."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from tests.bench import samples
from tests.bench.postgres import Cluster, name_in

PLANS = 1000
_KWH, _SWAPS = Decimal(90_000), Decimal(90_000)
_QUICKLY = "&options=-csynchronous_commit%3Doff"  # these plans may be lost with the power, and then the benchmark is begun again


@contextmanager
def postgres() -> Iterator[Cluster]:
    """A cluster of its own, where every commit is on the disk. Raises LinkDown."""
    cluster = Cluster("shared_buffers=256MB", "max_wal_size=2GB")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class Databases:
    """Makes one after the other, each with the plans; a database is its SQLAlchemy URL."""

    def __init__(self, cluster: Cluster, folder: Path, plans: int = PLANS) -> None:
        self._cluster, self._folder, self._plans = cluster, folder, plans
        self._first = cluster.database()
        _fill(self._first + _QUICKLY, plans)

    def on_postgres(self) -> str:
        """Another database of the cluster."""
        return self._cluster.database(like=name_in(self._first))

    def on_sqlite(self, name: str) -> str:
        """A file."""
        url = f"sqlite:///{self._folder / name}.sqlite"
        _fill(url, self._plans)
        return url


def known_to_drivers(url: str) -> str:
    """What psycopg or sqlite3 opens, of an SQLAlchemy URL."""
    return url.removeprefix("sqlite:///").replace("+psycopg", "", 1)


def _fill(url: str, plans: int) -> None:
    store = PlatformStore(url)
    for number in range(plans):
        store.insert_plan(plan(number), samples.NOON)
    store.close()


def plan(number: int) -> ServicePlan:
    """The shipped plan as the load asks about it."""
    sample = samples.sample_plan()
    if sample.electricity is None:
        raise ValueError("the shipped plan counts no energy")
    return replace(sample.with_states(replace(sample.fleet, quota=_SWAPS), replace(sample.electricity, quota=_KWH)), id=f"bench-{number}")
