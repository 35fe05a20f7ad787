"""The warm process: same pages, no matter how it ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from kiosk.station.adapters.receipts.page import PaperFormat
from kiosk.station.adapters.receipts.process import COMMAND, PdfReceiptMaker, ReceiptProcess
from tests.station.adapters.receipts.samples import PAID, SETTLED, pdf_of, text_for

PATIENCE_SECONDS = 30.0  # a cold start on a busy machine
FORBIDDEN = ("PySide6", "sqlalchemy", "pydantic", "asyncio", "paho")


def with_maker(
    use: Callable[[ReceiptProcess], Awaitable[None]], *, command: Sequence[str] = COMMAND, deadline_seconds: float = PATIENCE_SECONDS
) -> None:
    """Run a test with a maker that is closed at its end."""

    async def run() -> None:
        maker = ReceiptProcess(PaperFormat.ROLL_80, command=command, deadline_seconds=deadline_seconds)
        try:
            await use(maker)
        finally:
            await maker.close()
        assert maker.pid is None

    asyncio.run(run())


def test_the_process_gives_the_very_bytes_that_are_made_here() -> None:
    async def use(maker: ReceiptProcess) -> None:
        await maker.start()
        for receipt in (PAID, SETTLED, PAID):
            assert await maker.make(text_for(receipt)) == pdf_of(receipt, PaperFormat.ROLL_80)
        assert maker.pid is not None

    with_maker(use)


def test_the_first_receipt_starts_the_process_itself() -> None:
    async def use(maker: ReceiptProcess) -> None:
        assert maker.pid is None
        await maker.make(text_for(PAID))
        assert maker.pid is not None

    with_maker(use)


def test_receipts_asked_for_together_each_get_their_own_page() -> None:
    async def use(maker: ReceiptProcess) -> None:
        receipts = [replace(PAID, copy=copy) for copy in range(8)]
        pages = await asyncio.gather(*map(maker.make, map(text_for, receipts)))
        assert pages == [pdf_of(receipt, PaperFormat.ROLL_80) for receipt in receipts]

    with_maker(use)


def test_a_process_that_died_is_started_anew() -> None:
    async def use(maker: ReceiptProcess) -> None:
        await maker.make(text_for(PAID))
        first = maker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert await maker.make(text_for(PAID)) == pdf_of(PAID, PaperFormat.ROLL_80)
        assert maker.pid not in {None, first}

    with_maker(use)


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-c", "pass"),
        (sys.executable, "-c", "import sys; sys.stdin.read()"),
        (sys.executable, "-c", "print('Traceback, or whatever', flush=True); input()"),
        ("/nowhere/python",),
    ],
    ids=["dies at once", "says nothing", "says nonsense", "is not there"],
)
def test_without_a_working_process_the_receipt_is_made_here(command: Sequence[str]) -> None:
    async def use(maker: ReceiptProcess) -> None:
        assert await maker.make(text_for(PAID)) == pdf_of(PAID, PaperFormat.ROLL_80)

    with_maker(use, command=command, deadline_seconds=0.5)


def test_a_cancelled_receipt_leaves_the_next_one_its_own_page() -> None:
    async def use(maker: ReceiptProcess) -> None:
        await maker.make(text_for(PAID))
        unwanted = asyncio.ensure_future(maker.make(text_for(SETTLED)))
        await asyncio.sleep(0)  # one turn of the loop: it is under way
        unwanted.cancel()
        assert await maker.make(text_for(PAID)) == pdf_of(PAID, PaperFormat.ROLL_80)
        assert unwanted.cancelled()

    with_maker(use)


def test_after_closing_receipts_are_made_here() -> None:
    async def use(maker: ReceiptProcess) -> None:
        await maker.close()
        assert await maker.make(text_for(PAID)) == pdf_of(PAID, PaperFormat.ROLL_80)
        assert maker.pid is None

    with_maker(use)


def test_closing_while_it_starts_leaves_no_process() -> None:
    async def use(maker: ReceiptProcess) -> None:
        await maker.start()
        await asyncio.sleep(0)

    with_maker(use)


def test_the_process_ends_when_its_parent_is_killed() -> None:
    script = (
        "import asyncio, os, signal\n"
        "from kiosk.station.adapters.receipts.process import ReceiptProcess\n"
        "from tests.station.adapters.receipts.samples import PAID, text_for\n"
        "async def run():\n"
        f"    maker = ReceiptProcess(deadline_seconds={PATIENCE_SECONDS})\n"
        "    await maker.make(text_for(PAID))\n"
        "    print(maker.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(run())\n"
    )
    # the helper inherits the pipe of errors: it comes to its end only when the helper is gone
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -9
    assert int(ended.stdout) > 0
    assert ended.stderr == ""


def test_the_process_loads_neither_window_nor_database() -> None:
    script = f"import sys, kiosk.station.adapters.receipts.helper; print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True).stdout == "[]\n"


def test_the_parent_does_not_load_reportlab() -> None:
    script = "import sys, kiosk.station.adapters.receipts.process; print('reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True).stdout == "False\n"


def test_the_direct_maker_gives_the_same_bytes() -> None:
    assert asyncio.run(PdfReceiptMaker(PaperFormat.ROLL_58).make(text_for(PAID))) == pdf_of(PAID, PaperFormat.ROLL_58)
