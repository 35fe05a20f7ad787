"""A simulated battery in the frames of Jikong (32 cells, software 11): asked for 0x97 (what it is) and 0x96 (the pack). Pure.

A frame has 300 bytes, little-endian, the last one the sum of the others; what it is comes with a second, short frame that says "ready".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kiosk.station.adapters.bluetooth.simulated.body import (
    Fault,
    Resolution,
    SimulatedGatt,
    SimulatedValues,
    cells_of,
    chunks,
    rounded,
    uuid_of,
)
from kiosk.station.adapters.bluetooth.simulated.jbd_bytes import NO_ID
from kiosk.station.adapters.bluetooth.simulated.peripheral import Notification

PROTOCOL = "jk"
RESOLUTION = Resolution(
    protocol=PROTOCOL,
    most_mah=0xFFFF_FFFF,
    step_mv=1,
    most_volts=120,
    full_mah=(30_000, 45_000, 60_000, 100_000, 200_000, 280_000, 400_000, 600_000),
)
WITHOUT: Mapping[Fault, str] = {Fault.WRONG_ID: NO_ID}
_SERVICE, _BOTH_WAYS = uuid_of(0xFFE0), uuid_of(0xFFE1)
_MAKER = 0x0B65
_HEAD = bytes.fromhex("55aaeb90")
_ASKED = bytes.fromhex("aa5590eb")
_READY = bytes.fromhex("aa5590ebc8010100000000000000000000000044")
_LENGTH, _PIECE = 300, 128
_WHAT_IT_IS, _PACK = 0x97, 0x96
_SENSORS = 0b0110  # the two in the pack


def body(inside: SimulatedValues) -> SimulatedGatt:
    """What the battery puts into the air."""
    answers: dict[int, list[Notification]] = {
        _WHAT_IT_IS: [*chunks(_BOTH_WAYS, _what_it_is(), _PIECE), (_BOTH_WAYS, _READY)],
        _PACK: chunks(_BOTH_WAYS, _pack(inside), _PIECE),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        return answers.get(data[4], ()) if len(data) > 4 and data.startswith(_ASKED) else ()

    return SimulatedGatt(
        name=inside.asset_id,
        services={_SERVICE: {_BOTH_WAYS: b""}},
        properties={_BOTH_WAYS: ("write", "write-without-response", "notify")},
        manufacturer_data={_MAKER: bytes.fromhex("88a0")},
        on_write=on_write,
        notifications=4,
    )


def _what_it_is() -> bytes:
    return _frame(3, {6: b"JK_SIMULATED", 22: b"11.XW", 30: b"11.48", 46: b"JK_SIMULATED", 86: b"00000000"})


def _pack(inside: SimulatedValues) -> bytes:
    charge, cells = inside.charge, cells_of(inside.charge.millivolts, 32)
    celsius = rounded(inside.celsius * Decimal(10)).to_bytes(2, "little", signed=True)
    fields = {
        6: b"".join(millivolts.to_bytes(2, "little") for millivolts in cells),
        70: ((1 << len(cells)) - 1).to_bytes(4, "little"),
        150: charge.millivolts.to_bytes(4, "little"),
        162: celsius + celsius,
        173: bytes((inside.told_soc,)),
        174: charge.remaining_mah.to_bytes(4, "little") + charge.full_mah.to_bytes(4, "little"),
        190: b"\x64",  # health
        198: b"\x01\x01",  # both switches are on
        214: bytes((_SENSORS,)),
    }
    return _frame(2, fields, bad=inside.bad_frame)


def _frame(kind: int, fields: Mapping[int, bytes], *, bad: bool = False) -> bytes:
    frame = bytearray(_LENGTH)
    frame[: len(_HEAD) + 1] = _HEAD + bytes((kind,))
    for at, value in fields.items():
        frame[at : at + len(value)] = value
    frame[-1] = (sum(frame) + bad) & 0xFF
    return bytes(frame)
