"""`audit` and `doctor`: what was changed beside the program is found and named."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from kiosk.shared.record_chain import PURPOSE
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.record_files import STATION_KEY
from kiosk.station.adapters.station_store import open_station_store
from kiosk.station.adapters.store.sql_store import SqlStore
from tests.builders import NOON
from tests.cli.terminal import Terminal
from tests.station.adapters.store.tables import beside
from tests.station.adapters.store.values import ended_swap, message_of

KEY = SigningKey.from_seed(bytes(range(32)))


@pytest.fixture
def filled(terminal: Terminal) -> Terminal:
    """A counter with a key, where a swap was completed."""
    terminal.data.mkdir(exist_ok=True)
    KEY.keep(terminal.data / STATION_KEY)
    store = opened(terminal)
    store.audit(NOON, "enrolled", ids={"key": KEY.public.id})
    swap = ended_swap()
    store.complete(swap, message_of(swap, b'{"net_kwh": 3.2}'))
    store.audit(NOON, "signed out", who="ATT-1", detail="Amina said good night")
    store.close()
    return terminal


def opened(terminal: Terminal) -> SqlStore:
    return open_station_store(f"sqlite:///{terminal.data / 'kiosk.sqlite'}", terminal.data)


def change(terminal: Terminal, sql: str) -> None:
    with beside(terminal.data / "kiosk.sqlite") as connection:
        assert connection.execute(sql).rowcount > 0


def test_a_whole_record_is_exit_0(filled: Terminal) -> None:
    ran = filled.here("audit", "verify", "--json")
    assert (ran.code, ran.json["ok"], ran.json["rows"], ran.json["anchor"], ran.json["findings"]) == (0, True, 3, "anchored", [])
    assert "3 rows are as they were written. Sealed" in filled.here("audit", "verify").out


def test_without_a_key_it_says_not_anchored(terminal: Terminal) -> None:
    ran = terminal.here("audit", "verify", "--json")
    assert (ran.code, ran.json["anchor"]) == (0, "not anchored")
    assert "Not anchored" in terminal.here("audit", "verify").out


@pytest.mark.parametrize(
    ("sql", "fault", "rows"),
    [
        ("UPDATE audit SET who = 'ATT-9' WHERE number = 1", "changed", (1, 1)),
        ("DELETE FROM audit WHERE number = 1", "missing", (1, 1)),
        ("DELETE FROM audit WHERE number = 3", "cut off", (3, 3)),
        ("DELETE FROM audit", "cut off", (1, 3)),
    ],
)
def test_what_was_changed_is_exit_1_and_named_and_doctor_says_it(filled: Terminal, sql: str, fault: str, rows: tuple[int, int]) -> None:
    """D11: an emptied audit was ok to `doctor`."""
    change(filled, sql)
    ran = filled.here("audit", "verify", "--json")
    assert ran.code == 1
    assert (fault, *rows) in [(each["fault"], each["first"], each["last"]) for each in ran.json["findings"]]
    assert filled.here("audit", "verify").code == 1
    found = {each["name"]: each for each in filled.here("doctor", "--json", SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.3").json}
    assert (found["record"]["ok"], found["record"]["required"]) == (False, True)
    assert found["record"]["mend"]


def test_a_message_edited_by_hand_is_found(filled: Terminal) -> None:
    change(filled, "UPDATE outbox_steps SET payload = CAST(replace(CAST(payload AS TEXT), '3.2', '0.8') AS BLOB)")
    ran = filled.here("audit", "verify")
    assert ran.code == 1
    assert "is not the one that was recorded" in ran.out


def test_another_program_checks_what_is_exported(filled: Terminal) -> None:
    """With a JSON reader, SHA-256 and HMAC alone (docs/integrator/record.md)."""
    before, secret = "0" * 64, KEY.derive("swap-kiosk-audit-1")
    lines = filled.here("audit", "export").out.splitlines()
    for number, line in enumerate(lines, 1):
        row = json.loads(line)
        told, mac = row.pop("hash"), row.pop("mac")
        content = f"{PURPOSE}\n{json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}\n".encode()
        assert (row["number"], row["before"]) == (number, before)
        assert hashlib.sha256(content).hexdigest() == told
        assert hmac.new(secret, content, hashlib.sha256).hexdigest() == mac
        before = told
    assert len(lines) == 3
    assert not any("Amina" in line for line in lines)


def test_the_export_goes_into_a_file(filled: Terminal, tmp_path: Path) -> None:
    ran = filled.here("audit", "export", "--out", str(tmp_path / "record.jsonl"))
    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "record.jsonl").read_text() == filled.here("audit", "export").out
    refused = filled.here("audit", "export", "--out", str(tmp_path / "nowhere" / "record.jsonl"))
    assert refused.code == 2


def test_a_person_acknowledges_what_was_found(filled: Terminal) -> None:
    change(filled, "UPDATE audit SET who = 'ATT-9' WHERE number = 1")
    assert filled.here("audit", "acknowledge", "--by", "TEC-1", "--reason", "the disk was repaired").code == 0
    ran = filled.here("audit", "verify", "--json")
    assert (ran.code, ran.json["acknowledged"]["who"]) == (1, "TEC-1")
    found = {each["name"]: each for each in filled.here("doctor", "--json", SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.3").json}
    assert found["record"]["ok"]


def test_a_key_that_others_can_read_is_said_with_the_mend(filled: Terminal) -> None:
    (filled.data / STATION_KEY).chmod(0o644)
    ran = filled.here("audit", "verify")
    assert (ran.code, "chmod 600" in ran.err) == (2, True)
