"""Training mode: plans, batteries and faults are put in place anew for each scenario.

In some of them the customer pays by phone: a while after the kiosk begins to wait for it, as through the ERP system's callback. What the
kiosk waits for is looked up in its own journal. What cannot be paid is logged, and the trainee can still type a receipt id.
"""

import asyncio
import logging
from collections.abc import Callable

from kiosk.domain.errors import KioskError, NotFound
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.requests import ProcessPayment
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.shared.system import Clock
from kiosk.station.adapters.bluetooth import SimulatedEnvironment
from kiosk.station.events import Event, OutboxChanged
from kiosk.station.ports import Scenario, Store
from kiosk.station.services.device_health import LinkState
from kiosk.training.environment import TrainingEnvironment
from kiosk.training.scenarios import Script, batteries_for, plan_for, plan_id, read_scripts

log = logging.getLogger(__name__)
LINK_BACK_SECONDS = 15.0
PHONE_SECONDS = 8.0  # time to see the page and the code
_LINK_SECONDS = 10.0
_LOOK_SECONDS = 0.5


class TrainingSessions:
    """Implements the port `Training`. Used on the kiosk's I/O thread."""

    def __init__(
        self,
        environment: TrainingEnvironment,
        batteries: SimulatedEnvironment,
        store: Store,
        clock: Clock,
        *,
        forget: Callable[[], None] = lambda: None,
        link_back_seconds: float = LINK_BACK_SECONDS,
        phone_seconds: float = PHONE_SECONDS,
    ) -> None:
        self._environment, self._batteries, self._store, self._clock = environment, batteries, store, clock
        self._forget = forget  # what the scanner has received of an earlier run
        self._link_back_seconds, self._phone_seconds = link_back_seconds, phone_seconds
        self._scripts = {script.id: script for script in read_scripts()}
        self._run = 0
        self._tasks: list[asyncio.Task[None]] = []  # what the scenario has going on in the background
        self._link_comes_back = False  # when the swap of the scenario is complete
        self._link = LinkState()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be practised, in the language of now."""
        return tuple(script.scenario(0) for script in self._scripts.values())

    async def begin(self, scenario_id: str) -> Scenario:
        """Put plans, batteries and faults in place for one more run, and wait until the kiosk sees the link so. Raises NotFound."""
        script = self._scripts.get(scenario_id)
        if script is None:
            raise NotFound("scenario", scenario_id)
        self._run += 1
        await self.close()
        await self._set_link(offline=script.offline)
        await self._set_platform(script)
        for battery in self._batteries.batteries:
            self._batteries.remove(battery.asset_id)
        for battery in batteries_for(script, self._run):
            self._batteries.put(battery)
        self._forget()
        if script.pays_by_phone:
            self._tasks.append(asyncio.create_task(self._pay(plan_id(script, self._run))))
        return script.scenario(self._run)

    def handle_event(self, event: Event) -> None:
        """The link that a scenario took away comes back a while after its swap is complete."""
        self._link.handle_event(event)
        if self._link_comes_back and isinstance(event, OutboxChanged) and event.unsettled:
            self._link_comes_back = False
            self._tasks.append(asyncio.create_task(self._bring_back()))

    async def close(self) -> None:
        """End what goes on in the background."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _set_link(self, *, offline: bool) -> None:
        self._link_comes_back = offline
        if offline:
            await self._environment.stop_broker()
        else:
            await self._environment.start_broker()
        if not await self._link.wait_for(frozenset({not offline}), _LINK_SECONDS):
            log.warning("the training link is not %s after %s s", "down" if offline else "up", _LINK_SECONDS)

    async def _set_platform(self, script: Script) -> None:
        now = self._clock.now()
        plan = plan_for(script, self._run, now)
        await self._environment.add_plan(plan, now)
        if script.offline:
            self._store.put_plan(plan, now)
        if script.refused_receipt:
            await self._environment.refuse_receipt(script.refused_receipt, "this receipt was never paid")

    async def _bring_back(self) -> None:
        """Until it listens: its port may be taken for a moment."""
        while True:
            await asyncio.sleep(self._link_back_seconds)
            try:
                return await self._environment.start_broker()
            except KioskError as error:
                log.warning("the training link did not come back yet: %s", error)

    async def _pay(self, plan_id: str) -> None:
        """Pay for the swap of this plan as soon as something is due, unless somebody types a receipt before."""
        try:
            while True:
                if self._find_waiting_swap(plan_id) is not None:
                    break
                await asyncio.sleep(_LOOK_SECONDS)
            await asyncio.sleep(self._phone_seconds)
            swap = self._find_waiting_swap(plan_id)
            if swap is not None:
                await self._environment.receive_payment(plan_id, self._payment(swap), swap.plan.billing_currency, self._clock.now())
        except KioskError as error:
            log.warning("the training customer could not pay: %s", error)

    def _find_waiting_swap(self, plan_id: str) -> Swap | None:
        """The swap that waits for a payment."""
        swaps = (kept.swap for kept in self._store.kept_swaps() if kept.swap.plan.id == plan_id)
        return next((swap for swap in swaps if next_step(swap) is Step.PAYMENT and not swap.payments), None)

    def _payment(self, swap: Swap) -> ProcessPayment:
        if swap.quota is None:
            raise ValueError("a swap that waits for a payment has its batteries")
        run = swap.plan.id.rsplit("-", 1)[-1]
        return ProcessPayment(
            payment_amount=top_up(swap.quota, swap.plan, Collectable()).cost,
            payment_receipt_id=f"PHONE-{run}",
            payment_method="MOBILE_MONEY",
            attendant_id=swap.attendant_id,
            attendant_station=swap.station_id,
            correlation_id=f"practice-payment-{run}",
            transaction_id=swap.correlation_id,
            payment_timestamp=self._clock.now(),
        )
