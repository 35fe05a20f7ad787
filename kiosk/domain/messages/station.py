"""The messages where the station itself cannot go on: its store, its printer, or what it was asked to do."""

from collections.abc import Callable

from kiosk.domain import errors as e
from kiosk.domain.language import mark, tr
from kiosk.domain.messages.message import Message, Remedy

_NOT_FOUND = {
    "cached plan": mark("No cached plan has the id {key}"),
    "completed swap": mark("No completed swap has the id {key}"),
    "completion": mark("No completion has the id {key}"),
    "document of the platform": mark("No document of the platform has the id {key}"),
    "kept swap": mark("No kept swap has the id {key}"),
    "plan": mark("No plan has the id {key}"),
    "refused completion": mark("No refused completion has the id {key}"),
    "scenario": mark("No scenario has the id {key}"),
    "simulated battery": mark("No simulated battery has the id {key}"),
    "swap in progress": mark("No swap in progress has the id {key}"),
    "template": mark("No template has the id {key}"),
}
"""By `NotFound.what`."""
_OTHER_NOT_FOUND = mark("No {what} has the id {key}")


def _store(error: e.StoreFailed) -> Message:
    return Message(
        what=tr("The swap could not be stored"),
        why=tr("Reason: {reason}. Nothing is recorded.", reason=error.reason),
        steps=(tr("Do not hand over the battery."), tr("Try again."), tr("Does it fail again? Call the supervisor.")),
        remedies=(Remedy.TRY_AGAIN, Remedy.KEEP),
    )


def _in_use(error: e.StoreInUse) -> Message:
    return Message(
        what=tr("The kiosk is already running"),
        why=tr("Another window works on the data in {folder}.", folder=error.folder),
        steps=(tr("Use that window, or close it first."),),
    )


def _printer(error: e.PrinterUnavailable) -> Message:
    return Message(
        what=tr("The receipt is not printed"),
        why=tr("Reason: {reason}. The swap stands and the receipt waits.", reason=error.reason),
        steps=(tr("Repair the printer."), tr("Print again.")),
        remedies=(Remedy.PRINT_AGAIN, Remedy.NEXT_CUSTOMER),
    )


def _no_printer(_error: e.PrinterMissing) -> Message:
    return Message(
        what=tr("No printer is set up here"),
        why=tr("The swap stands, and its receipt can be printed later."),
        steps=(tr("Show the customer the receipt on the screen."), tr("Tell the technician that a printer is wanted.")),
        remedies=(Remedy.NEXT_CUSTOMER, Remedy.PRINT_AGAIN),
    )


def _step(error: e.StepImpossible) -> Message:
    return Message(
        what=tr("This is not possible now"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Go on with the step on the screen."),),
    )


def _not_found(error: e.NotFound) -> Message:
    sentence = _NOT_FOUND.get(error.what, _OTHER_NOT_FOUND)
    return Message(what=tr(sentence, what=error.what, key=error.key), why="", steps=(tr("Check the id."),))


def _bad_input(error: e.BadInput) -> Message:
    return Message(
        what=tr("{place} cannot be used", place=error.where),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Correct it and try again."),),
    )


def _other(error: e.KioskError) -> Message:
    return Message(
        what=tr("This step did not work"), why=tr("Reason: {reason}.", reason=error), remedies=(Remedy.TRY_AGAIN, Remedy.CALL_SUPERVISOR)
    )


STATION_MESSAGES: dict[type, Callable[..., Message]] = {
    e.KioskError: _other,
    e.StoreFailed: _store,
    e.StoreInUse: _in_use,
    e.PrinterUnavailable: _printer,
    e.PrinterMissing: _no_printer,
    e.StepImpossible: _step,
    e.NotFound: _not_found,
    e.BadInput: _bad_input,
}
