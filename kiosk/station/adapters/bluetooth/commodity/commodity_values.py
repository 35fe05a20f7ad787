"""What the values of a commodity battery mean: pure, from aiobmsble's floats to exact decimals and a BatteryTelemetry (decision 11).

Energy is what the battery reports as energy; else its charge times its voltage, the same formula as for OVES; else, only where the
configuration allows it, its state of charge times its capacity. A charge that the library or a plugin has made of a percentage is a
percentage. Any values give either a reading or BatteryUnreadable with the reason, never another exception.

These batteries tell no full charge, only the capacity on their nameplate, in whole ampere hours. A pack grows old: one that is full at 60 %
of its nameplate contradicts nothing, and then its full charge is not known. Anything further apart goes on as it is, for the domain to
refuse.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from aiobmsble import BMSSample, BMSValue, TempSensor
from aiobmsble.basebms import BaseBMS

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod
from kiosk.domain.decimals import to_watt_hours, trimmed
from kiosk.domain.errors import BatteryUnreadable
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.bluetooth.battery_protocol import EstimatePolicy
from kiosk.station.adapters.bluetooth.commodity.commodity_kinds import protocol_name

_JBD = {
    0x0010: mark("too hot to charge"),
    0x0020: mark("too cold to charge"),
    0x0040: mark("too hot to discharge"),
    0x0080: mark("too cold to discharge"),
    0x0100: mark("overcurrent while charging"),
    0x0200: mark("overcurrent while discharging"),
    0x0400: mark("short circuit"),
    0x0800: mark("fault of the measuring chip"),
    0x1000: mark("switched off by software"),
}
_JBD_FULL_OR_EMPTY = 0x000F  # over- and undervoltage of a cell and of the pack
_MAX_CODE = 0xFFFF_FFFF_FFFF_FFFF


def flags_of(protocol: str, code: object) -> list[str]:
    """What a problem code says; nothing for 0, for none, and for what is no code."""
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code <= _MAX_CODE:
        return []
    if protocol != "jbd":
        return [f"BMS problem {code:#x}"]
    code &= ~_JBD_FULL_OR_EMPTY
    known = [words for bit, words in _JBD.items() if code & bit]
    unknown = code & ~sum(_JBD)
    return [*known, *([f"BMS problem {unknown:#x}"] if unknown else [])]


_RESOLUTION = Decimal("0.000001")  # finer than any of these batteries; what lies below is the float's own noise
_MAX_VALUE = 10_000_000
_MAX_CELL_VOLTS = Decimal("5.906")  # the library's own limit
_CHARGE_FROM_PERCENT = frozenset({"felicity"})  # this plugin computes the charge itself
_CELLS_IN_SERIES = frozenset({"jbd", "jk", "daly"})  # seen to tell every cell of the one string
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
    charge = None if values.protocol in _CHARGE_FROM_PERCENT else values.number("cycle_charge")
    soc, capacity = values.number("battery_level"), values.number("design_capacity")
    kwh, method = _energy(values, volts, charge, estimates)
    full = None if capacity is None or not _is_full_charge(charge, soc, capacity) else to_watt_hours((capacity * volts).scaleb(-3))
    return BatteryTelemetry(
        battery_id=battery_id,
        kwh_remaining=kwh,
        timestamp=read_at,
        voltage=volts,
        temperature_celsius=values.hottest(),
        soc_percent=soc,
        full_kwh=full,
        estimated=method is EnergyMethod.SOC_ESTIMATE,
        faults=values.faults(),
        protocol=values.protocol,
        charge_ah=charge,
        method=method,
    )


class _Values:
    """The library's sample, read with care."""

    def __init__(self, sample: BMSSample, kind: type[BaseBMS], battery_id: str) -> None:
        self.protocol = protocol_name(kind.__module__)
        self.battery_id = battery_id
        self._values: BMSSample = {**sample}
        try:
            kind._add_missing_values(self._values, _NEVER_DERIVED)  # noqa: SLF001 - sums of packs and cells, the mean temperature
        except Exception as error:
            raise BatteryUnreadable(battery_id, tr("its values make no sense")) from error
        self._problem = bool(sample.get("problem"))

    def number(self, key: str) -> Decimal | None:
        """One value, exact; None when it was not reported."""
        value: object = self._mapping.get(key)
        return None if value is None else self._exact(value, key)

    def check_cells(self, volts: Decimal) -> None:
        """Whether the cells add up to the pack, where it is known that they should."""
        cells = self._cells()
        if cells and self.protocol in _CELLS_IN_SERIES and abs(sum(cells) - volts) > volts * _CELL_SUM_TOLERANCE:
            raise BatteryUnreadable(self.battery_id, tr("its cells add up to {cells} V and not to {pack} V", cells=sum(cells), pack=volts))

    def hottest(self) -> Decimal | None:
        """Of the sensors in the pack; of all there are when none is known to be there."""
        sensors = self._values.get("temp_values", [])
        chosen = [each for each in sensors if each.type in _INSIDE] or sensors
        celsius = [self._exact(each.value, "temperature") for each in chosen]
        return max(celsius) if celsius else self.number("temperature")

    def faults(self) -> tuple[str, ...]:
        """The BMS's own flags as phrases, and cells that cannot be. A pack that is merely full or empty has none."""
        flags = flags_of(self.protocol, self._mapping.get("problem_code")) or [mark("the BMS reports a problem")] * self._problem
        cells = [f"a cell at {volts} V" for volts in self._cells() if not 0 < volts <= _MAX_CELL_VOLTS]
        return (*flags, *cells[:1])

    @property
    def _mapping(self) -> Mapping[str, object]:
        return self._values

    def _cells(self) -> list[Decimal]:
        return [self._exact(value, "cell_voltage") for value in self._values.get("cell_voltages", ())]

    def _exact(self, value: object, key: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) >= _MAX_VALUE:
            raise BatteryUnreadable(self.battery_id, tr(_IMPOSSIBLE[key]))
        return trimmed(Decimal(repr(value)).quantize(_RESOLUTION))


def _energy(
    values: _Values, volts: Decimal, charge: Decimal | None, estimates: EstimatePolicy
) -> tuple[Decimal | None, EnergyMethod | None]:
    watt_hours = values.number("cycle_capacity")
    if watt_hours is not None:
        return to_watt_hours(watt_hours.scaleb(-3)), EnergyMethod.REPORTED
    if charge is not None:
        return to_watt_hours((charge * volts).scaleb(-3)), EnergyMethod.CHARGE_X_VOLTAGE
    estimate = _estimate(values, volts, estimates)
    return (None, None) if estimate is None else (to_watt_hours(estimate), EnergyMethod.SOC_ESTIMATE)


def _estimate(values: _Values, volts: Decimal, estimates: EstimatePolicy) -> Decimal | None:
    soc, capacity = values.number("battery_level"), values.number("design_capacity")
    full = estimates.design_kwh if capacity is None else (capacity * volts).scaleb(-3)
    if soc is not None and estimates.allowed and full is not None:
        return full * soc / 100
    if not estimates.needed:
        return None
    raise BatteryUnreadable(
        values.battery_id, tr("it does not tell how much it holds") if soc is None else tr("it reports only a state of charge")
    )


def _is_full_charge(charge: Decimal | None, soc: Decimal | None, capacity: Decimal) -> bool:
    """Whether the nameplate may stand for the full charge: it agrees with the state of charge, or not even age explains why it does not."""
    if charge is None or soc is None or capacity <= 0:
        return capacity > 0
    if abs(charge / capacity * 100 - soc) <= _AGREEING_POINTS:
        return True
    if soc <= 0:
        return True
    return not _OLDEST_PACK * capacity <= charge * 100 / soc <= _BEST_PACK * (capacity + 1)
