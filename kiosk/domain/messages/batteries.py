"""The messages where the battery, or the adapter that reads it, stops the swap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from kiosk.domain import errors as e
from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.plausibility import Doubt, DoubtKind
from kiosk.domain.display import cleaned
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages.message import Message, Messages, Remedy
from kiosk.domain.times import clock_time, spell_day
from kiosk.domain.written import write_kwh

WHY = {
    DoubtKind.CLOCK: mark("{battery_id}: {now}, but {before}: one of the clocks is wrong."),
    DoubtKind.CHARGED: mark("{battery_id}: {now}, but {before}: no charger is that fast."),
    DoubtKind.DRAINED: mark("{battery_id}: {now}, but {before}: no ride uses that much."),
    DoubtKind.SERIAL: mark("{battery_id}: {now}, but {before}: it is another pack."),
    DoubtKind.ADDRESS: mark("{battery_id}: {now}, but {before}: it may be another pack."),
    DoubtKind.CYCLES: mark("{battery_id}: {now}, but {before}: it may be another pack."),
    DoubtKind.CAPACITY: mark("{battery_id}: {now}, but {before}: it may be another battery."),
    DoubtKind.ELSEWHERE: mark("{battery_id}: {now}, but {before}: it cannot have come here so soon."),
}
READ_AGAIN = mark("Go back, read again. The same? Ask the supervisor.")
_MAX_SHOWN = 24  # characters of a serial
ASK = mark("Tell the supervisor.")
PAID = mark("In doubt keep the swap for later and call the supervisor.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtMessage:
    """A sentence for each battery, and what to do about it."""

    lines: tuple[str, ...]
    advice: str


def doubt_message(doubts: Sequence[Doubt], zone: tzinfo | None, *, paid: bool) -> DoubtMessage | None:
    """The first doubt about each battery, then what to do; None where there is none. After a payment there is no way back.

    `zone` is the station's, None the machine's own.
    """
    first = {each.now.battery_id: each for each in reversed(doubts)}
    shown = [each for each in doubts if first[each.now.battery_id] is each]
    if not shown:
        return None
    advice = PAID if paid else ASK if all(each.kind is DoubtKind.CLOCK for each in shown) else READ_AGAIN
    return DoubtMessage(lines=tuple(_sentence(each, zone) for each in shown), advice=tr(advice))


def _sentence(doubt: Doubt, zone: tzinfo | None) -> str:
    now = tr("{value} at {time}", value=_value(doubt.kind, doubt.now), time=clock_time(doubt.now.timestamp, zone))
    return tr(WHY[doubt.kind], battery_id=doubt.now.battery_id, now=now, before=_before(doubt, zone))


def _before(doubt: Doubt, zone: tzinfo | None) -> str:
    reading, station = doubt.before.reading, doubt.before.station_id
    then, here = reading.timestamp.astimezone(zone), doubt.now.timestamp.astimezone(zone)
    facts = {"value": _value(doubt.kind, reading), "station": station, "time": clock_time(then, zone), "day": spell_day(then)}
    if then.date() == here.date():
        return tr("{value} at {station} at {time}", **facts) if station else tr("{value} at {time}", **facts)
    return tr("{value} at {station} at {time} on {day}", **facts) if station else tr("{value} at {time} on {day}", **facts)


def _value(kind: DoubtKind, reading: BatteryTelemetry) -> str:
    match kind:
        case DoubtKind.CAPACITY:
            return tr("full at {value}", value=_kwh(reading.full_kwh))
        case DoubtKind.SERIAL:
            return tr("serial {serial}", serial=cleaned(reading.serial, _MAX_SHOWN))
        case DoubtKind.ADDRESS:
            return tr("radio {address}", address=reading.address)
        case DoubtKind.CYCLES:
            return tr_count("{count} cycle", "{count} cycles", reading.cycles or 0)
        case _:
            return _kwh(reading.kwh_remaining)


def _kwh(kwh: Decimal | None) -> str:
    return tr("read") if kwh is None else f"{write_kwh(kwh)} kWh"


def _unreachable(error: e.BatteryUnreachable) -> Message:
    if error.fault not in (None, AdapterFault.LINK_LOST):
        return Message(
            what=tr("Batteries cannot be read now"),
            why=tr("Reason: {reason}.", reason=error.fault.phrase),
            steps=(error.fault.repair, tr("Read again.")),
            remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
        )
    if error.heard_others:
        why, repair = tr("It is off, too far away, or connected to another device."), tr("Switch it on and put it on the counter.")
    else:
        why, repair = tr("No battery at all answers."), tr("Unplug the Bluetooth adapter and plug it in again.")
    return Message(
        what=_no_answer(error), why=why, steps=(repair, tr("Read it again.")), remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER)
    )


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
        why=tr("Which of them is meant is not known. Neither is read."),
        steps=(tr("Move the others away, and read again."), tr("The same again? Wait two minutes, then read again.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _prevented(error: e.ReadingPrevented) -> Message:
    obstacle = error.obstacle
    return Message(
        what=obstacle.headline(error.battery_id),
        why=obstacle.why,
        steps=obstacle.steps,
        remedies=(Remedy.READ_AGAIN, Remedy.CHOOSE_ANOTHER),
    )


_UNBOUND = Message(
    what=mark("{battery_id} is not bound to a pack yet"),
    why=mark("No battery in range has that name."),
    steps=(mark("Have it on the counter? Bind its sticker to the pack."), mark("Else choose another battery.")),
    remedies=(Remedy.BIND_STICKER, Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
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
    return Message(
        what=expected if error.expected_id else tr("This customer has no battery to return"),
        why=tr("{battery_id} answered. Batteries were mixed up, or another one nearby answered first.", battery_id=error.read_id),
        steps=(
            tr("Move other batteries away from the counter, then read again."),
            tr("The same result? Ask the customer for the battery {battery_id}.", battery_id=error.expected_id),
            tr("Is it lost? Stop this swap and call the supervisor."),
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
    )


def _not_issuable(error: e.BatteryNotIssuable) -> Message:
    switch_on = (tr("Switch it on in the maker's app, or choose another."), tr("Switched on? Read it again."))
    charge = (tr("Put it on the charger until it is full."), tr("Choose another battery."))
    return Message(
        what=tr("{battery_id} is not to be handed out now", battery_id=error.battery_id),
        why=tr("Reason: {reason}.", reason="; ".join(error.reasons)),
        steps=switch_on if error.output_off else charge,
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


def _returned_more(error: e.ReturnedMore) -> Message:
    facts = {"kwh": write_kwh(error.kwh), "issued": write_kwh(error.issued_kwh)}
    return Message(
        what=tr("{battery_id} holds {more} kWh more than it went out with", battery_id=error.battery_id, more=write_kwh(error.more_kwh)),
        why=tr("It went out with {issued} kWh and came back with {kwh} kWh. No more than {issued} kWh are counted.", **facts),
        steps=(
            tr("Read it again."),
            tr("The same? A supervisor may let the swap go on, with a reason."),
            tr("Or give the battery back to the customer and stop this swap."),
        ),
        remedies=(Remedy.READ_AGAIN, Remedy.STOP_SWAP),
    )


def _too_low(error: e.BatteryTooLow) -> Message:
    return Message(
        what=tr("{battery_id} holds too little", battery_id=error.battery_id),
        why=tr("It holds {kwh} kWh; {least} is the least here.", kwh=write_kwh(error.kwh), least=write_kwh(error.least_kwh)),
        steps=(tr("Put it back on the charger."), tr("Choose a fuller battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    )


BATTERY_MESSAGES: Messages = {
    e.BatteryUnreachable: _unreachable,
    e.BatteryUnreadable: _unreadable,
    e.BatteriesAlike: _alike,
    e.ReadingPrevented: _prevented,
    e.BatteryUnbound: _UNBOUND,
    e.AnotherPack: Message(
        what=mark("Another pack answers for {battery_id}"),
        why=mark("It says that it is {found}. The bound pack said {bound}."),
        steps=(mark("Put it aside for the supervisor."), mark("Is the sticker on this pack? Bind it again.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    ),
    e.WrongBattery: _wrong,
    e.ReturnedMore: _returned_more,
    e.BatteryDamaged: Message(
        what=mark("{battery_id} is not fit for use"),
        why=mark("It reports: {reasons}."),
        steps=(mark("Put it aside and do not charge it."), mark("Take another battery, or record this one for inspection.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.RECORD_INSPECTION),
    ),
    e.BatteryNotIssuable: _not_issuable,
    e.BatteryTooLow: _too_low,
    e.SameBattery: Message(
        what=mark("{battery_id} is the battery just returned"),
        why=mark("The customer needs another one."),
        steps=(mark("Move the returned battery away from the counter."), mark("Choose a charged battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    ),
    e.BatteryTaken: Message(
        what=mark("{battery_id} belongs to another customer"),
        why=mark("The plans on this kiosk say that somebody else has it."),
        steps=(mark("Put it aside for the supervisor."), mark("Choose another battery.")),
        remedies=(Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN),
    ),
    e.BindingTaken: Message(
        what=mark("{battery_id} cannot be bound to {address}"),
        why=mark("Bound already: {standing}. One sticker has one battery, and one battery one sticker."),
        steps=(
            mark("Look whether the sticker is the right one."),
            mark("Was its electronics or sticker replaced? A supervisor binds it anew, with a reason."),
        ),
    ),
}
