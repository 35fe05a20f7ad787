"""Batteries of the commodity families: read through aiobmsble (`commodity_decoder`), and what their values mean.

BatteryUnreadable: its numbers cannot be. ReadingPrevented: it sent bytes that are no valid answer (checksum, length, garbage), asks for
pairing or a password, has other services than its kind, or firmware that tells no charge. Silence is a TimeoutError, a lost link a
BleakError, as for every reader.

What the values mean: from the library's floats to exact decimals and a BatteryTelemetry (decision 11), pure. Energy is what the battery
reports as energy; else its charge times its voltage, the same formula as for OVES; else, only where the configuration allows it, its state
of charge times its capacity. A charge that the library or a plugin has made of a percentage is a percentage.

These batteries tell no full charge, only the capacity on their nameplate, in whole ampere hours. A pack grows old: one that is full at 60 %
of its nameplate contradicts nothing, and then its full charge is not known. Anything further apart goes on as it is, for the domain to
refuse.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from aiobmsble import BMSSample, BMSValue, TempSensor
from aiobmsble.basebms import BaseBMS
from bleak import BleakClient

from kiosk.domain.battery.battery import SENSOR_BROKEN, BatteryTelemetry, EnergyMethod, is_sensor_broken
from kiosk.domain.decimals import to_watt_hours, trimmed
from kiosk.domain.errors import BatteryUnreadable, ReadingPrevented
from kiosk.domain.language import mark, tr
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice, EstimatePolicy, ReadSession
from kiosk.station.adapters.bluetooth.commodity_decoder import make_decoder, read_sample
from kiosk.station.adapters.bluetooth.library_gaps import UNNAMED_CODE
from kiosk.station.adapters.bluetooth.problem_bits import Meaning
from kiosk.station.adapters.bluetooth.problem_tables import meaning_of
from kiosk.station.adapters.bluetooth.problem_words import CELL_LOOSE, UNNAMED_PROBLEM
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds, protocol_name


async def read(device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    """Connect, read, disconnect. The id of the reading is the advertised name, else the address: such a battery has no other.

    Raises BatteryUnreadable, ReadingPrevented and RADIO_ERRORS.
    """
    kind = load_kinds().get(device.protocol)
    if kind is None:
        raise ReadingPrevented.by(ReadObstacle.UNKNOWN_KIND, session.battery_id)
    async with session.link() as client:
        return await read_open(client, kind, device, session)


async def read_open(client: BleakClient, kind: type[BaseBMS], device: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
    """The same over an open link, as a battery of this kind."""
    decoder = make_decoder(kind, device, session)
    sample = await read_sample(decoder, client, session)
    battery_id = device.name.strip() or device.address
    reading = telemetry(sample, kind, battery_id=battery_id, read_at=session.now(), estimates=session.estimates)
    return replace(reading, serial=decoder.serial)


# ---------------------------------------------------------------- what the values mean

_RESOLUTION = Decimal("0.000001")  # finer than any of these batteries; what lies below is the float's own noise
_MAX_VALUE = 10_000_000
_MAX_CELL_VOLTS = Decimal("5.906")  # the library's own limit
_CHARGE_FROM_PERCENT = frozenset({"felicity"})  # this plugin computes the charge itself
_CELLS_IN_SERIES = frozenset({"jbd", "jk", "daly"})  # seen to tell every cell of the one string
_NAMES_LOOSE_CELLS = frozenset({"humsienk"})  # its plugin reports a problem where a bitmap says that cells are not connected
_DEAD_CELL = mark("a cell at 0 V or not measured")
_CELL_SUM_TOLERANCE = Decimal("0.12")
_NEVER_DERIVED: frozenset[BMSValue] = frozenset({"cycle_charge", "cycle_capacity", "battery_level", "cycles", "power", "runtime"})
_AGREEING_POINTS = 10  # decision 12
_OLDEST_PACK = Decimal("0.6")
_BEST_PACK = Decimal("1.1")
_IMPOSSIBLE = {
    "voltage": mark("its voltage cannot be"),
    "cell_voltage": mark("its cell voltage cannot be"),
    "temperature": mark("its temperature cannot be"),
    "battery_level": mark("its battery level cannot be"),
    "cycle_charge": mark("its cycle charge cannot be"),
    "cycle_capacity": mark("its cycle capacity cannot be"),
    "design_capacity": mark("its design capacity cannot be"),
}
_INSIDE = (TempSensor.T.GENERIC, TempSensor.T.CELL, TempSensor.T.CELL_MAX, TempSensor.T.CELL_MIN)


def telemetry(sample: BMSSample, kind: type[BaseBMS], *, battery_id: str, read_at: datetime, estimates: EstimatePolicy) -> BatteryTelemetry:
    """A reading from what the battery reported (`async_update(raw=True)` of the library). Raises BatteryUnreadable."""
    values = _Values(sample, kind, battery_id)
    volts = values.number("voltage")
    if volts is None:
        raise BatteryUnreadable(battery_id, tr("it does not tell its voltage"))
    values.check_cells(volts)
    problem, cells = values.problem(), values.cells_of_packs()
    charge = None if values.protocol in _CHARGE_FROM_PERCENT else values.number("cycle_charge")
    soc, capacity = values.number("battery_level"), values.number("design_capacity")
    kwh, method = _energy(values, volts, charge, estimates)
    return BatteryTelemetry(
        battery_id=battery_id,
        kwh_remaining=kwh,
        timestamp=read_at,
        voltage=volts,
        temperature_celsius=values.hottest(),
        soc_percent=soc,
        full_kwh=to_watt_hours((capacity * volts).scaleb(-3)) if capacity is not None and _is_full_charge(charge, soc, capacity) else None,
        estimated=method is EnergyMethod.SOC_ESTIMATE,
        faults=(*problem.faults, *values.broken()),
        protocol=values.protocol,
        charge_ah=charge,
        method=method,
        states=problem.states,
        unknown_codes=values.unknown_codes(problem),
        lowest_cell_volts=min((min(each) for each in cells), default=None),
        cell_spread_volts=max((trimmed(max(each) - min(each)) for each in cells), default=None),
        output_on=values.output_on(),
        cycles=values.cycles(),
    )


class _Values:
    """The library's sample, read with care."""

    def __init__(self, sample: BMSSample, kind: type[BaseBMS], battery_id: str) -> None:
        self.protocol = protocol_name(kind.__module__)
        self.battery_id = battery_id
        self._problem = bool(sample.get("problem"))  # the library derives one below, which full and empty packs have too
        self._values: dict[str, Any] = {**sample}
        self._strings: list[dict[str, Any]] = [{**each} for each in (sample, *sample.get("packs", ())) if each.get("cell_voltages")]
        try:
            kind._add_missing_values(cast("BMSSample", self._values), _NEVER_DERIVED)  # noqa: SLF001 - sums of packs and cells, the mean temperature
        except Exception as error:
            raise BatteryUnreadable(battery_id, tr("its values make no sense")) from error

    def number(self, key: str) -> Decimal | None:
        """One value, exact; None when it was not reported."""
        value = self._values.get(key)
        return None if value is None else self._exact(value, key)

    def cycles(self) -> int | None:
        """How often it was charged; what cannot be is not told."""
        told = self._values.get("cycles")
        return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _MAX_VALUE else None

    def check_cells(self, volts: Decimal) -> None:
        """Whether the cells add up to the pack, where it is known that they should."""
        cells = self._cells()
        if cells and self.protocol in _CELLS_IN_SERIES and abs(sum(cells) - volts) > volts * _CELL_SUM_TOLERANCE:
            raise BatteryUnreadable(self.battery_id, tr("its cells add up to {cells} V and not to {pack} V", cells=sum(cells), pack=volts))

    def hottest(self) -> Decimal | None:
        """Of the sensors in the pack; of all there are when none is known to be there. Those that are broken do not count."""
        told = self._celsius()
        sound = [celsius for celsius in told if not is_sensor_broken(celsius)]
        return max(sound) if sound else None if told else self.number("temperature")

    def _celsius(self) -> list[Decimal]:
        sensors: list[TempSensor] = self._values.get("temp_values", [])
        chosen = [each for each in sensors if each.type in _INSIDE] or sensors
        return [self._exact(each.value, "temperature") for each in chosen]

    def problem(self) -> Meaning:
        """What the BMS says of itself."""
        meaning = meaning_of(self.protocol, self._values.get("problem_code"))
        if not self._problem or meaning != Meaning():
            return meaning
        return Meaning(faults=(CELL_LOOSE,)) if self.protocol in _NAMES_LOOSE_CELLS else Meaning(states=(UNNAMED_PROBLEM,))

    def unknown_codes(self, problem: Meaning) -> tuple[str, ...]:
        """What no table explains of its codes, as they are written."""
        codes = (problem.unknown, meaning_of("", self._values.get(UNNAMED_CODE)).unknown)
        return tuple(f"{code:#x}" for code in codes if code)

    def broken(self) -> tuple[str, ...]:
        """What cannot be of cells and sensors, as phrases. A pack that is merely full or empty has none."""
        cells = [f"a cell at {volts} V" for volts in self._cells() if volts < 0 or volts > _MAX_CELL_VOLTS]
        sensors = (SENSOR_BROKEN,) if any(map(is_sensor_broken, self._celsius())) else ()
        return (*((_DEAD_CELL,) if self._misses_cells() else ()), *cells[:1], *sensors)

    def _misses_cells(self) -> bool:
        """Whether a cell is at 0 V, or fewer are told than there are."""
        strings = [(string["cell_voltages"], _cell_count(string)) for string in self._strings]
        missing = any(min(volts) == 0 or len(volts) < count for volts, count in strings)
        return missing or (not strings and _cell_count(self._values) > 0)

    def output_on(self) -> bool | None:
        """Whether the discharge switch is on; None where that is not told."""
        switch = self._values.get("dischrg_mosfet")
        return switch if isinstance(switch, bool) else None

    def cells_of_packs(self) -> list[list[Decimal]]:
        """The voltages of the cells, for each string of cells that is told."""
        return [[self._exact(value, "cell_voltage") for value in string["cell_voltages"]] for string in self._strings]

    def _cells(self) -> list[Decimal]:
        return [self._exact(value, "cell_voltage") for value in self._values.get("cell_voltages", ())]

    def _exact(self, value: object, key: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) >= _MAX_VALUE:
            raise BatteryUnreadable(self.battery_id, tr(_IMPOSSIBLE[key]))
        return trimmed(Decimal(repr(value)).quantize(_RESOLUTION))


def _cell_count(told: Mapping[str, Any]) -> int:
    """How many cells a pack says that it has; 0 where that is no number."""
    count = told.get("cell_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def _energy(
    values: _Values, volts: Decimal, charge: Decimal | None, estimates: EstimatePolicy
) -> tuple[Decimal | None, EnergyMethod | None]:
    watt_hours = values.number("cycle_capacity")
    if watt_hours is not None:
        return to_watt_hours(watt_hours.scaleb(-3)), EnergyMethod.REPORTED
    if charge is not None:
        return to_watt_hours((charge * volts).scaleb(-3)), EnergyMethod.CHARGE_X_VOLTAGE
    soc, capacity = values.number("battery_level"), values.number("design_capacity")
    full = estimates.design_kwh if capacity is None else (capacity * volts).scaleb(-3)
    if soc is not None and estimates.allowed and full is not None:
        return to_watt_hours(full * soc / 100), EnergyMethod.SOC_ESTIMATE
    if not estimates.needed:
        return None, None
    raise BatteryUnreadable(
        values.battery_id, tr("it does not tell how much it holds") if soc is None else tr("it reports only a state of charge")
    )


def _is_full_charge(charge: Decimal | None, soc: Decimal | None, capacity: Decimal) -> bool:
    """Whether the nameplate may stand for the full charge: it agrees with the state of charge, or not even age explains why it does not."""
    if charge is None or soc is None or capacity <= 0:
        return capacity > 0
    if soc <= 0 or abs(charge / capacity * 100 - soc) <= _AGREEING_POINTS:
        return True
    return not _OLDEST_PACK * capacity <= charge * 100 / soc <= _BEST_PACK * (capacity + 1)
