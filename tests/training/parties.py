"""A client of a broker that hides nothing: paho's own, on its own thread, for what the contract for brokers looks at."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

SECONDS = 15.0


def eventually(is_so: Callable[[], bool], seconds: float = SECONDS) -> bool:
    """Whether it becomes so in time."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def said(**each: Any) -> Properties:
    """What MQTT 5 says beside a payload, by paho's names."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own has no types
    for name, value in each.items():
        setattr(properties, name, value)
    return properties


def beside(message: MQTTMessage) -> Any:
    """What MQTT 5 says beside this payload: an attribute for each, by paho's names."""
    assert message.properties is not None
    return message.properties


class Party:
    """One client of the broker on `port`, MQTT 5, and what it hears; use `party`, which ends it."""

    def __init__(self, port: int, name: str, will: tuple[str, bytes] | None = None) -> None:
        self.heard: list[MQTTMessage] = []
        self._up, self._acked = threading.Event(), threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_connect = lambda *_: self._up.set()
        self.client.on_subscribe = lambda *_: self._acked.set()
        self.client.on_message = lambda _client, _data, message: self.heard.append(message)
        if will is not None:
            self.client.will_set(*will, qos=1)
        self._port = port

    def connect(self) -> None:
        """Fails the test when the broker does not let it in."""
        self.client.connect("127.0.0.1", self._port, keepalive=10)
        self.client.loop_start()
        assert self._up.wait(SECONDS)

    def hear(self, topic_filter: str) -> None:
        """Messages there, from now on."""
        self._acked.clear()
        self.client.subscribe(topic_filter, 1)
        assert self._acked.wait(SECONDS)

    def say(self, topic: str, payload: bytes, *, retain: bool = False, properties: Properties | None = None) -> None:
        """Until the broker has it."""
        info = self.client.publish(topic, payload, 1, retain=retain, properties=properties)
        info.wait_for_publish(SECONDS)
        assert info.is_published()

    def vanish(self) -> None:
        """As a power cut does: no good-bye, and it does not come back."""
        self.client.loop_stop()
        sock = self.client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """In good order; twice is no error."""
        self.client.disconnect()
        self.client.loop_stop()
        sock = self.client.socket()
        if sock is not None:
            sock.close()


@contextmanager
def party(port: int, name: str, *topic_filters: str, will: tuple[str, bytes] | None = None) -> Iterator[Party]:
    """A client that is connected and hears these topics."""
    one = Party(port, name, will)
    try:
        one.connect()
        for each in topic_filters:
            one.hear(each)
        yield one
    finally:
        one.leave()
