"""Killed in the middle of writing: each completion is there as a whole or not at all, and none that was reported is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.station.adapters.store.sql_store import open_store
from tests.station.adapters.store.tables import column


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_kill_leaves_nothing_half(database: Path, after: int) -> None:
    reported = run_and_kill(database, after)
    completed = column(database, "SELECT correlation_id FROM swaps WHERE status = 'completed'")
    assert sorted(completed) == sorted(column(database, "SELECT correlation_id FROM outbox"))
    assert sorted(completed) == sorted(column(database, "SELECT correlation_id FROM audit WHERE what = 'completed'"))
    assert set(reported) <= set(completed)
    assert column(database, "PRAGMA integrity_check") == ["ok"]
    store = open_store(database)
    assert len(store.history(10_000)) == len(store.unsettled()) == len(completed)
    assert len(completed) + len(store.kept_swaps()) == column(database, "SELECT count(*) FROM swaps")[0]
    store.close()


def run_and_kill(database: Path, after: int) -> list[str]:
    """The ids that the writer reported before it was killed, at least `after` of them."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.station.adapters.store.writer", str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        reported = [writer.stdout.readline().strip() for _ in range(after)]
        writer.kill()
        rest, complaint = writer.communicate(timeout=30)
    assert complaint == ""
    return [*reported, *rest.split()]
