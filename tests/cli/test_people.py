"""`people` and `--as`: who acts at the terminal, where people are set up; without any all is as it was."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk.domain.swap.pending_swaps import Rejected
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from tests.builders import NOON, plan_of
from tests.cli.terminal import COMMAND, Ran, Terminal
from tests.station.adapters.store.values import ended_swap, message_of

PINS = {"TECH-1": "836152", "SUP-7": "940271", "SUP-8": "718305", "ATT-2": "4071"}
FIRST = {"supervisor": "582736", "attendant": "5827"}


def pin_file(terminal: Terminal, pin: str) -> str:
    path = terminal.folder / f"pin-{pin}"
    path.write_text(f"{pin}\n")
    path.chmod(0o600)
    return str(path)


def acting(terminal: Terminal, person_id: str, pin: str = "") -> tuple[str, ...]:
    return ("--as", person_id, "--pin-file", pin_file(terminal, pin or PINS[person_id.upper()]))


@pytest.fixture
def staffed(terminal: Terminal) -> Terminal:
    """A technician, two supervisors and an attendant, each with a PIN of their own."""
    tech = PINS["TECH-1"]
    done = terminal.here("people", "technician", "TECH-1", "--name", "Tea", "--new-pin-file", pin_file(terminal, tech))
    assert done.code == 0, done.err
    for person_id, role in (("SUP-7", "supervisor"), ("SUP-8", "supervisor"), ("ATT-2", "attendant")):
        first = pin_file(terminal, FIRST[role])
        added = terminal.here(
            "people", "add", person_id, "--name", person_id, "--role", role, "--new-pin-file", first, *acting(terminal, "TECH-1")
        )
        assert added.code == 0, added.err
        own = ("--pin-file", first, "--new-pin-file", pin_file(terminal, PINS[person_id]))
        assert terminal.here("people", "pin", person_id, *own).code == 0
    return terminal


def store_of(terminal: Terminal) -> SqlStore:
    return open_store(terminal.data / "kiosk.sqlite")


def refused_completion(terminal: Terminal) -> str:
    """One that waits for a person."""
    store, swap = store_of(terminal), ended_swap()
    store.complete(swap, message_of(swap))
    store.record_answer(Rejected(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}", reason="no", signals=()), NOON)
    store.close()
    return swap.correlation_id


def states(terminal: Terminal) -> list[str]:
    return [each["state"] for each in terminal.here("outbox", "list", "--json").json]


def test_nobody_resolves_a_refusal_without_a_supervisors_pin(staffed: Terminal) -> None:
    swap_id = refused_completion(staffed)
    resolve = ("outbox", "resolve", swap_id, "--note", "told the office")
    for more, code in (
        ((), 2),
        (acting(staffed, "ATT-2"), 1),
        (acting(staffed, "SUP-7", "111222"), 1),
        (acting(staffed, "SUP-9", PINS["SUP-7"]), 1),
        (("--as", "SUP-7", "--pin-file", str(staffed.folder / "none")), 2),
    ):
        ran = staffed.here(*resolve, *more)
        assert (ran.code, ran.out) == (code, ""), ran.err
        assert states(staffed) == ["refused"]
    assert staffed.here(*resolve, *acting(staffed, "sup-7")).code == 0
    assert states(staffed) == []


def test_without_people_a_refusal_is_resolved_as_before(terminal: Terminal) -> None:
    swap_id = refused_completion(terminal)
    assert terminal.here("outbox", "resolve", swap_id, "--note", "told the office").code == 0
    assert states(terminal) == []


def test_wrong_pins_at_the_terminal_lock_and_say_until_when(staffed: Terminal) -> None:
    swap_id = refused_completion(staffed)
    wrong = ("outbox", "resolve", swap_id, "--note", "x", *acting(staffed, "SUP-7", "903164"))
    said = [staffed.here(*wrong).err for _ in range(5)]
    assert "4 tries are left" in said[0]
    assert "Too many wrong PINs" in said[4]
    right = staffed.here("outbox", "resolve", swap_id, "--note", "x", *acting(staffed, "SUP-7"))
    assert (right.code, states(staffed)) == (1, ["refused"])
    (locked,) = [each for each in staffed.here("people", "list", "--json").json if each["locked_seconds"]]
    assert locked["id"] == "SUP-7"
    assert staffed.here("outbox", "resolve", swap_id, "--note", "x", *acting(staffed, "SUP-8")).code == 0
    assert staffed.here("people", "unlock", "SUP-7", *acting(staffed, "SUP-8")).code == 1
    assert staffed.here("people", "unlock", "SUP-7", *acting(staffed, "TECH-1")).code == 0


def test_a_swap_and_a_refund_ask_who_acts_before_anything_begins(staffed: Terminal) -> None:
    swap = ("swap", "--customer", "plan-1", "--outgoing", "BAT-67890")
    back = ("money", "back", "TXN-1", "--way", "cash", "--supervisor", "SUP-7", "--reason", "no battery")
    for command in (swap, back):
        ran = staffed.here(*command)
        assert ran.code == 2
        assert "--as" in ran.err
    wrong = staffed.here(*swap, *acting(staffed, "ATT-2", "9063"))
    assert (wrong.code, "The PIN is wrong" in wrong.err) == (1, True)


def test_plans_are_brought_in_by_a_supervisor(staffed: Terminal) -> None:
    file = str(staffed.plan_file(plan_of()))
    assert staffed.here("plans", "import", file).code == 2
    assert staffed.here("plans", "import", file, *acting(staffed, "ATT-2")).code == 1
    assert staffed.here("plans", "list", "--json").json == []
    assert staffed.here("plans", "import", file, *acting(staffed, "SUP-7")).code == 0


def test_bindings_are_made_by_somebody_who_is_known_and_ended_by_a_supervisor(staffed: Terminal) -> None:
    csv = staffed.folder / "fleet.csv"
    csv.write_text("id,address,family,serial\nBAT-1,C8:47:8C:00:10:01,jk,\n")
    assert staffed.here("battery", "import", str(csv), "--by", "SUP-7").code == 2
    assert staffed.here("battery", "import", str(csv), *acting(staffed, "ATT-2")).code == 1
    assert staffed.here("battery", "import", str(csv), *acting(staffed, "SUP-7")).code == 0
    (bound,) = staffed.here("battery", "bindings", "--json").json
    assert bound["bound_by"] == "SUP-7"
    assert staffed.here("battery", "unbind", "BAT-1", "--note", "broken", "--by", "SUP-7").code == 2
    assert staffed.here("battery", "unbind", "BAT-1", "--note", "broken", *acting(staffed, "ATT-2")).code == 1
    assert staffed.here("battery", "unbind", "BAT-1", "--note", "broken", *acting(staffed, "SUP-7")).code == 0


def test_a_first_pin_does_nothing_before_it_is_changed(staffed: Terminal) -> None:
    swap_id = refused_completion(staffed)
    new = pin_file(staffed, "395174")
    assert staffed.here("people", "pin", "SUP-7", "--new-pin-file", new, *acting(staffed, "TECH-1")).code == 0
    ran = staffed.here("outbox", "resolve", swap_id, "--note", "x", *acting(staffed, "SUP-7", "395174"))
    assert ran.code == 1
    assert "must be changed first" in ran.err


def test_no_technician_is_made_a_second_time_without_the_way_back(staffed: Terminal) -> None:
    make = ("people", "technician", "EVIL-1", "--name", "Eve", "--new-pin-file", pin_file(staffed, "620483"))
    assert staffed.here(*make).code == 1
    assert "EVIL-1" not in staffed.here("people", "list").out
    (staffed.data / "technician-way-back").touch()
    assert staffed.here(*make).code == 0
    assert not (staffed.data / "technician-way-back").exists()
    store = store_of(staffed)
    acts = [row.what for row in store.rows(text("SELECT what FROM audit"))]
    store.close()
    assert "technician made by the way back" in acts


def test_a_badge_is_printed_once_and_stands_nowhere(staffed: Terminal) -> None:
    made = staffed.here("people", "badge", "ATT-2", *acting(staffed, "TECH-1"))
    code = made.out.strip()
    assert code.startswith("SKB1.")
    kept = b"".join(each.read_bytes() for each in staffed.data.rglob("*") if each.is_file())
    assert code.encode() not in kept
    assert code[5:].encode() not in kept
    swap = staffed.here("swap", "--customer", code, "--outgoing", "BAT-67890", *acting(staffed, "ATT-2"))
    assert swap.code == 1
    assert code[5:] not in swap.err


def test_the_pin_is_read_from_a_pipe_or_asked_for_unseen(staffed: Terminal) -> None:
    swap_id = refused_completion(staffed)
    piped = staffed.run("outbox", "resolve", "TXN-NONE", "--note", "x", "--as", "SUP-7", given=b"940271\n")
    assert piped.code == 1
    assert "TXN-NONE" in piped.err
    without = staffed.run("outbox", "resolve", swap_id, "--note", "x", "--as", "SUP-7")
    assert (without.code, states(staffed)) == (2, ["refused"])
    assert "no terminal to ask for the PIN of SUP-7" in without.err
    asked = at_a_terminal(staffed, ("outbox", "resolve", swap_id, "--note", "x", "--as", "SUP-7"), "940271")
    assert (asked.code, states(staffed)) == (0, [])
    assert "PIN of SUP-7" in asked.out
    assert "940271" not in asked.out


def at_a_terminal(terminal: Terminal, arguments: tuple[str, ...], typed: str) -> Ran:
    """The command on a terminal of its own, where somebody types when asked."""
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=terminal.variables(),
        cwd=terminal.folder,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while b"PIN of" not in shown:
            shown += os.read(own, 1000)
        os.write(own, f"{typed}\n".encode())
        code = process.wait(60)
        while chunk := _read(own):
            shown += chunk
    finally:
        process.kill()
        process.wait()
        os.close(own)
    return Ran(code, shown.decode(), "")


def _read(number: int) -> bytes:
    try:
        return os.read(number, 1000)
    except OSError:  # Linux: everybody has closed the other side
        return b""


def test_a_pin_file_that_others_can_write_is_refused_and_one_that_they_can_read_is_said(staffed: Terminal) -> None:
    swap_id = refused_completion(staffed)
    path = Path(pin_file(staffed, PINS["SUP-7"]))
    path.chmod(0o666)
    resolve = ("outbox", "resolve", swap_id, "--note", "x", "--as", "SUP-7", "--pin-file", str(path))
    refused = staffed.here(*resolve)
    assert (refused.code, "chmod 600" in refused.err) == (2, True)
    path.chmod(0o644)
    said = staffed.here(*resolve)
    assert (said.code, "can be read by others" in said.err) == (0, True)


def test_doctor_says_whether_anybody_is_set_up(terminal: Terminal) -> None:
    def finding() -> dict[str, object]:
        (found,) = [each for each in terminal.here("doctor", "--json").json if each["name"] == "people"]
        return dict(found)

    before = finding()
    assert before["ok"]
    assert "Nobody is set up" in str(before["what"])
    made = terminal.here("people", "technician", "TECH-1", "--name", "Tea", "--new-pin-file", pin_file(terminal, "836152"))
    assert made.code == 0
    assert finding()["what"] == "1 person may sign in."
    (terminal.data / "people-pepper").unlink()
    after = finding()
    assert not after["ok"]
    assert "Without a usable PIN: TECH-1." in str(after["what"])


def test_the_pepper_lies_beside_the_database_for_its_owner_alone(staffed: Terminal) -> None:
    pepper = staffed.data / "people-pepper"
    assert pepper.stat().st_mode & 0o777 == 0o600
    secret = pepper.read_bytes().strip()
    assert all(secret not in each.read_bytes() for each in staffed.data.glob("kiosk.sqlite*"))
