"""The platform's whole HTTP side, put together of its parts. A new part adds itself to PARTS.

A part is a module with `routes(context)` and `OPEN`: the addresses that need no bearer token ("GET /page"; "GET /files/" for all below).
"""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.platform.http import health, openapi, payment_callback, telemetry_routes
from kiosk.platform.http.context import ApiContext, Secrets
from kiosk.platform.http.graphql import serving as graphql
from kiosk.platform.http.guarded_app import Application, BaseRoute, make_app
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.platform.http.server import run_server
from kiosk.platform.http.web import routes as web
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.system import SystemClock

log = logging.getLogger(__name__)


class Part(Protocol):
    """Routes for one purpose."""

    @property
    def OPEN(self) -> tuple[str, ...]:
        """What needs no token."""
        ...

    def routes(self, context: ApiContext) -> Sequence[BaseRoute]:
        """Its addresses."""
        ...


PARTS: tuple[Part, ...] = (health, openapi, payment_callback, telemetry_routes, graphql, web)


def platform_app(context: ApiContext, parts: Sequence[Part] = PARTS) -> Application:
    """The application with all its parts. The same for the command and for tests."""
    routes = [each for part in parts for each in part.routes(context)]
    return make_app(context, routes, {each for part in parts for each in part.OPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Where to serve, HOST:PORT, whom to believe, and the figures of this process."""

    address: str
    secrets: Secrets
    metrics: PlatformMetrics = field(default_factory=PlatformMetrics)


@asynccontextmanager
async def run_app(options: HttpOptions, store: PlatformStore, wake: Callable[[], None], link: Callable[[], str]) -> AsyncIterator[str]:
    """The whole HTTP side on its port, in this loop, until the end of the block; gives its URL. Raises BadInput for the address."""
    context = ApiContext(store=store, clock=SystemClock(), secrets=options.secrets, metrics=options.metrics, wake=wake, link=link)
    async with run_server(platform_app(context), context.limits, options.address) as url:
        log.info("HTTP is served on %s", url)
        yield url
