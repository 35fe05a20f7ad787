"""PDF to paper: CUPS by `lp`, a folder for training and tests, and no printer at all.

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

from kiosk.domain.errors import PrinterMissing, PrinterUnavailable

DEADLINE_SECONDS = 10.0
STATUS_SECONDS = 3.0
STALE_SECONDS = 600
_KILL_SECONDS = 1.0
_MOST_REASON = 120
_MEDIA_BOX = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
_MM_PER_POINT = Decimal("25.4") / 72
_A4_MM = (210, 297)
# printer-state-reasons of RFC 8011, as `lpstat -l` lists them behind "Alerts:"; the order is the order of saying
_ALERTS = {
    "media-empty": "the paper is out",
    "media-needed": "the paper is out",
    "media-jam": "the paper is jammed",
    "cover-open": "its cover is open",
    "door-open": "its cover is open",
    "stopped": "it has stopped",
    "offline": "it is switched off or not connected",
    "shutdown": "it is switched off or not connected",
}


_NONE = "no printer is set up"
_NO_CUPS = "the print system (CUPS) is not installed"
_NOTHING_TOLD = {"Paused", "reason unknown"}
_UNKNOWN = "Invalid destination name"  # what lpstat says of a queue that is not there, and of every queue when cupsd is not


class CupsPrinter:
    """`Printer` over CUPS. `printer` is the queue's name; `options` are further `-o` options for a difficult driver."""

    def __init__(self, printer: str, *, options: Sequence[str] = (), deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._printer, self._options, self._deadline_seconds = printer, tuple(options), deadline_seconds

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Hand the page to CUPS. Raises PrinterUnavailable."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                await self.check()
                await self._submit(pdf, title)
        except TimeoutError:
            raise PrinterUnavailable(f"it did not answer in {self._deadline_seconds:g} s") from None

    async def check(self) -> bool:
        """Whether the printer could print now, as far as it tells: a silent `lpstat` is no reason, and tells nothing.

        Raises PrinterUnavailable.
        """
        try:
            async with asyncio.timeout(min(STATUS_SECONDS, self._deadline_seconds / 2)):
                said = await _run("lpstat", "-l", "-p", self._printer)
        except TimeoutError:
            return False  # `lp` itself will tell
        except FileNotFoundError:
            if shutil.which("lp") is None:
                raise PrinterUnavailable(_NO_CUPS) from None
            return False
        except OSError as error:
            raise PrinterUnavailable(f"the print system cannot be started: {error.strerror}") from error
        reason = _trouble(said)
        if reason:
            raise PrinterUnavailable(reason)
        return True

    async def _submit(self, pdf: bytes, title: str) -> None:
        try:
            with _spooled(pdf) as file:
                said = await _run("lp", "-d", self._printer, *self._wishes(pdf), "-t", _title(title), "--", str(file))
        except FileNotFoundError:
            raise PrinterUnavailable(_NO_CUPS) from None
        except OSError as error:
            raise PrinterUnavailable(f"the receipt cannot be handed over: {error.strerror}") from error
        if said.code != 0:
            raise PrinterUnavailable(said.reason or f"it refused the receipt ({said.code})")

    def _wishes(self, pdf: bytes) -> list[str]:
        """Options of `lp`: the page as large as it is and not scaled, since it is laid out for what the head reaches."""
        options = [f"media={media(pdf)}", "print-scaling=none", f"job-cancel-after={STALE_SECONDS}", *self._options]
        return [part for option in options for part in ("-o", option)]


class FilePrinter:
    """`Printer` into a folder, for training and tests: a file for each job, numbered, named by its title."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Write the page. Raises PrinterUnavailable."""
        try:
            await asyncio.to_thread(self._write, pdf, title)
        except OSError as error:
            raise PrinterUnavailable(f"the folder cannot be written: {error.strerror}") from error

    async def check(self) -> bool:
        """Whether the folder is there, or can be made. Raises PrinterUnavailable."""
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise PrinterUnavailable(f"the folder cannot be written: {error.strerror}") from error
        return True

    def _write(self, pdf: bytes, title: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in self._folder.glob("*.pdf")) + 1
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", title).strip("-")[:80]
        unfinished = self._folder / f"{number:04d}-{name}.part"
        unfinished.write_bytes(pdf)
        unfinished.replace(unfinished.with_suffix(".pdf"))


class NoPrinter:
    """`Printer` where none is set up."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:  # noqa: ARG002  the port's names
        """Raises PrinterMissing."""
        raise PrinterMissing(_NONE)

    async def check(self) -> bool:
        """Raises PrinterMissing."""
        raise PrinterMissing(_NONE)


def media(pdf: bytes) -> str:
    """The page's size as CUPS wants it: "A4", or "Custom.80x143.5mm"."""
    box = _MEDIA_BOX.search(pdf)
    if box is None:
        return "A4"
    width, height = (Decimal(side.decode()) * _MM_PER_POINT for side in box.groups())
    if (round(width), round(height)) == _A4_MM:
        return "A4"
    return f"Custom.{width:.0f}x{height:.1f}mm"


@dataclass(frozen=True, slots=True)
class _Said:
    """How a command ended."""

    code: int
    output: str
    errors: str

    @property
    def reason(self) -> str:
        """The first line of what it complained, short enough for a sentence."""
        line = next((line.strip() for line in (self.errors or self.output).splitlines() if line.strip()), "")
        if _UNKNOWN in line:
            return "the print system does not know it, or does not run"
        bare = line.removeprefix("lp: ").removeprefix("lpstat: ").removeprefix("Error - ")
        return "".join(filter(str.isprintable, bare))[:_MOST_REASON]


def _trouble(status: _Said) -> str:
    """What keeps a printer from printing, from `lpstat -l -p`; "" when nothing does."""
    if status.code != 0:
        return status.reason or "the print system does not know it"
    lines = [line.strip() for line in status.output.splitlines()]
    alerts = next((line for line in lines if line.startswith("Alerts:")), "")
    for alert, words in _ALERTS.items():
        if alert in alerts:
            return words
    if lines and " disabled " in lines[0]:
        told = "".join(filter(str.isprintable, lines[1]))[:_MOST_REASON] if len(lines) > 1 else ""
        return "it is paused" + (f": {told}" if told and told not in _NOTHING_TOLD else "")
    return ""


@contextlib.contextmanager
def _spooled(pdf: bytes) -> Iterator[Path]:
    """The page as a file for `lp`, which has read it when it ends."""
    with tempfile.TemporaryDirectory(prefix="swap-kiosk-") as folder:
        file = Path(folder, "receipt.pdf")
        file.write_bytes(pdf)
        yield file


def _title(title: str) -> str:
    return "".join(filter(str.isprintable, title))[:100] or "Receipt"


async def _run(*command: str) -> _Said:
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
    return _Said(process.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace"))


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End a command and its children; a child that left the group and holds the pipes is not waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _KILL_SECONDS)
