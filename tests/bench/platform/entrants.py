"""Who is measured. Each entrant is an agent, a broker and a load of its own; the databases share a cluster. While one works the others wait
for a message, which costs nothing.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.errors import LinkDown
from tests.bench.broker import HOST, bare_broker, responder
from tests.bench.platform.load import Load, load_on
from tests.bench.platform.tables import PLANS

_START_SECONDS = 60.0
_LINKED = "connected to"
Agent = Callable[[int], AbstractContextManager[int]]
"""For the port of a broker the running agent; what it gives is its process id, 0 where nobody asks for it."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One that runs, its load, and its process id."""

    load: Load
    process_id: int


class Entrants:
    """Started one after the other, all ended with the block around `stack`."""

    def __init__(self, stack: ExitStack, folder: Path, plans: int = PLANS) -> None:
        self._stack, self._folder, self._plans = stack, folder, plans
        self._started = 0

    def start(self, agent: Agent) -> Entrant:
        """An agent on a broker of its own, when it has answered once. Raises LinkDown."""
        self._started += 1
        folder = self._folder / f"entrant-{self._started}"
        folder.mkdir()
        port = self._stack.enter_context(bare_broker(folder))
        process_id = self._stack.enter_context(agent(port))
        return Entrant(self._stack.enter_context(load_on(port, self._plans)), process_id)


def platform(database: str, workers: int = 1, options: Sequence[str] = ()) -> Agent:
    """Ours: `swap-kiosk platform serve`, with what else it is told."""

    @contextmanager
    def agent(port: int) -> Iterator[int]:
        command = [sys.executable, "-m", "ui", "platform", "serve", "--broker", f"mqtt://{HOST}:{port}", "--database", database]
        with subprocess.Popen([*command, "--workers", str(workers), *options], stderr=subprocess.PIPE, text=True) as process:
            said = _Said(process)
            try:
                said.wait_for(_LINKED, workers if workers == 1 else workers + 1)
                yield process.pid
            finally:
                process.terminate()
                said.end()

    return agent


def bare(database: str, at_once: int, workers: int = 1) -> Agent:
    """The floor: `floors/booking.py`. `database` is what its driver opens."""

    @contextmanager
    def agent(port: int) -> Iterator[int]:
        command = [sys.executable, "-m", "tests.bench.floors.booking", str(port), database, str(at_once)]
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(_listening([*command, "$share/bare/"] if workers > 1 else command))
            yield 0

    return agent


@contextmanager
def constant(port: int) -> Iterator[int]:
    """The upper floor: always the same answer, and no database."""
    with responder(port):
        yield 0


@contextmanager
def _listening(command: Sequence[str]) -> Iterator[None]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise LinkDown("the bare agent did not start")
            yield
        finally:
            if process.stdin is not None:
                process.stdin.close()


class _Said:
    """The log of a process, read to its end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines, self._news, self._ended = list[str](), threading.Condition(), False
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        for line in self._process.stderr or ():
            with self._news:
                self._lines.append(line.strip())
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_for(self, words: str, times: int) -> None:
        """Until so many lines hold the words. Raises LinkDown."""
        with self._news:
            self._news.wait_for(lambda: self._ended or sum(words in each for each in self._lines) >= times, _START_SECONDS)
            if sum(words in each for each in self._lines) < times:
                raise LinkDown("the platform did not start: " + " | ".join(self._lines[-20:]))

    def end(self) -> None:
        """When the process has closed it."""
        self._reading.join(_START_SECONDS)
