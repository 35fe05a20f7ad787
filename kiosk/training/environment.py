"""The environment of training: the platform in a thread of its own and its broker, on a loopback port that no other machine can reach.

The broker speaks MQTT 5 only, as the field's brokers do. It runs in a process of its own, because its library cannot end one inside ours;
the process ends when it is stopped and, however this one ends, when nobody holds its standard input any more. What it keeps lives in memory
and ends with it.

Starting raises LinkDown when the thread is not up in time. Stopping always ends it. The platform's database is a file in the training
folder.
"""

import asyncio
import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from kiosk.domain.errors import LinkDown
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import ProcessPayment

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
READY = b"ready\n"
START_SECONDS = 30.0
READY_SECONDS = 5.0
MAX_RETRY_SECONDS = 1.0  # nobody else is on this broker, and a trainee waits for it
STOP_SECONDS = 10.0
BROKER_START_SECONDS = 20.0
BROKER_STOP_SECONDS = 5.0
_SERVE = "kiosk.platform.run.serve"
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
        self._file = folder / "broker.toml"
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
        output = self._process.stdout
        try:
            async with asyncio.timeout(BROKER_START_SECONDS):
                first_line = await output.readline() if output is not None else b""
        except TimeoutError:
            first_line = f"not ready within {BROKER_START_SECONDS:.0f} s".encode()
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
            async with asyncio.timeout(BROKER_STOP_SECONDS):
                await process.wait()
        if process.returncode is None:
            log.warning("the broker of training did not end in %s s and is killed", BROKER_STOP_SECONDS)
            process.kill()
            await process.wait()

    def close(self) -> None:
        """Give the port back."""
        self._held.close()


class TrainingEnvironment:
    """Made on any thread; its coroutines are awaited on the kiosk's loop and run on its own. The broker listens on `port`."""

    def __init__(self, folder: Path) -> None:
        self._broker = EmbeddedBroker(folder)
        self.port = self._broker.port
        self._database = f"sqlite:///{folder / 'platform.sqlite'}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="training", daemon=True)
        self._switching = asyncio.Lock()  # the broker is started or stopped as a whole, whoever gave up waiting for it
        self._platform: Any = None
        self._store: Any = None
        self._payments: Any = None

    def _run_loop(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_forever()

    async def start(self) -> None:
        """Broker first, then the platform. Raises LinkDown."""
        self._thread.start()
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._on_own_loop(self._start())
        except TimeoutError as error:
            raise LinkDown(tr("the practice platform did not start in {seconds} s", seconds=f"{START_SECONDS:.0f}")) from error
        except ModuleNotFoundError as error:
            raise LinkDown(tr("the practice platform is not installed: there is no {module}", module=error.name)) from error

    async def stop(self) -> None:
        """End platform, broker and thread; one that was never started has nothing to end."""
        if self._thread.is_alive():
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._on_own_loop(self._stop())
            except TimeoutError:
                log.warning("the platform of training did not end in %s s", STOP_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
        else:
            self._loop.close()
        self._broker.close()

    async def add_plan(self, plan: ServicePlan, at: datetime) -> None:
        """The platform knows a plan from now on."""
        await self._on_own_loop(self._call(lambda: self._store.insert_plan(plan, at)))

    async def refuse_receipt(self, receipt_id: str, reason: str) -> None:
        """The platform refuses this receipt from now on."""
        await self._on_own_loop(self._call(lambda: self._payments.refused.update({receipt_id: reason})))

    async def receive_payment(self, plan_id: str, payment: ProcessPayment, currency: str, at: datetime) -> None:
        """The ERP system confirms a payment to the platform, which announces it. Raises StoreFailed."""
        await self._on_own_loop(self._call(lambda: self._confirm(plan_id, payment, currency, at)))

    def _confirm(self, plan_id: str, payment: ProcessPayment, currency: str, at: datetime) -> None:
        from kiosk.platform.payment_proof import PaymentDelivery, take_delivery

        delivery = PaymentDelivery(delivery_id=payment.correlation_id, plan_id=plan_id, currency=currency, payment=payment, content=b"")
        take_delivery(self._store, delivery, at)
        self._platform.wake()

    async def stop_broker(self) -> None:
        """No link until it is started again."""
        await asyncio.shield(self._on_own_loop(self._switch(self._broker.stop)))

    async def start_broker(self) -> None:
        """The link comes back, and the platform with it; twice is no error. Raises LinkDown."""
        await asyncio.shield(self._on_own_loop(self._bring_back()))

    async def _on_own_loop[T](self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _call(self, call: Callable[[], None]) -> None:
        call()

    async def _start(self) -> None:
        await asyncio.gather(self._switch(self._broker.start), asyncio.to_thread(import_module, _SERVE))  # a process starts while we import
        from kiosk.platform.agent.mqtt_service import PlatformService
        from kiosk.platform.payment_proof import ScriptedPayments
        from kiosk.platform.run.serve import link_for
        from kiosk.platform.store.repository import open_store

        self._payments = ScriptedPayments()
        self._store = open_store(self._database)
        link = replace(link_for(f"mqtt://{HOST}:{self.port}"), most_retry=MAX_RETRY_SECONDS)
        self._platform = PlatformService(link, self._store, verifier=self._payments)
        await self._platform.start()

    async def _stop(self) -> None:
        if self._platform is not None:
            await self._platform.stop()
            self._store.close()
        await self._switch(self._broker.stop)

    async def _bring_back(self) -> None:
        await self._switch(self._broker.start)
        await self._platform.wait_ready(READY_SECONDS)

    async def _switch(self, broker: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with self._switching:
            await broker()
