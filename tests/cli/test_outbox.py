"""`outbox` and `swap` while the platform is away: nothing is lost, nothing is booked twice, and a refusal waits for a person."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from kiosk.domain.swap.pending_swaps import Rejected
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto
from tests.builders import NOON, plan_with, rolled_back
from tests.cli.terminal import Terminal, platform_process
from tests.platform.agent_counter import count, rows
from tests.station.adapters.store.values import ended_swap, message_of

PLAN = "plan-1"
SWAP = ("swap", "--customer", PLAN, "--returned", "BAT-12345", "--outgoing", "BAT-67890", "--json")
PAID = ("--payment-amount", "1.28", "--payment-receipt-id", "mp4471", "--payment-method", "MOBILE_MONEY")
HURRY = {"SWAP_KIOSK_MQTT__ANSWER_SECONDS": "0.3", "SWAP_KIOSK_MQTT__CONFIRM_SECONDS": "0.3"}


def test_a_swap_without_the_platform_waits_in_the_outbox_and_is_settled_by_a_retry(
    terminal: Terminal, own_mosquitto: Callable[..., Mosquitto]
) -> None:
    broker = own_mosquitto()
    terminal.configure(broker)
    plan = replace(plan_with(), id=PLAN)
    terminal.here("plans", "import", str(terminal.plan_file(plan)))
    swapped = terminal.here(*SWAP, "--wait", "0.5", **HURRY)
    assert (swapped.code, swapped.json["settled"]) == (0, False)
    assert "safe on this kiosk" in swapped.err
    correlation_id = swapped.json["metadata"]["transaction_id"]
    (waiting,) = terminal.here("outbox", "list", "--json").json
    assert (waiting["correlation_id"], waiting["plan_id"], waiting["state"]) == (correlation_id, PLAN, "unsettled")
    assert correlation_id in terminal.here("outbox", "list").out
    left = terminal.here("outbox", "retry", "--wait", "0.3")
    assert (left.code, left.err) == (1, f"{correlation_id} is unsettled\n")
    with platform_process(broker, terminal.folder / "platform", plan) as books:
        retried = terminal.run("outbox", "retry", correlation_id)
        assert (retried.code, retried.err) == (0, "")
        assert terminal.here("outbox", "retry").code == 0
    assert terminal.here("outbox", "list", "--json").json == []
    assert [each["state"] for each in terminal.here("history", "--json").json] == ["settled"]
    assert rows(books, "SELECT correlation_id FROM platform_service_events") == [(correlation_id,)]


def test_a_payment_that_waits_for_the_platforms_word_goes_on_when_the_command_is_given_again(
    terminal: Terminal, own_mosquitto: Callable[..., Mosquitto]
) -> None:
    broker = own_mosquitto()
    terminal.configure(broker)
    plan = replace(plan_with(used_kwh="398"), id=PLAN)
    terminal.here("plans", "import", str(terminal.plan_file(plan)))
    kept = terminal.here(*SWAP, *PAID, **HURRY)
    assert (kept.code, kept.out) == (1, "")
    assert "MP4471" in kept.err
    with platform_process(broker, terminal.folder / "platform", plan) as books:
        ran = terminal.here(*SWAP, *PAID)
    assert (ran.code, ran.json["settled"]) == (0, True)
    assert f"{ran.json['metadata']['transaction_id']} was kept with this payment" in ran.err
    assert rows(books, "SELECT amount FROM platform_payment_events") == [("1.28",)]
    assert count(books, "service_events") == 1


def test_a_swap_by_the_older_sequence_is_one_entry_that_names_its_step(terminal: Terminal, own_mosquitto: Callable[..., Mosquitto]) -> None:
    broker = own_mosquitto()
    terminal.configure(broker)
    plan = rolled_back(replace(plan_with(), id=PLAN))
    terminal.here("plans", "import", str(terminal.plan_file(plan)))
    swapped = terminal.here(*SWAP, "--wait", "0.3", **HURRY)
    assert (swapped.code, swapped.json["settled"]) == (0, False)
    assert swapped.json["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert swapped.json["metadata"]["receipt"]["batteries_swapped"] == {"returned": "BAT-12345", "issued": "BAT-67890"}
    (waiting,) = terminal.here("outbox", "list", "--json").json
    assert (waiting["state"], waiting["step"]) == ("unsettled", "EQUIPMENT_CHECKIN")
    with platform_process(broker, terminal.folder / "platform", plan) as books:
        assert terminal.here("outbox", "retry", waiting["correlation_id"]).code == 0
    (row,) = terminal.here("history", "--json").json
    assert (row["correlation_id"], row["state"]) == (waiting["correlation_id"], "settled")
    assert [action for (action,) in rows(books, "SELECT action FROM platform_transactions ORDER BY number")] == [
        "EQUIPMENT_CHECKIN",
        "EQUIPMENT_CHECKOUT",
        "REPORT_ATTENDANT_ACTIVITY",
    ]


def refused_completion(terminal: Terminal) -> str:
    """A completion that the platform has refused after the customer left."""
    store = open_store(terminal.data / "kiosk.sqlite")
    done = ended_swap()
    store.complete(done, message_of(done))
    store.record_answer(
        Rejected(correlation_id=done.correlation_id, plan_id=done.plan.id, raw=b"{}", reason="no such battery", signals=()), NOON
    )
    store.close()
    return done.correlation_id


def test_a_refused_completion_stays_until_a_person_resolves_it(terminal: Terminal) -> None:
    correlation_id = refused_completion(terminal)
    (entry,) = terminal.here("outbox", "list", "--json").json
    assert (entry["state"], entry["reason"]) == ("refused", "no such battery")
    assert terminal.here("outbox", "resolve", correlation_id, "--note", " ").code == 2
    assert terminal.here("outbox", "resolve", correlation_id, "--note", "booked by hand").code == 0
    assert terminal.here("outbox", "list", "--json").json == []
    (row,) = terminal.here("history", "--json").json
    assert (row["state"], row["net_kwh"]) == ("refused", Decimal("25.6"))


def test_a_note_from_a_terminal_of_another_character_set_is_kept(terminal: Terminal) -> None:
    assert terminal.here("outbox", "resolve", refused_completion(terminal), "--note", "pay\udce9 \u202ecash\r\n").code == 0


def test_a_refused_completion_can_be_sent_again(terminal: Terminal) -> None:
    correlation_id = refused_completion(terminal)
    ran = terminal.here("outbox", "retry", correlation_id, "--wait", "0")
    assert (ran.code, ran.err) == (1, f"{correlation_id} is unsettled\n")


def test_an_unknown_completion_is_refused_by_its_id(terminal: Terminal) -> None:
    for arguments in (("retry", "TXN-9", "--wait", "0"), ("resolve", "TXN-9", "--note", "gone")):
        ran = terminal.here("outbox", *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert "TXN-9" in ran.err


def test_what_waits_and_what_was_refused_is_exported_byte_for_byte(terminal: Terminal, tmp_path: Path) -> None:
    terminal.configure()
    store = open_store(terminal.data / "kiosk.sqlite")
    waiting, refused = ended_swap("TXN-1"), ended_swap("TXN-2", completed_at=NOON + timedelta(minutes=1))
    messages = [message_of(each) for each in (waiting, refused)]
    for swap, message in zip((waiting, refused), messages, strict=True):
        store.complete(swap, message)
    no = Rejected(correlation_id="TXN-2", plan_id=refused.plan.id, raw=b"{}", reason="no", signals=("SERVICE_COMPLETION_FAILED",))
    store.record_answer(no, NOON)
    store.close()
    file = tmp_path / "waiting.json"
    ran = terminal.here("outbox", "export", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert "2 completions are in" in ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    document = loads(file.read_bytes())
    assert document["station"] == "STATION_XYZ"
    assert [(each["correlation_id"], each["state"]) for each in document["completions"]] == [("TXN-1", "unsettled"), ("TXN-2", "refused")]
    for each, message in zip(document["completions"], messages, strict=True):
        (sent,) = each["messages"]
        assert (base64.b64decode(sent["payload"]), sent["topic"], sent["action"]) == (message.payload, message.topic, message.action)
        assert sent["sha256"] == hashlib.sha256(message.payload).hexdigest()
    assert len(terminal.here("outbox", "list", "--json").json) == 2
    unwritable = terminal.here("outbox", "export", str(tmp_path / "nowhere" / "file.json"))
    assert unwritable.code == 2
    assert "cannot be written" in unwritable.err
