"""Numbers of acts with money: each is used once, whoever writes and whoever is killed (decision 31)."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.approval import Approval
from kiosk.domain.errors import NotFound, PaymentTooSmall, StoreFailed
from kiosk.domain.money.cash import MoneyAct, number_in, numbered, series_of
from kiosk.domain.money.money import check_receipt
from kiosk.domain.money.payments import check_form
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from tests.builders import NOON
from tests.station.adapters.store.tables import column
from tests.station.adapters.store.values import begun_swap, make_payment

STATION = "STATION_XYZ"
SERIES = f"CASH-{STATION}"
APPROVED = Approval(supervisor="SUP-7", reason="no battery is fit")


def cash(store: SqlStore, swap: Swap) -> Swap:
    return store.save_cash(STATION, NOON, Decimal(20), "", lambda number: replace(swap, payment=make_payment(number, "CASH")))


def begun(store: SqlStore) -> Swap:
    swap = begun_swap()
    store.save_swap(swap, NOON, "begun")
    return swap


def run(database: Path, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.station.adapters.store.cash_writer", str(database), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_programs_never_use_a_number_twice_and_leave_none_out(database: Path) -> None:
    open_store(database).close()
    with run(database, 25) as one, run(database, 25) as other:
        told = [each.communicate(timeout=60) for each in (one, other)]
    assert [complaint for _, complaint in told] == ["", ""]
    numbers = sorted(number for out, _ in told for number in out.split())
    assert numbers == [f"{SERIES}-{number:06d}" for number in range(1, 51)]


@pytest.mark.parametrize("after", [1, 7, 23])
def test_a_kill_loses_no_number_and_uses_none_twice(database: Path, after: int) -> None:
    with run(database, 10_000) as writer:
        assert writer.stdout is not None
        reported = [writer.stdout.readline().strip() for _ in range(after)]
        writer.kill()
        rest, _complaint = writer.communicate(timeout=30)
    store = open_store(database)
    cash(store, begun(store))
    stored = [each.number for each in reversed(store.money_book(10_000))]
    store.close()
    assert stored == [f"{SERIES}-{number:06d}" for number in range(1, len(stored) + 1)]
    assert set(reported) | set(rest.split()) <= set(stored)
    paid = column(database, "SELECT receipt_id FROM payments ORDER BY receipt_id")
    assert paid == stored  # the act and the receipt that pays are one transaction


def test_a_step_that_fails_gives_its_number_back(store: SqlStore) -> None:
    swap = begun(store)

    def refuse(_number: str) -> Swap:
        raise PaymentTooSmall(Decimal(1), "USD")

    with pytest.raises(PaymentTooSmall):
        store.save_cash(STATION, NOON, Decimal(5), "", refuse)
    assert cash(store, swap).payments[-1].receipt_id == f"{SERIES}-000001"


def test_a_swap_that_is_left_cancels_its_cash(store: SqlStore) -> None:
    swap = cash(store, begun(store))
    store.leave_swap(swap.correlation_id, NOON, "why")
    newest, _received = store.money_book()
    assert (newest.act, newest.about, newest.number) == (MoneyAct.CANCELLED, f"{SERIES}-000001", f"{SERIES}-000002")


def test_a_step_with_the_same_receipt_cancels_nothing(store: SqlStore) -> None:
    swap = cash(store, begun(store))
    store.save_swap(swap, NOON, "kept for later", set_aside=True)
    store.save_swap(swap, NOON, "resumed")
    assert [each.act for each in store.money_book()] == [MoneyAct.RECEIVED]


def test_money_goes_back_once(store: SqlStore) -> None:
    swap = cash(store, begun(store))
    store.give_back(swap, MoneyAct.REFUNDED, NOON, STATION, APPROVED)
    with pytest.raises(NotFound):
        store.give_back(swap, MoneyAct.REFUNDED, NOON, STATION, APPROVED)
    with pytest.raises(StoreFailed):
        store.save_swap(swap, NOON, "late")
    assert [each.act for each in store.money_book()] == [MoneyAct.REFUNDED, MoneyAct.RECEIVED]


def test_the_acts_with_money_stand_in_the_audit_trail(database: Path) -> None:
    store = open_store(database)
    swap = cash(store, begun(store))
    store.give_back(swap, MoneyAct.AT_DESK, NOON, STATION, APPROVED)
    store.close()
    trail = column(database, "SELECT what || ': ' || detail FROM audit ORDER BY number")
    assert f"cash received: {SERIES}-000001" in trail
    assert f"money back: stays at the platform's desk: BACK-{STATION}-000001; SUP-7: no battery is fit" in trail


def test_a_new_series_goes_on_by_itself(store: SqlStore) -> None:
    cash(store, begun(store))
    store.begin_cash_series(STATION, NOON, "restored")
    assert cash(store, begun(store)).payments[-1].receipt_id == f"{SERIES}-R1-000001"
    assert cash(store, begun(store)).payments[-1].receipt_id == f"{SERIES}-R1-000002"


@settings(max_examples=200)
@given(st.text(min_size=1, max_size=64).filter(lambda text: bool(text.strip())), st.integers(0, 99), st.integers(1, 9_999_999))
def test_every_station_has_numbers_that_can_be_receipts_and_are_found_again(station: str, restart: int, number: int) -> None:

    series = series_of("CASH", station)
    receipt_id = numbered(series, restart, number)
    check_receipt(Decimal(1), receipt_id)
    check_form(receipt_id)
    assert number_in(series, receipt_id) == (restart, number)


@pytest.mark.parametrize(("one", "other"), [("A B", "A-B"), ("A" * 40 + "1", "A" * 40 + "2"), ("stätion", "st-tion")])
def test_two_stations_never_share_their_numbers(one: str, other: str) -> None:
    assert series_of("CASH", one) != series_of("CASH", other)
