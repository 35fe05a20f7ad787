"""What the cases ask of bluetoothd beside the scanner: is an adapter there, switch it, who is connected, forget what was heard.

Straight D-Bus by dbus-fast, without bleak. Raises DBusError when bluetoothd refuses, TimeoutError when it does not get there in time.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

ADAPTER = "/org/bluez/hci0"
_SERVICE = "org.bluez"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_DEVICE = "org.bluez.Device1"
_SOON = 60.0
_LOOK_AGAIN = 0.1

Objects = dict[str, dict[str, dict[str, Variant]]]


class Bluez:
    """Connected to the system bus; close with `close`."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    @classmethod
    async def connect(cls) -> "Bluez":
        return cls(await MessageBus(bus_type=BusType.SYSTEM).connect())

    async def close(self) -> None:
        self._bus.disconnect()

    async def switch(self, *, on: bool) -> None:
        """Switch the adapter on or off; returns when it is so."""
        async with asyncio.timeout(_SOON):
            while is_on(await self.objects()) is not on:
                with contextlib.suppress(DBusError):  # busy: bluetoothd switches a new adapter on by itself
                    await self._call(ADAPTER, _PROPERTIES, "Set", "ssv", ["org.bluez.Adapter1", "Powered", Variant("b", on)])
                await asyncio.sleep(_LOOK_AGAIN)

    async def until(self, holds: Callable[[Objects], bool], seconds: float = _SOON) -> None:
        """Wait until bluetoothd's objects are so."""
        async with asyncio.timeout(seconds):
            while not holds(await self.objects()):
                await asyncio.sleep(_LOOK_AGAIN)

    async def connect_to(self, address: str) -> None:
        """Connect as a program does that will never disconnect."""
        paths = [path for path, interfaces in (await self.objects()).items() if _address(interfaces) == address]
        await self._call(paths[0], _DEVICE, "Connect")

    async def forget_devices(self) -> None:
        """As after a restart: nothing heard, nothing cached."""
        for path, interfaces in (await self.objects()).items():
            if _DEVICE in interfaces:
                await self._call(ADAPTER, "org.bluez.Adapter1", "RemoveDevice", "o", [path])

    async def objects(self) -> Objects:
        """Everything bluetoothd has, by path; nothing when it does not run."""
        try:
            (objects,) = await self._call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        except DBusError:
            return {}
        return dict(objects)

    async def _call(self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None) -> list[Any]:
        message = Message(destination=_SERVICE, path=path, interface=interface, member=member, signature=signature, body=body or [])
        reply = await self._bus.call(message)
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "", f"{interface}.{member}: {reply.body}")
        return list(reply.body)


def is_on(objects: Objects) -> bool | None:
    """Whether the adapter is switched on; None without one."""
    adapter = objects.get(ADAPTER, {}).get("org.bluez.Adapter1")
    return None if adapter is None else bool(adapter["Powered"].value)


def heard(objects: Objects) -> set[str]:
    """Addresses of the devices that bluetoothd remembers."""
    return {address for interfaces in objects.values() if (address := _address(interfaces))}


def connected(objects: Objects) -> set[str]:
    """Addresses that bluetoothd holds a link to."""
    devices = (interfaces[_DEVICE] for interfaces in objects.values() if _DEVICE in interfaces)
    return {device["Address"].value for device in devices if device["Connected"].value}


def is_scanning(objects: Objects) -> bool:
    """Whether somebody's scan is running."""
    return bool(objects.get(ADAPTER, {}).get("org.bluez.Adapter1", {}).get("Discovering", Variant("b", False)).value)  # noqa: FBT003  D-Bus's own


def _address(interfaces: dict[str, dict[str, Variant]]) -> str:
    return str(interfaces[_DEVICE]["Address"].value) if _DEVICE in interfaces else ""
