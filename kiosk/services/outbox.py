"""The outbox: deliver stored completions until they are answered (decisions 16, 17, 20).

Sending proves nothing; only an answer settles. No answer: the same bytes again, later and later, for ever. A refusal stays until a
person resolves it and holds up nobody else. Order is kept within a plan: its next completion leaves when the one before is answered.
A link that is down, a silent platform and a full disk all end the same way: the completion stays unsettled and is tried again.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.answer import Answer, Settled
from kiosk.domain.errors import LinkDown, StoreFailed
from kiosk.events import Announce, OutboxChanged, SwapAnswered
from kiosk.ports import Clock, CompletionChannel, OutboxEntry, OutboxState, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The wait after the n-th try without an answer: doubling from `first_seconds` to `most_seconds`, less up to a quarter of it."""

    first_seconds: float = 3.0
    most_seconds: float = 60.0
    spread: Callable[[], float] = random.random

    def wait(self, tries: int) -> float:
        """Seconds until the next try."""
        return min(self.most_seconds, self.first_seconds * 2.0 ** min(tries - 1, 10)) * (1 - 0.25 * self.spread())


class Outbox:
    """Runs on the I/O thread as one task. `wake` when a completion is stored or the link is back."""

    def __init__(
        self, store: Store, channel: CompletionChannel, clock: Clock, announce: Announce, policy: RetryPolicy | None = None
    ) -> None:
        self._store, self._channel, self._clock, self._announce = store, channel, clock, announce
        self._policy = policy or RetryPolicy()
        self._wake = asyncio.Event()
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}
        channel.on_answer = self.on_answer

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        self.announce_state()
        while True:
            self._wake.clear()
            pause = await self._deliver_due()
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def wake(self, *, afresh: bool = False) -> None:
        """Look again now; `afresh` forgets the waits, because the link has just come back or a person asked."""
        if afresh:
            self._due.clear()
            self._tries.clear()
        self._wake.set()

    async def open_entries(self) -> tuple[OutboxEntry, ...]:
        """What a person may have to look at: the refused, then what waits, each oldest first. Raises StoreFailed."""
        return (*self._store.refused(), *self._store.unsettled())

    async def send_again(self, correlation_id: str) -> None:
        """A refused completion is sent as it is, at once; so is all that waits. Raises NotFound, StoreFailed."""
        if self._store.outbox_entry(correlation_id).state is OutboxState.REFUSED:
            self._store.retry(correlation_id, self._clock.now())
        self.announce_state()
        self.wake(afresh=True)

    async def resolve(self, correlation_id: str, note: str) -> None:
        """A person has settled a refused completion and says how (decision 20). Raises NotFound, StoreFailed."""
        self._store.resolve(correlation_id, note, self._clock.now())
        self.announce_state()

    def on_answer(self, answer: Answer) -> None:
        """The platform's word, at any time, in any order, once or twice."""
        settled = isinstance(answer, Settled)
        reason = "" if isinstance(answer, Settled) else answer.reason
        self._announce(SwapAnswered(correlation_id=answer.correlation_id, settled=settled, reason=reason))
        try:
            changed = self._store.record_answer(answer, self._clock.now())
        except StoreFailed as error:
            log.warning("the answer to %s could not be stored (%s); it will be asked for again", answer.correlation_id, error.reason)
            return
        if changed:
            self._forget(answer.correlation_id)
            self.announce_state()
            self._wake.set()

    def announce_state(self) -> None:
        """Tell how much waits; a store that cannot be read says nothing new."""
        try:
            unsettled, refused = self._store.unsettled(), self._store.refused()
        except StoreFailed as error:
            log.warning("the outbox could not be read: %s", error.reason)
            return
        oldest = unsettled[0].created_at if unsettled else None
        self._announce(OutboxChanged(unsettled=len(unsettled), oldest=oldest, refused=len(refused)))

    async def _deliver_due(self) -> float:
        """Send what is due, one a plan; return the seconds until the next is."""
        pause = self._policy.most_seconds
        for entry in self._heads():
            wait = self._due.get(entry.message.correlation_id, 0.0) - self._clock.monotonic()
            if wait <= 0:
                wait = await self._send(entry)
            pause = min(pause, wait)
        return pause

    def _heads(self) -> list[OutboxEntry]:
        try:
            entries = self._store.unsettled()
        except StoreFailed as error:
            log.warning("the outbox could not be read: %s", error.reason)
            return []
        first: dict[str, OutboxEntry] = {}
        for entry in entries:
            first.setdefault(entry.message.plan_id, entry)
        return list(first.values())

    async def _send(self, entry: OutboxEntry) -> float:
        correlation_id = entry.message.correlation_id
        tries = self._tries[correlation_id] = self._tries.get(correlation_id, 0) + 1
        wait = self._policy.wait(tries)
        self._due[correlation_id] = self._clock.monotonic() + wait
        try:
            await self._channel.send(entry.message)
            self._store.record_sent(correlation_id, self._clock.now())
        except LinkDown as error:
            log.info("%s waits for the link: %s", correlation_id, error.reason)
        except StoreFailed as error:
            log.warning("the sending of %s could not be noted: %s", correlation_id, error.reason)
        return wait

    def _forget(self, correlation_id: str) -> None:
        self._tries.pop(correlation_id, None)
        self._due.pop(correlation_id, None)
