"""How the command `lp` is called, and what becomes of one that complains, hangs or is not there."""

import asyncio
import os
import select
from pathlib import Path

import pytest

from kiosk.domain.errors import PrinterUnavailable
from kiosk.station.adapters.cups import CupsPrinter
from kiosk.station.adapters.cups.cups_printer import media
from tests.private_cups import PrivateCups

PDF = b"%PDF-1.3\n/MediaBox [ 0 0 226.7717 406.2 ]\n%%EOF\n"
NO_SYS = Path("/no-sys")


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_path: str) -> Path:
    """A folder of commands, in front of the tests' own: a print system that does not answer."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{own_path}")
    command(tmp_path, "lpstat", "echo /no/socket")
    command(tmp_path, "lp", "exit 3")
    return tmp_path


def command(folder: Path, name: str, body: str) -> None:
    """Put a command into the folder."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def refusal(printer: CupsPrinter, title: str = "Receipt TXN-1") -> str:
    """Why this printer does not print."""
    with pytest.raises(PrinterUnavailable) as caught:
        asyncio.run(printer.print_pdf(PDF, title))
    return caught.value.reason


def recorded(cups: PrivateCups, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file into which a real `lp` writes what it was called with."""
    command(folder, "lp", f"""printf '%s\\n' "$@" > "{folder}/arguments"; exec "{cups.commands}/lp" "$@" """)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "arguments"


def test_a_page_is_handed_over_in_its_own_size_and_unscaled(cups: PrivateCups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper, arguments = cups.add_till("own-size"), recorded(cups, tmp_path, monkeypatch)
    asyncio.run(CupsPrinter("own-size", options=("cut=full",), sys_root=NO_SYS).print_pdf(PDF, "Receipt TXN-1"))
    said = arguments.read_text().splitlines()
    assert said[said.index("-d") : -1] == [
        *("-d", "own-size"),
        *("-o", "media=Custom.80x143.3mm", "-o", "print-scaling=none", "-o", "job-cancel-after=600", "-o", "cut=full"),
        *("-t", "Receipt TXN-1", "--"),
    ]
    assert [each.read_bytes() for each in paper.glob("*.paper")] == [PDF]
    assert not Path(said[-1]).exists()


def test_a_hostile_title_is_one_harmless_argument(cups: PrivateCups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cups.add_till("hostile")
    arguments = recorded(cups, tmp_path, monkeypatch)
    asyncio.run(CupsPrinter("hostile", sys_root=NO_SYS).print_pdf(PDF, "-o raw\x00\n; rm -rf $HOME " + "x" * 500))
    title = arguments.read_text().splitlines()[-3]
    assert title.startswith("-o raw; rm -rf $HOME x")
    assert len(title) == 100


def test_what_lp_complains_is_the_reason(commands: Path) -> None:
    command(commands, "lp", 'echo "lp: Error - The printer or class does not exist." >&2; exit 1')
    assert refusal(CupsPrinter("till")) == "The printer or class does not exist."


def test_a_silent_refusal_still_has_a_reason(commands: Path) -> None:
    assert refusal(CupsPrinter("till")) == "it refused the receipt (3)"


def test_an_lp_that_names_no_job_has_not_printed(commands: Path) -> None:
    command(commands, "lp", "exit 0")
    assert refusal(CupsPrinter("till")) == "the print system does not say whether it prints"


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


def test_a_hanging_lpstat_tells_nothing_and_keeps_no_receipt_from_lp(commands: Path) -> None:
    command(commands, "lpstat", "exec sleep 60")
    command(commands, "lp", "echo 'lp: it was asked' >&2; exit 1")
    assert refusal(CupsPrinter("till", deadline_seconds=3.0)) == "it was asked"
    assert asyncio.run(CupsPrinter("till", deadline_seconds=0.4).check()) is False


def test_a_print_system_that_does_not_answer_tells_nothing(commands: Path) -> None:
    assert asyncio.run(CupsPrinter("till").check()) is False


def test_without_cups_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(CupsPrinter("till")) == "the print system (CUPS) is not installed"
    with pytest.raises(PrinterUnavailable, match="CUPS"):
        asyncio.run(CupsPrinter("till").check())


def test_an_lp_that_cannot_be_run_is_a_reason(commands: Path) -> None:
    (commands / "lp").write_text("no program at all")
    assert refusal(CupsPrinter("till")).startswith("the receipt cannot be handed over")


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
