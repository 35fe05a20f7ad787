"""What stands before every route: how many requests at once, how long a body may be and take, and what becomes of a bug.

- A body that says that it is too long is refused with 413 before any of it is read; one that turns out to be (chunked) as soon as it is.
- A body that does not arrive in time: 408. More requests at once than allowed: 503.
- An exception that is a bug: logged with its trace and answered with 500, without its details.
"""

import asyncio
import logging
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.platform.http.answers import error_answer
from kiosk.platform.http.http_limits import HttpLimits

log = logging.getLogger(__name__)
Observe = Callable[[Scope, int, float], None]
"""Called with each answer: the request's scope, the status, the seconds it took."""


class Guard:
    """ASGI middleware; `observe` is called with every answer."""

    def __init__(self, app: ASGIApp, limits: HttpLimits, observe: Observe) -> None:
        self._app, self._limits, self._observe = app, limits, observe
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        watched, began = _Watched(send), loop.time()
        self._running += 1
        try:
            await self._admit(scope, _Timed(receive, began + self._limits.body_seconds), watched)
        except Exception:  # a bug must be logged, and its details are not for strangers
            log.exception("%s %s was not handled", scope["method"], scope["path"])
            if watched.status:
                raise
            await error_answer(500)(scope, receive, watched)
        finally:
            self._running -= 1
            self._observe(scope, watched.status, loop.time() - began)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._running > self._limits.requests:
            await error_answer(503, headers={"Retry-After": "1"})(scope, receive, send)
        elif _content_length(scope) > self._limits.body_bytes:
            await error_answer(413)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Watched:
    """`send`, with the status that went through it; 0 before."""

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Timed:
    """`receive`, until the body is whole by a deadline; waiting for the end of the connection has none. Raises HTTPException 408."""

    def __init__(self, receive: Receive, deadline: float) -> None:
        self._receive, self._deadline = receive, deadline
        self._whole = False

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(None if self._whole else self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408) from error
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message


def _content_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isascii() and text.isdecimal() else 0
