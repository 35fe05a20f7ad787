"""A simulated device: a name, bytes behind characteristics, what it notifies, and how its link behaves. No bleak, no protocol.

Whatever plays a Peripheral (bleak's backend in memory, a service on a bus) keeps to the same rules: a characteristic answers a read with
its bytes; a write or a subscription is handed to `on_write` or `on_subscribe`, and what these return is notified in order, `read_seconds`
before each, to who has subscribed by then; a link that ends takes what was not yet notified with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

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


Ability = Literal["read", "write", "write-without-response", "notify"]
READ_ONLY: tuple[Ability, ...] = ("read",)

Notification = tuple[str, bytes]
"""One notification: the UUID of its characteristic, and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peripheral:
    """`services` holds the bytes by service UUID and characteristic UUID; `properties` GATT's names by characteristic UUID where they are
    not just "read", `descriptions` the texts of descriptors 0x2901, by the same key. `advertised` are the service UUIDs in the
    advertisement, None for all there are. `reads_before_drop`: the link is lost at the next read or write after so many. `silent`: it
    connects, takes every write, and never answers a read or notifies.
    """

    address: str
    name: str
    rssi: int = -60
    services: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    properties: Mapping[str, tuple[Ability, ...]] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    advertised: tuple[str, ...] | None = None
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    on_write: Callable[[str, bytes], Sequence[Notification]] | None = None
    on_subscribe: Callable[[str], Sequence[Notification]] | None = None
    connect_seconds: float = 0.0
    read_seconds: float = 0.0
    reads_before_drop: int | None = None
    silent: bool = False

    @property
    def service_uuids(self) -> tuple[str, ...]:
        """What the advertisement lists."""
        return tuple(self.services) if self.advertised is None else self.advertised

    def properties_of(self, uuid: str) -> tuple[Ability, ...]:
        """GATT's names of what a characteristic can do."""
        return self.properties.get(uuid, READ_ONLY)

    def answer_write(self, uuid: str, data: bytes) -> Sequence[Notification]:
        """What is notified after this write."""
        return () if self.silent or self.on_write is None else self.on_write(uuid, data)

    def answer_subscription(self, uuid: str) -> Sequence[Notification]:
        """What is notified after this subscription, unasked."""
        return () if self.silent or self.on_subscribe is None else self.on_subscribe(uuid)
