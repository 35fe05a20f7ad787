"""What breaks in mid-swap: brokers, platforms, kiosks. Nothing is lost and nothing is booked twice."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.bootstrap import TERMINAL
from kiosk.domain.errors import PlanUnavailable, StoreInUse
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, next_step
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.agent.wire_messages import Outgoing
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.wire.exact_json import dumps
from tests.brokers import Mosquitto, silent_server
from tests.end_to_end.world import NEW, WAIT_SECONDS, Shop, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import PLAN, count, open_counter, rows
from tests.platform.kiosks import kiosk_on, link_to, platform_with
from tests.platform.run.test_crash import dying_platform
from tests.station.adapters.mqtt.parties import linked
from tests.stores import store_of

BOOKED = (Decimal(7), Decimal("348.1"), NEW)
CONNECTED = b"\x20\x03\x00\x00\x00"  # MQTT 5: connected, no properties


def cache(settings: Settings, plan: ServicePlan) -> None:
    """The platform told this plan a moment ago."""
    store = open_store(settings.database_url)
    store.put_plan(plan, SystemClock().now())
    store.close()


async def sent(shop: Shop, correlation_id: str) -> None:
    """Until the completion has left at least once."""
    async with asyncio.timeout(WAIT_SECONDS):
        while store_of(shop.kiosk).outbox_entry(correlation_id).tries == 0:
            await asyncio.sleep(0.01)


async def test_a_broker_killed_between_complete_and_answer_settles_once(
    own_mosquitto: Callable[..., Mosquitto], folder: Path, books: Path
) -> None:
    broker, plan = own_mosquitto(), plan_named("killed")
    async with platform_with(broker, books, plan) as service, counter(settings_in(folder, broker)) as shop:
        swap = await shop.with_batteries(plan.id)
        service.silent = True
        done = await shop.kiosk.swaps.complete(swap)
        await sent(shop, done.correlation_id)
        await asyncio.to_thread(broker.kill)
        await shop.link(up=False)
        service.silent = False
        assert shop.state(done) == "unsettled"
        await asyncio.to_thread(broker.start)
        await shop.settled(done)
    assert booked(books, plan.id) == BOOKED
    assert count(books, "service_events") == 1


async def test_an_answer_lost_with_the_broker_is_given_again_and_nothing_is_booked_twice(
    own_mosquitto: Callable[..., Mosquitto], folder: Path, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, plan = own_mosquitto(), plan_named("lost")
    lost: list[Outgoing] = []

    async with platform_with(broker, books, plan), counter(settings_in(folder, broker)) as shop:
        swap = await shop.with_batteries(plan.id)
        with monkeypatch.context() as patched:
            patched.setattr(PlatformService, "_publish_answer", lambda _self, answer: lost.append(answer))
            done = await shop.kiosk.swaps.complete(swap)
            async with asyncio.timeout(WAIT_SECONDS):
                while not lost:
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(broker.kill)
            await shop.link(up=False)
        assert booked(books, plan.id) == BOOKED
        assert shop.state(done) == "unsettled"
        await asyncio.to_thread(broker.start)
        await shop.settled(done)
    assert booked(books, plan.id) == BOOKED
    assert count(books, "service_events") == 1


@pytest.mark.parametrize("reply", [b"", CONNECTED], ids=["silent from the start", "silent after the handshake"])
async def test_with_a_half_open_broker_the_cached_plan_serves_and_the_swap_is_stored(folder: Path, reply: bytes) -> None:
    plan = plan_named("half")
    async with silent_server(reply) as port:
        settings = settings_in(folder, port, answer_seconds=0.5, connect_seconds=1)
        cache(settings, plan)
        async with counter(settings) as shop:
            async with asyncio.timeout(settings.mqtt.answer_seconds + 1):
                swap = await shop.identify(plan.id)
            assert swap.plan == plan
            done = await shop.kiosk.swaps.complete(await shop.new(await shop.returned(swap, "BAT-12345"), NEW))
            assert shop.state(done) == "unsettled"
            assert (shop.waiting.unsettled, shop.waiting.refused) == (1, 0)


@contextmanager
def frozen(broker: Mosquitto) -> Iterator[None]:
    """Accepts, holds every link, and says nothing."""
    assert broker._process is not None
    os.kill(broker._process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker._process.pid, signal.SIGCONT)


async def test_a_broker_that_falls_silent_in_mid_swap_holds_up_nobody(
    own_mosquitto: Callable[..., Mosquitto], folder: Path, books: Path
) -> None:
    broker, plan = own_mosquitto(), plan_named("frozen")
    async with platform_with(broker, books, plan), counter(settings_in(folder, broker, answer_seconds=0.5)) as shop:
        await shop.identify(plan.id)
        with frozen(broker):
            async with asyncio.timeout(2):
                swap = await shop.identify(plan.id)
            with pytest.raises(PlanUnavailable):
                await shop.identify("never-seen-here")
            done = await shop.kiosk.swaps.complete(await shop.new(await shop.returned(swap, "BAT-12345"), NEW))
            assert shop.state(done) == "unsettled"
        await shop.settled(done)
    assert booked(books, plan.id) == BOOKED
    assert count(books, "service_events") == 1


async def test_a_platform_killed_after_its_commit_answers_the_same_again(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    with open_counter(books):
        pass
    async with counter(settings_in(folder, mosquitto)) as shop, kiosk_on(mosquitto) as ears:
        async with platform_with(mosquitto, books):
            swap = await shop.with_batteries(PLAN)
        async with dying_platform(mosquitto, books, "after-commit") as process, asyncio.timeout(WAIT_SECONDS):
            done = await shop.kiosk.swaps.complete(swap)
            assert await process.wait() == -signal.SIGKILL
        assert (booked(books, PLAN), shop.state(done)) == (BOOKED, "unsettled")
        async with platform_with(mosquitto, books):
            await shop.settled(done)
        await ears.until(lambda: ears.answers(done.correlation_id))
        assert "IDEMPOTENT_OPERATION_DETECTED" in ears.answers(done.correlation_id)[0]["signals"]
    assert booked(books, PLAN) == BOOKED
    assert rows(books, "SELECT correlation_id FROM platform_service_events") == [(done.correlation_id,)]


@asynccontextmanager
async def dying_kiosk(folder: Path, broker: Mosquitto, plan_id: str, when: str = "complete") -> AsyncIterator[str]:
    """A kiosk that dies right after complete, or at another moment; the id of its swap."""
    arguments = ("-m", "tests.end_to_end.dying_kiosk", str(folder), str(broker.port), plan_id, when)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
        assert process.returncode == -signal.SIGKILL
        yield said.decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_kiosk_killed_right_after_complete_sends_and_settles_at_its_next_start(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan = plan_named("dying")
    async with platform_with(mosquitto, books, plan), dying_kiosk(folder, mosquitto, plan.id) as correlation_id:
        assert count(books, "service_events") == 0
        async with counter(settings_in(folder, mosquitto)) as shop:
            (row,) = store_of(shop.kiosk).history()
            assert row.swap.correlation_id == correlation_id
            assert next_step(row.swap) is Step.DONE
            await shop.settled(row.swap)
            assert await shop.kiosk.swaps.kept() == ()
    assert booked(books, plan.id) == BOOKED


async def test_a_second_kiosk_on_the_same_data_is_refused_and_the_terminal_is_not(mosquitto: Mosquitto, folder: Path) -> None:
    settings = settings_in(folder, mosquitto)
    async with counter(settings) as shop:
        with pytest.raises(StoreInUse):
            async with counter(settings):
                pass
        async with counter(settings, TERMINAL) as terminal:
            assert store_of(terminal.kiosk).history() == ()
            assert store_of(shop.kiosk).history() == ()
    async with counter(settings):
        pass  # it is free again


async def test_two_kiosks_at_once_on_one_plan_book_one_swap_and_the_other_waits_for_a_person(
    mosquitto: Mosquitto, tmp_path: Path, books: Path
) -> None:
    plan = plan_named("two")
    one, two = settings_in(tmp_path / "one", mosquitto, "ONE"), settings_in(tmp_path / "two", mosquitto, "TWO")
    async with platform_with(mosquitto, books, plan), counter(one) as first, counter(two) as second:
        swaps = await asyncio.gather(first.with_batteries(plan.id), second.with_batteries(plan.id, "BAT-77777"))
        done = await asyncio.gather(first.kiosk.swaps.complete(swaps[0]), second.kiosk.swaps.complete(swaps[1]))
        answers = await asyncio.gather(first.answer(done[0]), second.answer(done[1]))
        assert sorted(each.settled for each in answers) == [False, True]
        loser, lost = (first, done[0]) if answers[1].settled else (second, done[1])
        assert loser.state(lost) == "refused"
        assert loser.waiting.refused == 1
        (entry,) = await loser.kiosk.outbox.entries()
        assert "BAT-12345" in entry.reason
    assert count(books, "service_events") == 1
    assert booked(books, plan.id)[0] == 7


async def test_a_counter_and_its_terminal_send_the_same_completion_and_it_is_booked_once(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan, settings = plan_named("both"), settings_in(folder, mosquitto)
    async with platform_with(mosquitto, books, plan) as service, counter(settings) as shop:
        swap = await shop.with_batteries(plan.id)
        service.silent = True
        done = await shop.kiosk.swaps.complete(swap)
        await sent(shop, done.correlation_id)
        async with counter(settings, TERMINAL) as terminal:
            service.silent = False
            await asyncio.gather(terminal.answer(done), shop.answer(done))
        assert shop.state(done) == "settled"
    assert count(books, "service_events") == 1


def noise(done_id: str) -> Iterator[bytes]:
    """What is no answer to this swap."""
    success, failure = ["SERVICE_COMPLETED_SUCCESS"], ["SERVICE_COMPLETION_FAILED"]
    yield from (b"", b"\xff\xfe", b"not JSON", b"[]", b"null", b"[" * 5000)
    yield dumps({"signals": success})
    yield dumps({"signals": success, "metadata": {}})
    yield dumps({"signals": success, "correlation_id": "TXN-OTHER"})
    yield dumps({"signals": failure, "correlation_id": "TXN-OTHER"})
    yield dumps({"signals": success, "correlation_id": done_id[:-1]})
    yield dumps({"signals": success, "correlation_id": [done_id]})
    yield dumps({"signals": "SERVICE_COMPLETED_SUCCESS", "correlation_id": 7})


async def test_answers_that_are_none_of_ours_or_come_late_change_nothing(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan, answers = plan_named("noise"), "rtrn/abs/attendant/plan/{}/complete_service_response"
    settings = settings_in(folder, mosquitto, answer_seconds=0.5)
    async with platform_with(mosquitto, books, plan) as service, counter(settings) as shop, linked(link_to(mosquitto, "noise")) as speaker:
        swap = await shop.with_batteries(plan.id)
        service.silent = True
        done = await shop.kiosk.swaps.complete(swap)
        await sent(shop, done.correlation_id)
        good = dumps({"signals": ["SERVICE_COMPLETED_SUCCESS"], "correlation_id": done.correlation_id})
        speaker.publish(answers.format("another-plan"), good)
        for each in noise(done.correlation_id):
            speaker.publish(answers.format(plan.id), each)
        await shop.identify(plan.id)  # unanswered: all that was said is heard by then
        assert shop.state(done) == "unsettled"
        service.silent = False
        await shop.settled(done)
        late = dumps({"signals": ["SERVICE_COMPLETION_FAILED"], "correlation_id": done.correlation_id, "metadata": {"reason": "late"}})
        for each in (late, late, good):
            speaker.publish(answers.format(plan.id), each)
        await shop.identify(plan.id)  # answered after those
        assert shop.state(done) == "settled"
        assert shop.waiting.refused == 0
    assert booked(books, plan.id) == BOOKED
    assert count(books, "service_events") == 1


async def test_a_customer_comes_again_offline_with_the_battery_of_the_settled_swap(
    own_mosquitto: Callable[..., Mosquitto], folder: Path, books: Path
) -> None:
    broker, plan = own_mosquitto(), plan_named("again")
    async with platform_with(broker, books, plan), counter(settings_in(folder, broker)) as shop:
        first = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
        await shop.settled(first)
        await asyncio.to_thread(broker.kill)
        await shop.link(up=False)
        swap = await shop.identify(plan.id)
        assert swap.plan.current_asset == NEW
        assert swap.plan.electricity is not None
        assert swap.plan.electricity.used == BOOKED[1]
        second = await shop.kiosk.swaps.complete(await shop.new(await shop.returned(swap, NEW), "BAT-77777"))
        await asyncio.to_thread(broker.start)
        await shop.settled(second)
    assert booked(books, plan.id) == (Decimal(8), Decimal("347.9"), "BAT-77777")
