"""What was completed here: `History`, and `OpenCompletions`, which a person may have to look at, with what a person may do about it
(decision 20). Each call raises StoreFailed.

Works on the store alone, so that the terminal may use it beside a running window. At the counter `Outbox` does the same and sends.
"""

from dataclasses import dataclass

from kiosk.domain.approval import MAX_REASON_LENGTH
from kiosk.domain.display import MAX_NOTE, cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.people import Act, is_badge
from kiosk.domain.swap.swap import Swap
from kiosk.shared.system import Clock
from kiosk.station.ports import CompletedSwap, OutboxEntry, OutboxState, OutgoingMessage, Store
from kiosk.station.services.people import People


class History:
    """Runs on the I/O thread. Coroutines, so that a page may give them to the bridge as they are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def completed(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """The last completed swaps, newest first."""
        return self._store.history(limit)

    async def last(self) -> CompletedSwap | None:
        """The swap that was completed last, None before the first."""
        return next(iter(self._store.history(1)), None)

    async def find(self, correlation_id: str) -> CompletedSwap:
        """One completed swap. Raises NotFound."""
        return self._store.completed_swap(correlation_id)

    async def pending(self, plan_id: str) -> tuple[Swap, ...]:
        """Swaps of a plan that are completed and not confirmed, oldest first (decision 19)."""
        return self._store.pending_completions(plan_id)

    async def reading_seconds(self, swaps: int) -> tuple[float, ...]:
        """How long the readings of the last so many swaps took, the oldest first; what a progress bar expects of the next one."""
        return tuple(
            reading.seconds
            for each in reversed(self._store.history(swaps))
            for reading in (each.swap.incoming, each.swap.outgoing)
            if reading is not None and reading.seconds is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCompletion:
    """A completion that is not confirmed, with its swap."""

    entry: OutboxEntry
    swap: Swap

    @property
    def refused(self) -> bool:
        """Whether a person has to settle it; else it is sent again by itself."""
        return self.entry.state is OutboxState.REFUSED


class OpenCompletions:
    """Runs on the I/O thread, or in a command at the terminal. `people` are asked who may, where any are known."""

    def __init__(self, store: Store, clock: Clock, people: People | None = None) -> None:
        self._store, self._clock, self._people = store, clock, people

    async def entries(self) -> tuple[OutboxEntry, ...]:
        """The refused, then what waits, each oldest first."""
        return (*self._store.refused(), *self._store.unsettled())

    async def with_swaps(self, limit: int) -> tuple[OpenCompletion, ...]:
        """The first entries, each with its swap."""
        return tuple(
            OpenCompletion(entry=each, swap=self._store.completed_swap(each.message.correlation_id).swap)
            for each in (await self.entries())[:limit]
        )

    async def entry(self, correlation_id: str) -> OutboxEntry:
        """One completion, in whatever state. Raises NotFound."""
        return self._store.outbox_entry(correlation_id)

    async def messages(self, correlation_id: str) -> tuple[OutgoingMessage, ...]:
        """Everything that is sent for one completion, byte for byte."""
        return self._store.outbox_messages(correlation_id)

    async def retry(self, correlation_id: str, who: str = "") -> None:
        """A refused completion waits to be sent again, as it is; one in another state stays as it is. Raises NotSignedIn, NotFound."""
        if self._people is not None:
            self._people.acting()
        if self._store.outbox_entry(correlation_id).state is OutboxState.REFUSED:
            self._store.retry(correlation_id, self._clock.now(), who)

    async def resolve(self, correlation_id: str, note: str, supervisor: str = "", pin: str = "", *, who: str = "") -> None:
        """A person has settled a refused completion and says how; a supervisor with the PIN, where people are known.

        Raises as `People.approve`, BadInput for a note that holds a badge, NotFound.
        """
        if is_badge(note):
            raise BadInput(tr("The note"), tr("holds a badge"))
        if self._people is not None and self._people.any_known:
            self._store.outbox_entry(correlation_id)  # nobody is asked for what is not there
            await self._people.approve(supervisor, pin, cleaned(note, MAX_REASON_LENGTH), Act.RESOLVE)
        self._store.resolve(correlation_id, cleaned(note, MAX_NOTE), self._clock.now(), supervisor or who)
