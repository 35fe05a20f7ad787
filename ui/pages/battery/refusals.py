"""How the refusal of a battery is shown; with what is near where nobody can tell which pack it is: two say one id, or a sticker is bound to
no pack. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import AnotherPack, BatteriesAlike, BatteryUnbound, KioskError, WrongBattery
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy
from kiosk.station.ports import Sighting
from kiosk.station.services.pack_on_counter import packs_heard
from ui.pages.battery.ranking import near_words
from ui.pages.formatting import StationTime, kwh_words, moment_words
from ui.pages.page_context import ICONS, error_view, wrong_battery_view
from ui.pages.session_memory import SessionMemory
from ui.widgets import Compared, ErrorView, Way

UNSURE = (BatteriesAlike, BatteryUnbound)
NAMES = ("A", "B")
SET_BOTH_ASIDE, SET_ALL_ASIDE, BIND_A_STICKER = mark("Set both aside"), mark("Set all aside"), mark("Bind a sticker")
TAIL = 5  # characters at the end of an address, which tell two packs apart

_NEITHER = mark("Neither may go out until one of them is gone. Nothing is recorded.")
_ALIKE_NEW = (
    mark("Take another battery for this customer. That is quickest."),
    mark("Or carry one 5 m away, wait two minutes, and read again."),
)
_ALIKE_RETURNED = (
    mark("Carry the others 5 m away, wait two minutes, and read again."),
    mark("Still two? Call the supervisor: one carries the wrong id."),
)
_UNBOUND_NEW = (
    mark("Have the pack on the counter? Bind it now, it takes half a minute."),
    mark("No time? Take another battery, this one stays in stock."),
    mark("Was it bound before? Ask the supervisor."),
)
_UNBOUND_RETURNED = (
    mark("Have the pack on the counter? Bind it now, it takes half a minute."),
    mark("Is it switched off? Switch it on and read again."),
    mark("Was it bound before? Ask the supervisor."),
)


def tail_of(address: str) -> str:
    """The end of an address: "...10:01"."""
    return f"...{address[-TAIL:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside a refusal: what is in range, earlier readings, the time."""

    seen: Sequence[Sighting]
    memory: SessionMemory
    here: StationTime


def refusal_view(error: KioskError, customer: str, around: Around, *, is_new: bool) -> ErrorView:
    """The panel of any refusal of a battery; `is_new` on the page of the battery to hand out, where there are others to choose from."""
    if isinstance(error, WrongBattery) and error.expected_id and error.read_id:
        return wrong_battery_view(error, customer)
    if isinstance(error, BatteriesAlike):
        return _alike_view(error, around, is_new=is_new)
    if isinstance(error, BatteryUnbound):
        return _unbound_view(error, around, is_new=is_new)
    view = error_view(error)
    return replace(view, ways=(_way(Remedy.BIND_STICKER, BIND_A_STICKER),)) if isinstance(error, AnotherPack) else view


def _way(remedy: Remedy, words: str) -> Way:
    """A remedy as a button below the steps; its key is its name."""
    return Way(key=remedy.name, words=tr(words), icon=ICONS[remedy])


def _alike_view(error: BatteriesAlike, around: Around, *, is_new: bool) -> ErrorView:
    wanted = normalise_id(error.battery_id)
    alike = [each for each in around.seen if each.may_be(wanted) or normalise_id(each.says) == wanted]
    view, aside = error_view(error), SET_ALL_ASIDE if error.count > 2 else SET_BOTH_ASIDE
    return replace(
        view,
        below=tr("Only one of them can be it."),
        why="",
        compared=tuple(_one_of(name, each, around) for name, each in zip(NAMES, sorted(alike, key=_place), strict=False)),
        recorded=tr(_NEITHER) if is_new else view.recorded,
        steps=tuple(tr(each) for each in (_ALIKE_NEW if is_new else _ALIKE_RETURNED)),
        ways=(_way(Remedy.RECORD_INSPECTION, aside) if is_new else _way(Remedy.BIND_STICKER, BIND_A_STICKER),),
    )


def _place(pack: Sighting) -> str:
    """A and B stay where they are, whichever is nearer at the moment."""
    return pack.address


def _one_of(name: str, pack: Sighting, around: Around) -> Compared:
    near, icon = near_words(pack.rssi)
    reading = around.memory.reading_at(pack.address)
    note = tr("not read here")
    if reading is not None:
        time = moment_words(reading.timestamp, around.here.now, around.here.zone)
        note = tr("{energy} kWh at {time}", energy=kwh_words(reading.kwh_remaining), time=time)
    return Compared(name=f"{name}: {near}" if near else name, value=tail_of(pack.address), icon=icon or "bluetooth-bold", note=note)


def _unbound_view(error: BatteryUnbound, around: Around, *, is_new: bool) -> ErrorView:
    facts = [Compared(name=tr("Sticker"), value=error.battery_id, icon="tag-bold")]
    nearest = packs_heard(around.seen).meant
    if nearest is not None and not nearest.battery_id:
        near, icon = near_words(nearest.rssi)
        reading = around.memory.reading_at(nearest.address)
        known = near if reading is None else f"{kwh_words(reading.kwh_remaining)} kWh"
        name = tr("Nearest pack")
        facts.append(Compared(name=name, value=tail_of(nearest.address), icon=icon or "bluetooth-bold", note=known))
    return replace(
        error_view(error),
        sentence=tr("This sticker is not bound yet"),
        below=tr("Which pack it is on is not known."),
        tone="attention",
        compared=tuple(facts),
        why=tr("Binding tells the kiosk, once, which sticker is on which pack."),
        steps=tuple(tr(each) for each in (_UNBOUND_NEW if is_new else _UNBOUND_RETURNED)),
    )
