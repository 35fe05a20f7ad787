"""The station that a kiosk stands at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Who and where: ids go on the wire, names on screen and paper."""

    id: str
    name: str
    attendant_id: str
