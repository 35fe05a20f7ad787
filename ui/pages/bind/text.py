"""What the page of a binding shows: three steps, a sentence about what is near, and what belongs together. Pure."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding, Sticker
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput, KioskError
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.written import write_number
from kiosk.station.services.pack_on_counter import PackRead, PacksHeard
from ui.pages.battery.refusals import tail_of
from ui.pages.formatting import StationTime, kwh_words, moment_words
from ui.pages.page_context import error_view
from ui.widgets import ErrorView

NOTHING_BOUND = mark("Nothing is bound.")
MAX_SHOWN = 20  # characters of a serial
# why a supervisor ends another binding; the record keeps the English words
REASONS = {"electronics": mark("Electronics replaced"), "sticker": mark("Sticker replaced"), "mistake": mark("Bound by mistake")}
NO_SUPERVISOR = mark("Only a supervisor may end a binding. None is set up here.")


class Stage(StrEnum):
    """How far it is: each of the first four is a step of its own, TAKEN is a pack or sticker that is bound already."""

    STICKER = "sticker"
    TYPING = "typing"
    PACK = "pack"
    READING = "reading"
    READ = "read"
    TAKEN = "taken"
    APPROVAL = "approval"
    REFUSED = "refused"
    BOUND = "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindFacts:
    """What is known so far. `known` is how the sticker is bound now; `phase` of the reading, and its seconds; `rejected` is the address of
    a pack that a person said is the wrong one."""

    stage: Stage = Stage.STICKER
    sticker: Sticker = field(default_factory=Sticker)
    known: Binding | None = None
    heard: PacksHeard | None = None
    rejected: str = ""
    seconds: int = 0
    read: PackRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step with what it has brought. `state`: done, now, ahead."""

    title: str
    note: str
    value: str = ""
    state: str = "ahead"


def steps_of(facts: BindFacts, here: StationTime) -> tuple[StepView, ...]:
    """The three steps, in order."""
    at = _at(facts)
    pack = facts.read.pack if facts.read else facts.heard.meant if facts.heard else None
    scanned, alone, answers = (
        StepView(title=tr("Scan the sticker"), note=tr("It is on the case of the pack.")),
        StepView(title=tr("Only this pack on the counter"), note=tr("Put the others 2 m away or more.")),
        StepView(title=tr("The pack answers"), note=tr("It is read, to see which one it is.")),
    )
    if at > 0:
        scanned = StepView(title=tr("Sticker scanned"), note=_known_words(facts.known, here), value=facts.sticker.battery_id)
    if at > 0 and pack is not None:
        alone = replace(alone, note=tr("It is clearly the nearest."), value=tail_of(pack.address))
    if facts.stage is Stage.READING:
        answers = replace(answers, note=tr("Being read, {seconds} s", seconds=facts.seconds))
    if facts.read is not None:
        answers = replace(answers, note=tr("Read."), value=f"{kwh_words(facts.read.reading.kwh_remaining)} kWh")
    states = ("done" if place < at else "now" if place == at else "ahead" for place in range(3))
    return tuple(replace(step, state=state) for step, state in zip((scanned, alone, answers), states, strict=True))


def _at(facts: BindFacts) -> int:
    """How many steps are done."""
    if facts.stage in {Stage.STICKER, Stage.TYPING}:
        return 0
    if facts.read is not None:
        return 3
    return 2 if facts.stage is Stage.READING else 1


def _known_words(known: Binding | None, here: StationTime) -> str:
    if known is None:
        return tr("never bound before")
    day = moment_words(known.bound_at, here.now, here.zone)
    return tr("bound to {pack} since {moment}", pack=tail_of(known.address), moment=day)


def near_notice(facts: BindFacts) -> tuple[str, str]:
    """A sentence about the packs in range with its tone; "" while nothing is listened for."""
    bindable = facts.read.bindable if facts.read is not None else None
    if bindable is not None and (bindable.remarks or bindable.is_known):
        return ("attention", " ".join(bindable.remarks)) if bindable.remarks else ("ok", tr("They are bound to each other already."))
    if facts.stage in {Stage.STICKER, Stage.BOUND}:
        return "ok", ""
    if facts.heard is None or not facts.heard.packs:
        return "accent", tr("No pack answers yet. Switch it on and put it on the counter.")
    if facts.sticker.address:
        found = tr("The sticker says which pack it is: {pack}.", pack=tail_of(facts.sticker.address))
        return ("ok", found) if facts.heard.meant else ("attention", tr("{found} It does not answer.", found=found))
    others = len(facts.heard.packs) - 1
    if facts.heard.meant is None:
        rejected = any(each.address == facts.rejected for each in facts.heard.packs[:1])
        return "attention", _not_clear(len(facts.heard.packs), rejected=rejected)
    if not others:
        return "ok", tr("No other pack is near. That is sure.")
    return "ok", tr_count("{count} other pack, clearly further away.", "{count} other packs, clearly further away.", others)


def _not_clear(count: int, *, rejected: bool) -> str:
    if rejected:
        return tr("Take the wrong pack away. Put the right one on the counter.")
    return tr_count(
        "{count} pack, and not clear which is meant. Move the others away.",
        "{count} packs, and not clear which is meant. Move the others away.",
        count,
    )


def number_inside(read: PackRead) -> str:
    """What the pack has as its own: its serial, else the end of its address."""
    return cleaned(read.reading.serial, MAX_SHOWN) or tail_of(read.pack.address)


def pack_lines(read: PackRead) -> tuple[tuple[str, str], ...]:
    """What was read of it: name and value. What it does not tell is left out."""
    reading = read.reading
    lines = (
        (tr("Kind"), (reading.protocol or read.pack.protocol).upper()),
        (tr("Holds"), _holds(reading)),
        (tr("Voltage"), "" if reading.voltage is None else f"{write_number(reading.voltage)} V"),
        (tr("Cycles"), "" if reading.cycles is None else str(reading.cycles)),
    )
    return tuple((name, value) for name, value in lines if value)


def _holds(reading: BatteryTelemetry) -> str:
    holds = kwh_words(reading.kwh_remaining)
    return f"{holds} kWh" if reading.full_kwh is None else tr("{kwh} of {full} kWh", kwh=holds, full=kwh_words(reading.full_kwh))


def standing_lines(read: PackRead, here: StationTime) -> tuple[tuple[str, str], ...]:
    """The bindings in the way: the battery, and what it is bound to since when."""
    return tuple(
        (each.battery_id, tr("{pack}, {moment}", pack=tail_of(each.address), moment=moment_words(each.bound_at, here.now, here.zone)))
        for each in read.bindable.standing
    )


def bind_refusal(error: KioskError) -> ErrorView:
    """Why the pack cannot be read or bound."""
    view = error_view(error, recorded=NOTHING_BOUND)
    if isinstance(error, BadInput):
        why = tr("Reason: {reason}.", reason=error.reason)
        return replace(view, sentence=tr("This pack cannot be bound"), why=why, steps=(tr("Call the supervisor."),))
    return view
