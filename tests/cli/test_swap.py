"""`swap`: one swap from the terminal, against Mosquitto, the reference platform as a process, and simulated batteries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Confirmation
from kiosk.platform.store.repository import PlatformStore
from kiosk.station.adapters.store.sql_store import open_store
from tests.brokers import Mosquitto
from tests.builders import EVENTS, NOON, plan_with, remembering, specified, went_out
from tests.cli.terminal import Terminal, platform_process
from tests.platform.agent_counter import count
from tests.station.adapters.store.values import begun_swap, make_payment, make_plan

SWAP = ("swap", "--returned", "BAT-12345", "--outgoing", "BAT-67890", "--json", "--customer")
PAID = ("--payment-receipt-id", "MP4471", "--payment-method", "MOBILE_MONEY", "--payment-amount")


def plans() -> dict[str, ServicePlan]:
    """One customer for each test, so that they share a platform."""
    found = {
        "settled": plan_with(),
        "printed": plan_with(),
        "short": plan_with(used_kwh="398"),
        "paid": plan_with(used_kwh="398"),
        "cash": plan_with(used_kwh="398"),
        "first": plan_with(holds=None),
        "wrong": plan_with(),
        "code": plan_with(),
        "doubted": plan_with(),
        "doubted-too": plan_with(),
        "more": remembering(issued=went_out(energy="0.1")),
    }
    return {name: replace(plan, id=f"cli-{name}") for name, plan in found.items()}


@dataclass(frozen=True, slots=True)
class Shop:
    """A broker and the platform's books."""

    broker: Mosquitto
    books: Path

    def used(self, plan_id: str) -> tuple[Decimal, Decimal]:
        """Swaps and kWh that the platform has booked."""
        store = PlatformStore(self.books)
        plan = store.plan(plan_id)
        store.close()
        assert plan is not None
        assert plan.electricity is not None
        return plan.swap_count.used, plan.electricity.used


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    broker = Mosquitto(folder)
    broker.start()
    with platform_process(broker, folder, *plans().values()) as books:
        yield Shop(broker, books)
    broker.stop()


@pytest.fixture
def open_terminal(terminal: Terminal, shop: Shop) -> Terminal:
    terminal.configure(shop.broker)
    return terminal


def test_a_swap_is_settled_and_answers_as_calculate_does(open_terminal: Terminal, shop: Shop) -> None:
    ran = open_terminal.run(*SWAP, "cli-settled")
    result: dict[str, Any] = ran.json
    assert (ran.code, result["settled"], result["signals"]) == (0, True, ["SERVICE_COMPLETED_SUCCESS"])
    expected = specified("complete_service_response")
    assert set(result) == {*expected, "settled"}
    assert set(result["metadata"]) == {*expected["metadata"], *EVENTS}
    assert result["metadata"]["receipt"]["electricity_delivered_kwh"] == Decimal("3.6")
    assert result["metadata"]["quota_updates"][1]["used_after"] == Decimal("348.1")
    assert shop.used("cli-settled") == (Decimal(7), Decimal("348.1"))
    (row,) = open_terminal.here("history", "--json").json
    assert row == {
        "correlation_id": result["metadata"]["transaction_id"],
        "plan_id": "cli-settled",
        "incoming_battery_id": "BAT-12345",
        "outgoing_battery_id": "BAT-67890",
        "net_kwh": Decimal("3.6"),
        "state": "settled",
        "transaction_timestamp": result["metadata"]["receipt"]["timestamp"],
    }
    assert open_terminal.here("outbox", "list", "--json").json == []


def test_a_swap_for_people_is_one_line(open_terminal: Terminal) -> None:
    ran = open_terminal.here("swap", "--returned", "BAT-12345", "--outgoing", "BAT-67890", "--customer", "cli-printed")
    assert ran.code == 0
    correlation_id, signal, *rest = ran.out.split()
    assert (correlation_id[:4], signal, rest) == ("TXN-", "SERVICE_COMPLETED_SUCCESS", ["settled"])
    assert f"{correlation_id}  cli-printed" in open_terminal.here("history").out


def test_a_short_plan_without_a_payment_is_refused_with_the_amount(open_terminal: Terminal, shop: Shop) -> None:
    ran = open_terminal.run(*SWAP, "cli-short")
    assert (ran.code, ran.out) == (1, "")
    assert "1.28 USD" in ran.err
    assert shop.used("cli-short") == (Decimal(6), Decimal(398))
    assert open_terminal.here("history", "--json").json == []
    assert "screen" not in ran.err  # there is none here


def test_a_payment_that_is_too_small_completes_nothing(open_terminal: Terminal, shop: Shop) -> None:
    ran = open_terminal.here(*SWAP, "cli-short", *PAID, "1.27")
    assert (ran.code, ran.out) == (1, "")
    assert "0.01 USD" in ran.err
    assert shop.used("cli-short") == (Decimal(6), Decimal(398))


def test_an_amount_with_two_readings_completes_nothing(open_terminal: Terminal, shop: Shop) -> None:
    ran = open_terminal.here(*SWAP, "cli-short", *PAID, "1.280")
    assert (ran.code, ran.out) == (1, "")
    assert "can be 1280 or 1.280" in ran.err
    assert shop.used("cli-short") == (Decimal(6), Decimal(398))


def test_a_paid_swap_credits_the_quota_and_settles(open_terminal: Terminal, shop: Shop) -> None:
    ran = open_terminal.here(*SWAP, "cli-paid", *PAID, "1.28")
    assert (ran.code, ran.json["settled"]) == (0, True)
    energy = ran.json["metadata"]["quota_updates"][1]
    assert (energy["quota_before"], energy["quota_after"], energy["used_after"]) == (400, Decimal("401.6"), Decimal("401.6"))
    assert ran.json["metadata"]["receipt"]["payment"] == {"amount": Decimal("1.28"), "receipt_id": "MP4471", "method": "MOBILE_MONEY"}
    assert '"amount":1.28,' in ran.out
    assert count(shop.books, "payment_events WHERE plan_id = 'cli-paid'") == 1


def test_a_first_visit_returns_nothing_and_owes_the_whole_charge(open_terminal: Terminal, shop: Shop) -> None:
    refused = open_terminal.here(*SWAP, "cli-first")
    assert (refused.code, refused.out) == (1, "")
    assert "first visit" in refused.err
    ran = open_terminal.here("swap", "--customer", "cli-first", "--outgoing", "BAT-67890", "--json")
    assert (ran.code, ran.json["settled"]) == (0, True)
    assert ran.json["metadata"]["receipt"]["batteries_swapped"] == {"returned": None, "issued": "BAT-67890"}
    assert shop.used("cli-first") == (Decimal(7), Decimal("348.9"))


def test_the_battery_must_come_back(open_terminal: Terminal) -> None:
    ran = open_terminal.here("swap", "--customer", "cli-wrong", "--outgoing", "BAT-67890")
    assert (ran.code, ran.out) == (1, "")
    assert "BAT-12345" in ran.err
    assert "--returned" in ran.err


def test_a_wrong_battery_is_refused_with_both_ids(open_terminal: Terminal) -> None:
    ran = open_terminal.here("swap", "--customer", "cli-wrong", "--returned", "BAT-77777", "--outgoing", "BAT-67890", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "BAT-12345" in ran.err
    assert "BAT-77777" in ran.err


CODES: list[tuple[str | bytes, str]] = [
    ("nobody", "No plan has the code nobody"),
    ("", "empty"),
    ("x" * 600, "longer than"),
    (b"cli\xff\xfe", "card cannot be read"),
    ("cli/+/#", "card cannot be read"),
    ('{"name": "Amina"}', "holds no plan id"),
]


@pytest.mark.parametrize(("code", "reason"), CODES, ids=["unknown", "empty", "over-long", "binary", "wild", "json"])
def test_a_code_that_is_no_customers_is_refused_in_a_sentence(open_terminal: Terminal, code: str | bytes, reason: str) -> None:
    ran = open_terminal.run(*SWAP, code) if isinstance(code, bytes) else open_terminal.here(*SWAP, code)
    assert (ran.code, ran.out) == (1, "")
    assert reason in ran.err


def test_a_customer_code_may_be_json(open_terminal: Terminal) -> None:
    ran = open_terminal.here(*SWAP, json.dumps({"subscription": {"code": "QR_CUSTOMER_cli-code"}}))
    assert (ran.code, ran.json["settled"]) == (0, True)


def test_readings_that_cannot_both_be_true_are_told_and_the_swap_stands(open_terminal: Terminal, shop: Shop) -> None:
    open_terminal.configure(shop.broker, '[platform]\nurl = "http://127.0.0.1:1"')
    batteries = open_terminal.folder / "batteries.json"
    as_they_are = batteries.read_text()
    batteries.write_text(json.dumps([{"asset_id": "BAT-67890", "protocol": "oves", "kwh_remaining": 0.6, "voltage": 71.0}]))
    assert open_terminal.here("battery", "read", "BAT-67890").code == 0
    batteries.write_text(as_they_are)
    ran = open_terminal.run(*SWAP, "cli-doubted")
    assert (ran.code, ran.json["settled"]) == (0, True)
    assert "Doubtful: BAT-67890: 4.4 kWh at " in ran.err
    assert "but 0.6 kWh at STATION_XYZ at " in ran.err


def test_where_there_are_supervisors_one_of_them_lets_readings_in_doubt_stand(open_terminal: Terminal, shop: Shop) -> None:
    open_terminal.configure(shop.broker, '[platform]\nurl = "http://127.0.0.1:1"')
    open_terminal.environment["SWAP_KIOSK_STATION__SUPERVISORS"] = '["SUP-1"]'
    batteries = open_terminal.folder / "batteries.json"
    as_they_are = batteries.read_text()
    batteries.write_text(json.dumps([{"asset_id": "BAT-67890", "protocol": "oves", "kwh_remaining": 0.6, "voltage": 71.0}]))
    assert open_terminal.here("battery", "read", "BAT-67890").code == 0
    batteries.write_text(as_they_are)
    stopped = open_terminal.run(*SWAP, "cli-doubted-too")
    assert (stopped.code, stopped.out) == (1, "")
    assert "Doubtful: BAT-67890: 4.4 kWh at " in stopped.err
    assert "give --supervisor and --reason" in stopped.err
    approved = open_terminal.run(*SWAP, "cli-doubted-too", "--supervisor", "sup-1", "--reason", "looked at it")
    assert (approved.code, approved.json["settled"]) == (0, True)


MORE = ("--supervisor", "sup-1", "--reason", "charged  at home")


def test_a_battery_that_holds_more_than_it_went_out_with_needs_a_supervisor_of_this_station(terminal: Terminal, shop: Shop) -> None:
    terminal.configure(shop.broker, "[fitness]\nreturned_more_kwh = 0.1")
    terminal.environment["SWAP_KIOSK_STATION__SUPERVISORS"] = '["SUP-1"]'
    stopped = terminal.run(*SWAP, "cli-more")
    assert (stopped.code, stopped.out) == (1, "")
    assert "BAT-12345 holds 0.7 kWh more than it went out with" in stopped.err
    assert "give --supervisor and --reason" in stopped.err
    other = terminal.run(*SWAP, "cli-more", "--supervisor", "SUP-9", "--reason", "charged at home")
    assert (other.code, "SUP-9 is no supervisor of this station" in other.err) == (1, True)
    assert shop.used("cli-more") == (Decimal(6), Decimal("344.5"))
    approved = terminal.run(*SWAP, "cli-more", *MORE)
    receipt = approved.json["metadata"]["receipt"]
    assert (approved.code, approved.json["settled"], receipt["incoming_counted_kwh"]) == (0, True, Decimal("0.1"))
    assert shop.used("cli-more") == (Decimal(7), Decimal("348.8"))


def test_a_supervisor_needs_a_reason(open_terminal: Terminal) -> None:
    ran = open_terminal.here(*SWAP, "cli-more", "--supervisor", "SUP-1")
    assert (ran.code, "go together" in ran.err) == (2, True)


def test_cash_is_numbered_and_change_is_no_part_of_it(open_terminal: Terminal, shop: Shop) -> None:
    paid = ("--payment-method", "CASH", "--payment-amount", "20", "--payment-receipt-id", "book 12")
    ran = open_terminal.here(*SWAP, "cli-cash", *paid)
    assert (ran.code, ran.json["settled"]) == (0, True)
    assert ran.json["metadata"]["receipt"]["payment"] == {
        "amount": Decimal("1.28"),
        "receipt_id": "CASH-STATION_XYZ-000001",
        "method": "CASH",
    }
    assert "Give back 18.72 USD." in ran.err
    (act,) = open_terminal.here("money", "list", "--json").json
    assert (act["number"], act["amount"], act["given"], act["note"]) == ("CASH-STATION_XYZ-000001", Decimal("1.28"), 20, "book 12")
    assert open_terminal.here("money", "paid", "--json").json == []


def test_money_back_ends_a_paid_swap_with_a_supervisor(open_terminal: Terminal, shop: Shop) -> None:
    store = open_store(open_terminal.data / "kiosk.sqlite")
    swap = begun_swap(plan=make_plan("cli-back"))
    store.save_swap(swap, NOON, "begun")
    cash = replace(make_payment(method="CASH"), confirmation=Confirmation.PLATFORM)
    store.save_cash("STATION_XYZ", NOON, Decimal(20), "", lambda number: replace(swap, payment=replace(cash, receipt_id=number)))
    store.close()
    (paid,) = open_terminal.here("money", "paid", "--json").json
    asked = ("money", "back", paid["correlation_id"], "--way", "cash", "--reason", "no battery is fit")
    refused = open_terminal.here(*asked, "--supervisor", "ATT-001")
    assert (refused.code, refused.out) == (1, "")
    ran = open_terminal.here(*asked, "--supervisor", "SUP-7", "--json", SWAP_KIOSK_STATION__SUPERVISORS='["SUP-7"]')
    assert (ran.code, ran.json["number"], ran.json["act"], ran.json["amount"]) == (0, "CASH-STATION_XYZ-000002", "refunded", 15)
    assert open_terminal.here("money", "paid", "--json").json == []
