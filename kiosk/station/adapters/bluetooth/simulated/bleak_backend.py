"""bleak's backend for a SimulatedEnvironment: a radio in memory, on any operating system, without D-Bus or adapter.

bleak's own API layer runs above it, and it fails as real backends fail: BleakBluetoothNotAvailableError without an adapter,
BleakDeviceNotFoundError for a device that is gone, BleakError on a lost link, TimeoutError when connecting takes too long. The
ATT error of a real device answers what a characteristic cannot do. Notifications are delivered by the loop, in order; a link that ends
takes the rest with it.
"""

# ruff: noqa: ARG002, FBT001 - the signatures are bleak's

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from kiosk.station.adapters.bluetooth.radio import Backends
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment

_UNAVAILABLE = {
    AdapterFault.NO_ADAPTER: BleakBluetoothNotAvailableReason.NO_BLUETOOTH,
    AdapterFault.SWITCHED_OFF: BleakBluetoothNotAvailableReason.POWERED_OFF,
}
_MTU = 247
_DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"


def memory_backends(simulated: SimulatedEnvironment) -> Backends:
    """The classes that bleak wants, bound to one environment."""
    bound = {"environment": simulated}
    return Backends(type("EnvironmentScanner", (MemoryScanner,), bound), type("EnvironmentClient", (MemoryClient,), bound))


def _check_adapter(simulated: SimulatedEnvironment) -> None:
    if simulated.adapter_fault is not None:
        raise BleakBluetoothNotAvailableError("no simulated adapter", _UNAVAILABLE[simulated.adapter_fault])


class MemoryScanner(BaseBleakScanner):
    """Receives everything in the environment, again and again, until stopped."""

    environment: SimulatedEnvironment

    def __init__(
        self, detection_callback: AdvertisementDataCallback | None, service_uuids: list[str] | None, scanning_mode: str, **options: object
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._timer: asyncio.Handle | None = None

    async def start(self) -> None:
        _check_adapter(self.environment)
        self.seen_devices = {}
        self._timer = asyncio.get_running_loop().call_soon(self._advertise)

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _advertise(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.environment.timings.advertise, self._advertise)
        for peripheral in self.environment.advertising():
            services, maker = list(peripheral.service_uuids), dict(peripheral.manufacturer_data)
            if self.is_allowed_uuid(services):
                advertisement = AdvertisementData(peripheral.name, maker, {}, services, None, peripheral.rssi, ())
                device = self.create_or_update_device(peripheral.address, peripheral.address, peripheral.name, peripheral, advertisement)
                self.call_detection_callbacks(device, advertisement)


class MemoryClient(BaseBleakClient):
    """One link to a peripheral of the environment."""

    environment: SimulatedEnvironment

    def __init__(
        self, address_or_ble_device: BLEDevice | str, *, disconnected_callback: Callable[[], None] | None, timeout: float, **options: object
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._peripheral: Peripheral | None = None
        self._reads = 0
        self._callbacks: dict[str, NotifyCallback] = {}
        self._queued: deque[Notification] = deque()

    @property
    def name(self) -> str:
        return self._peripheral.name if self._peripheral else self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return _MTU

    @property
    def is_connected(self) -> bool:
        return self._peripheral is not None

    async def connect(self, pair: bool, **kwargs: object) -> None:
        _check_adapter(self.environment)
        peripheral = self.environment.find(self.address)
        if peripheral is None:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        async with asyncio.timeout(self._timeout):
            await asyncio.sleep(peripheral.connect_seconds)
        if self.address in self.environment.open_links:
            raise BleakError("connected elsewhere")
        self.services = _collection(peripheral)
        self._peripheral, self._reads = peripheral, 0
        self.environment.open_link(self.address)

    async def disconnect(self) -> None:
        if self._peripheral is not None:
            self._peripheral, self.services = None, None
            self._callbacks, self._queued = {}, deque()
            self.environment.close_link(self.address)

    async def pair(self, *args: object, **kwargs: object) -> None:
        """Nothing needs pairing here."""

    async def unpair(self) -> None:
        await self.disconnect()

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: object) -> bytearray:
        peripheral = self._require_link()
        if peripheral.silent:
            await asyncio.Event().wait()
        await asyncio.sleep(peripheral.read_seconds)
        await self._use_link("read", characteristic, BleakGATTProtocolErrorCode.READ_NOT_PERMITTED)
        return bytearray(characteristic.obj)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: object) -> bytearray:
        await asyncio.sleep(self._require_link().read_seconds)
        self._require_link()
        return bytearray(descriptor.obj)

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        await self._use_link("write", characteristic, BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED)
        self._notify(self._require_link().answer_write(characteristic.uuid, bytes(data)))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        raise BleakGATTProtocolError(BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED)

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: object) -> None:
        peripheral = self._require_link()
        _check_property("notify", characteristic, BleakGATTProtocolErrorCode.REQUEST_NOT_SUPPORTED)
        self._callbacks[characteristic.uuid] = callback
        self._notify(peripheral.answer_subscription(characteristic.uuid))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._require_link()
        _check_property("notify", characteristic, BleakGATTProtocolErrorCode.REQUEST_NOT_SUPPORTED)
        self._callbacks.pop(characteristic.uuid, None)

    async def _use_link(self, name: str, characteristic: BleakGATTCharacteristic, refusal: BleakGATTProtocolErrorCode) -> None:
        """One read or write: the link may be lost at it."""
        if self._reads == self._require_link().reads_before_drop:
            await self.disconnect()
            if self._disconnected_callback:
                self._disconnected_callback()
        self._require_link()
        _check_property(name, characteristic, refusal)
        self._reads += 1

    def _notify(self, notifications: Sequence[Notification]) -> None:
        if notifications and not self._queued:
            self._notify_next_in(self._require_link().read_seconds)
        self._queued.extend(notifications)

    def _notify_next_in(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._deliver, self._queued, seconds)

    def _deliver(self, queued: deque[Notification], seconds: float) -> None:
        if queued is not self._queued:  # the link ended since
            return
        uuid, data = queued.popleft()
        if queued:
            self._notify_next_in(seconds)
        if uuid in self._callbacks:
            self._callbacks[uuid](bytearray(data))

    def _require_link(self) -> Peripheral:
        if self._peripheral is None:
            raise BleakError("Not connected")
        return self._peripheral


def _check_property(name: str, characteristic: BleakGATTCharacteristic, refusal: BleakGATTProtocolErrorCode) -> None:
    if not any(each.startswith(name) for each in characteristic.properties):
        raise BleakGATTProtocolError(refusal)


def _collection(peripheral: Peripheral) -> BleakGATTServiceCollection:
    collection, handle = BleakGATTServiceCollection(), 1
    for service_uuid, values in peripheral.services.items():
        service = BleakGATTService(peripheral, handle, service_uuid)
        collection.add_service(service)
        for uuid, value in values.items():
            handle += 2  # a declaration and a value, as in a real table
            characteristic = BleakGATTCharacteristic(value, handle, uuid, list(peripheral.properties_of(uuid)), lambda: _MTU - 3, service)
            collection.add_characteristic(characteristic)
            if uuid in peripheral.descriptions:
                handle += 1
                collection.add_descriptor(BleakGATTDescriptor(peripheral.descriptions[uuid].encode(), handle, _DESCRIPTION, characteristic))
        handle += 2
    return collection
