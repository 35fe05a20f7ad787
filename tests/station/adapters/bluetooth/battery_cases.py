"""The cases of `tests/fixtures/batteries`: what is in range, byte by byte, and which battery is asked for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.station.adapters.bluetooth.battery_protocol import Ability, Notification, Peripheral, uuid_of

CASES = Path(__file__).parents[3] / "fixtures" / "batteries"


@dataclass(frozen=True, slots=True)
class Case:
    """`devices` are in range while `asked` is read."""

    asked: str
    devices: tuple[Peripheral, ...]


def case(name: str) -> Case:
    """The case whose file begins with this."""
    (file,) = CASES.glob(f"{name}*.json")
    told = json.loads(file.read_text("utf-8"))["input"]
    return Case(told["asked"], tuple(_device(each) for each in told["devices"]))


def _device(told: dict[str, Any]) -> Peripheral:
    service, notify, write = (uuid_of(int(told[key], 16)) for key in ("service", "notify", "write"))
    able: dict[str, tuple[Ability, ...]] = {notify: ("notify",)}
    able[write] = (*able.get(write, ()), "write", "write-without-response")
    answers = [
        (bytes.fromhex(each["request_prefix"]), [(notify, bytes.fromhex(data)) for data in each["notifications"]])
        for each in told["answers"]
    ]

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        return next((notifications for prefix, notifications in answers if data.startswith(prefix)), [])

    return Peripheral(
        name=told["name"],
        address=told["address"],
        rssi=told["rssi"],
        services={service: dict.fromkeys((notify, write), b"")},
        properties=able,
        advertised=tuple(uuid_of(int(each, 16)) for each in told["advertised_services"]),
        manufacturer_data={int(maker): bytes.fromhex(data) for maker, data in told["manufacturer_data"].items()},
        on_write=on_write,
        silent=told.get("silent", False),
    )
