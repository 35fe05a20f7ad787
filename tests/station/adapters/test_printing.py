"""Printers: a real `lp` is a command with a known way of talking, so a script that talks so stands in for it."""

import asyncio
import os
import select
from pathlib import Path

import pytest

from kiosk.domain.errors import PrinterMissing, PrinterUnavailable
from kiosk.station.adapters.printing import CupsPrinter, FilePrinter, NoPrinter, media

PDF = b"%PDF-1.3\n/MediaBox [ 0 0 226.7717 406.2 ]\n%%EOF\n"
IDLE = "printer till is idle.  enabled since Sat 21 Nov 2026\n\tDescription: till\n\tAlerts: none\n"
ACCEPTING = """printf '%s\\n' "$@" > "$HERE/arguments"
for last in "$@"; do :; done
cp "$last" "$HERE/paper"
echo "request id is till-1 (1 file(s))"
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_path: str) -> Path:
    """A folder of commands, in front of the tests' own."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{own_path}")
    monkeypatch.setenv("HERE", str(tmp_path))
    command(tmp_path, "lpstat", f"printf %s '{IDLE}'")
    command(tmp_path, "lp", ACCEPTING)
    return tmp_path


def command(folder: Path, name: str, body: str) -> None:
    """Put a command into the folder."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def refusal(printer: CupsPrinter | FilePrinter | NoPrinter, title: str = "Receipt TXN-1") -> str:
    """Why this printer does not print."""
    with pytest.raises(PrinterUnavailable) as caught:
        asyncio.run(printer.print_pdf(PDF, title))
    return caught.value.reason


def test_a_page_is_handed_over_in_its_own_size_and_unscaled(commands: Path) -> None:
    asyncio.run(CupsPrinter("till", options=("cut=full",)).print_pdf(PDF, "Receipt TXN-1"))
    arguments = (commands / "arguments").read_text().splitlines()
    assert arguments[:2] == ["-d", "till"]
    assert arguments[2:-1] == [
        *("-o", "media=Custom.80x143.3mm", "-o", "print-scaling=none", "-o", "job-cancel-after=600", "-o", "cut=full"),
        *("-t", "Receipt TXN-1", "--"),
    ]
    assert (commands / "paper").read_bytes() == PDF
    assert not Path(arguments[-1]).exists()


def test_a_hostile_title_is_one_harmless_argument(commands: Path) -> None:
    asyncio.run(CupsPrinter("till").print_pdf(PDF, "-o raw\x00\n; rm -rf $HOME " + "x" * 500))
    title = (commands / "arguments").read_text().splitlines()[-3]
    assert title.startswith("-o raw; rm -rf $HOME x")
    assert len(title) == 100


def test_what_lp_complains_is_the_reason(commands: Path) -> None:
    command(commands, "lp", 'echo "lp: Error - The printer or class does not exist." >&2; exit 1')
    assert refusal(CupsPrinter("till")) == "The printer or class does not exist."


def test_a_silent_refusal_still_has_a_reason(commands: Path) -> None:
    command(commands, "lp", "exit 3")
    assert refusal(CupsPrinter("till")) == "it refused the receipt (3)"


def test_a_hanging_lp_is_killed_with_its_children(commands: Path) -> None:
    fifo = commands / "held"
    os.mkfifo(fifo)
    command(commands, "lp", f"exec 9<>{fifo}; echo up >&9; sleep 60 & wait")
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    assert refusal(CupsPrinter("till", deadline_seconds=2.0)) == "it did not answer in 2 s"
    try:
        assert os.read(reader, 10) == b"up\n"
        assert select.select([reader], [], [], 10)[0], "a child of lp still holds the pipe"
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)


def test_a_hanging_lpstat_does_not_keep_a_receipt_from_the_printer(commands: Path) -> None:
    command(commands, "lpstat", "exec sleep 60")
    asyncio.run(CupsPrinter("till", deadline_seconds=3.0).print_pdf(PDF, "Receipt TXN-1"))
    assert (commands / "paper").exists()


def test_without_cups_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(CupsPrinter("till")) == "the print system (CUPS) is not installed"


def test_an_lp_that_cannot_be_run_is_a_reason(commands: Path) -> None:
    (commands / "lp").write_text("no program at all")
    assert refusal(CupsPrinter("till")).startswith("the receipt cannot be handed over")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (IDLE.replace("none", "media-empty-error"), "the paper is out"),
        (IDLE.replace("none", "media-needed media-low-warning"), "the paper is out"),
        (IDLE.replace("none", "cover-open-error"), "its cover is open"),
        (IDLE.replace("none", "offline-report"), "it is switched off or not connected"),
        ("printer till disabled since Sat 21 Nov 2026 -\n\tPaused\n\tAlerts: paused\n", "it is paused"),
        ("printer till disabled since Sat 21 Nov 2026 -\n\tout of paper\n\tAlerts: paused\n", "it is paused: out of paper"),
        ("printer till disabled since Sat 21 Nov 2026 -\n\treason unknown\n", "it is paused"),
    ],
)
def test_a_printer_that_cannot_print_now_gets_no_job_to_print_later(commands: Path, status: str, reason: str) -> None:
    command(commands, "lpstat", f"printf %s '{status}'")
    assert refusal(CupsPrinter("till")) == reason
    assert not (commands / "arguments").exists()


def test_a_printer_low_on_paper_prints(commands: Path) -> None:
    command(commands, "lpstat", f"printf %s '{IDLE.replace('none', 'media-low-warning')}'")
    asyncio.run(CupsPrinter("till").print_pdf(PDF, "Receipt TXN-1"))
    assert (commands / "paper").exists()


def test_a_printer_that_nobody_knows_is_a_reason(commands: Path) -> None:
    command(commands, "lpstat", "echo 'lpstat: Invalid destination name in list \"till\".' >&2; exit 1")
    assert refusal(CupsPrinter("till")) == "the print system does not know it, or does not run"


def test_a_cancelled_job_leaves_no_command_behind(commands: Path) -> None:
    fifo = commands / "held"
    os.mkfifo(fifo)
    command(commands, "lp", f"exec 9>{fifo}; exec sleep 60")

    async def run() -> bytes:
        job = asyncio.ensure_future(CupsPrinter("till").print_pdf(PDF, "Receipt TXN-1"))
        opened = await asyncio.wait_for(asyncio.to_thread(fifo.open, "rb"), 10)  # opens when lp has opened its end
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        with opened:
            return await asyncio.wait_for(asyncio.to_thread(opened.read), 10)

    assert asyncio.run(run()) == b""


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (b"[ 0 0 226.7717 406.2 ]", "Custom.80x143.3mm"),
        (b"[ 0 0 164.4094 300 ]", "Custom.58x105.8mm"),
        (b"[ 0 0 595.2756 841.8898 ]", "A4"),
    ],
)
def test_the_page_tells_its_own_media(box: bytes, size: str) -> None:
    assert media(b"/MediaBox " + box) == size


def test_a_page_without_a_size_is_taken_for_a_sheet() -> None:
    assert media(b"%PDF") == "A4"


def test_a_folder_takes_prints_one_after_the_other(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "paper")
    for _ in range(2):
        asyncio.run(printer.print_pdf(PDF, "Receipt TXN-1/../../x"))
    assert sorted(file.name for file in (tmp_path / "paper").iterdir()) == ["0001-Receipt-TXN-1-x.pdf", "0002-Receipt-TXN-1-x.pdf"]
    assert (tmp_path / "paper" / "0001-Receipt-TXN-1-x.pdf").read_bytes() == PDF


def test_a_folder_that_cannot_be_one_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "paper").write_text("a file stands in the way")
    assert refusal(FilePrinter(tmp_path / "paper")).startswith("the folder cannot be written")


def test_no_printer_says_so() -> None:
    assert refusal(NoPrinter()) == "no printer is set up"


# ---------------------------------------------------------------- how it is, without a job


def test_a_printer_that_says_that_it_is_idle_is_ready(commands: Path) -> None:
    assert asyncio.run(CupsPrinter("till").check()) is True


def test_a_printer_that_is_out_of_paper_says_so_without_a_job(commands: Path) -> None:
    command(commands, "lpstat", f"printf %s '{IDLE.replace('none', 'media-empty-error')}'")
    with pytest.raises(PrinterUnavailable, match="the paper is out"):
        asyncio.run(CupsPrinter("till").check())


def test_a_silent_lpstat_tells_nothing(commands: Path) -> None:
    command(commands, "lpstat", "exec sleep 60")
    assert asyncio.run(CupsPrinter("till", deadline_seconds=0.4).check()) is False


def test_without_cups_no_printer_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrinterUnavailable, match="CUPS"):
        asyncio.run(CupsPrinter("till").check())


def test_a_folder_is_ready_and_no_printer_is_missing(tmp_path: Path) -> None:
    assert asyncio.run(FilePrinter(tmp_path / "printed").check()) is True
    (tmp_path / "file").touch()
    with pytest.raises(PrinterUnavailable, match="cannot be written"):
        asyncio.run(FilePrinter(tmp_path / "file").check())
    with pytest.raises(PrinterMissing):
        asyncio.run(NoPrinter().check())
