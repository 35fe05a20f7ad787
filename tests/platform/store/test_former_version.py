"""A platform's database of version 513e648 (tests/fixtures/513e648): opened by today's code it loses nothing, and its swaps go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.platform.store.migrations import HEAD
from kiosk.platform.store.open_items import UnappliedPayments, UnsettledRequests
from kiosk.platform.store.reading_history import ReadingHistory
from kiosk.platform.store.repository import PlatformStore, open_existing
from kiosk.platform.store.template_store import TemplateStore
from kiosk.wire.exact_json import loads
from tests.cli.terminal import Terminal
from tests.former import counts, restore
from tests.platform.agent_counter import PLAN, Counter, completion, paid, payment, rows, used_kwh

EXAMPLE = "template-123"
NEW_TABLES = {  # made by migrations after that version
    "platform_secrets",
    "platform_battery_bindings",
    "platform_battery_binding_changes",
    "platform_battery_conflicts",
    "platform_battery_secrets",
    "platform_claims",
    "platform_held_requests",
    "platform_keys",
    "platform_station_keys",
    "platform_stations",
    "platform_switches",
    "platform_unsigned_stations",
    "platform_people",
    "platform_people_changes",
    "platform_people_stations",
    "platform_record",
    "platform_record_head",
    "platform_station_heads",
    "platform_record_forks",
}
SUCCESS = ["SERVICE_COMPLETED_SUCCESS"]


@pytest.fixture
def former(tmp_path: Path) -> Path:
    return restore("513e648", "platform", tmp_path / "platform.sqlite")


@pytest.fixture
def store(former: Path) -> Iterator[PlatformStore]:
    """The former database in today's store."""
    store = open_existing(f"sqlite:///{former}")
    yield store
    store.close()


@pytest.fixture
def counter(store: PlatformStore) -> Counter:
    return Counter(store=store)


def test_no_row_is_lost_and_the_schema_is_todays(former: Path) -> None:
    before = counts(former)
    open_existing(f"sqlite:///{former}").close()
    after = counts(former)
    assert {name: after[name] for name in before} == before
    assert all(before.values()), "every table of that version holds something"
    assert after.keys() - before.keys() == NEW_TABLES
    assert rows(former, "SELECT version_num FROM platform_alembic_version") == [(HEAD,)]


def test_plans_have_what_was_recorded(store: PlatformStore) -> None:
    assert str(used_kwh(store)) == "370.1"
    assert str(used_kwh(store, "plan-older")) == "344.5"
    held = {each: store.plans([each])[each].current_asset for each in (PLAN, "plan-first", "plan-paid", "plan-prepaid")}
    assert held == {PLAN: "BAT-67890", "plan-first": None, "plan-paid": "BAT-67890", "plan-prepaid": "BAT-12345"}


def test_a_request_of_before_is_answered_as_then_and_recorded_once(counter: Counter, former: Path) -> None:
    (stored,) = rows(former, "SELECT response FROM platform_transactions WHERE correlation_id = 'TXN-1'")
    answer, then = counter.ask("complete_service", completion(correlation_id="TXN-1")), loads(stored[0])
    assert answer["signals"] == [*SUCCESS, "IDEMPOTENT_OPERATION_DETECTED"]
    assert {**answer, "signals": then["signals"]} == then
    assert str(used_kwh(counter.store)) == "370.1"


def test_a_receipt_that_paid_then_pays_nothing_now(counter: Counter) -> None:
    answer = counter.ask("complete_service", paid(correlation_id="TXN-9", receipt_id="PAY-2", plan_id="plan-prepaid"), "plan-prepaid")
    assert "SERVICE_COMPLETION_FAILED" in answer["signals"]


def test_a_swap_paid_for_then_is_completed_now(counter: Counter) -> None:
    answer = counter.ask("complete_service", paid(correlation_id="TXN-3", receipt_id="PAY-3", plan_id="plan-prepaid"), "plan-prepaid")
    assert answer["signals"] == SUCCESS
    assert "TXN-3" not in {each.correlation_id for each in UnsettledRequests(counter.store).open()}


def test_a_payment_confirmed_then_pays_a_swap_of_now(counter: Counter) -> None:
    answer = counter.ask("process_payment", payment(correlation_id="att-9", transaction_id="TXN-9", receipt_id="PAY-20"))
    assert answer["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]


def test_an_older_sequence_begun_then_is_ended_now(counter: Counter) -> None:
    checkout = {"replacement_equipment_id": "BAT-67890", "incoming_equipment_id": "BAT-12345", "incoming_kwh": 4.8, "outgoing_kwh": 30.4}
    answer = counter.ask("equipment_checkout", {**checkout, "correlation_id": "TXN-6"}, "plan-older")
    assert "EQUIPMENT_CHECKOUT_SUCCESS" in answer["signals"]
    assert str(used_kwh(counter.store, "plan-older")) == "370.1"
    assert "TXN-6" not in {each.correlation_id for each in UnsettledRequests(counter.store).open()}


def test_what_waits_for_a_person_waits_on(store: PlatformStore, former: Path) -> None:
    assert [(each.correlation_id, each.state.value) for each in UnsettledRequests(store).open()] == [
        ("TXN-6", "returned"),
        ("TXN-4", "refused"),
        ("TXN-3", "paid"),
    ]
    assert rows(former, "SELECT correlation_id, note FROM platform_refusals WHERE settled_at IS NOT NULL") == [
        ("TXN-5", "resolved at the kiosk")
    ]
    unapplied = [each.as_json() for each in UnappliedPayments(store).open()]
    assert [(each["receipt_id"], each["kind"], str(each["amount"]), each["currency"]) for each in unapplied] == [
        ("PAY-22", "FOREIGN_CURRENCY", "12.48", "KES"),
        ("PAY-21", "PLAN_UNKNOWN", "12.48", "USD"),
    ]


def test_events_that_have_not_left_leave(store: PlatformStore) -> None:
    for worker in store.others_waiting():
        store.adopt(worker)
    waiting = [loads(each.payload)["event_type"] for each in store.to_publish()]
    assert waiting == ["SERVICE_COMPLETED", "PAYMENT_RECEIVED", "PAYMENT_RECEIVED", "PAYMENT_RECEIVED", "PAYMENT_RECEIVED"]


def test_templates_have_their_versions_and_their_changes(store: PlatformStore, former: Path) -> None:
    old, new = (TemplateStore(store).record(EXAMPLE, version) for version in ("1.0.0", "2.0.0"))
    assert old is not None
    assert new is not None
    assert [each.version for each in new.change_log] == ["1.0.0", "2.0.0", "2.0.0"]
    assert [each.plans for each in new.change_log] == [0, 0, 1]
    quotas = [{each.service_id: str(each.quota) for each in version.template.service_configurations} for version in (old, new)]
    assert [each["svc-electricity-fuel-kenya"] for each in quotas] == ["400", "500"]
    found = rows(former, "SELECT template_version, count(*) FROM platform_plans WHERE template_id = 'template-123' GROUP BY 1 ORDER BY 1")
    assert found == [("1.0.0", 1), ("2.0.0", 2)]


def test_the_last_reading_of_a_battery_is_known(store: PlatformStore) -> None:
    document = ReadingHistory(store).latest("BAT-12345")
    assert document is not None
    assert (str(loads(document)["kwh_remaining"]), loads(document)["timestamp"]) == ("4.7", "2025-01-15T10:15:00Z")


def test_the_commands_list_what_that_version_left_open(former: Path, tmp_path: Path) -> None:
    terminal, where = Terminal(tmp_path), f"sqlite:///{former}"
    unsettled = terminal.here("platform", "unsettled", "--database", where, "--json").json
    unapplied = terminal.here("platform", "unapplied", "--database", where, "--json").json
    assert [each["correlation_id"] for each in unsettled] == ["TXN-6", "TXN-4", "TXN-3"]
    assert [each["receipt_id"] for each in unapplied] == ["PAY-22", "PAY-21"]
