"""GET /healthz: whether the database and the broker answer, looked at when asked. GET /metrics: the figures for Prometheus."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import StoreFailed
from kiosk.platform.http.answers import answer
from kiosk.platform.http.auth import ApiContext

OPEN = ("GET /healthz", "GET /metrics")
_SECONDS = 3.0
_PROBE = "healthz"


def routes(context: ApiContext) -> list[BaseRoute]:
    """Both."""

    async def healthz(_request: Request) -> Response:
        reasons = {"database": await _database(context), "link": context.link()}
        ill = {name: reason for name, reason in reasons.items() if reason}
        return answer({"ok": not ill, **{name: reason or "ok" for name, reason in reasons.items()}}, 503 if ill else 200)

    async def metrics(request: Request) -> Response:
        text, content_type = context.metrics.render(request.headers.get("accept", ""), await _waiting(context))
        return Response(text, headers={"content-type": content_type})

    return [Route("/healthz", healthz), Route("/metrics", metrics)]


async def _database(context: ApiContext) -> str:
    """Why it does not answer; "" when it does."""
    try:
        async with asyncio.timeout(_SECONDS):
            await asyncio.to_thread(context.store.plan, _PROBE)
    except StoreFailed as error:
        return error.reason
    except TimeoutError:
        return f"does not answer within {_SECONDS:.0f} s"
    return ""


async def _waiting(context: ApiContext) -> int | None:
    """How many events wait; None when the database does not say."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.to_thread(context.store.count_waiting)
    except (StoreFailed, TimeoutError):
        return None
