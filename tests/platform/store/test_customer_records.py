"""What the platform keeps of a customer: told whole, erased from every column, and the money's record stays."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from kiosk.domain.errors import NotFound, StepImpossible
from kiosk.platform.store.customer_records import PlatformCustomers
from kiosk.platform.store.tables import metadata, outgoing_events, payment_events, plans, service_events, transactions
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, completion, paid, payment

NAME = "Amina Wanjiku"
CUSTOMER = plan_of(id=PLAN).customer_id
OTHER_PLAN = "plan-of-another"


@pytest.fixture
def books_of_two(counter: Counter) -> Counter:
    """A paid swap of a customer with a name, and one of another customer."""
    named = replace(plan_of(id=PLAN), customer_name=NAME)
    with counter.store.writing() as connection:
        from kiosk.platform.store.plan_rows import plan_text

        connection.execute(plans.update().where(plans.c.plan_id == PLAN).values(document=plan_text(named)))
    counter.store.insert_plan(plan_of(id=OTHER_PLAN, customer_id=f"{CUSTOMER}0", customer_name="Brian Otieno"), NOON)
    for each in (paid(), completion(correlation_id=OTHER_SWAP)):
        reply = counter.send("complete_service", each, PLAN if each["correlation_id"] == SWAP else OTHER_PLAN)
        counter.store.record_published([event.number for event in reply.events], NOON)
    return counter


def cells(counter: Counter) -> list[tuple[str, str]]:
    """Every cell of every table, as text."""
    with counter.store.reading() as connection:
        return [
            (table.name, each.decode(errors="replace") if isinstance(each, bytes) else str(each))
            for table in metadata.sorted_tables
            for row in connection.execute(select(table)).all()
            for each in row
        ]


def tables_with(counter: Counter, text: str) -> set[str]:
    return {table for table, cell in cells(counter) if text.lower() in cell.replace(f"{CUSTOMER}0", "").lower()}


def money(counter: Counter) -> list[Any]:
    with counter.store.reading() as connection:
        paid_by = select(payment_events.c.receipt_id, payment_events.c.owner, payment_events.c.amount, payment_events.c.at)
        swapped = select(service_events.c.correlation_id, service_events.c.net_kwh, service_events.c.outgoing_battery_id)
        booked = select(transactions.c.correlation_id, transactions.c.part, transactions.c.digest)
        return [sorted(connection.execute(each).all()) for each in (paid_by, swapped, booked)]


def test_no_column_names_an_erased_customer_and_the_money_stays(books_of_two: Counter) -> None:
    counter, before = books_of_two, money(books_of_two)
    assert {plans.name, service_events.name, payment_events.name, outgoing_events.name, transactions.name} <= tables_with(counter, CUSTOMER)
    erased = PlatformCustomers(counter.store).erase(CUSTOMER, "7f3a", NOON)
    assert (erased.plan_ids, erased.named_by) == ((PLAN,), ())
    assert tables_with(counter, CUSTOMER) == tables_with(counter, NAME) == set()
    assert money(counter) == before
    assert f"{CUSTOMER}0" in {cell for table, cell in cells(counter) if table == plans.name}


def test_the_plan_goes_on_under_its_pseudonym_and_kiosks_are_told(books_of_two: Counter) -> None:
    counter = books_of_two
    with counter.store.reading() as connection:
        before = connection.execute(select(plans.c.version).where(plans.c.plan_id == PLAN)).scalar_one()
    PlatformCustomers(counter.store).erase(CUSTOMER, "7f3a", NOON)
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert (plan.customer_id, plan.customer_name or "") == ("erased-7f3a", "")
    assert plan.current_asset == "BAT-67890"
    with counter.store.reading() as connection:
        assert connection.execute(select(plans.c.version).where(plans.c.plan_id == PLAN)).scalar_one() == before + 1
    again = counter.ask("complete_service", paid())  # the same request is still the same
    assert "IDEMPOTENT_OPERATION_DETECTED" in again["signals"]


def test_a_receipt_that_paid_pays_no_second_time(books_of_two: Counter) -> None:
    PlatformCustomers(books_of_two.store).erase(CUSTOMER, "7f3a", NOON)
    answer = books_of_two.ask(
        "complete_service", paid(correlation_id="TXN-3", incoming_battery_id="BAT-67890", outgoing_battery_id="BAT-3")
    )
    assert "SERVICE_COMPLETION_FAILED" in answer["signals"]


def test_an_open_refusal_is_never_erased(books_of_two: Counter) -> None:
    books_of_two.ask("complete_service", completion(correlation_id="TXN-9", incoming_battery_id="BAT-9"))
    refuse(books_of_two)


def test_money_that_no_swap_has_used_is_never_erased(books_of_two: Counter) -> None:
    books_of_two.ask("process_payment", payment("5", "PAY-7", correlation_id="att-1", transaction_id="TXN-7"))
    refuse(books_of_two)


def test_an_event_that_is_not_published_is_never_erased(books_of_two: Counter) -> None:
    swap = completion(correlation_id="TXN-4", incoming_battery_id="BAT-67890", outgoing_battery_id="BAT-4", incoming_kwh=Decimal(29))
    books_of_two.ask("complete_service", swap)
    refuse(books_of_two)


def refuse(counter: Counter) -> None:
    before = cells(counter)
    with pytest.raises(StepImpossible):
        PlatformCustomers(counter.store).erase(CUSTOMER, "7f3a", NOON)
    assert cells(counter) == before


def test_an_export_has_all_of_one_customer_and_nothing_of_another(books_of_two: Counter) -> None:
    told = PlatformCustomers(books_of_two.store).export(CUSTOMER)
    assert (told["customer_id"], told["names"]) == (CUSTOMER, [NAME])
    assert [each["plan_id"] for each in told["platform_plans"]] == [PLAN]
    assert [each["correlation_id"] for each in told["platform_transactions"]] == [SWAP]
    assert [each["amount"] for each in told["platform_payment_events"]] == [Decimal("12.48")]
    assert len(told["platform_outgoing_events"]) == 2
    text = repr(told)
    assert OTHER_PLAN not in text
    assert "Otieno" not in text


@pytest.mark.parametrize("customer", ["CUST-9", "", "%", NAME, CUSTOMER.lower(), "'; DROP TABLE platform_plans; --"])
def test_nobody_is_found_by_another_text(books_of_two: Counter, customer: str) -> None:
    for act in (
        lambda: PlatformCustomers(books_of_two.store).export(customer),
        lambda: PlatformCustomers(books_of_two.store).erase(customer, "1", NOON),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_plans_id_stays_because_swaps_for_it_may_be_on_their_way(books_of_two: Counter) -> None:
    counter = books_of_two
    counter.store.insert_plan(plan_of(id="plan-of-CUST-4711-b", customer_id="CUST-4711", customer_name=NAME), NOON)
    reply = counter.send("complete_service", completion(correlation_id="TXN-8"), "plan-of-CUST-4711-b")
    counter.store.record_published([event.number for event in reply.events], NOON)
    erased = PlatformCustomers(counter.store).erase("CUST-4711", "1", NOON)
    assert erased.named_by == ("plan-of-CUST-4711-b",)
    late = counter.ask("complete_service", completion(correlation_id="TXN-8"), "plan-of-CUST-4711-b")
    assert "IDEMPOTENT_OPERATION_DETECTED" in late["signals"]
    assert not [cell for _, cell in cells(counter) if "CUST-4711" in cell.replace("plan-of-CUST-4711-b", "")]
