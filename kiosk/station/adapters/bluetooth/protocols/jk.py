"""Jikong (32 cells, software 11), read by the commodity library; simulated in its frames. Pure.

The kiosk asks for 0x97 (the device) and 0x96 (the pack). A frame has 300 bytes, little-endian, the last one the sum of the others; the
device is described with a second, short frame that says "ready".
"""

from collections.abc import Mapping, Sequence

from kiosk.station.adapters.bluetooth.battery_protocol import (
    NO_OWN_ID,
    BatteryProtocol,
    Fault,
    Notification,
    Peripheral,
    Resolution,
    SimulatedProtocol,
    SimulatedValues,
    chunks,
    round_half_up,
    uuid_of,
)

_SERVICE, _BOTH_WAYS = uuid_of(0xFFE0), uuid_of(0xFFE1)
_MAKER = 0x0B65
_HEAD = bytes.fromhex("55aaeb90")
_ASKED = bytes.fromhex("aa5590eb")
_READY = bytes.fromhex("aa5590ebc8010100000000000000000000000044")
_LENGTH, _PIECE = 300, 128
_WHAT_IT_IS: Mapping[int, bytes] = {6: b"JK_SIMULATED", 22: b"11.XW", 30: b"11.48", 46: b"JK_SIMULATED", 86: b"00000000"}
_SENSORS = 0b0110  # the two in the pack


def _build(values: SimulatedValues) -> Peripheral:
    answers: dict[int, list[Notification]] = {
        0x97: [*chunks(_BOTH_WAYS, _frame(3, _WHAT_IT_IS), _PIECE), (_BOTH_WAYS, _READY)],
        0x96: chunks(_BOTH_WAYS, _frame(2, _pack(values), bad=values.bad_frame), _PIECE),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        return answers.get(data[4], ()) if len(data) > 4 and data.startswith(_ASKED) else ()

    return Peripheral(
        name=values.asset_id,
        services={_SERVICE: {_BOTH_WAYS: b""}},
        properties={_BOTH_WAYS: ("write", "write-without-response", "notify")},
        manufacturer_data={_MAKER: bytes.fromhex("88a0")},
        on_write=on_write,
    )


def _pack(values: SimulatedValues) -> Mapping[int, bytes]:
    charge, cells = values.charge, values.cells
    celsius = round_half_up(values.celsius * 10).to_bytes(2, "little", signed=True)
    return {
        6: b"".join(millivolts.to_bytes(2, "little") for millivolts in cells),
        70: ((1 << len(cells)) - 1).to_bytes(4, "little"),
        150: charge.millivolts.to_bytes(4, "little"),
        162: celsius + celsius,
        166: values.problem_code.to_bytes(4, "little"),
        173: bytes((values.reported_soc,)),
        174: charge.remaining_mah.to_bytes(4, "little") + charge.full_mah.to_bytes(4, "little"),
        190: b"\x64",  # health
        198: bytes((1, values.output_on)),  # the switches
        214: bytes((_SENSORS,)),
    }


def _frame(kind: int, fields: Mapping[int, bytes], *, bad: bool = False) -> bytes:
    frame = bytearray(_LENGTH)
    frame[: len(_HEAD) + 1] = _HEAD + bytes((kind,))
    for at, value in fields.items():
        frame[at : at + len(value)] = value
    frame[-1] = (sum(frame) + bad) & 0xFF
    return bytes(frame)


PROTOCOL = BatteryProtocol(
    name="jk",
    simulated=SimulatedProtocol(
        resolution=Resolution(max_mah=0xFFFF_FFFF, step_mv=1, problem_bits=32),
        build=_build,
        without={Fault.WRONG_ID: NO_OWN_ID},
        notifications=4,
    ),
)
