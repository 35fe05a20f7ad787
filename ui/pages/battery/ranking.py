"""Batteries in range: what each is called, what is known of it, whether it may be chosen, and in which order they are listed. Pure.

A battery that is bound is called by the id on its sticker. Of one that is not, an advertised name holds the last six characters of the id
at most: it is called by the id that it told when it was read a moment ago, else by the one id known here that ends so, else by what it
tells, and never by an id that is put together. The id inside
the battery, or its binding, decides when it is read (decisions 12, 84). The one that is chosen is read by its address.

Order: what may be handed out first, and of that the stock that is known to be charged, most energy first, then the one that is being read,
then the nearest. What is barred comes last, with the reason: `ui.pages.battery.barring`. A battery is barred too where no other one in
range can be meant, and where nothing but a name that others have too would be its id.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_DOWN, Decimal
from enum import Enum, auto

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, id_tail, normalise_id
from kiosk.domain.language import mark, tr
from kiosk.station.ports import Sighting
from ui.pages.battery.barring import Bar, bar_of_refusal, bar_of_stock
from ui.pages.formatting import StationTime, age_words, kwh_words, shortened
from ui.pages.session_memory import Refusal, SessionMemory
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
    NOT_READ = auto()
    NOT_READ_TODAY = auto()
    READ_TODAY = auto()


BARS = {
    Known.JUST_RETURNED: (mark("just returned"), mark("Just returned")),
    Known.SET_ASIDE: (mark("set aside"), mark("Set aside")),
    Known.ALIKE_UNBOUND: (mark("alike, not bound"), mark("Alike, not bound")),
    Known.SAYS_ANOTHER: (mark("has the name of another"), mark("Has the name of another")),
}
NOTES = {
    Known.NO_BATTERY: mark("perhaps no battery"),
    Known.NAME_SHARED: mark("alike"),
    Known.NOT_BOUND: mark("not bound"),
    Known.NOT_READ: mark("not read yet"),
    Known.NOT_READ_TODAY: mark("not read today"),
}
NOT_PROPOSED = frozenset({Known.NAME_SHARED, Known.NO_BATTERY})
TENTH = Decimal("0.1")
REFUSAL_HOLDS = timedelta(hours=1)  # what was too hot has cooled by then; proposed it is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known while the list is shown: the battery just returned ("" on a first visit), ids known here, earlier readings, the
    batteries that other customers have (`taken`), what a battery has to hold. By address: `fresh` are readings that may be taken as they
    are, `barred` says why some of these may not be handed out; `reading_now` is the address of the one that is being read, "" for none.
    """

    returned_id: str
    known_ids: frozenset[str]
    memory: SessionMemory
    now: datetime
    zone: tzinfo | None
    fresh: Mapping[str, BatteryTelemetry] = field(default_factory=dict)
    barred: Mapping[str, Bar] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    limits: FitnessLimits = field(default_factory=FitnessLimits)
    reading_now: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearbyBattery:
    """A battery in range. `shown` is what it is called; `reading` its last one, where it was read today; `fresh` one that may be
    taken as it is, `barred` why it may not be handed out; `refused` whether it was refused since it was last accepted; `read_now` whether
    it is being read."""

    address: str
    shown: str
    known: Known
    reading: BatteryTelemetry | None = None
    rssi: int | None = None
    fresh: BatteryTelemetry | None = None
    barred: Bar | None = None
    refused: bool = False
    read_now: bool = False

    @property
    def may_be_chosen(self) -> bool:
        return self.barred is None

    @property
    def may_be_proposed(self) -> bool:
        """Whether the list may show it as the next one without a touch: never again after a refusal."""
        return self.may_be_chosen and not self.refused and self.known not in NOT_PROPOSED

    @property
    def last(self) -> BatteryTelemetry | None:
        """The newest reading."""
        return self.fresh or self.reading


def nearby(seen: Sequence[Sighting], around: Surroundings) -> tuple[NearbyBattery, ...]:
    """In the order of the list. Devices without a name are left out."""
    with_name = [each for each in seen if each.battery_id or normalise_id(each.name)]
    tails = Counter(id_tail(each.name) for each in with_name if not each.battery_id)
    found = [_nearby(each, around, unique=bool(each.battery_id) or tails[id_tail(each.name)] == 1) for each in with_name]
    return tuple(sorted(found, key=_place))  # stable: the scanner's order, the nearest first, decides the rest


def _place(each: NearbyBattery) -> tuple[bool, bool, int, bool]:
    return not each.may_be_chosen, each.known is Known.NO_BATTERY, -_tenths(each.last), not each.read_now


def _tenths(reading: BatteryTelemetry | None) -> int:
    """Of a kWh, as a person compares: two that differ by less do not change places."""
    return -1 if reading is None or reading.kwh_remaining is None else int(reading.kwh_remaining / TENTH)


def barred_counts(batteries: Sequence[NearbyBattery]) -> tuple[tuple[str, int], ...]:
    """How many are barred, by reason, the commonest first."""
    return tuple(Counter(each.barred.group for each in batteries if each.barred is not None).most_common())


def choose(batteries: Sequence[NearbyBattery], current: str, *, touched: bool = True) -> str:
    """The address of the row that is shown as the next one: the same as before while it is in range, else the first that may be proposed
    ("" for none). One that no person has `touched` gives way to a better one as long as it is not read. Nothing is taken by it: a person
    takes it."""
    kept = (each for each in batteries if each.address == current and each.may_be_chosen)
    if any(touched or (each.fresh is not None and each.may_be_proposed) for each in kept):
        return current
    return next((each.address for each in batteries if each.may_be_proposed), "")


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
    """A battery as a row of the list. Its energy is rounded down: what may not be handed out never looks as if it held enough."""
    near, icon = near_words(battery.rssi)
    kwh = battery.last.kwh_remaining if battery.last is not None else None
    energy = "" if kwh is None else kwh_words(kwh.quantize(TENTH, ROUND_DOWN))
    note = battery.barred.note if battery.barred is not None else _note(battery, here)
    return RowView(key=battery.address, words=battery.shown, note=note, near=near, icon=icon, energy=energy, allowed=battery.may_be_chosen)


def _note(battery: NearbyBattery, here: StationTime) -> str:
    if battery.last is not None:
        return tr("read {age} ago", age=age_words(battery.last.timestamp, here.now))
    return tr("being read") if battery.read_now else tr(NOTES[battery.known])


def _nearby(seen: Sighting, around: Surroundings, *, unique: bool) -> NearbyBattery:
    returned = {around.returned_id} if around.returned_id else set[str]()
    memory, fresh = around.memory, around.fresh.get(seen.address)
    if fresh is not None and seen.has_own_id and unique:
        shown = normalise_id(fresh.battery_id)
    else:
        shown = called(seen, around.known_ids | memory.known_ids | memory.set_aside | returned, unique=unique)
    known, refusal = _known(seen, shown, around, unique=unique), memory.refusal(seen.address, shown if unique else "")
    return NearbyBattery(
        address=seen.address,
        shown=shown,
        known=known,
        reading=_of_today(shown, around) if unique and shown != _unbound(seen) else None,
        rssi=seen.rssi,
        fresh=fresh,
        barred=_bar(seen.address, shown, known, refusal, around),
        refused=refusal is not None,
        read_now=seen.address == around.reading_now,
    )


def _bar(address: str, shown: str, known: Known, refusal: Refusal | None, around: Surroundings) -> Bar | None:
    """Why it may not be chosen; a reading that may be taken as it is counts more than what was known before it."""
    if known in BARS:
        note, group = BARS[known]
        return Bar(note=tr(note), group=tr(group))
    fresh = around.fresh.get(address)
    if address in around.barred:
        return around.barred[address]
    if refusal is not None and around.now - refusal.at <= REFUSAL_HOLDS and (fresh is None or fresh.timestamp <= refusal.at):
        return bar_of_refusal(refusal.error, refusal.at, around.zone)
    if fresh is not None or known in (Known.NO_BATTERY, Known.NAME_SHARED):
        return None
    return bar_of_stock(shown, around.memory.reading(shown), around.taken, around.limits, around.now)


def _of_today(shown: str, around: Surroundings) -> BatteryTelemetry | None:
    reading = around.memory.reading(shown)
    if reading is None or reading.kwh_remaining is None:
        return None
    today = reading.timestamp.astimezone(around.zone).date() == around.now.astimezone(around.zone).date()
    return reading if today else None


def _known(seen: Sighting, shown: str, around: Surroundings, *, unique: bool) -> Known:
    if unique and around.returned_id and seen.may_be(around.returned_id):
        return Known.JUST_RETURNED
    if shown in around.memory.set_aside:
        return Known.SET_ASIDE
    if seen.says:
        return Known.SAYS_ANOTHER
    if not seen.protocol:
        return Known.NO_BATTERY
    if not unique and seen.address not in around.barred:
        return Known.NAME_SHARED if seen.has_own_id else Known.ALIKE_UNBOUND
    if seen.address in around.fresh:
        return Known.READ_NOW
    if shown == _unbound(seen):
        return Known.NOT_BOUND
    if _of_today(shown, around) is not None:
        return Known.READ_TODAY
    return Known.NOT_READ if around.memory.reading(shown) is None else Known.NOT_READ_TODAY


def near_words(rssi: int | None) -> tuple[str, str]:
    """How near a battery is, in a word with its icon; "" for both where that is not known."""
    if rssi is None:
        return "", ""
    return next((tr(words), icon) for least, words, icon in NEARNESS if rssi >= least)
