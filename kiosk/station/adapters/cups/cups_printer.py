"""PDF to paper over CUPS: a job is followed by its number until it has come out, or taken back with the reason why it does not.

Every failure is PrinterUnavailable with a phrase for the attendant, within the printer's own deadlines: a command that is missing, refuses
or hangs, a printer that is paused, takes nothing, has no paper, is switched off or not connected. Accepted is not printed: only a job that
the print system has completed is. One that is stopped by something for `trouble_seconds`, or has not ended in `paper_seconds`, is
cancelled, so nothing comes out later that a person has printed again meanwhile. Where a process ended before its job, the next print of the
same receipt cancels that job first, and the print system itself does so after ten minutes.
"""

import asyncio
import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from kiosk.domain.errors import PrinterUnavailable
from kiosk.domain.file_faults import fault_phrase
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.cups.print_system import JobEnd, PrintSystem, run
from kiosk.station.adapters.cups.printer_state import PrinterState, Trouble, not_connected

DEADLINE_SECONDS = 8.0
STATUS_SECONDS = 3.0
CONNECT_SECONDS = 2.0
PAPER_SECONDS = 15.0  # a cold laser printer warms up; a receipt printer needs two
TROUBLE_SECONDS = 3.0  # a busy network printer says for a moment that it cannot be reached
STALE_SECONDS = 600
_ASK_SECONDS = 0.25
_NO_CUPS = mark("the print system (CUPS) is not installed")
_SILENT = mark("the print system does not answer")
_JOB = re.compile(r"\S+-(\d+)")
_RECEIPT = re.compile(r"TXN-\w+")
_MEDIA_BOX = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
_MM_PER_POINT = Decimal("25.4") / 72
_A4_MM = (210, 297)


class CupsPrinter:
    """`Printer` over CUPS. `printer` is the queue's name; `options` are further `-o` options for a difficult driver."""

    def __init__(
        self,
        printer: str,
        *,
        options: Sequence[str] = (),
        deadline_seconds: float = DEADLINE_SECONDS,
        paper_seconds: float = PAPER_SECONDS,
        trouble_seconds: float = TROUBLE_SECONDS,
        sys_root: Path = Path("/sys"),
    ) -> None:
        self._printer, self._options, self._deadline_seconds = printer, tuple(options), deadline_seconds
        self._paper_seconds, self._trouble_seconds, self._sys_root = paper_seconds, trouble_seconds, sys_root
        self._system = PrintSystem(printer)

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Returns when the print system has printed it. Raises PrinterUnavailable; nothing comes out later then."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                if await self._look() is not None:
                    await self._cancel_earlier(title)
                job = await self._submit(pdf, title)
        except TimeoutError:
            raise PrinterUnavailable(tr("it did not answer in {seconds} s", seconds=f"{self._deadline_seconds:g}")) from None
        await self._follow(job)

    async def check(self) -> bool:
        """Whether the printer could print now, as far as it is known: that the print system does not answer is no reason.

        Raises PrinterUnavailable.
        """
        state = await self._look()
        if state is None:
            return False
        if trouble := state.trouble():
            raise trouble.refusal
        if state.address is not None and not await _connects(*state.address):
            raise not_connected().refusal
        return True

    async def _look(self) -> PrinterState | None:
        """How the printer is; None when nobody says. Raises PrinterUnavailable where nothing can be printed on it now."""
        try:
            async with asyncio.timeout(min(STATUS_SECONDS, self._deadline_seconds / 2)):
                state = await self._system.state()
        except FileNotFoundError:
            if shutil.which("lp") is None:
                raise PrinterUnavailable(tr(_NO_CUPS), tr("Call the technician.")) from None
            return None
        except OSError:  # TimeoutError is one; `lp` itself will fail
            return None
        if state is None:
            raise PrinterUnavailable(tr("the print system does not know it"), tr("Ask the technician to set the printer up again."))
        if barrier := state.barrier(self._sys_root):
            raise barrier.refusal
        return state

    # -- one job

    async def _submit(self, pdf: bytes, title: str) -> int:
        """Hand it over; its number."""
        try:
            with _spool(pdf) as file:
                name = "".join(filter(str.isprintable, title))[:100] or tr("Receipt")
                ended = await run("lp", "-U", self._system.user, "-d", self._printer, *self._wishes(pdf), "-t", name, "--", str(file))
        except FileNotFoundError:
            raise PrinterUnavailable(tr(_NO_CUPS)) from None
        except OSError as error:
            raise PrinterUnavailable(tr("the receipt cannot be handed over: {why}", why=fault_phrase(error))) from error
        if ended.code != 0:
            raise PrinterUnavailable(ended.reason or tr("it refused the receipt ({code})", code=ended.code))
        number = _JOB.search(ended.output)
        if number is None:
            raise PrinterUnavailable(tr("the print system does not say whether it prints"))
        return int(number[1])

    async def _cancel_earlier(self, title: str) -> None:
        """Jobs of the same receipt that are on their way still: a process that ended has left them."""
        receipt = _receipt_of(title)
        try:
            for job, name in (await self._system.jobs()).items():
                if _receipt_of(name) == receipt:
                    await self._system.cancel(job)
        except OSError:  # what does not answer here takes no new job either
            return

    async def _follow(self, job: int) -> None:
        """Until it has come out. Raises PrinterUnavailable, and has cancelled it."""
        began = time.monotonic()
        trouble_since: float | None = None
        while True:
            end, trouble = await self._end_of(job), await self._trouble()
            now = time.monotonic()
            if end is not JobEnd.UNDER_WAY:
                return self._judge(end, trouble)
            trouble_since = None if trouble is None else trouble_since or now
            has_trouble = trouble_since is not None and now - trouble_since >= self._trouble_seconds
            if has_trouble or now - began >= self._paper_seconds:
                return await self._take_back(job, trouble)
            await asyncio.sleep(_ASK_SECONDS)

    async def _end_of(self, job: int) -> JobEnd:
        try:
            return await self._system.job_end(job)
        except OSError:  # asked again until its time is over
            return JobEnd.UNDER_WAY

    async def _trouble(self) -> Trouble | None:
        try:
            state = await self._system.state()
        except OSError:
            return Trouble(tr(_SILENT), tr("Restart this computer; if that does not help, call the technician."))
        return None if state is None else state.barrier(self._sys_root) or state.trouble()

    async def _take_back(self, job: int, trouble: Trouble | None) -> None:
        """Cancel it. Raises PrinterUnavailable, unless it came out after all."""
        with contextlib.suppress(OSError):
            await self._system.cancel(job)
        end = await self._end_of(job)
        if end is not JobEnd.COMPLETED:
            late = Trouble(tr("it was not printed in {seconds} s", seconds=f"{self._paper_seconds:g}"), tr("Check paper, lid and power."))
            raise (trouble or late).refusal

    def _judge(self, end: JobEnd, trouble: Trouble | None) -> None:
        """A job that has ended. One that the print system keeps no record of counts as printed where the printer has no trouble."""
        if end is JobEnd.COMPLETED or (end is JobEnd.GONE and trouble is None):
            return
        given_up = Trouble(tr("the print system gave it up"), tr("Print again; if that does not help, call the technician."))
        canceled = Trouble(tr("it was cancelled in the print system"), tr("Print again."))
        raise (canceled if end is JobEnd.CANCELED else trouble or given_up).refusal

    def _wishes(self, pdf: bytes) -> list[str]:
        """Options of `lp`: the page as large as it is and not scaled, since it is laid out for what the head reaches."""
        options = [f"media={media(pdf)}", "print-scaling=none", f"job-cancel-after={STALE_SECONDS}", *self._options]
        return [part for option in options for part in ("-o", option)]


def media(pdf: bytes) -> str:
    """The page's size as CUPS wants it: "A4", or "Custom.80x143.5mm"."""
    box = _MEDIA_BOX.search(pdf)
    if box is None:
        return "A4"
    width, height = (Decimal(side.decode()) * _MM_PER_POINT for side in box.groups())
    if (round(width), round(height)) == _A4_MM:
        return "A4"
    return f"Custom.{width:.0f}x{height:.1f}mm"


def _receipt_of(title: str) -> str:
    """Which receipt a title names: copies are of the same one."""
    found = _RECEIPT.search(title)
    return found[0] if found else title


async def _connects(host: str, port: int) -> bool:
    """Whether something takes a connection there. It is closed at once; nothing is sent."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


@contextlib.contextmanager
def _spool(pdf: bytes) -> Iterator[Path]:
    """The page as a file for `lp`, which has read it when it ends."""
    with tempfile.TemporaryDirectory(prefix="swap-kiosk-") as folder:
        file = Path(folder, "receipt.pdf")
        file.write_bytes(pdf)
        yield file
