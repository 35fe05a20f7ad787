"""A simulated battery in the frames of Daly (the protocol 0xD2): registers read as in Modbus, one notification an answer. Pure.

Energy goes by 0.1 Ah and 0.1 V, so most watt hours cannot be carried and are refused with the nearest that can. Daly tells no capacity.
"""

from collections.abc import Mapping, Sequence

from kiosk.station.adapters.bluetooth.simulated.body import Fault, Resolution, SimulatedGatt, SimulatedValues, cells_of, rounded, uuid_of
from kiosk.station.adapters.bluetooth.simulated.jbd_bytes import NO_ID
from kiosk.station.adapters.bluetooth.simulated.peripheral import Notification

PROTOCOL = "daly"
RESOLUTION = Resolution(
    protocol=PROTOCOL,
    step_mah=100,
    most_mah=6_553_500,
    step_mv=100,
    most_volts=120,
    least_celsius=-40,
    full_mah=(30_000, 45_000, 60_000, 100_000, 200_000, 280_000, 400_000, 600_000),
)
WITHOUT: Mapping[Fault, str] = {
    Fault.WRONG_ID: NO_ID,
    Fault.CONTRADICTORY: "such a battery tells no capacity that its state of charge could contradict",
}
_SERVICE, _NOTIFY, _WRITE = (uuid_of(short) for short in (0xFFF0, 0xFFF1, 0xFFF2))
_MAKER = 0x102
_ADDRESS, _READ = 0xD2, 0x03
_REGISTERS = 62
_SWITCHES = 0x3E  # registers whose fifth is the temperature of the power switches
_ZERO_CELSIUS = 40
_NO_CURRENT = 30_000


def body(inside: SimulatedValues) -> SimulatedGatt:
    """What the battery puts into the air."""
    celsius = _ZERO_CELSIUS + rounded(inside.celsius)
    answers = {
        0: _answer(_pack(inside, celsius), bad=inside.bad_frame),
        _SWITCHES: _answer({4: celsius}, registers=9, bad=inside.bad_frame),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        asked = int.from_bytes(data[2:4], "big") if data[:2] == bytes((_ADDRESS, _READ)) and data[-2:] == _checksum(data[:-2]) else None
        return ((_NOTIFY, answers[asked]),) if asked in answers else ()

    return SimulatedGatt(
        name=inside.asset_id,
        services={_SERVICE: {_NOTIFY: b"", _WRITE: b""}},
        properties={_NOTIFY: ("read", "notify"), _WRITE: ("read", "write", "write-without-response")},
        manufacturer_data={_MAKER: b""},
        on_write=on_write,
    )


def _pack(inside: SimulatedValues, celsius: int) -> dict[int, int]:
    charge, cells = inside.charge, cells_of(inside.charge.millivolts, 32)
    return {
        **dict(enumerate(cells)),
        32: celsius,
        33: celsius,
        40: charge.millivolts // 100,
        41: _NO_CURRENT,
        42: inside.told_soc * 10,
        48: charge.remaining_mah // 100,
        49: len(cells),
        50: 2,  # sensors
        53: 1,  # both switches are on
        54: 1,
    }


def _answer(values: Mapping[int, int], registers: int = _REGISTERS, *, bad: bool = False) -> bytes:
    data = b"".join(values.get(register, 0).to_bytes(2, "big") for register in range(registers))
    frame = bytes((_ADDRESS, _READ, len(data))) + data
    return frame + (_checksum(frame) if not bad else bytes(byte ^ 1 for byte in _checksum(frame)))


def _checksum(frame: bytes) -> bytes:
    """CRC-16 of Modbus."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")
