"""A process that asks for completions as many kiosks do: `python -m tests.bench.floors.load PORT PLANS`.

Each line on its standard input is a JSON object of what to do, each line that it prints the outcome (`Outcome`):

    {"outstanding": 100, "seconds": 2.0, "ramp": 0.3}     as fast as they are answered, so many at once; what is answered in the ramp
                                                         does not count
    {"outstanding": 100, "count": 5000}                   so many, as fast as they are answered
    {"rate": 500.0, "seconds": 5.0}                       so many a second, however fast they are answered; a latency begins when it was due

The plans are `bench-0`, `bench-1` ...; each is asked about by one request at a time, and its customer brings back what was issued last.
Before the first outcome it asks for one completion again and again until somebody answers. Ends with its standard input.
"""

import json
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.bench.floors.nodelay import no_delay

SUCCESS = b"SERVICE_COMPLETED_SUCCESS"
BATTERIES = ("BAT-12345", "BAT-67890")
_ANSWER_SECONDS = 15.0
_FIRST_SECONDS, _FIRST_AGAIN = 60.0, 0.5
_STATIONS = 50


@dataclass(slots=True)
class Outcome:
    """`answered` in `seconds`; latencies in seconds; `refused` and `unanswered` should be 0."""

    answered: int = 0
    seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    refused: int = 0
    unanswered: int = 0


@dataclass(slots=True)
class _Plan:
    number: int
    swaps: int = 0
    asked_at: float = 0.0


@dataclass(slots=True)
class _Job:
    outstanding: int = 1
    seconds: float = 0.0
    ramp: float = 0.0
    rate: float = 0.0
    count: int = 0
    latencies: list[float] = field(default_factory=list)


_NOW = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"  # a swap of long ago would be listed for a person


def request(plan: int, swap: int, number: int) -> bytes:
    """The bytes of one completion; `swap` counts the plan's, `number` all of this process."""
    returned, issued = BATTERIES if swap % 2 == 0 else BATTERIES[::-1]
    return (
        f'{{"action":"COMPLETE_SERVICE","incoming_battery_id":"{returned}","incoming_kwh":4.8,"outgoing_battery_id":"{issued}",'
        f'"outgoing_kwh":30.4,"payment_occurred":false,"attendant_id":"ATT-001","attendant_station":"STATION-{plan % _STATIONS}",'
        f'"transaction_timestamp":"{_NOW}","correlation_id":"TXN-01JHMN5Z00{number:016}"}}'
    ).encode()


class Kiosks:
    """All kiosks of a network, on one connection."""

    def __init__(self, port: int, plans: int) -> None:
        self._free = deque(_Plan(number) for number in range(plans))
        self._asked: dict[str, _Plan] = {}
        self._number = 0
        self._refused = self._answered = 0
        self._job = _Job()
        self._counts_from = self._ends_at = float("inf")
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._heard
        self._client.on_socket_open = no_delay
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("rtrn/abs/attendant/plan/+/complete_service_response")

    def first(self) -> None:
        """Until somebody answers. Raises TimeoutError."""
        plan = self._free.popleft()
        self._asked[f"bench-{plan.number}"] = plan
        self._job = _Job()
        began = again_at = time.perf_counter()
        self._ends_at = 0.0
        while self._asked:
            now = time.perf_counter()
            if now > began + _FIRST_SECONDS:
                raise TimeoutError("nobody answers")
            if now >= again_at:
                again_at = now + _FIRST_AGAIN
                plan.asked_at = now
                self._publish(plan, 0)
            self._client.loop(0.05)
        self._number = 1

    def work(self, job: _Job) -> Outcome:
        """One job."""
        self._job, self._refused, self._answered = job, 0, 0
        began = time.perf_counter()
        self._counts_from = began + job.ramp
        self._ends_at = began + job.seconds if job.seconds else float("inf")
        if job.rate:
            self._steadily(began)
        else:
            for _ in range(job.outstanding):
                self._ask(time.perf_counter())
            while time.perf_counter() < self._ends_at and not (job.count and self._answered >= job.count):
                self._client.loop(0.05)
        ended = time.perf_counter()
        latencies, seconds = sorted(job.latencies), ended - self._counts_from
        self._ends_at = 0.0
        self._drain()
        return Outcome(
            answered=len(latencies),
            seconds=seconds,
            p50=_share(latencies, 0.5),
            p99=_share(latencies, 0.99),
            refused=self._refused,
            unanswered=len(self._asked),
        )

    def _steadily(self, began: float) -> None:
        sent = 0
        while (now := time.perf_counter()) < self._ends_at:
            while (due := began + sent / self._job.rate) <= now:
                self._ask(due)
                sent += 1
            self._client.loop(max(0.0, min(due - time.perf_counter(), 0.05)))

    def _ask(self, due: float) -> None:
        plan = self._free.popleft()  # an IndexError where every plan waits: the load is more than can be answered
        plan.asked_at = due
        self._asked[f"bench-{plan.number}"] = plan
        self._publish(plan, self._number)
        self._number += 1

    def _publish(self, plan: _Plan, number: int) -> None:
        topic = f"call/uxi/attendant/plan/bench-{plan.number}/complete_service"
        self._client.publish(topic, request(plan.number, plan.swaps, number))

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        plan = self._asked.pop(message.topic.split("/")[4], None)
        if plan is None:
            return  # the second answer to the very first question
        now = time.perf_counter()
        if SUCCESS in message.payload:
            plan.swaps += 1
        else:
            self._refused += 1
        self._free.append(plan)
        self._answered += 1
        if self._counts_from <= now < self._ends_at:
            self._job.latencies.append(now - plan.asked_at)
        if not self._job.rate and now < self._ends_at and not (self._job.count and self._answered + len(self._asked) >= self._job.count):
            self._ask(now)

    def _drain(self) -> None:
        """What is still asked is answered to nobody's account."""
        until = time.perf_counter() + _ANSWER_SECONDS
        while self._asked and time.perf_counter() < until:
            self._client.loop(0.05)


def _share(latencies: list[float], share: float) -> float:
    return latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else 0.0


def main() -> None:
    """Job after job."""
    kiosks = Kiosks(int(sys.argv[1]), int(sys.argv[2]))
    kiosks.first()
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(kiosks.work(_Job(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()
