"""RadioScanner, the BatteryScanner of the kiosk: real radio or simulated, by the backends it is given.

A reading has one deadline around everything, waiting for the radio included; closing the link may add `radio.CLOSE_SECONDS` at
most. BatteryUnreachable: nobody answered in time, the link was lost twice, or the adapter does not work (`reason`). BatteryUnreadable:
it answered and the answer cannot be trusted. Cancelling leaves no link and no scan open. bleak is imported at first use only: it costs
75 ms.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from kiosk.adapters.scanner.oves import REFUSE_ESTIMATES, EstimatePolicy
from kiosk.adapters.scanner.patience import Patience
from kiosk.adapters.scanner.wanted import Wanted
from kiosk.domain.battery import BatteryTelemetry
from kiosk.ports import Clock, ReadPhase, Sighting

if TYPE_CHECKING:
    from kiosk.adapters.scanner.radio import Radio


class RadioScanner:
    """Implements `kiosk.ports.BatteryScanner`. Use it from one loop; `make_radio` is called there, once, at first use."""

    def __init__(
        self,
        make_radio: "Callable[[], Radio]",
        *,
        clock: Clock,
        patience: Patience | None = None,
        estimates: EstimatePolicy = REFUSE_ESTIMATES,
    ) -> None:
        self._make_radio = make_radio
        self._clock = clock
        self._patience = patience or Patience()
        self._estimates = estimates
        self._radio: Radio | None = None

    async def start(self) -> None:
        """Import bleak beside the loop, so that the first reading does not wait for it."""
        await asyncio.to_thread(import_module, "kiosk.adapters.scanner.reading")

    async def stop(self) -> None:
        """Wait, with a limit, for links that are still being closed."""
        if self._radio is not None:
            await self._radio.settle()

    async def sightings(self) -> AsyncGenerator[tuple[Sighting, ...], None]:
        """Devices in range, batteries first, each strongest first, at most three lists a second, until closed.

        Raises BatteryUnreachable when the adapter does not work.
        """
        from kiosk.adapters.scanner.watch import watch

        async with aclosing(watch(self._owned_radio(), self._patience.update)) as lists:
            async for sightings in lists:
                yield sightings

    async def read(self, battery_id: str, on_phase: Callable[[ReadPhase], None], timeout_seconds: float) -> BatteryTelemetry:
        """Read the battery with this id (or tail of it, or address); the returned id is the battery's own (decision 12).

        Raises BatteryUnreachable, BatteryUnreadable.
        """
        from kiosk.adapters.scanner.failures import RADIO_ERRORS, explained
        from kiosk.adapters.scanner.reading import Search

        loop = asyncio.get_running_loop()
        started = loop.time()
        search = Search(
            self._owned_radio(),
            Wanted.parse(battery_id),
            on_phase=on_phase,
            clock=self._clock,
            deadline=started + timeout_seconds,
            patience=self._patience,
            estimates=self._estimates,
        )
        try:
            reading = await search.run()
        except RADIO_ERRORS as error:
            raise explained(error, battery_id=battery_id, seconds=timeout_seconds, heard_others=search.heard_anything) from error
        return replace(reading, seconds=loop.time() - started)

    def _owned_radio(self) -> "Radio":
        if self._radio is None:
            self._radio = self._make_radio()
        return self._radio
