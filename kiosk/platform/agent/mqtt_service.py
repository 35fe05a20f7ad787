"""The platform on a broker: receives requests, has them answered in their order, publishes answers and events.

What waits is handled together: under load many requests share a transaction, else each has its own. The request handler works in a thread
of its own, so that the loop is free while the disk is waited for. What happens on each kind of failure:

- The broker goes away: the session comes back by itself; what was asked meanwhile is asked again by the kiosks. Answers that cannot leave
  are dropped, for the same reason. Events that cannot leave stay stored and leave when the link is back.
- The process ends between commit and publication: the events leave with the same event id (at least once), through another worker or at
  the next start.
- A bug in the request handler: logged, the message stays unanswered, the next one is served.
- More messages than can be answered: beyond MAX_WAITING they are dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from kiosk.domain.errors import LinkDown, StoreFailed
from kiosk.platform.agent.request_handler import RequestHandler
from kiosk.platform.agent.wire_messages import FILTERS, Incoming, Outgoing
from kiosk.platform.metrics_hook import MetricsHook
from kiosk.platform.payment_proof import AcceptWellFormed, PaymentVerifier
from kiosk.platform.stations.answer_guard import AnswerGuard
from kiosk.platform.store.repository import OrphanWatch, PlatformStore
from kiosk.platform.store.store_values import EventToPublish
from kiosk.shared.mqtt.link import Delivery, LinkChanged, LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import Clock, SystemClock

log = logging.getLogger(__name__)
MAX_WAITING = 10_000
MAX_AT_ONCE = 64
STOP_SECONDS = 5.0
NOTE_SECONDS = 0.5
LOOK_SECONDS = 5 * NOTE_SECONDS  # what has left is noted well before another worker could think that it has not


class PlatformService:
    """Made and used on one asyncio loop. The store is the caller's: open it before, close it after `stop`.

    While `silent` is true messages are received and not answered, as from a platform that hangs (training, tests). With `share` the
    requests are shared with all other workers of that name, where the broker can do that; with each link `linked` is called with whether
    it can. With a `key` all that it says is signed.
    """

    def __init__(
        self,
        link: LinkSettings,
        store: PlatformStore,
        *,
        verifier: PaymentVerifier | None = None,
        clock: Clock | None = None,
        look_seconds: float = LOOK_SECONDS,
        answers: bool = True,
        share: str = "",
        linked: Callable[[bool], None] = lambda _shares: None,
        metrics: MetricsHook | None = None,
        key: SigningKey | None = None,
    ) -> None:
        self.silent = False
        self._store, self._clock = store, clock or SystemClock()
        self._handler = RequestHandler(store, verifier or AcceptWellFormed(), self._clock)
        self._answers, self._share, self._linked, self._metrics = answers, share, linked, metrics
        self._session = MqttSession(link, self._link_changed, guard=None if key is None else AnswerGuard(key, self._clock))
        self._waiting: asyncio.Queue[Incoming | None] = asyncio.Queue(MAX_WAITING)
        self._stopping = self._woken = False
        self._published: list[int] = []  # published, and not yet noted as such
        self._orphans, self._look_seconds, self._look_at = OrphanWatch(store), look_seconds, 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: asyncio.Task[None] | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="platform")

    async def start(self) -> None:
        """Begin to connect and to answer, or only to publish what is stored where it is not to answer."""
        self._loop = asyncio.get_running_loop()
        for each in FILTERS if self._answers else ():
            self._session.listen(each, self._receive, share=self._share)
        self._worker = self._loop.create_task(self._work(), name="platform")
        self._ticking = self._loop.create_task(self._tick(), name="platform-tick")
        await self._session.start()

    async def wait_ready(self, seconds: float) -> None:
        """Until requests are received. Raises LinkDown."""
        await self._session.wait_connected(seconds)

    async def stop(self) -> None:
        """End after the message at hand; one that takes longer than STOP_SECONDS is left to its transaction, unanswered."""
        self._stopping = True
        self._enqueue(None)
        if self._ticking is not None:
            self._ticking.cancel()
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=STOP_SECONDS)
            self._worker.cancel()
        await self._session.stop()
        await asyncio.to_thread(self._thread.shutdown)

    @property
    def link_fault(self) -> str:
        """Why the broker cannot be reached now; "" when it can."""
        return "" if self._session.connected else self._session.reason

    def wake(self) -> None:
        """Publish what others have stored: from any thread. Before the start and after the end it waits in the database."""
        if self._loop is not None and not self._stopping:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken = True
        self._enqueue(None)

    def _link_changed(self, event: LinkChanged) -> None:
        if event.connected:
            self._linked(self._session.shares)
            self._wake()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(min(NOTE_SECONDS, self._look_seconds))
            if self._published or self._look_is_due():
                self._enqueue(None)

    def _look_is_due(self) -> bool:
        return self._session.connected and asyncio.get_running_loop().time() >= self._look_at

    def _receive(self, message: MqttMessage) -> None:
        if not self.silent:
            self._enqueue(
                Incoming(
                    topic=message.topic,
                    payload=message.payload,
                    response_topic=message.response_topic,
                    correlation_data=message.correlation_data,
                    user_properties=message.user_properties,
                    at=self._clock.monotonic(),
                )
            )

    def _enqueue(self, what: Incoming | None) -> None:
        """A message, or None: note what has left, and look for what is stored and waits."""
        try:
            self._waiting.put_nowait(what)
        except asyncio.QueueFull:
            log.warning("%s messages wait; one more is dropped", MAX_WAITING)

    async def _work(self) -> None:
        while not self._stopping:
            batch = await self._next()
            try:
                if asked := [each for each in batch if each is not None]:
                    await self._answer(asked)
                if None in batch:
                    await self._publish_stored()
            except Exception:  # a bug must not silence the platform
                log.exception("messages were not handled")
        await self._note_published()

    async def _next(self) -> list[Incoming | None]:
        """What waits, up to MAX_AT_ONCE; at least one, for which it waits."""
        batch = [await self._waiting.get()]
        while len(batch) < MAX_AT_ONCE and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        return batch

    async def _answer(self, batch: Sequence[Incoming]) -> None:
        published = self._published[:]
        result = await self._in_thread(lambda: self._handler.handle_all(batch, published))
        if result.noted:
            del self._published[: len(published)]
        for incoming, response in zip(batch, result.responses, strict=True):
            if response.answer is not None:
                self._publish_answer(response.answer)
                if self._metrics is not None:
                    self._metrics.count_answer(response.action, response.answer.payload, self._clock.monotonic() - incoming.at)
            self._publish_events(response.events)

    def _publish_answer(self, answer: Outgoing) -> None:
        data = answer.correlation_data
        try:
            self._session.publish(answer.topic, answer.payload, Delivery(correlation_data=data) if data else None)
        except LinkDown as error:
            log.info("an answer on %s could not leave: %s", answer.topic, error.reason)

    async def _publish_stored(self) -> None:
        """What was stored and did not leave, until nothing is left or the link goes; now and then what other workers left behind, too."""
        if not await self._note_published() or not (self._woken or self._look_is_due()) or not self._session.connected:
            return
        self._woken = False
        try:
            if self._look_is_due():
                await self._in_thread(self._orphans.look)
                self._look_at = asyncio.get_running_loop().time() + self._look_seconds
            while events := await self._in_thread(self._store.to_publish):
                if not (self._publish_events(events) and await self._note_published()):
                    return
        except StoreFailed:
            log.exception("the events to publish could not be read")

    def _publish_events(self, events: Sequence[EventToPublish]) -> bool:
        """False when some could not leave: they leave with the next link."""
        for each in events:
            try:
                self._session.publish(each.topic, each.payload)
            except LinkDown as error:
                log.info("the event %s waits for the link: %s", each.event_id, error.reason)
                return False
            self._published.append(each.number)
        return True

    async def _note_published(self) -> bool:
        """Note what has left, for many answers at once when they come thick; False when it could not be noted: it then leaves again."""
        numbers, self._published = self._published, []
        try:
            if numbers:
                await self._in_thread(lambda: self._store.record_published(numbers, self._clock.now()))
        except StoreFailed:
            log.exception("the publication of %s events could not be noted", len(numbers))
            return False
        return True

    async def _in_thread[T](self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
