"""Bindings from a spreadsheet's table: a sentence with its line for everything that cannot be."""

import pytest

from kiosk.wire.binding_csv import MAX_FAULTS, read_binding_file
from tests.builders import NOON

FAMILIES = ("jk", "jbd")
HEADER = "id,address,family,serial\n"


def faults(text: str | bytes) -> tuple[str, ...]:
    content = text if isinstance(text, bytes) else text.encode()
    return read_binding_file(content, FAMILIES, "ATT-001", NOON).faults


def test_each_line_is_a_binding_in_any_spelling() -> None:
    text = f"\ufeff{HEADER}bat-1,c8478c001001,JK,S1\r\n\r\n  BAT-2 , C8-47-8C-00-10-02 ,,\r\n"
    file = read_binding_file(text.encode(), FAMILIES, "ATT-001", NOON)
    assert file.faults == ()
    assert [
        (each.line, each.binding.battery_id, each.binding.address, each.binding.family, each.binding.serial) for each in file.lines
    ] == [(2, "BAT-1", "C8:47:8C:00:10:01", "jk", "S1"), (4, "BAT-2", "C8:47:8C:00:10:02", "", "")]
    assert {(each.binding.bound_by, each.binding.bound_at) for each in file.lines} == {("ATT-001", NOON)}


def test_the_columns_may_stand_in_any_order() -> None:
    file = read_binding_file(b"Serial,Family,Address,ID\nS1,jk,C8478C001001,BAT-1\n", FAMILIES, "ATT-001", NOON)
    assert [(each.binding.battery_id, each.binding.serial) for each in file.lines] == [("BAT-1", "S1")]


def test_a_quoted_line_break_does_not_confuse_the_lines() -> None:
    assert faults(HEADER + '"BAT-1",C8478C001001,jk,"S\n1"\nBAT-2,C8,jk,\n')[1].startswith("Line 4: ")


def test_every_fault_is_told_with_its_line() -> None:
    told = faults(
        HEADER
        + "BAT-1,C8478C001001,jk,S1\n"  # 2
        + "BAT-1,C8478C001002,jk,\n"  # 3
        + "BAT-3,C8:47:8C:00:10:01,jk,\n"  # 4
        + ",C8478C001003,jk,\n"  # 5
        + "BAT-4,C8478C00100,jk,\n"  # 6
        + "BAT-5,C8478C001005,daly2,\n"  # 7
        + "BAT-6,C8478C001006,jk\n"  # 8
    )
    assert [each.split(":")[0] for each in told] == [f"Line {number}" for number in range(3, 9)]
    words = (
        "BAT-1 stands in line 2",
        "C8:47:8C:00:10:01 stands in line 2",
        "the id is empty",
        "twelve digits",
        "'daly2'",
        "3 columns and not 4",
    )
    assert all(word in sentence for word, sentence in zip(words, told, strict=True))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the columns must be id, address, family, serial"),
        (b"id,address\nBAT-1,C8478C001001\n", "the columns must be"),
        (b"id,address,family,serial,secret\n", "the columns must be"),
        (b"id;address;family;serial\nBAT-1;C8478C001001;jk;\n", "separated by commas"),
        (HEADER.encode(), "no battery follows"),
        ((HEADER + "BAT-1,C8478C001001,jk,\n").encode("utf-16"), "UTF-16"),
        (HEADER.encode() + b"BAT-1,C8478C001001,jk,\nBAT-\xe9,C8478C001002,jk,\n", "Line 3: it is not UTF-8"),
        ((HEADER + 'BAT-1,"C8478C001001"x,jk,\n').encode(), "no CSV"),
        ((HEADER + '"BAT-1,C8478C001001,jk,\n').encode(), "no CSV"),
        ((HEADER + "BAT\x00-1,C8478C001001,jk,\n").encode(), "cannot be read"),
        ((HEADER + f"BAT-1,C8478C001001,jk,{'9' * 200}\n").encode(), "serial"),
        (b"\x50\x4b\x03\x04" + bytes(range(256)), "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_said(content: bytes, words: str) -> None:
    file = read_binding_file(content, FAMILIES, "ATT-001", NOON)
    assert len(file.faults) == 1
    assert words in file.faults[0]


def test_faults_have_an_end() -> None:
    assert len(faults(HEADER + "BAT-1,x,jk,\n" * 1000)) == MAX_FAULTS
