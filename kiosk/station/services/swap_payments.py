"""The payments of a swap: what is due, receipts that people show, cash that the kiosk numbers, what the platform announces by itself.

Each takes a Swap and gives back a new one, journalled before it is shown. A step that cannot be raises a KioskError, and the swap stays as
it was.
"""

from collections import deque
from decimal import Decimal

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import LinkDown, PartNeedsLink, PaymentInvalid, PaymentRefused, PaymentUsed, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.cash import CASH, is_cash, number_in, series_of
from kiosk.domain.money.money import TopUp, beyond, top_up
from kiosk.domain.money.payments import PaymentReceived, check_shown, normalise_receipt_id
from kiosk.domain.people import Act, is_badge
from kiosk.domain.plan.quota import Credit
from kiosk.domain.swap.swap import (
    Confirmation,
    Payment,
    Step,
    Swap,
    SwapRules,
    confirm_payment,
    in_parts,
    next_step,
    with_arrived,
    with_payment,
    without_payment,
)
from kiosk.shared.system import Clock
from kiosk.station.ports import CompletionChannel, PaymentChannel, Store
from kiosk.station.services.begun_swaps import BegunSwaps
from kiosk.station.services.payment_arrivals import Arrival, news_for, payments_of
from kiosk.station.services.people import People
from kiosk.station.services.plans import Plans
from kiosk.station.services.station import Station

CLAIM_SECONDS = 4.0
MAX_CLAIMED = 64  # more than swaps that are under way at once; claimed again it is the same


class SwapPayments(BegunSwaps):
    """The part of `Swaps` that is about money. Runs on the I/O thread."""

    def __init__(
        self,
        *,
        plans: Plans,
        store: Store,
        clock: Clock,
        rules: SwapRules,
        channel: CompletionChannel,
        payments: PaymentChannel,
        station: Station,
        confirm_seconds: float,
        people: People,
    ) -> None:
        super().__init__(plans=plans, store=store, clock=clock, rules=rules, channel=channel, payments=payments, people=people)
        self.station, self.confirm_seconds = station, confirm_seconds
        self._claimed: deque[str] = deque(maxlen=MAX_CLAIMED)

    @property
    def supervisors(self) -> tuple[str, ...]:
        """The ids of those who may approve here; where there are none nothing is offered that needs one."""
        return self.people.supervisors

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

    def needs_claim(self, swap: Swap) -> bool:
        """Whether `claim` comes before a reference to pay by is shown. For any thread."""
        return self._payments.claims and swap.correlation_id not in self._claimed

    async def claim(self, swap: Swap) -> bool:
        """Have the platform know that this station began the swap, before money is asked for it (decision 27). False where it cannot be
        asked now: the swap goes on, and money for its reference stays loose at the platform until it knows.

        Raises TransactionOwned, StationRefused; StoreFailed.
        """
        if not self.needs_claim(swap):
            return True
        try:
            await self._payments.claim(swap, CLAIM_SECONDS)
        except LinkDown as error:
            self._store.audit(self._clock.now(), "transaction not claimed", swap.correlation_id, error.reason)
            return False
        self._claimed.append(swap.correlation_id)
        self._store.audit(self._clock.now(), "transaction claimed", swap.correlation_id)
        return True

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
        return self.journal(with_payment(swap, payment, self.rules, part=part and self.takes_parts), "payment recorded", receipt=receipt_id)

    async def take_cash(self, swap: Swap, given: Decimal, *, note: str = "", part: bool = False) -> Swap:
        """Record cash that was handed over, with the station's next number as its receipt, used in the same transaction. The amount is
        what is still due at most: change is never part of it (decision 31); where nothing is due it is all. `note` is an id that somebody
        wrote.

        Raises NotSignedIn, PaymentTooSmall, PaymentInvalid, PriceMissing, RenewalNeeded, StoreFailed; nothing is recorded then.
        """
        self.people.acting()
        if is_badge(note):
            raise PaymentInvalid(tr("it is a badge, not a receipt"))
        swap = self._attended(swap)
        owed = swap.quota is not None and swap.quota.exhausted
        amount = min(given, self.still_due(swap)) if owed else given
        at, waits = self._times.at(swap), self._needs_word(swap, amount)

        def swap_with(number: str) -> Swap:
            payment = Payment(
                amount=amount,
                currency=swap.plan.billing_currency,
                receipt_id=number,
                method=CASH,
                recorded_at=at,
                confirmation=Confirmation.WAITING if waits else Confirmation.NOT_NEEDED,
            )
            return with_payment(swap, payment, self.rules, part=part and self.takes_parts)

        return self._store.save_cash(self.station.id, at, given, note, swap_with)

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
            raise PaymentInvalid(tr("it is a code of a customer, a battery or a swap"))

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
            with self.people.busy():
                await self._payments.confirm(swap, swap.payment, self.confirm_seconds)
        except LinkDown as error:
            raise (PartNeedsLink(error.reason) if self.in_parts(swap) else error) from error
        return self.journal(confirm_payment(swap, Confirmation.PLATFORM, self.rules), "payment confirmed", receipt=swap.payment.receipt_id)

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
        swap = self.journal(
            with_arrived(swap, counted, self.rules), "payment arrived", receipts=", ".join(each.receipt_id for each in counted)
        )
        return Arrival(swap=swap, counted=counted, foreign=foreign)

    async def drop_payment(self, swap: Swap, refusal: PaymentRefused | PaymentUsed) -> Swap:
        """The swap without the receipt that the platform refused. A number of ours that paid before means that older numbers are used
        again, as after a restore: cash receipts go on in a new series. Raises StepImpossible when it was confirmed."""
        payment = swap.payment
        dropped = self.journal(without_payment(swap), "payment refused", receipt=refusal.receipt_id)
        ours = payment is not None and is_cash(payment.method) and number_in(series_of(CASH, self.station.id), payment.receipt_id)
        if ours and isinstance(refusal, PaymentUsed):  # as after a restore of an older copy
            self._store.begin_cash_series(self.station.id, self._times.at(swap), f"the platform knows {refusal.receipt_id} already")
        return dropped

    async def override_payment(self, swap: Swap, supervisor: str, reason: str, pin: str = "") -> Swap:
        """A supervisor, with the PIN where people are known, vouches for the receipt; recorded with the name and the reason (decision 22).

        Raises as `People.approve`; StepImpossible for parts.
        """
        confirm_payment(swap, Confirmation.SUPERVISOR, self.rules, supervisor)  # nobody is asked for what cannot be
        approval = await self.people.approve(supervisor, pin, reason, Act.PAYMENT)
        vouched = confirm_payment(swap, Confirmation.SUPERVISOR, self.rules, approval.supervisor)
        return self.journal(vouched, "payment vouched for", approval=approval)
