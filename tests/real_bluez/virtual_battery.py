"""A Peripheral of the scanner's own model, played by bumble as a device in the air.

Runs in the process of `air` only. It keeps to the rules of kiosk.station.adapters.bluetooth.battery_protocol: bytes behind
characteristics, what is notified after a write or a subscription, seconds to answer, silence, a link that is lost.
"""

# mypy: disable-error-code="import-not-found", disallow-subclassing-any=False
# (bumble is no dependency of the project: it is installed for the virtual machine alone)

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_ErrorCode, OwnAddressType
from bumble.host import Host

from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from tests.real_bluez.virtual_radio import PLAIN_FEATURES, Advertised, Link

_ADVERTISE_MILLISECONDS = 100
_ROOM = 31  # bytes, in an advertisement and in a scan response
_FLAGS = b"\x02\x01\x06"  # discoverable, no classic Bluetooth
_SHORT = 2  # bytes of a UUID in its short form
_SHORT_UUIDS = AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
_LONG_UUIDS = AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
_BASE = "-0000-1000-8000-00805f9b34fb"
_ABILITIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "write-without-response": Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": Characteristic.Properties.NOTIFY,
}


class BatteryController(Controller):
    """The controller inside a battery."""

    le_features = PLAIN_FEATURES


class VirtualBattery:
    """`peripheral` may be exchanged for one with the same characteristics; a link that is open goes on with the old one."""

    def __init__(self, link: Link, peripheral: Peripheral, *, opened: Callable[[str], None], closed: Callable[[str], None]) -> None:
        self.peripheral = peripheral
        self._link, self._opened, self._closed = link, opened, closed
        self._served, self._reads = peripheral, 0
        self._characteristics: dict[str, Characteristic] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._controller = BatteryController(peripheral.address, link=link)
        address = Address(peripheral.address, Address.RANDOM_DEVICE_ADDRESS)
        config = DeviceConfiguration(name=peripheral.name, address=address)
        self._device = Device(config=config, host=Host(self._controller, self._controller))
        for service, values in peripheral.services.items():
            made = [self._characteristic(service, uuid) for uuid in values]
            self._characteristics.update(zip(values, made, strict=True))
            self._device.add_service(Service(_uuid(service), made))
        self._device.on("connection", self._on_connection)

    @property
    def advertised(self) -> Advertised:
        """What is heard of it."""
        data, response = _packed(self.peripheral)
        return Advertised(data, response, self.peripheral.rssi, self.peripheral.connect_seconds)

    async def appear(self) -> None:
        """Advertise from now on, whenever nobody is connected."""
        await self._device.power_on()
        await self._device.start_advertising(
            own_address_type=OwnAddressType.RANDOM,
            auto_restart=True,
            advertising_interval_min=_ADVERTISE_MILLISECONDS,
            advertising_interval_max=_ADVERTISE_MILLISECONDS,
        )

    async def vanish(self) -> None:
        """Out of range: no advertisement, no link."""
        await self._device.stop_advertising()
        for connection in list(self._device.connections.values()):
            await connection.disconnect()
        await self._device.stop_advertising()
        await self._device.power_off()
        self._link.remove_controller(self._controller)

    # ------------------------------------------------------------ the link

    def _on_connection(self, connection: Any) -> None:
        self._served, self._reads = self.peripheral, 0
        connection.on("disconnection", lambda _reason: self._on_end())
        self._opened(self._served.address)

    def _on_end(self) -> None:
        for task in self._telling:
            task.cancel()
        self._closed(self._served.address)

    async def _count(self, connection: Any) -> None:
        """One more read or write; does not return when the link is lost at it."""
        if self._reads == self._served.reads_before_drop:
            await connection.disconnect(HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
            await asyncio.Event().wait()
        self._reads += 1

    # ------------------------------------------------------------ its characteristics

    def _characteristic(self, service: str, uuid: str) -> Characteristic:
        async def read(connection: Any) -> bytes:
            return await self._answer(connection, service, uuid)

        async def write(connection: Any, data: bytes) -> None:
            await self._count(connection)
            self._tell(connection, self._served.answer_write(uuid, bytes(data)))

        def on_subscription(connection: Any, notify: bool, _indicate: bool) -> None:  # noqa: FBT001  bumble calls it so
            if notify:
                self._tell(connection, self._served.answer_subscription(uuid))

        properties = Characteristic.Properties(0)
        for ability in self.peripheral.properties_of(uuid):
            properties |= _ABILITIES[ability]
        permissions = Characteristic.READABLE | Characteristic.WRITEABLE
        made = Characteristic(_uuid(uuid), properties, permissions, CharacteristicValue(read=read, write=write))
        made.on("subscription", on_subscription)
        return made

    async def _answer(self, connection: Any, service: str, uuid: str) -> bytes:
        served = self._served
        if served.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(served.read_seconds)
        await self._count(connection)
        return served.services[service][uuid]

    def _tell(self, connection: Any, told: Sequence[Notification]) -> None:
        task = asyncio.get_running_loop().create_task(self._notify(connection, told))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _notify(self, connection: Any, told: Sequence[Notification]) -> None:
        for uuid, data in told:
            await asyncio.sleep(self._served.read_seconds)
            await self._device.notify_subscriber(connection, self._characteristics[uuid], data)


def _uuid(text: str) -> UUID:
    """Short where it has a short form, as devices have it."""
    short = text.lower().startswith("0000") and text.lower().endswith(_BASE)
    return UUID(text[4:8] if short else text)


def _packed(peripheral: Peripheral) -> tuple[bytes, bytes]:
    """The advertisement and the scan response, which holds the name; what fits into neither is left out, as a real device has to."""
    data, response = _FLAGS, _element(AdvertisingData.COMPLETE_LOCAL_NAME, peripheral.name.encode()[: _ROOM - 2])
    for element in _elements(peripheral):
        if len(data) + len(element) <= _ROOM:
            data += element
        elif len(response) + len(element) <= _ROOM:
            response += element
    return data, response


def _elements(peripheral: Peripheral) -> Iterator[bytes]:
    for maker, data in peripheral.manufacturer_data.items():
        yield _element(AdvertisingData.MANUFACTURER_SPECIFIC_DATA, maker.to_bytes(2, "little") + data)
    for text in peripheral.service_uuids:
        raw = bytes(_uuid(text))
        yield _element(_SHORT_UUIDS if len(raw) == _SHORT else _LONG_UUIDS, raw)


def _element(kind: int, raw: bytes) -> bytes:
    return bytes([len(raw) + 1, kind]) + raw
