"""A broker whose access list forbids what the kiosk needs says so, where it can, and the kiosk says it on (real Mosquitto)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.domain.errors import Forbidden
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
from kiosk.shared.mqtt.own_messages import OwnMessages
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Event, OutboxChanged, SwapAnswered
from kiosk.station.ports import OutboxEntry, OutboxState
from kiosk.station.services.outbox import Outbox, RetryPolicy
from kiosk.wire.actions import Topics
from tests.brokers import Mosquitto, run
from tests.builders import swap_with_batteries
from tests.station.adapters.mqtt.parties import Ears, Platform, linked
from tests.station.adapters.mqtt.test_completions import request, settled

Link = Callable[..., LinkSettings]
Brokers = Callable[..., Mosquitto]
NO_WRITE, NO_READ, ALL = "topic read #\ntopic write emit/#\n", "topic write #\n", "topic readwrite #\n"
OWN = "rtrn/abs/station/STATION_XYZ/probe"


class Guarded:
    """A broker with an access list that a test may change while it runs."""

    def __init__(self, brokers: Brokers, folder: Path, rules: str) -> None:
        self.file = folder / "acl"
        self._write(rules)
        self.broker = brokers(f"acl_file {self.file}")
        self.port = self.broker.port

    def _write(self, rules: str) -> None:
        self.file.write_text(rules)
        self.file.chmod(0o600)

    def allow(self, rules: str) -> None:
        """Other rules, from now on."""
        self._write(rules)
        self.broker.reload()


async def until(happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for it."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.02)


def test_a_publish_that_is_forbidden_is_said_with_its_topic(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(guarded.port), events) as session:
            with pytest.raises(Forbidden, match="does not let this kiosk publish to call/here") as refused:
                await session.publish_asking("call/here", b"1")
            assert (refused.value.topic, refused.value.publish) == ("call/here", True)
            assert events.heard[-1].connected
            assert "publish to call/here" in events.heard[-1].forbidden
            assert await session.publish_asking("emit/here", b"1")

    run(scene())


def test_what_is_allowed_again_is_no_longer_said(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def taken(session: MqttSession) -> bool:
        try:
            return await session.publish_asking("call/here", b"1")
        except Forbidden:
            return False

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(guarded.port), events) as session:
            assert not await taken(session)
            guarded.allow(ALL)
            async with asyncio.timeout(10):
                while not await taken(session):
                    await asyncio.sleep(0.1)
            assert events.heard[-1] == LinkChanged(connected=True, since=events.heard[0].since)

    run(scene())


def test_a_broker_that_speaks_mqtt_3_1_1_cannot_say_and_nothing_is_claimed(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def scene() -> None:
        session = MqttSession(link(guarded.port))
        session._older_only = True
        await session.start()
        try:
            await session.wait_connected(10)
            assert not session.speaks_5
            assert await session.publish_asking("call/here", b"1") is False
        finally:
            await session.stop()

    run(scene())


def test_a_handler_that_publishes_while_somebody_asks_holds_up_nothing(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(mosquitto.port, client_id="asking-1")) as session:
            await session.ready(session.listen("asking/call", lambda _: session.publish("asking/echo", b"")))
            await session.ready(session.listen("asking/echo", ears))
            assert all(await asyncio.gather(*(session.publish_asking("asking/call", b"") for _ in range(50))))
            await ears.until(count=50)

    run(scene())


class Counter:
    """An outbox on a real store, at a real broker, that sends again soon."""

    def __init__(self, session: MqttSession, store: SqlStore) -> None:
        self.events: Ears[Event] = Ears()
        self.store, self.channel = store, MqttCompletions(session, Topics(), own_topic=OWN)
        policy = RetryPolicy(first_seconds=0.2, most_seconds=0.2, spread=lambda: 0.0)
        self.outbox = Outbox(store, self.channel, SystemClock(), self.events, policy)
        self.swap = swap_with_batteries()

    def complete(self) -> str:
        """One swap is complete."""
        swap = replace(self.swap, completed_at=self.swap.started_at)
        self.store.complete(swap, self.channel.message(swap, request(swap.correlation_id)))
        self.outbox.wake()
        return swap.correlation_id

    def entry(self) -> OutboxEntry:
        return self.store.outbox_entry(self.swap.correlation_id)


@asynccontextmanager
async def counter_on(settings: LinkSettings, folder: Path) -> AsyncIterator[Counter]:
    store = open_store(folder / "kiosk.sqlite")
    try:
        async with linked(settings) as session:
            counter = Counter(session, store)
            running = asyncio.create_task(counter.outbox.run())
            yield counter
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        store.close()


def test_the_outbox_says_why_a_completion_does_not_leave_and_loses_nothing(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def scene() -> None:
        async with counter_on(link(guarded.port, client_id="kiosk"), tmp_path) as counter:
            correlation_id, plan_id = counter.complete(), counter.swap.plan.id
            await until(lambda: bool(counter.entry().reason))
            assert counter.entry().reason.startswith("the broker does not let this kiosk publish to call/uxi/attendant/plan/")
            assert counter.entry().state is OutboxState.UNSETTLED
            assert not [each for each in counter.events.heard if isinstance(each, SwapAnswered)]
            guarded.allow(ALL)
            async with linked(link(guarded.port, client_id="platform")) as there:
                answers = Topics().complete_service_response.replace("{plan_id}", plan_id)
                await Platform(there).answer(
                    f"call/uxi/attendant/plan/{plan_id}/complete_service", lambda _: (answers, settled(correlation_id))
                )
                await counter.events.until(lambda each: isinstance(each, SwapAnswered) and each.settled)
                await until(lambda: counter.entry().state is OutboxState.SETTLED)
            assert counter.entry().reason == ""
            assert [each.unsettled for each in counter.events.heard if isinstance(each, OutboxChanged)][-1] == 0

    run(scene())


def test_a_broker_that_takes_it_again_takes_the_reason_away_before_the_answer(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_WRITE)

    async def scene() -> None:
        async with counter_on(link(guarded.port, client_id="kiosk"), tmp_path) as counter:
            counter.complete()
            await until(lambda: bool(counter.entry().reason))
            guarded.allow(ALL)
            await until(lambda: not counter.entry().reason)
            assert counter.entry().state is OutboxState.UNSETTLED

    run(scene())


def test_an_answer_that_may_not_be_read_is_the_reason_and_settles_nothing(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, NO_READ)

    async def scene() -> None:
        async with counter_on(link(guarded.port, client_id="kiosk"), tmp_path) as counter:
            counter.complete()
            await until(lambda: bool(counter.entry().reason))
            assert counter.entry().reason == f"the broker does not let this kiosk read {OWN}"
            assert counter.entry().state is OutboxState.UNSETTLED

    run(scene())


def test_a_list_that_does_not_let_a_kiosk_send_to_itself_is_no_reason(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    guarded = Guarded(own_mosquitto, tmp_path, "topic write call/#\ntopic read rtrn/#\n")

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(guarded.port), events) as session:
            assert await OwnMessages(session, OWN).check() is None
            assert [each.forbidden for each in events.heard] == [""]

    run(scene())
