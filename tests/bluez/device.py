"""org.bluez.Device1 and the GATT objects below it, for one peripheral of the room.

As with bluetoothd: Connected comes before the services, ServicesResolved after them; a lost link takes the services away and fails what
was being read; Disconnect ends a connecting that is under way.
"""

import asyncio
from collections.abc import Sequence

from dbus_fast import Message, Variant

from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment
from tests.bluez.faults import Faults, Stuck
from tests.bluez.peer import DONE, Peer, Refused, Reply
from tests.bluez.tree import NO, YES, Tree

DEVICE, SERVICE = "org.bluez.Device1", "org.bluez.GattService1"
CHARACTERISTIC, DESCRIPTOR = "org.bluez.GattCharacteristic1", "org.bluez.GattDescriptor1"
IN_PROGRESS = "org.bluez.Error.InProgress"
_FAILED = "org.bluez.Error.Failed"
DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"
_NOT_PERMITTED = "org.bluez.Error.NotPermitted"
DISCOVERED = "GATT layout discovered"  # noted among the calls: over the air it takes seconds
_FIRST_HANDLE = 0x0A
_STALE = "0000dead"
_LOST_AT_READ = 2


def device_path(adapter: str, address: str) -> str:
    """The object path of a device."""
    return f"{adapter}/dev_{address.replace(':', '_')}"


class Device:
    """One peripheral as the service knows it. `links` counts the links made on all devices."""

    def __init__(
        self, peer: Peer, tree: Tree, room: SimulatedEnvironment, faults: Faults, adapter: str, peripheral: Peripheral, calls: list[str]
    ) -> None:
        self._peer, self._tree, self._room, self._faults, self._calls = peer, tree, room, faults, calls
        self._layout_known = False
        self.adapter, self.address, self.path = adapter, peripheral.address, device_path(adapter, peripheral.address)
        self._peripheral = peripheral
        self._values: dict[str, tuple[str, bytes]] = {}
        self._descriptions: dict[str, bytes] = {}
        self._notifying: set[str] = set()
        self._reads, self._reads_before_drop = 0, peripheral.reads_before_drop
        self._lost = asyncio.Event()
        self._given_up = asyncio.Event()
        self._connecting = False
        self._link, self._next_told = 0, 0.0

    @property
    def connected(self) -> bool:
        return bool(self._tree.get(self.path, DEVICE, "Connected"))

    @property
    def trusted(self) -> bool:
        return bool(self._tree.get(self.path, DEVICE, "Trusted"))

    def announce(self) -> None:
        """Told as a new object, with its first signal strength."""
        self._tree.add(self.path, {DEVICE: self._properties()})

    def hear(self, peripheral: Peripheral) -> None:
        """One advertisement."""
        self._peripheral = peripheral
        self._tree.change(self.path, DEVICE, RSSI=Variant("n", peripheral.rssi))

    def _properties(self) -> dict[str, Variant]:
        peripheral = self._peripheral
        flags = ("Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected", "ServicesResolved")
        values = {
            "Address": Variant("s", peripheral.address),
            "AddressType": Variant("s", "random"),
            "Alias": Variant("s", peripheral.name or peripheral.address.replace(":", "-")),
            "Adapter": Variant("o", self.adapter),
            "UUIDs": Variant("as", list(peripheral.service_uuids)),
            "RSSI": Variant("n", peripheral.rssi),
            **dict.fromkeys(flags, NO),
        }
        if peripheral.name:
            values["Name"] = Variant("s", peripheral.name)
        if peripheral.manufacturer_data:
            values["ManufacturerData"] = Variant(
                "a{qv}", {maker: Variant("ay", data) for maker, data in peripheral.manufacturer_data.items()}
            )
        return values

    async def call(self, call: Message) -> Reply:
        """Connect or Disconnect."""
        if call.member == "Connect":
            self._check_refusal("Connect")
            return await self._connect()
        if call.member == "Disconnect":
            if self._faults.refused_disconnects:
                self._faults.refused_disconnects -= 1
                raise Refused(_FAILED, "Operation failed")
            self._given_up.set()
            self.lose()
            return DONE
        raise Refused("org.freedesktop.DBus.Error.UnknownMethod", str(call.member))

    # ------------------------------------------------------------ the link

    async def _connect(self) -> Reply:
        if self.connected:
            return DONE
        if self._connecting or self._faults.stuck_connect is not Stuck.NO:
            raise Refused(IN_PROGRESS, "Operation already in progress")
        self._connecting = True
        self._given_up.clear()
        try:
            await self._reach()
        finally:
            self._connecting = False
        self._open()
        self._peer.spawn(self._resolve())
        return DONE

    async def _reach(self) -> None:
        """Until the battery answers; Refused when it does not, or when Disconnect came first."""
        peripheral = self._room.find(self.address)
        reachable = peripheral is not None and self.address not in self._room.open_links
        try:
            async with asyncio.timeout(peripheral.connect_seconds if peripheral and reachable else None):
                await self._given_up.wait()
        except TimeoutError:
            assert peripheral is not None
            if not self._given_up.is_set():  # set in the very moment in which the battery answered, Disconnect came first all the same
                self._peripheral = peripheral
                self._refuse()
                return
        raise Refused(_FAILED, "le-connection-abort-by-local")

    def _refuse(self) -> None:
        if self._faults.refused_connects:
            self._faults.refused_connects -= 1
            raise Refused(_FAILED, "le-connection-abort-by-remote")
        if self._faults.aborted_connects:
            self._faults.aborted_connects -= 1
            self._tree.change(self.path, DEVICE, Connected=YES)
            self._tree.change(self.path, DEVICE, Connected=NO)
            raise Refused(_FAILED, "le-connection-abort-by-local")

    def _open(self) -> None:
        self._link += 1
        self._lost.clear()
        self._reads, self._reads_before_drop = 0, self._peripheral.reads_before_drop
        self._room.open_link(self.address)
        self._tree.change(self.path, DEVICE, Connected=YES)

    async def _resolve(self) -> None:
        if self._faults.lost_while_resolving:
            self._faults.lost_while_resolving -= 1
            self.lose()
            return
        if not self._layout_known:
            self._layout_known = True
            self._calls.append(DISCOVERED)
        self._expose()
        uuids = Variant("as", list(self._peripheral.services))
        self._tree.change(self.path, DEVICE, ServicesResolved=YES, UUIDs=uuids)
        gap_name = self._faults.gap_names.get(self.address)
        if gap_name:  # BlueZ reads it, and puts it in place of the advertised one
            self._tree.change(self.path, DEVICE, Name=Variant("s", gap_name), Alias=Variant("s", gap_name))

    def left_connected(self) -> None:
        """As an earlier process left it: connected, its services known, nobody using it."""
        self._open()
        self._peer.spawn(self._resolve())

    def lose_at_third_read(self) -> None:
        """This link is not going to last."""
        self._reads_before_drop = _LOST_AT_READ

    def lose(self) -> None:
        """The link is gone, for whatever reason."""
        if self.path not in self._tree or not self.connected:
            return
        self._room.close_link(self.address)
        self._lost.set()
        self._tree.change(self.path, DEVICE, ServicesResolved=NO)
        self._hide()
        self._tree.change(self.path, DEVICE, Connected=NO)

    def remove(self) -> None:
        """Forgotten altogether, its link too; as bluetoothd does, without a word about the link."""
        self._given_up.set()
        if self.path in self._tree and self.connected:
            self._room.close_link(self.address)
            self._lost.set()
            self._hide()
        self._tree.remove(self.path)

    # ------------------------------------------------------------ what is behind it

    def _expose(self) -> None:
        handle = _FIRST_HANDLE
        for service_uuid, values in self._peripheral.services.items():
            service = f"{self.path}/service{handle:04x}"
            handle += 1
            facts = {"UUID": Variant("s", service_uuid), "Primary": YES, "Device": Variant("o", self.path)}
            self._tree.add(service, {SERVICE: {**facts, "Includes": Variant("ao", [])}})
            for uuid, value in values.items():
                shown = f"{_STALE}{uuid[8:]}" if self._faults.stale_services else uuid
                self._add_characteristic(f"{service}/char{handle:04x}", service, shown, value)
                handle += 3

    def _add_characteristic(self, path: str, service: str, uuid: str, value: bytes) -> None:
        flags = list(self._peripheral.properties_of(uuid))
        facts = {"UUID": Variant("s", uuid), "Service": Variant("o", service), "Value": Variant("ay", b""), "Flags": Variant("as", flags)}
        self._tree.add(path, {CHARACTERISTIC: {**facts, "MTU": Variant("q", 247), "Notifying": NO}})
        self._values[path] = (uuid, value)
        if uuid in self._peripheral.descriptions:
            below = f"{path}/desc{int(path[-4:], 16) + 1:04x}"
            description = {"UUID": Variant("s", DESCRIPTION), "Characteristic": Variant("o", path), "Value": Variant("ay", b"")}
            self._tree.add(below, {DESCRIPTOR: description})
            self._descriptions[below] = self._peripheral.descriptions[uuid].encode()

    def _hide(self) -> None:
        self._values.clear()
        self._descriptions.clear()
        self._notifying.clear()
        for path in self._tree.below(self.path):
            self._tree.remove(path)

    async def read_description(self, path: str) -> Reply:
        """A descriptor's ReadValue."""
        await self._answered()
        return Reply("ay", (self._descriptions[path],))

    async def call_characteristic(self, call: Message) -> Reply:
        """ReadValue, WriteValue, StartNotify, StopNotify; refused where the characteristic does not offer it."""
        path, member = str(call.path), str(call.member)
        self._check_refusal(member)
        uuid, value = self._values[path]
        abilities = self._peripheral.properties_of(uuid)
        if member == "ReadValue":
            await self._answered()
            self._use_link()
            self._check("read" in abilities, _NOT_PERMITTED, "Read not permitted")
            return Reply("ay", (value,))
        if member == "WriteValue":
            self._use_link()
            self._check(any(each.startswith("write") for each in abilities), _NOT_PERMITTED, "Write not permitted")
            self._tell(self._peripheral.answer_write(uuid, bytes(call.body[0])))
            return DONE
        self._check("notify" in abilities, "org.bluez.Error.NotSupported", "Operation is not supported")
        if member == "StartNotify":
            self._notifying.add(uuid)
            self._tell(self._peripheral.answer_subscription(uuid))
        else:
            self._notifying.discard(uuid)
        return DONE

    def _check_refusal(self, method: str) -> None:
        refusal = self._faults.refusal_of(method)
        if refusal is not None:
            raise Refused(*refusal)

    def _check(self, allowed: bool, name: str, text: str) -> None:  # noqa: FBT001  it reads as a sentence
        if not allowed:
            raise Refused(name, text)

    def _use_link(self) -> None:
        if self._reads == self._reads_before_drop:
            self.lose()
            raise Refused(_FAILED, "Not connected")
        self._reads += 1

    def _tell(self, notifications: Sequence[Notification]) -> None:
        """One after the other, to who has subscribed by then; a lost link takes the rest with it."""
        loop, link = asyncio.get_running_loop(), self._link
        for uuid, data in notifications:
            self._next_told = max(self._next_told, loop.time()) + self._peripheral.read_seconds
            loop.call_at(self._next_told, self._deliver, link, uuid, data)

    def _deliver(self, link: int, uuid: str, data: bytes) -> None:
        if link == self._link and uuid in self._notifying:
            path = next(path for path, (own, _) in self._values.items() if own == uuid)
            self._tree.change(path, CHARACTERISTIC, Value=Variant("ay", data))

    async def _answered(self) -> None:
        """Until the battery has answered; Refused when the link was lost meanwhile."""
        try:
            async with asyncio.timeout(None if self._peripheral.silent else self._peripheral.read_seconds):
                await self._lost.wait()
        except TimeoutError:
            return
        raise Refused(_FAILED, "Not connected")
