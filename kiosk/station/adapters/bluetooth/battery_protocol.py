"""What a kind of battery consists of: how it is recognised, how it is read, and how it is simulated.

`read` connects through `session.radio.link`, calls `session.connected`, and gives a reading (`rssi` and `seconds` are filled in by the
caller) or raises BatteryUnreadable or one of RADIO_ERRORS. The caller bounds it in time; cancelled at any point it leaves no link.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.station.adapters.bluetooth.peripheral import AdvertisedDevice, Advertisement
from kiosk.station.adapters.bluetooth.simulated_bytes import SimulatedProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Every default is what real batteries and adapters need; tests shorten them."""

    gather: float = 0.25
    """How long to go on listening after a first candidate, for another with the same tail."""
    gather_names: float = 1.5
    """The same where batteries have only a name: they advertise once a second, and a second one with the name must be received."""
    look_again: float = 1.5
    """How long to listen for more candidates when only wrong ids were read."""
    update: float = 1 / 3
    """The least time between two lists of sightings."""
    answer: float = 2.0
    """How long one question to a commodity battery, in one way of writing, may go without a valid answer."""
    other: float = 3.0
    """How long another candidate may take once the battery asked for was read."""
    suspect: float = 4.0
    """After so long without a candidate, links left open are ended, and an adapter that receives nothing is switched off and on."""
    adapter_back: float = 3.0
    """How long a reading waits for an adapter that vanished meanwhile."""
    poll: float = 0.2
    """How often it looks for that adapter."""


if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth.radio.adapter import Radio


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
    """One try to read one device. `seconds_left` until the deadline; `connected` announces that reading begins; `battery_id` is what was
    asked for, for errors; `now` the wall time for the reading; `answer_seconds` see `Timeouts.answer`.
    """

    radio: "Radio"
    battery_id: str
    seconds_left: Callable[[], float]
    connected: Callable[[], None]
    now: Callable[[], datetime]
    estimates: EstimatePolicy
    answer_seconds: float


ReadBattery = Callable[[AdvertisedDevice, ReadSession], Awaitable[BatteryTelemetry]]


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
    read: ReadBattery | None = None
    has_own_id: bool = False
    is_own_uuid: Callable[[str], bool] | None = None
