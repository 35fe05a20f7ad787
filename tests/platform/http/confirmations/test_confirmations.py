"""The ERP system's confirmation of a payment: booked once, told once, whoever comes first; nothing is lost (decisions 9, 10, 22)."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from kiosk.domain.plan.fsm import MealyFSM, Transition
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServiceCompletion
from kiosk.domain.times import iso_utc
from kiosk.platform.payment_proof import VERIFIERS
from kiosk.platform.store.open_items import UnappliedPayments
from kiosk.wire.exact_json import dumps
from tests.builders import NOON, plan_of, plan_with, specified
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, completion, paid, payment, with_config
from tests.platform.http.confirming import deliver, delivery, events, signature, stored
from tests.platform.http.site import calling, context_on

PAY, COMPLETE = "process_payment", "complete_service"
PAYMENTS = "SELECT receipt_id, owner, amount, currency FROM platform_payment_events ORDER BY number"
KEPT = "SELECT receipt_id, times, last_at FROM platform_unapplied_payments"


def _counting(plan: ServicePlan) -> ServicePlan:
    """A plan whose payment cycle counts what it hears."""
    states = ("CURRENT", "ONCE", "TWICE")
    steps = (Transition(state=one, input="PAYMENT_RECEIVED", next_state=two) for one, two in pairwise(states))
    cycle = MealyFSM(id="counting", initial_state="CURRENT", states=states, transitions=tuple(steps))
    return replace(plan, template=replace(plan.template, payment_cycle_fsm=cycle))


def unapplied(counter: Counter) -> list[tuple[str, str]]:
    return [(each.unapplied.kind, each.unapplied.reason) for each in UnappliedPayments(counter.store).open()]


async def test_a_confirmed_payment_is_booked_and_its_event_is_the_specifications(counter: Counter, erp: httpx.AsyncClient) -> None:
    document = delivery("15.00", "PAY-78910", reference="TXN-12345")
    assert (await deliver(erp, document))[1]["verdict"] == "BOOKED"
    assert stored(counter.store, PAYMENTS) == [("PAY-78910", "TXN-12345", "15.00", "USD")]
    (event,) = events(counter.store)
    expected = specified("payment_received_event")
    context = {**expected["service_context"], "correlation_id": "TXN-12345"}  # its own was the attendant's
    assert event == {**expected, "timestamp": iso_utc(NOON), "service_context": context}


async def test_publishing_is_asked_for_at_once(counter: Counter) -> None:
    woken: list[bool] = []
    async with calling(context_on(counter.store, wake=lambda: woken.append(True)), bearer=False) as erp:
        await deliver(erp, delivery())
        await deliver(erp, delivery())
    assert woken == [True]


@pytest.mark.parametrize("asks", [PAY, COMPLETE])
async def test_callback_then_kiosk_is_one_payment_and_one_event(counter: Counter, erp: httpx.AsyncClient, asks: str) -> None:
    await deliver(erp, delivery(reference=SWAP))
    answer = counter.ask(asks, payment() if asks == PAY else paid())
    assert answer["signals"][0] in ("PAYMENT_PROCESSED_SUCCESS", "SERVICE_COMPLETED_SUCCESS")
    assert [each["event_type"] for each in events(counter.store)].count("PAYMENT_RECEIVED") == 1
    assert len(stored(counter.store, PAYMENTS)) == 1


@pytest.mark.parametrize("asks", [PAY, COMPLETE])
@pytest.mark.parametrize("reference", [SWAP, None])
async def test_kiosk_then_callback_is_one_payment_and_one_event(
    counter: Counter, erp: httpx.AsyncClient, asks: str, reference: str | None
) -> None:
    counter.ask(asks, payment() if asks == PAY else paid())
    status, answer = await deliver(erp, delivery(receipt_id=" pay-1", payment_method="mobile_money", reference=reference))
    assert (status, answer["verdict"]) == (200, "KNOWN")
    assert [each["event_type"] for each in events(counter.store)].count("PAYMENT_RECEIVED") == 1
    assert stored(counter.store, PAYMENTS) == [("PAY-1", SWAP, "12.48", "USD")]


async def test_a_new_delivery_of_a_known_payment_does_nothing_twice(counter: Counter, erp: httpx.AsyncClient) -> None:
    assert [(await deliver(erp, delivery()))[1]["verdict"] for _ in range(3)] == ["BOOKED", "KNOWN", "KNOWN"]
    assert (len(stored(counter.store, PAYMENTS)), len(events(counter.store))) == (1, 1)


UNBOOKED = [({"plan_id": "no-such-plan"}, 404, "PLAN_UNKNOWN"), ({"currency": "KES"}, 422, "FOREIGN_CURRENCY")]
LATER = [timedelta(), timedelta(minutes=4), timedelta(minutes=6), timedelta(days=40), -timedelta(days=1)]


@pytest.mark.parametrize("later", LATER)
async def test_the_same_delivery_again_is_known_and_books_nothing_twice(counter: Counter, erp: httpx.AsyncClient, later: timedelta) -> None:
    body = dumps(delivery(reference=SWAP))
    assert (await deliver(erp, body))[1]["verdict"] == "BOOKED"
    before = [stored(counter.store, each) for each in (PAYMENTS, KEPT)] + [events(counter.store)]
    counter.clock.at += later
    for _ in range(2):
        status, answer = await deliver(erp, body)
        assert (status, answer["verdict"]) == (200, "KNOWN")
    assert [stored(counter.store, each) for each in (PAYMENTS, KEPT)] + [events(counter.store)] == before


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize(("changes", "status", "code"), UNBOOKED)
async def test_what_was_not_booked_is_told_so_again_and_is_kept_once(
    counter: Counter, erp: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str, later: timedelta
) -> None:
    body = dumps(delivery(**changes))
    first = await deliver(erp, body)
    before = [stored(counter.store, each) for each in (PAYMENTS, KEPT)] + [events(counter.store)]
    counter.clock.at += later
    assert (await deliver(erp, body)) == first
    assert (first[0], first[1]["error"]["code"]) == (status, code)
    assert [stored(counter.store, each) for each in (PAYMENTS, KEPT)] + [events(counter.store)] == before


@pytest.mark.parametrize("changes", [{}, {"plan_id": "no-such-plan"}, {"currency": "KES"}])
async def test_another_body_under_the_same_delivery_is_refused(counter: Counter, erp: httpx.AsyncClient, changes: dict[str, Any]) -> None:
    document = delivery(**changes)
    await deliver(erp, document)
    before = [stored(counter.store, each) for each in (PAYMENTS, KEPT)]
    for again in ({**document, "amount": 99}, {**document, "sent_at": "2025-01-15T10:30:01Z"}, dumps(document) + b" "):
        status, answer = await deliver(erp, again)
        assert (status, answer["error"]["code"]) == (409, "DELIVERY_REPLAYED")
    assert [stored(counter.store, each) for each in (PAYMENTS, KEPT)] == before


async def test_the_same_delivery_with_another_signature_is_no_delivery(counter: Counter, erp: httpx.AsyncClient) -> None:
    body = dumps(delivery())
    await deliver(erp, body)
    assert (await deliver(erp, body, x_signature=signature(body, b"another secret")))[0] == 401
    assert len(stored(counter.store, PAYMENTS)) == 1


async def test_a_recorded_delivery_that_never_came_in_time_books_nothing(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery())
    counter.clock.at += timedelta(minutes=6)
    for late in (delivery("5", "PAY-2"), delivery()):
        status, answer = await deliver(erp, late)
        assert (status, answer["error"]["code"]) == (409, "DELIVERY_STALE")
    assert len(stored(counter.store, PAYMENTS)) == 1


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_delivery_of_another_time_is_refused(counter: Counter, erp: httpx.AsyncClient, minutes: int) -> None:
    status, answer = await deliver(erp, delivery(sent_at=iso_utc(NOON + timedelta(minutes=minutes))))
    assert (status, answer["error"]["code"]) == (409, "DELIVERY_STALE")
    assert stored(counter.store, PAYMENTS) == []


async def test_a_wrong_signature_is_refused(counter: Counter, erp: httpx.AsyncClient) -> None:
    body = b'{"amount": 1}'
    for wrong in (
        "",
        "sha256=",
        signature(body, b"another secret"),
        signature(body + b" "),
        signature(body)[7:],
        "sha1=" + signature(body)[7:],
    ):
        status, answer = await deliver(erp, body, x_signature=wrong)
        assert (status, answer["error"]["code"]) == (401, "SIGNATURE_WRONG")
    assert (await deliver(erp, body, x_signature=signature(body).upper().replace("SHA", "sha")))[0] == 400  # signed, and no delivery


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"amount": "12.48"}, 400),
        ({"amount": 0}, 400),
        ({"amount": -1}, 400),
        ({"amount": True}, 400),
        ({"amount": 10**9}, 400),
        ({"currency": "shillings"}, 400),
        ({"currency": ""}, 400),
        ({"plan_id": "a/b"}, 400),
        ({"plan_id": "+"}, 400),
        ({"plan_id": 7}, 400),
        ({"receipt_id": " "}, 400),
        ({"receipt_id": "R" * 65}, 400),
        ({"delivery_id": None}, 400),
        ({"sent_at": "yesterday"}, 400),
        ({"payment_timestamp": "2025-01-15T10:24:30"}, 400),
        ({"payment_method": "\u0000"}, 400),
        ({"reference": ""}, 400),
    ],
)
async def test_what_can_be_no_delivery_is_refused(counter: Counter, erp: httpx.AsyncClient, changes: dict[str, Any], status: int) -> None:
    document = {name: value for name, value in {**delivery(), **changes}.items() if value is not None}
    answered, answer = await deliver(erp, document)
    assert (answered, answer["error"]["code"]) == (status, "BadInput")
    assert stored(counter.store, "SELECT * FROM platform_transactions") == []


@pytest.mark.parametrize(("amount", "currency"), [("5.001", "USD"), ("10.5", "XOF")])
async def test_an_amount_that_its_currency_does_not_have_is_refused(
    counter: Counter, erp: httpx.AsyncClient, amount: str, currency: str
) -> None:
    status, answer = await deliver(erp, delivery(amount, currency=currency))
    assert (status, answer["error"]["code"]) == (422, "PaymentInvalid")
    assert f"{amount} has more decimals than {currency} has" in answer["error"]["message"]
    assert stored(counter.store, "SELECT * FROM platform_transactions") == []
    assert (await deliver(erp, delivery("5.010")))[0] == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"null", b'{"amount": NaN}', b"[" * 20_000, b'{"a": 1, "a": 2}'])
async def test_bodies_that_are_no_json_object_are_refused(counter: Counter, erp: httpx.AsyncClient, body: bytes) -> None:
    assert (await deliver(erp, body))[0] == 400


async def test_another_content_type_is_refused(counter: Counter, erp: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/json; charset=utf-16", ""):
        assert (await deliver(erp, delivery(), content_type=kind))[0] == 415
    assert (await deliver(erp, delivery(), content_type="application/json; charset=UTF-8"))[0] == 200


@pytest.mark.parametrize(
    ("first", "then", "reason"),
    [
        ({}, {"amount": "15.00"}, "it was recorded with 12.48 USD"),
        ({}, {"plan_id": "plan-2"}, "it was recorded for another plan"),
        ({"reference": SWAP}, {"reference": OTHER_SWAP}, "it has paid another transaction"),
    ],
)
async def test_the_same_receipt_told_otherwise_is_kept_for_a_person(
    counter: Counter, erp: httpx.AsyncClient, first: dict[str, Any], then: dict[str, Any], reason: str
) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    await deliver(erp, delivery(**first))
    status, answer = await deliver(erp, delivery(**then))
    assert (status, answer["error"]["code"]) == (409, "CONTRADICTION")
    assert reason in answer["error"]["message"]
    assert unapplied(counter) == [("CONTRADICTION", reason)]
    assert len(stored(counter.store, PAYMENTS)) == 1


async def test_another_currency_is_kept_and_pays_no_swap(counter: Counter, erp: httpx.AsyncClient) -> None:
    status, answer = await deliver(erp, delivery("1600", currency="KES"))
    assert (status, answer["error"]["code"]) == (422, "FOREIGN_CURRENCY")
    assert unapplied(counter) == [("FOREIGN_CURRENCY", "it is in KES and the plan is paid in USD")]
    for refused in (counter.ask(PAY, payment("12.48")), counter.ask(COMPLETE, paid("12.48"))):
        assert "PAYMENT_FAILED" in refused["signals"]
        assert "it is in KES" in refused["metadata"]["reason"]
    assert stored(counter.store, PAYMENTS) == []


async def test_another_currency_is_told_once_and_moves_no_state_machine(counter: Counter, erp: httpx.AsyncClient) -> None:
    for _each in range(2):
        await deliver(erp, delivery("1600", currency="KES", reference=SWAP))
    (told,) = events(counter.store)
    assert (told["payment_data"]["amount"], told["payment_data"]["currency"]) == (1600, "KES")
    assert (told["event_id"], told["fsm_inputs"], told["service_context"]["transaction_id"]) == ("EVT-UNAPPLIED-PAY-1", [], SWAP)


async def test_a_payment_of_an_unknown_plan_is_kept_once(counter: Counter, erp: httpx.AsyncClient) -> None:
    for _each in range(2):
        status, answer = await deliver(erp, delivery(plan_id="no-such-plan"))
        assert (status, answer["error"]["code"]) == (404, "PLAN_UNKNOWN")
    assert unapplied(counter) == [("PLAN_UNKNOWN", "there is no plan no-such-plan")]


async def test_a_person_settles_what_was_kept(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery(plan_id="no-such-plan"))
    kept = UnappliedPayments(counter.store)
    kept.settle(kept.open()[0].number, "paid back", NOON)
    assert kept.open() == ()


async def test_an_unbound_payment_is_taken_by_the_first_swap_that_shows_it(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery())
    assert stored(counter.store, PAYMENTS) == [("PAY-1", "", "12.48", "USD")]
    assert counter.ask(PAY, payment())["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]
    assert stored(counter.store, PAYMENTS) == [("PAY-1", SWAP, "12.48", "USD")]
    assert counter.ask(PAY, payment(correlation_id=OTHER_SWAP))["signals"] == ["PAYMENT_FAILED"]
    assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


async def test_a_bound_payment_pays_its_transaction_only(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery(reference=OTHER_SWAP))
    assert "used before" in counter.ask(COMPLETE, paid())["metadata"]["reason"]
    assert counter.ask(COMPLETE, paid(correlation_id=OTHER_SWAP))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


async def test_a_later_delivery_may_name_the_transaction(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery())
    assert (await deliver(erp, delivery(reference=SWAP)))[1]["verdict"] == "KNOWN"
    assert stored(counter.store, PAYMENTS) == [("PAY-1", SWAP, "12.48", "USD")]


async def test_the_payment_cycle_hears_of_a_payment_once(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.store.put_plan(_counting(plan_with(used_kwh="390")), NOON)
    await deliver(erp, delivery())
    await deliver(erp, delivery())
    counter.ask(PAY, payment())
    assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    after = counter.store.plan(PLAN)
    assert after is not None
    assert after.payment_state == "ONCE"


async def test_an_over_payment_is_booked_in_full_and_credits(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("20.00", reference=SWAP))
    energy = counter.ask(COMPLETE, paid("20.00"))["metadata"]["quota_updates"][1]
    assert (str(energy["quota_after"]), str(energy["used_after"])) == ("425", "415.6")


async def test_no_event_is_published_where_the_plan_publishes_none(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.store.put_plan(with_config(service_completion=ServiceCompletion(event_publishing_enabled=False)), NOON)
    assert (await deliver(erp, delivery()))[1]["verdict"] == "BOOKED"
    assert (len(stored(counter.store, PAYMENTS)), events(counter.store)) == (1, [])


# ---------------------------------------------------------------- only what is confirmed


@pytest.mark.parametrize("asks", [PAY, COMPLETE])
async def test_where_only_confirmed_payments_count_the_kiosk_waits_for_the_callback(
    counter: Counter, erp: httpx.AsyncClient, asks: str
) -> None:
    strict = Counter(store=counter.store, verifier=VERIFIERS["confirmed"]())
    question = payment() if asks == PAY else paid()
    assert strict.send(asks, question).answer is None
    await deliver(erp, delivery())
    assert strict.ask(asks, question)["signals"][0] in ("PAYMENT_PROCESSED_SUCCESS", "SERVICE_COMPLETED_SUCCESS")


async def test_a_confirmation_that_contradicts_refuses_at_once(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("1600", currency="KES"))
    for policy in VERIFIERS.values():
        answer = Counter(store=counter.store, verifier=policy()).ask(PAY, payment())
        assert "it is in KES" in answer["metadata"]["reason"]
    await deliver(erp, delivery("10.00", "PAY-2"))
    for policy in VERIFIERS.values():
        answer = Counter(store=counter.store, verifier=policy()).ask(PAY, payment("12.48", "PAY-2"))
        assert "10.00 USD" in answer["metadata"]["reason"]


async def test_money_for_a_completed_swap_comes_too_late_and_waits_for_a_person(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.ask(COMPLETE, paid())
    status, answer = await deliver(erp, delivery("5", receipt_id="PAY-2", reference=SWAP))
    assert (status, answer["error"]["code"]) == (409, "TOO_LATE")
    assert unapplied(counter) == [("TOO_LATE", f"{SWAP} was completed without it")]
    assert [each[0] for each in stored(counter.store, PAYMENTS)] == ["PAY-1"]
    assert "is completed already" in counter.ask(PAY, payment("5", "PAY-3"))["metadata"]["reason"]


async def test_a_free_payment_is_not_taken_by_a_completed_swap(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.ask(COMPLETE, paid())
    await deliver(erp, delivery(receipt_id="PAY-2"))
    assert (await deliver(erp, delivery(receipt_id="PAY-2", reference=SWAP)))[1]["verdict"] == "KNOWN"
    assert counter.ask(PAY, payment(receipt_id="PAY-2"))["signals"] == ["PAYMENT_FAILED"]
    assert stored(counter.store, PAYMENTS)[1][:2] == ("PAY-2", "")


@pytest.mark.parametrize("asked", [completion(), paid(), paid(receipt_id="PAY-9")])
async def test_money_that_a_swap_was_completed_without_waits_for_a_person(
    counter: Counter, erp: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    if asked == completion():
        counter.store.put_plan(plan_of(), NOON)
    elif asked == paid():
        await deliver(erp, delivery(reference=SWAP))
    await deliver(erp, delivery("13", receipt_id="PAY-2", reference=SWAP))
    assert counter.ask(COMPLETE, asked)["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    counter.ask(COMPLETE, asked)
    assert unapplied(counter) == [("NOT_COUNTED", f"{SWAP} was completed without it")]


async def test_money_of_another_plan_is_not_counted_where_it_names_the_swap(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    await deliver(erp, delivery("5", receipt_id="PAY-2", plan_id="plan-2", reference=SWAP))
    assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert stored(counter.store, PAYMENTS)[1] == ("PAY-1", SWAP, "12.48", "USD")
    assert unapplied(counter) == [("NOT_COUNTED", f"{SWAP} is of the plan {PLAN}")]
