"""Training mode: plans, batteries and faults are put in place anew for each scenario."""

import asyncio
import logging

from kiosk.domain.errors import KioskError, NotFound
from kiosk.shared.system import Clock
from kiosk.station.adapters.bluetooth import SimulatedEnvironment
from kiosk.station.events import Event, OutboxChanged
from kiosk.station.ports import Scenario, Store
from kiosk.station.services.device_health import LinkState
from kiosk.training.customer_phone import PHONE_SECONDS, CustomerPhone
from kiosk.training.environment import TrainingEnvironment
from kiosk.training.scenarios import Script, batteries_for, plan_for, plan_id, read_scripts

log = logging.getLogger(__name__)
LINK_BACK_SECONDS = 15.0
_LINK_SECONDS = 10.0


class TrainingSessions:
    """Implements the port `Training`. Used on the kiosk's I/O thread."""

    def __init__(
        self,
        environment: TrainingEnvironment,
        batteries: SimulatedEnvironment,
        store: Store,
        clock: Clock,
        *,
        link_back_seconds: float = LINK_BACK_SECONDS,
        phone_seconds: float = PHONE_SECONDS,
    ) -> None:
        self._environment, self._batteries, self._store, self._clock = environment, batteries, store, clock
        self._link_back_seconds = link_back_seconds
        self._phone = CustomerPhone(environment, store, clock, phone_seconds)
        self._scripts = {script.id: script for script in read_scripts()}
        self._run = 0
        self._link_back: asyncio.Task[None] | None = None
        self._offline = False
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
        await self._phone.stop_paying()
        await self._set_link(offline=script.offline)
        await self._set_platform(script)
        self._set_batteries(script)
        if script.pays_by_phone:
            self._phone.start_paying(plan_id(script, self._run))
        return script.scenario(self._run)

    def handle_event(self, event: Event) -> None:
        """The link that a scenario took away comes back a while after its swap is complete."""
        self._link.handle_event(event)
        if self._offline and isinstance(event, OutboxChanged) and event.unsettled and self._link_back is None:
            self._link_back = asyncio.get_running_loop().create_task(self._bring_back())

    async def close(self) -> None:
        """End what goes on in the background."""
        await self._phone.stop_paying()
        await self._stop_bringing_back()

    async def _stop_bringing_back(self) -> None:
        if self._link_back is not None:
            self._link_back.cancel()
            await asyncio.gather(self._link_back, return_exceptions=True)

    async def _set_link(self, *, offline: bool) -> None:
        await self._stop_bringing_back()
        self._link_back, self._offline = None, offline
        if offline:
            await self._environment.stop_broker()
        else:
            await self._environment.start_broker()
        if not await self._link.wait_for(frozenset({not offline}), _LINK_SECONDS):
            log.warning("the training link is not %s after %s s", "down" if offline else "up", _LINK_SECONDS)

    async def _set_platform(self, script: Script) -> None:
        plan = plan_for(script, self._run)
        await self._environment.add_plan(plan, self._clock.now())
        if script.offline:
            self._store.put_plan(plan, self._clock.now())
        if script.refused_receipt:
            await self._environment.refuse_receipt(script.refused_receipt, "this receipt was never paid")

    def _set_batteries(self, script: Script) -> None:
        for battery in self._batteries.batteries:
            self._batteries.remove(battery.asset_id)
        for battery in batteries_for(script, self._run):
            self._batteries.put(battery)

    async def _bring_back(self) -> None:
        """Until it listens: its port may be taken for a moment."""
        while True:
            await asyncio.sleep(self._link_back_seconds)
            try:
                await self._environment.start_broker()
            except KioskError as error:
                log.warning("the training link did not come back yet: %s", error)
            else:
                return
