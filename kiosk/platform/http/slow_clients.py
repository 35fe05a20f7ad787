"""uvicorn's HTTP/1.1 connection with deadlines that it does not have: for headers, for unread answers, for refused bodies."""

import asyncio
from collections.abc import Callable

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from kiosk.platform.http.answers import JSON
from kiosk.platform.http.http_limits import HttpLimits

_UNREADABLE = b'{"error":{"code":"BAD_REQUEST","message":"This request cannot be read."}}'


class _Deadline:
    """At most one at a time; where it passes, `act` is called."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._timer: asyncio.TimerHandle | None = None

    @property
    def armed(self) -> bool:
        return self._timer is not None

    def arm(self, seconds: float) -> None:
        self.disarm()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._act)

    def disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def connection_class(limits: HttpLimits) -> type[asyncio.Protocol]:
    """The protocol class with these limits."""

    class GuardedConnection(_GuardedConnection):
        allowed = limits

    return GuardedConnection


class _GuardedConnection(H11Protocol):
    allowed = HttpLimits()

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, object], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._arriving, self._leaving, self._ending = (_Deadline(self._cut_off) for _ in range(3))

    @property
    def _answering(self) -> bool:
        """A request is at hand; uvicorn has no cycle before the first."""
        return not getattr(self.cycle, "response_complete", True)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrowing
        super().connection_made(transport)
        if len(self.connections) > self.allowed.connections:
            transport.abort()
        else:
            self._arriving.arm(self.allowed.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        for each in (self._arriving, self._leaving, self._ending):
            each.disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The first bytes of a next request begin its deadline; its last header ends it."""
        before = self.cycle
        if not self._arriving.armed and not self._answering:
            self._arriving.arm(self.allowed.header_seconds)
        super().data_received(data)
        if self.cycle is not before:
            self._arriving.disarm()

    def on_response_complete(self) -> None:
        """A body that was refused before its end goes on arriving: for a moment it is read and thrown away."""
        unread = self.cycle.more_body
        super().on_response_complete()
        if unread:
            self._arriving.arm(self.allowed.linger_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._leaving.arm(self.allowed.write_seconds)

    def resume_writing(self) -> None:
        self._leaving.disarm()
        super().resume_writing()

    def shutdown(self) -> None:
        """An answer that does not end by itself, as a stream of events, ends before the server gives up on it."""
        super().shutdown()
        if self._answering:
            self._ending.arm(self.allowed.stop_seconds / 2)

    def timeout_keep_alive_handler(self) -> None:
        """Closing waits for what the client does not read, for ever: that gets a deadline too."""
        super().timeout_keep_alive_handler()
        self._leaving.arm(self.allowed.write_seconds)

    def send_400_response(self, msg: str) -> None:
        """In the form of all errors, where no answer has begun."""
        del msg
        if not self._answering:
            head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {JSON}\r\ncontent-length: {len(_UNREADABLE)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + _UNREADABLE)
        self.transport.close()

    def _cut_off(self) -> None:
        self.transport.abort()
