"""The list of batteries in range: which id a sighting has, what is known of it, how near it is, whether it may be chosen. Pure.

An advertised name carries the last six characters of an id only, so what is shown is a guess from ids known here; the id inside the battery
decides when it is read (decision 12). Two that are named alike are told apart by the end of their address; the one that is chosen is read
by its address, and it alone. A sighting is barred only where no other one in range could be meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk.domain.battery.battery import normalise_id
from kiosk.station.ports import Sighting
from ui.pages.formatting import kwh_words
from ui.pages.session_memory import SessionMemory
from ui.pages.shared_text import clock_words
from ui.widgets import RowView

TAIL_LENGTH = 6
NEARNESS = ((-55, "Very near", "wifi-high-bold"), (-70, "Near", "wifi-medium-bold"), (-999, "Far", "wifi-low-bold"))
ADDRESS_LENGTH = 5  # the end of the address, which tells apart what one name does not
JUST_RETURNED, SET_ASIDE, NAME_SHARED = "just returned", "set aside", "alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known while the list is shown: the battery just returned ("" on a first visit), ids known here, earlier readings."""

    returned_id: str
    known_ids: frozenset[str]
    memory: SessionMemory
    now: datetime
    zone: tzinfo | None


def rows_of(seen: Sequence[Sighting], around: Surroundings) -> tuple[RowView, ...]:
    """Batteries first, each group as ranked by the scanner; what may not be chosen comes last. Devices without a name are left out."""
    named = [each for each in seen if normalise_id(each.name)]
    tails = [tail_of(each.name) for each in named]
    rows = [_row(each, around, unique=tails.count(tail_of(each.name)) == 1) for each in named]
    return (*(row for row in rows if row.allowed), *(row for row in rows if not row.allowed))


def tail_of(text: str) -> str:
    """What an advertised name and the id of the same battery have in common."""
    return normalise_id(text)[-TAIL_LENGTH:]


def chosen_of(rows: Sequence[RowView], current: str) -> str:
    """The row that is chosen: the same as before while it is in range, else the likeliest ("" for none). Of several with one name none is
    chosen for the attendant."""
    allowed = [row for row in rows if row.allowed]
    if any(row.key == current for row in allowed):
        return current
    return next((row.key for row in allowed if row.note != NAME_SHARED), "")


def id_of(sighting: Sighting, known_ids: frozenset[str]) -> str:
    """The id as it is probably printed on the battery: a known one with the same tail, else one built like the known ones where
    the name tells no more than the tail."""
    tail = tail_of(sighting.name)
    same = [known for known in known_ids if tail_of(known) == tail]
    if len(same) == 1:
        return same[0]
    heads = {known[:-TAIL_LENGTH] for known in known_ids if len(known) > TAIL_LENGTH}
    if sighting.has_own_id and len(heads) == 1:
        return f"{next(iter(heads))}{tail}"
    return normalise_id(sighting.name).split()[-1].strip("-") or normalise_id(sighting.name)


def _row(seen: Sighting, around: Surroundings, *, unique: bool) -> RowView:
    shown = id_of(seen, around.known_ids | ({around.returned_id} if around.returned_id else set()))
    if not unique:
        shown = f"{shown} ({seen.address[-ADDRESS_LENGTH:]})"
    note, allowed = _note(seen, shown, around, unique=unique)
    near, icon = _near(seen.rssi)
    return RowView(key=seen.address, words=shown, note=note, near=near, icon=icon, allowed=allowed)


def _note(seen: Sighting, shown: str, around: Surroundings, *, unique: bool) -> tuple[str, bool]:
    if unique and around.returned_id and tail_of(seen.name) == tail_of(around.returned_id):
        return JUST_RETURNED, False
    if shown in around.memory.set_aside:
        return SET_ASIDE, False
    if not seen.protocol:
        return "perhaps no battery", True
    if not unique:
        return NAME_SHARED, True
    reading = around.memory.reading(shown)
    if reading is None or reading.kwh_remaining is None:
        return "not read yet", True
    today = reading.timestamp.astimezone(around.zone).date() == around.now.astimezone(around.zone).date()
    return (f"{kwh_words(reading.kwh_remaining)} kWh at {clock_words(reading.timestamp, around.zone)}" if today else "not read today"), True


def _near(rssi: int | None) -> tuple[str, str]:
    if rssi is None:
        return "", ""
    return next((words, icon) for least, words, icon in NEARNESS if rssi >= least)
