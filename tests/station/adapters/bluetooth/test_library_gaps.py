"""What aiobmsble masks or drops is read all the same: whole packs of families that have no simulation, in their own frames."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiobmsble import BMSSample
from aiobmsble.basebms import BaseBMS
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.battery.battery import EMPTY, FULL, BatteryTelemetry
from kiosk.station.adapters.bluetooth.battery_protocol import Advertisement, Notification, Peripheral, uuid_of
from kiosk.station.adapters.bluetooth.library_gaps import keep_dead_cells, unmasked
from kiosk.station.adapters.bluetooth.problem_tables import TABLES
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds, protocol_of
from tests.station.adapters.bluetooth.case_files import modbus_crc
from tests.station.adapters.bluetooth.packs import device, read

DEAD_CELL = "a cell at 0 V or not measured"
WITH_CELLS = [name for name in load_kinds() if name != "neey"]  # it has cells of its own, as floats


def pack(
    name: str,
    uuids: tuple[int, int, int],
    answer: Callable[[bytes], bytes | None],
    protocol: str,
    makers: Mapping[int, bytes] | None = None,
) -> Peripheral:
    """A pack that answers each request with one notification, or not at all."""
    service, notify, write = map(uuid_of, uuids)

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        told = answer(request)
        return [] if told is None else [(notify, told)]

    assert protocol_of(Advertisement(name=name, service_uuids=(service,), manufacturer_data=makers or {})) == protocol
    return device(name, "AA:00:00:00:00:07", service, notify, write, on_write, manufacturer_data=makers)


def registers(values: Mapping[int, int], count: int) -> bytes:
    return b"".join(values.get(register, 0).to_bytes(2, "big") for register in range(count))


def framed(head: bytes, data: bytes) -> bytes:
    frame = head + bytes((len(data),)) + data
    return frame + modbus_crc(frame)


# ---------------------------------------------------------------- Seplos


def seplos(events: bytes) -> BatteryTelemetry:
    """One Seplos pack of 16 cells at 3.2 V whose ten event bytes are these."""
    whole = bytearray(52)
    whole[0:4], whole[8:12], whole[20:24] = (
        bytes((5120 >> 8, 5120 & 0xFF, 0, 0)) if at == 0 else bytes((6, 0xD6, 0, 0)) for at in (0, 8, 20)
    )
    whole[44:46], whole[48:50] = (1).to_bytes(2, "big"), (1000).to_bytes(2, "big")
    one = registers({0: 5120, 2: 1750, 3: 1750, 5: 1000}, 17)
    cells = registers({**dict.fromkeys(range(16), 3200), **dict.fromkeys(range(16, 20), 2981), 24: 2981, 25: 2981}, 26)
    tables = {0x2000: bytes(whole), 0x2100: registers({10: 250}, 22), 0x2200: events, 0x1000: one, 0x1100: cells}

    def answer(request: bytes) -> bytes | None:
        data = tables.get(int.from_bytes(request[2:4], "big"))
        return None if data is None else framed(request[:2], data)

    return read(pack("SP12B1", (0xFFF0, 0xFFF1, 0xFFF2), answer, "seplos"))


def test_a_seplos_pack_without_events_is_sound() -> None:
    reading = seplos(bytes((2, 0, 0, 0, 0, 0, 0, 0b11, 0, 0)))
    assert (reading.voltage, reading.lowest_cell_volts, reading.cell_spread_volts) == (Decimal("51.2"), Decimal("3.2"), Decimal(0))
    assert (reading.faults, reading.states, reading.unknown_codes, reading.output_on) == ((), (), (), True)


@pytest.mark.parametrize("event", range(1, 10))
def test_every_event_bit_of_seplos_is_read(event: int) -> None:
    for bit in range(8):
        events = bytearray((2, 0, 0, 0, 0, 0, 0, 0b11, 0, 0))
        events[event] |= 1 << bit
        meaning = TABLES["seplos"].read(1 << 8 * (9 - event) + bit)
        reading = seplos(bytes(events))
        assert (reading.faults, reading.states) == (meaning.faults, meaning.states)
        assert reading.unknown_codes == ((f"{meaning.unknown:#x}",) if meaning.unknown else ())


@pytest.mark.parametrize(
    ("event", "value", "fault"),
    [
        (5, 1, "it has locked its output after a short circuit or overcurrent"),  # the library masks it
        (3, 0x20, "its switches are too hot"),  # and this
        (1, 0x02, None),
    ],
)
def test_what_the_library_masks_of_seplos_bars_the_pack(event: int, value: int, fault: str | None) -> None:
    events = bytearray((0, 0, 0, 0, 0, 0, 0, 0b11, 0, 0))
    events[event] = value
    reading = seplos(bytes(events))
    assert (reading.faults, reading.states) == (((fault,), ()) if fault else ((), (FULL,)))


def test_a_seplos_pack_whose_discharge_switch_is_off_says_so() -> None:
    assert seplos(bytes((0, 0, 0, 0, 0, 0, 0, 0b10, 0, 0))).output_on is False


# ---------------------------------------------------------------- the older ANT


def old_ant(charge: int, discharge: int, cells: Sequence[int] = (3200,) * 16) -> BatteryTelemetry:
    """An older ANT pack with these status codes and cells in millivolts."""
    frame = bytearray(140)
    frame[:4] = bytes.fromhex("aa55aaff")
    frame[4:6] = (sum(cells) // 100).to_bytes(2, "big")
    for at, millivolts in enumerate(cells):
        frame[6 + 2 * at : 8 + 2 * at] = millivolts.to_bytes(2, "big")
    frame[74] = 58
    frame[75:83] = (30_000_000).to_bytes(4, "big") + (17_500_000).to_bytes(4, "big")
    frame[91:99] = (25).to_bytes(2, "big") * 4
    frame[103:105], frame[123] = bytes((charge, discharge)), len(cells)
    frame[-2:] = (sum(frame[4:-2]) & 0xFFFF).to_bytes(2, "big")
    return read(pack("ANT-BLE16Z", (0xFFE0, 0xFFE1, 0xFFE1), lambda _: bytes(frame), "ant_leg"))


@pytest.mark.parametrize(
    ("charge", "discharge", "faults", "states", "unknown", "output"),
    [
        (1, 1, (), (), (), True),
        (4, 1, (), (FULL,), (), True),
        (1, 2, (), (EMPTY,), (), False),
        (1, 0x0F, (), (), (), False),
        (0x0F, 1, (), (), (), True),
        (3, 1, ("overcurrent while charging",), (), (), True),
        (1, 0x0D, ("its discharge switch is broken",), (), (), None),
        (1, 4, (), (), ("0x400",), None),
        (0x0C, 1, (), (), ("0xc",), True),
    ],
)
def test_the_older_ant_tells_its_states(
    charge: int, discharge: int, faults: tuple[str, ...], states: tuple[str, ...], unknown: tuple[str, ...], *, output: bool | None
) -> None:
    reading = old_ant(charge, discharge)
    assert (reading.faults, reading.states, reading.unknown_codes, reading.output_on) == (faults, states, unknown, output)


@pytest.mark.parametrize("dead", [0, 7, 15])
def test_a_dead_cell_of_an_older_ant_is_a_fault(dead: int) -> None:
    cells = [3200] * 16
    cells[dead] = 0
    assert old_ant(1, 1, cells).faults == (DEAD_CELL,)


# ---------------------------------------------------------------- Daly of the protocol 0x81


def old_daly(code: int, switch: int = 1) -> BatteryTelemetry:
    """A Daly pack of the older protocol with this problem code."""
    first = {**dict.fromkeys(range(16), 3200), 48: 65, 49: 65, 56: 512, 57: 30_000, 58: 580, 60: 16, 61: 2}
    second = {10: 175, 44: code >> 16, 45: code & 0xFFFF, 17: 1, 18: switch}
    tables = {0x0: registers(first, 64), 0x41: registers(second, 62)}

    def answer(request: bytes) -> bytes | None:
        data = tables.get(int.from_bytes(request[2:4], "big")) if request[0] == 0x81 else None
        return None if data is None else framed(bytes((0x51, 3)), data)

    return read(pack("DL-8100", (0xFFF0, 0xFFF1, 0xFFF2), answer, "daly"), 20)


def test_the_code_of_an_older_daly_is_not_read_by_the_newer_ones_table() -> None:
    reading = old_daly(1 << 21)  # "its discharge switch is broken" by the table of 0xD2
    assert (reading.faults, reading.states, reading.unknown_codes) == ((), (), (f"{1 << 21:#x}",))
    assert old_daly(0).unknown_codes == ()


def test_the_switch_of_an_older_daly_is_read() -> None:
    assert [old_daly(0, switch).output_on for switch in (0, 1)] == [False, True]


# ---------------------------------------------------------------- cells at 0 V


@pytest.mark.parametrize("family", WITH_CELLS)
def test_every_family_keeps_its_dead_cells(family: str) -> None:
    kind = load_kinds()[family]
    keep_dead_cells(kind)
    keep_dead_cells(kind)  # twice is once
    data = b"".join(millivolts.to_bytes(2, "big") for millivolts in (3200, 0, 3300, 0, 0))
    for plugin in kind.__mro__[: kind.__mro__.index(BaseBMS)]:  # one may be written upon another
        assert plugin._cell_voltages(data, cells=5, start=0) == [3.2, 0.0, 3.3]  # type: ignore[attr-defined]  # the library's own


@given(st.lists(st.integers(0, 0xFFFF), max_size=24), st.integers(0, 3), st.integers(0, 2), st.sampled_from(["big", "little"]))
def test_sound_cells_are_told_as_the_library_tells_them(cells: list[int], start: int, gap: int, order: Any) -> None:
    kind = load_kinds()["jbd"]
    keep_dead_cells(kind)
    data = bytes(start) + b"".join(each.to_bytes(2, order) + bytes(gap) for each in cells)
    ours = kind._cell_voltages(data, cells=len(cells) + 2, start=start, gap=gap, byteorder=order)
    assert [volts for volts in ours if volts] == BaseBMS._cell_voltages(data, cells=len(cells) + 2, start=start, gap=gap, byteorder=order)
    assert ours == [each / 1000 for each in cells[: len(ours)]]


def test_a_family_without_gaps_is_left_alone() -> None:
    sample = cast("BMSSample", {"voltage": 51.2, "problem_code": 7})
    assert unmasked("redodo", SimpleNamespace(), sample) is sample
