"""BatteryTelemetry, identity and fitness (decisions 11, 12)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.errors import BatteryDamaged, BatteryNotIssuable, BatteryTooLow, BatteryUnreadable, SameBattery, WrongBattery
from kiosk.domain.language import mark, tr


def check_returned(expected_id: str | None, returned_id: str | None) -> str:
    """The normalised id of the returned battery, which must be the expected one; None and "" are no battery. Raises WrongBattery."""
    expected, returned = normalise_id(expected_id or ""), normalise_id(returned_id or "")
    if expected != returned:
        raise WrongBattery(expected, returned)
    return returned


def check_issued(returned_id: str | None, issued_id: str) -> str:
    """The normalised id of the battery to issue, which has one and is not the returned battery. Raises BatteryUnreadable, SameBattery."""
    issued = normalise_id(issued_id)
    if not issued:
        raise BatteryUnreadable("", tr("it gave no id of its own"))
    if issued == normalise_id(returned_id or ""):
        raise SameBattery(issued)
    return issued


_SOC_TOLERANCE_POINTS = Decimal(10)  # decision 12
_NAMEPLATE_TOLERANCE = Decimal("1.2")  # decision 12
TAIL_LENGTH = 6  # how many characters at the end of its id a battery's advertised name ends with (facts/field.md)


def normalise_id(text: str) -> str:
    """A battery id as it is compared: no padding, no `<`, `>`, NUL or white space around it, upper case (decision 12)."""
    return text.strip("<>\0 \t\r\n").upper()


def id_tail(text: str) -> str:
    """What an advertised name and the id of the same battery have in common: the last six characters of the id (field facts)."""
    return normalise_id(text)[-TAIL_LENGTH:]


class EnergyMethod(StrEnum):
    """Where the energy of a reading comes from (decision 11)."""

    REPORTED = "reported"  # the battery tells its energy
    CHARGE_X_VOLTAGE = "charge_x_voltage"  # computed from the charge left and the voltage at that moment, both read from the battery
    SOC_ESTIMATE = "soc_estimate"  # a percentage of a capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryTelemetry:
    """One reading. `kwh_remaining` is whole watt hours (0.001 kWh), or None for a battery identified without energy
    (decision 21). `timestamp` is when it was read, with its time zone. `charge_ah` and `method` are what the energy was got from and how,
    where known. `serial` is the BMS's own, "" where it tells none; `address` the Bluetooth address that it was read at, "" where nobody
    noted it.

    `faults` are what is broken, as phrases; `states` what the BMS says that is no fault (FULL, EMPTY, a warning), as phrases too;
    `unknown_codes` what of its problem code no table explains ("0x10"). `lowest_cell_volts` is the lowest voltage of a cell,
    `cell_spread_volts` the highest less the lowest of one string; None where cells are not told. `output_on` is whether its discharge
    switch is on, None where that is not told.
    """

    battery_id: str
    kwh_remaining: Decimal | None
    timestamp: datetime
    voltage: Decimal | None = None
    temperature_celsius: Decimal | None = None
    soc_percent: Decimal | None = None
    full_kwh: Decimal | None = None
    estimated: bool = False
    faults: tuple[str, ...] = ()
    protocol: str = ""
    rssi: int | None = None
    seconds: float | None = None
    charge_ah: Decimal | None = None
    method: EnergyMethod | None = None
    serial: str = ""
    cycles: int | None = None
    states: tuple[str, ...] = ()
    unknown_codes: tuple[str, ...] = ()
    lowest_cell_volts: Decimal | None = None
    cell_spread_volts: Decimal | None = None
    output_on: bool | None = None
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitnessLimits:
    """What a battery may show and still be issued or taken back without a question; configuration `[fitness]`. `most_cell_spread` is asked
    of a battery to issue only, in volts. `most_charge_kw` and `most_discharge_kw` are the fastest charger and the strongest motor of the
    fleet, for `plausible`; `returned_more_kwh` is what a battery may always come back with above what it went out with (decision 28)."""

    least_voltage: Decimal = Decimal(40)
    most_voltage: Decimal = Decimal(100)
    least_celsius: Decimal = Decimal(-10)
    most_celsius: Decimal = Decimal(60)
    most_cell_spread: Decimal = Decimal("0.3")
    least_issue_kwh: Decimal = Decimal("0.5")
    nameplate_kwh: Decimal | None = None
    most_kwh: Decimal = Decimal(100)
    most_charge_kw: Decimal = Decimal(15)
    most_discharge_kw: Decimal = Decimal(20)
    returned_more_kwh: Decimal = Decimal("0.2")


def check_reading(reading: BatteryTelemetry, limits: FitnessLimits) -> None:
    """Raises BatteryUnreadable when a reading contradicts itself or cannot be (decision 12)."""
    identity = "" if normalise_id(reading.battery_id) else tr("it gave no id of its own")
    reason = identity or _absurd_energy(reading, limits) or _contradiction(reading)
    if reason:
        raise BatteryUnreadable(reading.battery_id, reason)


def _absurd_energy(reading: BatteryTelemetry, limits: FitnessLimits) -> str | None:
    kwh = reading.kwh_remaining
    if reading.voltage is not None and (not reading.voltage.is_finite() or reading.voltage <= 0):
        return tr("it reports no voltage")
    if kwh is None:
        return None
    if not kwh.is_finite() or kwh < 0:
        return tr("its energy is not a positive number")
    nameplate, full = limits.nameplate_kwh, reading.full_kwh
    if kwh > limits.most_kwh or (nameplate is not None and kwh > nameplate * _NAMEPLATE_TOLERANCE):
        return tr("{kwh} kWh is more than such a battery can hold", kwh=kwh)
    if full is not None and full > limits.most_kwh:
        return tr("{kwh} kWh is more than such a battery can hold", kwh=full)
    return None


def _contradiction(reading: BatteryTelemetry) -> str | None:
    soc, full, kwh = reading.soc_percent, reading.full_kwh, reading.kwh_remaining
    if soc is not None and not 0 <= soc <= 100:
        return tr("a charge of {soc} % cannot be", soc=soc)
    if soc is None or full is None or kwh is None or reading.estimated:
        return None
    if full <= 0:
        return tr("its full charge is not a positive number")
    if abs(kwh / full * 100 - soc) > _SOC_TOLERANCE_POINTS:
        return tr("{soc} % does not agree with {kwh} of {full} kWh", soc=soc, kwh=kwh, full=full)
    return None


FULL, EMPTY = mark("full"), mark("empty")  # states: a pack just off the charger, and one that was ridden to the end
SENSOR_BROKEN = mark("a temperature sensor is broken")
_SENSOR_LEAST, _SENSOR_MOST = Decimal(-50), Decimal(150)
_TOO_LOW, _TOO_HIGH = mark("voltage too low, {value} V"), mark("voltage too high, {value} V")
_TOO_COLD, _TOO_HOT = mark("too cold, {value} °C"), mark("too hot, {value} °C")
_OUTPUT_OFF, _OUTPUT_EMPTY = mark("its output is switched off"), mark("it is empty, and has cut its output")
_UNEQUAL = mark("its cells differ by {spread} V, {most} V is the most")


def is_sensor_broken(celsius: Decimal) -> bool:
    """Whether no battery is as cold or as hot as this: the sensor is broken, or not there."""
    return not _SENSOR_LEAST <= celsius <= _SENSOR_MOST


def check_fit(reading: BatteryTelemetry, limits: FitnessLimits) -> None:
    """Raises BatteryDamaged with every reason at once when the battery is outside the limits (decision 12). A returned battery passes with
    this alone; one to issue has to pass `check_issuable`."""
    reasons = (
        *_outside(reading.voltage, limits.least_voltage, limits.most_voltage, _TOO_LOW, _TOO_HIGH),
        *_temperature(reading.temperature_celsius, limits),
        *(tr(each) for each in reading.faults),
    )
    if reasons:
        raise BatteryDamaged(reading.battery_id, reasons)


def check_issuable(reading: BatteryTelemetry, limits: FitnessLimits) -> None:
    """What a battery to issue has to pass: it is fit, gives power, and its cells are alike. Raises BatteryDamaged, BatteryNotIssuable."""
    check_fit(reading, limits)
    output, spread = reading.output_on, reading.cell_spread_volts
    reasons = (
        *((tr(_OUTPUT_EMPTY) if EMPTY in reading.states else tr(_OUTPUT_OFF),) if output is False else ()),
        *((tr(_UNEQUAL, spread=spread, most=limits.most_cell_spread),) if spread is not None and spread > limits.most_cell_spread else ()),
    )
    if reasons:
        raise BatteryNotIssuable(normalise_id(reading.battery_id), reasons, output_off=output is False and EMPTY not in reading.states)


def check_enough(reading: BatteryTelemetry, limits: FitnessLimits) -> None:
    """Raises BatteryTooLow when a battery holds less than the least to issue (decision 12)."""
    if reading.kwh_remaining is not None and reading.kwh_remaining < limits.least_issue_kwh:
        raise BatteryTooLow(normalise_id(reading.battery_id), reading.kwh_remaining, limits.least_issue_kwh)


def _outside(value: Decimal | None, least: Decimal, most: Decimal, below: str, above: str) -> tuple[str, ...]:
    if value is None or least <= value <= most:
        return ()
    return (tr(below if value < least else above, value=value),)


def _temperature(celsius: Decimal | None, limits: FitnessLimits) -> tuple[str, ...]:
    if celsius is not None and is_sensor_broken(celsius):
        return (tr(SENSOR_BROKEN),)
    return _outside(celsius, limits.least_celsius, limits.most_celsius, _TOO_COLD, _TOO_HOT)
