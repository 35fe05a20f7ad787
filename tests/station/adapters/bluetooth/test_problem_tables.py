"""The tables of problem codes: each bit says one thing, and full and empty are never a fault."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.battery.battery import EMPTY, FULL, SENSOR_BROKEN
from kiosk.station.adapters.bluetooth import problem_words
from kiosk.station.adapters.bluetooth.problem_bits import Bits, Codes, Meaning
from kiosk.station.adapters.bluetooth.problem_tables import MAX_CODE_BITS, TABLES, meaning_of
from kiosk.station.adapters.bluetooth.protocol_registry import commodity_names, load_kinds

BIT_TABLES = {name: table for name, table in TABLES.items() if isinstance(table, Bits)}
FULL_AND_EMPTY = {
    "braunpwr": ({2}, {3}),
    "daly": ({36, 37, 48, 49, 52, 53}, {38, 39, 50, 51, 54, 55}),
    "eleksol": ({0, 2}, {1, 3}),
    "humsienk": ({3, 4, 12}, {21, 28}),
    "jbd": ({0, 2}, {1, 3}),
    "jk": ({4, 5}, {11, 12}),
    "myvolta": ({0, 2}, {1, 3}),
    "pwrxtreme": ({7}, {6}),
    "redodo": ({2}, {5}),
    "seplos": ({64, 65, 68, 69}, {66, 67, 70, 71, 26, 27}),
    "seplos_v2": ({48, 49, 52, 53, 16}, {50, 51, 54, 55, 18, 19, 20}),
    "tianpwr": ({48, 50, 52, 54}, {7, 49, 51, 53, 55}),
    "topband": ({7}, {6}),
}
FAULTS = [  # a few of each family, as their sources name them
    ("braunpwr", 10, "short circuit"),
    ("daly", 21, "its discharge switch is broken"),
    ("daly", 26, SENSOR_BROKEN),
    ("daly", 61, "too hot to discharge"),
    ("humsienk", 20, "short circuit"),
    ("humsienk", 30, "its switches are too hot"),
    ("jbd", 11, "fault of the measuring chip"),
    ("jk", 0, "a wire to a cell is broken or bad"),
    ("jk", 10, "its parts do not talk to each other"),
    ("jk", 17, "its discharge switch is broken"),
    ("myvolta", 9, "a wire to a cell is broken or bad"),
    ("redodo", 14, "short circuit"),
    ("seplos", 0, SENSOR_BROKEN),
    ("seplos", 32, "it has locked its output after a short circuit or overcurrent"),
    ("seplos", 46, "short circuit"),
    ("seplos", 53, "its switches are too hot"),
    ("seplos_v2", 62, "its discharge switch is broken"),
    ("seplos_v2", 29, "short circuit"),
    ("tianpwr", 13, SENSOR_BROKEN),
    ("tianpwr", 18, "too hot to discharge"),
    ("tianpwr", 34, "overcurrent while discharging"),
    ("topband", 4, "overcurrent while discharging"),
]
WARNINGS = [("daly", 56), ("daly", 34), ("humsienk", 29), ("seplos", 56), ("seplos_v2", 40), ("tianpwr", 24), ("jbd", 12), ("jk", 18)]
MASKED_ON_PURPOSE = {  # by the plugin, and rightly: switches and reserved bits, or bits that its packs set without a fault
    "tianpwr": {32, 33}  # BMS_BLE-HA issue 590: 0x2 of the current's bits on sound packs
}
READ_BY_US = {"ant", "ant_leg", "jk", "seplos"}  # library_gaps


def test_every_table_belongs_to_a_family_that_can_be_read() -> None:
    assert set(TABLES) <= set(commodity_names())
    assert len(TABLES) == 16


@pytest.mark.parametrize("family", BIT_TABLES)
def test_each_bit_says_one_thing(family: str) -> None:
    table = BIT_TABLES[family]
    said = [*table.faults, *table.full, *table.empty, *table.states, *table.silent]
    assert len(said) == len(set(said))
    assert max(said) < MAX_CODE_BITS


@pytest.mark.parametrize("family", BIT_TABLES)
def test_a_bit_is_a_fault_or_a_state_or_silent_or_unknown(family: str) -> None:
    for bit in range(MAX_CODE_BITS):
        meaning = meaning_of(family, 1 << bit)
        told = [bool(meaning.faults), bool(meaning.states), bool(meaning.unknown), bit in BIT_TABLES[family].silent]
        assert (bit, told.count(True)) == (bit, 1)
        assert meaning.unknown in {0, 1 << bit}


@pytest.mark.parametrize("family", FULL_AND_EMPTY)
def test_full_and_empty_are_states(family: str) -> None:
    full, empty = FULL_AND_EMPTY[family]
    assert {bit for bit in range(80) if meaning_of(family, 1 << bit).states == (FULL,)} == full
    assert {bit for bit in range(80) if meaning_of(family, 1 << bit).states == (EMPTY,)} == empty
    code = sum(1 << bit for bit in full | empty)
    assert meaning_of(family, code) == Meaning(states=(FULL, EMPTY))


def test_every_table_of_bits_knows_full_and_empty() -> None:
    assert set(FULL_AND_EMPTY) == set(BIT_TABLES)


@pytest.mark.parametrize(("family", "bit", "fault"), FAULTS)
def test_a_fault_has_words(family: str, bit: int, fault: str) -> None:
    assert meaning_of(family, 1 << bit) == Meaning(faults=(fault,))


@pytest.mark.parametrize(("family", "bit"), WARNINGS)
def test_a_warning_bars_nothing(family: str, bit: int) -> None:
    meaning = meaning_of(family, 1 << bit)
    assert (meaning.faults, len(meaning.states), meaning.unknown) == ((), 1, 0)


@pytest.mark.parametrize("family", [name for name in commodity_names() if name not in TABLES])
def test_the_code_of_a_family_without_a_table_is_shown_and_bars_nothing(family: str) -> None:
    assert meaning_of(family, 0x10) == Meaning(unknown=0x10)


@pytest.mark.parametrize("code", [0, None, True, "7", 1.5, -1, 1 << MAX_CODE_BITS])
def test_what_is_no_code_says_nothing(code: object) -> None:
    assert meaning_of("jbd", code) == Meaning()


@given(st.sampled_from(sorted(TABLES)), st.integers(1, (1 << MAX_CODE_BITS) - 1))
def test_a_code_is_the_sum_of_what_it_says(family: str, code: int) -> None:
    meaning, table = meaning_of(family, code), TABLES[family]
    assert len(set(meaning.faults) | set(meaning.states)) == len(meaning.faults) + len(meaning.states)
    assert meaning.unknown & ~code == 0
    if isinstance(table, Bits):
        single = [meaning_of(family, 1 << bit) for bit in range(MAX_CODE_BITS) if code >> bit & 1]
        assert set(meaning.faults) == {words for each in single for words in each.faults}
        assert meaning.unknown == sum(each.unknown for each in single)


@pytest.mark.parametrize("family", [name for name, table in TABLES.items() if isinstance(table, Codes)])
def test_each_code_of_each_byte_says_one_thing(family: str) -> None:
    table = TABLES[family]
    assert isinstance(table, Codes)
    for at, codes in enumerate(table.bytes_of):
        rest = sum(1 << 8 * other for other in range(len(table.bytes_of)) if other != at)  # 1 is "on"
        quiet = family != "neey"
        for value in range(1, 256):
            meaning = meaning_of(family, value << 8 * at | (rest if quiet else 0))
            words = codes.get(value)
            assert meaning.unknown == (0 if value in codes else value << 8 * at)
            assert meaning.faults + meaning.states == (() if words is None else (words,))


@pytest.mark.parametrize("family", [name for name in TABLES if name not in READ_BY_US])
def test_the_library_lets_through_whatever_a_table_calls_a_fault(family: str) -> None:
    keep, table = keeper(family), TABLES[family]
    if isinstance(table, Bits):
        lost = {bit for bit in table.faults if not keep(1 << bit) >> bit & 1}
        assert lost == MASKED_ON_PURPOSE.get(family, set())
    else:
        assert all(keep(code) == code for code, words in table.bytes_of[0].items() if words is not None)


def keeper(family: str) -> Any:
    """What the library's plugin makes of a raw code."""
    kind = load_kinds()[family]
    groups = [getattr(kind, name, ()) for name in ("_FIELDS", "FIELDS")]
    if family == "daly":
        groups.append(next(iter(kind._PROTOS.values())).fields)  # type: ignore[attr-defined]  # the library's own
    if family == "seplos_v2":
        return lambda code: code & kind._PRB_MASK  # type: ignore[attr-defined]  # the library's own
    return next(each.fct for group in groups for each in group if each.key == "problem_code")


def test_every_phrase_is_used() -> None:
    used = {words for table in BIT_TABLES.values() for words in table.known.values()}
    used |= {
        words for table in TABLES.values() if isinstance(table, Codes) for codes in table.bytes_of for words in codes.values() if words
    }
    phrases = {words for name, words in vars(problem_words).items() if name.isupper()}
    assert phrases - used == {problem_words.UNNAMED_PROBLEM, problem_words.CELL_LOOSE}


PAGE = (Path(__file__).parents[4] / "docs" / "facts" / "problem-codes.md").read_text("utf-8")


def test_the_page_of_facts_names_every_family_where_it_belongs() -> None:
    with_table, without = PAGE.split("## Families without a table")
    assert set(re.findall(r"^\| `(\w+)`", with_table, re.MULTILINE)) == set(TABLES)
    rows = without.split("## Cells")[0].split("\n\n")[2]
    assert set(re.findall(r"`(\w+)`", rows)) == set(commodity_names()) - set(TABLES)
