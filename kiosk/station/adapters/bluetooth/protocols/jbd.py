"""JBD, read by the commodity library; simulated in its frames. Pure.

The kiosk asks for 0x03 (the pack) and 0x04 (the cells), and the answer is notified in pieces of 20 bytes. A frame is DD, command, status,
length, data, checksum, 77; the checksum is 0x10000 less the sum from the status to the end of the data. Energy goes by 10 mAh and 10 mV,
so the specification's 30.4 kWh can be represented.
"""

from collections.abc import Sequence

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
    chunks,
    round_half_up,
    uuid_of,
)

_SERVICE, _NOTIFY, _WRITE = (uuid_of(short) for short in (0xFF00, 0xFF01, 0xFF02))
_PIECE = 20
_PACK, _CELLS = 0x03, 0x04
_ZERO_CELSIUS = 2731  # tenths of a kelvin
_CHARGE_ON, _DISCHARGE_ON = 1, 2
_SENSORS = 2


def _build(values: SimulatedValues) -> Peripheral:
    answers = {
        _PACK: frame(_PACK, _pack(values), bad=values.bad_frame),
        _CELLS: frame(_CELLS, b"".join(millivolts.to_bytes(2, "big") for millivolts in values.cells)),
    }

    def on_write(_uuid: str, data: bytes) -> Sequence[Notification]:
        asked = data[2] if len(data) > 2 and data.startswith(b"\xdd\xa5") else None
        return chunks(_NOTIFY, answers[asked], _PIECE) if asked in answers else ()

    return Peripheral(
        name=values.asset_id,
        services={_SERVICE: {_NOTIFY: b"", _WRITE: b""}},
        properties={_NOTIFY: CAN_NOTIFY, _WRITE: CAN_WRITE},
        on_write=on_write,
    )


def _pack(values: SimulatedValues) -> bytes:
    charge, switches = values.charge, _CHARGE_ON | (_DISCHARGE_ON if values.output_on else 0)
    return b"".join(
        (
            (charge.millivolts // 10).to_bytes(2, "big"),
            bytes(2),  # no current
            (charge.remaining_mah // 10).to_bytes(2, "big"),
            (charge.full_mah // 10).to_bytes(2, "big"),
            bytes(2 + 2 + 4),  # cycles, date, balancing
            values.problem_code.to_bytes(2, "big"),
            bytes((0x80, values.reported_soc, switches, len(values.cells), _SENSORS)),
            (_ZERO_CELSIUS + round_half_up(values.celsius * 10)).to_bytes(2, "big") * _SENSORS,
        )
    )


def frame(command: int, data: bytes, *, bad: bool = False) -> bytes:
    """An answer; `bad` gives it a wrong checksum."""
    summed = bytes((0, len(data))) + data
    return bytes((0xDD, command)) + summed + ((0x10000 - sum(summed) + bad) & 0xFFFF).to_bytes(2, "big") + b"\x77"


PROTOCOL = BatteryProtocol(
    name="jbd",
    simulated=SimulatedProtocol(
        resolution=Resolution(step_mah=10, max_mah=655_350, step_mv=10, problem_bits=16),
        build=_build,
        without={Fault.WRONG_ID: NO_OWN_ID},
        address_head="A4C137",  # the maker's
        notifications=2,
    ),
)
