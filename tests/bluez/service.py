"""A Bluetooth service for tests: `org.bluez` on a private D-Bus, serving the batteries and devices of a SimulatedEnvironment.

bleak's own BlueZ backend and dbus-fast run against it unchanged. It does what bluetoothd does as far as a client can tell: objects that
come and go, one discovery per client, links that last when the client has gone, an adapter that can be switched off and unplugged.
`BluezThread` runs it beside the test.
"""

import asyncio
from typing import Any

from dbus_fast import Message, Variant

from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment
from tests.bluez.device import CHARACTERISTIC, DESCRIPTOR, DEVICE, IN_PROGRESS, Device
from tests.bluez.faults import Faults, Stuck
from tests.bluez.peer import DONE, NEVER, Peer, Refused, Reply
from tests.bluez.tree import NO, OBJECT_MANAGER, PROPERTIES, YES, Tree

NAME, ROOT, ADAPTER = "org.bluez", "/org/bluez", "org.bluez.Adapter1"
MAX_WAITING = 2_000  # advertisements that nobody takes in time are lost, as in the air


class Bluez:
    """Use it from its own loop, between `open` and `close`."""

    def __init__(self, address: str, room: SimulatedEnvironment, faults: Faults, adapter: str = "hci0") -> None:
        self.room, self.faults, self.adapter = room, faults, f"{ROOT}/{adapter}"
        self.calls: list[str] = []
        self.filters: list[dict[str, Any]] = []
        self.devices: dict[str, Device] = {}
        self.discovering: set[str] = set()
        self._peer = Peer(address, ROOT, self._answer, self._client_gone)
        self._tree = Tree(self._peer.signal)
        self._air: asyncio.Task[None] | None = None
        self._links = 0

    async def open(self, *, plugged: bool = True, powered: bool = True) -> None:
        """On the bus from here on."""
        await self._peer.open(NAME)
        self._tree.add(ROOT, {"org.bluez.AgentManager1": {}})
        if plugged:
            self.plug(powered=powered)

    async def close(self) -> None:
        """Off the bus, as when bluetoothd dies: nothing is told."""
        await self._peer.close()

    # ------------------------------------------------------------ what happens to it

    def plug(self, *, powered: bool = True, roles: tuple[str, ...] = ("central",)) -> None:
        """The adapter is there."""
        texts = {"Address": "00:00:5E:00:53:01", "AddressType": "public", "Name": "virtual", "Alias": "virtual"}
        flags = {"Powered": powered, "Discoverable": False, "Pairable": False, "Discovering": False}
        values = {name: Variant("s", text) for name, text in texts.items()} | {name: Variant("b", flag) for name, flag in flags.items()}
        self._tree.add(self.adapter, {ADAPTER: {**values, "UUIDs": Variant("as", []), "Roles": Variant("as", list(roles))}})

    def unplug(self) -> None:
        """The adapter is gone with all that it knew."""
        self._stop_air()
        for device in self.devices.values():
            device.remove()
        self.devices.clear()
        self._tree.remove(self.adapter)

    def switch(self, *, on: bool) -> None:
        """On or off; off ends links and discovery."""
        if not on:
            self._stop_air()
            for device in self.devices.values():
                device.lose()
            self.faults.power_cycled()
        self._tree.change(self.adapter, ADAPTER, Powered=Variant("b", on))

    def forget(self) -> None:
        """As bluetoothd does with strangers some time after a scan."""
        for path, device in list(self.devices.items()):
            if not device.connected and not device.trusted:
                self._remove(path)

    def leave_connected(self, address: str) -> None:
        """A link that an earlier process did not close."""
        peripheral = self.room.find(address)
        assert peripheral is not None
        device = self._known(peripheral.address) or self.announce(peripheral)
        device.left_connected()

    @property
    def waiting(self) -> int:
        """Messages that the bus has not taken yet."""
        return self._peer.waiting

    def advertise_raw(self, signals: bytes) -> None:
        """Advertisements ready made."""
        self._peer.raw(signals)

    def mark(self, address: str, **flags: bool) -> None:
        """Properties of a device, such as Paired."""
        device = self._known(address)
        assert device is not None
        self._tree.change(device.path, DEVICE, **{name: Variant("b", flag) for name, flag in flags.items()})

    # ------------------------------------------------------------ calls

    async def _answer(self, call: Message) -> Reply:
        path, interface, member = str(call.path), str(call.interface), str(call.member)
        self.calls.append(member)
        if member in self.faults.mute:
            return NEVER
        if (interface, member) == (OBJECT_MANAGER, "GetManagedObjects"):
            return Reply("a{oa{sa{sv}}}", (self._tree.objects,))
        if path not in self._tree:
            raise Refused("org.freedesktop.DBus.Error.UnknownObject", f'Method "{member}" on {path} does not exist')
        if interface == PROPERTIES:
            return self._property(path, call)
        if interface == ADAPTER:
            return self._call_adapter(call)
        if interface == DEVICE:
            return await self._call_device(self.devices[path], call)
        if interface in (CHARACTERISTIC, DESCRIPTOR):
            return await self._call_gatt(call)
        raise Refused("org.freedesktop.DBus.Error.UnknownMethod", f"{interface}.{member}")

    def _property(self, path: str, call: Message) -> Reply:
        interface, *rest = call.body
        if call.member == "GetAll":
            return Reply("a{sv}", (self._tree.objects[path].get(interface, {}),))
        if call.member == "Get":
            return Reply("v", (self._tree.objects[path][interface][rest[0]],))
        name, value = rest
        if (interface, name) == (DEVICE, "Trusted"):
            self._tree.change(path, DEVICE, Trusted=value)
            return DONE
        if (path, name) != (self.adapter, "Powered"):
            raise Refused("org.freedesktop.DBus.Error.PropertyReadOnly", name)
        if value.value and self.faults.blocked:
            raise Refused("org.bluez.Error.Failed", "Blocked through rfkill")
        self.calls.append(f"Powered={value.value}")
        self.switch(on=value.value)
        return DONE

    def _call_adapter(self, call: Message) -> Reply:
        if not self._tree.get(self.adapter, ADAPTER, "Powered"):
            raise Refused("org.bluez.Error.NotReady", "Resource Not Ready")
        if call.member == "SetDiscoveryFilter":
            self.filters.append({name: value.value for name, value in call.body[0].items()})
        elif call.member == "StartDiscovery":
            self._start_discovery(str(call.sender))
        elif call.member == "StopDiscovery":
            self._stop_discovery(str(call.sender))
        elif call.member == "RemoveDevice":
            self._remove_device(call.body[0])
        else:
            raise Refused("org.freedesktop.DBus.Error.UnknownMethod", str(call.member))
        return DONE

    def _remove_device(self, path: str) -> None:
        self.faults.removed_device()
        if path not in self.devices:
            raise Refused("org.bluez.Error.DoesNotExist", "Does Not Exist")
        self._remove(path)

    async def _call_device(self, device: Device, call: Message) -> Reply:
        reply = await device.call(call)
        if call.member == "Connect":
            self._links += 1
            nth = self.faults.every_nth_link_lost
            if nth and self._links % nth == 0:
                device.lose_at_third_read()
        return reply

    async def _call_gatt(self, call: Message) -> Reply:
        device = next(each for each in self.devices.values() if str(call.path).startswith(f"{each.path}/"))
        if call.member == "ReadValue" and self.faults.vanish_at_read is not None:
            self.faults.vanish_at_read -= 1
            if self.faults.vanish_at_read <= 0:
                self._vanish()
        if call.interface == DESCRIPTOR:
            return await device.read_description(str(call.path))
        return await device.call_characteristic(call)

    def _vanish(self) -> None:
        self.faults.vanish_at_read, back = None, self.faults.back_after
        self.unplug()
        if back is not None:
            asyncio.get_running_loop().call_later(back, self.plug)

    # ------------------------------------------------------------ discovery

    def _start_discovery(self, client: str) -> None:
        if client in self.discovering or self.faults.stuck_discovery is not Stuck.NO:
            raise Refused(IN_PROGRESS, "Operation already in progress")
        self.discovering.add(client)
        if self._air is None:
            self._tree.change(self.adapter, ADAPTER, Discovering=YES)
            self._air = self._peer.spawn(self._listen())

    def _stop_discovery(self, client: str) -> None:
        if self.faults.stop_in_progress:
            self.faults.stop_in_progress -= 1
            raise Refused(IN_PROGRESS, "Operation already in progress")
        if client not in self.discovering:
            raise Refused("org.bluez.Error.Failed", "No discovery started")
        self._client_gone(client)

    def _client_gone(self, client: str) -> None:
        self.discovering.discard(client)
        if not self.discovering:
            self._stop_air()

    def _stop_air(self) -> None:
        self.discovering.clear()
        if self._air is None:
            return
        self._air.cancel()
        self._air = None
        self._tree.change(self.adapter, ADAPTER, Discovering=NO)
        for path in self.devices:
            self._tree.invalidate(path, DEVICE, "RSSI")

    async def _listen(self) -> None:
        while True:
            if not self.faults.deaf and self._peer.waiting < MAX_WAITING:
                for peripheral in self.room.advertising():
                    device = self._known(peripheral.address)
                    if device is None:
                        self.announce(peripheral)
                    else:
                        device.hear(peripheral)
            await asyncio.sleep(self.room.timings.advertise)

    def _known(self, address: str) -> Device | None:
        return next((device for device in self.devices.values() if device.address == address), None)

    def announce(self, peripheral: Peripheral) -> Device:
        """Heard for the first time."""
        device = Device(self._peer, self._tree, self.room, self.faults, self.adapter, peripheral, self.calls)
        self.devices[device.path] = device
        device.announce()
        return device

    def _remove(self, path: str) -> None:
        self.devices.pop(path).remove()
