"""What a counter keeps of a customer: told whole, erased so that no file and no column names the customer, and the money's record stays."""

import json
import re
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.approval import Approval
from kiosk.domain.money.cash import MoneyAct
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.instance_lock import InstanceLock
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from tests.builders import NOON
from tests.cli.terminal import Terminal
from tests.station.adapters.store.values import begun_swap, ended_swap, make_payment, make_plan, message_of

CUSTOMER, NAME, EARLIER_NAME = "CUST-4711", "Amina Wanjiku", "Amina Odhiambo"
OTHER, OTHER_NAME = "CUST-47110", "Brian Otieno"
PLAN = replace(make_plan("plan-of-CUST-4711-weekly"), customer_id=CUSTOMER, customer_name=NAME)
OTHER_PLAN = replace(make_plan("plan-2"), customer_id=OTHER, customer_name=OTHER_NAME)


def settle(store: SqlStore, swap: Swap) -> None:
    """The completion with bytes that name the customer, and an answer that does."""
    who = json.dumps({"action": "COMPLETE_SERVICE", "customer_id": swap.plan.customer_id, "name": swap.plan.customer_name})
    store.complete(swap, message_of(swap, who.encode()))
    answer = json.dumps({"signals": ["SERVICE_COMPLETED_SUCCESS"], "metadata": {"receipt": {"customer_id": swap.plan.customer_id}}})
    store.record_answer(Settled(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=answer.encode()), NOON)


def left_with_cash_back(store: SqlStore, plan: ServicePlan) -> str:
    """A swap that ended by money back, with a reason that names the customer."""
    swap = begun_swap(plan=plan)
    store.save_swap(swap, NOON, "begun")
    paid = store.save_cash("STATION_XYZ", NOON, Decimal(20), "", lambda number: replace(swap, payment=make_payment(number, "CASH")))
    store.give_back(paid, MoneyAct.REFUNDED, NOON, "STATION_XYZ", Approval(supervisor="SUP-7", reason=f"{plan.customer_name} went home"))
    return swap.correlation_id


def refusal_of(swap: Swap) -> Rejected:
    return Rejected(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}", reason="no", signals=())


@pytest.fixture
def swap() -> Swap:
    return ended_swap(plan=PLAN, payment=make_payment("PAY-1"))


@pytest.fixture
def filled(terminal: Terminal, swap: Swap) -> Terminal:
    """A counter with all kinds of rows, files and logs of two customers."""
    with closing(open_store(terminal.data / "kiosk.sqlite")) as store:
        settle(store, replace(ended_swap(plan=replace(PLAN, customer_name=EARLIER_NAME)), completed_at=NOON - timedelta(days=1)))
        settle(store, swap)
        settle(store, ended_swap(plan=OTHER_PLAN, returned="BAT-1", issued="BAT-2", payment=make_payment("PAY-2")))
        for plan in (PLAN, OTHER_PLAN):
            store.put_plan(plan, NOON)
            left_with_cash_back(store, plan)
            gone = begun_swap(plan=plan)
            store.save_swap(gone, NOON, "begun")
            store.leave_swap(gone.correlation_id, NOON, f"{plan.customer_name} ({plan.customer_id}) changed her mind")
    for _ in range(2):
        assert terminal.here("receipt", swap.correlation_id, "--out", str(terminal.folder / "copy.pdf")).code == 0
    logs = terminal.data / "logs"
    logs.mkdir()
    (logs / "kiosk.log").write_text(f"INFO shown: CustomerUnknown(code={NAME})\nINFO other {OTHER}\n")
    (logs / "kiosk.log.1").write_text(f"INFO {CUSTOMER}\n")
    return terminal


PATTERNS = [rf"{CUSTOMER}(?![0-9])", NAME, EARLIER_NAME, "Wanjiku", "Odhiambo"]


def places(folder: Path) -> list[str]:
    """Files whose bytes name the customer, and columns that do."""
    looked_for = re.compile("|".join(PATTERNS), re.IGNORECASE)
    found = [file.name for file in folder.rglob("*") if file.is_file() and looked_for.search(file.read_bytes().decode("latin-1"))]
    with closing(sqlite3.connect(folder / "kiosk.sqlite")) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"').fetchall():  # noqa: S608  names of our own tables
                cells = [each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in row]
                found += [table for each in cells if looked_for.search(each)]
    return sorted(set(found))


def of_other(folder: Path) -> list[tuple[object, ...]]:
    """All rows of the other customer, and no more."""
    with closing(sqlite3.connect(folder / "kiosk.sqlite")) as database:
        swaps = database.execute(f"SELECT * FROM swaps WHERE journal LIKE '%{OTHER_NAME}%'").fetchall()  # noqa: S608  our own text
        return [*swaps, *database.execute("SELECT * FROM plans WHERE plan_id = ?", (OTHER_PLAN.id,))]


def money(folder: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "kiosk.sqlite")) as database:
        paid = database.execute("SELECT method, receipt_id, correlation_id, amount, currency FROM payments ORDER BY 2").fetchall()
        acts = database.execute(
            "SELECT receipt_id, act, correlation_id, amount, currency, given, at FROM money_acts ORDER BY number"
        ).fetchall()
        return [*paid, *acts]


def test_nothing_names_an_erased_customer_and_the_money_stays(filled: Terminal, swap: Swap) -> None:
    named = {"swaps", "plans", "outbox", "outbox_steps", "money_acts", "audit", "kiosk.log", "kiosk.log.1", "kiosk.sqlite"}
    assert {each for each in places(filled.data) if not each.endswith(".pdf")} == named  # the test looks where they are
    before, others = money(filled.data), of_other(filled.data)
    history = filled.here("history", "--json").json
    ran = filled.run("privacy", "erase", CUSTOMER)
    assert (ran.code, ran.json) == (0, {"customer_id": CUSTOMER, "plans": 1, "swaps": 4})
    assert places(filled.data) == []
    assert money(filled.data) == before
    assert len(others) == 4
    assert of_other(filled.data) == others
    after = filled.here("history", "--json").json
    assert [each["correlation_id"] for each in after] == [each["correlation_id"] for each in history]
    assert [each["net_kwh"] for each in after] == [each["net_kwh"] for each in history]
    assert filled.here("receipt", swap.correlation_id, "--out", str(filled.folder / "again.pdf")).code == 0  # it can be made again


def test_the_act_is_in_the_record_without_the_customer(filled: Terminal) -> None:
    filled.here("privacy", "erase", CUSTOMER)
    with closing(sqlite3.connect(filled.data / "kiosk.sqlite")) as database:
        (detail,) = database.execute("SELECT detail FROM audit WHERE what = 'customer erased'").fetchone()
    assert detail.startswith("erased-")


def test_a_receipt_that_paid_pays_no_second_time_after_the_customer_is_erased(filled: Terminal) -> None:
    filled.here("privacy", "erase", CUSTOMER)
    with closing(open_store(filled.data / "kiosk.sqlite")) as store:
        assert store.payment_used_at("MOBILE_MONEY", "PAY-1", except_swap="TXN-0") is not None


def test_twice_is_said(filled: Terminal) -> None:
    assert filled.here("privacy", "erase", CUSTOMER).code == 0
    again = filled.here("privacy", "erase", CUSTOMER)
    assert again.code == 1
    assert CUSTOMER in again.err


@pytest.mark.parametrize("how", ["kept", "running", "unsettled", "refused", "at the desk"])
def test_a_swap_that_waits_is_never_erased(filled: Terminal, how: str) -> None:
    with closing(open_store(filled.data / "kiosk.sqlite")) as store:
        waiting = ended_swap(plan=PLAN, payment=make_payment("PAY-9"))
        if how in {"kept", "running"}:
            store.save_swap(waiting, NOON, "begun", set_aside=how == "kept")
        elif how == "at the desk":
            store.save_swap(waiting, NOON, "paid")
            store.give_back(waiting, MoneyAct.AT_DESK, NOON, "STATION_XYZ", Approval(supervisor="SUP-7", reason="none is fit"))
        else:
            store.complete(waiting, message_of(waiting))
        if how == "refused":
            store.record_answer(refusal_of(waiting), NOON)
    before = places(filled.data)
    ran = filled.here("privacy", "erase", CUSTOMER)
    assert (ran.code, ran.out) == (1, "")
    assert waiting.correlation_id in ran.err
    assert "never erased" in ran.err
    assert places(filled.data) == before


def test_an_open_kiosk_is_closed_first(filled: Terminal) -> None:
    with InstanceLock(filled.data):
        assert filled.run("privacy", "erase", CUSTOMER).code == 1
    assert places(filled.data)


def test_an_export_holds_all_of_one_customer_and_nothing_of_another(filled: Terminal, swap: Swap) -> None:
    file = filled.folder / "export.json"
    assert filled.run("privacy", "export", CUSTOMER, "--out", str(file)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    told = json.loads(text)
    assert told["customer_id"] == CUSTOMER
    assert set(told["names"]) == {NAME, EARLIER_NAME}
    assert [each["plan_id"] for each in told["plans"]] == [PLAN.id]
    assert swap.correlation_id in [each["correlation_id"] for each in told["swaps"]]
    assert {each["receipt_id"] for each in told["payments"]} == {"PAY-1", "CASH-STATION_XYZ-000001"}
    assert len(told["outbox_steps"]) == 2
    assert OTHER not in text
    assert OTHER_NAME not in text
    assert filled.here("privacy", "export", CUSTOMER).json == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize("act", ["export", "erase"])
@pytest.mark.parametrize("customer", ["CUST-9", "", "%", "'; DROP TABLE swaps; --", "CUST-471", NAME])
def test_nobody_is_found_by_another_text(filled: Terminal, act: str, customer: str) -> None:
    ran = filled.here("privacy", act, customer)
    assert (ran.code, ran.out) == (1, "")
    assert places(filled.data)


def test_a_damaged_journal_that_names_the_customer_is_erased_too(filled: Terminal, swap: Swap) -> None:
    with closing(sqlite3.connect(filled.data / "kiosk.sqlite")) as database, database:
        database.execute("UPDATE swaps SET journal = substr(journal, 1, 900) WHERE correlation_id = ?", (swap.correlation_id,))
    assert filled.here("privacy", "erase", CUSTOMER).code == 0
    assert places(filled.data) == []
