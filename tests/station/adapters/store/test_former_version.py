"""A kiosk's database of version 513e648 (tests/fixtures/513e648): opened by today's code it loses nothing, and its swaps go on."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from kiosk.domain.errors import PaymentUsed, StepImpossible
from kiosk.domain.swap.pending_swaps import Settled
from kiosk.station.adapters.store.migrations import HEAD
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.ports import OutboxEntry, OutboxState
from tests.builders import NOON
from tests.cli.terminal import Terminal
from tests.former import counts, restore
from tests.station.adapters.store.tables import read
from tests.station.services.conftest import Counter
from tests.station.services.test_outbox import running, until

CHECKIN, CHECKOUT, REPORT = "EQUIPMENT_CHECKIN", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY"
WHOLE = "COMPLETE_SERVICE"


def swap_id(number: int) -> str:
    return f"TXN-{number:026}"


def number_of(correlation_id: str) -> int:
    return int(correlation_id.removeprefix("TXN-"))


@pytest.fixture
def former(database: Path) -> Path:
    return restore("513e648", "kiosk", database)


@pytest.fixture
def opened(former: Path) -> Iterator[SqlStore]:
    """The former database in today's store."""
    store = open_store(former)
    yield store
    store.close()


def answered(entry: OutboxEntry) -> Settled:
    message = entry.message
    return Settled(correlation_id=message.correlation_id, plan_id=message.plan_id, raw=b"{}", action=message.action)


def test_no_row_is_lost_and_the_schema_is_todays(former: Path) -> None:
    before = counts(former)
    open_store(former).close()
    after = counts(former)
    assert {name: after[name] for name in before} == before
    assert all(before.values()), "every table of that version holds something"
    assert read(former, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_each_completion_stands_where_it_stood(opened: SqlStore) -> None:
    entries = [opened.outbox_entry(swap_id(number)) for number in range(1, 13)]
    assert [(each.state.value, each.message.action, each.steps_after) for each in entries] == [
        ("settled", WHOLE, 0),
        ("refused", WHOLE, 0),
        ("resolved", WHOLE, 0),
        ("unsettled", WHOLE, 0),
        ("unsettled", WHOLE, 0),
        ("unsettled", CHECKIN, 2),
        ("unsettled", CHECKOUT, 1),
        ("refused", CHECKOUT, 1),
        ("settled", REPORT, 0),
        ("unsettled", WHOLE, 0),
        ("unsettled", WHOLE, 0),
        ("unsettled", WHOLE, 0),
    ]
    assert [(each.tries, each.reason, each.note) for each in entries[1:4]] == [
        (1, "the plan has ended", ""),
        (0, "the plan has ended", "recorded by the office"),
        (1, "", ""),
    ]


def test_swaps_are_read_with_their_batteries_and_energy(opened: SqlStore) -> None:
    swaps = {number_of(each.swap.correlation_id): each for each in opened.history()}
    assert sorted(swaps) == [*range(1, 13)]
    first, new_customer = swaps[1], swaps[5].swap
    assert first.swap.incoming is not None
    assert first.swap.outgoing is not None
    assert (first.swap.incoming.battery_id, first.swap.outgoing.battery_id, str(first.swap.net_kwh)) == ("BAT-10", "BAT-109", "25.6")
    assert (first.copies, first.swap.completed_at) == (1, NOON + timedelta(minutes=1))
    assert (new_customer.incoming, new_customer.plan.first_visit) == (None, True)


def test_swaps_begun_and_not_completed_are_offered_again(opened: SqlStore) -> None:
    kept = [(number_of(each.swap.correlation_id), each.set_aside, each.swap.paid) for each in opened.kept_swaps()]
    assert kept == [(15, False, False), (14, False, False), (13, True, True)]


def test_payments_are_read_in_full(opened: SqlStore) -> None:
    in_parts, overridden = opened.completed_swap(swap_id(11)).swap, opened.completed_swap(swap_id(12)).swap
    assert [(each.receipt_id, each.method, each.amount) for each in in_parts.payments] == [
        ("PAY-1", "MOBILE_MONEY", Decimal(5)),
        ("PAY-2", "CASH", Decimal("7.48")),
    ]
    assert overridden.payment is not None
    assert "SUP-001" in repr(overridden.payment)


@pytest.mark.parametrize(("method", "receipt_id"), [("MOBILE_MONEY", "PAY-78910"), ("CASH", "PAY-2"), ("CASH", "PAY-4")])
def test_a_receipt_that_paid_then_pays_nothing_now(opened: SqlStore, method: str, receipt_id: str) -> None:
    assert opened.payment_used_at(method, receipt_id, except_swap="TXN-1") == NOON + timedelta(minutes=10)


def test_plans_are_cached_and_the_sync_goes_on(opened: SqlStore) -> None:
    assert len(opened.plans()) == 18
    cached = opened.plan("plan-30")
    assert cached is not None
    assert (cached.plan.customer_id, cached.plan.current_asset, cached.as_of) == ("CUST-30", "BAT-30", NOON + timedelta(minutes=10))
    place = opened.sync_place("STATION_XYZ")
    assert place is not None
    assert (place.cursor, place.fresh_at) == ("C-17", NOON + timedelta(minutes=10))


def test_readings_that_wait_still_wait(opened: SqlStore, former: Path) -> None:
    assert [each.battery_id for each in opened.readings_to_report(9)] == ["BAT-12"]
    assert read(former, "SELECT battery_id, state, reason FROM readings ORDER BY number") == [
        ("BAT-10", "reported", ""),
        ("BAT-11", "refused", "the time lies in the future"),
        ("BAT-12", "queued", ""),
    ]


def test_the_audit_is_whole(opened: SqlStore, former: Path) -> None:
    entries = read(former, "SELECT what, detail FROM audit ORDER BY number")
    assert len(entries) == 83
    assert ("resolved", "recorded by the office") in entries
    assert entries[-1] == ("receipt from the terminal", "")


async def test_every_open_completion_is_sent_with_its_former_bytes_and_settled(opened: SqlStore, former: Path) -> None:
    counter = Counter(opened)
    stored = {bytes(each) for (each,) in read(former, "SELECT payload FROM outbox_steps")}
    async with running(counter):
        for number in range(5 + 3 + 2):  # five in one message, all steps of the sixth swap, the rest of the seventh's
            await until(lambda number=number: len(counter.channel.sent) > number)  # type: ignore[misc]  # bound now
            counter.channel.settle(counter.channel.sent[number])
            counter.outbox.catch_up()
    assert opened.outbox_counts().unsettled == 0
    assert {each.payload for each in counter.channel.sent} <= stored


def test_a_refused_completion_is_sent_again_and_settled(opened: SqlStore) -> None:
    for number in (2, 8):
        opened.retry(swap_id(number), NOON)
        while opened.outbox_entry(swap_id(number)).state is OutboxState.UNSETTLED:
            opened.record_answer(answered(opened.outbox_entry(swap_id(number))), NOON)
        assert opened.outbox_entry(swap_id(number)).state is OutboxState.SETTLED


async def test_a_kept_swap_that_is_paid_is_resumed_and_completed(opened: SqlStore) -> None:
    counter = Counter(opened)
    counter.clock.wall = NOON + timedelta(minutes=20)
    (kept,) = (each for each in opened.kept_swaps() if each.set_aside)
    counter.know(kept.swap.plan)
    done = await counter.swaps.complete(await counter.swaps.resume(kept.swap.correlation_id))
    assert [each.receipt_id for each in done.payments] == ["PAY-4"]
    assert opened.outbox_entry(done.correlation_id).state is OutboxState.UNSETTLED
    with pytest.raises(StepImpossible):
        await counter.swaps.leave(done, "changed his mind")


async def test_a_receipt_of_before_does_not_pay_a_swap_of_today(opened: SqlStore) -> None:
    counter = Counter(opened)
    counter.clock.wall = NOON + timedelta(minutes=20)
    running_swap = next(each.swap for each in opened.kept_swaps() if number_of(each.swap.correlation_id) == 14)
    counter.know(running_swap.plan)
    swap = await counter.swaps.resume(running_swap.correlation_id)
    swap = await counter.swaps.drop_payment(swap, PaymentUsed("MOBILE_MONEY", "PAY-5"))
    with pytest.raises(PaymentUsed):
        await counter.swaps.take_payment(swap, Decimal("12.48"), "PAY-78910", "MOBILE_MONEY")


# ---------------------------------------------------------------- from the terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.configure()
    restore("513e648", "kiosk", terminal.data / "kiosk.sqlite")
    return terminal


def test_history_lists_what_that_version_completed(terminal: Terminal) -> None:
    swaps = terminal.here("history", "--json").json
    assert len(swaps) == 12
    assert swaps[-1] == {
        "correlation_id": swap_id(1),
        "plan_id": "plan-10",
        "incoming_battery_id": "BAT-10",
        "outgoing_battery_id": "BAT-109",
        "net_kwh": Decimal("25.6"),
        "state": "settled",
        "transaction_timestamp": "2025-01-15T10:31:00Z",
    }


def test_outbox_list_shows_what_that_version_left_open(terminal: Terminal) -> None:
    entries = terminal.here("outbox", "list", "--json").json
    assert [(number_of(each["correlation_id"]), each["state"], each["step"]) for each in entries] == [
        (2, "refused", WHOLE),
        (4, "unsettled", WHOLE),
        (5, "unsettled", WHOLE),
        (6, "unsettled", CHECKIN),
        (7, "unsettled", CHECKOUT),
        (8, "refused", CHECKOUT),
        (10, "unsettled", WHOLE),
        (11, "unsettled", WHOLE),
        (12, "unsettled", WHOLE),
    ]


@pytest.mark.parametrize(("number", "copy", "words"), [(1, 2, "25.6"), (11, 1, "PAY-2")])
def test_a_receipt_of_that_version_is_printed_again(terminal: Terminal, number: int, copy: int, words: str) -> None:
    path = terminal.folder / "receipt.pdf"
    assert terminal.here("receipt", swap_id(number), "--out", str(path)).code == 0
    document = pypdfium2.PdfDocument(path)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert f"copy {copy}" in text.lower()
    assert words in text
