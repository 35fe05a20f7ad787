"""The messages where the battery, or the adapter that reads it, stops the swap."""

from collections.abc import Callable

from kiosk.domain import errors as e
from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.decimals import plain
from kiosk.domain.language import tr, tr_count
from kiosk.domain.messages.message import Message, Remedy


def _unreachable(error: e.BatteryUnreachable) -> Message:
    if error.fault not in (None, AdapterFault.LINK_LOST):
        return Message(
            what=tr("Batteries cannot be read now"),
            why=tr("Reason: {reason}.", reason=error.fault.phrase),
            steps=(error.fault.repair, tr("Read again.")),
            remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
        )
    if error.heard_others:
        why, repair = tr("It is off, too far away, or another device is connected to it."), tr("Switch it on and put it on the counter.")
    else:
        why, repair = tr("No battery at all was heard."), tr("Unplug the Bluetooth adapter and plug it in again.")
    steps = (repair, tr("Read it again."))
    return Message(what=_no_answer(error), why=why, steps=steps, remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER))


def _no_answer(error: e.BatteryUnreachable) -> str:
    battery_id, seconds = error.battery_id, f"{error.seconds:.0f}"
    if error.fault is AdapterFault.LINK_LOST:
        return tr("The link to {battery_id} was lost", battery_id=battery_id) if battery_id else tr("The link to the battery was lost")
    if battery_id:
        return tr("{battery_id} did not answer in {seconds} s", battery_id=battery_id, seconds=seconds)
    return tr("The battery did not answer in {seconds} s", seconds=seconds)


def _unreadable(error: e.BatteryUnreadable) -> Message:
    known = tr("The answer of {battery_id} cannot be trusted", battery_id=error.battery_id)
    return Message(
        what=known if error.battery_id else tr("The answer of the battery cannot be trusted"),
        why=tr("Reason: {reason}.", reason=error.reason),
        steps=(tr("Read it again."), tr("Twice the same? The battery is faulty: put it aside.")),
        remedies=(Remedy.READ_AGAIN, Remedy.RECORD_INSPECTION),
    )


def _alike(error: e.BatteriesAlike) -> Message:
    two = tr("Two batteries say they are {battery_id}", battery_id=error.battery_id)
    more = tr_count(
        "{count} battery says it is {battery_id}", "{count} batteries say they are {battery_id}", error.count, battery_id=error.battery_id
    )
    return Message(
        what=two if error.count == 2 else more,
        why=tr("Which of them is meant cannot be told, so neither is read. Nothing is guessed."),
        steps=(
            tr("Move the others away, and read again."),
            tr("The same again? One that was moved away is remembered for two minutes: wait, then read again."),
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER),
    )


def _wrong(error: e.WrongBattery) -> Message:
    if not error.read_id:
        return Message(
            what=tr("The battery {battery_id} must come back first", battery_id=error.expected_id),
            why=tr("The plan says that the customer has it."),
            steps=(tr("Ask for the battery {battery_id}.", battery_id=error.expected_id),),
            remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
        )
    expected = tr("This is not the battery {battery_id}", battery_id=error.expected_id)
    mixed_up = tr(
        "The one that answered is {battery_id}: batteries were mixed up, or another one nearby answered first.", battery_id=error.read_id
    )
    return Message(
        what=expected if error.expected_id else tr("This customer has no battery to return"),
        why=mixed_up,
        steps=(
            tr("Move other batteries away from the counter, then read again."),
            tr("The same result? Ask the customer for the battery {battery_id}.", battery_id=error.expected_id),
            tr("Is it lost? Stop this swap and call the supervisor."),
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
    )


def _damaged(error: e.BatteryDamaged) -> Message:
    return Message(
        what=tr("{battery_id} is not fit for use", battery_id=error.battery_id),
        why=tr("It reports: {reasons}.", reasons="; ".join(error.reasons)),
        steps=(tr("Put it aside and do not charge it."), tr("Take another battery, or record this one for inspection.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.RECORD_INSPECTION),
    )


def _too_low(error: e.BatteryTooLow) -> Message:
    return Message(
        what=tr("{battery_id} holds too little", battery_id=error.battery_id),
        why=tr("It holds {kwh} kWh; {least} is the least here.", kwh=plain(error.kwh), least=plain(error.least_kwh)),
        steps=(tr("Put it back on the charger."), tr("Choose a fuller battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _same(error: e.SameBattery) -> Message:
    return Message(
        what=tr("{battery_id} is the battery just returned", battery_id=error.battery_id),
        why=tr("The customer needs another one."),
        steps=(tr("Move the returned battery away from the counter."), tr("Choose a charged battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _taken(error: e.BatteryTaken) -> Message:
    return Message(
        what=tr("{battery_id} belongs to another customer", battery_id=error.battery_id),
        why=tr("The plans on this kiosk say that somebody else has it."),
        steps=(tr("Put it aside for the supervisor."), tr("Choose another battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


BATTERY_MESSAGES: dict[type, Callable[..., Message]] = {
    e.BatteryUnreachable: _unreachable,
    e.BatteryUnreadable: _unreadable,
    e.BatteriesAlike: _alike,
    e.WrongBattery: _wrong,
    e.BatteryDamaged: _damaged,
    e.BatteryTooLow: _too_low,
    e.SameBattery: _same,
    e.BatteryTaken: _taken,
}
