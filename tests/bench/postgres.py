"""A PostgreSQL of one's own: a private cluster in a folder of its own, reached through a Unix socket there.

As root it runs as an unprivileged user, because PostgreSQL refuses root. Raises LinkDown, with what to do, where there is no PostgreSQL or
it does not come up in time.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from pathlib import Path

import psycopg

from kiosk.domain.errors import LinkDown

USER = "abs"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")
_SECONDS = 60.0
_READY = "ready to accept connections"
_SETTINGS = ("listen_addresses=", "max_connections=100", "log_min_messages=warning", "timezone=UTC")


def postgres_program(name: str) -> str:
    """Where a program of the server is. Raises LinkDown."""
    found = shutil.which(name)
    if found and shutil.which("initdb", path=str(Path(found).resolve().parent)):
        return str(Path(found).resolve())
    for place in _PLACES:
        for folder in sorted(Path("/").glob(place.lstrip("/")), reverse=True):
            if (folder / name).exists():
                return str(folder / name)
    raise LinkDown("this needs the PostgreSQL server: install it (Debian, Ubuntu: apt install postgresql), then run again")


def _unprivileged() -> str | None:
    """Who to run as: another than root; None for whoever we are."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


_GUARD = '"$@" & server=$!; exec 2>/dev/null; read _; kill -QUIT $server; wait $server'
"""A shell that ends the server once nobody holds its standard input any more: however the process that wanted it ends, it does not stay."""


class Cluster:
    """One cluster, made now and not started. With `fsync` every commit is on the disk; without, it is there for every process but not after
    a power cut. `settings` are PostgreSQL's own, like `shared_buffers=32MB`; `place` is where its folder is made.
    """

    def __init__(self, *settings: str, fsync: bool = True, place: Path | None = None) -> None:
        self.log: deque[str] = deque(maxlen=200)
        self._settings = (*_SETTINGS, *settings, f"fsync={'on' if fsync else 'off'}")
        self._as = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))  # short: the path of a socket has room for a hundred characters
        self._process: subprocess.Popen[str] | None = None
        self._made = 0
        self._there: list[str] = []
        self._make()

    def _make(self) -> None:
        self._folder.chmod(0o755)
        if self._as is not None:
            shutil.chown(self._folder, self._as)
        done = self._run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        if done.returncode:
            raise LinkDown("PostgreSQL's initdb failed: " + done.stderr)

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [postgres_program(program), "-D", str(self._data), *arguments],
            user=self._as,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self) -> None:
        """Start, or start again; returns when it answers."""
        options = [word for each in self._settings for word in ("-c", each)]
        server = [postgres_program("postgres"), "-D", str(self._data), "-k", str(self._folder), *options]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", *server],
            user=self._as,
            cwd=self._folder,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._drain, args=(self._process, ready), daemon=True).start()
        if not ready.wait(_SECONDS) or self._process.poll() is not None:
            raise LinkDown("PostgreSQL did not start: " + " | ".join(self.log))

    def _drain(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        if process.stderr is None:
            return
        with process.stderr as lines:
            for line in lines:
                self.log.append(line.strip())
                if _READY in line:
                    ready.set()
        ready.set()

    def database(self, like: str = "template1") -> str:
        """A fresh database, a copy of the one named `like`: its SQLAlchemy URL. Nobody may be connected to that one."""
        self._made += 1
        name = f"test_{self._made}"
        self._there.append(name)
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def drop_databases(self) -> None:
        """Remove each database that was made, with all that is in it; who is still connected is cut off."""
        if not self._there:
            return
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            while self._there:
                connection.execute(f"DROP DATABASE IF EXISTS {self._there.pop()} WITH (FORCE)".encode())

    def conninfo(self, name: str) -> str:
        """How psycopg itself reaches a database of this cluster."""
        return f"host={self._folder} user={USER} dbname={name}"

    def kill(self) -> None:
        """End it at once, every connection broken, as a crash of the server does."""
        self._end("immediate")

    def stop(self) -> None:
        """End it in good order and forget all data."""
        self._end("fast")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, mode: str) -> None:
        if self._process is None:
            return
        self._run("pg_ctl", "stop", "-m", mode)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(_SECONDS)
        self._process = None


def name_in(url: str) -> str:
    """The name of the database in a URL of `database`."""
    return url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[1]
