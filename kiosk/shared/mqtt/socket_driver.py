"""How paho's socket is driven: by the asyncio loop itself, or by paho's own thread where the loop cannot watch sockets.

A message that arrives on the loop's own socket is handled in the same turn of the loop, and a publish is written to the socket by
whoever calls it; paho's thread costs two thread switches a round trip (a wake-up byte to its thread, a call back into the loop).
On loopback through Mosquitto, 1 KB, against bare paho with its thread: 0.9 on the loop, 1.2 by the thread. Windows'
default loop cannot watch sockets; there the thread is used, and the loop hears of everything by `call_soon_threadsafe`.

A driver moves bytes from `start`, when the client has a socket, to `stop`, before that is closed; `flush` has queued packets written, and
`hand_over` calls work on the loop's thread.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client

from kiosk.domain.language import tr

log = logging.getLogger(__name__)
_TICK_SECONDS = 1.0


class LoopDriver:
    """The loop watches the socket. Everything happens on the loop's thread."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop, broken: Callable[[str], None]) -> None:
        self._client, self._loop, self._broken = client, loop, broken
        self._descriptor = -1
        self._writing = False
        self._tick: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Watch the socket, and look after the keep-alive once a second."""
        sock = self._client.socket()
        if sock is None:
            return
        self._descriptor = sock.fileno()
        self._client.on_socket_close = lambda *_: self.stop()
        self._loop.add_reader(self._descriptor, self._readable)
        self._tick = self._loop.call_later(_TICK_SECONDS, self._look_after)
        self._readable()  # TLS may have read more than it has given out

    def flush(self) -> None:
        """Write now; what the socket does not take is written when it does."""
        if self._descriptor < 0 or not self._client.want_write():
            return
        self._client.loop_write()
        self._watch_writing(on=self._client.want_write())

    def stop(self) -> None:
        """Forget the socket and the tick."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        if self._descriptor >= 0:
            self._watch_writing(on=False)
            self._loop.remove_reader(self._descriptor)
            self._descriptor = -1

    def hand_over(self, work: Callable[..., None], *args: Any) -> None:  # noqa: ANN401  whatever paho's callback brings
        """We are on the loop's thread."""
        work(*args)

    def _readable(self) -> None:
        try:
            self._client.loop_read()
            while self._bytes_waiting():
                self._client.loop_read()
            self.flush()
        except Exception as error:  # noqa: BLE001  a broker that sends nonsense must cost its link and nothing more
            log.warning("the broker sent what paho cannot read: %r", error)
            self._broken(tr("the broker sent what cannot be read ({error})", error=type(error).__name__))

    def _bytes_waiting(self) -> bool:
        sock = self._client.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _watch_writing(self, *, on: bool) -> None:
        if on == self._writing or self._descriptor < 0:
            return
        self._writing = on
        if on:
            self._loop.add_writer(self._descriptor, self.flush)
        else:
            self._loop.remove_writer(self._descriptor)

    def _look_after(self) -> None:
        self._tick = self._loop.call_later(_TICK_SECONDS, self._look_after)
        self._client.loop_misc()
        self.flush()


class ThreadDriver:
    """paho's thread moves the bytes and calls back from there."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def start(self) -> None:
        """Start paho's thread."""
        self._client.loop_start()

    def flush(self) -> None:
        """paho's thread does."""

    def stop(self) -> None:
        """End paho's thread; it may be the one that calls."""
        self._client.loop_stop()

    def hand_over(self, work: Callable[..., None], *args: Any) -> None:  # noqa: ANN401  whatever paho's callback brings
        """Call on the loop's thread, soon."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *args)


def driver_for(client: Client, broken: Callable[[str], None]) -> LoopDriver | ThreadDriver:
    """The quickest driver that the running loop allows. `broken(reason)` is called when the client fails in an unforeseen way."""
    loop = asyncio.get_running_loop()
    try:
        with suppress(OSError, ValueError):  # no such file: False, or one of these, from a loop that could watch it
            loop.remove_reader(0x7FFFFFFF)
    except NotImplementedError:
        return ThreadDriver(client, loop)
    return LoopDriver(client, loop, broken)
