"""What is heard, in an order that a person can point at: smoothed signal, hysteresis, the own fleet first, then batteries, then the rest.

Pure book-keeping, cheap enough for every advertisement of a crowded room; no failure of its own. A device is never hidden for its
name, only ranked. A signal strength that was not told does not enter the average. Devices not heard for a while leave.
"""

from collections.abc import Callable

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.station.adapters.bluetooth.advertisement import AdvertisedDevice
from kiosk.station.adapters.bluetooth.fleet_filter import ANYTHING, FleetFilter
from kiosk.station.adapters.bluetooth.namesakes import Namesakes
from kiosk.station.adapters.bluetooth.protocols import detection
from kiosk.station.ports import Sighting

_SMOOTHING = 0.25
_HYSTERESIS_DB = 4.0
_FORGET_SECONDS = 8.0

_NOT_TOLD = (-127, 127)  # what BlueZ and the specification give when there is no measurement


class DeviceTable:
    """Everything in range. `time` is the monotonic time in seconds of the loop that calls `hear`; `namesakes` remembers names longer."""

    def __init__(self, time: Callable[[], float], fleet_filter: FleetFilter = ANYTHING, namesakes: Namesakes | None = None) -> None:
        self._time = time
        self._namesakes = namesakes if namesakes is not None else Namesakes()
        self._fleet_filter = fleet_filter
        self._heard: dict[str, AdvertisedDevice] = {}
        self._order: list[AdvertisedDevice] = []

    def __len__(self) -> int:
        return len(self._heard)

    def hear(self, device: BLEDevice, advertisement: AdvertisementData) -> AdvertisedDevice:
        """Note one advertisement; a name once heard is kept, since it comes in only some of them."""
        address, name, rssi = device.address, advertisement.local_name or device.name or "", advertisement.rssi
        heard = self._heard.get(address)
        if heard is None:
            heard = self._heard[address] = AdvertisedDevice(address, name, device, advertisement, self._time())
        heard.name, heard.device, heard.advertisement, heard.heard_at = name or heard.name, device, advertisement, self._time()
        self._recognise(heard)
        if heard.name and heard.has_name_only:
            self._namesakes.note(address, heard.name, heard.heard_at)
        if rssi not in _NOT_TOLD:
            heard.signal = float(rssi) if heard.signal is None else heard.signal + _SMOOTHING * (rssi - heard.signal)
        return heard

    def _recognise(self, heard: AdvertisedDevice) -> None:
        told = heard.advertisement
        shown = (heard.name, tuple(told.service_uuids), tuple(told.manufacturer_data), tuple(told.service_data))
        if shown != heard.shown:  # it costs too much for every advertisement
            protocol = detection.protocol_of(heard.name, heard.address, told)
            heard.shown, heard.protocol = shown, protocol if self._fleet_filter.allows(protocol) else ""
            heard.rank = 2 if self._fleet_filter.is_fleet_name(heard.name) else int(bool(heard.protocol))

    def forget(self, address: str) -> None:
        """It is not there any more, whatever was heard."""
        self._heard.pop(address, None)

    def ranked(self) -> list[AdvertisedDevice]:
        """The own fleet first, then batteries, the rest, each strongest first; neighbours change places only for a clear difference."""
        self._forget()
        known = {heard.address for heard in self._order}
        order = [heard for heard in self._order if heard.address in self._heard]
        for heard in sorted((h for h in self._heard.values() if h.address not in known), key=_rank, reverse=True):
            _insert(order, heard)
        self._order = _settled(order)
        return list(self._order)

    def sightings(self) -> tuple[Sighting, ...]:
        return tuple(heard.sighting() for heard in self.ranked())

    def _forget(self) -> None:
        oldest = self._time() - _FORGET_SECONDS
        self._heard = {address: heard for address, heard in self._heard.items() if heard.heard_at >= oldest}


def _rank(heard: AdvertisedDevice) -> tuple[int, float]:
    return heard.rank, -999.0 if heard.signal is None else heard.signal


def _insert(order: list[AdvertisedDevice], heard: AdvertisedDevice) -> None:
    place = next((i for i, other in enumerate(order) if _rank(heard) > _rank(other)), len(order))
    order.insert(place, heard)


def _settled(order: list[AdvertisedDevice]) -> list[AdvertisedDevice]:
    settled: list[AdvertisedDevice] = []
    for heard in order:
        place = len(settled)
        while place and _clearly_before(heard, settled[place - 1]):
            place -= 1
        settled.insert(place, heard)
    return settled


def _clearly_before(heard: AdvertisedDevice, other: AdvertisedDevice) -> bool:
    (rank, signal), (other_rank, other_signal) = _rank(heard), _rank(other)
    return rank > other_rank or (rank == other_rank and signal > other_signal + _HYSTERESIS_DB)
