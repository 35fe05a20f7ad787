"""Simulated batteries: what a battery is to be (kWh, volts, faults), turned into the bytes that a real one would send.

They are simulated below the readers: everything above the bytes is the program's own code and the libraries'. What the protocol cannot
carry is refused when the battery is made, with BadInput (`where` is the key). A made battery that is read gives back its stated kWh to
the watt hour. One module each: simulated_oves, simulated_jbd, simulated_jk, simulated_daly.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BadInput
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.bluetooth.simulated import body as simulated_body
from kiosk.station.adapters.bluetooth.simulated import daly_bytes, jbd_bytes, jk_bytes, oves_bytes
from kiosk.station.adapters.bluetooth.simulated.body import Charge, Fault, Resolution, SimulatedGatt, SimulatedValues, carried_below
from kiosk.station.adapters.bluetooth.simulated.peripheral import Peripheral
from kiosk.station.adapters.bluetooth.target import TAIL_LENGTH

__all__ = ["PROTOCOLS", "Charge", "Fault", "SimulatedBattery", "SimulatedTimings", "charge_of", "peripherals_of"]

_MOST_NAME_LENGTH = 29  # what an advertisement has room for
_HOT_CELSIUS = Decimal(68)
_CONTRADICTION_POINTS = 50
_TWIN_NEARER_DB = 4


class _Kind(NamedTuple):
    counts: Resolution
    without: Mapping[Fault, str]
    body: Callable[[SimulatedValues], SimulatedGatt]
    most_id_length: int = _MOST_NAME_LENGTH


_KINDS = {
    oves.PROTOCOL: _Kind(oves_bytes.RESOLUTION, oves_bytes.WITHOUT, oves_bytes.body, oves_bytes.MOST_ID_LENGTH),
    jbd_bytes.PROTOCOL: _Kind(jbd_bytes.RESOLUTION, jbd_bytes.WITHOUT, jbd_bytes.body),
    jk_bytes.PROTOCOL: _Kind(jk_bytes.RESOLUTION, jk_bytes.WITHOUT, jk_bytes.body),
    daly_bytes.PROTOCOL: _Kind(daly_bytes.RESOLUTION, daly_bytes.WITHOUT, daly_bytes.body),
}
PROTOCOLS = tuple(_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTimings:
    """Seconds that simulated radio takes: how often a device is heard, a connection, a value; and the same for a slow battery."""

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
    protocol: str = oves.PROTOCOL
    heals_after_links: int | None = None

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise BadInput("protocol", f"{self.protocol!r} is not simulated, only {', '.join(PROTOCOLS)}")
        _check_identity(self)
        charge_of(self)
        _check_surroundings(self)
        _check_faults(self)

    def with_faults(self, *faults: Fault) -> "SimulatedBattery":
        """The same battery with these faults only."""
        return replace(self, faults=frozenset(faults))


def charge_of(battery: SimulatedBattery) -> Charge:
    """The registers from which a reader gets the stated kWh back. Raises BadInput."""
    return simulated_body.charge_of(battery.kwh_remaining, battery.voltage, battery.soc_percent, _KINDS[battery.protocol].counts)


def _check_identity(battery: SimulatedBattery) -> None:
    asset_id, most = battery.asset_id, _KINDS[battery.protocol].most_id_length
    if not normalise_id(asset_id) or normalise_id(asset_id) != asset_id.upper():
        raise BadInput("asset_id", f"{asset_id!r} is empty or padded")
    if len(asset_id) > most or not (asset_id.isascii() and asset_id.isprintable()):
        raise BadInput("asset_id", f"{asset_id[:most]!r} cannot be carried: at most {most} printable ASCII characters")
    if battery.protocol != oves.PROTOCOL and oves.is_oves_name(asset_id):
        raise BadInput("asset_id", f"{asset_id!r} would be taken for an OVES battery, whatever it speaks")


def _check_surroundings(battery: SimulatedBattery) -> None:
    celsius, least = battery.temperature_celsius, _KINDS[battery.protocol].counts.least_celsius
    if not celsius.is_finite() or not least <= celsius <= 1000:
        raise BadInput("temperature_celsius", f"{celsius} °C cannot be")
    if not -126 <= battery.rssi <= 20:
        raise BadInput("rssi", f"{battery.rssi} dBm cannot be")
    if battery.heals_after_links is not None and battery.heals_after_links < 1:
        raise BadInput("heals_after_links", "it must be at least 1")


def _check_faults(battery: SimulatedBattery) -> None:
    for fault, reason in _KINDS[battery.protocol].without.items():
        if fault in battery.faults:
            raise BadInput("faults", f"{fault.value} does not go with {battery.protocol}: {reason}")


# ---------------------------------------------------------------- what is in the air


def peripherals_of(battery: SimulatedBattery, timings: SimulatedTimings) -> tuple[Peripheral, ...]:
    """The devices that this battery puts into the air: none when unreachable, two when another has the same tail."""
    if Fault.UNREACHABLE in battery.faults:
        return ()
    if Fault.SAME_TAIL not in battery.faults:
        return (_peripheral(battery, timings),)
    return (_peripheral(battery, timings), _peripheral(_twin_of(battery), timings))


def _twin_of(battery: SimulatedBattery) -> SimulatedBattery:
    tail = battery.asset_id[-TAIL_LENGTH:]
    nearer = min(battery.rssi + _TWIN_NEARER_DB, 20)
    half = carried_below(to_watt_hours(battery.kwh_remaining / 2), charge_of(battery).millivolts, _KINDS[battery.protocol].counts)
    return replace(battery, asset_id=f"TWIN{tail}", kwh_remaining=half, soc_percent=None, rssi=nearer, faults=frozenset())


def _peripheral(battery: SimulatedBattery, timings: SimulatedTimings) -> Peripheral:
    slow, body = Fault.SLOW in battery.faults, _KINDS[battery.protocol].body(_inside(battery))
    return Peripheral(
        address=_address(battery.asset_id, body.address_head),
        name=body.name,
        rssi=battery.rssi,
        services=body.services,
        properties=body.properties,
        manufacturer_data=body.manufacturer_data,
        on_write=body.on_write,
        connect_seconds=timings.slow_connect if slow else timings.connect,
        read_seconds=timings.slow_read / body.notifications if slow else timings.read,
        reads_before_drop=body.exchanges_before_drop if Fault.DROPS_LINK in battery.faults else None,
        silent=Fault.SILENT in battery.faults,
    )


def _inside(battery: SimulatedBattery) -> SimulatedValues:
    charge = charge_of(battery)
    return SimulatedValues(
        asset_id=battery.asset_id,
        own_id=_other_id(battery.asset_id) if Fault.WRONG_ID in battery.faults else battery.asset_id,
        charge=charge,
        told_soc=_told_soc(battery, charge),
        celsius=_HOT_CELSIUS if Fault.HOT in battery.faults else battery.temperature_celsius,
        bad_frame=Fault.BAD_FRAME in battery.faults,
    )


def _told_soc(battery: SimulatedBattery, charge: Charge) -> int:
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
