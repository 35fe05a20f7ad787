"""The messages where the customer, the plan, a payment, the platform or the station itself stops the swap."""

from dataclasses import replace

from kiosk.domain import errors as e
from kiosk.domain.keyboard import KeyboardState
from kiosk.domain.language import mark, tr
from kiosk.domain.messages.message import Message, Messages, Remedy, said
from kiosk.domain.panel import MIN_MM
from kiosk.domain.requests import EquipmentCheckin, EquipmentCheckout, ProcessPayment, ReportAttendantActivity
from kiosk.domain.times import spell_age, spell_day
from kiosk.domain.written import format_money, write_kwh

_STATES = {  # by `PlanBlocked.state`
    "BATTERY_LOST": mark("The battery of this plan is recorded as lost."),
    "COMPLETE": mark("The plan has ended."),
    "payment FINAL_DUE": mark("The final payment is due."),
    "payment COMPLETE": mark("The plan is paid off and has ended."),
    "DEPOSIT_DUE": mark("The deposit is not paid yet."),
    "INITIAL": mark("The contract is not signed and paid yet."),
}
_OTHER_STATE = mark("Its state is {state}.")


def _too_old(error: e.PlanTooOld) -> Message:
    return Message(
        what=tr("The plan was last checked {age} ago", age=spell_age(error.age)),
        why=tr("{age} is the limit while offline.", age=spell_age(error.limit)),
        steps=(tr("Wait for the link and try again."), tr("Is it urgent? Call the supervisor.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER),
    )


def _blocked(error: e.PlanBlocked) -> Message:
    return Message(
        what=tr("This plan needs a payment first") if error.pay_first else tr("This plan may not swap"),
        why=tr(_STATES.get(error.state, _OTHER_STATE), state=error.state),
        steps=(tr("Tell the customer the reason."), tr("Call the supervisor to correct the plan.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.TRY_AGAIN),
    )


def _invalid_plan(error: e.PlanInvalid) -> Message:
    return Message(
        what=tr("The plan cannot be used"),
        why=tr("Its entry {entry}: {reason}.", entry=error.where, reason=error.reason),
        why_on_pages=tr("The platform sent it with a mistake."),
        steps=(tr("Serve the next customer."), tr("Tell the supervisor the code of this customer.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.TRY_AGAIN),
    )


def _price(error: e.PriceMissing) -> Message:
    return Message(
        what=tr("{kwh} kWh are missing and no price is known", kwh=write_kwh(error.deficit_kwh)),
        why=tr("A swap is never free by mistake."),
        steps=(tr("Choose a battery with a smaller charge."), tr("Or keep the swap and call the supervisor.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.KEEP),
    )


_COUNTED_HERE = Message(
    what=mark("The receipt {receipt_id} is counted already"),
    why=mark("It was recorded for this swap. One receipt counts once."),
    steps=(mark("Type the id of the next receipt."), mark("Or keep the swap until the rest is paid.")),
    remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
)
_PAID_ANOTHER = Message(
    what=mark("The receipt {receipt_id} was used before"),
    why=mark("It paid another swap. One receipt pays once."),
    steps=(mark("Check the receipt id."), mark("Type the id of the new payment.")),
    remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
)
_COUNTED_HERE_ON = mark("It was recorded for this swap on {day}, {time}. One receipt counts once.")
_PAID_ANOTHER_ON = mark("It paid another swap on {day}, {time}. One receipt pays once.")


def _unusable_data(error: e.DataUnusable) -> Message:
    return Message(
        what=tr("The kiosk cannot open its data"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(error.repair or tr("Call the technician."), tr("Then try again.")),
        remedies=(Remedy.TRY_AGAIN,),
    )


def _panel_too_small(error: e.PanelTooSmall) -> Message:
    (wide, high), inches = MIN_MM, "10.1"
    return Message(
        what=tr("This screen is too small"),
        why=tr("It is {panel}. The keys need {wide} x {high} mm.", panel=error.panel, wide=wide, high=high),
        steps=(
            tr("Is it larger? Set {key}.", key="[ui] diagonal_inches"),
            tr("Else connect a screen of {inches} inch or more.", inches=inches),
        ),
        remedies=(Remedy.TRY_AGAIN,),
    )


def _unprinted(error: e.PrinterUnavailable) -> Message:
    return Message(
        what=tr("The receipt is not printed"),
        why=tr("Reason: {reason}. The swap stands and the receipt waits.", reason=error.reason),
        steps=(error.repair or tr("Repair the printer."), tr("Print again.")),
        remedies=(Remedy.PRINT_AGAIN, Remedy.NEXT_CUSTOMER),
    )


def _used(error: e.PaymentUsed) -> Message:
    message, at = _COUNTED_HERE if error.here else _PAID_ANOTHER, error.used_at
    if at is None:
        return said(message, receipt_id=error.receipt_id)
    return said(
        replace(message, why=_COUNTED_HERE_ON if error.here else _PAID_ANOTHER_ON),
        receipt_id=error.receipt_id,
        day=spell_day(at),
        time=f"{at:%H:%M}",
    )


def _too_small(error: e.PaymentTooSmall) -> Message:
    return Message(
        what=tr("{amount} are still missing", amount=format_money(error.missing, error.currency)),
        why=tr("The amount does not cover what the plan is short of."),
        steps=(tr("Check the amount on the receipt."), tr("Collect the rest, or choose a battery with a smaller charge.")),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _refused_payment(error: e.PaymentRefused) -> Message:
    reason = error.reason.strip()
    sentence = reason if reason.endswith((".", "!", "?")) else f"{reason}."
    return Message(
        what=tr("The receipt {receipt_id} is not paid", receipt_id=error.receipt_id),
        why=tr("The platform says: {sentence}", sentence=sentence),
        steps=(tr("Check the receipt id with the customer."), tr("Type another id, or keep the swap until it is paid.")),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


_NOT_FOUND = {  # by `NotFound.what`
    "battery": mark("No battery that was ever bound has the id {key}"),
    "cached plan": mark("No cached plan has the id {key}"),
    "conflict of bindings": mark("No conflict of bindings has the number {key}"),
    "completed swap": mark("No completed swap has the id {key}"),
    "completion": mark("No completion has the id {key}"),
    "customer": mark("Nothing is kept of a customer with the id {key}"),
    "document of the platform": mark("No document of the platform has the id {key}"),
    "kept swap": mark("No kept swap has the id {key}"),
    "plan": mark("No plan has the id {key}"),
    "request that is held back": mark("No request that is held back has the id {key}"),
    "station": mark("No station has the id {key}"),
    "transaction of a station": mark("No station has begun {key}"),
    "refused completion": mark("No refused completion has the id {key}"),
    "scenario": mark("No scenario has the id {key}"),
    "secret of the battery": mark("No secret is kept for the battery {key}"),
    "simulated battery": mark("No simulated battery has the id {key}"),
    "swap in progress": mark("No swap in progress has the id {key}"),
    "template": mark("No template has the id {key}"),
}
_OTHER_NOT_FOUND = mark("No {what} has the id {key}")


def _not_found(error: e.NotFound) -> Message:
    return Message(
        what=tr(_NOT_FOUND.get(error.what, _OTHER_NOT_FOUND), what=error.what, key=error.key), why="", steps=(tr("Check the id."),)
    )


def _bad_code(error: e.BadCustomerCode) -> Message:
    steps = _keyboard_steps(error.keyboard) or (tr("Scan it again."),)
    return Message(
        what=tr("The card cannot be read"),
        why=error.keyboard.sentence or tr("Reason: {reason}.", reason=error.reason),
        steps=(*steps, tr("Does it still not scan? Type the code.")),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _unknown_customer(error: e.CustomerUnknown) -> Message:
    steps = _keyboard_steps(error.keyboard) or (tr("Scan the card again."),)
    return Message(
        what=tr("No plan has the code {code}", code=error.code),
        why=error.keyboard.sentence or tr("The card may be old, or a character was misread."),
        steps=(*steps, tr("Does it still fail? Type the code on the card.")),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _keyboard_steps(keyboard: KeyboardState) -> tuple[str, ...]:
    """What puts the keyboard right; nothing where it is."""
    if keyboard.layout:
        return (tr("Type the code now."), tr("A technician sets keyboard and scanner to one language."))
    return (tr("Press Caps Lock once, then scan again."),) if keyboard.caps_lock else ()


def _bad_input(error: e.BadInput) -> Message:
    return Message(
        what=tr("{place} cannot be used", place=error.where),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Correct it and try again."),),
    )


_BEHIND_THE_LINE = mark("Touch the status line above for the reason.")

REFUSALS: Messages = {
    e.BadCustomerCode: _bad_code,
    e.CustomerUnknown: _unknown_customer,
    e.PlanUnavailable: Message(
        what=mark("The platform does not answer"),
        why=mark("The plan {code} is not kept on this kiosk."),
        steps=(mark("Wait a moment, then try again."), mark("Is the kiosk still offline? Serve the next customer.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER),
    ),
    e.PlanTooOld: _too_old,
    e.PlanBlocked: _blocked,
    e.PlanInvalid: _invalid_plan,
    e.LinkDown: Message(
        what=mark("The platform cannot be reached"),
        why=mark("Reason: {reason}."),
        why_on_pages=_BEHIND_THE_LINE,
        steps=(mark("Wait a moment, then try again."),),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    ),
    e.Forbidden: Message(
        what=mark("The platform forbids what this kiosk needs"),
        why=mark("Reason: {reason}."),
        why_on_pages=_BEHIND_THE_LINE,
        steps=(mark("Tell the technician: the broker's access list must allow it."),),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    ),
    e.PartNeedsLink: Message(
        what=mark("A part payment needs the link to the platform"),
        why=mark("It cannot be reached now. Reason: {reason}."),
        why_on_pages=mark("It cannot be reached now."),
        steps=(mark("Wait for the link: the swap goes on by itself."), mark("Or keep the swap: nothing is lost.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    ),
    e.TemplateInactive: Message(
        what=mark("The template {template_id} takes no new plans and no changes"),
        why=mark("Its status is {status}."),
        steps=(mark("Choose an active template."), mark("Plans that run on this one go on unchanged.")),
    ),
    e.RefinementRefused: Message(
        what=mark("The version {version} of {template_id} would break running contracts"),
        why=mark("Reasons: {reasons}."),
        steps=(mark("Keep what running plans rely on."), mark("Or make a new template beside this one.")),
    ),
    e.PriceMissing: _price,
    e.CurrencyConflict: Message(
        what=mark("The plan names two currencies"),
        why=mark("It names {plan_currency} and {template_currency}."),
        steps=(mark("Serve the next customer."), mark("Tell the supervisor: the plan must be corrected.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.TRY_AGAIN),
    ),
    e.RenewalNeeded: Message(
        what=mark("No swaps are left in the plan"),
        why=mark("Single swaps have no price in this plan. It must be renewed."),
        steps=(mark("Ask the customer to renew the plan."), mark("Then continue this swap.")),
        remedies=(Remedy.KEEP, Remedy.STOP_SWAP),
    ),
    e.PaymentUsed: _used,
    e.PaymentTooSmall: _too_small,
    e.PaymentInvalid: Message(
        what=mark("This cannot be a payment"),
        why=mark("Reason: {reason}."),
        steps=(mark("Check the amount and the receipt id."),),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    ),
    e.PaymentUnconfirmed: Message(
        what=mark("The receipt {receipt_id} is not confirmed yet"),
        why=mark("The platform did not confirm it within {seconds} s."),
        steps=(mark("Ask the customer whether the payment went through."), mark("Try again, or keep the swap: nothing is lost.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    ),
    e.PaymentRefused: _refused_payment,
    e.TransactionOwned: Message(
        what=mark("Another counter began this swap"),
        why=mark("The platform says: {reason}."),
        why_on_pages=mark("That counter takes the money and completes it."),
        steps=(mark("Take no money here for this swap."), mark("Begin it anew, or call the supervisor.")),
        remedies=(Remedy.KEEP, Remedy.STOP_SWAP),
    ),
    e.StationRefused: Message(
        what=mark("The platform does not accept this counter"),
        why=mark("Reason: {reason}."),
        why_on_pages=mark("Touch the status line above for the reason."),
        steps=(mark("Take no money here for this swap."), mark("Call the technician.")),
        remedies=(Remedy.KEEP, Remedy.STOP_SWAP),
    ),
    e.PaymentUnapplied: Message(
        what=mark("The money of the receipt {receipt_id} counts for no swap yet"),
        why=mark("Reason: {reason}."),
        steps=(
            mark("Tell the customer that the money has come and is not lost."),
            mark("Call the supervisor, or keep the swap until it is clear."),
        ),
        remedies=(Remedy.KEEP, Remedy.ANOTHER_RECEIPT),
    ),
    e.NotApproved: Message(
        what=mark("This is not approved"),
        why=mark("Reason: {reason}."),
        steps=(mark("Type the id of a supervisor of this station, and a reason."),),
    ),
    e.KioskError: Message(
        what=mark("This step did not work"), why=mark("Reason: {reason}."), remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER)
    ),
    e.StoreFailed: Message(
        what=mark("The swap could not be stored"),
        why=mark("Reason: {reason}. Nothing is recorded."),
        steps=(mark("Do not hand over the battery."), mark("Try again."), mark("Does it fail again? Call the supervisor.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    ),
    e.DataUnusable: _unusable_data,
    e.PanelTooSmall: _panel_too_small,
    e.StoreInUse: Message(
        what=mark("The kiosk is already running"),
        why=mark("Another window works on the data in {folder}."),
        why_on_pages=mark("Another window works on the same data."),
        steps=(mark("Use that window, or close it first."),),
    ),
    e.PrinterUnavailable: _unprinted,
    e.PrinterMissing: Message(
        what=mark("No printer is set up here"),
        why=mark("The swap stands, and its receipt can be printed later."),
        steps=(mark("Show the customer the receipt on the screen."), mark("Tell the technician that a printer is wanted.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.PRINT_AGAIN),
    ),
    e.StepImpossible: Message(
        what=mark("Another step comes first"), why=mark("Reason: {reason}."), steps=(mark("Go on with the step on the screen."),)
    ),
    e.NotFound: _not_found,
    e.BadInput: _bad_input,
}

_REFUSED_STEPS = {
    EquipmentCheckin.action: mark("{reason} (at taking back the returned battery)"),
    ProcessPayment.action: mark("{reason} (at recording the payment)"),
    EquipmentCheckout.action: mark("{reason} (at issuing the new battery)"),
    ReportAttendantActivity.action: mark("{reason} (at reporting the swap)"),
}


def step_refused(action: str, reason: str) -> str:
    """Why a completion was refused, as a phrase: where it was done in steps (decision 21), also at which of them it stopped."""
    sentence = _REFUSED_STEPS.get(action)
    return reason if sentence is None else tr(sentence, reason=reason.rstrip("."))
