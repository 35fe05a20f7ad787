"""PDF to paper: CUPS by `lp`, a folder for training and tests, and no printer at all; and the folder that receipts are kept in.

Every failure is PrinterUnavailable with a phrase for the attendant, within the printer's own deadline: a command that is missing, refuses,
or hangs (it is killed with all its children), a printer that says beforehand that it is paused or out of paper, a folder that cannot be
written. Accepted means accepted by the print system; a job that CUPS cannot get rid of is cancelled there after ten minutes, so that no
printer spits out yesterday's receipts in the morning.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kiosk.domain.display import cleaned
from kiosk.domain.errors import PrinterMissing, PrinterUnavailable, StoreFailed
from kiosk.domain.language import mark, tr

DEADLINE_SECONDS = 10.0
STATUS_SECONDS = 3.0
STALE_SECONDS = 600
_KILL_SECONDS = 1.0
_MAX_REASON = 120
_MEDIA_BOX = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
_MM_PER_POINT = Decimal("25.4") / 72
_A4_MM = (210, 297)
# printer-state-reasons of RFC 8011, as `lpstat -l` lists them behind "Alerts:"; the first that is there is shown
_ALERTS = {
    "media-empty": mark("the paper is out"),
    "media-needed": mark("the paper is out"),
    "media-jam": mark("the paper is jammed"),
    "cover-open": mark("its cover is open"),
    "door-open": mark("its cover is open"),
    "stopped": mark("it has stopped"),
    "offline": mark("it is switched off or not connected"),
    "shutdown": mark("it is switched off or not connected"),
}


_NONE = mark("no printer is set up")
_NO_CUPS = mark("the print system (CUPS) is not installed")
_NO_REASON = {"Paused", "reason unknown"}
_UNKNOWN = "Invalid destination name"  # what lpstat says of a queue that is not there, and of every queue when cupsd is not


class CupsPrinter:
    """`Printer` over CUPS. `printer` is the queue's name; `options` are further `-o` options for a difficult driver."""

    def __init__(self, printer: str, *, options: Sequence[str] = (), deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._printer, self._options, self._deadline_seconds = printer, tuple(options), deadline_seconds

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                await self.check()
                await self._submit(pdf, title)
        except TimeoutError:
            raise PrinterUnavailable(tr("it did not answer in {seconds} s", seconds=f"{self._deadline_seconds:g}")) from None

    async def check(self) -> bool:
        """Whether the printer could print now, as far as it is known: that `lpstat` does not answer is no reason.

        Raises PrinterUnavailable.
        """
        try:
            async with asyncio.timeout(min(STATUS_SECONDS, self._deadline_seconds / 2)):
                ended = await _run("lpstat", "-l", "-p", self._printer)
        except TimeoutError:
            return False  # `lp` itself will fail
        except FileNotFoundError:
            if shutil.which("lp") is None:
                raise PrinterUnavailable(tr(_NO_CUPS)) from None
            return False
        except OSError as error:
            raise PrinterUnavailable(tr("the print system cannot be started: {why}", why=error.strerror)) from error
        if reason := _trouble(ended):
            raise PrinterUnavailable(reason)
        return True

    async def _submit(self, pdf: bytes, title: str) -> None:
        try:
            with _spool(pdf) as file:
                name = "".join(filter(str.isprintable, title))[:100] or tr("Receipt")
                ended = await _run("lp", "-d", self._printer, *self._wishes(pdf), "-t", name, "--", str(file))
        except FileNotFoundError:
            raise PrinterUnavailable(tr(_NO_CUPS)) from None
        except OSError as error:
            raise PrinterUnavailable(tr("the receipt cannot be handed over: {why}", why=error.strerror)) from error
        if ended.code != 0:
            raise PrinterUnavailable(ended.reason or tr("it refused the receipt ({code})", code=ended.code))

    def _wishes(self, pdf: bytes) -> list[str]:
        """Options of `lp`: the page as large as it is and not scaled, since it is laid out for what the head reaches."""
        options = [f"media={media(pdf)}", "print-scaling=none", f"job-cancel-after={STALE_SECONDS}", *self._options]
        return [part for option in options for part in ("-o", option)]


class FilePrinter:
    """`Printer` into a folder, for training and tests: a file for each job, numbered, named by its title."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        try:
            await asyncio.to_thread(self._write, pdf, title)
        except OSError as error:
            raise PrinterUnavailable(tr("the folder cannot be written: {why}", why=error.strerror)) from error

    async def check(self) -> bool:
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise PrinterUnavailable(tr("the folder cannot be written: {why}", why=error.strerror)) from error
        return True

    def _write(self, pdf: bytes, title: str) -> None:
        number = sum(1 for _ in self._folder.glob("*.pdf")) + 1
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", title).strip("-")[:80]
        _write_whole(self._folder / f"{number:04d}-{name}.pdf", pdf)


class FolderArchive:
    """Implements the port `ReceiptArchive`. The names are transaction ids made here, never text from outside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write `NAME.pdf`. Raises StoreFailed."""
        file = self._folder / f"{name}.pdf"
        try:
            _write_whole(file, pdf)
        except OSError as error:
            raise StoreFailed(tr("the receipt cannot be written ({why})", why=error.strerror)) from error
        return file


def _write_whole(file: Path, pdf: bytes) -> None:
    """Whole or not at all; the folder is made. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(pdf)
    unfinished.replace(file)


class NoPrinter:
    """`Printer` where none is set up: always raises PrinterMissing."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:  # noqa: ARG002  the port's names
        raise PrinterMissing(tr(_NONE))

    async def check(self) -> bool:
        raise PrinterMissing(tr(_NONE))


def media(pdf: bytes) -> str:
    """The page's size as CUPS wants it: "A4", or "Custom.80x143.5mm"."""
    box = _MEDIA_BOX.search(pdf)
    if box is None:
        return "A4"
    width, height = (Decimal(side.decode()) * _MM_PER_POINT for side in box.groups())
    if (round(width), round(height)) == _A4_MM:
        return "A4"
    return f"Custom.{width:.0f}x{height:.1f}mm"


def _shown(reason: str) -> str:
    return cleaned(reason, _MAX_REASON)


@dataclass(frozen=True, slots=True)
class _Ended:
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
        return _shown(line.removeprefix("lp: ").removeprefix("lpstat: ").removeprefix("Error - "))


def _trouble(status: _Ended) -> str:
    """What keeps a printer from printing, from `lpstat -l -p`; "" when nothing does."""
    if status.code != 0:
        return status.reason or tr("the print system does not know it")
    lines = [line.strip() for line in status.output.splitlines()]
    alerts = next((line for line in lines if line.startswith("Alerts:")), "")
    if words := next((words for alert, words in _ALERTS.items() if alert in alerts), None):
        return tr(words)
    if lines and " disabled " in lines[0]:
        why = _shown(lines[1]) if len(lines) > 1 else ""
        return tr("it is paused: {why}", why=why) if why and why not in _NO_REASON else tr("it is paused")
    return ""


@contextlib.contextmanager
def _spool(pdf: bytes) -> Iterator[Path]:
    """The page as a file for `lp`, which has read it when it ends."""
    with tempfile.TemporaryDirectory(prefix="swap-kiosk-") as folder:
        file = Path(folder, "receipt.pdf")
        file.write_bytes(pdf)
        yield file


async def _run(*command: str) -> _Ended:
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
    return _Ended(process.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace"))


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End a command and its children; a child that left the group and holds the pipes is not waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _KILL_SECONDS)
