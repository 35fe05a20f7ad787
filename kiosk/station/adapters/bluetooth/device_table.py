"""The devices in range, in an order that a person can point at: the own fleet first, then batteries, then the rest, the strongest first.

Pure book-keeping, cheap enough for every advertisement among hundreds of devices; no failure of its own. The signal strength is
smoothed, and neighbours in the list change places only for a clear difference. A device is never hidden for its name, only ranked. A
device that was not received for a while leaves the table; the time in which a battery was being read does not count, since nobody listens.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.shared.system import Clock
from kiosk.station.adapters.bluetooth import protocol_registry
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, AdvertisedDevice, Advertisement, EstimatePolicy, Timeouts
from kiosk.station.adapters.bluetooth.target import Namesakes
from kiosk.station.ports import Sighting

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFilter:
    """`protocols` are names of `protocol_registry.protocol_names`, none of them meaning all. `fleet_names` are beginnings of advertised
    names: who has one is ranked first; nobody is hidden for a name.
    """

    protocols: tuple[str, ...] = ()
    fleet_names: tuple[str, ...] = ()

    def allows(self, protocol: str) -> bool:
        """Whether batteries of this kind may be read here."""
        return not self.protocols or protocol in self.protocols

    def is_fleet_name(self, name: str) -> bool:
        """Whether a device with this name is looked for first."""
        return name.strip().upper().startswith(tuple(prefix.upper() for prefix in self.fleet_names))


ANYTHING = FleetFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """What is the same for every list and every reading of a scanner. `namesakes` is the scanner's memory of names."""

    clock: Clock
    timeouts: Timeouts = field(default_factory=Timeouts)
    estimates: EstimatePolicy = REFUSE_ESTIMATES
    fleet_filter: FleetFilter = ANYTHING
    namesakes: Namesakes = field(default_factory=Namesakes)


class HeardTime:
    """How long the adapter has listened, and how long it could not, because a battery was being read; in seconds of the running loop."""

    def __init__(self) -> None:
        self._totals = {"listening": 0.0, "deaf": 0.0}
        self._doing, self._since = "", 0.0

    @property
    def listened_seconds(self) -> float:
        return self._total("listening")

    @property
    def deaf_seconds(self) -> float:
        return self._total("deaf")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Deaf while inside, but for when it listens."""
        with self._turn_to("deaf"):
            yield

    @contextmanager
    def listening(self) -> Iterator[None]:
        """It listens while inside."""
        with self._turn_to("listening"):
            yield

    @contextmanager
    def _turn_to(self, what: str) -> Iterator[None]:
        before = self._doing
        self._begin(what)
        try:
            yield
        finally:
            self._begin(before)

    def _begin(self, what: str) -> None:
        self._totals = {each: self._total(each) for each in self._totals}
        self._doing, self._since = what, asyncio.get_running_loop().time()

    def _total(self, what: str) -> float:
        running = asyncio.get_running_loop().time() - self._since if what == self._doing else 0.0
        return self._totals[what] + running


_SMOOTHING = 0.25
_HYSTERESIS_DB = 4.0
_FORGET_SECONDS = 8.0
_STALE_SECONDS = 30.0  # as BlueZ, which forgets one that was not read then
_NOT_MEASURED = (-127, 127)  # what BlueZ and the specification give when there is no measurement


class DeviceTable:
    """`time` is the monotonic time in seconds of the loop that calls `note`; `namesakes` remembers names longer than this table does;
    `heard` says how much of the time somebody listened, None where somebody always does.
    """

    def __init__(
        self,
        time: Callable[[], float],
        fleet_filter: FleetFilter = ANYTHING,
        namesakes: Namesakes | None = None,
        heard: HeardTime | None = None,
    ) -> None:
        self._time, self._fleet_filter, self._namesakes = time, fleet_filter, namesakes or Namesakes()
        self._heard = heard
        self._devices: dict[str, AdvertisedDevice] = {}
        self._order: list[AdvertisedDevice] = []

    def __len__(self) -> int:
        return len(self._devices)

    def note(self, handle: "BLEDevice", data: "AdvertisementData") -> AdvertisedDevice:
        """Note one advertisement. A name is kept once it was received, since only some advertisements carry it."""
        address, name, now = handle.address, data.local_name or handle.name or "", self._time()
        device = self._devices.get(address)
        if device is None:
            device = AdvertisedDevice(address=address, name=name, device=handle, last_seen=now, first_heard=self._listened)
            self._devices[address] = device
        device.name, device.device, device.last_seen, device.last_heard = name or device.name, handle, now, self._hearing
        shown = (device.name, tuple(data.service_uuids), tuple(data.manufacturer_data), tuple(data.service_data))
        if shown != device.shown:  # recognising takes too long for every advertisement
            device.shown = shown
            self._recognise(device, data)
        if device.name and device.has_name_only:
            self._namesakes.note(address, device.name, now)
        if data.rssi not in _NOT_MEASURED:
            device.signal = float(data.rssi) if device.signal is None else device.signal + _SMOOTHING * (data.rssi - device.signal)
        return device

    def _recognise(self, device: AdvertisedDevice, data: "AdvertisementData") -> None:
        protocol = protocol_registry.protocol_of(
            Advertisement(
                name=device.name,
                address=device.address,
                service_uuids=tuple(data.service_uuids),
                manufacturer_data=data.manufacturer_data,
                service_data=data.service_data,
            )
        )
        device.protocol = protocol if self._fleet_filter.allows(protocol) else ""
        device.has_name_only = protocol_registry.has_name_only(device.protocol)
        device.rank = 2 if self._fleet_filter.is_fleet_name(device.name) else int(bool(device.protocol))

    def forget(self, address: str = "") -> None:
        """The device is not there any more, whatever was received; "" for all."""
        self._devices = {each: device for each, device in self._devices.items() if address and each != address}

    def rank(self) -> list[AdvertisedDevice]:
        """All devices in the order of the list."""
        heard, seen = self._hearing - _FORGET_SECONDS, self._time() - _STALE_SECONDS
        self._devices = {
            address: device for address, device in self._devices.items() if device.last_heard >= heard and device.last_seen >= seen
        }
        listed = {device.address for device in self._order}
        order = [device for device in self._order if device.address in self._devices]
        for device in sorted((each for each in self._devices.values() if each.address not in listed), key=_rank, reverse=True):
            order.insert(next((i for i, other in enumerate(order) if _rank(device) > _rank(other)), len(order)), device)
        self._order = _reorder(order)
        return list(self._order)

    def listened_since(self, device: AdvertisedDevice) -> float:
        """How many seconds somebody has listened since a device was first received: its twin would have been received as well."""
        return self._listened - device.first_heard

    @property
    def _listened(self) -> float:
        return self._time() if self._heard is None else self._heard.listened_seconds

    @property
    def _hearing(self) -> float:
        return self._time() - (0.0 if self._heard is None else self._heard.deaf_seconds)

    def sightings(self) -> tuple[Sighting, ...]:
        return tuple(device.sighting() for device in self.rank())


def _rank(device: AdvertisedDevice) -> tuple[int, float]:
    return device.rank, -999.0 if device.signal is None else device.signal


def _reorder(order: list[AdvertisedDevice]) -> list[AdvertisedDevice]:
    reordered: list[AdvertisedDevice] = []
    for device in order:
        place = len(reordered)
        while place and _is_clearly_before(device, reordered[place - 1]):
            place -= 1
        reordered.insert(place, device)
    return reordered


def _is_clearly_before(device: AdvertisedDevice, other: AdvertisedDevice) -> bool:
    (rank, signal), (other_rank, other_signal) = _rank(device), _rank(other)
    return rank > other_rank or (rank == other_rank and signal > other_signal + _HYSTERESIS_DB)
