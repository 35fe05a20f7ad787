"""Bare bleak: find a device, then connect, read six values by their UUID, disconnect."""

import asyncio
from collections.abc import Sequence

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice


async def find(tail: str, seconds: float) -> BLEDevice:
    """The device whose name ends so. Raises TimeoutError."""
    device = await BleakScanner.find_device_by_filter(lambda _, heard: (heard.local_name or "").endswith(tail), timeout=seconds)
    if device is None:
        raise TimeoutError
    return device


async def read(device: BLEDevice, uuids: Sequence[str]) -> list[bytes]:
    """The values in their order."""
    async with BleakClient(device) as client:
        return [bytes(await client.read_gatt_char(uuid)) for uuid in uuids]


async def listen(seconds: float) -> int:
    """How many advertisements bleak tells of in so many seconds."""
    heard = 0

    def hear(_device: BLEDevice, _advertisement: object) -> None:
        nonlocal heard
        heard += 1

    async with BleakScanner(hear):
        await asyncio.sleep(seconds)
    return heard
