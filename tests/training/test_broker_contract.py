"""What training, the demo and the field need of a broker: the embedded one keeps it as Mosquitto does."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.training.environment import EmbeddedBroker
from tests.brokers import Mosquitto
from tests.training.parties import Party, beside, eventually, party, said

MEGABYTE = bytes(range(250)) * 4000


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedBroker]:
    """The embedded broker, on a loop in a thread of its own as in training."""
    broker, loop = EmbeddedBroker(folder), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(broker.start(), loop).result(30)
        yield broker
    finally:
        asyncio.run_coroutine_threadsafe(broker.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
        broker.close()


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def port(request: pytest.FixtureRequest, mosquitto: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a broker of each kind listens; client names and topics are each test's own."""
    if request.param == "mosquitto":
        yield mosquitto.port
        return
    with embedded(tmp_path_factory.mktemp("embedded")) as broker:
        yield broker.port


def test_a_question_is_answered_and_its_properties_arrive_whole(port: int) -> None:
    with party(port, "asks", "answers/plan-1") as asker, party(port, "replies", "questions/+") as replier:
        properties = said(
            ResponseTopic="answers/plan-1",
            CorrelationData=b"TXN-1",
            MessageExpiryInterval=30,
            UserProperty=[("signature", "abc="), ("station", "STATION-1"), ("station", "again")],
        )
        asker.say("questions/plan-1", b"how much?", properties=properties)
        assert eventually(lambda: bool(replier.heard))
        asked = replier.heard[0]
        assert beside(asked).UserProperty == [("signature", "abc="), ("station", "STATION-1"), ("station", "again")]
        assert 1 <= beside(asked).MessageExpiryInterval <= 30
        replier.say(beside(asked).ResponseTopic, b"5 kWh", properties=said(CorrelationData=beside(asked).CorrelationData))
        assert eventually(lambda: bool(asker.heard))
        answer = asker.heard[0]
        assert (answer.topic, answer.payload, beside(answer).CorrelationData) == ("answers/plan-1", b"5 kWh", b"TXN-1")


def test_a_retained_message_is_told_to_who_comes_later_until_it_is_taken_back(port: int) -> None:
    with party(port, "tells") as teller:
        teller.say("kept/state", b"first", retain=True)
        teller.say("kept/state", b"open", retain=True)
        with party(port, "comes", "kept/#") as late:
            assert eventually(lambda: bool(late.heard))
            assert [(each.payload, each.retain) for each in late.heard] == [(b"open", True)]
        teller.say("kept/state", b"", retain=True)
        with party(port, "comes-again", "kept/#") as later:
            teller.say("kept/other", b"now")
            assert eventually(lambda: bool(later.heard))
            assert [each.payload for each in later.heard] == [b"now"]


def test_a_megabyte_arrives_whole(port: int) -> None:
    with party(port, "big-hears", "big/+") as hears, party(port, "big-says") as says:
        says.say("big/plan", MEGABYTE)
        assert eventually(lambda: bool(hears.heard))
        assert hears.heard[0].payload == MEGABYTE


def test_messages_arrive_once_and_in_order(port: int) -> None:
    with party(port, "order-hears", "order") as hears, party(port, "order-says") as says:
        for number in range(500):
            says.client.publish("order", str(number), 1)
        assert eventually(lambda: len(hears.heard) >= 500)
        says.say("order", b"end")
        assert eventually(lambda: len(hears.heard) > 500)
        assert [each.payload for each in hears.heard] == [*(str(number).encode() for number in range(500)), b"end"]


def test_a_hundred_are_connected_at_once_and_all_hear(port: int) -> None:
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(party(port, f"crowd-{number}", "crowd")) for number in range(100)]
        crowd[0].say("crowd", b"all")
        assert eventually(lambda: all(each.heard for each in crowd))


def test_a_shared_subscription_deals_each_message_to_one(port: int) -> None:
    with (
        party(port, "deal-1", "$share/crew/jobs/#") as one,
        party(port, "deal-2", "$share/crew/jobs/#") as two,
        party(port, "deals") as dealer,
    ):
        for number in range(20):
            dealer.say(f"jobs/{number}", b"")
        assert eventually(lambda: len(one.heard) + len(two.heard) >= 20)
        assert sorted(each.topic for each in (*one.heard, *two.heard)) == sorted(f"jobs/{number}" for number in range(20))
        assert min(len(one.heard), len(two.heard)) > 0


def test_what_one_of_a_shared_subscription_no_longer_takes_the_other_gets(port: int) -> None:
    with party(port, "left-1", "$share/left/left/#") as one, party(port, "left-2", "$share/left/left/#") as two:
        one.leave()
        with party(port, "left-says") as says:  # comes when the broker knows that the other has left
            for number in range(10):
                says.say(f"left/{number}", b"")
            assert eventually(lambda: len(two.heard) == 10)


def test_a_will_is_told_of_one_that_vanishes_and_not_of_one_that_leaves(port: int) -> None:
    with party(port, "mourns", "will/+") as mourner:
        with party(port, "leaves", will=("will/leaves", b"gone")):
            pass
        with party(port, "vanishes", will=("will/vanishes", b"gone")) as unlucky:
            unlucky.vanish()
            assert eventually(lambda: bool(mourner.heard))
        assert [each.topic for each in mourner.heard] == ["will/vanishes"]


def test_a_second_client_of_one_name_takes_the_place_of_the_first(port: int) -> None:
    with party(port, "twin", "twins") as first:
        lost = threading.Event()

        def give_way(*_: object) -> None:
            first.client.disconnect()  # else it would take its place back
            lost.set()

        first.client.on_disconnect = give_way
        second = Party(port, "twin")
        try:
            second.connect()
            second.hear("twins")
            assert lost.wait(15)
            second.say("twins", b"here")
            assert eventually(lambda: bool(second.heard))
        finally:
            second.leave()
        assert first.heard == []
