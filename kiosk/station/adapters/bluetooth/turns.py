"""Whose turn it is at the adapter: readings that a person waits for, then those in the background, then listening.

A person's reading never waits for more than one that runs. If that is one in the background, it is broken off at once (ReadingGaveWay) as
long as it has no link, which may still take seconds; one that has its link needs less than a second for the values, and is given
`LINKED_SECONDS`. Of one rank who came first goes first. Use it from one loop.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count

from kiosk.station.ports import ReadingGaveWay

LINKED_SECONDS = 2.0


class Rank(IntEnum):
    """Who goes first: the lower."""

    PERSON = 0
    BACKGROUND = 1
    LISTENING = 2


class Turn:
    """One use of the adapter."""

    def __init__(self, rank: Rank, limit: asyncio.Timeout) -> None:
        self.rank, self.limit = rank, limit
        self.linked = False
        self.hurried = False

    def hurry(self) -> None:
        """A person waits for this one to end."""
        if self.rank is Rank.BACKGROUND and not self.hurried:
            self.hurried = True
            self.limit.reschedule(asyncio.get_running_loop().time() + (LINKED_SECONDS if self.linked else 0.0))


class Turns:
    """The queue for one adapter."""

    def __init__(self) -> None:
        self._holder: Turn | None = None
        self._waiting: list[tuple[Rank, int, asyncio.Future[None], Turn]] = []
        self._numbers = count()

    @asynccontextmanager
    async def take(self, rank: Rank) -> AsyncIterator[Turn]:
        """The adapter, for as long as the context lasts. Raises ReadingGaveWay in one of the background."""
        limit = asyncio.timeout(None)
        turn = Turn(rank, limit)
        try:
            async with limit:
                await self._wait(turn)
                try:
                    yield turn
                finally:
                    self._hand_over()
        except TimeoutError:
            if limit.expired():
                raise ReadingGaveWay from None
            raise

    async def _wait(self, turn: Turn) -> None:
        if self._holder is None:
            self._holder = turn
            return
        if turn.rank is Rank.PERSON:
            self._holder.hurry()
        called = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn.rank, next(self._numbers), called, turn))
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # it was called in this very moment
                self._hand_over()
            raise

    def _hand_over(self) -> None:
        self._holder = None
        while self._waiting:
            _rank, _number, called, turn = heapq.heappop(self._waiting)
            if not called.done():
                self._holder = turn
                called.set_result(None)
                return
