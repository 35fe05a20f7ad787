"""One device as its advertisements show it."""

from dataclasses import dataclass

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.domain.battery import battery_kinds
from kiosk.station.ports import Sighting

_NAME_ONLY = frozenset(battery_kinds.COMMODITY)


_Shown = tuple[str, tuple[str, ...], tuple[int, ...], tuple[str, ...]]


@dataclass(slots=True)
class AdvertisedDevice:
    """One device in range; `device` is the radio library's own handle, needed to connect, `advertisement` the latest one. `protocol` is
    the kind of battery that it advertises, "" when it is none known here; `rank` 2 for the own fleet, 1 for batteries that may be read.
    """

    address: str
    name: str
    device: BLEDevice
    advertisement: AdvertisementData
    heard_at: float
    protocol: str = ""
    rank: int = 0
    shown: _Shown | None = None
    signal: float | None = None

    @property
    def rssi(self) -> int | None:
        return None if self.signal is None else round(self.signal)

    @property
    def has_name_only(self) -> bool:
        """Whether it is a battery that has no id but its name."""
        return self.protocol in _NAME_ONLY

    def sighting(self) -> Sighting:
        return Sighting(address=self.address, name=self.name, rssi=self.rssi, protocol=self.protocol)
