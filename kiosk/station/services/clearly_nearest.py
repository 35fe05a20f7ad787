"""Which pack in range lies on the counter: told by how loud it is, and only where there is no doubt (decision 84)."""

from collections.abc import Sequence

from kiosk.station.ports import Sighting

CLEARLY_DB = 8


def clearly_nearest(sightings: Sequence[Sighting]) -> Sighting | None:
    """The only battery in range, or the one that is received CLEARLY_DB stronger than every other; None where none is. One whose signal
    is not known is never nearest beside another."""
    packs = sorted((each for each in sightings if each.protocol), key=lambda each: _rssi(each), reverse=True)
    if len(packs) < 2:
        return packs[0] if packs else None
    is_clear = packs[0].rssi is not None and packs[1].rssi is not None and packs[0].rssi - packs[1].rssi >= CLEARLY_DB
    return packs[0] if is_clear else None


def _rssi(sighting: Sighting) -> int:
    return -999 if sighting.rssi is None else sighting.rssi
