"""What is wrong with the batteries in range as they are known: packs that only a name tells, one that says it is another. Pure."""

from collections import Counter
from collections.abc import Sequence

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.language import tr, tr_count
from kiosk.station.ports import Sighting


def problem_of(sighting: Sighting, seen: Sequence[Sighting]) -> str:
    """Why this one, among all that are seen, cannot be told from another by what it says; "" where it can."""
    if sighting.says:
        return _says_another(sighting)
    count = _shared_names(seen).get(normalise_id(sighting.name), 0) if _has_name_only(sighting) else 0
    return _called_alike(normalise_id(sighting.name), count) if count else ""


def problems_of(seen: Sequence[Sighting]) -> tuple[str, ...]:
    """A sentence for each name that several packs have and that are not bound, and for each device that says it is another battery."""
    alike = (_called_alike(name, count) for name, count in sorted(_shared_names(seen).items()))
    return (*alike, *(_says_another(each) for each in seen if each.says))


def _has_name_only(sighting: Sighting) -> bool:
    return bool(sighting.protocol) and not (sighting.has_own_id or sighting.battery_id)


def _shared_names(seen: Sequence[Sighting]) -> dict[str, int]:
    names = Counter(normalise_id(each.name) for each in seen if _has_name_only(each) and normalise_id(each.name))
    return {name: count for name, count in names.items() if count > 1}


def _called_alike(name: str, count: int) -> str:
    return tr_count(
        "{count} pack in range is called {name} and is not bound.",
        "{count} packs in range are called {name} and are not bound.",
        count,
        name=name,
    )


def _says_another(sighting: Sighting) -> str:
    return tr("{address} says it is {battery_id}, which is bound to another pack.", address=sighting.address, battery_id=sighting.says)
