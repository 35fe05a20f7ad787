"""`ReceiptProcess`: receipts made by a warm helper process, so that the window and the link never wait for one; and by this process alone.

The helper is started by `start` (in the background, nothing waits for it) or by the first receipt, and again after it died. A receipt
that the helper does not deliver within its deadline (5 s, its start included) is made here instead, in a thread; the helper is then ended
and started anew; one that died meanwhile is started anew first. So a receipt fails only if it cannot be made at all, and then with this
process's own error. The helper ends by itself when its pipe closes, that is also when this process is killed.
"""

import asyncio
import contextlib
import logging
import pickle
import subprocess
import sys
from collections.abc import Sequence

from kiosk.domain.swap.receipt import ReceiptText
from kiosk.station.adapters.receipts import frames
from kiosk.station.adapters.receipts.page import PaperFormat

log = logging.getLogger(__name__)
DEADLINE_SECONDS = 5.0
END_SECONDS = 1.0
COMMAND = (sys.executable, "-m", "kiosk.station.adapters.receipts.helper")
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # no console flashes up on Windows


class _HelperFailed(Exception):
    """The helper did not deliver; the receipt is made here."""


class PdfReceiptMaker:
    """`ReceiptMaker` in this process; the drawing is made in a thread, so that the loop goes on."""

    def __init__(self, paper: PaperFormat = PaperFormat.ROLL_80) -> None:
        self._paper = paper

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF of a receipt. Fails as `pdf` does: not for anything that a receipt says."""
        from kiosk.station.adapters.receipts.pdf import receipt_pdf  # reportlab is not loaded into this process before it is needed

        return await asyncio.to_thread(receipt_pdf, text, self._paper)


class ReceiptProcess(PdfReceiptMaker):
    """`ReceiptMaker` over a helper process; belongs to one event loop."""

    def __init__(
        self, paper: PaperFormat = PaperFormat.ROLL_80, *, deadline_seconds: float = DEADLINE_SECONDS, command: Sequence[str] = COMMAND
    ) -> None:
        super().__init__(paper)
        self._deadline_seconds, self._command = deadline_seconds, tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._warming: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The helper's process id, None while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Have the helper started in the background."""
        if not self._closed and (self._warming is None or self._warming.done()):
            self._warming = asyncio.get_running_loop().create_task(self._warm_up())

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF of a receipt; one at a time, in the order of asking."""
        if not self._closed:
            try:
                return await self._by_helper(text)
            except _HelperFailed as failure:
                log.warning("the receipt process did not deliver (%s): the receipt is made here", failure)
                await self.start()
        return await super().make(text)

    async def close(self) -> None:
        """End the helper; after `END_SECONDS` by force. Receipts asked for later are made here."""
        self._closed = True
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), END_SECONDS)
            await self._end()

    async def _warm_up(self) -> None:
        try:
            async with self._turn:
                await self._exchange(None)
        except _HelperFailed as failure:
            log.warning("the receipt process does not start (%s): receipts are made here", failure)

    async def _by_helper(self, text: ReceiptText) -> bytes:
        async with self._turn:
            pdf = await self._exchange((text, self._paper))
        if not isinstance(pdf, bytes):
            raise _HelperFailed(pdf if isinstance(pdf, str) else f"its answer is {pdf!r}")
        return pdf

    async def _exchange(self, order: frames.Order | None) -> frames.Answer:
        """Have the helper running, and an order answered. A conversation that is broken off, also by cancelling, ends the helper."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                try:
                    return await self._converse(order)
                except (EOFError, ConnectionError):  # it died since the last receipt: once more, with a new one
                    await self._end()
                    return await self._converse(order)
        except (OSError, EOFError, ValueError, TypeError, NotImplementedError) as error:  # TimeoutError is an OSError
            await self._end()
            raise _HelperFailed(f"{type(error).__name__} {error}".strip()) from error
        except asyncio.CancelledError:
            await self._end()
            raise

    async def _converse(self, order: frames.Order | None) -> frames.Answer:
        process = await self._running()
        if order is None:
            return True
        if process.stdin is None:
            raise EOFError("the helper has no input")
        process.stdin.write(frames.frame(order))
        return await self._answer(process)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._end()
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, creationflags=_NO_WINDOW)
        if await self._answer(self._process) is not True:
            raise EOFError("the helper did not say that it is warm")
        return self._process

    async def _answer(self, process: asyncio.subprocess.Process) -> frames.Answer:
        if process.stdout is None:
            raise EOFError("the helper has no output")
        length = frames.length(await process.stdout.readexactly(frames.HEADER.size))  # IncompleteReadError is an EOFError
        answer: frames.Answer = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301  from the own child's pipe
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
