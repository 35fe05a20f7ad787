"""MqttSession: one link to a broker, made again whenever it breaks. Both ends of the wire use it.

The link is tried for ever, with a growing and scattered wait between tries; MQTT 5 first, 3.1.1 at once when the broker does not know 5.
After each break all subscriptions are made again and acknowledged before the link counts as up. Waiting and sending raise LinkDown with
a reason; an exception in a handler is logged and stops nothing. A topic that is not valid UTF-8 is dropped.

A subscription may be shared with other sessions, each message going to one of them. Where the broker cannot do that (3.1.1 knows nothing of
it: such a broker may grant it and deliver nothing), the log says so and this session gets every message.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.matcher import MQTTMatcher

from kiosk.domain.errors import Forbidden, LinkDown
from kiosk.domain.language import tr
from kiosk.shared.mqtt.connection import ConnectFailed, Connection
from kiosk.shared.mqtt.link import Delivery, LinkChanged, LinkSettings, MessageGuard, MqttMessage, tls_context, topic_for_log


class AwaitedAnswers[T]:
    """The questions that wait for an answer. An answer that no question waits for any more, or that comes twice, is dropped."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[T]] = {}

    @contextmanager
    def asking(self, question_id: str) -> "Iterator[asyncio.Future[T]]":
        """The future of the answer to this question, while inside."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open[question_id] = answer
        try:
            yield answer
        finally:
            if self._open.get(question_id) is answer:  # asked again already, while the first asker was being cancelled
                del self._open[question_id]

    def answer(self, question_id: str, answer: T) -> bool:
        """Whether somebody waited for it. An id with something appended is the same id (decision 18)."""
        for each, future in self._open.items():
            if question_id == each or (question_id.startswith(each) and question_id not in self._open):
                if not future.done():
                    future.set_result(answer)
                return True
        return False


async def ask_until_answered[T](answer: "asyncio.Future[T]", publish: Callable[[], None], pause_seconds: float) -> T:
    """Publish, wait for the answer, publish again after each pause; a link that is down meanwhile is waited for.

    Ends by its answer or by the caller's deadline. Raises LinkDown when the first try cannot leave.
    """
    publish()
    while True:
        try:
            return await asyncio.wait_for(asyncio.shield(answer), pause_seconds)
        except TimeoutError:
            with suppress(LinkDown):
                publish()


log = logging.getLogger(__name__)
Handler = Callable[[MqttMessage], None]


class Subscription:
    """One filter and its handler, shared in the group `share` unless that is empty. `granted` is None until the broker answers; a refusal
    of an `optional` one is no fault."""

    __slots__ = ("changed", "filter", "granted", "handler", "is_wild", "optional", "pattern", "share")

    def __init__(self, topic_filter: str, handler: Handler, share: str = "", *, optional: bool = False) -> None:
        self.filter, self.handler, self.share, self.optional = topic_filter, handler, share, optional
        self.is_wild = any(each in topic_filter for each in "+#$")
        self.pattern = topic_filter.split("/", 2)[2] if topic_filter.startswith("$share/") else topic_filter
        self.granted: bool | None = None
        self.changed = asyncio.Event()

    def filter_at(self, connection: Connection) -> str:
        """The filter as it is sent to this broker."""
        return f"$share/{self.share}/{self.filter}" if self.share and connection.shares else self.filter

    def set_granted(self, granted: bool | None) -> None:  # noqa: FBT001  a state, not a switch
        """The broker's answer, or None after a break; either way all that wait are woken."""
        if granted is False and not self.optional:
            log.warning("the broker refuses the subscription to %s", topic_for_log(self.filter))
        self.granted = granted
        woken = self.changed
        if granted is None:
            self.changed = asyncio.Event()
        woken.set()


class MqttSession:
    """Made and used on one asyncio loop. `announce` is called with LinkChanged; `guard` signs what leaves and judges what comes; `only_5`
    has no link rather than one of MQTT 3.1.1, which carries no signatures; `spread` gives the scatter of the waits, 0 to 1."""

    def __init__(
        self,
        settings: LinkSettings,
        announce: Callable[[LinkChanged], None] = lambda _: None,
        *,
        guard: MessageGuard | None = None,
        only_5: bool = False,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._settings, self._announce, self._guard, self._spread = settings, announce, guard, spread
        self._only_5 = only_5
        self._tls = tls_context(settings)
        self._connection: Connection | None = None
        self._older_only = False
        self._listeners: dict[str, list[Subscription]] = {}
        self._matcher = _matcher_of(())
        self._task: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._up = asyncio.Event()
        self._soon = asyncio.Event()
        self._try_at: float | None = None  # by the loop's time; None while a try is under way or the link is up
        self._since = datetime.now(UTC)
        self._forbidden: dict[str, Forbidden] = {}  # by topic
        self.reason = tr("not connected yet")

    @property
    def connected(self) -> bool:
        """Whether the link is up and all subscriptions stand."""
        return self._up.is_set()

    @property
    def speaks_5(self) -> bool:
        """Whether this broker carries response topics and correlation data."""
        return self._connection is not None and self._connection.speaks_5

    @property
    def certificate_ends(self) -> datetime | None:
        """When the broker's certificate ends; None without TLS."""
        return self._connection.certificate_ends if self._connection is not None else None

    @property
    def shares(self) -> bool:
        """Whether this broker can share a subscription between sessions."""
        return self._connection is not None and self._connection.shares

    @property
    def seconds_to_try(self) -> float | None:
        """Until the next try to connect; None while one is under way, and while the link is up."""
        return None if self._try_at is None else max(0.0, self._try_at - asyncio.get_running_loop().time())

    def try_now(self) -> None:
        """Connect at once; a try that is under way is followed by another without a wait."""
        if not self.connected:
            self._soon.set()

    async def start(self) -> None:
        """Begin to connect, in the background."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep_up(), name="mqtt")
            self._task.add_done_callback(_log_its_end)

    async def stop(self) -> None:
        """Say good-bye to the broker and end."""
        tasks = [*self._asking, *([self._task] if self._task else [])]
        self._task = None
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._close("stopped")

    async def wait_connected(self, seconds: float) -> None:
        """Until the link is up. Raises LinkDown."""
        try:
            await asyncio.wait_for(self._up.wait(), seconds)
        except TimeoutError as error:
            raise LinkDown(self.reason) from error

    def listen(self, topic_filter: str, handler: Handler, *, share: str = "", optional: bool = False) -> Subscription:
        """Have `handler` called with each message on the filter, from now on and after every break. `ready` tells when it stands. Several
        may listen on one filter; each hears every message. With `share`, each message goes to one of all sessions that share that name.
        An `optional` one may be refused without being announced as forbidden.
        """
        subscription = Subscription(topic_filter, handler, share, optional=optional)
        self._listeners.setdefault(topic_filter, []).append(subscription)
        if subscription.is_wild:
            self._matcher = _matcher_of(self._subscriptions())
        if self._connection is not None and self.connected:
            task = asyncio.get_running_loop().create_task(self._ask(subscription, self._connection))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        return subscription

    async def ready(self, subscription: Subscription) -> None:
        """Until the broker has granted the subscription. Raises LinkDown: no link, no answer, refused."""
        if subscription.granted is None and self.connected:
            try:
                await asyncio.wait_for(subscription.changed.wait(), self._settings.ack_timeout)
            except TimeoutError as error:
                raise LinkDown(tr("the broker does not answer")) from error
        if not subscription.granted:
            raise _may_not_read(subscription.filter) if subscription.granted is False and self.connected else LinkDown(self.reason)

    def forget(self, subscription: Subscription) -> None:
        """No longer listen; unsubscribes when no handler is left."""
        listeners = self._listeners.get(subscription.filter, [])
        if subscription not in listeners:
            return
        listeners.remove(subscription)
        if subscription.is_wild:
            self._matcher = _matcher_of(self._subscriptions())
        if not listeners:
            del self._listeners[subscription.filter]
            if self._connection is not None and subscription.granted is not None:
                self._connection.unsubscribe([subscription.filter_at(self._connection)])

    def publish(self, topic: str, payload: bytes, delivery: Delivery | None = None) -> None:
        """Hand the payload to the broker, QoS 0, byte for byte. Raises LinkDown when it cannot leave now."""
        if self._connection is None or not self.connected:
            raise LinkDown(self.reason)
        self._connection.publish(topic, payload, self._signed(topic, payload, delivery))

    async def publish_asking(self, topic: str, payload: bytes, delivery: Delivery | None = None) -> bool:
        """The same, and have the broker say whether it takes the message: False where it cannot say, as with MQTT 3.1.1.

        Raises Forbidden where it does not take it; LinkDown.
        """
        taken = await self.ask_publish(topic, payload, delivery)
        if taken is None:
            return False
        if taken:
            self.note_allowed(topic)
            return True
        reason = tr("the broker does not let this kiosk publish to {topic}", topic=topic)
        self.note_forbidden(Forbidden(reason, topic, publish=True))
        raise Forbidden(reason, topic, publish=True)

    async def ask_publish(self, topic: str, payload: bytes, delivery: Delivery | None = None) -> bool | None:
        """Whether the broker takes the message; None where it cannot say. Raises LinkDown."""
        if self._connection is None or not self.connected:
            raise LinkDown(self.reason)
        return await self._connection.publish_asking(topic, payload, self._signed(topic, payload, delivery))

    def _signed(self, topic: str, payload: bytes, delivery: Delivery | None) -> Delivery | None:
        return delivery if self._guard is None or not self.speaks_5 else self._guard.sign(topic, payload, delivery)

    # ------------------------------------------------------------ the link

    async def _keep_up(self) -> None:
        tries, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            self._close(await self._one_link())
            tries = 0 if loop.time() - began >= self._settings.steady else tries + 1
            wait = self._wait(tries)
            self._try_at = loop.time() + wait
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), wait)
                tries = 0  # a person knows that the network is back
            self._soon.clear()
            self._try_at = None

    def note_forbidden(self, error: Forbidden) -> None:
        """The broker does not let this kiosk do something, which is announced."""
        before = self._says_forbidden()
        self._forbidden[error.topic] = error
        self._announce_forbidden(before)

    def note_allowed(self, topic: str) -> None:
        """It does, or does again."""
        before = self._says_forbidden()
        self._forbidden.pop(topic, None)
        self._announce_forbidden(before)

    def _says_forbidden(self) -> str:
        return next((each.reason for each in self._forbidden.values()), "")

    def _announce_forbidden(self, before: str) -> None:
        if self.connected and before != self._says_forbidden():
            self._announce(LinkChanged(connected=True, since=self._since, forbidden=self._says_forbidden()))

    def _wait(self, tries: int) -> float:
        doubled = self._settings.first_retry * 2.0 ** min(max(tries - 1, 0), 16)
        return min(self._settings.most_retry, doubled) * (1 - 0.5 * self._spread())

    async def _one_link(self) -> str:
        """From the first byte to the end of one link; the reason of its end."""
        try:
            connection = self._connection = await self._connect()
            await self._subscribe_all(connection)
        except ConnectFailed as error:
            return f"{self._settings.host}:{self._settings.port}: {error.reason}"
        except LinkDown as error:
            return error.reason
        self._up.set()
        self.reason, self._since = "", datetime.now(UTC)
        self._announce(LinkChanged(connected=True, since=self._since, forbidden=self._says_forbidden()))
        log.info("connected to %s:%s, MQTT %s", self._settings.host, self._settings.port, "5" if connection.speaks_5 else "3.1.1")
        if not connection.shares and any(each.share for each in self._subscriptions()):
            log.warning("the broker cannot share subscriptions: this session hears everything, alone")
        return await connection.ended

    async def _connect(self) -> Connection:
        if not self._older_only:
            try:
                return await self._open(MQTTProtocolVersion.MQTTv5)
            except ConnectFailed as error:
                if not error.older_may_do:
                    raise
                if self._only_5:
                    reason = tr("{reason}. This counter signs, which needs MQTT 5", reason=error.reason)
                    raise ConnectFailed(reason) from error
        self._older_only = False  # until it has answered
        connection = await self._open(MQTTProtocolVersion.MQTTv311)
        self._older_only = True
        return connection

    async def _open(self, version: MQTTProtocolVersion) -> Connection:
        connection = Connection(self._settings, version, self._tls, self._on_message)
        await connection.open()
        return connection

    async def _subscribe_all(self, connection: Connection) -> None:
        """Also what is listened to while we ask: only then is the link up."""
        while waiting := [each for each in self._subscriptions() if each.granted is None]:
            granted = await connection.subscribe([each.filter_at(connection) for each in waiting])
            for place, subscription in enumerate(waiting):
                self._take_grant(subscription, granted=place < len(granted) and granted[place])

    def _take_grant(self, subscription: Subscription, *, granted: bool) -> None:
        subscription.set_granted(granted)
        if not granted and not subscription.optional:
            self.note_forbidden(_may_not_read(subscription.filter))

    def _subscriptions(self) -> list[Subscription]:
        return [each for listeners in self._listeners.values() for each in listeners]

    def _close(self, reason: str) -> None:
        was_up = self._up.is_set()
        self._up.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for subscription in self._subscriptions():
            subscription.set_granted(None)
        self._forbidden.clear()  # told again by the next connection
        if was_up:
            self._since = datetime.now(UTC)
        if was_up or reason != self.reason:
            self.reason = reason
            log.info("no link: %s", reason)
            self._announce(LinkChanged(connected=False, since=self._since, reason=reason))

    # ------------------------------------------------------------ subscriptions and messages

    async def _ask(self, subscription: Subscription, connection: Connection) -> None:
        try:
            granted = await connection.subscribe([subscription.filter_at(connection)])
        except LinkDown as error:
            log.info("%s is not subscribed: %s", topic_for_log(subscription.filter), error.reason)
            return
        if connection is self._connection:
            self._take_grant(subscription, granted=granted == [True])

    def _on_message(self, message: MqttMessage) -> None:
        found = self._listeners.get(message.topic)
        if found is None:
            matching = self._matcher.iter_match(message.topic)  # type: ignore[no-untyped-call]  # see _matcher_of
            found = [each for listeners in matching for each in listeners]
        if found and self._guard is not None and not self._guard.admits(message):
            return
        for each in tuple(found):
            try:
                each.handler(message)
            except Exception:
                log.exception("a message on %s was not handled", message.topic)


def _may_not_read(topic_filter: str) -> Forbidden:
    return Forbidden(tr("the broker does not let this kiosk read {topic}", topic=topic_filter), topic_filter, publish=False)


def _matcher_of(subscriptions: Iterable[Subscription]) -> MQTTMatcher:
    """Finds who listens with wildcards to a topic in one look, however many filters there are."""
    by_pattern: dict[str, list[Subscription]] = {}
    for each in subscriptions:
        if each.is_wild:
            by_pattern.setdefault(each.pattern, []).append(each)
    matcher = MQTTMatcher()  # type: ignore[no-untyped-call]  # paho annotates its client, not this class
    for pattern, listening in by_pattern.items():
        matcher[pattern] = listening
    return matcher


def _log_its_end(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("the link is no longer kept up, by a bug", exc_info=task.exception())
