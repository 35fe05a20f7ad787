"""Daly (the protocol 0xD2), read by the commodity library; simulated as registers that are read as in Modbus. Pure.

An answer is one notification. Energy goes by 0.1 Ah and 0.1 V, so most watt hours cannot be represented, and are refused with the nearest
that can. Daly reports no capacity.
"""

from collections.abc import Mapping, Sequence

from kiosk.domain.language import mark
from kiosk.station.adapters.bluetooth.battery_protocol import (
    CAN_NOTIFY,
    CAN_WRITE,
    NO_OWN_ID,
    BatteryProtocol,
    Fault,
    Notification,
    Peripheral,
    Resolution,
    SimulatedProtocol,
    SimulatedValues,
    round_half_up,
    uuid_of,
)

_SERVICE, _NOTIFY, _WRITE = (uuid_of(short) for short in (0xFFF0, 0xFFF1, 0xFFF2))
_MAKER = 0x102
_ADDRESS, _READ = 0xD2, 0x03
_REGISTERS = 62
_SWITCHES = 0x3E  # registers whose fifth is the temperature of the power switches
_PROBLEMS = 0x3A  # the first of four registers
_ZERO_CELSIUS = 40
_NO_CURRENT = 30_000


def _build(values: SimulatedValues) -> Peripheral:
    celsius = _ZERO_CELSIUS + round_half_up(values.celsius)
    answers = {
        0: _answer(_pack(values, celsius), bad=values.bad_frame),
        _SWITCHES: _answer({4: celsius}, registers=9, bad=values.bad_frame),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        asked = int.from_bytes(data[2:4], "big") if data[:2] == bytes((_ADDRESS, _READ)) and data[-2:] == _checksum(data[:-2]) else None
        return ((_NOTIFY, answers[asked]),) if asked in answers else ()

    return Peripheral(
        name=values.asset_id,
        services={_SERVICE: {_NOTIFY: b"", _WRITE: b""}},
        properties={_NOTIFY: CAN_NOTIFY, _WRITE: CAN_WRITE},
        manufacturer_data={_MAKER: b""},
        on_write=on_write,
    )


def _pack(values: SimulatedValues, celsius: int) -> dict[int, int]:
    charge, cells = values.charge, values.cells
    problems = {_PROBLEMS + nth: values.problem_code >> 16 * (3 - nth) & 0xFFFF for nth in range(4)}
    return {
        **dict(enumerate(cells)),
        32: celsius,
        33: celsius,
        40: charge.millivolts // 100,
        41: _NO_CURRENT,
        42: values.reported_soc * 10,
        48: charge.remaining_mah // 100,
        49: len(cells),
        50: 2,  # sensors
        53: 1,  # the switches
        54: int(values.output_on),
        **problems,
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


PROTOCOL = BatteryProtocol(
    name="daly",
    simulated=SimulatedProtocol(
        resolution=Resolution(step_mah=100, max_mah=6_553_500, step_mv=100, min_celsius=-40, problem_bits=64),
        build=_build,
        without={
            Fault.WRONG_ID: NO_OWN_ID,
            Fault.CONTRADICTORY: mark("such a battery tells no capacity that its state of charge could contradict"),
        },
    ),
)
