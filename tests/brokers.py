"""Real brokers for tests: Mosquitto as a process on a free loopback port, and a server that accepts and stays silent.

`mosquitto` is the fixture for one broker shared by the tests of a worker; `own_mosquitto` starts brokers that a test may configure,
stop, kill and start again on the same port. Mosquitto is never skipped: where it is missing the test fails and says how to install it.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from iotcore import Broker

_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])
_START_SECONDS = 15.0
_TEST_SECONDS = 30.0


def run[T](work: Coroutine[Any, Any, T], seconds: float = _TEST_SECONDS) -> T:
    """Run a test's coroutine; one that hangs fails."""

    async def within() -> T:
        async with asyncio.timeout(seconds):
            return await work

    return asyncio.run(within())


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mosquitto_binary() -> str:
    """Where Mosquitto is; fails the test with a clear sentence where it is not."""
    found = shutil.which("mosquitto", path=_PLACES)
    if found is None:
        pytest.fail("These tests need the Mosquitto broker: install it (Debian, Ubuntu: apt install mosquitto), then run again.")
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker listens."""

    host: str
    port: int


class Mosquitto:
    """One broker. `lines` are added to its configuration."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.lines = lines
        self.log: deque[str] = deque(maxlen=500)
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """`mqtt://127.0.0.1:PORT`."""
        return f"mqtt://{self.host}:{self.port}"

    def start(self) -> None:
        """Start, or start again on the same port; returns when it listens."""
        if not self._started() and self._port_taken():
            self.port = free_port()  # somebody was quicker between looking for a port and using it
            self._started()
        if self._process is None:
            pytest.fail("Mosquitto did not start: " + " | ".join(self.log))

    def _port_taken(self) -> bool:
        return any("Address already in use" in each for each in self.log)

    def _started(self) -> bool:
        config = self._folder / f"mosquitto-{self.port}.conf"
        config.write_text("\n".join(self._configuration()) + "\n")
        self._process = subprocess.Popen(
            [mosquitto_binary(), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        running = threading.Event()
        threading.Thread(target=self._drain, args=(self._process, running), daemon=True).start()
        if not running.wait(_START_SECONDS) or self._process.poll() is not None:
            self.kill()
        return self._process is not None

    def _configuration(self) -> Iterator[str]:
        yield f"listener {self.port} {self.host}"
        if not any(each.startswith("allow_anonymous") for each in self.lines):
            yield "allow_anonymous true"
        if hasattr(os, "geteuid") and os.geteuid() == 0 and not any(each.startswith("user ") for each in self.lines):
            yield "user root"  # else it gives up root and with it the test's folder
        yield from ("persistence false", "log_dest stderr", "log_type error", "log_type warning", "log_type notice", "log_type information")
        yield from self.lines

    def _drain(self, process: "subprocess.Popen[str]", running: threading.Event) -> None:
        if process.stderr is None:
            return
        with process.stderr as lines:
            for line in lines:
                self.log.append(line.strip())
                if line.rstrip().endswith("running"):
                    running.set()
        running.set()

    def reload(self) -> None:
        """Have it read its users and their rights again, as `systemctl reload` does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """End it without a word to anybody, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_START_SECONDS)
            self._process = None

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(_START_SECONDS)
            self._process = None


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One running broker for all tests of this worker; use plan ids and client ids of your own."""
    broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """`own_mosquitto("max_keepalive 5")` starts a broker of this test's own."""
    started: list[Mosquitto] = []

    def start(*lines: str) -> Mosquitto:
        broker = Mosquitto(tmp_path, *lines)
        broker.start()
        started.append(broker)
        return broker

    yield start
    for each in started:
        each.stop()


@asynccontextmanager
async def silent_server(reply: bytes = b"") -> AsyncIterator[int]:
    """A half-open broker: its port. It accepts, reads, answers the first bytes with `reply` (e.g. a CONNACK) and then nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(1024)
            writer.write(reply)
            while await reader.read(1024):
                pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def old_broker() -> AsyncIterator[int]:
    """A broker that knows MQTT 3.1.1 only: its port."""
    broker = Broker(port=free_port(), listen="127.0.0.1")
    await asyncio.to_thread(broker.start)
    try:
        yield broker.port
    finally:
        await asyncio.to_thread(broker.stop)
