"""What can be done about an adapter through BlueZ, beside bleak: links left over are ended, a stale device is removed, the adapter is
switched off and on, and batteries that were read are kept.

BlueZ forgets a device half a minute after it was last received, and its GATT layout with it, which then takes one to three seconds to
discover at the next link. One that is Trusted is not forgotten. The last `MAX_KEPT` that were read are, and the others removed again: a
station sees thousands over the years, and every program that asks BlueZ is told all of them.

Each call opens a connection to D-Bus of its own and closes it again, and is answered within `CALL_SECONDS` or raises ServiceMute; an error
that BlueZ answers is a BleakDBusError, no D-Bus an OSError. Only batteries are touched: a device that is paired, or that no reader of ours
knows, belongs to somebody else (a keyboard, a printer).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from bleak.backends.bluezdbus.version import BlueZFeatures
from bleak.exc import BleakDBusError, BleakError
from dbus_fast import AuthError, BusType, Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus

from kiosk.station.adapters.bluetooth import protocol_registry
from kiosk.station.adapters.bluetooth.battery_protocol import Advertisement
from kiosk.station.adapters.bluetooth.radio_errors import ServiceMute

CALL_SECONDS = 2.0
SWITCH_SECONDS = 2.0
BLUEZ, ADAPTER, DEVICE = "org.bluez", "org.bluez.Adapter1", "org.bluez.Device1"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_MANAGER = "org.freedesktop.DBus.ObjectManager"
_POLL_SECONDS = 0.05
MAX_KEPT = 200

Properties = Mapping[str, Any]


class BluezBus:
    """A connection to the system's D-Bus, for the calls that bleak has no name for."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def known(self, interface: str) -> dict[str, Properties]:
        """What BlueZ knows: the objects with this interface (ADAPTER or DEVICE) by their path, each with its properties."""
        objects: dict[str, dict[str, Properties]] = unpack_variants((await self.call("/", _MANAGER, "GetManagedObjects")).body[0])
        return {path: each[interface] for path, each in sorted(objects.items()) if interface in each}

    async def call(self, path: str, interface: str, member: str, signature: str = "", *body: object) -> Message:
        """Raises BleakDBusError, ServiceMute, EOFError when the bus went away."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                reply = await self._bus.call(Message(BLUEZ, path, interface, member, signature=signature, body=list(body)))
        except TimeoutError:
            raise ServiceMute from None
        if reply.message_type is not MessageType.METHOD_RETURN:
            raise BleakDBusError(reply.error_name or "", reply.body)
        return reply

    async def switch(self, adapter: str, *, on: bool) -> None:
        """Switch an adapter, and wait until it says so."""
        asked = (adapter, _PROPERTIES, "Get", "ss", ADAPTER, "Powered")
        await self.call(adapter, _PROPERTIES, "Set", "ssv", ADAPTER, "Powered", Variant("b", on))
        with suppress(TimeoutError):
            async with asyncio.timeout(SWITCH_SECONDS):
                while (await self.call(*asked)).body[0].value is not on:  # noqa: ASYNC110  a subscription to signals would be the longer way
                    await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def system_bus() -> AsyncIterator[BluezBus]:
    """A connection, closed again. Raises OSError where there is no D-Bus, PermissionError where it does not let us in."""
    bus = MessageBus(bus_type=BusType.SYSTEM)
    try:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await bus.connect()
        except TimeoutError:
            raise ServiceMute from None
        except AuthError as error:
            raise PermissionError(str(error)) from error
        yield BluezBus(bus)
    finally:
        bus.disconnect()


class BluezRecovery:
    """`adapter` is its name, such as "hci0"; "" means all there are."""

    def __init__(self, adapter: str = "") -> None:
        self._adapter = adapter
        self._kept: dict[str, str] = {}  # path by address, who was read last at the end

    async def prepare(self) -> None:
        """Have bleak ask for BlueZ's version now. It asks at the first connecting, once; cut short there, it would wait for ever after."""
        if not BlueZFeatures.checked_bluez_version:
            BlueZFeatures._check_bluez_event = None  # noqa: SLF001  what an asking that was cut short leaves behind
            with suppress(TimeoutError):
                async with asyncio.timeout(CALL_SECONDS):
                    await BlueZFeatures.check_bluez_version()
            BlueZFeatures.checked_bluez_version = True

    async def recall(self) -> None:
        """Which batteries an earlier process has kept; in no order, since BlueZ tells none."""
        async with system_bus() as bus:
            known = await bus.known(DEVICE)
        ours = {str(device["Address"]): path for path, device in known.items() if device.get("Trusted") and self._is_ours(path, device)}
        self._kept = {address: path for address, path in ours.items() if address not in self._kept} | self._kept

    async def keep(self, address: str) -> None:
        """A battery was read: have BlueZ remember it with its GATT layout, and forget the one that was read longest ago."""
        if path := self._kept.pop(address, None):
            self._kept[address] = path
            return
        async with system_bus() as bus:
            for path, device in (await bus.known(DEVICE)).items():
                if device.get("Address") == address and self._is_ours(path, device):
                    await bus.call(path, _PROPERTIES, "Set", "ssv", DEVICE, "Trusted", Variant("b", True))  # noqa: FBT003  D-Bus's own type
                    self._kept[address] = path
            while len(self._kept) > MAX_KEPT:
                await _remove(bus, self._kept.pop(next(iter(self._kept))))

    async def close_left_over(self) -> int:
        """End the links to batteries; how many there were. The radio has none of its own open when it asks for this."""
        async with system_bus() as bus:
            left = [path for path, device in (await bus.known(DEVICE)).items() if device.get("Connected") and self._is_ours(path, device)]
            for path in left:
                try:
                    await bus.call(path, DEVICE, "Disconnect")
                except BleakError:
                    await _remove(bus, path)  # it takes the link with it
        return len(left)

    async def remove(self, address: str) -> None:
        """One device by its address, in any state of its link; "" for all batteries that BlueZ remembers: a scan finds them again."""
        self._kept = {kept: path for kept, path in self._kept.items() if address and kept != address}
        async with system_bus() as bus:
            for path, device in (await bus.known(DEVICE)).items():
                if device.get("Address") == address or (not address and self._is_ours(path, device)):
                    await _remove(bus, path)

    async def forget_services(self, address: str) -> None:
        """Have BlueZ ask a device for its services again; one that is paired stays, since it would have to be paired again."""
        async with system_bus() as bus:
            for path, device in (await bus.known(DEVICE)).items():
                if device.get("Address") == address and not _is_bonded(device):
                    await _remove(bus, path)

    async def power_cycle(self) -> bool:
        """Off and on. False when others are using the adapter, and it was left alone; one that is off stays off, since a person may have
        wanted that.
        """
        async with system_bus() as bus:
            if any(device.get("Connected") and not self._is_ours(path, device) for path, device in (await bus.known(DEVICE)).items()):
                return False
            known = await bus.known(ADAPTER)
            adapters = [path for path, each in known.items() if each.get("Powered") and self._adapter in ("", path.rpartition("/")[2])]
            for path in adapters:
                await bus.switch(path, on=False)
                await bus.switch(path, on=True)
        return bool(adapters)

    def _is_ours(self, path: str, device: Properties) -> bool:
        if self._adapter not in ("", path.split("/")[3]) or _is_bonded(device):
            return False
        if any(protocol_registry.is_battery_service(uuid) for uuid in device.get("UUIDs", ())):
            return True
        remembered = Advertisement(  # after connecting, with the services that the device has
            name=str(device.get("Name", "")),
            address=str(device.get("Address", "")),
            service_uuids=tuple(device.get("UUIDs", ())),
            manufacturer_data={number: bytes(data) for number, data in device.get("ManufacturerData", {}).items()},
            service_data={uuid: bytes(data) for uuid, data in device.get("ServiceData", {}).items()},
        )
        return bool(protocol_registry.protocol_of(remembered))


def _is_bonded(device: Properties) -> bool:
    return any(device.get(flag) for flag in ("Paired", "Bonded"))  # one that is only Trusted was trusted here


async def _remove(bus: BluezBus, path: str) -> None:
    try:
        await bus.call(path.rpartition("/")[0], ADAPTER, "RemoveDevice", "o", path)
    except BleakDBusError as error:
        if not error.dbus_error.endswith((".DoesNotExist", ".UnknownObject")):
            raise
