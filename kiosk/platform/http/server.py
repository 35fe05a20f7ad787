"""The application on a port, inside a running loop: uvicorn with deadlines for slow clients, without signal handlers of its own.

TLS is a reverse proxy's work: bind to a loopback address or a private network and put one in front.

What happens on each kind of failure:

- The address is taken, or cannot be one: BadInput before anything is served.
- A client that sends its headers too slowly, or does not read its answer: its connection is closed. Too many connections: the newest is.
- A client that is refused and goes on sending is listened to for a moment, so that it can read why, and then closed.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.http.http_limits import HttpLimits
from kiosk.platform.http.slow_clients import connection_class

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
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        listening = socket.create_server((host.strip("[]"), int(port)), family=family, backlog=_BACKLOG)
        # what it accepts inherits this; asyncio sets it on sockets of its own making only, and without it an answer's body waits for the
        # acknowledgement of its head, which a client delays by 40 ms
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise BadInput("--http", tr("{address} cannot be used ({why})", address=address, why=error.strerror or error)) from error
    return listening


async def serve_http(app: ASGIApp, listening: socket.socket, stop: asyncio.Event, limits: HttpLimits | None = None) -> None:
    """Serve until `stop` is set, then let the requests at hand end, for a while. Closes the socket."""
    limits = limits or HttpLimits()
    server = _Server(
        Config(
            app,
            http=connection_class(limits),
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
    stopping = asyncio.create_task(stop.wait(), name="http stop")
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def run_server(app: ASGIApp, limits: HttpLimits | None = None, address: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """The application on a port of its own; gives its URL. Raises BadInput."""
    listening = bind_http(address)
    host, port = listening.getsockname()[:2]
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_http(app, listening, stop, limits))
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        stop.set()
        await serving
