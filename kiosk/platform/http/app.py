"""The platform's whole HTTP side: the routes of every part behind one guard. A new part adds itself to PARTS.

A part is a module with `routes(context)` and `OPEN`: the addresses that need no bearer token ("GET /page"; "GET /files/" for all below).
Before a route come, from the outside in: what becomes of a bug and how much is too much (`guard`), how long a body may be, who may call
(`auth`).
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute

from kiosk.domain.errors import KioskError
from kiosk.platform.http import health, openapi, payment_callback, telemetry_routes
from kiosk.platform.http.answers import on_http_error, on_kiosk_error
from kiosk.platform.http.auth import ApiContext, Secrets, TokenBackend, on_unauthenticated
from kiosk.platform.http.graphql import serving as graphql
from kiosk.platform.http.guard import Guard
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


def platform_app(context: ApiContext, parts: Sequence[Part] = PARTS) -> Starlette:
    """The application with all its parts. The same for the command and for tests."""
    routes = [each for part in parts for each in part.routes(context)]
    return make_app(context, routes, {each for part in parts for each in part.OPEN})


def make_app(context: ApiContext, routes: Sequence[BaseRoute], open_addresses: Iterable[str]) -> Starlette:
    """These routes; whoever calls needs a token, but at `open_addresses`."""
    limits = context.limits
    backend = TokenBackend(context.secrets, open_addresses)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, limits=limits, observe=context.metrics.count_request),
            Middleware(RequestBodyLimitMiddleware, max_body_size=limits.body_bytes),
            Middleware(AuthenticationMiddleware, backend=backend, on_error=on_unauthenticated),
        ],
        exception_handlers={KioskError: on_kiosk_error, HTTPException: on_http_error},
    )
    app.router.redirect_slashes = False  # an address is one or it is none
    return app


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
