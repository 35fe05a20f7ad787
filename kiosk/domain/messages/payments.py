"""The messages where a payment stops the swap."""

from collections.abc import Callable

from kiosk.domain import errors as e
from kiosk.domain.decimals import plain
from kiosk.domain.language import tr
from kiosk.domain.messages.message import Message, Remedy
from kiosk.domain.times import spell_day


def _price(error: e.PriceMissing) -> Message:
    return Message(
        what=tr("{kwh} kWh are missing and no price is known", kwh=plain(error.deficit_kwh)),
        why=tr("A swap is never free by mistake."),
        steps=(tr("Choose a battery with a smaller charge."), tr("Or keep the swap and call the supervisor.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.KEEP),
    )


def _currencies(error: e.CurrencyConflict) -> Message:
    return Message(
        what=tr("The plan names two currencies"),
        why=tr("It says {plan_currency}, its template {template_currency}.", **vars(error)),
        steps=(tr("Serve the next customer."), tr("Tell the supervisor: the plan must be corrected.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


def _renewal(_error: e.RenewalNeeded) -> Message:
    return Message(
        what=tr("No swaps are left in the plan"),
        why=tr("Single swaps have no price in this plan, so it must be renewed."),
        steps=(tr("Ask the customer to renew the plan."), tr("Then continue this swap.")),
        remedies=(Remedy.KEEP, Remedy.STOP_SWAP),
    )


def _used(error: e.PaymentUsed) -> Message:
    if error.here:
        return Message(
            what=tr("The receipt {receipt_id} is counted already", receipt_id=error.receipt_id),
            why=_counted_here(error),
            steps=(tr("Type the id of the next receipt."), tr("Or keep the swap until the rest is paid.")),
            remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
        )
    return Message(
        what=tr("The receipt {receipt_id} was used before", receipt_id=error.receipt_id),
        why=_paid_another(error),
        steps=(tr("Check the receipt id."), tr("Type the id of the new payment.")),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _counted_here(error: e.PaymentUsed) -> str:
    at = error.used_at
    if at is None:
        return tr("It was recorded for this swap. One receipt counts once.")
    return tr("It was recorded for this swap on {day}, {time}. One receipt counts once.", day=spell_day(at), time=f"{at:%H:%M}")


def _paid_another(error: e.PaymentUsed) -> str:
    at = error.used_at
    if at is None:
        return tr("It paid another swap. One receipt pays once.")
    return tr("It paid another swap on {day}, {time}. One receipt pays once.", day=spell_day(at), time=f"{at:%H:%M}")


def _too_small(error: e.PaymentTooSmall) -> Message:
    return Message(
        what=tr("{amount} {currency} are still missing", amount=f"{error.missing:f}", currency=error.currency),
        why=tr("The amount does not cover what the plan is short of."),
        steps=(tr("Check the amount on the receipt."), tr("Collect the rest, or choose a battery with a smaller charge.")),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _bad_payment(error: e.PaymentInvalid) -> Message:
    return Message(
        what=tr("This cannot be a payment"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Check the amount and the receipt id."),),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _unconfirmed(error: e.PaymentUnconfirmed) -> Message:
    return Message(
        what=tr("The receipt {receipt_id} is not confirmed yet", receipt_id=error.receipt_id),
        why=tr("The platform did not confirm it within {seconds} s.", seconds=f"{error.seconds:.0f}"),
        steps=(tr("Ask the customer whether the payment went through."), tr("Try again, or keep the swap: nothing is lost.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _refused_payment(error: e.PaymentRefused) -> Message:
    return Message(
        what=tr("The receipt {receipt_id} is not paid", receipt_id=error.receipt_id),
        why=tr("The platform says: {sentence}", sentence=_with_full_stop(error.reason)),
        steps=(tr("Check the receipt id with the customer."), tr("Type another id, or keep the swap until it is paid.")),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _with_full_stop(reason: str) -> str:
    """A reason in somebody else's words, as a sentence."""
    text = reason.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _unapplied(error: e.PaymentUnapplied) -> Message:
    return Message(
        what=tr("The money of the receipt {receipt_id} counts for no swap yet", receipt_id=error.receipt_id),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(
            tr("Tell the customer that the money has come and is not lost."),
            tr("Call the supervisor, or keep the swap until it is settled."),
        ),
        remedies=(Remedy.KEEP, Remedy.ANOTHER_RECEIPT),
    )


PAYMENT_MESSAGES: dict[type, Callable[..., Message]] = {
    e.PriceMissing: _price,
    e.CurrencyConflict: _currencies,
    e.RenewalNeeded: _renewal,
    e.PaymentUsed: _used,
    e.PaymentTooSmall: _too_small,
    e.PaymentInvalid: _bad_payment,
    e.PaymentUnconfirmed: _unconfirmed,
    e.PaymentRefused: _refused_payment,
    e.PaymentUnapplied: _unapplied,
}
