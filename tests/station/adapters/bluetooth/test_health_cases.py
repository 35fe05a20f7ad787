"""Full, empty, dead cells, outputs: the cases of `tests/fixtures/batteries` and their siblings, as bytes below the reader."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import EMPTY, FULL, BatteryTelemetry, FitnessLimits, check_fit, check_issuable, check_reading
from kiosk.domain.errors import BatteryDamaged, BatteryNotIssuable
from kiosk.station.adapters.bluetooth.battery_protocol import Notification, Peripheral
from kiosk.station.adapters.bluetooth.problem_tables import TABLES
from tests.station.adapters.bluetooth.case_files import devices_of, modbus_crc
from tests.station.adapters.bluetooth.packs import read

LIMITS = FitnessLimits()
DEAD_CELL = "a cell at 0 V or not measured"
JK, ANT, ANT_PIECE = "12-jk", "15-ant", 20
JK_ALARMS, JK_SWITCH, JK_CELLS, JK_MASK, JK_CELSIUS = 166, 199, 6, 70, 162


def case(name: str, change: Callable[[bytearray], None] | None = None, asked: bytes = b"") -> BatteryTelemetry:
    """The reading of a case's pack, as the domain takes it; `change` is made to the answer to requests that begin so."""
    (pack,) = devices_of(name)
    reading = read(pack if change is None else changed(pack, change, asked))
    check_reading(reading, LIMITS)
    return reading


def changed(pack: Peripheral, change: Callable[[bytearray], None], asked: bytes) -> Peripheral:
    """The pack with one answer changed, in pieces as before."""
    told = pack.on_write
    assert told is not None

    def on_write(uuid: str, request: bytes) -> Sequence[Notification]:
        answer = told(uuid, request)
        if not request.startswith(asked) or not answer:
            return answer
        whole, at = bytearray(b"".join(data for _, data in answer)), 0
        change(whole)
        pieces = []
        for to, data in answer:
            pieces.append((to, bytes(whole[at : at + len(data)])))
            at += len(data)
        return pieces

    return replace(pack, on_write=on_write)


def jk(change: Callable[[bytearray], None]) -> BatteryTelemetry:
    """The JK pack of case 12 with its output on again and a changed frame."""

    def mend(frame: bytearray) -> None:
        frame[JK_SWITCH] = 1
        change(frame)
        frame[-1] = sum(frame[:-1]) & 0xFF

    return case(JK, mend, bytes.fromhex("aa5590eb96"))


def ant(charge: int, discharge: int) -> BatteryTelemetry:
    """The ANT pack of case 15 with other status codes."""

    def change(frame: bytearray) -> None:
        at = frame.index(bytes((1, 0x0F)), 80)
        frame[at : at + 2] = bytes((charge, discharge))
        frame[-4:-2] = modbus_crc(bytes(frame[1:-4]))

    return case(ANT, change, bytes.fromhex("7ea101"))


def is_refused_to_issue(reading: BatteryTelemetry) -> tuple[str, ...]:
    """Why it is not handed out, though it is taken back."""
    check_fit(reading, LIMITS)
    with pytest.raises(BatteryNotIssuable) as refused:
        check_issuable(reading, LIMITS)
    return refused.value.reasons


# ---------------------------------------------------------------- full and empty are no faults


def test_a_full_jk_pack_is_issued() -> None:
    reading = case("05")
    assert (reading.charge_ah, reading.kwh_remaining, reading.soc_percent) == (Decimal(30), Decimal("1.536"), Decimal(100))
    assert (reading.faults, reading.states, reading.unknown_codes, reading.output_on) == ((), (FULL,), (), True)
    check_issuable(reading, LIMITS)


def test_an_empty_jk_pack_is_taken_back() -> None:
    reading = case("06")
    assert (reading.charge_ah, reading.kwh_remaining, reading.soc_percent) == (Decimal("0.3"), Decimal("0.013"), Decimal(1))
    assert (reading.faults, reading.states) == ((), (EMPTY,))
    check_fit(reading, LIMITS)


def test_an_ant_pack_that_cut_its_output_because_it_is_empty_is_not_damaged() -> None:
    reading = case("08")
    assert (reading.voltage, reading.kwh_remaining, reading.soc_percent) == (Decimal("52.84"), Decimal("13.348"), Decimal(91))
    assert (reading.faults, reading.states, reading.output_on) == ((), (EMPTY,), False)
    assert is_refused_to_issue(reading) == ("it is empty, and has cut its output",)


@pytest.mark.parametrize("discharge", [0x02, 0x05, 0x10])
def test_every_empty_state_of_ant_is_no_fault(discharge: int) -> None:
    assert (ant(1, discharge).faults, ant(1, discharge).states) == ((), (EMPTY,))


@pytest.mark.parametrize("charge", [0x02, 0x04, 0x05, 0x10])
def test_every_full_state_of_ant_is_issued(charge: int) -> None:
    reading = ant(charge, 1)
    assert (reading.faults, reading.states, reading.output_on) == ((), (FULL,), True)
    check_issuable(reading, LIMITS)


@pytest.mark.parametrize("charge", [0x00, 0x0E, 0x0F])
def test_a_charge_switch_that_is_off_bars_nothing(charge: int) -> None:
    reading = ant(charge, 1)
    assert (reading.faults, reading.states, reading.unknown_codes) == ((), (), ())
    check_issuable(reading, LIMITS)


# ---------------------------------------------------------------- what the library masks


@pytest.mark.parametrize("bit", range(32))
def test_every_alarm_bit_of_a_jk_with_32_cells_is_read(bit: int) -> None:
    def set_bit(frame: bytearray) -> None:
        frame[JK_ALARMS : JK_ALARMS + 4] = (1 << bit).to_bytes(4, "little")

    reading, meaning = jk(set_bit), TABLES["jk"].read(1 << bit)
    assert (reading.faults, reading.states) == (meaning.faults, meaning.states)
    assert reading.unknown_codes == ((f"{1 << bit:#x}",) if bit in {3, 29, 30, 31} else ())


@pytest.mark.parametrize(
    ("bit", "fault"),
    [
        (16, "its charge switch is broken"),
        (17, "its discharge switch is broken"),
        (21, "the battery is too hot"),
        (22, "a temperature sensor is broken"),
    ],
)
def test_real_faults_above_bit_15_of_jk_bar_the_pack(bit: int, fault: str) -> None:
    def set_bit(frame: bytearray) -> None:
        frame[JK_ALARMS : JK_ALARMS + 4] = (1 << bit).to_bytes(4, "little")

    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(jk(set_bit), LIMITS)
    assert damaged.value.reasons == (fault,)


@pytest.mark.parametrize(
    ("charge", "discharge", "fault"),
    [
        (0x03, 0x01, "overcurrent while charging"),
        (0x0D, 0x01, "its discharge switch is broken"),
        (0x11, 0x01, "too cold to charge"),
        (0x12, 0x01, "its cells are too unequal"),
        (0x01, 0x04, "overcurrent while discharging"),
        (0x01, 0x0C, "short circuit"),
        (0x01, 0x11, "too cold to discharge"),
        (0x01, 0x13, "its self test failed"),
        (0x06, 0x06, "the battery is too hot"),
    ],
)
def test_a_fault_of_ant_is_read_whatever_the_library_masks(charge: int, discharge: int, fault: str) -> None:
    assert ant(charge, discharge).faults == (fault,)


@pytest.mark.parametrize(("charge", "discharge", "code"), [(0x15, 1, "0x15"), (1, 0x20, "0x2000"), (0x0B, 0x14, "0x140b")])
def test_a_status_of_ant_that_nobody_knows_is_shown_and_bars_nothing(charge: int, discharge: int, code: str) -> None:
    reading = ant(charge, discharge)
    assert (reading.faults, reading.unknown_codes) == ((), (code,))
    check_issuable(reading, LIMITS)


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("name", ["09", "10"])
def test_a_cell_at_zero_volts_is_a_fault(name: str) -> None:
    reading = case(name)
    assert (reading.voltage, reading.kwh_remaining, reading.charge_ah) == (Decimal(48), Decimal("0.84"), Decimal("17.5"))
    assert (reading.faults, reading.lowest_cell_volts) == ((DEAD_CELL,), Decimal(0))
    with pytest.raises(BatteryDamaged):
        check_fit(reading, LIMITS)


@pytest.mark.parametrize("cell", range(16))
def test_a_dead_cell_of_jk_is_found_wherever_it_is(cell: int) -> None:
    def kill(frame: bytearray) -> None:
        frame[JK_CELLS + 2 * cell : JK_CELLS + 2 * cell + 2] = bytes(2)

    assert DEAD_CELL in jk(kill).faults


def test_the_cells_of_jk_are_those_of_its_mask() -> None:
    def move_the_last_four(frame: bytearray) -> None:
        frame[JK_MASK : JK_MASK + 4] = 0xF0000FFF.to_bytes(4, "little")
        frame[JK_CELLS + 24 : JK_CELLS + 64] = bytes(32) + frame[JK_CELLS + 24 : JK_CELLS + 32]

    reading = jk(move_the_last_four)
    assert (reading.faults, reading.lowest_cell_volts, reading.cell_spread_volts) == ((), Decimal("3.2"), Decimal(0))


@pytest.mark.parametrize(("millivolts", "spread", "issued"), [(3500, "0.3", True), (3501, "0.301", False), (2899, "0.301", False)])
def test_a_spread_above_the_limit_bars_issuing_only(millivolts: int, spread: str, *, issued: bool) -> None:
    def set_cell(frame: bytearray) -> None:
        frame[JK_CELLS : JK_CELLS + 2] = millivolts.to_bytes(2, "little")

    reading = jk(set_cell)
    assert reading.cell_spread_volts == Decimal(spread)
    if issued:
        check_issuable(reading, LIMITS)
    else:
        assert is_refused_to_issue(reading) == (f"its cells differ by {spread} V, 0.3 V is the most",)


# ---------------------------------------------------------------- outputs


@pytest.mark.parametrize("name", ["12", "14", "15"])
def test_a_pack_whose_output_is_off_is_taken_back_and_not_issued(name: str) -> None:
    reading = case(name)
    assert (reading.faults, reading.output_on) == ((), False)
    assert is_refused_to_issue(reading) == ("its output is switched off",)


def test_an_ant_pack_that_is_just_off_is_not_issued_either() -> None:
    assert is_refused_to_issue(ant(1, 0)) == ("its output is switched off",)


@pytest.mark.parametrize("discharge", [0x01, 0x0B])
def test_an_ant_pack_that_gives_power_is_issued(discharge: int) -> None:
    assert ant(1, discharge).output_on
    check_issuable(ant(1, discharge), LIMITS)


# ---------------------------------------------------------------- sensors


def test_a_sensor_that_is_not_there_is_a_fault_of_its_own_and_the_others_count() -> None:
    def break_one(frame: bytearray) -> None:
        frame[JK_CELSIUS : JK_CELSIUS + 2] = (25500).to_bytes(2, "little")

    reading = jk(break_one)
    assert (reading.temperature_celsius, reading.faults) == (Decimal(25), ("a temperature sensor is broken",))


def test_without_a_sound_sensor_there_is_no_temperature() -> None:
    def break_all(frame: bytearray) -> None:
        frame[JK_CELSIUS : JK_CELSIUS + 4] = (25500).to_bytes(2, "little") * 2

    reading = jk(break_all)
    assert (reading.temperature_celsius, reading.faults) == (None, ("a temperature sensor is broken",))


@pytest.mark.parametrize(("tenths", "broken"), [(-500, False), (-501, True), (1500, False), (1501, True)])
def test_what_no_battery_can_have_is_the_sensors_fault(tenths: int, *, broken: bool) -> None:
    def set_both(frame: bytearray) -> None:
        frame[JK_CELSIUS : JK_CELSIUS + 4] = tenths.to_bytes(2, "little", signed=True) * 2

    reading = jk(set_both)
    assert (reading.temperature_celsius is None, "a temperature sensor is broken" in reading.faults) == (broken, broken)
