"""Every sentence shown for an error: what happened, why, and what to do next. One table, for the window, the terminal and the wire.

To the attendant, in the present, polite, no codes (interface, "Words"). `message_for` knows every KioskError; a test by reflection
says so. `remedies` are the buttons that the window offers; what they do is the window's business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from kiosk.domain import errors as e
from kiosk.domain.decimals import plain
from kiosk.domain.language import mark, tr
from kiosk.domain.requests import EquipmentCheckin, EquipmentCheckout, ProcessPayment, ReportAttendantActivity


class Remedy(Enum):
    """What the attendant can do about a refusal; each is a button."""

    SCAN_AGAIN = auto()
    TYPE_CODE = auto()
    TRY_AGAIN = auto()
    NEXT_CUSTOMER = auto()
    CALL_SUPERVISOR = auto()
    READ_AGAIN = auto()
    CHOOSE_ANOTHER = auto()
    STOP_SWAP = auto()
    RECORD_INSPECTION = auto()
    ANOTHER_RECEIPT = auto()
    KEEP = auto()
    PRINT_AGAIN = auto()

    @property
    def words(self) -> str:
        """The words on the button, in the language of now."""
        return tr(_BUTTONS[self])


_BUTTONS = {
    Remedy.SCAN_AGAIN: mark("Scan again"),
    Remedy.TYPE_CODE: mark("Type the code"),
    Remedy.TRY_AGAIN: mark("Try again"),
    Remedy.NEXT_CUSTOMER: mark("Next customer"),
    Remedy.CALL_SUPERVISOR: mark("Call supervisor"),
    Remedy.READ_AGAIN: mark("Read again"),
    Remedy.CHOOSE_ANOTHER: mark("Choose another"),
    Remedy.STOP_SWAP: mark("Stop this swap"),
    Remedy.RECORD_INSPECTION: mark("Record for inspection"),
    Remedy.ANOTHER_RECEIPT: mark("Type another id"),
    Remedy.KEEP: mark("Keep for later"),
    Remedy.PRINT_AGAIN: mark("Print again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`what` is the headline, `why` one or two sentences, `steps` what to do in order, `remedies` the buttons, the likeliest first."""

    what: str
    why: str
    steps: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def sentence(self) -> str:
        """What and why in one line, for the terminal and the wire."""
        return f"{self.what}. {self.why}" if self.why else f"{self.what}."


def spell_age(age: timedelta) -> str:
    """An age in the largest unit that says enough: 40 s, 12 min, 26 h, 3 days."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 3 * 86400 else f"{seconds // 86400} days"


def message_for(error: e.KioskError) -> Message:
    """The message for an error of the tree; the nearest ancestor's where a new child has none of its own yet."""
    for kind in type(error).__mro__:
        if kind in _MESSAGES:
            return _MESSAGES[kind](error)
    raise TypeError(f"{type(error).__name__} is no KioskError")


def _bad_code(error: e.BadCustomerCode) -> Message:
    return Message(
        what="This code cannot be a customer's",
        why=f"Reason: {error.reason}.",
        steps=("Scan the code on the customer's card or phone.", "Does it still not scan? Type the code."),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _unknown(error: e.CustomerUnknown) -> Message:
    return Message(
        what=f"No plan has the code {error.code}",
        why="The card may be old, or a character was misread.",
        steps=("Scan the card again.", "Does it still fail? Type the code on the card."),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _unavailable(error: e.PlanUnavailable) -> Message:
    return Message(
        what="The platform does not answer",
        why=f"The plan {error.code} is not known on this kiosk, so it cannot be served offline.",
        steps=("Wait a moment, then try again.", "Is the kiosk still offline? Serve the next customer."),
        remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER),
    )


def _too_old(error: e.PlanTooOld) -> Message:
    return Message(
        what=f"The plan was last checked {spell_age(error.age)} ago",
        why=f"{spell_age(error.limit)} is the limit while offline.",
        steps=("Wait for the link and try again.", "Is it urgent? Call the supervisor."),
        remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER),
    )


_STATES = {
    "BATTERY_LOST": "The battery of this plan is recorded as lost.",
    "COMPLETE": "The plan has ended.",
    "payment FINAL_DUE": "The final payment is due.",
    "payment COMPLETE": "The plan is paid off and has ended.",
    "DEPOSIT_DUE": "The deposit is not paid yet.",
    "INITIAL": "The contract is not signed and paid yet.",
}


def _blocked(error: e.PlanBlocked) -> Message:
    what = "This plan needs a payment first" if error.pay_first else "This plan may not swap"
    return Message(
        what=what,
        why=_STATES.get(error.state, f"Its state is {error.state}."),
        steps=("Tell the customer the reason.", "Call the supervisor to mend the plan."),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


def _invalid_plan(error: e.PlanInvalid) -> Message:
    return Message(
        what="The plan cannot be used",
        why=f"Its entry {error.where}: {error.reason}.",
        steps=("Serve the next customer.", "Tell the supervisor the entry and the reason."),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


ADAPTER_MENDS = {
    "no Bluetooth adapter is plugged in": "Plug the Bluetooth adapter in.",
    "the Bluetooth adapter cannot read batteries": "Use another Bluetooth adapter, of version 4.0 or later.",
    "the Bluetooth adapter is stuck": "Unplug the Bluetooth adapter, count to five, plug it in again.",
    "Bluetooth is switched off": "Switch Bluetooth on.",
    "this program may not use Bluetooth": "Call the supervisor: the kiosk's user needs the right to use Bluetooth.",
    "no Bluetooth service is running": "Restart this computer; if that does not help, call the supervisor.",
    "the Bluetooth service does not answer": "Restart this computer; if that does not help, call the supervisor.",
}
"""By the reason of a BatteryUnreachable."""


def _unreachable(error: e.BatteryUnreachable) -> Message:
    if error.reason and error.reason != "the link was lost":
        return Message(
            what="Batteries cannot be read now",
            why=f"Reason: {error.reason}.",
            steps=(ADAPTER_MENDS.get(error.reason, "Plug the Bluetooth adapter in and switch it on."), "Read again."),
            remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
        )
    name = error.battery_id or "The battery"
    what = f"The link to {name} was lost" if error.reason else f"{name} did not answer in {error.seconds:.0f} s"
    why = "It is off, too far away, or another device is connected to it." if error.heard_others else "No battery at all was heard."
    mend = "Switch it on and put it on the counter." if error.heard_others else "Unplug the Bluetooth adapter and plug it in again."
    return Message(what=what, why=why, steps=(mend, "Read it again."), remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER))


def _unreadable(error: e.BatteryUnreadable) -> Message:
    return Message(
        what=f"The answer of {error.battery_id or 'the battery'} cannot be trusted",
        why=f"Reason: {error.reason}.",
        steps=("Read it again.", "Twice the same? The battery is faulty: put it aside."),
        remedies=(Remedy.READ_AGAIN, Remedy.RECORD_INSPECTION),
    )


def _alike(error: e.BatteriesAlike) -> Message:
    return Message(
        what=f"{'Two' if error.count == 2 else error.count} batteries say they are {error.battery_id}",
        why="Which of them is meant cannot be told, so neither is read. Nothing is guessed.",
        steps=(
            "Move the others away, and read again.",
            "The same again? One that was moved away is remembered for two minutes: wait, then read again.",
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER),
    )


def _wrong(error: e.WrongBattery) -> Message:
    if not error.read_id:
        return Message(
            what=f"The battery {error.expected_id} must come back first",
            why="The plan says that the customer has it.",
            steps=(f"Ask for the battery {error.expected_id}.",),
            remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
        )
    what = f"This is not the battery {error.expected_id}" if error.expected_id else "This customer has no battery to return"
    return Message(
        what=what,
        why=f"The one that answered is {error.read_id}: batteries were mixed up, or another one nearby answered first.",
        steps=(
            "Move other batteries away from the counter, then read again.",
            f"The same result? Ask the customer for the battery {error.expected_id}.",
            "Is it lost? Stop this swap and call the supervisor.",
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
    )


def _damaged(error: e.BatteryDamaged) -> Message:
    return Message(
        what=f"{error.battery_id} is not fit for use",
        why=f"It reports: {'; '.join(error.reasons)}.",
        steps=("Put it aside and do not charge it.", "Take another battery, or record this one for inspection."),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.RECORD_INSPECTION),
    )


def _too_low(error: e.BatteryTooLow) -> Message:
    return Message(
        what=f"{error.battery_id} holds too little",
        why=f"It holds {plain(error.kwh)} kWh; {plain(error.least_kwh)} is the least here.",
        steps=("Put it back on the charger.", "Choose a fuller battery."),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _same(error: e.SameBattery) -> Message:
    return Message(
        what=f"{error.battery_id} is the battery just returned",
        why="The customer needs another one.",
        steps=("Move the returned battery away from the counter.", "Choose a charged battery."),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _taken(error: e.BatteryTaken) -> Message:
    return Message(
        what=f"{error.battery_id} belongs to another customer",
        why="The plans on this kiosk say that somebody else has it.",
        steps=("Put it aside for the supervisor.", "Choose another battery."),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _price(error: e.PriceMissing) -> Message:
    return Message(
        what=f"{plain(error.deficit_kwh)} kWh are missing and no price is known",
        why="A swap is never free by mistake.",
        steps=("Choose a battery with a smaller charge.", "Or keep the swap and call the supervisor."),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.KEEP),
    )


def _currencies(error: e.CurrencyConflict) -> Message:
    return Message(
        what="The plan names two currencies",
        why=f"It says {error.plan_currency}, its template {error.template_currency}.",
        steps=("Serve the next customer.", "Tell the supervisor: the plan must be mended."),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


def _renewal(_error: e.RenewalNeeded) -> Message:
    return Message(
        what="No swaps are left in the plan",
        why="Single swaps have no price in this plan, so it must be renewed.",
        steps=("Ask the customer to renew the plan.", "Then continue this swap."),
        remedies=(Remedy.KEEP, Remedy.STOP_SWAP),
    )


def _used(error: e.PaymentUsed) -> Message:
    when = f" on {error.used_at:%d %b, %H:%M}" if error.used_at else ""
    if error.here:
        return Message(
            what=f"The receipt {error.receipt_id} is counted already",
            why=f"It was recorded for this swap{when}. One receipt counts once.",
            steps=("Type the id of the next receipt.", "Or keep the swap until the rest is paid."),
            remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
        )
    return Message(
        what=f"The receipt {error.receipt_id} was used before",
        why=f"It paid another swap{when}. One receipt pays once.",
        steps=("Check the receipt id.", "Type the id of the new payment."),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _too_small(error: e.PaymentTooSmall) -> Message:
    return Message(
        what=f"{error.missing:f} {error.currency} are still missing",
        why="The amount does not cover what the plan is short of.",
        steps=("Check the amount on the receipt.", "Collect the rest, or choose a battery with a smaller charge."),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _bad_payment(error: e.PaymentInvalid) -> Message:
    return Message(
        what="This cannot be a payment",
        why=f"Reason: {error.reason}.",
        steps=("Check the amount and the receipt id.",),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _unconfirmed(error: e.PaymentUnconfirmed) -> Message:
    return Message(
        what=f"The receipt {error.receipt_id} is not confirmed yet",
        why=f"The platform did not confirm it within {error.seconds:.0f} s.",
        steps=("Ask the customer whether the payment went through.", "Try again, or keep the swap: nothing is lost."),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _refused_payment(error: e.PaymentRefused) -> Message:
    return Message(
        what=f"The receipt {error.receipt_id} is not paid",
        why=f"The platform says: {_as_sentence(error.reason)}",
        steps=("Check the receipt id with the customer.", "Type another id, or keep the swap until it is paid."),
        remedies=(Remedy.ANOTHER_RECEIPT, Remedy.KEEP),
    )


def _inactive_template(error: e.TemplateInactive) -> Message:
    return Message(
        what=f"The template {error.template_id} takes no new plans and no changes",
        why=f"Its status is {error.status}.",
        steps=("Choose an active template.", "Plans that run on this one go on unchanged."),
    )


def _refused_refinement(error: e.RefinementRefused) -> Message:
    return Message(
        what=f"The version {error.version} of {error.template_id} would break running contracts",
        why=f"Reasons: {'; '.join(error.reasons)}.",
        steps=("Keep what running plans rely on.", "Or make a new template beside this one."),
    )


def _as_sentence(reason: str) -> str:
    """A reason in somebody else's words, with its full stop."""
    said = reason.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _unapplied(error: e.PaymentUnapplied) -> Message:
    return Message(
        what=f"The money of the receipt {error.receipt_id} counts for no swap yet",
        why=f"Reason: {error.reason}.",
        steps=("Tell the customer that the money has come and is not lost.", "Call the supervisor, or keep the swap until it is settled."),
        remedies=(Remedy.KEEP, Remedy.ANOTHER_RECEIPT),
    )


def _store(error: e.StoreFailed) -> Message:
    return Message(
        what="The swap could not be stored",
        why=f"Reason: {error.reason}. Nothing is booked.",
        steps=("Do not hand over the battery.", "Try again.", "Does it fail again? Call the supervisor."),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _in_use(error: e.StoreInUse) -> Message:
    return Message(
        what="The kiosk is already running",
        why=f"Another window works on the data in {error.folder}.",
        steps=("Use that window, or close it first.",),
    )


def _printer(error: e.PrinterUnavailable) -> Message:
    return Message(
        what="The receipt is not printed",
        why=f"Reason: {error.reason}. The swap stands and the receipt waits.",
        steps=("Mend the printer.", "Print again."),
        remedies=(Remedy.PRINT_AGAIN, Remedy.NEXT_CUSTOMER),
    )


def _no_printer(_error: e.PrinterMissing) -> Message:
    return Message(
        what="No printer is set up here",
        why="The swap stands, and its receipt can be printed later.",
        steps=("Show the customer the receipt on the screen.", "Tell the technician that a printer is wanted."),
        ways=(Way.NEXT_CUSTOMER, Way.PRINT_AGAIN),
    )


def _link(error: e.LinkDown) -> Message:
    return Message(
        what="The platform cannot be reached",
        why=f"Reason: {error.reason}.",
        steps=("Wait a moment, then try again.",),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _part_needs_link(error: e.PartNeedsLink) -> Message:
    return Message(
        what="A part payment needs the link to the platform",
        why=f"It cannot be reached now. Reason: {error.reason}.",
        steps=("Wait for the link: the swap goes on by itself.", "Or keep the swap: nothing is lost."),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _step(error: e.StepImpossible) -> Message:
    return Message(what="This is not possible now", why=f"Reason: {error.reason}.", steps=("Go on with the step on the screen.",))


def _not_found(error: e.NotFound) -> Message:
    return Message(what=f"No {error.what} has the id {error.key}", why="", steps=("Check the id.",))


def _bad_input(error: e.BadInput) -> Message:
    return Message(what=f"{error.where} cannot be used", why=f"Reason: {error.reason}.", steps=("Correct it and try again.",))


def _other(error: e.KioskError) -> Message:
    return Message(what="This step did not work", why=f"Reason: {error}.", remedies=(Remedy.TRY_AGAIN, Remedy.CALL_SUPERVISOR))


_MESSAGES: dict[type, Callable[..., Message]] = {
    e.KioskError: _other,
    e.BadCustomerCode: _bad_code,
    e.CustomerUnknown: _unknown,
    e.PlanUnavailable: _unavailable,
    e.PlanTooOld: _too_old,
    e.PlanBlocked: _blocked,
    e.PlanInvalid: _invalid_plan,
    e.BatteryUnreachable: _unreachable,
    e.BatteryUnreadable: _unreadable,
    e.BatteriesAlike: _alike,
    e.WrongBattery: _wrong,
    e.BatteryDamaged: _damaged,
    e.BatteryTooLow: _too_low,
    e.SameBattery: _same,
    e.BatteryTaken: _taken,
    e.PriceMissing: _price,
    e.CurrencyConflict: _currencies,
    e.RenewalNeeded: _renewal,
    e.PaymentUsed: _used,
    e.PaymentTooSmall: _too_small,
    e.PaymentInvalid: _bad_payment,
    e.PaymentUnconfirmed: _unconfirmed,
    e.PaymentRefused: _refused_payment,
    e.PaymentUnapplied: _unapplied,
    e.TemplateInactive: _inactive_template,
    e.RefinementRefused: _refused_refinement,
    e.StoreFailed: _store,
    e.StoreInUse: _in_use,
    e.PrinterUnavailable: _printer,
    e.PrinterMissing: _no_printer,
    e.LinkDown: _link,
    e.PartNeedsLink: _part_needs_link,
    e.StepImpossible: _step,
    e.NotFound: _not_found,
    e.BadInput: _bad_input,
}


_STEPS = {
    EquipmentCheckin.action: "taking back the returned battery",
    ProcessPayment.action: "booking the payment",
    EquipmentCheckout.action: "issuing the new battery",
    ReportAttendantActivity.action: "reporting the swap",
}


def step_refused(action: str, reason: str) -> str:
    """Why a completion was refused, as a phrase: where it was done in steps (decision 21), also at which of them it stopped."""
    step = _STEPS.get(action)
    return f"{reason.rstrip('.')} (at {step})" if step else reason
