"""Swaps that are begun and not complete: each step is journalled; a swap is left, kept for later, and taken up again.

Whatever ends a page keeps what was read: `put_away` leaves a swap in which nothing was read, and keeps any other. A restart finds every
begun swap in `kept`.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from kiosk.domain.approval import Approval
from kiosk.domain.errors import LinkDown, NotFound, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Step, Swap, SwapRules, go_back, next_step, on_plan
from kiosk.shared.system import Clock
from kiosk.station.ports import CachedPlan, CompletionChannel, KeptSwap, PaymentChannel, Store
from kiosk.station.services.people import People
from kiosk.station.services.plans import Plans
from kiosk.station.services.step_times import StepTimes

MAX_PREPARED_PLANS = 32  # kept swaps whose payments are subscribed to from the start
READING_HOLDS = timedelta(hours=1)  # a new battery kept aside is not charged or used in that time


class BegunSwaps:
    """Runs on the I/O thread."""

    def __init__(
        self,
        *,
        plans: Plans,
        store: Store,
        clock: Clock,
        rules: SwapRules,
        channel: CompletionChannel,
        payments: PaymentChannel,
        people: People,
    ) -> None:
        self._plans, self._store, self._clock, self.rules, self.people = plans, store, clock, rules, people
        self._channel, self._payments, self._times = channel, payments, StepTimes(clock)

    def _prepare(self, swap: Swap) -> None:
        """Have the platform's answers subscribed while the batteries are read; failing costs a round trip later, no more."""

        async def subscribe() -> None:
            with suppress(LinkDown):
                await asyncio.gather(self._channel.prepare(swap.plan.id), self._payments.prepare(swap.plan.id))

        self._preparing = asyncio.get_running_loop().create_task(subscribe())

    async def listen_for_kept(self) -> None:
        """After a start: subscribe to the payments of the swaps that wait for one, before somebody resumes them. Raises StoreFailed."""
        for swap in [kept.swap for kept in self._store.kept_swaps() if next_step(kept.swap) is Step.PAYMENT][:MAX_PREPARED_PLANS]:
            with suppress(LinkDown):  # subscribed by itself as soon as there is a link
                await self._payments.prepare(swap.plan.id)

    async def back(self, swap: Swap) -> Swap | None:
        """One step earlier; before the customer the swap is over. Raises StepImpossible after a payment."""
        earlier = go_back(swap)
        if earlier is None:
            await self.leave(swap, "went back to the customer")
            return None
        return self.journal(earlier, "went back")

    async def leave(self, swap: Swap, reason: str) -> None:
        """End the swap without completing it, with a stated reason (decision 13). Raises StepImpossible after a payment."""
        if swap.payments:
            raise StepImpossible(tr("the payment is recorded: keep the swap for later"))
        self._store.leave_swap(swap.correlation_id, self._step(swap)[1], reason)

    async def keep(self, swap: Swap, reason: str = "") -> None:
        """Set the swap aside; it is offered again until it is completed or left. `reason` where it was not a person's wish."""
        swap, at = self._step(swap)
        self._store.save_swap(swap, at, "kept for later", detail=reason, set_aside=True)

    async def put_away(self, swap: Swap, reason: str) -> None:
        """The swap is not gone on with now, for this reason: it ends where nothing was read for it, else it is kept."""
        if swap.battery_ids or swap.payments:
            await self.keep(swap, reason)
        else:
            await self.leave(swap, reason)

    async def kept(self) -> tuple[KeptSwap, ...]:
        """Swaps begun and not completed, newest first: set aside, or cut off by a restart."""
        return self._store.kept_swaps()

    async def resume(self, correlation_id: str) -> Swap:
        """A kept swap, on its plan as it is now; what no longer holds is to be done again (`on_plan`). It stays kept where this fails.

        Raises NotSignedIn, NotFound, any CustomerError, CurrencyConflict.
        """
        self.people.acting()
        for kept in self._store.kept_swaps():
            if kept.swap.correlation_id == correlation_id:
                plan_id = kept.swap.plan.id
                return self._gone_on(kept, await self._plans.find(CustomerCode(text=plan_id, plan_id=plan_id)))
        raise NotFound("kept swap", correlation_id)

    def _gone_on(self, kept: KeptSwap, found: CachedPlan) -> Swap:
        """A new battery that was read long ago may hold anything by now: it is read again, unless it is paid for as it was shown."""
        swap = kept.swap
        if swap.payment is None and abs(self._clock.now() - kept.saved_at) > READING_HOLDS:
            swap = replace(swap, outgoing=None)
        swap = on_plan(swap, found.plan, found.as_of, self.rules, taken=self._store.held_batteries(except_plan=found.plan.id))
        self._prepare(swap)
        return self.journal(swap, "resumed")

    def journal(self, swap: Swap, what: str, detail: str = "", *, approval: Approval | None = None, **ids: str) -> Swap:
        """One step that somebody did, who is signed in, with its row in the record: `detail` is what was said; an `approval` names its
        supervisor among the `ids`. Raises NotSignedIn."""
        swap, at = self._step(self._attended(swap))
        if approval is not None:
            detail, ids = "; ".join(filter(None, (approval.words, detail))), {**ids, "supervisor": approval.supervisor}
        self._store.save_swap(swap, at, what, detail=detail, ids=ids)
        return swap

    def _attended(self, swap: Swap) -> Swap:
        """The swap of who works here now; that it was handed over is recorded. Raises NotSignedIn."""
        attendant_id = self.people.attendant_id
        if attendant_id == swap.attendant_id or not self.people.any_known:
            return swap
        self._store.audit(self._clock.now(), f"handed over to {attendant_id}", swap.correlation_id, swap.attendant_id)
        return replace(swap, attendant_id=attendant_id)

    def _step(self, swap: Swap) -> tuple[Swap, datetime]:
        """The time of a step that is made now; a wall clock that was set since the step before is noted in the swap and in the audit
        trail."""
        swap, at, moved = self._times.step(swap)
        if moved:
            self._store.audit(at, f"clock moved by {moved:+d} s", swap.correlation_id)
        return swap, at
