"""The use cases of one swap. Each takes a Swap and gives back a new one; each step is journalled before it is shown.

A step that cannot be raises a KioskError and the swap stays as it was. Nothing leaves the kiosk before `complete`, but for the
question whether a receipt is paid. `complete` stores the swap, its message and its audit entry in one transaction; sending and printing
come after and may fail and be repeated. A restart finds every begun swap in `kept`.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import BadInput, BatteryTaken, NotFound, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.people import Act, is_badge
from kiosk.domain.plan.quota import Credit, QuotaUpdate
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, CustomerCode
from kiosk.domain.swap.older_sequence import completion_requests, work_out
from kiosk.domain.swap.pending_swaps import credit_of, plan_after_swap, updates_of
from kiosk.domain.swap.swap import Swap, SwapRules, completion, start_swap, with_new, with_returned
from kiosk.shared.system import Clock
from kiosk.station.ports import BatteryScanner, CompletionChannel, PaymentChannel, ReadPhase, Store
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.people import People
from kiosk.station.services.plans import Plans
from kiosk.station.services.station import Station
from kiosk.station.services.swap_payments import SwapPayments
from kiosk.station.services.telemetry import Telemetry


class Swaps(SwapPayments):
    """Runs on the I/O thread. What is done here is done by who is signed in (`people`), who has to be where people are known."""

    def __init__(
        self,
        *,
        plans: Plans,
        scanner: BatteryScanner,
        store: Store,
        channel: CompletionChannel,
        payments: PaymentChannel,
        outbox: Outbox,
        clock: Clock,
        ids: Callable[[], str],
        station: Station,
        rules: SwapRules,
        confirm_seconds: float = 20.0,
        telemetry: Telemetry | None = None,
        people: People,
    ) -> None:
        super().__init__(
            plans=plans,
            store=store,
            clock=clock,
            rules=rules,
            channel=channel,
            payments=payments,
            station=station,
            confirm_seconds=confirm_seconds,
            people=people,
        )
        self._scanner, self._outbox, self._ids, self._telemetry = scanner, outbox, ids, telemetry

    # ------------------------------------------------------------ customer

    async def identify(self, code: CustomerCode) -> Swap:
        """A new swap for a customer's code, or the kept one where this customer has paid for it already: nobody is asked to pay twice.

        Raises NotSignedIn, any CustomerError, CurrencyConflict.
        """
        attendant_id = self.people.acting().id
        found = await self._plans.find(code)
        begun = [kept for kept in self._store.kept_swaps() if kept.swap.plan.id == found.plan.id]
        paid = next((kept for kept in begun if kept.swap.payments), None)
        if paid is not None:
            return self._gone_on(paid, found)
        for kept in begun:
            if not kept.set_aside:  # cut off; what a person has set aside stays
                self._store.leave_swap(kept.swap.correlation_id, self._clock.now(), "begun anew")
        swap = start_swap(
            found.plan,
            correlation_id=self._ids(),
            plan_as_of=found.as_of,
            now=self._clock.now(),
            attendant_id=attendant_id,
            station_id=self.station.id,
        )
        self.journal(swap, "identified")
        self._prepare(swap)
        return swap

    # ----------------------------------------------------------- batteries

    def read_seconds(self, swap: Swap) -> float:
        """The limit of one reading, connecting included (decision 11)."""
        return float(swap.plan.template.agent_config.electricity_tracking.soc_telemetry_timeout_seconds)

    async def read(
        self, swap: Swap, battery_id: str, on_phase: Callable[[ReadPhase], None], *, in_background: bool = False
    ) -> BatteryTelemetry:
        """One reading; reported to the platform whatever becomes of it here, one `in_background` only when it is used.

        Raises BatteryUnreachable, BatteryUnreadable; BadInput for a badge; ReadingGaveWay in the background.
        """
        if is_badge(battery_id):
            raise BadInput(tr("The code"), tr("is a badge, not a battery"))
        tracking = swap.plan.template.agent_config.electricity_tracking
        limit, kwh, needed = self.read_seconds(swap), tracking.default_battery_capacity_kwh, tracking.enabled
        with contextlib.nullcontext() if in_background else self.people.busy():
            reading = await self._scanner.read(battery_id, on_phase, limit, kwh, energy_needed=needed, in_background=in_background)
        if not in_background:
            self.report(swap, reading)
        return reading

    def report(self, swap: Swap, reading: BatteryTelemetry) -> None:
        """A reading is used for this swap: it goes to the platform."""
        if self._telemetry is not None:
            self._telemetry.note(reading, swap)

    async def taken(self, swap: Swap) -> frozenset[str]:
        """The batteries that other customers have."""
        return self._store.held_batteries(except_plan=swap.plan.id)

    async def known_ids(self, *, except_plan: str) -> frozenset[str]:
        """Ids of the batteries of other customers and of the last swaps: an advertised name, which may be cut short, is one of them."""
        swapped = {battery_id for each in self._store.history() for battery_id in each.swap.battery_ids}
        return self._store.held_batteries(except_plan=except_plan) | swapped

    async def record_set_aside(self, swap: Swap, battery_id: str, reasons: Sequence[str]) -> None:
        """A new battery that was chosen for this swap is not handed out, for these reasons: one entry in the audit trail."""
        what, detail = "new battery set aside for inspection", f"{battery_id}: {'; '.join(reasons)}"
        self._store.audit(self._clock.now(), what, swap.correlation_id, detail)

    async def accept_returned(self, swap: Swap, reading: BatteryTelemetry, inspection: str = "") -> Swap:
        """The returned battery; `inspection` says why an unfit one is set aside. Raises WrongBattery, BatteryDamaged, BatteryUnreadable,
        and ReturnedMore, which `accept_more` goes on from."""
        changed = with_returned(swap, reading, self.rules, inspection=inspection)
        return self.journal(changed, "returned for inspection" if inspection else "returned", inspection)

    async def accept_more(
        self, swap: Swap, reading: BatteryTelemetry, supervisor: str, reason: str, inspection: str = "", *, pin: str = ""
    ) -> Swap:
        """The same where it holds clearly more than it went out with and a supervisor, with the PIN where people are known, lets the swap
        go on, recorded with name and reason (decision 28). Raises as `People.approve`, and as `accept_returned`."""
        approval = await self.people.approve(supervisor, pin, reason, Act.RETURNED_MORE)
        changed = with_returned(swap, reading, self.rules, inspection=inspection, approval=approval)
        return self.journal(changed, "returned with more than it went out with", inspection, approval=approval)

    async def accept_new(self, swap: Swap, reading: BatteryTelemetry) -> Swap:
        """The battery to issue. Raises SameBattery, BatteryTaken, BatteryTooLow, BatteryDamaged, BatteryNotIssuable, BatteryUnreadable."""
        return self.journal(with_new(swap, reading, self.rules, taken=await self.taken(swap)), "new battery")

    # ---------------------------------------------------------- completion

    def updates(self, swap: Swap) -> tuple[QuotaUpdate, ...]:
        """Each quota before and after, for the review. Raises PriceMissing, RenewalNeeded."""
        return updates_of(swap, self.rules.collectable)

    def credit(self, swap: Swap) -> Credit:
        """What the payment bought."""
        return credit_of(swap, self.rules.collectable)

    def booked(self, swap: Swap) -> ServicePlan:
        """The plan after this swap, for receipt and review."""
        return plan_after_swap(swap.plan, swap, self.rules.collectable)

    def result(self, swap: Swap) -> dict[str, Any]:
        """The agent's response to this swap's completion, worked out here as the platform will: of one that is completed already, as it
        was sent. Raises StepImpossible."""
        at = swap.completed_at or self._times.at(swap)
        return work_out(completion(replace(swap, completed_at=None), at), swap.plan, self._context(at)).response()

    async def complete(self, swap: Swap) -> Swap:
        """The act that counts: a last look, one transaction, then the outbox takes over. Twice gives what is stored.

        Raises NotSignedIn, StepImpossible, BatteryTaken, StoreFailed; nothing is booked then.
        """
        self.people.acting()
        swap, now = self._step(self._attended(swap))
        stored = self._look_again(swap, completion(swap, now), now)
        if stored is None:
            stored = replace(swap, completed_at=now)
            self._store.complete(stored, *(self._channel.message(swap, each) for each in completion_requests(swap, now)))
        self._outbox.wake()
        self._outbox.announce_state()
        return stored

    def _look_again(self, swap: Swap, request: CompleteService, now: datetime) -> Swap | None:
        """Much may have happened since the batteries were read: this plan or this battery in another swap, kept or at the terminal.

        The swap as it is stored where it is complete already, as after a commit whose result did not arrive.
        """
        known = self._plans.known(swap.plan.id)
        if known is not None and known.current_asset != swap.plan.current_asset:
            stored = self._completed(swap)
            if stored is None:
                raise StepImpossible(tr("the customer has had another swap meanwhile. Begin it anew"))
            return stored
        if normalise_id(request.outgoing_battery_id) in self._store.held_batteries(except_plan=swap.plan.id):
            raise BatteryTaken(request.outgoing_battery_id)
        result = work_out(request, swap.plan, self._context(now))
        if result.metadata.get("passed") is False:
            raise StepImpossible(result.metadata["reason"])
        return None

    def _completed(self, swap: Swap) -> Swap | None:
        try:
            stored = self._store.completed_swap(swap.correlation_id).swap
        except NotFound:
            return None
        bare = replace(stored, completed_at=None, clock_moved=0, attendant_id=swap.attendant_id)
        return stored if bare == replace(swap, clock_moved=0) else None

    def _context(self, now: datetime) -> AgentContext:
        """Receipts were looked at when they were taken."""
        return AgentContext(now=now, limits=self.rules.limits, collectable=self.rules.collectable, receipt_known=True)
