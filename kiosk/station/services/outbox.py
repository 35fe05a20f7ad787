"""The outbox: deliver stored completions until they are answered (decisions 16, 17, 20, 21).

Sending proves nothing; only an answer settles. No answer: the same bytes again, later and later, for ever. A refusal stays until a
person resolves it and holds up nobody else. Order is kept within a plan: its next completion leaves when the one before is answered.
A completion is sent in steps, mostly one: the next leaves when the success of the one before is stored, so that a kiosk that dies goes on
where it was. A plan that has lost COMPLETE_SERVICE since the swap goes on by the older sequence, stored with the answer that says so; the
same correlation id keeps the platform from doing both.
At most MAX_IN_FLIGHT wait for their answer at once, so that a heap of thousands after a long time offline neither floods the platform nor
loses its answers; one that is not answered within the first wait gives its place away.
A message that is not the one which the record has is never sent: its completion waits for a person, as a refused one does (decision 37).
A station that was taken out of service keeps what it completed: its swaps wait with the reason, and a person books them (decision 26).
A link that is down, a silent platform and a full disk all end the same way: the completion stays unsettled and is tried again.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.errors import Forbidden, KioskError, LinkDown, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.messages import step_refused
from kiosk.domain.swap.older_sequence import older_steps
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, Event, SwapAnswered
from kiosk.station.ports import CompletionChannel, OutboxEntry, OutboxState, OutgoingMessage, Store
from kiosk.station.services.open_completions import OpenCompletions
from kiosk.station.services.people import People

log = logging.getLogger(__name__)
MAX_IN_FLIGHT = 32  # fewer than the plans whose answer topics are kept subscribed (64)
ANSWER_SECONDS = 0.01  # an answer that is waited for is shown first: storing it would keep the window waiting for the interpreter
NOTE_SECONDS = 0.05  # that a try was made is for people to read; the answer is most often there sooner, and must not wait for that write


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The wait after the n-th try without an answer: doubling from `first_seconds` to `most_seconds`, less up to a quarter of it."""

    first_seconds: float = 3.0
    most_seconds: float = 60.0
    spread: Callable[[], float] = random.random

    def wait(self, tries: int) -> float:
        """Seconds until the next try."""
        return min(self.most_seconds, self.first_seconds * 2.0 ** min(tries - 1, 10)) * (1 - 0.25 * self.spread())


class Outbox(OpenCompletions):
    """Runs on the I/O thread as one task. `wake` when a completion is stored or the link is back."""

    def __init__(
        self,
        store: Store,
        channel: CompletionChannel,
        clock: Clock,
        announce: Announce,
        policy: RetryPolicy | None = None,
        people: People | None = None,
    ) -> None:
        super().__init__(store, clock, people)
        self._channel, self._announce, self._policy = channel, announce, policy or RetryPolicy()
        self._wake = asyncio.Event()
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._in_flight: dict[str, tuple[float, OutboxEntry]] = {}  # when it was sent (monotonic), the earliest first
        self._not_noted: list[tuple[str, datetime]] = []
        self._not_stored: list[Answer] = []
        self._held_by_platform: set[str] = set()
        channel.on_answer = self.on_answer

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        self.announce_state()
        try:
            while True:
                self._wake.clear()
                pause = await self._deliver_due()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)
        finally:
            self.catch_up()
            self._note_sent()

    def wake(self, *, afresh: bool = False) -> None:
        """Look again now; `afresh` forgets the waits, because the link has just come back or a person asked."""
        if afresh:
            self._due.clear()
            self._tries.clear()
        self._wake.set()

    def handle_event(self, event: Event) -> None:
        """A link that is back is used at once."""
        if isinstance(event, LinkChanged) and event.connected:
            self.wake(afresh=True)

    async def send_again(self, correlation_id: str, who: str = "") -> None:
        """A refused completion is sent as it is, at once; so is all that waits. Raises NotFound, StoreFailed."""
        await self.retry(correlation_id, who)
        self.announce_state()
        self.wake(afresh=True)

    async def resolve(self, correlation_id: str, note: str, supervisor: str = "", pin: str = "", *, who: str = "") -> None:
        """A person has settled a refused completion and says how (decision 20). Raises as `OpenCompletions.resolve`, StoreFailed."""
        await super().resolve(correlation_id, note, supervisor, pin, who=who)
        self.announce_state()

    def on_answer(self, answer: Answer) -> None:
        """The platform's word, at any time, in any order, once or twice."""
        self.catch_up()
        if isinstance(answer, Rejected) and answer.of_the_station:
            self._hold(answer)
        elif self._ends(answer):
            self._announce(_announcement_of(answer, settled=isinstance(answer, Settled)))
            self._not_stored.append(answer)
            asyncio.get_running_loop().call_later(ANSWER_SECONDS, self.catch_up)
        else:
            self._store_answer(answer, announced=False)

    def _hold(self, answer: Rejected) -> None:
        """The platform takes nothing of this station: the swap stays as it is, and says why."""
        try:
            entry = self._store.outbox_entry(answer.correlation_id)
        except KioskError as error:
            log.warning("an answer to %.200r holds nothing here: %s", answer.correlation_id, error)
            return
        if entry.state is not OutboxState.UNSETTLED or entry.message.plan_id != answer.plan_id:
            return
        if answer.correlation_id not in self._held_by_platform:
            self._held_by_platform.add(answer.correlation_id)
            log.warning("%s is held: the platform has taken this station out of service", answer.correlation_id)
        self._note_held(entry, tr("the platform has taken this counter out of service"))

    def _ends(self, answer: Answer) -> bool:
        """Whether this is the last word on a completion, and one that is waited for: then it is announced before it is stored."""
        _, asked = self._in_flight.get(answer.correlation_id, (0.0, None))
        if asked is None or (asked.message.plan_id, asked.message.action) != (answer.plan_id, answer.action):
            return False
        return asked.steps_after == 0 if isinstance(answer, Settled) else not answer.rolled_back

    def catch_up(self) -> None:
        """Store what was answered and announced in the last moments; before the store is asked what the platform has not booked."""
        while self._not_stored:
            self._store_answer(self._not_stored.pop(0), announced=True)

    def _store_answer(self, answer: Answer, *, announced: bool) -> None:
        """Store an answer and go on with what it makes possible; `announced` is whether it was announced before."""
        try:
            state = self._store.record_answer(answer, self._clock.now(), self._instead_of(answer))
            if state is None and not announced:
                state = self._overtaken(answer)
        except StoreFailed as error:
            log.warning("the answer to %s could not be stored (%s); it will be asked for again", answer.correlation_id, error.reason)
            return
        if announced or state is not None:  # announced and nothing to change: it was sent once more while its answer was on its way
            self._forget(answer.correlation_id)
        if state is None:
            return
        if not announced and state is not OutboxState.UNSETTLED:
            self._announce(_announcement_of(answer, settled=state is OutboxState.SETTLED))
        self.announce_state()
        self.wake()  # for what waited behind it

    def _overtaken(self, answer: Answer) -> OutboxState | None:
        """Where a completion stands that another process on this store (the terminal beside the window) has taken a step further than
        the one that waits here; None for an answer that is merely repeated, or that nobody here waits for. Raises StoreFailed."""
        _, asked = self._in_flight.get(answer.correlation_id, (0.0, None))
        if asked is None or asked.message.plan_id != answer.plan_id:
            return None
        now = self._store.outbox_entry(answer.correlation_id)
        return None if (now.message, now.state) == (asked.message, asked.state) else now.state

    def _instead_of(self, answer: Answer) -> tuple[OutgoingMessage, ...]:
        """The older sequence, for a plan that has lost COMPLETE_SERVICE; nothing where it cannot be made. Raises StoreFailed."""
        if isinstance(answer, Settled) or not answer.rolled_back:
            return ()
        try:
            swap = self._store.completed_swap(answer.correlation_id).swap
            steps = older_steps(replace(swap, completed_at=None), swap.completed_at or self._clock.now())
            return tuple(self._channel.message(swap, each) for each in steps)
        except StoreFailed:
            raise
        except KioskError as error:
            log.warning("%s cannot go on by the older sequence: %s", answer.correlation_id, error)
            return ()

    def announce_state(self) -> None:
        """Announce how much waits; nothing where the store cannot be read."""
        try:
            self._announce(self._store.outbox_counts())
        except StoreFailed as error:
            log.warning("the outbox could not be read: %s", error.reason)

    async def _deliver_due(self) -> float:
        """Send what is due, one a plan, while there is room; return the seconds until to look again."""
        pause = self._policy.most_seconds
        for entry in self._heads():
            if entry.altered:
                self._hold_back(entry)
                continue
            wait = self._due.get(entry.message.correlation_id, 0.0) - self._clock.monotonic()
            if wait <= 0:
                full = self._seconds_until_room()
                if full > 0:
                    return min(pause, full)
                wait = await self._send(entry)
            pause = min(pause, wait)
        return pause

    def _hold_back(self, entry: OutboxEntry) -> None:
        """It is never sent. While that cannot be written it is not sent either."""
        correlation_id = entry.message.correlation_id
        log.error("%s is not sent: its message is not the one that was recorded", correlation_id)
        try:
            self._store.hold_back(correlation_id, tr("it was changed since it was recorded, and is not sent"), self._clock.now())
        except StoreFailed as error:
            log.warning("that %s is held back could not be noted: %s", correlation_id, error.reason)
        else:
            self._forget(correlation_id)
            self.announce_state()
            self.wake()  # for what waited behind it

    def _heads(self) -> tuple[OutboxEntry, ...]:
        try:
            return self._store.to_send(2 * MAX_IN_FLIGHT)
        except StoreFailed as error:
            log.warning("the outbox could not be read: %s", error.reason)
            return ()

    def _seconds_until_room(self) -> float:
        """0 when one more may leave; else until the one that has waited longest gives its place away."""
        now, patience = self._clock.monotonic(), self._policy.first_seconds
        while self._in_flight:
            first, (sent_at, _) = next(iter(self._in_flight.items()))
            if now - sent_at < patience:
                return sent_at + patience - now if len(self._in_flight) >= MAX_IN_FLIGHT else 0.0
            del self._in_flight[first]
        return 0.0

    async def _send(self, entry: OutboxEntry) -> float:
        correlation_id, now = entry.message.correlation_id, self._clock.monotonic()
        tries = self._tries[correlation_id] = self._tries.get(correlation_id, 0) + 1
        wait = self._policy.wait(tries)
        self._due[correlation_id] = now + wait
        self._in_flight.pop(correlation_id, None)  # its place is at the end
        self._in_flight[correlation_id] = (now, entry)
        asking = tries > 1 or entry.tries > 0  # it was not answered: perhaps the broker does not take it
        try:
            await self._channel.send(entry.message, asking=asking)
        except LinkDown as error:
            self._in_flight.pop(correlation_id, None)
            log.info("%s waits for the link: %s", correlation_id, error.reason)
            if isinstance(error, Forbidden):
                self._note_held(entry, error.reason)
        else:
            if asking and correlation_id not in self._held_by_platform:
                self._note_held(entry, "")
            if not self._not_noted:
                asyncio.get_running_loop().call_later(NOTE_SECONDS, self._note_sent)
            self._not_noted.append((correlation_id, self._clock.now()))
        return wait

    def _note_held(self, entry: OutboxEntry, reason: str) -> None:
        """Why the broker does not take a completion, for whoever looks; "" when it does."""
        if entry.reason == reason:
            return
        try:
            self._store.record_held(entry.message.correlation_id, reason)
        except StoreFailed as error:
            log.warning("why %s is held could not be noted: %s", entry.message.correlation_id, error.reason)
        else:
            self.announce_state()

    def _note_sent(self) -> None:
        sent, self._not_noted = self._not_noted, []
        try:
            if sent:
                self._store.record_sent(sent)
        except StoreFailed as error:
            log.warning("the sending of %s could not be noted: %s", ", ".join(each for each, _ in sent), error.reason)

    def _forget(self, correlation_id: str) -> None:
        self._tries.pop(correlation_id, None)
        self._due.pop(correlation_id, None)
        self._in_flight.pop(correlation_id, None)
        self._held_by_platform.discard(correlation_id)


def _announcement_of(answer: Answer, *, settled: bool) -> SwapAnswered:
    """How a completion ended, by its last answer or by what the store says."""
    reason = step_refused(answer.action, answer.reason) if isinstance(answer, Rejected) and not settled else ""
    return SwapAnswered(correlation_id=answer.correlation_id, settled=settled, reason=reason)
