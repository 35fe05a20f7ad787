"""Simulated batteries: energy, voltage and faults, turned into the bytes that a real battery would send.

They are simulated below the readers: everything above the bytes is the program's own code and the libraries'. What the protocol cannot
represent is refused when the battery is made, with BadInput (`where` is the key). A battery that is read reports its stated kWh to the watt
hour.
"""

import re
import zlib
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from kiosk.domain.battery.battery import TAIL_LENGTH, normalise_id
from kiosk.domain.decimals import plain, to_watt_hours
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.station.adapters.bluetooth.battery_protocol import (
    Advertisement,
    Charge,
    Fault,
    Peripheral,
    Resolution,
    SimulatedProtocol,
    SimulatedValues,
    energy_of,
    round_half_up,
)
from kiosk.station.adapters.bluetooth.protocol_registry import FALLBACK, has_name_only, own_protocols

_HOT_CELSIUS = Decimal(68)
_NO_SENSOR_CELSIUS = Decimal(215)  # what Daly tells, and every protocol here can carry
_UNEQUAL_MV = 200  # that the first cell has more, and the last one less
_CONTRADICTION_POINTS = 50
_TWIN_NEARER_DB = 4
_SOC_TOLERANCE_POINTS = 2  # a whole-percent state of charge and whole registers cannot agree better for every battery
_MAX_KWH = 1000


def refuse(where: str, reason: str, *, unless: bool) -> None:
    """Raises BadInput unless the condition holds."""
    if not unless:
        raise BadInput(where, reason)


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
    many times (a reading tries a lost link twice); None keeps them. `problem_code` has the bits of the protocol. Raises BadInput for what
    the protocol cannot carry.
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
    problem_code: int = 0

    def __post_init__(self) -> None:
        known = own_protocols()
        refuse(
            "protocol",
            tr("{protocol} is not simulated, only {known}", protocol=repr(self.protocol), known=", ".join(known)),
            unless=self.protocol in known,
        )
        _check_identity(self)
        charge_of(self)
        _check_surroundings(self)
        for fault, reason in known[self.protocol].simulated.without.items():
            refuse(
                "faults",
                tr("{fault} does not go with {protocol}: {reason}", fault=fault.value, protocol=self.protocol, reason=tr(reason)),
                unless=fault not in self.faults,
            )


def _protocol_of(battery: SimulatedBattery) -> SimulatedProtocol:
    return own_protocols()[battery.protocol].simulated


def _check_identity(battery: SimulatedBattery) -> None:
    asset_id, longest = battery.asset_id, _protocol_of(battery).max_id_length
    refuse(
        "asset_id",
        tr("{id} is empty or padded", id=repr(asset_id)),
        unless=normalise_id(asset_id) != "" and normalise_id(asset_id) == asset_id.upper(),
    )
    refuse(
        "asset_id",
        tr("{id} cannot be carried: at most {count} printable ASCII characters", id=repr(asset_id[:longest]), count=longest),
        unless=len(asset_id) <= longest and asset_id.isascii() and asset_id.isprintable(),
    )
    for other in own_protocols().values() if has_name_only(battery.protocol) else ():  # others do not advertise their id as their name
        refuse(
            "asset_id",
            tr("{id} would be taken for an {protocol} battery, whatever it speaks", id=repr(asset_id), protocol=other.name.upper()),
            unless=other.name == battery.protocol or other.matches is None or not other.matches(Advertisement(name=asset_id)),
        )


def _check_surroundings(battery: SimulatedBattery) -> None:
    celsius, coldest = battery.temperature_celsius, _protocol_of(battery).resolution.min_celsius
    refuse("temperature_celsius", tr("{celsius} °C cannot be", celsius=celsius), unless=celsius.is_finite() and coldest <= celsius <= 1000)
    of_cells = battery.faults & {Fault.DEAD_CELL, Fault.UNEQUAL_CELLS}
    refuse(
        "faults",
        tr("{volts} V is one cell or two: none of them can be dead or unequal", volts=battery.voltage),
        unless=not of_cells or _cell_count(charge_of(battery).millivolts) > 2,
    )
    bits = _protocol_of(battery).resolution.problem_bits
    refuse(
        "problem_code",
        tr("{protocol} has a problem code of {bits} bits", protocol=battery.protocol, bits=bits),
        unless=0 <= battery.problem_code < 1 << bits,
    )
    refuse("rssi", tr("{rssi} dBm cannot be", rssi=battery.rssi), unless=-126 <= battery.rssi <= 20)
    refuse("heals_after_links", tr("it must be at least 1"), unless=battery.heals_after_links is None or battery.heals_after_links >= 1)


# ---------------------------------------------------------------- the devices of a battery


def peripherals_of(battery: SimulatedBattery, timings: SimulatedTimings) -> tuple[Peripheral, ...]:
    """The devices that advertise for this battery: none when it is unreachable, two when another battery has the same tail."""
    if Fault.UNREACHABLE in battery.faults:
        return ()
    batteries = (battery, _twin_of(battery)) if Fault.SAME_TAIL in battery.faults else (battery,)
    return tuple(_peripheral(each, timings) for each in batteries)


def _twin_of(battery: SimulatedBattery) -> SimulatedBattery:
    half = carried_below(to_watt_hours(battery.kwh_remaining / 2), charge_of(battery).millivolts, _protocol_of(battery).resolution)
    return replace(
        battery,
        asset_id=f"TWIN{battery.asset_id[-TAIL_LENGTH:]}",
        kwh_remaining=half,
        soc_percent=None,
        rssi=min(battery.rssi + _TWIN_NEARER_DB, 20),
        faults=frozenset(),
    )


def _peripheral(battery: SimulatedBattery, timings: SimulatedTimings) -> Peripheral:
    slow, protocol, charge = Fault.SLOW in battery.faults, _protocol_of(battery), charge_of(battery)
    values = SimulatedValues(
        asset_id=battery.asset_id,
        own_id=_other_id(battery.asset_id) if Fault.WRONG_ID in battery.faults else battery.asset_id,
        charge=charge,
        reported_soc=_reported_soc(battery, charge),
        celsius=_celsius(battery),
        bad_frame=Fault.BAD_FRAME in battery.faults,
        cells=_cells(charge.millivolts, battery.faults),
        output_on=Fault.OUTPUT_OFF not in battery.faults,
        problem_code=battery.problem_code,
    )
    return replace(
        protocol.build(values),
        address=_address(battery.asset_id, protocol.address_head),
        rssi=battery.rssi,
        connect_seconds=timings.slow_connect if slow else timings.connect,
        read_seconds=timings.slow_read / protocol.notifications if slow else timings.read,
        reads_before_drop=protocol.exchanges_before_drop if Fault.DROPS_LINK in battery.faults else None,
        silent=Fault.SILENT in battery.faults,
    )


def _celsius(battery: SimulatedBattery) -> Decimal:
    if Fault.BROKEN_SENSOR in battery.faults:
        return _NO_SENSOR_CELSIUS
    return _HOT_CELSIUS if Fault.HOT in battery.faults else battery.temperature_celsius


def _cells(millivolts: int, faults: frozenset[Fault]) -> tuple[int, ...]:
    """Cell voltages in millivolts that add up to the pack's: about 3.3 V each, 32 cells at most."""
    count, dead = _cell_count(millivolts), int(Fault.DEAD_CELL in faults)
    each, over = divmod(millivolts, count - dead)
    cells = [0] * dead + [each + 1] * over + [each] * (count - dead - over)
    if Fault.UNEQUAL_CELLS in faults:
        cells[dead] += _UNEQUAL_MV
        cells[-1] -= min(_UNEQUAL_MV, cells[-1])
    return tuple(cells)


def _cell_count(millivolts: int) -> int:
    return min(32, max(1, round_half_up(Decimal(millivolts).scaleb(-3) / Decimal("3.3"))))


def _reported_soc(battery: SimulatedBattery, charge: Charge) -> int:
    if Fault.CONTRADICTORY not in battery.faults:
        return charge.soc_percent
    return charge.soc_percent + (_CONTRADICTION_POINTS if charge.soc_percent < _CONTRADICTION_POINTS else -_CONTRADICTION_POINTS)


def _other_id(asset_id: str) -> str:
    other = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), asset_id)
    return other if other != asset_id else f"{asset_id}-OTHER"


def _address(asset_id: str, head: str) -> str:
    """The same address for the same battery in every run."""
    digits = head + f"{zlib.crc32(asset_id.upper().encode()):08X}"[len(head) - 4 :]
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


# ---------------------------------------------------------------- what the registers hold


def charge_of(battery: SimulatedBattery) -> Charge:
    """The registers from which a reader gets the stated kWh back. Raises BadInput."""
    protocol, counts = battery.protocol, _protocol_of(battery).resolution
    millivolts = _millivolts(battery.voltage, protocol, counts)
    remaining = _remaining_mah(battery.kwh_remaining, millivolts, protocol, counts)
    soc = None if battery.soc_percent is None else _whole_percent(battery.soc_percent)
    full = _full_mah(remaining, soc, counts)
    actual = Decimal(remaining * 100) / full
    refuse(
        "soc_percent",
        tr(
            "{soc} % does not go with {mah} mAh; {protocol} carries at most {limit} mAh",
            soc=soc,
            mah=remaining,
            protocol=protocol,
            limit=counts.max_mah,
        ),
        unless=soc is None or abs(actual - soc) <= _SOC_TOLERANCE_POINTS,
    )
    return Charge(millivolts, remaining, full, round_half_up(actual) if soc is None else soc)


def carried_below(kwh: Decimal, millivolts: int, counts: Resolution) -> Decimal:
    """The nearest energy, not above this one, that the registers carry; in whole watt hours."""
    steps = (kwh.scaleb(9) / millivolts / counts.step_mah).to_integral_value(ROUND_FLOOR)
    return to_watt_hours((steps * counts.step_mah * millivolts).scaleb(-9))


def _millivolts(volts: Decimal, protocol: str, counts: Resolution) -> int:
    refuse(
        "voltage",
        tr("{volts} V cannot be carried: it must be above 0 and below {limit}", volts=volts, limit=counts.max_volts),
        unless=volts.is_finite() and 0 < volts < counts.max_volts and round_half_up(volts.scaleb(3)) > 0,
    )
    refuse(
        "voltage",
        tr("{volts} V cannot be carried: {protocol} counts {step} mV", volts=volts, protocol=protocol, step=counts.step_mv),
        unless=counts.step_mv is None or volts.scaleb(3) % counts.step_mv == 0,
    )
    return round_half_up(volts.scaleb(3))


def _remaining_mah(kwh: Decimal, millivolts: int, protocol: str, counts: Resolution) -> int:
    refuse("kwh_remaining", tr("{kwh} kWh cannot be carried", kwh=kwh), unless=kwh.is_finite() and 0 <= kwh <= _MAX_KWH)
    exact, volts = kwh.scaleb(9) / millivolts, plain(Decimal(millivolts).scaleb(-3))
    below = int(exact / counts.step_mah) * counts.step_mah
    near = sorted((below, below + counts.step_mah), key=lambda mah: abs(mah - exact))
    mah = next((mah for mah in near if energy_of(mah, millivolts) == to_watt_hours(kwh)), None)
    if mah is None:
        low, high = (plain(energy_of(each, millivolts)) for each in (below, below + counts.step_mah))
        raise BadInput(
            "kwh_remaining",
            tr(
                "{kwh} kWh at {volts} V cannot be carried; {protocol} could say {nearest}",
                kwh=plain(kwh),
                volts=volts,
                protocol=protocol,
                nearest=tr("{low} or {high}", low=low, high=high),
            ),
        )
    refuse(
        "kwh_remaining",
        tr(
            "{kwh} kWh at {volts} V is {mah} mAh; {protocol} carries at most {limit}",
            kwh=plain(kwh),
            volts=volts,
            mah=mah,
            protocol=protocol,
            limit=counts.max_mah,
        ),
        unless=mah <= counts.max_mah,
    )
    return mah


def _whole_percent(soc: Decimal) -> int:
    refuse("soc_percent", tr("{soc} % cannot be", soc=soc), unless=soc.is_finite() and 0 <= soc <= 100)
    return round_half_up(soc)


def _full_mah(remaining: int, soc: int | None, counts: Resolution) -> int:
    if soc is None:
        return next((mah for mah in counts.full_mah if mah >= remaining), remaining)
    if soc == 0 or remaining == 0:
        return counts.full_mah[-1]
    return min(counts.max_mah, round_half_up(Decimal(remaining * 100) / soc / counts.step_mah) * counts.step_mah)
