"""Simulated batteries: energy, voltage and faults, turned into the bytes that a real battery would send.

They are simulated below the readers: everything above the bytes is the program's own code and the libraries'. What the protocol cannot
represent is refused when the battery is made, with BadInput (`where` is the key). A battery that is read reports its stated kWh to the watt
hour.
"""

import re
import zlib
from dataclasses import dataclass, replace
from decimal import Decimal

from kiosk.domain.battery.battery import TAIL_LENGTH, normalise_id
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.station.adapters.bluetooth import simulated_bytes
from kiosk.station.adapters.bluetooth.peripheral import Advertisement, Peripheral
from kiosk.station.adapters.bluetooth.protocol_registry import FALLBACK, has_name_only, own_protocols
from kiosk.station.adapters.bluetooth.simulated_bytes import Charge, Fault, SimulatedProtocol, SimulatedValues, carried_below

__all__ = ["Charge", "Fault", "SimulatedBattery", "SimulatedTimings", "charge_of", "peripherals_of"]

_HOT_CELSIUS = Decimal(68)
_CONTRADICTION_POINTS = 50
_TWIN_NEARER_DB = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTimings:
    """Seconds that the simulated radio takes: between two advertisements, to connect, for a value; and the same for a slow battery."""

    advertise: float = 0.1
    connect: float = 0.15
    read: float = 0.01
    slow_connect: float = 4.0
    slow_read: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedBattery:
    """One battery in range. `soc_percent` is derived when it is None. `heals_after_links`: the faults vanish once it was connected to so
    many times (a reading tries a lost link twice); None keeps them. Raises BadInput for what the protocol cannot carry.
    """

    asset_id: str
    kwh_remaining: Decimal
    voltage: Decimal
    soc_percent: Decimal | None = None
    temperature_celsius: Decimal = Decimal(25)
    rssi: int = -60
    faults: frozenset[Fault] = frozenset()
    protocol: str = FALLBACK
    heals_after_links: int | None = None

    def __post_init__(self) -> None:
        known = own_protocols()
        if self.protocol not in known:
            words = tr("{protocol} is not simulated, only {known}", protocol=repr(self.protocol), known=", ".join(known))
            raise BadInput("protocol", words)
        _check_identity(self)
        charge_of(self)
        _check_surroundings(self)
        _check_faults(self)

    def with_faults(self, *faults: Fault) -> "SimulatedBattery":
        """The same battery with these faults only."""
        return replace(self, faults=frozenset(faults))


def charge_of(battery: SimulatedBattery) -> Charge:
    """The registers from which a reader gets the stated kWh back. Raises BadInput."""
    return simulated_bytes.charge_of(
        battery.kwh_remaining, battery.voltage, battery.soc_percent, battery.protocol, _protocol_of(battery).resolution
    )


def _protocol_of(battery: SimulatedBattery) -> SimulatedProtocol:
    return own_protocols()[battery.protocol].simulated


def _check_identity(battery: SimulatedBattery) -> None:
    asset_id, longest = battery.asset_id, _protocol_of(battery).max_id_length
    if not normalise_id(asset_id) or normalise_id(asset_id) != asset_id.upper():
        raise BadInput("asset_id", tr("{id} is empty or padded", id=repr(asset_id)))
    if len(asset_id) > longest or not (asset_id.isascii() and asset_id.isprintable()):
        words = tr("{id} cannot be carried: at most {count} printable ASCII characters", id=repr(asset_id[:longest]), count=longest)
        raise BadInput("asset_id", words)
    if not has_name_only(battery.protocol):
        return  # it does not advertise its id as its name
    for other in own_protocols().values():
        if other.name != battery.protocol and other.matches is not None and other.matches(Advertisement(name=asset_id)):
            words = tr("{id} would be taken for an {protocol} battery, whatever it speaks", id=repr(asset_id), protocol=other.name.upper())
            raise BadInput("asset_id", words)


def _check_surroundings(battery: SimulatedBattery) -> None:
    celsius, coldest = battery.temperature_celsius, _protocol_of(battery).resolution.min_celsius
    if not celsius.is_finite() or not coldest <= celsius <= 1000:
        raise BadInput("temperature_celsius", tr("{celsius} °C cannot be", celsius=celsius))
    if not -126 <= battery.rssi <= 20:
        raise BadInput("rssi", tr("{rssi} dBm cannot be", rssi=battery.rssi))
    if battery.heals_after_links is not None and battery.heals_after_links < 1:
        raise BadInput("heals_after_links", tr("it must be at least 1"))


def _check_faults(battery: SimulatedBattery) -> None:
    for fault, reason in _protocol_of(battery).without.items():
        if fault in battery.faults:
            words = tr("{fault} does not go with {protocol}: {reason}", fault=fault.value, protocol=battery.protocol, reason=tr(reason))
            raise BadInput("faults", words)


# ---------------------------------------------------------------- the devices of a battery


def peripherals_of(battery: SimulatedBattery, timings: SimulatedTimings) -> tuple[Peripheral, ...]:
    """The devices that advertise for this battery: none when it is unreachable, two when another battery has the same tail."""
    if Fault.UNREACHABLE in battery.faults:
        return ()
    if Fault.SAME_TAIL not in battery.faults:
        return (_peripheral(battery, timings),)
    return (_peripheral(battery, timings), _peripheral(_twin_of(battery), timings))


def _twin_of(battery: SimulatedBattery) -> SimulatedBattery:
    tail = battery.asset_id[-TAIL_LENGTH:]
    nearer = min(battery.rssi + _TWIN_NEARER_DB, 20)
    half = carried_below(to_watt_hours(battery.kwh_remaining / 2), charge_of(battery).millivolts, _protocol_of(battery).resolution)
    return replace(battery, asset_id=f"TWIN{tail}", kwh_remaining=half, soc_percent=None, rssi=nearer, faults=frozenset())


def _peripheral(battery: SimulatedBattery, timings: SimulatedTimings) -> Peripheral:
    slow, gatt = Fault.SLOW in battery.faults, _protocol_of(battery).build(_values_of(battery))
    return Peripheral(
        address=_address(battery.asset_id, gatt.address_head),
        name=gatt.name,
        rssi=battery.rssi,
        services=gatt.services,
        properties=gatt.properties,
        manufacturer_data=gatt.manufacturer_data,
        on_write=gatt.on_write,
        connect_seconds=timings.slow_connect if slow else timings.connect,
        read_seconds=timings.slow_read / gatt.notifications if slow else timings.read,
        reads_before_drop=gatt.exchanges_before_drop if Fault.DROPS_LINK in battery.faults else None,
        silent=Fault.SILENT in battery.faults,
    )


def _values_of(battery: SimulatedBattery) -> SimulatedValues:
    charge = charge_of(battery)
    return SimulatedValues(
        asset_id=battery.asset_id,
        own_id=_other_id(battery.asset_id) if Fault.WRONG_ID in battery.faults else battery.asset_id,
        charge=charge,
        reported_soc=_reported_soc(battery, charge),
        celsius=_HOT_CELSIUS if Fault.HOT in battery.faults else battery.temperature_celsius,
        bad_frame=Fault.BAD_FRAME in battery.faults,
    )


def _reported_soc(battery: SimulatedBattery, charge: Charge) -> int:
    if Fault.CONTRADICTORY not in battery.faults:
        return charge.soc_percent
    off = _CONTRADICTION_POINTS if charge.soc_percent < _CONTRADICTION_POINTS else -_CONTRADICTION_POINTS
    return charge.soc_percent + off


def _other_id(asset_id: str) -> str:
    other = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), asset_id)
    return other if other != asset_id else f"{asset_id}-OTHER"


def _address(asset_id: str, head: str) -> str:
    """The same address for the same battery in every run."""
    digits = head + f"{zlib.crc32(asset_id.upper().encode()):08X}"[len(head) - 4 :]
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
