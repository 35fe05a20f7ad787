"""One swap from the terminal: the kiosk is built, does one swap, waits for the platform's answer, and is stopped."""

import argparse
import asyncio
import contextlib
from decimal import Decimal
from typing import Any

from kiosk.bootstrap import build_kiosk
from kiosk.cli import DONE, FAILED, print_json, print_message
from kiosk.cli.acting import sign_in, supervisor_pin
from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.decimals import places_of
from kiosk.domain.errors import KioskError, PaymentRefused, PaymentUsed, ReturnedMore, StepImpossible
from kiosk.domain.language import ENGLISH, in_language, mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.messages.batteries import doubt_message
from kiosk.domain.money.amounts import asks_first, parse_amount
from kiosk.domain.money.cash import is_cash
from kiosk.domain.swap.swap import Step, Swap, next_step, receipt_in
from kiosk.domain.written import format_money
from kiosk.settings import load_settings
from kiosk.station.events import Event, SwapAnswered
from kiosk.station.ports import ReadPhase
from kiosk.station.services.doubtful_readings import approve_doubts, standing_doubts
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import parse_customer_code

ASK_SUPERVISOR = mark("A supervisor may let the swap go on: give --supervisor and --reason.")


class SwapRun:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.answered = asyncio.Event()
        self.answers: dict[str, SwapAnswered] = {}
        self._pin: str | None = None

    async def swap(self) -> int:
        kiosk = build_kiosk(load_settings(), self._note_answer)
        try:
            await sign_in(kiosk.people, self.options)
            await kiosk.start()
            await kiosk.link.wait_until_tried()
            return await self._complete_swap(kiosk)
        finally:
            await kiosk.stop()

    def _note_answer(self, event: Event) -> None:
        if isinstance(event, SwapAnswered):
            self.answers[event.correlation_id] = event
            self.answered.set()

    async def _complete_swap(self, kiosk: Kiosk) -> int:
        swap = await self._find_swap(kiosk)
        try:
            swap = await self._settle_doubts(kiosk, await self._read_batteries(kiosk, swap))
            done = await kiosk.swaps.complete(swap)
        except KioskError as error:
            await self._end_swap(kiosk, swap.correlation_id, error)
            raise
        answer = await self._wait_for_answer(done.correlation_id)
        self._print({**kiosk.swaps.result(done), "settled": answer is not None and answer.settled})
        if answer is None:
            print_message(tr("Not yet confirmed by the platform. The swap is safe on this kiosk and is sent again by itself."))
            if held := (await kiosk.outbox.entry(swap.correlation_id)).reason:
                print_message(tr("Reason: {reason}.", reason=held))
        elif not answer.settled:
            print_message(tr("The platform refused the swap: {reason}", reason=answer.reason))
        return DONE if answer is None or answer.settled else FAILED

    async def _settle_doubts(self, kiosk: Kiosk, swap: Swap) -> Swap:
        """Of readings that cannot be true beside the last ones known a supervisor lets the swap go on; where none is set up they are said.

        Raises NotApproved, and StepImpossible where nobody is named.
        """
        message = doubt_message(await standing_doubts(kiosk.telemetry, swap), None, paid=swap.payment is not None)
        for line in message.lines if message else ():
            print_message(tr("Doubtful: {sentence}", sentence=line))
        if message is None or not kiosk.swaps.supervisors:
            return swap
        if self.options.supervisor is None:
            print_message(tr(ASK_SUPERVISOR))
            raise StepImpossible(tr("one of the two readings is wrong"))
        return await approve_doubts(kiosk.swaps, swap, self.options.supervisor, self.options.reason, self._supervisor_pin(kiosk))

    async def _find_swap(self, kiosk: Kiosk) -> Swap:
        code = parse_customer_code(self.options.customer, typed=True, url_pattern=kiosk.code_in_url)
        for kept in await kiosk.swaps.kept():
            # a receipt pays one swap: one that waited for the platform's word is taken up again, not begun anew
            if kept.swap.plan.id == code.plan_id and receipt_in(kept.swap, self.options.payment_receipt_id or "") is not None:
                known = kept.swap.correlation_id
                print_message(tr("{correlation_id} was kept with this payment and goes on.", correlation_id=known))
                return await kiosk.swaps.resume(known)
        return await kiosk.swaps.identify(code)

    async def _read_batteries(self, kiosk: Kiosk, swap: Swap) -> Swap:
        """The swap at its review."""
        options = self.options
        if next_step(swap) is Step.RETURNED:
            if not options.returned:
                raise StepImpossible(tr("the battery {battery_id} must come back: give --returned", battery_id=swap.plan.current_asset))
            swap = await self._accept_returned(kiosk, swap, await kiosk.swaps.read(swap, options.returned, _print_phase))
        elif options.returned and swap.plan.first_visit:
            raise StepImpossible(tr("this is a first visit: there is no battery to return"))
        if swap.outgoing is None:
            swap = await kiosk.swaps.accept_new(swap, await kiosk.swaps.read(swap, options.outgoing, _print_phase))
        elif not swap.outgoing.battery_id.endswith(normalise_id(options.outgoing)):
            raise StepImpossible(
                tr("the swap was kept with the new battery {battery_id}: give that one", battery_id=swap.outgoing.battery_id)
            )
        return await self._settle_payment(kiosk, swap)

    async def _accept_returned(self, kiosk: Kiosk, swap: Swap, reading: BatteryTelemetry) -> Swap:
        try:
            return await kiosk.swaps.accept_returned(swap, reading)
        except ReturnedMore:
            if self.options.supervisor is None:
                print_message(tr(ASK_SUPERVISOR))
                raise
        pin = self._supervisor_pin(kiosk)
        return await kiosk.swaps.accept_more(swap, reading, self.options.supervisor, self.options.reason, pin=pin)

    def _supervisor_pin(self, kiosk: Kiosk) -> str:
        """Asked for once, also where two things are to be approved."""
        if self._pin is None:
            self._pin = supervisor_pin(kiosk.people, self.options)
        return self._pin

    async def _settle_payment(self, kiosk: Kiosk, swap: Swap) -> Swap:
        if next_step(swap) is Step.PAYMENT and not await kiosk.swaps.claim(swap):
            print_message(tr("The platform does not know yet that this counter began the swap."))
        if swap.payment is not None:
            return await self._confirm_payment(kiosk, swap)
        if self.options.payment_amount is not None:
            return await self._take_payment(kiosk, swap)
        if next_step(swap) is Step.PAYMENT:
            amount = format_money(kiosk.swaps.still_due(swap), swap.plan.billing_currency)
            raise StepImpossible(tr("the plan is short and {amount} must be paid: give --payment-amount and its receipt", amount=amount))
        return swap

    async def _take_payment(self, kiosk: Kiosk, swap: Swap) -> Swap:
        options, currency = self.options, swap.plan.billing_currency
        places = places_of(kiosk.swaps.rules.collectable.unit(currency))
        amount = parse_amount(options.payment_amount, places=places, currency=currency)
        if next_step(swap) is Step.PAYMENT and asks_first(amount, kiosk.swaps.still_due(swap)):
            print_message(tr("Doubtful: {amount} is more than twice what is due.", amount=format_money(amount, currency)))
        if is_cash(options.payment_method):
            return await self._take_cash(kiosk, swap, amount)
        swap = await kiosk.swaps.take_payment(swap, amount, options.payment_receipt_id, options.payment_method)
        return await self._confirm_payment(kiosk, swap)

    async def _take_cash(self, kiosk: Kiosk, swap: Swap, given: Decimal) -> Swap:
        swap = await kiosk.swaps.take_cash(swap, given, note=self.options.payment_receipt_id or "")
        paid = swap.payments[-1]
        print_message(tr("Cash receipt {number}: {amount}.", number=paid.receipt_id, amount=format_money(paid.amount, paid.currency)))
        if given > paid.amount:
            print_message(tr("Give back {amount}.", amount=format_money(given - paid.amount, paid.currency)))
        return await self._confirm_payment(kiosk, swap)

    async def _confirm_payment(self, kiosk: Kiosk, swap: Swap) -> Swap:
        if swap.paid:
            return swap
        try:
            return await kiosk.swaps.confirm_payment(swap)
        except (PaymentRefused, PaymentUsed) as refusal:
            await kiosk.swaps.drop_payment(swap, refusal)
            raise

    async def _end_swap(self, kiosk: Kiosk, correlation_id: str, error: KioskError) -> None:
        """End the begun swap; one with a payment is kept for the window to resume."""
        with contextlib.suppress(KioskError):  # the first error is the one to tell
            for kept in await kiosk.swaps.kept():
                if kept.swap.correlation_id == correlation_id and kept.swap.payments:
                    await kiosk.swaps.keep(kept.swap)
                elif kept.swap.correlation_id == correlation_id:
                    with in_language(ENGLISH):  # what is recorded is in English
                        reason = message_for(error).sentence
                    await kiosk.swaps.leave(kept.swap, reason)

    async def _wait_for_answer(self, correlation_id: str) -> SwapAnswered | None:
        try:
            async with asyncio.timeout(self.options.wait):
                while correlation_id not in self.answers:
                    self.answered.clear()
                    await self.answered.wait()
        except TimeoutError:
            return None
        return self.answers[correlation_id]

    def _print(self, result: dict[str, Any]) -> None:
        if self.options.json:
            print_json(result)
            return
        state = tr("settled") if result["settled"] else tr("not settled yet")
        print(f"{result['metadata']['transaction_id']}  {result['signals'][0]}  {state}")


def _print_phase(phase: ReadPhase) -> None:
    print_message(tr("{phase} ...", phase=phase.value))
