"""The messages where the platform cannot be reached, or refuses: the link, a step of a completion, a template."""

from collections.abc import Callable

from kiosk.domain import errors as e
from kiosk.domain.language import mark, tr
from kiosk.domain.messages.message import Message, Remedy
from kiosk.domain.requests import EquipmentCheckin, EquipmentCheckout, ProcessPayment, ReportAttendantActivity


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
