"""BatteryTelemetry on the wire: the specification's keys, and `estimated`, `soc_percent`, `rssi`, `protocol` beside them (contract).

Exact both ways: rounding to watt hours is for whoever brings a reading in (decision 11), judging it for the domain.
"""

from typing import Any

from pydantic import Field

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Model, Moment, Number, Whole


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
    faults: list[str] = Field(default_factory=list)
    protocol: str = ""
    rssi: Whole | None = None
    seconds: Number | None = None
    charge_ah: Number | None = None
    method: EnergyMethod | None = Field(default=None, strict=False)  # JSON knows texts only


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


def telemetry_to_document(reading: BatteryTelemetry) -> dict[str, Any]:
    """All of a reading; `full_kwh`, `faults`, `seconds` (to the microsecond), `charge_ah` and `method` only where there are any."""
    document = specified_document(reading)
    if reading.full_kwh is not None:
        document["full_kwh"] = reading.full_kwh
    if reading.faults:
        document["faults"] = list(reading.faults)
    if reading.seconds is not None:
        document["seconds"] = round(reading.seconds, 6)
    if reading.charge_ah is not None:
        document["charge_ah"] = reading.charge_ah
    if reading.method is not None:
        document["method"] = reading.method.value
    return document
