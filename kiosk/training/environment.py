"""The environment of training: the platform in a thread of its own and its broker, on a loopback port that no other machine can reach.

Starting raises LinkDown when the thread is not up in time. Stopping always ends it. The platform's database is a file in the training
folder.
"""

import asyncio
import logging
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
from kiosk.training.broker import HOST, EmbeddedBroker

log = logging.getLogger(__name__)
START_SECONDS = 30.0
READY_SECONDS = 5.0
MAX_RETRY_SECONDS = 1.0  # nobody else is on this broker, and a trainee waits for it
STOP_SECONDS = 10.0
_SERVE = "kiosk.platform.run.serve"


class TrainingEnvironment:
    """Made on any thread; its coroutines are awaited on the kiosk's loop and run on its own."""

    def __init__(self, folder: Path) -> None:
        self._broker = EmbeddedBroker(folder)
        self._database = f"sqlite:///{folder / 'platform.sqlite'}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="training", daemon=True)
        self._switching = asyncio.Lock()  # the broker is started or stopped as a whole, whoever gave up waiting for it
        self._platform: Any = None
        self._store: Any = None
        self._payments: Any = None

    @property
    def port(self) -> int:
        """Where the broker listens, from the beginning."""
        return self._broker.port

    def _run_loop(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

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
        if not self._thread.is_alive():
            self._loop.close()
            self._broker.close()
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._on_own_loop(self._stop())
        except TimeoutError:
            log.warning("the platform of training did not end in %s s", STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
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
        from kiosk.platform.payments.confirmations import Confirmations, PaymentDelivery
        from kiosk.platform.rules import PlatformRules

        delivery = PaymentDelivery(delivery_id=payment.correlation_id, plan_id=plan_id, currency=currency, payment=payment, content=b"")
        Confirmations(self._store, PlatformRules()).take(delivery, at)
        self._platform.wake()

    async def stop_broker(self) -> None:
        """No link until it is started again."""
        await asyncio.shield(self._on_own_loop(self._stop_broker()))

    async def start_broker(self) -> None:
        """The link comes back, and the platform with it; twice is no error. Raises LinkDown."""
        await asyncio.shield(self._on_own_loop(self._bring_back()))

    async def _on_own_loop[T](self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _call(self, call: Callable[[], None]) -> None:
        call()

    async def _start(self) -> None:
        await asyncio.gather(self._start_broker(), asyncio.to_thread(import_module, _SERVE))  # a process starts while we import
        from kiosk.platform.agent.mqtt_service import PlatformService
        from kiosk.platform.payments.verifiers import ScriptedPayments
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
        await self._stop_broker()

    async def _bring_back(self) -> None:
        await self._start_broker()
        await self._platform.wait_ready(READY_SECONDS)

    async def _start_broker(self) -> None:
        async with self._switching:
            await self._broker.start()

    async def _stop_broker(self) -> None:
        async with self._switching:
            await self._broker.stop()
