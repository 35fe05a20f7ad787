"""A battery reading as kiosks report it and the platform returns it: the telemetry, and the station that read it."""

from typing import Any

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput
from kiosk.wire.checked import Id, Model, checked
from kiosk.wire.exact_json import loads, text
from kiosk.wire.ids import id_fault
from kiosk.wire.telemetry_documents import TelemetryDocument, telemetry_to_document, to_telemetry


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
