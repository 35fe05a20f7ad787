"""What a payment's reference names: a swap, or nothing that is bound (decisions 9, 10, 16)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from kiosk.platform.payment_proof import VERIFIERS
from kiosk.platform.store.open_items import UnappliedPayments, UnsettledRequests
from kiosk.platform.store.repository import PlatformStore
from tests.builders import NOON, plan_of, plan_with
from tests.platform.agent_counter import OTHER_SWAP, SWAP, Counter, paid, payment
from tests.platform.http.confirming import deliver, delivery, events, stored
from tests.platform.http.site import calling, context_on

PAY, COMPLETE = "process_payment", "complete_service"
OWNERS = "SELECT receipt_id, owner FROM platform_payment_events ORDER BY number"
NO_SWAPS = ["SO/2026/00017", "0012-334455-01", "TXN-2026/17", f"for {SWAP}", "att-payment-001"]
SO = NO_SWAPS[0]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """Where only confirmed payments count; the plan lacks 15.6 kWh for the swap, which cost 12.48 USD."""
    store = PlatformStore(tmp_path / "platform.sqlite")
    store.put_plan(plan_with(used_kwh="390"), NOON)
    yield Counter(store=store, verifier=VERIFIERS["confirmed"]())
    store.close()


@pytest.fixture
async def erp(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(context_on(counter.store, clock=counter.clock), bearer=False) as client:
        yield client


@pytest.mark.parametrize("asks", [PAY, COMPLETE])
@pytest.mark.parametrize("reference", NO_SWAPS)
async def test_a_reference_that_is_no_swap_leaves_the_money_to_the_first_swap_that_shows_its_receipt(
    counter: Counter, erp: httpx.AsyncClient, reference: str, asks: str
) -> None:
    assert (await deliver(erp, delivery(reference=reference)))[1]["verdict"] == "BOOKED"
    assert stored(counter.store, OWNERS) == [("PAY-1", "")]
    assert UnsettledRequests(counter.store).open() == ()  # no swap was begun
    answer = counter.ask(asks, payment() if asks == PAY else paid())
    assert answer["signals"] in (["PAYMENT_PROCESSED_SUCCESS"], ["SERVICE_COMPLETED_SUCCESS"])
    assert stored(counter.store, OWNERS) == [("PAY-1", SWAP)]
    assert "used before" in counter.ask(PAY, payment(correlation_id=OTHER_SWAP))["metadata"]["reason"]


async def test_the_reference_is_told_with_the_money(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery(reference=SO))
    await deliver(erp, delivery("1600", "PAY-2", currency="KES", reference=SO))
    booked, foreign = events(counter.store)
    assert (booked["service_context"]["correlation_id"], foreign["service_context"]["correlation_id"]) == (SO, SO)
    assert [each.unapplied.reference for each in UnappliedPayments(counter.store).open()] == [SO]


@pytest.mark.parametrize("written", [SWAP.lower(), f" {SWAP} "])
async def test_a_swaps_id_is_known_however_it_is_written(counter: Counter, erp: httpx.AsyncClient, written: str) -> None:
    await deliver(erp, delivery(reference=written))
    assert stored(counter.store, OWNERS) == [("PAY-1", SWAP)]
    assert events(counter.store)[0]["service_context"]["transaction_id"] == SWAP
    assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


async def test_a_later_delivery_with_another_reference_contradicts_nothing(counter: Counter, erp: httpx.AsyncClient) -> None:
    for reference, owner in ((SO, ""), (SWAP, SWAP), (SO, SWAP)):
        assert (await deliver(erp, delivery(reference=reference)))[0] == 200
        assert stored(counter.store, OWNERS) == [("PAY-1", owner)]
    assert UnappliedPayments(counter.store).open() == ()


async def test_a_swap_of_another_plan_is_not_paid_and_the_money_stays_this_plans(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    await deliver(erp, delivery())
    counter.ask(COMPLETE, paid())
    status, answer = await deliver(erp, delivery("5", "PAY-2", plan_id="plan-2", reference=SWAP))
    assert (status, answer["verdict"]) == (200, "BOOKED")
    assert stored(counter.store, OWNERS) == [("PAY-1", SWAP), ("PAY-2", "")]
    assert counter.ask(PAY, payment("5", "PAY-2", OTHER_SWAP), "plan-2")["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]


async def test_a_kiosks_question_binds_its_receipt_to_the_transaction_that_it_names_whatever_its_form(counter: Counter) -> None:
    """Else two swaps of such a kiosk would both be told that one receipt pays them."""
    accepting = Counter(store=counter.store)
    for number, success in ((1, "PAYMENT_PROCESSED_SUCCESS"), (2, "PAYMENT_FAILED")):
        asked = payment(correlation_id=f"att-payment-00{number}", transaction_id=f"SWAP/{number}")
        assert accepting.ask(PAY, asked)["signals"] == [success]
    assert stored(counter.store, OWNERS) == [("PAY-1", "SWAP/1")]
