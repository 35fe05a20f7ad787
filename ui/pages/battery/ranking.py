"""Batteries in range: what each is called, what is known of it, whether it may be chosen, and in which order they are listed. Pure.

A battery that is bound is called by the id on its sticker. Of one that is not, an advertised name holds the last six characters of the id
at most: it is called by the id that it told when it was read a moment ago, else by the one id known here that ends so, else by what it
tells, and never by an id that is put together. The id inside
the battery, or its binding, decides when it is read (decisions 12, 84). The one that is chosen is read by its address. What was
read in the background is shown with its energy and age, most energy first, and what the rules would refuse is barred. A battery is barred
where no other one in range can be meant, and where nothing but a name that others have too would be its id.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import Enum, auto

from kiosk.domain.battery.battery import BatteryTelemetry, id_tail, normalise_id
from kiosk.domain.errors import BatteryDamaged, BatteryTaken, BatteryTooLow, BatteryUnreadable, KioskError, SameBattery
from kiosk.domain.language import mark, tr
from kiosk.domain.swap.swap import Swap, SwapRules, with_new
from kiosk.station.ports import Sighting
from ui.pages.formatting import StationTime, age_words, clock_words, kwh_words, shortened
from ui.pages.page_context import SessionMemory
from ui.widgets import RowView

NEARNESS = ((-55, mark("Very near"), "wifi-high-bold"), (-70, mark("Near"), "wifi-medium-bold"), (-999, mark("Far"), "wifi-low-bold"))
ADDRESS_LENGTH = 5  # the end of the address, which tells apart what one name does not
WORDS_LENGTH = 24  # most characters of what a row is called


class Known(Enum):
    """What is known of a battery in range."""

    JUST_RETURNED = auto()
    SET_ASIDE = auto()
    NO_BATTERY = auto()
    NAME_SHARED = auto()
    ALIKE_UNBOUND = auto()
    NOT_BOUND = auto()
    SAYS_ANOTHER = auto()
    READ_NOW = auto()
    REFUSED = auto()
    NOT_READ = auto()
    NOT_READ_TODAY = auto()
    READ_TODAY = auto()


BARRED = frozenset({Known.JUST_RETURNED, Known.SET_ASIDE, Known.ALIKE_UNBOUND, Known.SAYS_ANOTHER, Known.REFUSED})
NOTES = {
    Known.JUST_RETURNED: mark("just returned"),
    Known.SET_ASIDE: mark("set aside"),
    Known.NO_BATTERY: mark("perhaps no battery"),
    Known.NAME_SHARED: mark("alike"),
    Known.ALIKE_UNBOUND: mark("alike, not bound"),
    Known.NOT_BOUND: mark("not bound"),
    Known.SAYS_ANOTHER: mark("has the name of another"),
    Known.NOT_READ: mark("not read yet"),
    Known.NOT_READ_TODAY: mark("not read today"),
}

REFUSALS = {SameBattery: mark("just returned"), BatteryTaken: mark("with another customer"), BatteryTooLow: mark("too little charge")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known while the list is shown: the battery just returned ("" on a first visit), ids known here, earlier readings. By address:
    `fresh` are readings that may be taken as they are, `barred` says why some of these may not be handed out; `reading_now` is the
    address of the one that is being read, "" for none.
    """

    returned_id: str
    known_ids: frozenset[str]
    memory: SessionMemory
    now: datetime
    zone: tzinfo | None
    fresh: Mapping[str, BatteryTelemetry] = field(default_factory=dict)
    barred: Mapping[str, str] = field(default_factory=dict)
    reading_now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyBattery:
    """A battery in range. `shown` is what it is called; `reading` its last one, where it was read today; `fresh` one that may be
    taken as it is, `barred` why it may not be handed out."""

    address: str
    shown: str
    known: Known
    reading: BatteryTelemetry | None = None
    rssi: int | None = None
    fresh: BatteryTelemetry | None = None
    barred: str = ""

    @property
    def may_be_chosen(self) -> bool:
        return self.known not in BARRED


def nearby(seen: Sequence[Sighting], around: Surroundings) -> tuple[NearbyBattery, ...]:
    """Most energy first where it was read a moment ago, then the one that is being read, then in the scanner's order; what may not be
    chosen comes last. Devices without a name are left out."""
    with_name = [each for each in seen if each.battery_id or normalise_id(each.name)]
    tails = Counter(id_tail(each.name) for each in with_name if not each.battery_id)
    found = [_nearby(each, around, unique=bool(each.battery_id) or tails[id_tail(each.name)] == 1) for each in with_name]
    return tuple(sorted(found, key=lambda each: (not each.may_be_chosen, -_tenths(each.fresh), each.address != around.reading_now)))


def _tenths(fresh: BatteryTelemetry | None) -> int:
    """Of a kWh, as a person compares: two that differ by less do not change places."""
    return -1 if fresh is None or fresh.kwh_remaining is None else int(fresh.kwh_remaining * 10)


def why_barred(swap: Swap, reading: BatteryTelemetry, rules: SwapRules, taken: frozenset[str]) -> str:
    """Why the rules would refuse to hand out a battery that was read; "" where they would not."""
    try:
        with_new(swap, reading, rules, taken=taken)
    except (SameBattery, BatteryTaken, BatteryTooLow, BatteryDamaged, BatteryUnreadable) as refusal:
        if isinstance(refusal, BatteryDamaged):
            return next(iter(refusal.reasons), "")
        return refusal.reason if isinstance(refusal, BatteryUnreadable) else tr(REFUSALS[type(refusal)])
    except KioskError:  # of the plan or the swap: not the battery's fault, and said when it is taken
        return ""
    return ""


def choose(batteries: Sequence[NearbyBattery], current: str, *, touched: bool = True) -> str:
    """The address of the one that is chosen: the same as before while it is in range, else the likeliest ("" for none). One that no person
    has `touched` gives way to a better one as long as it is not read. Of several with one name none is chosen for the attendant."""
    allowed = [each for each in batteries if each.may_be_chosen]
    if any(each.address == current and (touched or each.fresh is not None) for each in allowed):
        return current
    return next((each.address for each in allowed if each.known is not Known.NAME_SHARED), "")


def called(sighting: Sighting, known_ids: frozenset[str], *, unique: bool = True) -> str:
    """The id of the battery where it is known: bound, or the one known id with the same end, or a name of the kind that ids have here. Else
    what is known of it: its kind and the end of its address ("JK ...10:01"), or the end of the id that its name holds.
    """
    if sighting.battery_id:
        return sighting.battery_id
    tail, end = id_tail(sighting.name), sighting.address[-ADDRESS_LENGTH:]
    same = [known for known in known_ids if id_tail(known) == tail]
    if sighting.has_own_id:
        shown = same[0] if len(same) == 1 else f"...{tail.lstrip('- ')}"
        return shown if unique else f"{shown} ({end})"
    name = shortened(normalise_id(sighting.name).split()[-1].strip("-") or normalise_id(sighting.name), WORDS_LENGTH)
    if not sighting.protocol:
        return name if unique else f"{name} ({end})"
    if not unique or sighting.says:
        return _unbound(sighting)
    if len(same) == 1:
        return same[0]
    return name if not known_ids or _head(name) in {_head(known) for known in known_ids} else _unbound(sighting)


def _unbound(sighting: Sighting) -> str:
    return f"{sighting.protocol.upper()} ...{sighting.address[-ADDRESS_LENGTH:]}"


def _head(text: str) -> str:
    """The letters that an id begins with."""
    return re.split(r"[^A-Z]", text, maxsplit=1)[0]


def row_view(battery: NearbyBattery, here: StationTime) -> RowView:
    """A battery as a row of the list."""
    near, icon = near_words(battery.rssi)
    return RowView(key=battery.address, words=battery.shown, note=_note(battery, here), near=near, icon=icon, allowed=battery.may_be_chosen)


def _note(battery: NearbyBattery, here: StationTime) -> str:
    if battery.fresh is not None and battery.known not in (Known.JUST_RETURNED, Known.SET_ASIDE):
        energy = kwh_words(battery.fresh.kwh_remaining)
        if battery.barred:
            return tr("{energy} kWh, {reason}", energy=energy, reason=battery.barred)
        return tr("{energy} kWh, read {age} ago", energy=energy, age=age_words(battery.fresh.timestamp, here.now))
    if battery.reading is None:
        return tr(NOTES[battery.known])
    energy, time = kwh_words(battery.reading.kwh_remaining), clock_words(battery.reading.timestamp, here.zone)
    return tr("{energy} kWh at {time}", energy=energy, time=time)


def _nearby(seen: Sighting, around: Surroundings, *, unique: bool) -> NearbyBattery:
    returned = {around.returned_id} if around.returned_id else set[str]()
    memory = around.memory
    fresh, barred = around.fresh.get(seen.address), around.barred.get(seen.address, "")
    if fresh is not None and seen.has_own_id and unique:
        shown = normalise_id(fresh.battery_id)
    else:
        shown = called(seen, around.known_ids | memory.known_ids | memory.set_aside | returned, unique=unique)
    known = _known(seen, shown, around, unique=unique)
    reading = around.memory.reading(shown) if known is Known.READ_TODAY else None
    return NearbyBattery(address=seen.address, shown=shown, known=known, reading=reading, rssi=seen.rssi, fresh=fresh, barred=barred)


def _known(seen: Sighting, shown: str, around: Surroundings, *, unique: bool) -> Known:
    if unique and around.returned_id and seen.may_be(around.returned_id):
        return Known.JUST_RETURNED
    if shown in around.memory.set_aside:
        return Known.SET_ASIDE
    if seen.says:
        return Known.SAYS_ANOTHER
    if not seen.protocol:
        return Known.NO_BATTERY
    if seen.address in around.barred:
        return Known.REFUSED
    if not unique:
        return Known.NAME_SHARED if seen.has_own_id else Known.ALIKE_UNBOUND
    if seen.address in around.fresh:
        return Known.READ_NOW
    if shown == _unbound(seen):
        return Known.NOT_BOUND
    reading = around.memory.reading(shown)
    if reading is None or reading.kwh_remaining is None:
        return Known.NOT_READ
    today = reading.timestamp.astimezone(around.zone).date() == around.now.astimezone(around.zone).date()
    return Known.READ_TODAY if today else Known.NOT_READ_TODAY


def near_words(rssi: int | None) -> tuple[str, str]:
    """How near a battery is, in a word with its icon; "" for both where that is not known."""
    if rssi is None:
        return "", ""
    return next((tr(words), icon) for least, words, icon in NEARNESS if rssi >= least)
