"""One connection to a broker, from CONNECT to its end; it is not repaired but replaced.

`open` raises ConnectFailed with a reason within `connect_timeout`: no server, TLS refused, accepted and silent, refused by the broker.
`ended` is done, with the reason, when an open connection is lost. Everything but the making of the socket happens on the loop's thread.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.domain.errors import BadInput, LinkDown
from kiosk.domain.language import tr
from kiosk.shared.certificates import end_of, tls_fault
from kiosk.shared.mqtt.link import Delivery, LinkSettings, MqttMessage, password
from kiosk.shared.mqtt.socket_driver import driver_for

log = logging.getLogger(__name__)
_UNSUPPORTED_VERSION = 132
_FIRST_FAILURE = 128


class ConnectFailed(Exception):
    """No connection; `older_may_do` when a broker that knows only an older version of MQTT behaves like this."""

    def __init__(self, reason: str, *, older_may_do: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.older_may_do = reason, older_may_do


class _Client(Client):
    """paho's client, with the reason code of a PUBACK. Its own `on_publish` tells that too, but must not be set: it is called for QoS 0 as
    well, under a lock that a handler holds which publishes, and that never ends."""

    on_acknowledged: Callable[[int, ReasonCode], None]

    def _do_on_publish(self, mid: int, reason_code: ReasonCode, properties: Properties) -> MQTTErrorCode:
        self.on_acknowledged(mid, reason_code)
        return super()._do_on_publish(mid, reason_code, properties)


class Connection:
    """Made for one try. `deliver` is called for each message, on the loop's thread."""

    def __init__(
        self, settings: LinkSettings, version: MQTTProtocolVersion, tls: ssl.SSLContext | None, deliver: Callable[[MqttMessage], None]
    ) -> None:
        self._settings, self._deliver = settings, deliver
        self._loop = asyncio.get_running_loop()
        self.speaks_5 = version is MQTTProtocolVersion.MQTTv5  # whether response topics and the like reach the other side
        self.shares = False  # once open: whether a shared subscription works here (MQTT 5, 3.2.2.3.13)
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self._connected: asyncio.Future[None] = self._loop.create_future()
        self._acks: dict[int, asyncio.Future[list[bool]]] = {}
        self._asking = asyncio.Lock()
        self._says = self.speaks_5  # whether this broker says what becomes of a message that asks for it
        self._client = _Client(
            CallbackAPIVersion.VERSION2,
            settings.client_id,
            clean_session=None if self.speaks_5 else True,
            protocol=version,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = settings.connect_timeout
        if tls is not None:
            self._client.tls_set_context(tls)
        self._driver = driver_for(self._client, self.drop)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.on_acknowledged = self._on_acknowledged

    @property
    def certificate_ends(self) -> datetime | None:
        """When the broker's certificate ends; None without TLS."""
        return end_of(self._client.socket())

    async def open(self) -> None:
        """Connect and wait for the broker's word. Raises ConnectFailed; nothing stays open then."""
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                await self._make_socket()
                self._driver.start()
                await self._connected
        except TimeoutError as error:
            raise ConnectFailed(tr("it does not answer")) from error
        finally:
            if not self._connected.done() or self._connected.cancelled() or self._connected.exception():
                self.close()

    async def _make_socket(self) -> None:
        """paho resolves, connects and shakes hands in one blocking call: a thread of its own, which may outlive our patience."""
        made: asyncio.Future[str] = self._loop.create_future()
        given_up = threading.Event()

        def work() -> None:
            reason = self._connect_blocking()
            if given_up.is_set():
                self._close_socket()
                return
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                self._loop.call_soon_threadsafe(_finish, made, reason)

        threading.Thread(target=work, name="mqtt-connect", daemon=True).start()
        try:
            reason = await made
        except asyncio.CancelledError:
            given_up.set()
            raise
        if reason:
            raise ConnectFailed(reason)

    def _connect_blocking(self) -> str:
        """Why that is not possible; "" once it is connected."""
        settings = self._settings
        try:
            if settings.username is not None:
                self._client.username_pw_set(settings.username, password(settings))
            clean_start = True if self.speaks_5 else MQTT_CLEAN_START_FIRST_ONLY  # the other is paho's word for: not given
            self._client.connect(settings.host, settings.port, settings.keepalive, clean_start=clean_start)
        except ssl.SSLError as error:
            return tr("TLS failed: {reason}", reason=tls_fault(error))
        except socket.gaierror as error:
            return tr("the name {host} is not known ({strerror})", host=settings.host, strerror=error.strerror)
        except OSError as error:
            return error.strerror or str(error) or type(error).__name__
        except BadInput as error:
            return f"{error.where} {error.reason}"
        except ValueError as error:
            return tr("the settings cannot be used: {error}", error=error)
        sock = self._client.socket()
        if isinstance(sock, socket.socket) and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small packets must not wait for each other
        return ""

    async def subscribe(self, filters: Sequence[str]) -> list[bool]:
        """Which of the filters the broker has granted. A broker that does not say in time is dropped: LinkDown."""
        result, mid = self._client.subscribe([(each, 0) for each in filters])
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS or mid is None:
            raise LinkDown(tr("the link has just broken"))
        try:
            return await self._acknowledged(mid)
        except TimeoutError as error:
            self.drop(tr("the broker does not answer"))
            raise LinkDown(tr("the broker does not answer")) from error

    async def _acknowledged(self, mid: int) -> list[bool]:
        """What the broker has taken of a packet. Raises TimeoutError, LinkDown."""
        ack: asyncio.Future[list[bool]] = self._loop.create_future()
        self._acks[mid] = ack
        self._driver.flush()
        try:
            return await asyncio.wait_for(ack, self._settings.ack_timeout)
        finally:
            self._acks.pop(mid, None)

    def unsubscribe(self, filters: Sequence[str]) -> None:
        """Nothing waits for its answer: messages that still come are not listened to."""
        self._client.unsubscribe(list(filters))
        self._driver.flush()

    def publish(self, topic: str, payload: bytes, delivery: Delivery | None) -> None:
        """QoS 0, not retained. Raises LinkDown when it did not leave."""
        self._publish(topic, payload, delivery, 0)
        self._driver.flush()

    async def publish_asking(self, topic: str, payload: bytes, delivery: Delivery | None) -> bool | None:
        """The same at QoS 1, where MQTT 5 has the broker say whether it takes the message (3.4.2.1); None where it does not say. One at a
        time, whatever the broker's receive maximum. Raises LinkDown."""
        if not self._says:
            self.publish(topic, payload, delivery)
            return None
        async with self._asking:
            mid = self._publish(topic, payload, delivery, 1)
            try:
                return await self._acknowledged(mid) == [True]
            except TimeoutError:
                self._says = False  # nobody is to wait for this again
                return None

    def _publish(self, topic: str, payload: bytes, delivery: Delivery | None, qos: int) -> int:
        properties = _PackedProperties(delivery) if delivery is not None and self.speaks_5 else None
        info = self._client.publish(topic, payload, qos, retain=False, properties=properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(tr("the link has just broken"))
        return info.mid

    def drop(self, reason: str) -> None:
        """Give the connection up, from our side."""
        self.close()
        self._end(reason)

    def close(self) -> None:
        """Say good-bye where that is possible and close the socket; may be called twice."""
        self._client.on_disconnect = None
        self._client.on_message = None
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
        self._driver.stop()
        self._close_socket()

    def _close_socket(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    # ------------------------------------------------------------ paho's callbacks, on its thread

    def _on_connect(
        self,
        _client: Client,
        _data: Any,  # noqa: ANN401  paho's user data
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self.shares = self.speaks_5 and getattr(properties, "SharedSubscriptionAvailable", 1) == 1
        self._driver.hand_over(self._take_answer, reason)

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,  # noqa: ANN401  paho's user data
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._driver.hand_over(self._take_loss, reason)

    def _on_subscribe(self, _client: Client, _data: Any, mid: int, codes: list[ReasonCode], _properties: Properties | None) -> None:  # noqa: ANN401  paho's user data
        self._driver.hand_over(self._take_acknowledgement, mid, [each.value < _FIRST_FAILURE for each in codes])

    def _on_acknowledged(self, mid: int, code: ReasonCode) -> None:
        self._driver.hand_over(self._take_acknowledgement, mid, [code.value < _FIRST_FAILURE])

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:  # noqa: ANN401  paho's user data
        try:
            received = _message(message)
        except UnicodeDecodeError:
            log.info("a message with a topic that is not UTF-8 was dropped")
            return
        self._driver.hand_over(self._deliver, received)

    # ------------------------------------------------------------ on the loop's thread

    def _take_answer(self, reason: ReasonCode) -> None:
        if self._connected.done():
            return
        if reason.is_failure:
            self._connected.set_exception(
                ConnectFailed(tr("the broker says: {reason}", reason=reason), older_may_do=reason.value == _UNSUPPORTED_VERSION)
            )
        else:
            self._connected.set_result(None)

    def _take_loss(self, reason: ReasonCode) -> None:
        # paho calls a connection that just ends "Unspecified error"
        broke = tr("the link broke") if reason.value == _FIRST_FAILURE else tr("the link broke: {reason}", reason=reason)
        self.drop(broke if self._connected.done() else tr("it closes the connection at once"))

    def _end(self, reason: str) -> None:
        if not self._connected.done():
            self._connected.set_exception(ConnectFailed(reason, older_may_do=True))
        elif not self.ended.done():
            self.ended.set_result(reason)
        for ack in self._acks.values():
            if not ack.done():
                ack.set_exception(LinkDown(reason))

    def _take_acknowledgement(self, mid: int, granted: list[bool]) -> None:
        ack = self._acks.get(mid)
        if ack is not None and not ack.done():
            ack.set_result(granted)


def _finish(made: "asyncio.Future[str]", reason: str) -> None:
    if not made.done():
        made.set_result(reason)


class _PackedProperties(Properties):
    """The properties of a Delivery, packed once. paho's own class takes 90 us for three of them, a quarter of a round trip."""

    def __init__(self, delivery: Delivery) -> None:
        body = bytearray()
        if delivery.expiry_seconds is not None:
            body += b"\x02" + delivery.expiry_seconds.to_bytes(4, "big")
        if delivery.response_topic is not None:
            body += b"\x08" + _counted(delivery.response_topic.encode())
        if delivery.correlation_data is not None:
            body += b"\x09" + _counted(delivery.correlation_data)
        for name, value in delivery.user_properties:
            body += b"\x26" + _counted(name.encode()) + _counted(value.encode())
        object.__setattr__(self, "_bytes", _varying(len(body)) + body)

    def pack(self) -> bytes:
        """The bytes as they stand in a PUBLISH (MQTT 5, 3.3.2.3)."""
        packed: bytes = object.__getattribute__(self, "_bytes")
        return packed

    def __str__(self) -> str:
        return repr(self.pack())


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _varying(length: int) -> bytes:
    encoded = bytearray()
    while length > 127:
        encoded.append(length & 127 | 128)
        length >>= 7
    encoded.append(length)
    return bytes(encoded)


def _message(message: MQTTMessage) -> MqttMessage:
    properties = message.properties
    return MqttMessage(
        message.topic,
        bytes(message.payload),
        getattr(properties, "ResponseTopic", None),
        getattr(properties, "CorrelationData", None),
        tuple(getattr(properties, "UserProperty", ())),
    )
