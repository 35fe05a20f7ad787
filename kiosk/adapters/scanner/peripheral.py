"""A device as the air shows it: a name, bytes behind characteristics, and how its link behaves. No bleak, no protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Peripheral:
    """`services` holds the bytes by service UUID and characteristic UUID. `reads_before_drop`: the link is lost at the next read after so
    many. `silent`: connects and never answers a read.
    """

    address: str
    name: str
    rssi: int = -60
    services: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    connect_seconds: float = 0.0
    read_seconds: float = 0.0
    reads_before_drop: int | None = None
    silent: bool = False
