"""A CompletionChannel for both dialects: what is completed now leaves in the configured one, what is stored in the one it was written in.

So a station may change its dialect while completions wait: none is lost, and none is rewritten (decision 16). Where the platform does not
speak the former dialect any more they are not answered and stay unsettled, to be seen. Raises what the channels raise.
"""

from collections.abc import Callable

from kiosk.domain.requests import CompletionRequest
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import CompletionChannel, OutgoingMessage
from kiosk.wire.actions import FIELD_COMPLETION


class EitherDialect:
    """Implements the port CompletionChannel. `spoken` is one of the two."""

    def __init__(self, spec: CompletionChannel, field: CompletionChannel, spoken: CompletionChannel) -> None:
        self._spec, self._field, self._spoken = spec, field, spoken

    @property
    def on_answer(self) -> Callable[[Answer], None]:
        """What is called with the answers of either dialect."""
        return self._spoken.on_answer

    @on_answer.setter
    def on_answer(self, listener: Callable[[Answer], None]) -> None:
        self._spec.on_answer = self._field.on_answer = listener

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        """In the configured dialect."""
        return self._spoken.message(swap, request)

    async def prepare(self, plan_id: str) -> None:
        """For what is completed now."""
        await self._spoken.prepare(plan_id)

    async def send(self, message: OutgoingMessage) -> None:
        """In the dialect that it was written in."""
        await (self._field if message.action == FIELD_COMPLETION else self._spec).send(message)
