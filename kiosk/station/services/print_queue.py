"""PrintQueue: receipts on their way to paper, one at a time, behind the swap and never in front of it.

`submit` returns at once. A job is known by its id, swap and copy number; while one of a swap's receipt waits or prints, no second one is
added. Each ends in one of three ways, each announced as PrinterChanged with the swap's id: printed (available); failed (the printer's
reason), and then it stays so until a person picks the receipt again; expired, when it waited longer than ten minutes. Nothing is retried by
itself, so a dead printer holds up nobody for longer than its deadline, and no morning begins with yesterday's receipts. A bug in a printer
goes to the loop's exception handler and the queue goes on. Jobs live in memory only: a receipt can always be made again from the history.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.domain.errors import PrinterMissing, PrinterUnavailable
from kiosk.domain.language import tr
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, PrinterChanged
from kiosk.station.ports import Printer

STALE_SECONDS = 600.0
JOB_SECONDS = 40.0  # a printer has a deadline of its own; this one is for a printer that breaks its word
KEPT_JOBS = 200


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One print of one receipt. `copy` is 0 for the first; `reason` says why it failed or expired; `submitted_at` is monotonic seconds."""

    correlation_id: str
    copy: int
    state: JobState
    submitted_at: float
    reason: str = ""

    @property
    def job_id(self) -> str:
        """ "TXN-01.../0"."""
        return f"{self.correlation_id}/{self.copy}"

    @property
    def title(self) -> str:
        """What the print system calls it."""
        if not self.copy:
            return tr("Receipt {transaction_id}", transaction_id=self.correlation_id)
        return tr("Receipt {transaction_id} copy {number}", transaction_id=self.correlation_id, number=self.copy)

    @property
    def open(self) -> bool:
        """Whether it is still on its way."""
        return self.state in {JobState.WAITING, JobState.PRINTING}


class PrintQueue:
    """Lives on the I/O thread's loop; `run` is its worker, for the whole life of the kiosk."""

    def __init__(
        self, printer: Printer, clock: Clock, announce: Announce, *, stale_seconds: float = STALE_SECONDS, job_seconds: float = JOB_SECONDS
    ) -> None:
        self._printer, self._clock, self._announce = printer, clock, announce
        self._stale_seconds, self._job_seconds = stale_seconds, job_seconds
        self._jobs: OrderedDict[str, PrintJob] = OrderedDict()
        self._pages: dict[str, bytes] = {}
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    @property
    def jobs(self) -> tuple[PrintJob, ...]:
        """The last jobs, oldest first."""
        return tuple(self._jobs.values())

    def latest(self, correlation_id: str) -> PrintJob | None:
        """The last job of a swap's receipt."""
        return next((job for job in reversed(self._jobs.values()) if job.correlation_id == correlation_id), None)

    def on_its_way(self, correlation_id: str) -> PrintJob | None:
        """The job of a swap's receipt that has not ended."""
        return next((job for job in self._jobs.values() if job.open and job.correlation_id == correlation_id), None)

    def submit(self, correlation_id: str, copy: int, pdf: bytes) -> PrintJob:
        """Queue one print and return at once. While a receipt is on its way, that job is it, whatever the copy: two papers never come of
        one wish. Afterwards the same swap and copy again is one more try."""
        on_its_way = self.on_its_way(correlation_id)
        if on_its_way is not None:
            return on_its_way
        job = PrintJob(correlation_id=correlation_id, copy=copy, state=JobState.WAITING, submitted_at=self._clock.monotonic())
        self._jobs.pop(job.job_id, None)
        self._jobs[job.job_id] = job
        self._pages[job.job_id] = pdf
        closed = [job_id for job_id, each in self._jobs.items() if not each.open]
        for old in closed[: max(0, len(self._jobs) - KEPT_JOBS)]:
            del self._jobs[old]
        self._waiting.put_nowait(job.job_id)
        return job

    async def run(self) -> None:
        """Print what is submitted, one after the other, until cancelled; a job under way is then left to the print system."""
        while True:
            job = self._jobs[await self._waiting.get()]
            if self._clock.monotonic() - job.submitted_at > self._stale_seconds:
                self._end(job, JobState.EXPIRED, tr("it waited longer than {minutes} min", minutes=f"{self._stale_seconds / 60:g}"))
            else:
                await self._print(job)

    async def _print(self, job: PrintJob) -> None:
        self._jobs[job.job_id] = replace(job, state=JobState.PRINTING)
        try:
            await asyncio.wait_for(self._printer.print_pdf(self._pages[job.job_id], job.title), self._job_seconds)
        except PrinterUnavailable as refusal:
            self._end(job, JobState.FAILED, refusal.reason, refusal)
        except TimeoutError:
            self._end(job, JobState.FAILED, tr("it did not answer in {seconds} s", seconds=f"{self._job_seconds:g}"))
        except Exception as bug:  # noqa: BLE001  a bug is reported as one; the receipts behind it still print
            self._end(job, JobState.FAILED, tr("the printing failed"))
            asyncio.get_running_loop().call_exception_handler({"message": "printing failed by a bug", "exception": bug})
        else:
            self._end(job, JobState.PRINTED, "")

    def _end(self, job: PrintJob, state: JobState, reason: str, refusal: PrinterUnavailable | None = None) -> None:
        self._jobs[job.job_id] = replace(job, state=state, reason=reason)
        self._pages.pop(job.job_id, None)
        self._announce(
            PrinterChanged(
                available=not reason,
                correlation_id=job.correlation_id,
                reason=reason,
                repair=refusal.repair if refusal else "",
                short=refusal.short if refusal else "",
                set_up=not isinstance(refusal, PrinterMissing),
            )
        )
