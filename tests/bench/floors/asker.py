"""A bare paho round trip: publish, wait for the answer."""

import threading

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

_SECONDS = 10.0


class Asker:
    """A connected client with its own thread. Raises TimeoutError where no answer comes."""

    def __init__(self, port: int, plan_id: str) -> None:
        self._topic = f"call/uxi/attendant/plan/{plan_id}/complete_service"
        self._answered, ready = threading.Event(), threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = lambda *_: self._answered.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(f"rtrn/abs/attendant/plan/{plan_id}/complete_service_response")
        self._client.loop_start()
        _wait(ready)

    def ask(self, payload: bytes) -> None:
        """There and back."""
        self._answered.clear()
        self._client.publish(self._topic, payload)
        _wait(self._answered)

    def close(self) -> None:
        """Say good-bye."""
        self._client.disconnect()
        self._client.loop_stop()


def _wait(event: threading.Event) -> None:
    if not event.wait(_SECONDS):
        raise TimeoutError("no answer came")
