"""Starts several worker processes and starts them again when they end: `platform serve --workers N`.

Each worker is a process, because threads of one do not answer faster, and gets its share of the requests by MQTT 5 shared subscriptions;
the database decides between them. What happens on each kind of failure:

- A worker ends, however: it is started again, at once, then after longer and longer waits. What it had not answered is asked again by the
  kiosks, what it had not published another worker publishes.
- The broker cannot share subscriptions: the log says so and one worker serves alone, until a link on which it can.
- This process is to end: each worker ends after the transaction at hand; one that does not within STOP_SECONDS is killed.
- This process is killed: its workers see that nobody holds their standard input any more, and end.
"""

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

log = logging.getLogger(__name__)
MAX_WORKERS = 64
STOP_SECONDS = 10.0
FIRST_WAIT_SECONDS = 0.25
MAX_WAIT_SECONDS = 30.0
STEADY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """What a worker reads on its standard input, because command lines can be read by everybody.

    `log_level` is that of the MQTT session, whose connecting is shown, and `root_log_level` that of everything else.
    """

    broker_url: str
    database_url: str
    password_file: Path | None = None
    tls_ca: Path | None = None
    allow_plain: bool = False
    payments: str = "accept"
    signing_key: Path | None = None
    log_level: int = logging.WARNING
    root_log_level: int = logging.WARNING

    def line(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self), default=str).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """From `line`."""
        options = json.loads(line)
        files = {name: Path(options[name]) for name in ("password_file", "tls_ca", "signing_key") if options[name]}
        return cls(**{**options, **files})


class Supervisor:
    """The workers, from the first `fit` to `stop`. Raises BadInput for a number that cannot be."""

    def __init__(self, options: WorkerOptions, count: int) -> None:
        if not 1 <= count <= MAX_WORKERS:
            raise BadInput("--workers", tr("must be 1 to {count}", count=MAX_WORKERS))
        self._options, self._count = options, count
        self._kept: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def fit(self, shares: bool) -> None:  # noqa: FBT001  a state, not a switch
        """All workers where the broker can share subscriptions, else one."""
        if not shares:
            log.warning("the broker cannot share subscriptions: one worker of %s serves alone", self._count)
        numbers = range(1, 1 + (self._count if shares else 1))
        for number in [each for each in self._kept if each not in numbers]:
            leaving = self._kept.pop(number)
            leaving.cancel()
            self._ending.add(leaving)
            leaving.add_done_callback(self._ending.discard)
        for number in numbers:
            if number not in self._kept:
                self._kept[number] = asyncio.get_running_loop().create_task(self._keep(number), name=f"worker-{number}")

    async def stop(self) -> None:
        """End all workers."""
        tasks = [*self._kept.values(), *self._ending]
        for each in self._kept.values():
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, number: int) -> None:
        """A worker, and another when it ends."""
        loop, tries = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            ended = await self._run_one(number)
            tries = 0 if loop.time() - began >= STEADY_SECONDS else tries + 1
            wait = min(MAX_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(tries, 16))
            log.error("worker %s ended (%s); it is started again in %.1f s", number, ended, wait)
            await asyncio.sleep(wait)

    async def _run_one(self, number: int) -> str:
        """One process from its start to its end; how it ended."""
        try:
            worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "kiosk.platform.run.worker", stdin=asyncio.subprocess.PIPE)
        except OSError as error:
            return error.strerror or "it cannot be started"
        try:
            log.info("worker %s is process %s", number, worker.pid)
            if worker.stdin is not None:
                worker.stdin.write(self._options.line())
            return f"exit code {await worker.wait()}"
        finally:
            await _end(worker)


async def _end(worker: asyncio.subprocess.Process) -> None:
    """In good order, else by force."""
    if worker.returncode is not None:
        return
    if worker.stdin is not None:
        worker.stdin.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(worker.wait(), STOP_SECONDS)
    if worker.returncode is None:
        worker.kill()
        await worker.wait()
