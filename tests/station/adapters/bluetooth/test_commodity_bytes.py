"""Bytes that are wrong: never a number from them, never an error but our own."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from bleak.exc import BleakError
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, check_reading
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BatteryUnreadable
from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from kiosk.station.adapters.bluetooth.protocols.jbd import frame
from tests.station.adapters.bluetooth.packs import Recording, device, read, recordings

Exchange = list[tuple[bytes, list[bytes]]]
JBD, JK, DALY = "JBD-D", "JK-32s_v15", "DL-41"
_WAYS = ["flip", "drop", "twice", "cut", "longer", "garbage", "swap", "join"]
_STREAM = 6  # of a recorded stream, the notifications of the frame that was annotated


def exchange_of(recorded: Recording) -> Exchange:
    return [(request, list(notifications[:_STREAM])) for request, notifications in recorded.exchange]


def read_checked(pack: Peripheral, seconds: float = 10.0) -> BatteryTelemetry:
    """As the domain takes it."""
    reading = read(pack, seconds)
    check_reading(reading, FitnessLimits())
    return reading


def same_or_refused(recorded: Recording, exchange: Exchange) -> str:
    """What came of it; anything else than the annotated values or an error of ours fails."""
    try:
        reading = read_checked(recorded.peripheral(exchange))
    except (BatteryUnreadable, TimeoutError) as refused:
        return type(refused).__name__
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (recorded.volts, recorded.amp_hours, recorded.soc)
    assert reading.kwh_remaining == to_watt_hours(recorded.watt_hours.scaleb(-3))
    return "read"


# ---------------------------------------------------------------- one damage at a time


@pytest.mark.parametrize("name", [JBD, JK, DALY])
def test_every_byte_of_the_pack_frame_counts(name: str) -> None:
    recorded = recordings()[name]
    at = {JBD: 0, JK: 1, DALY: 0}[name]
    sizes = [len(data) for data in recorded.exchange[at][1]]
    outcomes = set()
    for piece, size in enumerate(sizes):
        for byte in range(0, size, 7):
            exchange = exchange_of(recorded)
            damaged = bytearray(exchange[at][1][piece])
            damaged[byte] ^= 0x21
            exchange[at][1][piece] = bytes(damaged)
            outcomes.add(same_or_refused(recorded, exchange))
    assert outcomes & {"ReadingPrevented", "BatteryUnreadable"}


@pytest.mark.parametrize("name", [JBD, JK, DALY])
def test_a_frame_cut_short_is_unreadable(name: str) -> None:
    recorded = recordings()[name]
    exchange = [(request, [b"".join(notifications)[:12]]) for request, notifications in exchange_of(recorded)]
    with pytest.raises(BatteryUnreadable, match="cannot be understood"):
        read(recorded.peripheral(exchange))


@pytest.mark.parametrize("name", [JBD, JK])
def test_silence_in_mid_frame_is_unreadable(name: str) -> None:
    recorded = recordings()[name]
    exchange = [(request, notifications[:1]) for request, notifications in exchange_of(recorded)]
    with pytest.raises(BatteryUnreadable, match="cannot be understood"):
        read(recorded.peripheral(exchange))


@pytest.mark.parametrize("name", [JBD, JK, DALY])
@pytest.mark.parametrize("garbage", [b"", b"\x00", b"\xdd", b"AT\r\n", bytes(600), b"\xff" * 20, b"\xdd\x03\x00\xff" * 5])
def test_garbage_between_frames_is_no_number(name: str, garbage: bytes) -> None:
    recorded = recordings()[name]
    exchange = [(request, [garbage, *notifications, garbage]) for request, notifications in exchange_of(recorded)]
    same_or_refused(recorded, exchange)


@pytest.mark.parametrize("name", [JBD, JK, DALY])
def test_a_frame_without_end_is_no_number_and_no_flood(name: str) -> None:
    recorded = recordings()[name]
    exchange = [(request, [*notifications[:1], *[bytes([7]) * 128] * 500]) for request, notifications in exchange_of(recorded)]
    assert same_or_refused(recorded, exchange) == ("read" if name == DALY else "ReadingPrevented")


@pytest.mark.parametrize("name", [JBD, JK, DALY])
def test_the_rest_of_an_earlier_link_is_not_taken_for_an_answer(name: str) -> None:
    recorded = recordings()[name]
    left_over = recorded.exchange[-1][1][-1]

    def on_subscribe(uuid: str) -> Sequence[Notification]:
        return [(uuid, left_over)]

    pack = replace(recorded.peripheral(), on_subscribe=on_subscribe)
    try:
        reading = read_checked(pack)
    except BatteryUnreadable:
        return
    assert (reading.voltage, reading.charge_ah) == (recorded.volts, recorded.amp_hours)


def test_one_answer_to_everything_is_unreadable() -> None:
    recorded = recordings()[JBD]
    pack_frame = recorded.exchange[0][1]
    with pytest.raises(BatteryUnreadable):
        read(recorded.peripheral([(request, pack_frame) for request, _ in recorded.exchange]))


# ---------------------------------------------------------------- well-formed nonsense


def jbd(**changes: int) -> Peripheral:
    """A JBD pack of 51.2 V and 17.5 of 30 Ah with whole frames, whatever stands in them."""
    told = {
        "volts": 5120,
        "charge": 1750,
        "full": 3000,
        "soc": 58,
        "problem": 0,
        "cells": 16,
        "cell": 3200,
        "kelvin": 2981,
        "switches": 3,
        **changes,
    }
    words = [told["volts"], 0, told["charge"], told["full"], 0, 0, 0, 0, told["problem"]]
    data = b"".join(word.to_bytes(2, "big") for word in words) + bytes((0x80, told["soc"], told["switches"], told["cells"], 1))
    frames = {3: frame(3, data + told["kelvin"].to_bytes(2, "big")), 4: frame(4, told["cell"].to_bytes(2, "big") * told["cells"])}
    recorded = recordings()[JBD]

    def on_write(_uuid: str, request: bytes) -> Sequence[Notification]:
        return [(recorded.notify, frames[request[2]])] if request[2] in frames else []

    return device("BAT-12345", recorded.address, recorded.service, recorded.notify, recorded.write, on_write)


def test_the_pack_of_this_file_reads_well() -> None:
    reading = read_checked(jbd())
    assert (reading.kwh_remaining, reading.full_kwh) == (Decimal("0.896"), Decimal("1.536"))
    assert not reading.faults


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"soc": 101}, "a charge of 101 % cannot be"),
        ({"soc": 5}, "does not agree"),
        ({"soc": 0}, "does not agree"),
        ({"charge": 9000}, "does not agree"),
        ({"charge": 100}, "does not agree"),
        ({"volts": 0, "cells": 1, "cell": 0}, "no voltage"),
        ({"volts": 2000}, "cells add up to 51.2 V and not to 20 V"),
        ({"cell": 100}, "cells add up to 1.6 V"),
        ({"charge": 65535, "full": 65535, "soc": 100, "volts": 65535, "cells": 1, "cell": 0}, "more than such a battery can hold"),
    ],
)
def test_values_that_contradict_each_other_are_refused(changes: dict[str, int], reason: str) -> None:
    with pytest.raises(BatteryUnreadable, match=reason):
        read_checked(jbd(**changes))


def test_an_old_pack_that_is_full_below_its_nameplate_is_no_contradiction() -> None:
    reading = read_checked(jbd(charge=2400, soc=100))
    assert (reading.kwh_remaining, reading.full_kwh) == (Decimal("1.229"), None)


@pytest.mark.parametrize(
    ("code", "faults", "states", "unknown"),
    [
        (0x0000, (), (), ()),
        (0x0005, (), ("full",), ()),
        (0x000A, (), ("empty",), ()),
        (0x0440, ("too hot to discharge", "short circuit"), (), ()),
        (0x1000, (), ("one of its switches was switched off by software",), ()),  # which of its switches, the bits of the switches say
        (0x4001, (), ("full",), ("0x4000",)),
    ],
)
def test_problems_are_told_and_being_full_or_empty_is_none(
    code: int, faults: tuple[str, ...], states: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    reading = read_checked(jbd(problem=code))
    assert (reading.faults, reading.states, reading.unknown_codes) == (faults, states, unknown)


@pytest.mark.parametrize(("switches", "output"), [(0, False), (1, False), (2, True), (3, True)])
def test_the_discharge_switch_of_jbd_is_its_second_bit(switches: int, *, output: bool) -> None:
    assert read_checked(jbd(switches=switches)).output_on is output


def test_a_cell_that_cannot_be_is_a_fault() -> None:
    assert read_checked(jbd(cells=8, cell=6400)).faults == ("a cell at 6.4 V",)


# ---------------------------------------------------------------- other devices


def test_a_pack_that_lacks_its_characteristics_is_unreadable() -> None:
    for name in (JBD, JK, DALY):
        pack = recordings()[name].peripheral()
        elsewhere = {service: {"0000aaaa-0000-1000-8000-00805f9b34fb": b""} for service in pack.services}
        with pytest.raises(BatteryUnreadable, match="not the kind of battery that it advertises"):
            read(replace(pack, services=elsewhere))


def test_a_pack_that_refuses_to_notify_is_a_lost_link() -> None:
    pack = recordings()[JBD].peripheral()
    with pytest.raises(BleakError):
        read(replace(pack, properties=dict.fromkeys(pack.properties, ("read", "write"))))


# ---------------------------------------------------------------- any damage


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Recording, Exchange]:
    recorded = recordings()[draw(st.sampled_from(list(recordings())))]
    exchange = exchange_of(recorded)
    for nth in range(draw(st.integers(1, 3))):
        ways = _WAYS if nth == 0 else _WAYS[1:]  # two changed bytes can make up for each other in a sum of 8 bits, and nobody could tell
        _damage(draw, draw(st.sampled_from(exchange))[1], draw(st.sampled_from(ways)))
    return recorded, exchange


def _damage(draw: st.DrawFn, notifications: list[bytes], what: str) -> None:
    at = draw(st.integers(0, max(0, len(notifications) - 1)))
    if what == "garbage" or not notifications:
        notifications.insert(at, draw(st.binary(max_size=40)))
        return
    data = notifications[at]
    if what == "flip" and data:
        byte = draw(st.integers(0, len(data) - 1))
        notifications[at] = data[:byte] + bytes((data[byte] ^ draw(st.integers(1, 255)),)) + data[byte + 1 :]
    elif what == "drop":
        del notifications[at]
    elif what == "twice":
        notifications.insert(at, data)
    elif what == "cut":
        notifications[at] = data[: draw(st.integers(0, len(data)))]
    elif what == "longer":
        notifications[at] = data + draw(st.binary(min_size=1, max_size=300))
    elif what == "swap":
        notifications[at], notifications[-1] = notifications[-1], data
    elif at + 1 < len(notifications):
        notifications[at : at + 2] = [data + notifications[at + 1]]


@settings(max_examples=150)
@given(damaged())
def test_a_damaged_recording_reads_as_annotated_or_not_at_all(made: tuple[Recording, Exchange]) -> None:
    same_or_refused(*made)


@settings(max_examples=60)
@given(st.sampled_from([JBD, JK, DALY]), st.lists(st.binary(max_size=320), max_size=8))
def test_nothing_but_garbage_is_never_read(name: str, garbage: list[bytes]) -> None:
    recorded = recordings()[name]
    assert same_or_refused(recorded, [(request, garbage) for request, _ in recorded.exchange]) != "read"
