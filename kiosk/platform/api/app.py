"""The ASGI application: routes of every kind behind one guard."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kiosk.platform.api.context import ApiContext


def make_app(context: ApiContext) -> Starlette:
    """The platform's HTTP side."""
    app = Starlette(routes=[Route("/healthz", healthz)])
    app.state.context = context
    return app


async def healthz(_request: Request) -> JSONResponse:
    """Up."""
    return JSONResponse({"ok": True})
