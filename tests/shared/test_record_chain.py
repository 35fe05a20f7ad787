"""The record's rows: their bytes, and what a check of them finds."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.errors import BadInput
from kiosk.shared.record_chain import (
    BEGINNING,
    NOTHING,
    ChainCheck,
    Head,
    RecordFault,
    RecordFinding,
    RecordKey,
    RecordRow,
    exported,
    holds,
    message_digest,
    row_bytes,
    seal,
    text_digest,
)
from kiosk.shared.signing_keys import SigningKey

KEY = RecordKey.of(SigningKey.from_seed(bytes(range(32))))
OTHER = RecordKey.of(SigningKey.from_seed(bytes(32)))
AT = datetime(2026, 1, 31, 8, 15, 0, 123456, tzinfo=UTC)
FIRST = RecordRow(
    number=1,
    at=AT,
    act="completed",
    who="ATT-1",
    ids={"transaction": "TXN-1"},
    digests={"message-0": message_digest("TXN-1", "plan-1", "COMPLETE_SERVICE", "call/x", b"{}")},
    before=NOTHING,
)


def test_the_bytes_of_a_row_are_these() -> None:
    """The golden form: other programs make it too (docs/integrator/record.md)."""
    sealed = seal(FIRST, KEY)
    assert row_bytes(sealed).decode() == (
        "swap-kiosk-audit-1\n"
        '{"act":"completed","at":"2026-01-31T08:15:00.123456Z",'
        f'"before":"{"0" * 64}",'
        '"digests":{"message-0":"846e43330aa48a259a0ad2fc60162788dd93b8db03a8a960d5ba3b9c577f147d"},'
        '"ids":{"transaction":"TXN-1"},"key":"56475aa75463474c","number":1,"who":"ATT-1"}\n'
    )
    assert (sealed.hash, sealed.mac) == (  # as OpenSSL works them out
        "ac6723d7ca57efc0c997d5a04813bc8fabae08495860515e32c87cdcbc3e593a",
        "18ddcb7fbcafa5379240371bd235c3f2bf489cc53e5fac9ccd585bc77a9fbd59",
    )


def test_another_program_checks_a_row_with_a_json_reader_and_sha_256() -> None:
    row = seal(replace(FIRST, who="Zoë \U0001f50b", ids={"b": 'quo"te', "a": "back\\slash\nline"}), KEY)
    facts = json.loads(exported(row))
    told, mac = facts.pop("hash"), facts.pop("mac")
    content = f"swap-kiosk-audit-1\n{json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}\n".encode()
    assert told == hashlib.sha256(content).hexdigest() == row.hash
    assert mac == hmac.new(KEY.secret, content, hashlib.sha256).hexdigest()


def test_the_time_of_a_row_is_the_same_in_every_zone() -> None:
    there = replace(FIRST, at=AT.astimezone(timezone(timedelta(hours=3))))
    assert row_bytes(there) == row_bytes(FIRST)


def test_a_row_without_a_key_has_a_hash_alone() -> None:
    row = seal(FIRST, None)
    assert (row.key, row.mac, len(row.hash)) == ("", "", 64)
    assert holds(row, None)
    assert holds(row, KEY)  # of before enrolment: what comes after it decides


def test_a_mac_of_another_key_does_not_hold() -> None:
    forged = replace(seal(FIRST, OTHER), key=KEY.id)
    forged = replace(forged, hash=hashlib.sha256(row_bytes(forged)).hexdigest())
    assert not holds(forged, KEY)


def test_the_key_is_not_told() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)


@pytest.mark.parametrize(
    "text", ["", "0 " + NOTHING, "1", "01 " + NOTHING, "1 " + NOTHING[1:], f"1 {NOTHING} ", f"1\n{NOTHING}", "x" * 300]
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Head.read(text)


def test_a_head_is_a_row_number_a_space_and_a_hash() -> None:
    row = seal(FIRST, KEY)
    assert Head.read(row.head.text) == row.head == Head(1, row.hash)
    assert (row.head.text, BEGINNING.text) == (f"1 {row.hash}", "")


# ---------------------------------------------------------------- what a check finds


def chain(length: int, key: RecordKey | None = None) -> list[RecordRow]:
    rows: list[RecordRow] = []
    for number in range(1, length + 1):
        before = rows[-1].hash if rows else NOTHING
        rows.append(seal(replace(FIRST, number=number, who=f"ATT-{number % 3}", before=before), key))
    return rows


def check(
    rows: list[RecordRow], head: Head | None, key: RecordKey | None = None, acknowledged: Head | None = None
) -> list[tuple[RecordFault, int, int]]:
    """As the store does it: what stands at the number that the platform has is compared first."""
    checked = ChainCheck(key)
    for each in rows:
        if acknowledged is not None and each.number == acknowledged.number and each.hash != acknowledged.hash:
            checked.note(RecordFault.REPLACED, each.number, each.number)
        checked.take(each, "", "")
    checked.end(head, acknowledged)
    return [(each.fault, each.first, each.last) for each in checked.findings]


def rechained(rows: list[RecordRow], key: RecordKey | None) -> list[RecordRow]:
    """What somebody makes of rows who can write everything, and has this key or none."""
    made: list[RecordRow] = []
    for number, each in enumerate(rows, 1):
        made.append(seal(replace(each, number=number, before=made[-1].hash if made else NOTHING), key))
    return made


@pytest.mark.parametrize("key", [None, KEY])
def test_a_whole_chain_has_no_findings(key: RecordKey | None) -> None:
    rows = chain(9, key)
    assert check(rows, rows[-1].head, key, rows[4].head) == []


def edits(row: RecordRow, value: str) -> list[RecordRow]:
    return [
        replace(row, act=row.act + value),
        replace(row, who=row.who + value),
        replace(row, at=row.at + timedelta(microseconds=1)),
        replace(row, ids={**row.ids, "more": value}),
        replace(row, ids={}),
        replace(row, digests={**row.digests, "message-0": value}),
        replace(row, number=row.number + 100),
        replace(row, before=hashlib.sha256(value.encode()).hexdigest()),
        replace(row, hash=hashlib.sha256(value.encode()).hexdigest()),
        replace(row, mac=hashlib.sha256(value.encode()).hexdigest()),
    ]


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 12), st.data(), st.text(min_size=1, max_size=8), st.booleans())
def test_an_edit_of_any_row_is_found(length: int, data: st.DataObject, value: str, sealed: bool) -> None:  # noqa: FBT001  drawn
    key = KEY if sealed else None
    rows = chain(length, key)
    place = data.draw(st.integers(0, length - 1))
    changed = data.draw(st.sampled_from(edits(rows[place], value)))
    rows[place] = changed
    rows.sort(key=lambda row: row.number)
    assert check(rows, chain(length, key)[-1].head, key) != []


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 12), st.data())
def test_rows_taken_out_or_cut_off_are_found_and_named(length: int, data: st.DataObject) -> None:
    rows, first = chain(length), data.draw(st.integers(1, length))
    last = data.draw(st.integers(first, length))
    left = [each for each in rows if not first <= each.number <= last]
    fault = RecordFault.CUT if last == length else RecordFault.MISSING
    assert (fault, first, last) in check(left, rows[-1].head)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 10), st.data())
def test_rows_that_changed_places_are_found(length: int, data: st.DataObject) -> None:
    rows, whole = chain(length), chain(length)
    one, other = data.draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2, unique=True))
    rows[one], rows[other] = replace(rows[other], number=one + 1), replace(rows[one], number=other + 1)
    assert {(RecordFault.CHANGED, one + 1, one + 1), (RecordFault.CHANGED, other + 1, other + 1)} <= set(check(rows, whole[-1].head))


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 12), st.data(), st.sampled_from([None, OTHER]))
def test_who_cannot_read_the_key_changes_nothing_unseen(length: int, data: st.DataObject, theirs: RecordKey | None) -> None:
    """They write all rows anew, every hash right, and the record's own note of its end."""
    place = data.draw(st.integers(0, length - 1))
    rows = chain(length, KEY)
    rows[place] = replace(rows[place], who="SOMEBODY")
    forged = [*chain(length, KEY)[:place], *rechained(rows, theirs)[place:]]
    checked = ChainCheck(KEY)
    for each in forged:
        checked.take(each, "", "")
    checked.end(forged[-1].head)
    assert checked.findings or not checked.anchored


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 12), st.data())
def test_who_has_the_key_changes_nothing_unseen_that_the_platform_has(length: int, data: st.DataObject) -> None:
    whole = chain(length, KEY)
    acknowledged = data.draw(st.integers(1, length))
    place = data.draw(st.integers(0, acknowledged - 1))
    edited, cut = [*whole], data.draw(st.booleans())
    if cut:
        del edited[place:]
    else:
        edited[place] = replace(edited[place], who="SOMEBODY")
    forged = rechained(edited, KEY)
    head = forged[-1].head if forged else BEGINNING
    assert check(forged, head, KEY, whole[acknowledged - 1].head) != []


def test_what_was_said_is_proved_and_may_be_erased() -> None:
    row = seal(replace(FIRST, digests={"text": text_digest("salt", "he was in a hurry")}), None)
    cases = [
        ("salt", "he was in a hurry", [], 0),
        ("salt", "she was", [RecordFault.CHANGED], 0),
        ("", "", [], 1),
        ("", "words", [RecordFault.CHANGED], 1),
    ]
    for salt, text, faults, erased in cases:
        checked = ChainCheck(None)
        checked.take(row, salt, text)
        checked.end(row.head)
        assert ([each.fault for each in checked.findings], checked.erased) == (faults, erased)


def test_words_beside_a_row_that_has_none_are_found() -> None:
    checked = ChainCheck(None)
    checked.take(seal(FIRST, None), "salt", "somebody was here")
    assert [each.fault for each in checked.findings] == [RecordFault.CHANGED]


def test_rows_of_before_enrolment_are_whole_and_later_ones_need_the_seal() -> None:
    rows = chain(2)
    rows.append(seal(replace(FIRST, number=3, before=rows[-1].hash), KEY))
    assert check(rows, rows[-1].head, KEY) == []
    rows.append(seal(replace(FIRST, number=4, before=rows[-1].hash), None))
    assert check(rows, rows[-1].head, KEY) == [(RecordFault.UNSEALED, 4, 4)]


@pytest.mark.parametrize("fault", list(RecordFault))
def test_each_fault_has_a_sentence(fault: RecordFault) -> None:
    assert RecordFinding(fault=fault, first=3, last=5, about="TXN-1").sentence.endswith(".")
