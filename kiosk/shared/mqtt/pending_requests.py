"""Questions that wait for their answer: by correlation id, with a deadline, sent again after each pause because QoS 0 loses messages."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kiosk.domain.errors import LinkDown


class AwaitedAnswers[T]:
    """The questions that wait for an answer. An answer that no question waits for any more, or that comes twice, is dropped."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[T]] = {}

    @contextmanager
    def asking(self, question_id: str) -> "Iterator[asyncio.Future[T]]":
        """The future of the answer to this question, while inside."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open[question_id] = answer
        try:
            yield answer
        finally:
            if self._open.get(question_id) is answer:  # asked again already, while the first asker was being cancelled
                del self._open[question_id]

    def answer(self, question_id: str, answer: T) -> bool:
        """Whether somebody waited for it. An id with something appended is the same id (decision 18)."""
        for each, future in self._open.items():
            if question_id == each or (question_id.startswith(each) and question_id not in self._open):
                if not future.done():
                    future.set_result(answer)
                return True
        return False


async def ask_until_answered[T](answer: "asyncio.Future[T]", publish: Callable[[], None], pause_seconds: float) -> T:
    """Publish, wait for the answer, publish again after each pause; a link that is down meanwhile is waited for.

    Ends by its answer or by the caller's deadline. Raises LinkDown when the first try cannot leave.
    """
    publish()
    while True:
        try:
            async with asyncio.timeout(pause_seconds):
                return await asyncio.shield(answer)
        except TimeoutError:
            with suppress(LinkDown):
                publish()
