"""How many of everything one caller and all callers may have: connections that wait, bodies that arrive, requests under way.

What waits for a caller (a connection without a request, a body that has not arrived) costs nobody anything but its place. So there are
places of their own for it, and where they are full the oldest of the caller that has most gives way: whoever comes with many has itself to
displace. What is under way has a place until it is answered, and beyond the limits the next one is told to come again: 429 where this
caller has too many, 503 where all together have.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.platform.http.access import TokenRole, caller_in
from kiosk.platform.http.addresses import Proxies, counted_as
from kiosk.platform.http.answers import HttpLimits, error_answer

_STRANGERS = "strangers"


class Places[Item]:
    """At most `total` items, of one caller at most `each`. Items are told apart by what they are, not by what they equal."""

    def __init__(self, total: int, each: int) -> None:
        self._total, self._each = total, each
        self._callers: dict[str, dict[int, Item]] = {}
        self._held: dict[int, str] = {}

    def take(self, caller: str, item: Item) -> Item | None:
        """A place for the item, the newest of its caller; the item that has to give way for it, None where there was room. An item that has
        a place keeps it."""
        if id(item) in self._held:
            return None
        own = self._callers.get(caller, {})
        crowd = own if len(own) >= self._each else self._most() if len(self._held) >= self._total else {}
        displaced = next(iter(crowd.values()), None)
        if displaced is not None:
            self.leave(displaced)
        self._callers.setdefault(caller, {})[id(item)] = item
        self._held[id(item)] = caller
        return displaced

    def leave(self, item: Item) -> None:
        """The item's place is free, if it had one."""
        caller = self._held.pop(id(item), None)
        if caller is not None:
            own = self._callers[caller]
            del own[id(item)]
            if not own:
                del self._callers[caller]

    def _most(self) -> dict[int, Item]:
        return max(self._callers.values(), key=len)


class Shares:
    """How many requests are under way: of all at most `total`, of each of a request's names at most what is given with the name."""

    def __init__(self, total: int) -> None:
        self._total, self._running = total, 0
        self._names: Counter[str] = Counter()

    @contextmanager
    def one_more(self, names: Iterable[tuple[str, int]]) -> Iterator[int]:
        """Gives the status of the refusal, 0 where it may run; counted until the end of the block."""
        given = tuple(names)
        if any(self._names[name] >= most for name, most in given):
            yield 429
        elif self._running >= self._total:
            yield 503
        else:
            self._running += 1
            self._names.update(name for name, _ in given)
            try:
                yield 0
            finally:
                self._running -= 1
                for name, _ in given:
                    self._names[name] -= 1
                    if not self._names[name]:
                        del self._names[name]


class Admission:
    """ASGI middleware behind `AccessCheck`: a request has its place among those under way from when its body is whole."""

    def __init__(self, app: ASGIApp, limits: HttpLimits, proxies: Proxies) -> None:
        self._app, self._limits, self._proxies = app, limits, proxies
        self._arriving = Places[asyncio.Timeout](limits.bodies, limits.bodies_each)
        self._running = Shares(limits.requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = counted_as(self._proxies.origin(scope))
        try:
            body = await self._arrive(origin, scope, receive)
        except HTTPException as error:
            await error_answer(error.status_code)(scope, receive, send)
            return
        if body is None:
            return
        with self._running.one_more(self._names(scope, origin)) as refused:
            await (_come_again(refused) if refused else self._app)(scope, _Again(body, receive), send)

    async def _arrive(self, origin: str, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; None where the caller goes before its end. Raises HTTPException: 408 for a body that does not arrive in time or
        gives way to others, 413."""
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self._limits.body_seconds) as window:
                if _has_body(scope):
                    self._take_place(origin, window)
                try:
                    while (message := await receive())["type"] == "http.request":
                        parts.append(message.get("body", b""))
                        if not message.get("more_body", False):
                            return b"".join(parts)
                finally:
                    self._arriving.leave(window)
        except TimeoutError as error:
            raise HTTPException(408) from error
        return None

    def _take_place(self, origin: str, window: asyncio.Timeout) -> None:
        displaced = self._arriving.take(origin, window)
        if displaced is not None and not displaced.expired():
            displaced.reschedule(asyncio.get_running_loop().time())

    def _names(self, scope: Scope, origin: str) -> Iterator[tuple[str, int]]:
        """What the request counts for: its address, its token's role and name, and all without a token together, but for a body that is
        signed: a wrong signature is answered at once and holds no place."""
        caller = caller_in(scope)
        if origin:
            yield f"address {origin}", self._limits.requests_each
        if caller is None and scope["method"] != "POST":
            yield _STRANGERS, self._limits.strangers
        if caller is not None and caller.role is not TokenRole.ADMIN:
            yield f"token {caller}", self._limits.requests_each


class _Again:
    """`receive` of a request whose body was read already; after it comes what the caller sends next."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _come_again(status: int) -> Response:
    return error_answer(status, headers={"Retry-After": "1"})
