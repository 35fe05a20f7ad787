"""Stored bytes handed to the sender -> answer painted on the last page, through Mosquitto, beside a bare paho round trip.

Both ask the same constant responder with the same bytes. Ours begins when the outbox hands the stored bytes to the channel and ends when
the window has painted the answer; the floor ends when the answer is heard. Once more while the receipt process makes a receipt.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kiosk.bootstrap import link_of, topics_of
from kiosk.domain.requests import CompletionRequest
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Swap, completion
from kiosk.settings import Settings
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.events import Announce
from kiosk.station.ports import OutgoingMessage
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.outbox import Outbox
from kiosk.station.services.receipts import PrintedReceipt
from tests.bench import samples
from tests.bench.broker import answered_broker
from tests.bench.counter import RunningCounter, running_counter, settle, wait_until
from tests.bench.figures import Figure, compared
from tests.bench.floors.asker import Asker
from tests.bench.timing import Sampler, Timed, interleaved, per_call
from tests.stores import store_of

_ROUNDS = 80


class _Tapped:
    """The kiosk's channel, with the moment at which the outbox has handed over the last completion."""

    def __init__(self, channel: MqttCompletions) -> None:
        self._channel = channel
        self.handed = 0.0

    @property
    def on_answer(self) -> Callable[[Answer], None]:
        return self._channel.on_answer

    @on_answer.setter
    def on_answer(self, heard: Callable[[Answer], None]) -> None:
        self._channel.on_answer = heard

    def message(self, swap: Swap, request: CompletionRequest) -> OutgoingMessage:
        return self._channel.message(swap, request)

    async def prepare(self, plan_id: str) -> None:
        await self._channel.prepare(plan_id)

    async def send(self, message: OutgoingMessage, *, asking: bool = False) -> None:
        self.handed = perf_counter()
        await self._channel.send(message)


class _Bench:
    """A counter whose outbox is tapped."""

    def __init__(self) -> None:
        self._numbers = count()
        self._tapped: _Tapped | None = None
        self._session: MqttSession | None = None

    def change(self, kiosk: Kiosk, settings: Settings, announce: Announce) -> Kiosk:
        """Another outbox and another link, of the same parts."""
        self._session = MqttSession(link_of(settings, "bench"))
        self._tapped = _Tapped(MqttCompletions(self._session, topics_of(settings)))
        outbox = Outbox(store_of(kiosk), self._tapped, SystemClock(), announce)
        opening, closing = (*kiosk.opening, self._session.start), (self._session.stop, *kiosk.closing)
        return replace(kiosk, outbox=outbox, opening=opening, closing=closing)

    def sampler(self, counter: RunningCounter, *, receipt: bool) -> Sampler:
        """Seconds of one round trip; `receipt` has one made at the same time."""

        def sample() -> float:
            swap = self._completed(counter)
            settle()
            counter.probe.expect()
            began = counter.on_loop(_begin(counter.kiosk, swap.correlation_id if receipt else ""))
            wait_until(lambda: counter.probe.painted > 0, "the answer")
            seconds = counter.probe.painted - self._handed()
            counter.on_loop(_ended(began))
            settle()  # the outbox too: else it sends the next one by itself
            return seconds

        return sample

    def _handed(self) -> float:
        return 0.0 if self._tapped is None else self._tapped.handed

    def _completed(self, counter: RunningCounter) -> Swap:
        """A swap that is stored and on its last page, its receipt made, its answers subscribed, and nothing sent yet."""
        swap = samples.sample_swap(next(self._numbers))
        done = samples.completed(swap)
        channel = self._tapped
        if channel is None:
            raise ValueError("there is no channel")

        async def store() -> None:
            await channel.prepare(swap.plan.id)
            store_of(counter.kiosk).save_swap(swap, samples.NOON, "new battery")
            store_of(counter.kiosk).complete(done, channel.message(swap, completion(swap, samples.NOON)))
            await counter.kiosk.receipts.make(swap.correlation_id)

        counter.on_loop(store())
        counter.wizard.show_swap(done)
        return done


def round_trip() -> Iterator[Figure]:
    """Two figures."""
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name, answered_broker(Path(name)) as port:
        bench = _Bench()
        payload = samples.payload()
        with running_counter(Path(name), port, bench.change) as counter, closing(Asker(port, "bench-floor")) as asker:
            floor = per_call(lambda: asker.ask(payload))
            quiet = interleaved(bench.sampler(counter, receipt=False), floor, rounds=_ROUNDS)
            busy = interleaved(bench.sampler(counter, receipt=True), floor, rounds=_ROUNDS)
    yield _figure("", quiet, "the answer is painted on the last page of the real window")
    yield _figure(", while a receipt is being made", busy, "the floor has no receipt to make")


def _figure(what: str, timed: Timed, note: str) -> Figure:
    return compared(f"stored bytes handed to the sender to answer painted{what}", timed, "us", 1.5, note)


async def _begin(kiosk: Kiosk, receipt_of: str) -> "asyncio.Future[list[PrintedReceipt]]":
    """Wake the outbox, and have a receipt made meanwhile."""
    made = asyncio.gather(*([kiosk.receipts.make(receipt_of)] if receipt_of else []))
    await asyncio.sleep(0)
    kiosk.outbox.wake()
    return made


async def _ended(made: "asyncio.Future[list[PrintedReceipt]]") -> None:
    await made
