"""A process that answers every completion with the same answer but for the id, which it copies: `python -m tests.bench.floors.responder
PORT`.

Prints a line when it listens; ends with its standard input. Requests end with the correlation id, `...:"TXN-..."}`.
"""

import sys
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

_ID_LENGTH = 30
_BEFORE = b'{"correlation_id":"'
_AFTER = (
    b'","signals":["SERVICE_COMPLETED_SUCCESS"],"success":true,"metadata":{"quota_updates":[{"service_id":"svc-battery-fleet-kenya-premium",'
    b'"used_before":6,"used_after":7},{"service_id":"svc-electricity-fuel-kenya","used_before":344.5,"used_after":370.1}]}}'
)


def answer_to(request: bytes) -> bytes:
    """The answer."""
    return _BEFORE + request[-_ID_LENGTH - 2 : -2] + _AFTER


def main() -> None:
    """Answer until nobody is there to ask."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_subscribe = lambda *_: print("listening", flush=True)

    def answer(client: Client, _data: Any, message: MQTTMessage) -> None:
        plan_id = message.topic.split("/")[4]
        client.publish(f"rtrn/abs/attendant/plan/{plan_id}/complete_service_response", answer_to(bytes(message.payload)))

    client.on_message = answer
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.subscribe("call/uxi/attendant/plan/+/complete_service")
    client.loop_start()
    sys.stdin.read()
    client.loop_stop()


if __name__ == "__main__":
    main()
