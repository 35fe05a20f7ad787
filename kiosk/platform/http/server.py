"""The application on a port, inside a running loop: uvicorn with deadlines for slow clients, without signal handlers of its own.

TLS is a reverse proxy's work: bind to a loopback address or a private network and put one in front.

What happens on each kind of failure:

- The address is taken, or cannot be one: BadInput before anything is served.
- A client that sends its headers too slowly, or does not read its answer: its connection is closed.
- Too many connections without a whole request: the oldest of the address that has most is closed (`places`), so that many idle or slow ones
  from one place turn nobody else away. A proxy that is named counts as many addresses. Too many in all: the newest is closed.
- A client that is refused and goes on sending is listened to for a moment, so that it can read why, and then closed.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.addresses import Proxies, counted_as
from kiosk.platform.http.answers import JSON, HttpLimits
from kiosk.platform.http.places import Places

_UNREADABLE = b'{"error":{"code":"BAD_REQUEST","message":"This request cannot be read."}}'


class _Deadline:
    """At most one at a time, whose `timer` runs; where it passes, `act` is called."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self.timer: asyncio.TimerHandle | None = None

    def arm(self, seconds: float) -> None:
        self.disarm()
        self.timer = asyncio.get_running_loop().call_later(seconds, self._act)

    def disarm(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def connection_class(limits: HttpLimits, named: Proxies) -> type[asyncio.Protocol]:
    """The protocol class with these limits, for one server."""

    class GuardedConnection(_GuardedConnection):
        allowed = limits
        proxies = named
        idle = Places["_GuardedConnection"](limits.connections, limits.connections_each)

    return GuardedConnection


class _GuardedConnection(H11Protocol):
    allowed: HttpLimits
    proxies: Proxies
    idle: "Places[_GuardedConnection]"
    """Those without a whole request."""

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
        if len(self.connections) > self.allowed.connections + self.allowed.requests:
            transport.abort()
        else:
            self._arriving.arm(self.allowed.header_seconds)
            self._sort()

    def connection_lost(self, exc: Exception | None) -> None:
        for each in (self._arriving, self._leaving, self._ending):
            each.disarm()
        self.idle.leave(self)
        super().connection_lost(exc)

    def _sort(self) -> None:
        """Among the idle ones, or not: what is answered is nobody's to close."""
        if self._answering and not self.cycle.more_body:
            self.idle.leave(self)
        elif not self.transport.is_closing():
            displaced = self.idle.take(self._origin, self)
            if displaced is not None:
                displaced.transport.abort()

    @property
    def _origin(self) -> str:
        host, port = self.client or ("", 0)
        return f"{host} {port}" if self.proxies.believes(host) else counted_as(host)

    def data_received(self, data: bytes) -> None:
        """The first bytes of a next request begin its deadline; its last header ends it."""
        before = self.cycle
        if self._arriving.timer is None and not self._answering:
            self._arriving.arm(self.allowed.header_seconds)
        super().data_received(data)
        if self.cycle is not before:
            self._arriving.disarm()
        self._sort()

    def on_response_complete(self) -> None:
        """A body that was refused before its end goes on arriving: for a moment it is read and thrown away."""
        unread = self.cycle.more_body
        super().on_response_complete()
        if unread:
            self._arriving.arm(self.allowed.linger_seconds)
        self.idle.leave(self)
        self._sort()  # as the newest

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


_BACKLOG = 512


class _Server(uvicorn.Server):
    """Leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind_http(address: str) -> socket.socket:
    """A listening socket for HOST:PORT ([::1]:8080 for IPv6; port 0 takes any). Raises BadInput."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        raise BadInput("--http", tr("must be like 127.0.0.1:8080"))
    try:
        listening = socket.create_server(
            (host.strip("[]"), int(port)), family=socket.AF_INET6 if host.startswith("[") else socket.AF_INET, backlog=_BACKLOG
        )
        # what it accepts inherits this; asyncio sets it on sockets of its own making only, and without it an answer's body waits for the
        # acknowledgement of its head, which a client delays by 40 ms
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise BadInput("--http", tr("{address} cannot be used ({why})", address=address, why=error.strerror or error)) from error
    return listening


@asynccontextmanager
async def run_server(
    app: ASGIApp, limits: HttpLimits | None = None, address: str = "127.0.0.1:0", proxies: Proxies | None = None
) -> AsyncIterator[str]:
    """Serve the application in this loop and give its URL; at the end of the block let the requests at hand end, for a while. Raises
    BadInput."""
    listening, limits = bind_http(address), limits or HttpLimits()
    host, port = listening.getsockname()[:2]
    server = _Server(
        Config(
            app,
            http=connection_class(limits, proxies or Proxies()),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=limits.idle_seconds,
            timeout_graceful_shutdown=limits.stop_seconds,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await serving
        listening.close()
