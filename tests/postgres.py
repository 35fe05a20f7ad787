"""A real PostgreSQL for tests: a private cluster in a folder of its own, reached through a Unix socket there.

`postgres` is the cluster shared by the tests of a worker, started by the first test that asks; each test makes databases of its own.
`own_postgres` is one that a test may kill and start again. As root it runs as an unprivileged user, because PostgreSQL refuses root.
PostgreSQL is never skipped: where it is missing the test fails and says how to install it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")
_START_SECONDS = 60.0
_READY = "ready to accept connections"
_USER = "abs"
_SETTINGS = (
    "listen_addresses=", "shared_buffers=32MB", "max_connections=100", "log_min_messages=warning", "timezone=UTC", "autovacuum=off",
)  # fmt: skip


def postgres_program(name: str) -> str:
    """Where a program of the server is; fails the test with a clear sentence where it is not."""
    found = shutil.which(name)
    if found and shutil.which("initdb", path=str(Path(found).resolve().parent)):
        return str(Path(found).resolve())
    for place in _PLACES:
        for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
    pytest.fail("These tests need the PostgreSQL server: install it (Debian, Ubuntu: apt install postgresql), then run again.")


def _unprivileged() -> str | None:
    """Who to run as: another than root; None for whoever we are."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class Postgres:
    """One cluster. With `fsync` every commit is on the disk; without, it is there for every process but not after a power cut."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.log: deque[str] = deque(maxlen=200)
        self._settings = (*_SETTINGS, f"fsync={'on' if fsync else 'off'}")
        self._as = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has room for a hundred characters
        self._process: subprocess.Popen[str] | None = None
        self._made = 0
        self._make()

    def _make(self) -> None:
        self._folder.chmod(0o755)
        if self._as is not None:
            shutil.chown(self._folder, self._as)
        command = [postgres_program("initdb"), "-D", str(self._data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(command, user=self._as, cwd=self._folder, capture_output=True, text=True, timeout=_START_SECONDS, check=False)
        if done.returncode:
            pytest.fail("PostgreSQL's initdb failed: " + done.stderr)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start, or start again; returns when it answers."""
        options = [word for each in self._settings for word in ("-c", each)]
        command = [postgres_program("postgres"), "-D", str(self._data), "-k", str(self._folder), *options]
        self._process = subprocess.Popen(
            command, user=self._as, cwd=self._folder, env={**os.environ, "LC_ALL": "C"}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        ready = threading.Event()
        threading.Thread(target=self._drain, args=(self._process, ready), daemon=True).start()
        if not ready.wait(_START_SECONDS) or self._process.poll() is not None:
            pytest.fail("PostgreSQL did not start: " + " | ".join(self.log))

    def _drain(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        if process.stderr is None:
            return
        with process.stderr as lines:
            for line in lines:
                self.log.append(line.strip())
                if _READY in line:
                    ready.set()
        ready.set()

    def database(self) -> str:
        """A fresh database: its SQLAlchemy URL."""
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{_USER}@/{name}?host={self._folder}"

    def conninfo(self, name: str) -> str:
        """How psycopg itself reaches a database of this cluster."""
        return f"host={self._folder} user={_USER} dbname={name}"

    def kill(self) -> None:
        """End it at once, every connection broken, as a crash of the server does."""
        self._end(immediately=True)

    def stop(self) -> None:
        """End it in good order and forget all data."""
        self._end(immediately=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, *, immediately: bool) -> None:
        if self._process is None:
            return
        mode = "immediate" if immediately else "fast"
        command = [postgres_program("pg_ctl"), "stop", "-D", str(self._data), "-m", mode]
        subprocess.run(command, user=self._as, cwd=self._folder, capture_output=True, timeout=_START_SECONDS, check=False)
        self._process.wait(_START_SECONDS)
        self._process = None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One running cluster for all tests of this worker: `postgres.database()` gives a fresh database's SQLAlchemy URL."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A running cluster of this test's own, to `kill` and `start` again."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()
