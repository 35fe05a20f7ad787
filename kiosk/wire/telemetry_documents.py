"""BatteryTelemetry on the wire: the specification's keys, and `estimated`, `soc_percent`, `rssi`, `protocol` beside them (contract).

Exact both ways: rounding to watt hours is for whoever brings a reading in (decision 11), judging it for the domain.
"""

from typing import Any

from pydantic import Field

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod, normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Id, Model, Moment, Number, ShortShown, Shown, Whole, checked, id_fault, omitting_none
from kiosk.wire.exact_json import loads, text


class TelemetryDocument(Model):
    """One reading. `asset_id` may be absent where the request names the battery."""

    asset_id: str | None = None
    kwh_remaining: Number | None = None
    timestamp: Moment
    voltage: Number | None = None
    temperature_celsius: Number | None = None
    soc_percent: Number | None = None
    full_kwh: Number | None = None
    estimated: bool = False
    faults: list[Shown] = Field(default_factory=list)
    protocol: Shown = ""
    rssi: Whole | None = None
    seconds: Number | None = None
    charge_ah: Number | None = None
    method: EnergyMethod | None = Field(default=None, strict=False)  # JSON knows texts only
    states: list[Shown] = Field(default_factory=list)
    unknown_codes: list[Shown] = Field(default_factory=list)
    lowest_cell_volts: Number | None = None
    cell_spread_volts: Number | None = None
    output_on: bool | None = None
    serial: ShortShown = ""
    cycles: Whole | None = None
    address: ShortShown = ""


class ReadingDocument(TelemetryDocument):
    """`station_id` is null where it is not known."""

    station_id: Id | None = None


class LatestDocument(Model):
    """The specification's answer: the battery and its telemetry."""

    asset_id: str
    telemetry: ReadingDocument


def reading_text(read: KnownReading) -> str:
    """The document of a reading. Raises BadInput for an id that cannot be one and for a number that is none."""
    fault = id_fault(normalise_id(read.reading.battery_id))
    if fault:
        raise BadInput("asset_id", fault)
    try:
        return text({**telemetry_to_document(read.reading), "station_id": read.station_id or None})
    except ValueError as error:
        raise BadInput("reading", str(error)) from error


def reading_of(document: str) -> KnownReading:
    """A reading as it was stored. Raises BadInput."""
    read = checked(ReadingDocument, loads(document), BadInput)
    return _known(to_telemetry(read, ""), read.station_id)


def latest_of(document: Any) -> KnownReading:  # noqa: ANN401  any JSON value
    """The platform's answer. Raises BadInput."""
    read = checked(LatestDocument, document, BadInput)
    return _known(to_telemetry(read.telemetry, read.asset_id), read.telemetry.station_id)


def _known(reading: BatteryTelemetry, station_id: str | None) -> KnownReading:
    return KnownReading(reading=reading, station_id=station_id or "")


def to_telemetry(read: TelemetryDocument, battery_id: str) -> BatteryTelemetry:
    """The checked document as the domain's value; `battery_id` where the document names none."""
    return BatteryTelemetry(
        battery_id=read.asset_id or battery_id,
        kwh_remaining=read.kwh_remaining,
        timestamp=read.timestamp,
        voltage=read.voltage,
        temperature_celsius=read.temperature_celsius,
        soc_percent=read.soc_percent,
        full_kwh=read.full_kwh,
        estimated=read.estimated,
        faults=tuple(read.faults),
        protocol=read.protocol,
        rssi=read.rssi,
        seconds=None if read.seconds is None else float(read.seconds),
        charge_ah=read.charge_ah,
        method=read.method,
        states=tuple(read.states),
        unknown_codes=tuple(read.unknown_codes),
        lowest_cell_volts=read.lowest_cell_volts,
        cell_spread_volts=read.cell_spread_volts,
        output_on=read.output_on,
        serial=read.serial,
        cycles=read.cycles,
        address=read.address,
    )


def specified_document(reading: BatteryTelemetry) -> dict[str, Any]:
    """The specification's keys and the contract's four, always all of them."""
    return {
        "asset_id": reading.battery_id,
        "kwh_remaining": reading.kwh_remaining,
        "voltage": reading.voltage,
        "temperature_celsius": reading.temperature_celsius,
        "timestamp": iso_utc(reading.timestamp),
        "estimated": reading.estimated,
        "soc_percent": reading.soc_percent,
        "rssi": reading.rssi,
        "protocol": reading.protocol,
    }


def health_document(reading: BatteryTelemetry) -> dict[str, Any]:
    """What a reading tells of the battery's health beside the specification's keys, always all of it."""
    return {
        "faults": list(reading.faults),
        "states": list(reading.states),
        "unknown_codes": list(reading.unknown_codes),
        "lowest_cell_volts": reading.lowest_cell_volts,
        "cell_spread_volts": reading.cell_spread_volts,
        "output_on": reading.output_on,
    }


def telemetry_to_document(reading: BatteryTelemetry) -> dict[str, Any]:
    """All of a reading; `seconds` is to the microsecond. What lies beside the specification's keys stands there only where it is told."""
    more = {
        "full_kwh": reading.full_kwh,
        "seconds": None if reading.seconds is None else round(reading.seconds, 6),
        "charge_ah": reading.charge_ah,
        "method": None if reading.method is None else reading.method.value,
        **{key: None if value == [] else value for key, value in health_document(reading).items()},
        "serial": reading.serial or None,
        "cycles": reading.cycles,
        "address": reading.address or None,
    }
    return {**specified_document(reading), **omitting_none(more)}
