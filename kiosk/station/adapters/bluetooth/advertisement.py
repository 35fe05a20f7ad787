"""What a device advertises, and what is known of a device in range."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.station.ports import Sighting

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

_Shown = tuple[str, tuple[str, ...], tuple[int, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertisement:
    """What a device advertises. `service_uuids` are written out in lower case, `manufacturer_data` goes by the company's number."""

    name: str
    address: str = ""
    service_uuids: tuple[str, ...] = ()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    service_data: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class AdvertisedDevice:
    """One device in range.

    `device` is the radio library's own handle, needed to connect. `protocol` is the kind of battery that it advertises, "" when it is none
    known here; `has_name_only` when batteries of that kind have no id but their name. `rank` is 2 for the own fleet, 1 for batteries that
    may be read. `shown` is what it was recognised by; `last_seen` is in seconds of the
    loop's time; `signal` in dBm, smoothed, None when not measured.
    """

    address: str
    name: str
    device: "BLEDevice"
    last_seen: float
    protocol: str = ""
    has_name_only: bool = False
    rank: int = 0
    shown: _Shown | None = None
    signal: float | None = None

    @property
    def rssi(self) -> int | None:
        return None if self.signal is None else round(self.signal)

    def sighting(self) -> Sighting:
        has_own_id = bool(self.protocol) and not self.has_name_only
        return Sighting(address=self.address, name=self.name, rssi=self.rssi, protocol=self.protocol, has_own_id=has_own_id)
