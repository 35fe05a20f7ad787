"""The inputs of `tests/fixtures/batteries`: devices of public captures and bug reports, with the bytes that they answered."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral, uuid_of
from tests.station.adapters.bluetooth.packs import device

FOLDER = Path(__file__).parents[3] / "fixtures" / "batteries"

CAPTURED = {
    16: ("63.7", "195.268856", "84", "12.439", "ant_leg"),
    20: ("26.943", "273.753", "99", "7.376", "jk"),
    21: ("26.943", "273.753", "99", "7.376", "jk"),
    22: ("26.943", "273.753", "99", "7.376", "jk"),
    23: ("26.943", "273.753", "99", "7.376", "jk"),
    25: ("59.48", "140.21", "38", "8.34", "jbd"),
    26: ("26.4", "468.71", "84", "12.374", "jbd"),
    27: ("13.75", "191.67", "96", "2.635", "jbd"),
    28: ("54.052", "207.235", "90", "11.201", "jk"),
    29: ("13.405", "165.5", "66", "2.219", "jk"),
    30: ("48.77", "67.577776", "91", "3.296", "ant"),
}
"""What captures of packs that are fit read as, by their number: volts, ampere hours, percent, kWh, family."""

Answers = list[tuple[bytes, list[bytes]]]


@cache
def case(number: int) -> dict[str, Any]:
    """One file, as it is."""
    (path,) = FOLDER.glob(f"{number:02}-*.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def answers_of(number: int, nth: int = 0) -> Answers:
    """What the nth device answers: the beginning of a request, and the notifications."""
    told = case(number)["input"]["devices"][nth]["answers"]
    return [(bytes.fromhex(each["request_prefix"]), [bytes.fromhex(data) for data in each["notifications"]]) for each in told]


def device_of(number: int, answers: Answers | None = None, nth: int = 0) -> Peripheral:
    """The nth device, with its own answers or others."""
    facts = case(number)["input"]["devices"][nth]
    told = answers_of(number, nth) if answers is None else answers
    notify = uuid_of(int(facts["notify"], 16))

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        return next(([(notify, each) for each in notifications] for head, notifications in told if request.startswith(head)), [])

    return replace(
        device(
            facts["name"],
            facts["address"],
            uuid_of(int(facts["service"], 16)),
            notify,
            uuid_of(int(facts["write"], 16)),
            on_write,
            manufacturer_data={int(maker): bytes.fromhex(data) for maker, data in facts["manufacturer_data"].items()},
        ),
        rssi=facts["rssi"],
    )
