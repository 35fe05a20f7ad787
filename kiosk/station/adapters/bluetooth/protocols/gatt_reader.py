"""What a reader of one kind of battery is given, and the one for OVES.

A reader connects through the radio (`ReadSession.radio.link`, or `Radio.close` around a library that connects by itself), says `connected`,
reads, and gives a reading or raises BatteryUnreadable or one of RADIO_ERRORS. Whoever calls it bounds it in time; cancelled at any point
it leaves no link.

The OVES reader reads six characteristics by their UUID, whichever service they are in (75 ms each over the air); the pay-as-you-go id only
when the own id is blank. Where firmware has moved a value to another characteristic, it is found by the name in descriptor 0x2901.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.station.adapters.bluetooth.advertisement import AdvertisedDevice
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.bluetooth.radio.adapter import Radio
from kiosk.station.adapters.bluetooth.radio.radio_errors import RADIO_ERRORS, is_lost_link

_DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSession:
    """One try to read one device. `seconds_left` until the deadline; `connected` announces that reading begins; `battery_id` is what was
    asked for, for errors; `now` the wall time for the reading.
    """

    radio: Radio
    battery_id: str
    seconds_left: Callable[[], float]
    connected: Callable[[], None]
    now: Callable[[], datetime]
    estimates: oves.EstimatePolicy


class Reader(Protocol):
    """A kind of battery, or a family of them."""

    async def read(self, heard: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
        """Connect, read, disconnect. `rssi` and `seconds` of the reading are filled in by the caller."""
        ...


class OvesReader:
    """Batteries with the OVES profile, and every device of which nothing is known: it tells those apart."""

    async def read(self, heard: AdvertisedDevice, session: ReadSession) -> BatteryTelemetry:
        async with session.radio.link(heard.device, session.seconds_left()) as client:
            session.connected()
            values = await read_values(client)
        return oves.decode(values, battery_id=session.battery_id, read_at=session.now(), estimates=session.estimates)


async def read_values(client: BleakClient) -> dict[str, bytes]:
    """The OVES values that this device has, by UUID."""
    values = await _read(client, _own(client))
    if values and not all(uuid in values for uuid in oves.REQUIRED):
        values |= await _read(client, await _moved(client, missing=[uuid for uuid in oves.READ_ORDER if uuid not in values]))
    return values


async def _read(client: BleakClient, places: Mapping[str, BleakGATTCharacteristic]) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for uuid, characteristic in places.items():
        if uuid != oves.PPID or oves.decode_id(values.get(oves.OPID, b"")) == "":
            values[uuid] = bytes(await client.read_gatt_char(characteristic))
    return values


def _own(client: BleakClient) -> dict[str, BleakGATTCharacteristic]:
    """Where each value is, in the order of reading. Of two with the same UUID the first counts."""
    places: dict[str, BleakGATTCharacteristic] = {}
    for characteristic in client.services.characteristics.values():
        places.setdefault(characteristic.uuid, characteristic)
    return {uuid: places[uuid] for uuid in oves.READ_ORDER if uuid in places}


async def _moved(client: BleakClient, missing: list[str]) -> dict[str, BleakGATTCharacteristic]:
    """Where values have gone that are not at their UUID: unknown characteristics of the vendor are asked for their names."""
    places: dict[str, BleakGATTCharacteristic] = {}
    for characteristic in client.services.characteristics.values():
        if not oves.is_vendor_uuid(characteristic.uuid) or characteristic.uuid in oves.READ_ORDER:
            continue
        name = await _name_of(client, characteristic)
        for uuid in missing:
            if oves.names(uuid, name):
                places.setdefault(uuid, characteristic)
    return {uuid: places[uuid] for uuid in missing if uuid in places}


async def _name_of(client: BleakClient, characteristic: BleakGATTCharacteristic) -> str:
    for descriptor in characteristic.descriptors:
        if descriptor.uuid == _DESCRIPTION:
            try:
                return bytes(await client.read_gatt_descriptor(descriptor.handle)).decode("ascii", "replace")
            except RADIO_ERRORS as error:
                if not client.is_connected or not is_lost_link(error):
                    raise
    return ""
