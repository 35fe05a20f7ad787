"""Receipts of completed swaps: made from what is stored, so that every print can be made again.

A receipt that cannot be made, kept or printed never touches its swap. A plan whose template has receipts switched off gets none, no copy
either (decision 21).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import BadInput, CurrencyConflict, NotFound, StepImpossible, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.swap.pending_swaps import credit_of, plan_after_swap
from kiosk.domain.swap.receipt import BatteryLine, PaidLine, PaidPart, QuotaLine, Receipt
from kiosk.domain.swap.swap import Swap
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import Clock
from kiosk.station.events import Event, PrinterChanged
from kiosk.station.ports import CompletedSwap, OutboxState, ReceiptArchive, ReceiptMaker, Store
from kiosk.station.services.receipt_lines import ELECTRICITY, SWAP_COUNT, receipt_text
from kiosk.station.services.station import Station
from kiosk.wire.signed_receipts import ReceiptFacts, sign_receipt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedReceipt:
    """A receipt with its page."""

    receipt: Receipt
    pdf: bytes


class Receipts:
    """Runs on the I/O thread. `training` marks every receipt as none; times are of `zone`, None is the machine's own; `language` is the tag
    of the language that the program speaks; `signing_key` gives the station's key, None while it has none, and raises BadInput for a file
    that cannot be used."""

    def __init__(
        self,
        store: Store,
        maker: ReceiptMaker,
        archive: ReceiptArchive,
        clock: Clock,
        station: Station,
        collectable: Collectable,
        *,
        training: bool,
        zone: tzinfo | None = None,
        language: str = "en",
        signing_key: Callable[[], SigningKey | None] = lambda: None,
    ) -> None:
        self._store, self._maker, self._archive, self._clock = store, maker, archive, clock
        self._station, self._collectable, self._training = station, collectable, training
        self._zone, self._language, self._signing_key = zone, language, signing_key
        self._begun: dict[str, asyncio.Task[PrintedReceipt]] = {}

    def begin(self, swap: Swap) -> None:
        """Begin the receipt of a swap that was completed this moment; the next counted `make` of it gives that one, or its failure."""
        self._begun[swap.correlation_id] = asyncio.Task(
            self._made(CompletedSwap(swap=swap, state=OutboxState.UNSETTLED), counted=True),
            loop=asyncio.get_running_loop(),
            eager_start=True,
        )

    async def make(self, correlation_id: str, *, counted: bool = False) -> PrintedReceipt:
        """The receipt as it would be printed now, kept in the archive; `counted` makes it a numbered copy where one was printed before. One
        that was made and did not come out of the printer counts for nothing.

        Raises NotFound, StoreFailed; StepImpossible where the plan gets no receipts.
        """
        begun = self._begun.pop(correlation_id, None) if counted else None
        if begun is not None:
            return await begun
        return await self._made(self._store.completed_swap(correlation_id), counted=counted)

    async def make_copy(self, correlation_id: str) -> PrintedReceipt:
        """A numbered copy, never the original; `count_copy` is for when it was handed out. Raises as `make` does."""
        completed = self._store.completed_swap(correlation_id)
        return await self._made(replace(completed, prints=max(1, completed.prints)), counted=True)

    def count_copy(self, copy: Receipt, audit_entry: str) -> None:
        """A copy was handed out, by somebody who is named in the audit trail. Raises NotFound, StoreFailed."""
        while self._store.count_copy(copy.transaction_id, self._clock.now()) < copy.copy:
            pass  # it was never printed before: the original counts too
        self._store.audit(self._clock.now(), audit_entry, copy.transaction_id)

    def handle_event(self, event: Event) -> None:
        """A receipt that came out of the printer is counted. A store that fails now makes the next one another original: it is logged."""
        if isinstance(event, PrinterChanged) and event.available and event.correlation_id:
            try:
                self._store.count_copy(event.correlation_id, self._clock.now())
            except (NotFound, StoreFailed) as error:
                log.warning("the print of %s could not be counted: %s", event.correlation_id, error)

    async def _made(self, completed: CompletedSwap, *, counted: bool) -> PrintedReceipt:
        if not completed.swap.plan.makes_receipts:
            raise StepImpossible(tr("this plan gets no receipts"))
        copy = completed.prints if counted else completed.copies
        receipt = self.receipt(completed, copy)
        pdf = await self._maker.make(receipt_text(receipt, self._zone, self._language))
        name = f"{receipt.transaction_id}-copy-{receipt.copy}" if receipt.copy else receipt.transaction_id
        try:
            self._archive.keep(name, pdf)
        except StoreFailed as error:
            log.warning("the receipt %s could not be kept: %s", name, error.reason)
        return PrintedReceipt(receipt=receipt, pdf=pdf)

    def receipt(self, completed: CompletedSwap, copy: int = 0) -> Receipt:
        """The lines of a completed swap. Raises NotFound for a swap without a new battery, which none completed is."""
        swap = completed.swap
        if swap.outgoing is None or swap.completed_at is None:
            raise NotFound("completed swap", swap.correlation_id)
        return Receipt(
            transaction_id=swap.correlation_id,
            timestamp=swap.completed_at,
            station_id=swap.station_id,
            station_name=self._station.name,
            attendant_id=swap.attendant_id,
            customer_id=swap.plan.customer_id,
            plan_name=swap.plan.template.name,
            returned=_battery(swap.incoming) if swap.incoming else None,
            issued=_battery(swap.outgoing),
            net_kwh=swap.net_kwh,
            quotas=_quotas(swap, self._collectable),
            paid=_paid(swap, self._collectable),
            settled=completed.state is OutboxState.SETTLED,
            training=self._training,
            copy=copy,
            counted_kwh=swap.counted_kwh if swap.incoming and swap.counted_kwh != swap.incoming.kwh_remaining else None,
            approved=swap.more_approved.words if swap.more_approved else "",
            doubt_approved=swap.doubt_approved.words if swap.doubt_approved else "",
            proof="" if self._training else self._proof(swap),
        )

    def _proof(self, swap: Swap) -> str:
        """The signed code of a completed swap. One that cannot be signed has none: its receipt is printed all the same."""
        try:
            key = self._signing_key()
            return "" if key is None else sign_receipt(facts_of(swap), key).code
        except BadInput as error:
            log.warning("the receipt %s cannot be signed: %s %s", swap.correlation_id, error.where, error.reason)
            return ""


def facts_of(swap: Swap) -> ReceiptFacts:
    """What a receipt of a completed swap proves."""
    if swap.completed_at is None:
        raise NotFound("completed swap", swap.correlation_id)
    return ReceiptFacts.of_swap(
        transaction=swap.correlation_id,
        station=swap.station_id,
        at=swap.completed_at,
        net_kwh=swap.net_kwh,
        amount=swap.amount_paid if swap.payments else ZERO,
        currency=_currency(swap),
    )


def _currency(swap: Swap) -> str:
    if swap.payment is not None:
        return swap.payment.currency
    try:
        return swap.plan.billing_currency
    except CurrencyConflict:
        return ""


def _battery(reading: BatteryTelemetry) -> BatteryLine:
    return BatteryLine(battery_id=reading.battery_id, kwh=reading.kwh_remaining, read_at=reading.timestamp, estimated=reading.estimated)


def _quotas(swap: Swap, collectable: Collectable) -> tuple[QuotaLine, ...]:
    after = plan_after_swap(swap.plan, swap, collectable)
    return tuple(
        QuotaLine(name=name, remaining=state.remaining, quota=state.quota, unit=unit, unlimited=state.unlimited)
        for name, state, unit in ((SWAP_COUNT, after.swap_count, ""), (ELECTRICITY, after.electricity, "kWh"))
        if state is not None
    )


def _paid(swap: Swap, collectable: Collectable) -> PaidLine | None:
    payment, quota = swap.payment, swap.quota
    if payment is None or quota is None:
        return None
    receipts = swap.payments if swap.parts else ()  # each, where there are several
    paid = PaidLine(
        amount=swap.amount_paid,
        currency=payment.currency,
        receipt_id=payment.receipt_id,
        method=payment.method,
        parts=tuple(PaidPart(amount=each.amount, receipt_id=each.receipt_id, method=each.method) for each in receipts),
    )
    if not quota.exhausted:
        return paid
    due, credit = top_up(quota, swap.plan, collectable), credit_of(swap, collectable)
    return replace(
        paid,
        rate=due.price_kwh,
        bought_kwh=credit.kwh if due.price_kwh else None,
        swap_rate=due.price_swap,
        bought_swaps=credit.swaps if due.price_swap else None,
    )
