"""What a kind of battery consists of: how it is recognised, how it is read, and how it is simulated. No bleak.

`read` connects with `session.link` and gives a reading (`rssi` and `seconds` are filled in by the caller) or raises BatteryUnreadable or
one of RADIO_ERRORS. The caller bounds it in time; cancelled at any point it leaves no link.

A simulated battery is a Peripheral: a name, bytes behind characteristics, what it notifies, and how its link behaves. Whatever plays one
(bleak's backend in memory, a service on a bus) keeps to the same rules: a characteristic answers a read with its bytes; a write or a
subscription is handed to `on_write` or `on_subscribe`, and what these return is notified in order, `read_seconds` before each, to who has
subscribed by then; a link that ends takes what was not yet notified with it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.binding import Binding
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.language import mark
from kiosk.station.ports import Sighting

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.device import BLEDevice


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

    `device` is the radio library's own handle, needed to connect. `name` is what it is called here, `advertised_name` the same as it came.
    `protocol` is the kind of battery that it is, "" when it is none known here; `has_name_only` when batteries of that kind have no id but
    their name; `may_share_name` when another may be the same battery by its name alone. `binding` is the battery that is bound to this
    address; `says` the one, bound to another address, whose id it advertises, "" for none. `rank` is 2 for the own fleet, 1 for batteries
    that may be read. `shown` is what it was recognised by, `kind` the kind that it advertises to be, whatever is bound; `last_seen` is in
    seconds of the loop's time; `first_heard` in seconds of listening, `last_heard` in seconds that do not count readings; `signal` in dBm,
    smoothed, None when not measured.
    """

    address: str
    name: str
    device: "BLEDevice"
    last_seen: float
    advertised_name: str = ""
    kind: str = ""
    has_battery_service: bool = False
    protocol: str = ""
    has_name_only: bool = False
    rank: int = 0
    binding: Binding | None = None
    says: str = ""
    may_share_name: bool = False
    shown: tuple[object, ...] | None = None
    signal: float | None = None
    first_heard: float = 0.0
    last_heard: float = 0.0

    @property
    def rssi(self) -> int | None:
        return None if self.signal is None else round(self.signal)

    def sighting(self, now: float) -> Sighting:
        return Sighting(
            address=self.address,
            name=self.name,
            rssi=self.rssi,
            protocol=self.protocol,
            has_own_id=bool(self.protocol) and not self.has_name_only,
            battery_id="" if self.binding is None else normalise_id(self.binding.battery_id),
            says=self.says,
            heard_seconds_ago=max(0.0, now - self.last_seen),
            has_random_address=_is_random(self.device.details),
        )


def _is_random(details: object) -> bool:
    """As BlueZ tells it; other systems do not."""
    told = details.get("props") if isinstance(details, dict) else None
    return isinstance(told, dict) and told.get("AddressType") == "random"


Ability = Literal["read", "write", "write-without-response", "notify"]
CAN_NOTIFY: tuple[Ability, ...] = ("read", "notify")
CAN_WRITE: tuple[Ability, ...] = ("read", "write", "write-without-response")

Notification = tuple[str, bytes]
"""One notification: the UUID of its characteristic, and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peripheral:
    """`services` holds the bytes by service UUID and characteristic UUID; `properties` GATT's names by characteristic UUID where they are
    not just "read", `descriptions` the texts of descriptors 0x2901, by the same key. `advertised` are the service UUIDs in the
    advertisement, None for all there are. `reads_before_drop`: the link is lost at the next read or write after so many. `silent`: it
    connects, takes every write, and never answers a read or notifies.
    """

    address: str = ""
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
        return self.properties.get(uuid, ("read",))

    def answer_write(self, uuid: str, data: bytes) -> Sequence[Notification]:
        """What is notified after this write."""
        return () if self.silent or self.on_write is None else self.on_write(uuid, data)

    def answer_subscription(self, uuid: str) -> Sequence[Notification]:
        """What is notified after this subscription, unasked."""
        return () if self.silent or self.on_subscribe is None else self.on_subscribe(uuid)


# ---------------------------------------------------------------- simulation

NO_OWN_ID = mark("such a battery tells no id but its name")
NOT_TOLD = mark("such a battery does not tell it")


class Fault(StrEnum):
    """What can be wrong with a simulated battery. The damage is done to its bytes or its link, several at once if so wanted."""

    UNREACHABLE = "unreachable"  # not in range: asleep, out of range, or someone else is connected to it
    SLOW = "slow"  # connects and answers, but takes about six seconds in all
    DROPS_LINK = "drops_link"  # every link is lost: at the third value of an OVES battery, at the second question to any other
    SILENT = "silent"  # connects and never answers
    BAD_FRAME = "bad_frame"  # an OVES battery sends too few bytes of its voltage, any other a wrong checksum
    CONTRADICTORY = "contradictory"  # its state of charge is 50 points off its capacities
    HOT = "hot"  # its temperature is 68 °C
    WRONG_ID = "wrong_id"  # the id inside is not the one its name ends with: every digit is one higher (BAT-12345 says BAT-23456)
    BROKEN_SENSOR = "broken_sensor"  # its temperature is 215 °C, as where a sensor is missing
    DEAD_CELL = "dead_cell"  # its first cell is at 0 V, and the others make up for it
    UNEQUAL_CELLS = "unequal_cells"  # its first cell is 0.4 V above its last one
    OUTPUT_OFF = "output_off"  # its discharge switch is off
    SAME_TAIL = "same_tail"  # a second battery, nearer and with another id, ends in the same six characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What the registers of a protocol count. `step_mv` None: any voltage is rounded to millivolts. `full_mah` are usual sizes,
    `problem_bits` how many bits its problem code has.
    """

    step_mah: int = 1
    max_mah: int
    step_mv: int | None = None
    max_volts: int = 120
    min_celsius: int = -273
    problem_bits: int = 0
    full_mah: tuple[int, ...] = (30_000, 45_000, 60_000, 100_000, 200_000, 280_000, 400_000, 600_000)


@dataclass(frozen=True, slots=True)
class Charge:
    """What the battery's registers hold."""

    millivolts: int
    remaining_mah: int
    full_mah: int
    soc_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedValues:
    """What a battery reports, its faults included but for `bad_frame`. `own_id` is the id that it reports where its protocol has one;
    `cells` are millivolts, `problem_code` has the bits of its protocol.
    """

    asset_id: str
    own_id: str
    charge: Charge
    reported_soc: int
    celsius: Decimal
    bad_frame: bool
    cells: tuple[int, ...]
    output_on: bool
    problem_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedProtocol:
    """How a kind of battery is simulated: `build` gives what it advertises and answers for values that `resolution` can hold; address,
    signal, and the times and faults of the link are filled in by the caller.

    `without` are the faults that such a battery cannot have, each with the reason; `max_id_length` is what its advertisement has room for;
    `address_head` are the first digits of its address where they tell the maker. `exchanges_before_drop` goes with `drops_link`,
    `notifications` with `slow`: how many make one answer.
    """

    resolution: Resolution
    build: Callable[[SimulatedValues], Peripheral]
    without: Mapping[Fault, str] = field(default_factory=dict)
    max_id_length: int = 29
    address_head: str = "C82E"
    exchanges_before_drop: int = 1
    notifications: int = 1


def round_half_up(value: Decimal) -> int:
    """The nearest whole number, halves up."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def energy_of(mah: int, millivolts: int) -> Decimal:
    """kWh, to the watt hour."""
    return to_watt_hours(Decimal(mah * millivolts).scaleb(-9))


def uuid_of(short: int) -> str:
    """A 16-bit UUID written out."""
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


def chunks(uuid: str, frame: bytes, size: int) -> list[Notification]:
    """A frame as the notifications that carry it."""
    return [(uuid, frame[at : at + size]) for at in range(0, len(frame), size)]


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Every default is what real batteries and adapters need; tests shorten them."""

    gather: float = 0.25  # listening goes on so long after a first candidate, for another with the same tail
    gather_names: float = 1.5  # the same where batteries have only a name: each advertises once a second, and a second one must be received
    look_again: float = 1.5  # how long to listen for more candidates when only wrong ids were read
    update: float = 1 / 3  # the least time between two lists of sightings
    answer: float = 2.0  # how long one question to a commodity battery, in one way of writing, may go without a valid answer
    other: float = 3.0  # how long another candidate may take once the battery asked for was read
    suspect: float = 4.0  # so long without a candidate, and open links are ended, a deaf adapter is switched off and on
    adapter_back: float = 3.0  # how long a reading waits for an adapter that vanished meanwhile
    poll: float = 0.2  # how often it looks for that adapter


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatePolicy:
    """What to do with a battery that reports a state of charge and no capacity left (decision 11).

    `design_kwh` is the capacity taken when the battery does not report its own. Where the energy is not `needed`, because the plan does not
    count it (decision 21), a battery that does not report it is no failure.
    """

    allowed: bool = False
    design_kwh: Decimal | None = None
    needed: bool = True


REFUSE_ESTIMATES = EstimatePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSession:
    """One try to read one device. `link` connects to it, and closes the link however its context ends; `seconds_left` until the deadline;
    `battery_id` is what was asked for, for errors; `now` the wall time for the reading; `answer_seconds` see `Timeouts.answer`;
    `secret` the battery's password, "" where it has none; `allows` whether batteries of a kind may be read here.
    """

    link: "Callable[[], AbstractAsyncContextManager[BleakClient]]"
    battery_id: str
    seconds_left: Callable[[], float]
    now: Callable[[], datetime]
    estimates: EstimatePolicy
    answer_seconds: float
    secret: str = field(default="", repr=False)
    allows: Callable[[str], bool] = lambda _protocol: True


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryProtocol:
    """One kind of battery. `name` is that of its file, and how configuration, simulated batteries and readings spell the kind.

    `matches` and `read` are left out together for a kind that the commodity library recognises and reads. `has_own_id` where the battery
    reports an id of its own; every other is known by the name that it advertises. `is_own_uuid` tells the maker's own GATT services, by
    which a link that was left open is recognised.
    """

    name: str
    simulated: SimulatedProtocol
    matches: Callable[[Advertisement], bool] | None = None
    read: Callable[[AdvertisedDevice, ReadSession], Awaitable[BatteryTelemetry]] | None = None
    has_own_id: bool = False
    is_own_uuid: Callable[[str], bool] | None = None
