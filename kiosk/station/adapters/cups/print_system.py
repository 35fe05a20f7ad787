"""The print system of this machine: its commands, and what it says of printers and jobs.

`lp` hands a page over, because it knows every option of every driver. States are asked in IPP, because `lpstat` says the same of a job that
came out and of one that was given up. Commands run with a deadline and are killed with their children; the rest are questions of seconds.
"""

import asyncio
import contextlib
import getpass
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import quote

from kiosk.domain.language import tr
from kiosk.station.adapters.cups.ipp import CLIENT_NOT_FOUND, IppAnswer, Operation, Value, ask
from kiosk.station.adapters.cups.printer_state import PrinterState, shown

_KILL_SECONDS = 1.0
_UNKNOWN = "Invalid destination name"  # what the commands say of a queue that is not there, and of every queue when cupsd is not
_PRINTER = ("printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs", "device-uri")
_CANCELED, _ABORTED, _COMPLETED = 7, 8, 9  # job-state of RFC 8011; what is smaller is on its way
_LOCAL = ("/", "localhost", "127.0.0.1", "[::1]")


class JobEnd(Enum):
    """Where a job stands. GONE: the print system has forgotten it, which it only does with one that has ended."""

    UNDER_WAY = auto()
    COMPLETED = auto()
    CANCELED = auto()
    ABORTED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    errors: str

    @property
    def reason(self) -> str:
        """The first line of what it complained, short enough for a sentence."""
        line = next((line.strip() for line in (self.errors or self.output).splitlines() if line.strip()), "")
        if _UNKNOWN in line:
            return tr("the print system does not know it, or does not run")
        return shown(line.removeprefix("lp: ").removeprefix("lpstat: ").removeprefix("Error - "))


class PrintSystem:
    """Of one queue. Every method raises OSError when the print system does not answer."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._found = ""
        self.user = _user()

    async def state(self) -> PrinterState | None:
        """How the printer is; None when there is no such queue."""
        wanted = {**self._target, "requested-attributes": _PRINTER}
        answer = await self._ask(Operation.GET_PRINTER_ATTRIBUTES, wanted)
        if answer.status == CLIENT_NOT_FOUND:
            return None
        if not (answer.succeeded and answer.groups):
            raise OSError(f"IPP status {answer.status:#06x}")
        return PrinterState.of(answer.groups[0], here=self._found.startswith(_LOCAL))

    async def jobs(self) -> dict[int, str]:
        """Our jobs that are on their way: their title by their number."""
        wanted = {**self._target, "which-jobs": "not-completed", "my-jobs": True, "requested-attributes": ("job-id", "job-name")}
        answer = await self._ask(Operation.GET_JOBS, wanted)
        return {int(each["job-id"][0]): str(each.get("job-name", ("",))[0]) for each in answer.groups if "job-id" in each}

    async def job_end(self, job: int) -> JobEnd:
        """Where this job stands."""
        wanted = {**self._target_of(job), "requested-attributes": ("job-state",)}
        answer = await self._ask(Operation.GET_JOB_ATTRIBUTES, wanted)
        if answer.status == CLIENT_NOT_FOUND:
            return JobEnd.GONE
        if not (answer.succeeded and answer.groups and "job-state" in answer.groups[0]):
            raise OSError(f"IPP status {answer.status:#06x}")
        ends = {_CANCELED: JobEnd.CANCELED, _ABORTED: JobEnd.ABORTED, _COMPLETED: JobEnd.COMPLETED}
        return ends.get(int(answer.groups[0]["job-state"][0]), JobEnd.UNDER_WAY)

    async def cancel(self, job: int) -> None:
        """Take a job out of the queue; one that has ended stays as it ended."""
        await self._ask(Operation.CANCEL_JOB, self._target_of(job))

    async def _server(self) -> str:
        """Where the commands find the print system: that is for them to know. FileNotFoundError without them."""
        if not self._found:
            ended = await run("lpstat", "-H")
            if ended.code or not ended.output.strip():
                raise OSError(ended.reason)
            self._found = ended.output.split()[0]
        return self._found

    async def _ask(self, operation: Operation, wanted: Mapping[str, Value | Sequence[str]]) -> IppAnswer:
        server = await self._server()
        try:
            return await asyncio.to_thread(ask, server, operation, wanted)
        except (OSError, ValueError) as error:
            self._found = ""  # it may be somewhere else the next time
            raise OSError(str(error)) from error

    @property
    def _target(self) -> dict[str, Value | Sequence[str]]:
        return {"printer-uri": f"ipp://localhost/printers/{quote(self._queue)}", "requesting-user-name": self.user}

    def _target_of(self, job: int) -> dict[str, Value | Sequence[str]]:
        # the order that RFC 8011 asks for: the target, then who asks
        uri, user = self._target["printer-uri"], self._target["requesting-user-name"]
        return {"printer-uri": uri, "job-id": job, "requesting-user-name": user}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "swap-kiosk"


async def run(*command: str) -> Ended:
    """Run a command to its end, speaking English. Cancelled, it is killed with its children. Raises OSError, FileNotFoundError."""
    pipe, environment = asyncio.subprocess.PIPE, {**os.environ, "LC_ALL": "C", "LANGUAGE": "C"}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            await _kill(process)
    return Ended(process.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace"))


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End a command and its children; a child that left the group and holds the pipes is not waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _KILL_SECONDS)
