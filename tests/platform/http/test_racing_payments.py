"""Both triggers of PAYMENT_RECEIVED at once, from several workers with engines of their own: one payment, one event, all told so."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.http.payment_callback import ConfirmationDocument
from kiosk.platform.payment_proof import take_delivery
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.checked import checked
from kiosk.wire.exact_json import dumps
from tests.builders import NOON, plan_with
from tests.platform.agent_counter import Counter, paid, payment
from tests.platform.http.confirming import delivery, events, stored
from tests.postgres import Postgres

WORKERS = 4
ROUNDS = 12
PAYMENTS = "SELECT receipt_id, owner, plan_id FROM platform_payment_events ORDER BY number"


@pytest.fixture(params=["sqlite", "postgresql"])
def counters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Counter]]:
    """Workers on one database, each with connections of its own. The plan lacks 15.6 kWh, which cost 12.48 USD."""
    cluster: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    where = cluster.database() if cluster else tmp_path / "platform.sqlite"
    stores = [PlatformStore(where) for _ in range(WORKERS)]
    for number in range(ROUNDS):
        stores[0].insert_plan(replace(plan_with(used_kwh="390"), id=f"plan-{number}"), NOON)
    yield [Counter(store=each) for each in stores]
    for each in stores:
        each.close()


def at_once[T](calls: Sequence[Callable[[], T]]) -> list[T]:
    """All of them, begun together."""
    gate = threading.Barrier(len(calls))

    def one(call: Callable[[], T]) -> T:
        gate.wait(20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def delivered(counter: Counter, plan_id: str, receipt_id: str, reference: str | None) -> str:
    """What the callback says to a new delivery."""
    document = delivery(receipt_id=receipt_id, plan_id=plan_id, reference=reference)
    sent = checked(ConfirmationDocument, document, BadInput).delivery(dumps(document))
    return take_delivery(counter.store, sent, NOON).verdict


def shown(counter: Counter, plan_id: str, receipt_id: str, swap: str) -> str:
    """What PROCESS_PAYMENT says."""
    asked = payment(receipt_id=receipt_id, correlation_id=f"{swap}-payment", transaction_id=swap)
    return str(counter.ask("process_payment", asked, plan_id)["signals"][0])


def completed(counter: Counter, plan_id: str, receipt_id: str, swap: str) -> str:
    """What COMPLETE_SERVICE says."""
    return str(counter.ask("complete_service", paid(receipt_id=receipt_id, correlation_id=swap), plan_id)["signals"][0])


@pytest.mark.parametrize("bound", [True, False])
def test_callback_and_kiosk_at_once_make_one_payment_and_one_event(counters: list[Counter], *, bound: bool) -> None:
    first, second, third, fourth = counters
    for number in range(ROUNDS):
        plan, receipt, swap = f"plan-{number}", f"PAY-{number}", f"TXN-{number}"
        reference = swap if bound else None
        said = at_once(
            [
                partial(delivered, first, plan, receipt, reference),
                partial(delivered, second, plan, receipt, reference),
                partial(shown, third, plan, receipt, swap),
                partial(completed, fourth, plan, receipt, swap),
            ]
        )
        assert sorted(said[:2]) in (["BOOKED", "KNOWN"], ["KNOWN", "KNOWN"])
        assert said[2:] == ["PAYMENT_PROCESSED_SUCCESS", "SERVICE_COMPLETED_SUCCESS"]
    told = [each["event_id"] for each in events(first.store) if each["event_type"] == "PAYMENT_RECEIVED"]
    assert sorted(told) == sorted(f"EVT-PAY-{number}" for number in range(ROUNDS))
    assert sorted(stored(first.store, PAYMENTS)) == sorted((f"PAY-{n}", f"TXN-{n}", f"plan-{n}") for n in range(ROUNDS))


def test_one_receipt_confirmed_for_two_plans_at_once_pays_one_and_is_kept_for_the_other(counters: list[Counter]) -> None:
    for number in range(0, ROUNDS, 2):
        plans = (f"plan-{number}", f"plan-{number + 1}")
        said = at_once([partial(delivered, counter, plan, f"PAY-{number}", None) for counter, plan in zip(counters, plans, strict=False)])
        assert sorted(said) == ["BOOKED", "CONTRADICTION"]
    assert len(stored(counters[0].store, PAYMENTS)) == ROUNDS // 2
    assert len(stored(counters[0].store, "SELECT * FROM platform_unapplied_payments")) == ROUNDS // 2


def test_an_unbound_receipt_shown_by_two_swaps_at_once_pays_one(counters: list[Counter]) -> None:
    for number in range(ROUNDS):
        plan, receipt = f"plan-{number}", f"PAY-{number}"
        delivered(counters[0], plan, receipt, None)
        said = at_once([partial(shown, counter, plan, receipt, f"TXN-{number}-{which}") for which, counter in enumerate(counters)])
        assert sorted(said) == ["PAYMENT_FAILED"] * (WORKERS - 1) + ["PAYMENT_PROCESSED_SUCCESS"]
