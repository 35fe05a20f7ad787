"""The figures for Prometheus: answers by action and signal, their latency, events that wait, HTTP requests. They begin anew each start.

Where several processes count into one folder (`metrics_hook.shared_counts`), the process that is asked adds them up, as prometheus_client
does it.
"""

import os
import re
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import Scope

from kiosk.platform.metrics_hook import FOLDER

_SIGNALS = re.compile(rb'"signals":\[([^\]]*)\]')
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class PlatformMetrics:
    """Counts; may be called from any thread. Implements MetricsHook."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter("swap_platform_answers", "Answers over MQTT", ["action", "signal"], registry=self._registry)
        self._seconds = Histogram(
            "swap_platform_answer_seconds",
            "From hearing a question to publishing its answer",
            ["action"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._requests = Counter("swap_platform_http_requests", "Answers over HTTP", ["method", "route", "status"], registry=self._registry)
        self._request_seconds = Histogram(
            "swap_platform_http_request_seconds",
            "From a request's headers to its whole answer",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def count_answer(self, action: str, payload: bytes, seconds: float) -> None:
        """One answer with its signals."""
        found = _SIGNALS.search(payload)
        for signal in found[1].decode().replace('"', "").split(",") if found else ():
            self._answers.labels(action, signal).inc()
        self._seconds.labels(action).observe(seconds)

    def count_request(self, scope: Scope, status: int, seconds: float) -> None:
        """One HTTP answer; status 0 where the client has gone. What is no route of ours is counted as one."""
        route = str(getattr(scope.get("route"), "path_format", "none"))
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def render(self, accept: str, waiting: int | None) -> tuple[bytes, str]:
        """The text for a scraper that takes `accept`, and its content type; `waiting` None: not known now."""
        encode, content_type = choose_encoder(accept)
        found = CollectorRegistry()
        if FOLDER in os.environ:
            MultiProcessCollector(found)  # type: ignore[no-untyped-call]  # the library's
        else:
            found.register(self._registry)
        if waiting is not None:
            found.register(_Waiting(waiting))
        return encode(found), content_type


class _Waiting(Collector):
    """Looked up when asked, not counted."""

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("swap_platform_events_waiting", "Events stored and not yet published, at most 10000", value=self._waiting)
