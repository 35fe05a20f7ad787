"""The platform's whole HTTP side: the routes of every part behind one guard. A new part adds itself to PARTS.

A part is a module with `routes(context)`; each of its addresses has a line in the table of `access`, or nobody may use it. Before a route
come, from the outside in, what becomes of a bug (`Guard`), how long a body may be, who may call (`access`), and how much is too much
(`places`):

- A body that says that it is too long is refused with 413 before any of it is read; one that turns out to be (chunked) as soon as it is.
- A body that does not arrive in time: 408. More requests at once than allowed: 429 for one caller, 503 for all.
- An exception that is a bug: logged with its trace and answered with 500, without its details.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.domain.errors import KioskError
from kiosk.platform.http import (
    about_platform,
    battery_routes,
    key_routes,
    payment_callback,
    people_routes,
    receipt_routes,
    telemetry_routes,
)
from kiosk.platform.http.access import ROUTES, AccessCheck, Line
from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.answers import HttpLimits, error_answer, on_http_error, on_kiosk_error
from kiosk.platform.http.auth import ApiContext, Secrets
from kiosk.platform.http.graphql import serving as graphql
from kiosk.platform.http.metrics import PlatformMetrics
from kiosk.platform.http.places import Admission
from kiosk.platform.http.server import run_server
from kiosk.platform.http.web import routes as web
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.pins import Seal
from kiosk.shared.system import SystemClock

log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware; `observe` is called with every answer: the request's scope, the status, the seconds it took."""

    def __init__(self, app: ASGIApp, limits: HttpLimits, observe: Callable[[Scope, int, float], None]) -> None:
        self._app, self._limits, self._observe = app, limits, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        watched, began = _Watched(send), loop.time()
        too_long = _content_length(scope) > self._limits.body_bytes
        try:
            await (error_answer(413) if too_long else self._app)(scope, receive, watched)
        except Exception:  # a bug must be logged, and its details are not for strangers
            log.exception("%s %s was not handled", scope["method"], scope["path"])
            if watched.status:
                raise
            await error_answer(500)(scope, receive, watched)
        finally:
            self._observe(scope, watched.status, loop.time() - began)


class _Watched:
    """`send`, with the status that went through it; 0 before."""

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _content_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isascii() and text.isdecimal() else 0


class Part(Protocol):
    """Routes for one purpose."""

    def routes(self, context: ApiContext) -> Sequence[BaseRoute]:
        """Its addresses."""


PARTS: tuple[Part, ...] = (
    about_platform,
    payment_callback,
    telemetry_routes,
    battery_routes,
    key_routes,
    people_routes,
    receipt_routes,
    graphql,
    web,
)


def platform_app(context: ApiContext, parts: Sequence[Part] = PARTS) -> Starlette:
    """The application with all its parts. The same for the command and for tests."""
    return make_app(context, [each for part in parts for each in part.routes(context)])


def make_app(context: ApiContext, routes: Sequence[BaseRoute], lines: Mapping[str, Line] = ROUTES) -> Starlette:
    """These routes, for those whom `lines` let in."""
    limits = context.limits
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, limits=limits, observe=context.metrics.count_request),
            Middleware(RequestBodyLimitMiddleware, max_body_size=limits.body_bytes),
            Middleware(AccessCheck, routes=routes, tokens=context.secrets.tokens, lines=lines),
            Middleware(Admission, limits=limits, proxies=context.proxies),
        ],
        exception_handlers={KioskError: on_kiosk_error, HTTPException: on_http_error},
    )
    app.router.redirect_slashes = False  # an address is one or it is none
    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Where to serve, HOST:PORT, whom to believe, which proxies stand before it, what opens the PINs of people, and the figures of this
    process."""

    address: str
    secrets: Secrets
    proxies: Proxies = field(default_factory=Proxies)
    seal: Seal | None = None
    metrics: PlatformMetrics = field(default_factory=PlatformMetrics)


@asynccontextmanager
async def run_app(options: HttpOptions, store: PlatformStore, wake: Callable[[], None], link: Callable[[], str]) -> AsyncIterator[str]:
    """The whole HTTP side on its port, in this loop, until the end of the block; gives its URL. Raises BadInput for the address."""
    context = ApiContext(
        store=store,
        clock=SystemClock(),
        secrets=options.secrets,
        proxies=options.proxies,
        seal=options.seal,
        metrics=options.metrics,
        wake=wake,
        link=link,
    )
    async with run_server(platform_app(context), context.limits, options.address, options.proxies) as url:
        log.info("HTTP is served on %s", url)
        yield url
