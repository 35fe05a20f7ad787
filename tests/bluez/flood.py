"""A crowd of devices that advertise many times a second each: signals made ready once and written in bulk, else the crowd's own work
would be what is measured."""

import asyncio
from collections.abc import Sequence

from dbus_fast import Message, MessageType, Variant

from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from tests.bluez.device import DEVICE
from tests.bluez.service import MAX_WAITING, Bluez
from tests.bluez.tree import PROPERTIES


async def flood(service: Bluez, crowd: Sequence[Peripheral], per_second: float) -> None:
    """Announce the crowd, then advertise while somebody listens; what nobody takes in time is lost, as in the air."""
    paths = [service.announce(each).path for each in crowd]
    rounds = [b"".join(_heard(path, each.rssi + step) for path, each in zip(paths, crowd, strict=True)) for step in range(-2, 3)]
    loop, turn = asyncio.get_running_loop(), 0
    due = loop.time()
    while True:
        if service.discovering and service.waiting < MAX_WAITING:
            service.advertise_raw(rounds[turn % len(rounds)])
            turn += 1
        due = max(due + 1 / per_second, loop.time())
        await asyncio.sleep(due - loop.time())


def _heard(path: str, rssi: int) -> bytes:
    body = [DEVICE, {"RSSI": Variant("n", rssi)}, []]
    signal = Message(
        message_type=MessageType.SIGNAL,
        path=path,
        interface=PROPERTIES,
        member="PropertiesChanged",
        signature="sa{sv}as",
        body=body,
        serial=1,
    )
    return bytes(signal._marshall(negotiate_unix_fd=False))
