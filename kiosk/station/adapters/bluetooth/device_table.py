"""The devices in range, in an order that a person can point at: the own fleet first, then batteries, then the rest, the strongest first.

Pure book-keeping, cheap enough for every advertisement among hundreds of devices; no failure of its own. The signal strength is
smoothed, and neighbours in the list change places only for a clear difference. A device is never hidden for its name, only ranked. A
device that was not received for a while leaves the table; the time in which a battery was being read does not count, since nobody listens.
The weakest that are not known leave it too when there are too many.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.display import cleaned
from kiosk.shared.system import Clock
from kiosk.station.adapters.bluetooth import protocol_registry
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, AdvertisedDevice, Advertisement, EstimatePolicy, Timeouts
from kiosk.station.adapters.bluetooth.families import has_battery_service
from kiosk.station.adapters.bluetooth.target import Namesakes, last_word
from kiosk.station.ports import KnownBatteries, NoBindings, Sighting

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFilter:
    """`protocols` are names of `protocol_registry.protocol_names`, none of them meaning all. `fleet_names` are beginnings of advertised
    names: who has one is ranked first; nobody is hidden for a name. `families` is the kind by the beginning of a name, whatever such a
    battery advertises: most kinds are recognised by the maker's name, which a pack that was renamed has no more.
    """

    protocols: tuple[str, ...] = ()
    fleet_names: tuple[str, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)

    def allows(self, protocol: str) -> bool:
        """Whether batteries of this kind may be read here."""
        return not self.protocols or protocol in self.protocols

    def is_fleet_name(self, name: str) -> bool:
        """Whether a device with this name is looked for first."""
        return name.strip().upper().startswith(tuple(prefix.upper() for prefix in self.fleet_names))

    def family_of(self, name: str) -> str:
        """The kind that batteries with such a name are, "" where that is not configured; the longest beginning counts."""
        found = [prefix for prefix in self.families if name.strip().upper().startswith(prefix.upper())]
        return self.families[max(found, key=len)] if found else ""


ANYTHING = FleetFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """What is the same for every list and every reading of a scanner. `namesakes` is the scanner's memory of names, `bindings`
    what is known of batteries that are bound."""

    clock: Clock
    timeouts: Timeouts = field(default_factory=Timeouts)
    estimates: EstimatePolicy = REFUSE_ESTIMATES
    fleet_filter: FleetFilter = ANYTHING
    namesakes: Namesakes = field(default_factory=Namesakes)
    bindings: KnownBatteries = field(default_factory=NoBindings)


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
MAX_DEVICES = 300
_MORE = 60  # so many more may come before the weakest are taken out, all at once
MAX_NAME = 64  # characters of a name
_FORGET_SECONDS = 8.0
_STALE_SECONDS = 30.0  # as BlueZ, which forgets one that was not read then
_NOT_MEASURED = (-127, 127)  # what BlueZ and the specification give when there is no measurement


class DeviceTable:
    """`time` is the monotonic time in seconds of the loop that calls `note`; `namesakes` remembers names longer than this table does;
    `heard` says how much of the time somebody listened, None where somebody always does.

    `is_wanted` tells by address and name what stays however weak and unknown it is; a reading sets it while it looks.
    """

    def __init__(
        self,
        time: Callable[[], float],
        fleet_filter: FleetFilter = ANYTHING,
        namesakes: Namesakes | None = None,
        bindings: KnownBatteries | None = None,
        heard: HeardTime | None = None,
    ) -> None:
        self._time, self._fleet_filter, self._namesakes = time, fleet_filter, namesakes or Namesakes()
        self._bindings, self._heard = bindings or NoBindings(), heard
        self.is_wanted: Callable[[str, str], bool] = lambda _address, _name: False
        self._devices: dict[str, AdvertisedDevice] = {}
        self._order: list[AdvertisedDevice] = []

    def __len__(self) -> int:
        return len(self._devices)

    def __contains__(self, address: object) -> bool:
        return address in self._devices

    def note(self, handle: "BLEDevice", data: "AdvertisementData") -> AdvertisedDevice:
        """Note one advertisement. A name is kept once it was received, since only some advertisements carry it."""
        address, now = handle.address, self._time()
        device = self._devices.get(address)
        if device is None:
            device = AdvertisedDevice(address=address, name="", device=handle, last_seen=now, first_heard=self._listened)
            self._devices[address] = device
        device.device, device.last_seen, device.last_heard = handle, now, self._hearing
        name = self._namesakes.name_of(address, data.local_name or handle.name or "") or device.advertised_name
        shown = (name, tuple(data.service_uuids), tuple(data.manufacturer_data), tuple(data.service_data))
        if shown != device.shown:  # recognising takes too long for every advertisement
            device.shown, device.advertised_name = shown, name
            device.name = cleaned(name, MAX_NAME)
            device.kind = self._fleet_filter.family_of(device.name) or _advertised_kind(device, data)
            device.has_battery_service = has_battery_service(data.service_uuids)
            self._settle(device)
        else:
            self._keep_binding(device)
        if device.name and (device.may_share_name or device.protocol):
            self._namesakes.note(address, device.name, now, is_id=device.may_share_name)
        if data.rssi not in _NOT_MEASURED:
            device.signal = float(data.rssi) if device.signal is None else device.signal + _SMOOTHING * (data.rssi - device.signal)
        if len(self._devices) > MAX_DEVICES + _MORE:
            self._drop_weakest()
        return device

    def _keep_binding(self, device: AdvertisedDevice) -> None:
        """What is bound changes while a device is in range: it counts from that moment, and not from its next advertisement."""
        if (self._bindings.binding_at(device.address.upper()), self._said_by(device)) != (device.binding, device.says):
            self._settle(device)

    def _settle(self, device: AdvertisedDevice) -> None:
        device.binding = self._bindings.binding_at(device.address.upper())
        protocol = (device.binding.family if device.binding is not None else "") or device.kind
        device.protocol = protocol if self._fleet_filter.allows(protocol) else ""
        device.has_name_only = protocol_registry.has_name_only(device.protocol)
        is_fleet = device.binding is not None or self._fleet_filter.is_fleet_name(device.name)
        device.rank = 2 if is_fleet else int(bool(device.protocol))
        device.says = self._said_by(device)
        device.may_share_name = device.has_name_only or bool(device.says) or (not protocol and device.has_battery_service)

    def _said_by(self, device: AdvertisedDevice) -> str:
        """The id that its name is, or ends in, and that is bound to another address; "" for one that is bound itself."""
        if self._bindings.binding_at(device.address.upper()) is not None:
            return ""
        name = normalise_id(device.name)
        said = (each for each in (name, last_word(name)) if each and self._bindings.binding_of(each) is not None)
        return next(said, "")

    def _drop_weakest(self) -> None:
        best = sorted(self._devices.values(), key=self._worth, reverse=True)[:MAX_DEVICES]
        kept = {device.address for device in best}
        self._devices = {address: device for address, device in self._devices.items() if address in kept}

    def _worth(self, device: AdvertisedDevice) -> tuple[bool, int, bool, float]:
        return (self.is_wanted(device.address, device.name), device.rank, device.may_share_name, _signal(device))

    def forget(self, address: str = "") -> None:
        """The device is not there any more, whatever was received; "" for all."""
        self._devices = {each: device for each, device in self._devices.items() if address and each != address}

    def rank(self) -> list[AdvertisedDevice]:
        """All devices in the order of the list."""
        heard, seen = self._hearing - _FORGET_SECONDS, self._time() - _STALE_SECONDS
        self._devices = {
            address: device for address, device in self._devices.items() if device.last_heard >= heard and device.last_seen >= seen
        }
        for device in self._devices.values():
            self._keep_binding(device)
        if len(self._devices) > MAX_DEVICES:
            self._drop_weakest()
        known = [device for device in self._order if self._devices.get(device.address) is device]
        listed = {device.address for device in known}
        new = sorted((each for each in self._devices.values() if each.address not in listed), key=_rank, reverse=True)
        self._order = _reorder(_merged(known, new))
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
        now = self._time()
        return tuple(device.sighting(now) for device in self.rank())


def _advertised_kind(device: AdvertisedDevice, data: "AdvertisementData") -> str:
    return protocol_registry.protocol_of(
        Advertisement(
            name=device.advertised_name,
            address=device.address,
            service_uuids=tuple(data.service_uuids),
            manufacturer_data=data.manufacturer_data,
            service_data=data.service_data,
        )
    )


def _signal(device: AdvertisedDevice) -> float:
    return -999.0 if device.signal is None else device.signal


def _rank(device: AdvertisedDevice) -> tuple[int, float]:
    return device.rank, _signal(device)


def _merged(order: list[AdvertisedDevice], new: list[AdvertisedDevice]) -> list[AdvertisedDevice]:
    """`new`, best first, each before the first in `order` that it is better than; one walk through both."""
    merged: list[AdvertisedDevice] = []
    place = 0
    for device in order:
        while place < len(new) and _rank(new[place]) > _rank(device):
            merged.append(new[place])
            place += 1
        merged.append(device)
    return merged + new[place:]


def _reorder(order: list[AdvertisedDevice]) -> list[AdvertisedDevice]:
    reordered: list[tuple[int, float, AdvertisedDevice]] = []
    for device in order:
        (rank, signal), place = _rank(device), len(reordered)
        while place and _is_clearly_before(rank, signal, reordered[place - 1]):
            place -= 1
        reordered.insert(place, (rank, signal, device))
    return [device for _, _, device in reordered]


def _is_clearly_before(rank: int, signal: float, other: tuple[int, float, AdvertisedDevice]) -> bool:
    return rank > other[0] or (rank == other[0] and signal > other[1] + _HYSTERESIS_DB)
