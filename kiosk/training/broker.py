"""The embedded broker of training: MQTT 5 on a loopback port, in a process of its own, because its library cannot end one inside ours.

The process ends when it is stopped and, however this one ends, when nobody holds its standard input any more. It speaks MQTT 5 only, as
the field's brokers do; what it keeps lives in memory and ends with it.
"""

import asyncio
import contextlib
import logging
import socket
import sys
from pathlib import Path

from kiosk.domain.errors import LinkDown
from kiosk.domain.language import tr

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
READY = b"ready\n"
START_SECONDS = 20.0
STOP_SECONDS = 5.0
_FILE = "broker.toml"
_SETTINGS = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 10485760  # bytes kept of each topic until everybody has read them, twice at most
max_segment_count = 2

[v5.1]
name = "practice"
listen = "{host}:{port}"
next_connection_delay_ms = 0

[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = 8388608
max_inflight_count = 100
"""


class EmbeddedBroker:
    """Listens on `port` from `start` to `stop`, as often as asked to. One task at a time may use it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind((HOST, 0))
        self.port = int(self._held.getsockname()[1])
        if not sys.platform.startswith("linux"):
            self._held.close()  # there the broker could not listen beside it; on Linux nobody else gets the port while it is held
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it listens. Raises LinkDown."""
        if self._process is not None and self._process.returncode is None:
            return
        await self.stop()  # one that died of itself
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(_SETTINGS.format(host=HOST, port=self.port), encoding="utf-8")
            # its own session: Ctrl-C in the terminal ends us, and we end it
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "kiosk.training.broker_process",
                str(self._file),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise LinkDown(tr("the practice broker cannot be started: {why}", why=error)) from error
        try:
            first_line = await self._first_line(self._process)
        except BaseException:  # also when whoever waits gave up: nothing is left behind
            await self.stop()
            raise
        if first_line != READY:
            await self.stop()
            raise LinkDown(
                tr(
                    "the practice broker cannot be used on port {port}: {why}",
                    port=self.port,
                    why=first_line.decode(errors="replace").strip(),
                )
            )

    async def stop(self) -> None:
        """Its clients lose their link, and its process has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        if process.returncode is None:
            log.warning("the broker of training did not end in %s s and is killed", STOP_SECONDS)
            process.kill()
            await process.wait()

    def close(self) -> None:
        """Give the port back."""
        self._held.close()

    async def _first_line(self, process: asyncio.subprocess.Process) -> bytes:
        if process.stdout is None:
            return b""
        try:
            async with asyncio.timeout(START_SECONDS):
                return await process.stdout.readline()
        except TimeoutError:
            return f"not ready within {START_SECONDS:.0f} s".encode()
