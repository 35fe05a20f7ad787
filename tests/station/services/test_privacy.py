"""What is old names its customer no more; what waits does, however old."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound, StepImpossible, StoreFailed
from kiosk.domain.swap.pending_swaps import Settled
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.services.privacy import MAX_IN_A_ROUND, Customers, Retention
from tests.builders import NOON
from tests.station.adapters.store.values import begun_swap, ended_swap, make_payment, make_plan, message_of

PLAN = replace(make_plan(), customer_id="CUST-4711", customer_name="Amina Wanjiku")
KEEP = timedelta(days=90)
OLD, YOUNG = NOON - KEEP - timedelta(seconds=1), NOON - KEEP


class Clock:
    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(tmp_path / "kiosk.sqlite")
    yield store
    store.close()


@pytest.fixture
def archive(tmp_path: Path) -> FolderArchive:
    return FolderArchive(tmp_path / "receipts")


@pytest.fixture
def retention(store: SqlStore, archive: FolderArchive) -> Retention:
    return Retention(store, archive, Clock(), KEEP)


def settled(store: SqlStore, at: datetime) -> Swap:
    swap = ended_swap(plan=PLAN, payment=make_payment(f"PAY-{at.timestamp()}"), completed_at=at)
    store.complete(swap, message_of(swap, b'{"customer_id":"CUST-4711"}'))
    store.record_answer(Settled(correlation_id=swap.correlation_id, plan_id=PLAN.id, raw=b'{"customer_id":"CUST-4711"}'), at)
    return swap


async def test_an_old_swap_keeps_its_figures_and_loses_its_customer_receipt_and_bytes(
    store: SqlStore, archive: FolderArchive, retention: Retention, tmp_path: Path
) -> None:
    old = settled(store, OLD)
    for name in (old.correlation_id, f"{old.correlation_id}-copy-1", f"{old.correlation_id}0"):
        archive.keep(name, b"%PDF")
    assert await retention.forget_old(0) == 1
    found = store.completed_swap(old.correlation_id).swap
    assert found.plan.customer_id.startswith("erased-")
    assert not found.plan.customer_name
    assert (found.net_kwh, found.payments, found.completed_at, found.outgoing) == (
        old.net_kwh,
        old.payments,
        old.completed_at,
        old.outgoing,
    )
    assert store.outbox_entry(old.correlation_id).message.payload == b""
    assert [each.name for each in (tmp_path / "receipts").iterdir()] == [f"{old.correlation_id}0.pdf"]
    assert store.payment_used_at("MOBILE_MONEY", old.payments[0].receipt_id, except_swap="TXN-0") is not None
    assert b"Wanjiku" not in (tmp_path / "kiosk.sqlite").read_bytes()


async def test_a_young_swap_names_its_customer(store: SqlStore, retention: Retention) -> None:
    young = settled(store, YOUNG)
    assert await retention.forget_old(0) == 0
    assert store.completed_swap(young.correlation_id).swap == young


async def test_what_waits_is_kept_however_old(store: SqlStore, retention: Retention) -> None:
    unsettled = ended_swap(plan=PLAN, completed_at=OLD)
    store.complete(unsettled, message_of(unsettled, b'{"customer_id":"CUST-4711"}'))
    kept = begun_swap(plan=PLAN, started_at=OLD)
    store.save_swap(kept, OLD, "begun", set_aside=True)
    assert await retention.forget_old(0) == 0
    assert store.completed_swap(unsettled.correlation_id).swap == unsettled
    assert store.outbox_entry(unsettled.correlation_id).message.payload == b'{"customer_id":"CUST-4711"}'
    assert [each.swap for each in store.kept_swaps()] == [kept]


async def test_a_round_is_bounded_and_the_next_one_goes_on(store: SqlStore, retention: Retention, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_IN_A_ROUND <= 1000
    monkeypatch.setattr("kiosk.station.services.privacy.MAX_IN_A_ROUND", 5)
    for number in range(7):
        settled(store, OLD - timedelta(seconds=number))
    assert [await retention.forget_old(0) for _ in range(3)] == [5, 2, 0]


async def test_a_cached_plan_that_nobody_asked_for_goes_too(store: SqlStore, retention: Retention) -> None:
    store.put_plan(PLAN, OLD)
    store.put_plan(replace(PLAN, id="plan-young"), NOON)
    await retention.forget_old(0)
    assert [each.plan.id for each in store.plans()] == ["plan-young"]


async def test_a_journal_that_cannot_be_read_stops_nobody(store: SqlStore, retention: Retention) -> None:
    broken, whole = settled(store, OLD), settled(store, OLD - timedelta(days=1))
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE swaps SET journal = '{' WHERE correlation_id = ?", (broken.correlation_id,))
    assert await retention.forget_old(0) == 2
    assert store.completed_swap(whole.correlation_id).swap.plan.customer_id.startswith("erased-")


async def test_one_customer_is_erased_with_the_receipts_and_exported_before(
    store: SqlStore, archive: FolderArchive, tmp_path: Path
) -> None:
    customers, swap = Customers(store, archive, Clock()), settled(store, NOON)
    archive.keep(swap.correlation_id, b"%PDF")
    assert [each["correlation_id"] for each in customers.export("CUST-4711")["swaps"]] == [swap.correlation_id]
    assert customers.erase("CUST-4711").swaps == (swap.correlation_id,)
    assert list((tmp_path / "receipts").iterdir()) == []
    for act in (customers.erase, customers.export):
        with pytest.raises(NotFound):
            act("CUST-4711")


async def test_what_waits_keeps_its_receipt_too(store: SqlStore, archive: FolderArchive, tmp_path: Path) -> None:
    waiting = ended_swap(plan=PLAN)
    store.complete(waiting, message_of(waiting))
    archive.keep(waiting.correlation_id, b"%PDF")
    with pytest.raises(StepImpossible, match=waiting.correlation_id):
        Customers(store, archive, Clock()).erase("CUST-4711")
    assert len(list((tmp_path / "receipts").iterdir())) == 1


async def test_a_store_that_fails_ends_no_background_work(
    store: SqlStore, retention: Retention, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kiosk.station.services.privacy.FIRST", timedelta())
    monkeypatch.setattr("kiosk.station.services.privacy.EVERY", timedelta())

    def fail(_before: datetime) -> int:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(store, "forget_plans", fail)
    work = asyncio.create_task(retention.run())
    while caplog.text.count("the disk is full") < 2:
        await asyncio.sleep(0.01)
    assert not work.done()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
