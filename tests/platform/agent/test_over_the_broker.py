"""The platform through a real Mosquitto: answers, events, hostile messages, a broker that goes away."""

import asyncio
from collections.abc import Callable

import pytest

from kiosk.domain.requests import CustomerCode
from kiosk.shared.mqtt.link import Delivery, LinkChanged
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload, question_to_payload
from tests.brokers import Mosquitto, run
from tests.builders import NOON, but_events, plan_of, specified
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, Where, completion, count, open_counter, payment
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_on

COMPLETE = "complete_service"
TOPICS = (
    "call/uxi/attendant/plan/{}/" + step for step in ("complete_service", "equipment_checkin", "equipment_checkout", "process_payment")
)
REQUEST_TOPICS = (*TOPICS, "call/uxi/attendant/plan/{}/activity_report", "emit/uxi/attendant/plan/{}/identify_customer")


def test_the_specifications_swap_through_the_broker(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(PLAN, COMPLETE, specified("complete_service_request"))
            await kiosk.until(lambda: len(kiosk.events(PLAN)) == 2)
            return kiosk

    kiosk = run(swap())
    (answer,) = kiosk.answers("TXN-12345")
    assert but_events(answer) == {**specified("complete_service_response"), "correlation_id": "TXN-12345"}
    assert [answer["metadata"]["service_event"], answer["metadata"]["payment_event"]] == kiosk.events(PLAN)
    assert kiosk.heard[0].topic == f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"
    service, received = kiosk.events(PLAN)
    assert service["event_type"] == "SERVICE_COMPLETED"
    assert received["payment_data"] == {**specified("payment_received_event")["payment_data"], "payment_timestamp": "2025-01-15T10:30:00Z"}
    assert count(books, "outgoing_events WHERE published_at IS NULL") == 0


def test_the_specifications_payment_event_through_the_broker(mosquitto: Mosquitto, books: Where) -> None:
    expected = specified("payment_received_event")
    asked = payment(
        "15.00", "PAY-78910", "att-payment-001", transaction_id="TXN-12345", payment_timestamp=expected["payment_data"]["payment_timestamp"]
    )

    async def pay() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(PLAN, "process_payment", asked)
            await kiosk.until(lambda: kiosk.events(PLAN))
            return kiosk

    assert run(pay()).events(PLAN) == [{**expected, "timestamp": "2025-01-15T10:30:00Z"}]


def test_twenty_copies_get_twenty_answers_and_one_event(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(PLAN, COMPLETE, completion(), times=20)
            await kiosk.call(PLAN, COMPLETE, completion(correlation_id=OTHER_SWAP))  # what the copies cause has come before its answer
            return kiosk

    kiosk = run(swap())
    repeated = ["IDEMPOTENT_OPERATION_DETECTED" in each["signals"] for each in kiosk.answers(SWAP)]
    assert repeated == [False, *[True] * 19]
    assert [each["event_id"] for each in kiosk.events(PLAN)] == [f"EVT-SVC-{SWAP}"]


def test_the_answer_goes_to_the_response_topic_with_its_correlation_data(mosquitto: Mosquitto, books: Where) -> None:
    async def ask(response_topic: str) -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            delivery = Delivery(response_topic=response_topic, correlation_data=b"\x00\xff")
            kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion(), delivery)
            await kiosk.until(lambda: kiosk.answers(SWAP))
            return kiosk

    stations = "rtrn/abs/station/STATION_XYZ/complete_service"
    wanted = run(ask(stations)).heard[0]
    assert (wanted.topic, wanted.correlation_data) == (stations, b"\x00\xff")
    for forbidden in (f"event/abs/payment/plan/{PLAN}/payment_received", "rtrn/abs/attendant/plan/another/complete_service_response"):
        assert run(ask(forbidden)).heard[0].topic == f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"


def test_an_identification_under_a_swaps_id_is_not_answered_where_the_swap_is_awaited(mosquitto: Mosquitto, books: Where) -> None:
    awaited = f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"

    async def ask() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            question = question_to_payload(CustomerCode(text=PLAN, plan_id=PLAN), SWAP, NOON, "ATT-001", "STATION_XYZ")
            for response_topic in (awaited, "rtrn/abs/station/STATION_XYZ/complete_service"):
                delivery = Delivery(response_topic=response_topic, correlation_data=SWAP.encode())
                kiosk.send(f"emit/uxi/attendant/plan/{PLAN}/identify_customer", question, delivery)
            await kiosk.until(lambda: len(kiosk.heard) == 2)
            return kiosk

    assert [each.topic for each in run(ask()).heard] == [f"echo/abs/service/plan/{PLAN}/identify_customer"] * 2


def test_a_scanned_customer_gets_the_plan(mosquitto: Mosquitto, books: Where) -> None:
    async def identify() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            question = question_to_payload(CustomerCode(text=PLAN, plan_id=PLAN), SWAP, NOON, "ATT-001", "STATION_XYZ")
            kiosk.send(f"emit/uxi/attendant/plan/{PLAN}/identify_customer", question)
            await kiosk.until(lambda: kiosk.heard)
            return kiosk

    answer = run(identify()).heard[0]
    assert answer.topic == f"echo/abs/service/plan/{PLAN}/identify_customer"
    read = identify_answer_from_payload(PLAN, answer.payload)
    assert isinstance(read, IdentifyAnswer)
    assert read.plan() == plan_of()


HOSTILE = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "no JSON": b"{",
    "NaN": b'{"correlation_id": "TXN-1", "outgoing_kwh": NaN}',
    "a list": b"[1, 2]",
    "a number": b"7",
    "null": b"null",
    "deep": b"[" * 50_000,
    "deep inside": b'{"correlation_id": "TXN-1", "a": ' + b"[" * 500 + b"]" * 500 + b"}",
    "long": b'{"correlation_id": "TXN-1", "a": "' + b"x" * 200_000 + b'"}',
    "huge number": b'{"correlation_id": "TXN-1", "outgoing_kwh": 1e999999}',
    "id is a list": b'{"correlation_id": ["TXN-1"]}',
    "id is long": b'{"correlation_id": "' + b"T" * 1000 + b'"}',
    "data is text": b'{"correlation_id": "TXN-1", "data": "x"}',
    "action is another": b'{"correlation_id": "TXN-1", "action": "DROP TABLE plans"}',
    "half a character": b'{"correlation_id": "\\ud800"}',
    "key twice": b'{"correlation_id": "TXN-1", "correlation_id": "TXN-2"}',
}


def test_hostile_messages_on_every_topic_stop_nothing(mosquitto: Mosquitto, books: Where) -> None:
    async def attack() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            for topic in REQUEST_TOPICS:
                for plan_id in (PLAN, "no-such-plan", "x" * 5000, " ", "$SYS", "'; DROP TABLE platform_plans; --"):
                    for payload in HOSTILE.values():
                        kiosk.send(topic.format(plan_id), payload)
            await kiosk.call(PLAN, COMPLETE, completion())
            return kiosk

    kiosk = run(attack())
    assert kiosk.answers(SWAP)[0]["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    others = [loads(each.payload) for each in kiosk.heard if not each.topic.startswith("event/")][:-1]
    assert others
    for each in others:
        signals = each.get("signals") or each["data"]["signals"]
        assert not any("SUCCESS" in signal or "REPORTED" in signal for signal in signals)
    assert count(books, "transactions") == 1


def test_a_silent_platform_answers_again_when_it_is_asked_later(mosquitto: Mosquitto, books: Where) -> None:
    async def hang() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN) as platform, kiosk_on(mosquitto) as kiosk:
            platform.silent = True
            kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await kiosk.until(lambda: kiosk.heard)
            platform.silent = False
            await kiosk.call(PLAN, COMPLETE, completion())
            return kiosk

    assert run(hang()).answers(SWAP)[0]["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_events_that_were_stored_and_not_published_leave_at_the_next_start_once(mosquitto: Mosquitto, books: Where) -> None:
    with open_counter(books) as counter:
        counter.send(COMPLETE, specified("complete_service_request"))

    async def start(wanted: int) -> list[str]:
        async with kiosk_on(mosquitto) as kiosk, platform_on(mosquitto, books, PLAN):
            await kiosk.until(lambda: len(kiosk.events(PLAN)) == wanted)
            await kiosk.call(PLAN, COMPLETE, completion(correlation_id=OTHER_SWAP))
            return [each["event_id"] for each in kiosk.events(PLAN)]

    assert run(start(2)) == ["EVT-SVC-TXN-12345", "EVT-PAY-78910"]
    assert run(start(0)) == []


def test_the_platform_comes_back_with_its_broker(own_mosquitto: Callable[..., Mosquitto], books: Where) -> None:
    broker = own_mosquitto()

    async def swap() -> FakeKiosk:
        async with platform_on(broker, books, PLAN) as platform, kiosk_on(broker) as kiosk:
            await kiosk.call(PLAN, COMPLETE, completion())
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
            await kiosk.session.wait_connected(10)
            await platform.wait_ready(10)
            await kiosk.call(PLAN, COMPLETE, completion())
            return kiosk

    assert "IDEMPOTENT_OPERATION_DETECTED" in run(swap()).answers(SWAP)[1]["signals"]


def test_an_event_that_cannot_leave_waits_for_the_link(own_mosquitto: Callable[..., Mosquitto], books: Where) -> None:
    broker = own_mosquitto()

    async def swap() -> list[str]:
        async with platform_on(broker, books, PLAN, look_seconds=60) as platform, kiosk_on(broker) as kiosk:
            changes: asyncio.Queue[LinkChanged] = asyncio.Queue()
            platform._session._announce = changes.put_nowait  # told to the platform below, when the kiosk listens again
            await asyncio.to_thread(broker.kill)
            assert not (await changes.get()).connected
            lost = Counter(store=platform._store).send(COMPLETE, completion())
            assert not platform._publish_events(lost.events)
            await asyncio.to_thread(broker.start)
            await kiosk.session.wait_connected(10)
            await platform.wait_ready(10)
            platform._link_changed(LinkChanged(connected=True, since=NOON))
            await kiosk.until(lambda: kiosk.events(PLAN))
            return [each["event_id"] for each in kiosk.events(PLAN)]

    assert run(swap()) == [f"EVT-SVC-{SWAP}"]
    assert count(books, "outgoing_events WHERE published_at IS NULL") == 0


def test_answers_are_bytes_of_json_numbers(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> FakeKiosk:
        async with platform_on(mosquitto, books, PLAN), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(PLAN, COMPLETE, completion())
            return kiosk

    answer = run(swap()).heard[0].payload
    assert b'"used_after":370.1' in answer
    assert dumps(loads(answer)) == answer
