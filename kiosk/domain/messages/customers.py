"""The messages where the customer or the plan stops the swap."""

from collections.abc import Callable

from kiosk.domain import errors as e
from kiosk.domain.language import mark, tr
from kiosk.domain.messages.message import Message, Remedy
from kiosk.domain.requests import EquipmentCheckin, EquipmentCheckout, ProcessPayment, ReportAttendantActivity
from kiosk.domain.times import spell_age


def _link(error: e.LinkDown) -> Message:
    return Message(
        what=tr("The platform cannot be reached"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Wait a moment, then try again."),),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _part_needs_link(error: e.PartNeedsLink) -> Message:
    return Message(
        what=tr("A part payment needs the link to the platform"),
        why=tr("It cannot be reached now. Reason: {reason}.", reason=error.reason),
        steps=(tr("Wait for the link: the swap goes on by itself."), tr("Or keep the swap: nothing is lost.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _inactive_template(error: e.TemplateInactive) -> Message:
    return Message(
        what=tr("The template {template_id} takes no new plans and no changes", template_id=error.template_id),
        why=tr("Its status is {status}.", status=error.status),
        steps=(tr("Choose an active template."), tr("Plans that run on this one go on unchanged.")),
    )


def _refused_refinement(error: e.RefinementRefused) -> Message:
    would_break = tr(
        "The version {version} of {template_id} would break running contracts", version=error.version, template_id=error.template_id
    )
    return Message(
        what=would_break,
        why=tr("Reasons: {reasons}.", reasons="; ".join(error.reasons)),
        steps=(tr("Keep what running plans rely on."), tr("Or make a new template beside this one.")),
    )


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


PLATFORM_MESSAGES: dict[type, Callable[..., Message]] = {
    e.LinkDown: _link,
    e.PartNeedsLink: _part_needs_link,
    e.TemplateInactive: _inactive_template,
    e.RefinementRefused: _refused_refinement,
}


_STATES = {
    "BATTERY_LOST": mark("The battery of this plan is recorded as lost."),
    "COMPLETE": mark("The plan has ended."),
    "payment FINAL_DUE": mark("The final payment is due."),
    "payment COMPLETE": mark("The plan is paid off and has ended."),
    "DEPOSIT_DUE": mark("The deposit is not paid yet."),
    "INITIAL": mark("The contract is not signed and paid yet."),
}
"""By `PlanBlocked.state`."""
_OTHER_STATE = mark("Its state is {state}.")


def _bad_code(error: e.BadCustomerCode) -> Message:
    return Message(
        what=tr("This code cannot be a customer's"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Scan the code on the customer's card or phone."), tr("Does it still not scan? Type the code.")),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _unknown(error: e.CustomerUnknown) -> Message:
    return Message(
        what=tr("No plan has the code {code}", code=error.code),
        why=tr("The card may be old, or a character was misread."),
        steps=(tr("Scan the card again."), tr("Does it still fail? Type the code on the card.")),
        remedies=(Remedy.SCAN_AGAIN, Remedy.TYPE_CODE),
    )


def _unavailable(error: e.PlanUnavailable) -> Message:
    return Message(
        what=tr("The platform does not answer"),
        why=tr("The plan {code} is not known on this kiosk, so it cannot be served offline.", code=error.code),
        steps=(tr("Wait a moment, then try again."), tr("Is the kiosk still offline? Serve the next customer.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER),
    )


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
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


def _invalid_plan(error: e.PlanInvalid) -> Message:
    return Message(
        what=tr("The plan cannot be used"),
        why=tr("Its entry {entry}: {reason}.", entry=error.where, reason=error.reason),
        steps=(tr("Serve the next customer."), tr("Tell the supervisor the entry and the reason.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.CALL_SUPERVISOR),
    )


CUSTOMER_MESSAGES: dict[type, Callable[..., Message]] = {
    e.BadCustomerCode: _bad_code,
    e.CustomerUnknown: _unknown,
    e.PlanUnavailable: _unavailable,
    e.PlanTooOld: _too_old,
    e.PlanBlocked: _blocked,
    e.PlanInvalid: _invalid_plan,
}
