"""The use cases of one swap. Each takes a Swap and gives back a new one; each step is journalled before it is shown.

A step that cannot be raises a KioskError and the swap stays as it was. Nothing leaves the kiosk before `complete`, but for the
question whether a receipt is paid. `complete` stores the swap, its message and its audit entry in one transaction; sending and printing
come after and may fail and be repeated. A restart finds every begun swap in `kept`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import BatteryTaken, LinkDown, NotFound, PartNeedsLink, PaymentInvalid, PaymentRefused, PaymentUsed, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.money import TopUp, beyond, top_up
from kiosk.domain.money.payments import PaymentReceived, check_shown, normalise_receipt_id
from kiosk.domain.plan.quota import Credit, QuotaUpdate
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, CustomerCode
from kiosk.domain.swap.older_sequence import completion_requests, work_out
from kiosk.domain.swap.pending_swaps import credit_of, plan_after_swap, updates_of
from kiosk.domain.swap.swap import (
    Confirmation,
    Payment,
    Step,
    Swap,
    SwapRules,
    completion,
    confirm_payment,
    in_parts,
    next_step,
    start_swap,
    with_arrived,
    with_new,
    with_payment,
    with_returned,
    without_payment,
)
from kiosk.shared.system import Clock
from kiosk.station.ports import BatteryScanner, CompletionChannel, PaymentChannel, ReadPhase, Store
from kiosk.station.services.approvals import approvals
from kiosk.station.services.begun_swaps import BegunSwaps
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.payment_arrivals import Arrival, news_for, payments_of
from kiosk.station.services.plans import Plans
from kiosk.station.services.station import Station
from kiosk.station.services.telemetry import Telemetry


class Swaps(BegunSwaps):
    """Runs on the I/O thread. The station's attendant is the configured one; `supervisors` are the ids of who may approve."""

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
        supervisors: tuple[str, ...] = (),
    ) -> None:
        super().__init__(plans=plans, store=store, clock=clock, rules=rules, channel=channel, payments=payments)
        self._scanner, self._outbox, self._ids, self._telemetry = scanner, outbox, ids, telemetry
        self.station, self.confirm_seconds, self.supervisors = station, confirm_seconds, supervisors

    # ------------------------------------------------------------ customer

    async def identify(self, code: CustomerCode) -> Swap:
        """A new swap for a customer's code, or the kept one where this customer has paid for it already: nobody is asked to pay twice.

        Raises any CustomerError, CurrencyConflict.
        """
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
            attendant_id=self.station.attendant_id,
            station_id=self.station.id,
        )
        self._journal(swap, "identified")
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

        Raises BatteryUnreachable, BatteryUnreadable; ReadingGaveWay in the background.
        """
        tracking = swap.plan.template.agent_config.electricity_tracking
        limit, kwh, needed = self.read_seconds(swap), tracking.default_battery_capacity_kwh, tracking.enabled
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
        return self._journal(changed, "returned for inspection" if inspection else "returned", inspection)

    async def accept_more(self, swap: Swap, reading: BatteryTelemetry, supervisor: str, reason: str, inspection: str = "") -> Swap:
        """The same where it holds clearly more than it went out with and a supervisor lets the swap go on, recorded with name and reason
        (decision 28). Raises NotApproved, and as `accept_returned`."""
        approval = approvals(self.supervisors, supervisor, reason)
        changed = with_returned(swap, reading, self.rules, inspection=inspection, approval=approval)
        return self._journal(changed, "returned with more than it went out with", "; ".join(filter(None, (approval.words, inspection))))

    async def accept_new(self, swap: Swap, reading: BatteryTelemetry) -> Swap:
        """The battery to issue. Raises SameBattery, BatteryTaken, BatteryTooLow, BatteryDamaged, BatteryNotIssuable, BatteryUnreadable."""
        taken = self._store.held_batteries(except_plan=swap.plan.id)
        return self._journal(with_new(swap, reading, self.rules, taken=taken), "new battery")

    # ------------------------------------------------------------- payment

    def due(self, swap: Swap) -> TopUp:
        """What has to be paid and why. Raises StepImpossible, PriceMissing, RenewalNeeded, CurrencyConflict."""
        quota = swap.quota
        if quota is None or not quota.exhausted:
            raise StepImpossible(tr("nothing has to be paid"))
        return top_up(quota, swap.plan, self.rules.collectable)

    def still_due(self, swap: Swap) -> Decimal:
        """What has to be paid less what is recorded, never negative. Raises as `due`."""
        return max(ZERO, self.due(swap).cost - swap.amount_paid)

    def beyond(self, swap: Swap, amount: Decimal) -> Credit:
        """What `amount`, on top of what is recorded, buys beyond what is missing. Raises as `due`."""
        return beyond(self.due(swap), swap.amount_paid + amount, swap.plan.energy_precision)

    @property
    def takes_parts(self) -> bool:
        """Whether a receipt over less than is due may be recorded as a part: this platform confirms receipts before the swap."""
        return self._payments.takes_parts

    def in_parts(self, swap: Swap) -> bool:
        """Whether what is recorded is paid in parts, which count with the platform's word only. Raises PriceMissing, RenewalNeeded."""
        return in_parts(swap, self.rules)

    async def take_payment(self, swap: Swap, amount: Decimal, receipt_id: str, method: str, *, part: bool = False) -> Swap:
        """Record a receipt at once. It waits for the platform's word where the plan asks for it (decision 22), and where it is a part.

        `part` lets it be less than is still due, where the platform takes parts.
        Raises PaymentUsed, PaymentTooSmall, PaymentInvalid, PriceMissing, RenewalNeeded.
        """
        receipt_id = normalise_receipt_id(receipt_id)
        await self.check_unused(swap, receipt_id, method)
        payment = Payment(
            amount=amount,
            currency=swap.plan.billing_currency,
            receipt_id=receipt_id,
            method=method,
            recorded_at=self._times.at(swap),
            confirmation=Confirmation.WAITING if self._needs_word(swap, amount) else Confirmation.NOT_NEEDED,
        )
        return self._journal(with_payment(swap, payment, self.rules, part=part and self.takes_parts), "payment recorded", receipt_id)

    def check_shown(self, swap: Swap, receipt_id: str, method: str) -> None:
        """A receipt that a person shows, by its looks and beside this swap's own codes. For any thread. Raises PaymentInvalid."""
        patterns = (swap.plan.template.agent_config.payment.receipt_patterns, self.rules.receipt_patterns)
        check_shown(receipt_id, method, swap.plan, patterns, (*swap.battery_ids, swap.correlation_id))

    async def check_unused(self, swap: Swap, receipt_id: str, method: str) -> None:
        """The same, and beside all that this kiosk knows. Raises PaymentUsed, PaymentInvalid, StoreFailed."""
        self.check_shown(swap, receipt_id, method)
        used_at = self._store.payment_used_at(method, receipt_id, except_swap=swap.correlation_id)
        if used_at is not None:
            raise PaymentUsed(method, receipt_id, used_at)
        if self._store.knows_code(receipt_id):
            raise PaymentInvalid(tr("it is the code of a customer or a battery, not a receipt"))

    def _needs_word(self, swap: Swap, amount: Decimal) -> bool:
        """The platform adds the parts up as well, so each of them is sent there."""
        if swap.plan.needs_payment_confirmation or swap.parts:
            return True
        return swap.quota is not None and swap.quota.exhausted and amount < self.due(swap).cost

    async def confirm_payment(self, swap: Swap) -> Swap:
        """Wait for the platform's word on the recorded receipt. One that does not cover what is due is then a part (`Swap.parts`).

        Raises PaymentUnconfirmed, LinkDown (the swap keeps its payment and may wait), PaymentRefused, PaymentUsed (then `drop_payment`).
        """
        if swap.payment is None:
            raise StepImpossible(tr("no payment is recorded"))
        try:
            await self._payments.confirm(swap, swap.payment, self.confirm_seconds)
        except LinkDown as error:
            raise (PartNeedsLink(error.reason) if self.in_parts(swap) else error) from error
        return self._journal(confirm_payment(swap, Confirmation.PLATFORM, self.rules), "payment confirmed", swap.payment.receipt_id)

    async def arrived(self, swap: Swap) -> tuple[PaymentReceived, ...]:
        """Payments of this swap that the platform has announced by itself and that are not recorded; nothing while none is awaited."""
        if swap.payment is not None or next_step(swap) is not Step.PAYMENT:
            return ()
        return news_for(swap, self._payments.received_payments(swap.plan.id))

    async def take_arrived(self, swap: Swap) -> Arrival:
        """Record what has `arrived`; money in another currency than the plan's is given back and never counted.

        Raises PaymentUsed, StoreFailed, PriceMissing, RenewalNeeded, CurrencyConflict.
        """
        news = await self.arrived(swap)
        foreign = tuple(each for each in news if each.currency != swap.plan.billing_currency)
        counted = payments_of(swap, news, self._store, self._times.at(swap))
        if not counted:
            return Arrival(swap=swap, foreign=foreign)
        swap = self._journal(with_arrived(swap, counted, self.rules), "payment arrived", ", ".join(each.receipt_id for each in counted))
        return Arrival(swap=swap, counted=counted, foreign=foreign)

    async def drop_payment(self, swap: Swap, refusal: PaymentRefused | PaymentUsed) -> Swap:
        """The swap without the receipt that the platform refused. Raises StepImpossible when it was confirmed."""
        return self._journal(without_payment(swap), "payment refused", refusal.receipt_id)

    async def override_payment(self, swap: Swap, supervisor: str, reason: str) -> Swap:
        """A supervisor vouches for the receipt; recorded with the name and the reason (decision 22). Raises NotApproved; StepImpossible
        for parts."""
        approval = approvals(self.supervisors, supervisor, reason)
        vouched = confirm_payment(swap, Confirmation.SUPERVISOR, self.rules, approval.supervisor)
        return self._journal(vouched, "payment vouched for", approval.words)

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

        Raises StepImpossible, BatteryTaken, StoreFailed; nothing is booked then.
        """
        swap, now = self._step(swap)
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
                raise StepImpossible(tr("the customer has had another swap since this one began; begin it anew"))
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
        return stored if replace(stored, completed_at=None, clock_moved=0) == replace(swap, clock_moved=0) else None

    def _context(self, now: datetime) -> AgentContext:
        """Receipts were looked at when they were taken."""
        return AgentContext(now=now, limits=self.rules.limits, collectable=self.rules.collectable, receipt_known=True)
