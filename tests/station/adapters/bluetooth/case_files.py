"""The cases in `tests/fixtures/batteries`: what batteries advertised and answered, taken from public captures and bug reports."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral, uuid_of
from tests.station.adapters.bluetooth.packs import device

CASES = Path(__file__).parents[3] / "fixtures" / "batteries"


def devices_of(name: str) -> list[Peripheral]:
    """The devices of a case, in its order; `name` is that of its file, or how it begins."""
    (path,) = CASES.glob(f"{name}*.json")
    return [_device(told) for told in json.loads(path.read_text("utf-8"))["input"]["devices"]]


def _device(told: dict[str, Any]) -> Peripheral:
    notify, write = _uuid(told["notify"]), _uuid(told["write"])
    answers = [(bytes.fromhex(each["request_prefix"]), [bytes.fromhex(data) for data in each["notifications"]]) for each in told["answers"]]

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        return [(notify, data) for prefix, notifications in answers if request.startswith(prefix) for data in notifications]

    makers = {int(maker): bytes.fromhex(data) for maker, data in told["manufacturer_data"].items()}
    return device(told["name"], told["address"], _uuid(told["service"]), notify, write, on_write, manufacturer_data=makers)


def _uuid(short: str) -> str:
    return uuid_of(int(short, 16))


def modbus_crc(data: bytes) -> bytes:
    """CRC-16 of Modbus."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")
