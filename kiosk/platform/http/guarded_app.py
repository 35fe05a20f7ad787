"""The ASGI application: the routes of every part behind one guard.

From the outside in: what becomes of a bug and how much is too much (`guard`), how long a body may be, who may call (`auth`), the routes.
"""

from collections.abc import Iterable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute

from kiosk.domain.errors import KioskError
from kiosk.platform.http.answers import on_http_error, on_kiosk_error
from kiosk.platform.http.auth import TokenBackend, unauthenticated
from kiosk.platform.http.context import ApiContext
from kiosk.platform.http.guard import Guard

__all__ = ["Application", "BaseRoute", "make_app"]
Application = Starlette


def make_app(context: ApiContext, routes: Sequence[BaseRoute], open_addresses: Iterable[str]) -> Application:
    """These routes; whoever calls needs a token, but at `open_addresses`."""
    limits = context.limits
    backend = TokenBackend(context.secrets, open_addresses)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, limits=limits, observe=context.metrics.count_request),
            Middleware(RequestBodyLimitMiddleware, max_body_size=limits.body_bytes),
            Middleware(AuthenticationMiddleware, backend=backend, on_error=unauthenticated),
        ],
        exception_handlers={KioskError: on_kiosk_error, HTTPException: on_http_error},
    )
    app.router.redirect_slashes = False  # an address is one or it is none
    return app
