"""A simulated battery in the frames of JBD: asked for 0x03 (the pack) and 0x04 (the cells), notified in pieces of 20 bytes. Pure.

A frame is DD, command, status, length, data, checksum, 77; the checksum is 0x10000 less the sum from the status to the end of the data.
Energy goes by 10 mAh and 10 mV, so the specification's 30.4 kWh are carried.
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
from kiosk.station.adapters.bluetooth.simulated.peripheral import Notification

PROTOCOL = "jbd"
RESOLUTION = Resolution(
    protocol=PROTOCOL,
    step_mah=10,
    most_mah=655_350,
    step_mv=10,
    most_volts=120,
    full_mah=(30_000, 45_000, 60_000, 100_000, 200_000, 280_000, 400_000, 600_000),
)
NO_ID = "such a battery tells no id but its name"
WITHOUT: Mapping[Fault, str] = {Fault.WRONG_ID: NO_ID}
_SERVICE, _NOTIFY, _WRITE = (uuid_of(short) for short in (0xFF00, 0xFF01, 0xFF02))
_MAKER = "A4C137"
_PIECE = 20
_PACK, _CELLS = 0x03, 0x04
_ZERO_CELSIUS = 2731  # tenths of a kelvin
_BOTH_SWITCHES_ON = 3
_SENSORS = 2


def body(inside: SimulatedValues) -> SimulatedGatt:
    """What the battery puts into the air."""
    cells = cells_of(inside.charge.millivolts, 32)
    answers = {
        _PACK: frame(_PACK, _pack(inside, len(cells)), bad=inside.bad_frame),
        _CELLS: frame(_CELLS, b"".join(millivolts.to_bytes(2, "big") for millivolts in cells)),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        asked = data[2] if len(data) > 2 and data.startswith(b"\xdd\xa5") else None
        return chunks(_NOTIFY, answers[asked], _PIECE) if asked in answers else ()

    return SimulatedGatt(
        name=inside.asset_id,
        services={_SERVICE: {_NOTIFY: b"", _WRITE: b""}},
        address_head=_MAKER,
        properties={_NOTIFY: ("read", "notify"), _WRITE: ("read", "write", "write-without-response")},
        on_write=on_write,
        notifications=2,
    )


def _pack(inside: SimulatedValues, cells: int) -> bytes:
    charge = inside.charge
    kelvin = _ZERO_CELSIUS + rounded(inside.celsius * Decimal(10))
    return b"".join(
        (
            (charge.millivolts // 10).to_bytes(2, "big"),
            bytes(2),  # no current
            (charge.remaining_mah // 10).to_bytes(2, "big"),
            (charge.full_mah // 10).to_bytes(2, "big"),
            bytes(2 + 2 + 4 + 2),  # cycles, date, balancing, problems
            bytes((0x80, inside.told_soc, _BOTH_SWITCHES_ON, cells, _SENSORS)),
            kelvin.to_bytes(2, "big") * _SENSORS,
        )
    )


def frame(command: int, data: bytes, *, bad: bool = False) -> bytes:
    """An answer; `bad` gives it a wrong checksum."""
    summed = bytes((0, len(data))) + data
    checksum = (0x10000 - sum(summed) + bad) & 0xFFFF
    return bytes((0xDD, command)) + summed + checksum.to_bytes(2, "big") + b"\x77"
