"""RadioScanner, the BatteryScanner of the kiosk: real radio or simulated, by the backends it is given.

Lists and readings share one table of devices, and lists share one listening. A reading has one deadline around everything, waiting for the
radio included; closing the link of one that failed may add `radio.CLOSE_SECONDS` at most. BatteryUnreachable: nobody answered in time, the
link was lost twice, or the adapter does not work (`reason`). BatteryUnreadable: it answered and the answer cannot be trusted. Cancelling
leaves no link and no scan open. bleak is imported at the start, what reads commodity batteries at first use: it costs a third of a second
and some megabytes.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryError
from kiosk.station.adapters.bluetooth import protocol_registry
from kiosk.station.adapters.bluetooth.device_table import DeviceTable, SearchSettings
from kiosk.station.adapters.bluetooth.target import Target
from kiosk.station.ports import KnownBatteries, ReadPhase, ReadTrace, Sighting

if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth.radio import Radio

_TRACES = 30
_LOADED = threading.Event()


class RadioScanner:
    """Implements `kiosk.ports.BatteryScanner`. Use it from one loop; `make_radio` is called once, at first use, in any thread.

    `check` looks at the adapter, where that is possible.
    """

    def __init__(
        self, make_radio: "Callable[[], Radio]", settings: SearchSettings, check: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        self._make_radio, self._settings, self._check = make_radio, settings, check
        self._radio: Radio | None = None
        self._devices: DeviceTable | None = None
        self._devices_loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[NoReturn] | None = None
        self._listeners = 0
        self._traces: deque[ReadTrace] = deque(maxlen=_TRACES)

    async def start(self) -> None:
        """Import bleak beside the loop, and close what an earlier process left open."""
        await (await asyncio.to_thread(self._owned_radio)).sweep()

    async def stop(self) -> None:
        """Wait, with a limit, for links that are still being closed."""
        if self._radio is not None:
            await self._radio.settle()

    async def check(self) -> bool:
        """Whether batteries could be read now; False where the platform does not tell. Raises BatteryUnreachable."""
        return await self._check() if self._check else False

    def forget(self) -> None:
        """What was received is not there any more: practice puts other batteries in its place. From the scanner's loop."""
        if self._devices is not None:
            self._devices.forget()

    def last_reads(self) -> tuple[ReadTrace, ...]:
        """How the last readings went, newest first."""
        return tuple(self._traces)

    @property
    def bindings(self) -> KnownBatteries:
        """Which batteries are bound, as it knows it."""
        return self._settings.bindings

    def in_range(self) -> tuple[Sighting, ...]:
        """The list as of now, with its ages, since `sightings` was asked for last."""
        return () if self._devices is None else self._devices.sightings()

    async def sightings(self) -> AsyncGenerator[tuple[Sighting, ...], None]:
        """Devices in range, batteries first, each strongest first, at most three lists a second, until closed; the first one after
        `Timeouts.update` even when nothing was heard.

        Raises BatteryUnreachable when the adapter does not work.
        """
        await self._load()
        from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, explain

        devices, shown = self._shared_devices(), None
        self._listeners += 1
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._owned_radio().listen_between_readings(devices.note))
        listening = self._listening
        try:
            while True:
                await asyncio.wait({listening}, timeout=self._settings.timeouts.update)
                if listening.done():
                    await listening
                sightings = devices.sightings()
                if sightings != shown:
                    shown = sightings
                    yield sightings
        except RADIO_ERRORS as error:
            raise explain(error, battery_id="", seconds=0, heard_others=len(devices) > 0) from error
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._listening = None  # at once: whoever asks while it ends begins anew, and does not end with it
                listening.cancel()
                await asyncio.wait({listening})

    async def read(
        self,
        battery_id: str,
        on_phase: Callable[[ReadPhase], None],
        timeout_seconds: float,
        default_kwh: Decimal | None = None,
        *,
        energy_needed: bool = True,
        in_background: bool = False,
    ) -> BatteryTelemetry:
        """Read the battery with this id (or tail of it, or address); the returned id is the battery's own (decision 12).

        Raises BatteryUnreachable, BatteryUnreadable, BatteriesAlike when two say they are it; ReadingGaveWay in the background.
        """
        loop = asyncio.get_running_loop()
        deadline, target = loop.time() + timeout_seconds, Target.parse(battery_id)
        await self._load()
        from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, explain
        from kiosk.station.adapters.bluetooth.search import BatterySearch, Tracer
        from kiosk.station.adapters.bluetooth.turns import Rank

        tracer = Tracer(battery_id, self._settings.clock.now(), loop.time, on_phase)  # begins when all is imported
        radio, estimates = self._owned_radio(), self._settings.estimates
        estimates = replace(estimates, design_kwh=estimates.design_kwh or default_kwh, needed=energy_needed)
        settings, rank = replace(self._settings, estimates=estimates), Rank.BACKGROUND if in_background else Rank.PERSON
        search = BatterySearch(radio, target, settings, self._shared_devices(), tracer=tracer, deadline=deadline, rank=rank)
        reading: BatteryTelemetry | None = None
        failure: BatteryError | None = None
        recovered = len(radio.recovered)
        try:
            reading = replace(await search.run(), seconds=tracer.elapsed_seconds)
        except BatteryError as error:
            failure = error
            raise
        except RADIO_ERRORS as error:
            failure = explain(error, battery_id=battery_id, seconds=timeout_seconds, heard_others=search.received_anything)
            raise failure from error
        finally:
            tracer.recoveries = tuple(radio.recovered[recovered:])
            if not in_background:
                self._traces.appendleft(tracer.finish(reading=reading, error=failure))
        return reading

    async def _load(self) -> None:
        """What the first list or reading needs beside bleak; not at the start of the program, which would wait for it."""
        if not _LOADED.is_set():
            await asyncio.to_thread(load)

    def _shared_devices(self) -> DeviceTable:
        """The table of this loop: what another loop has received cannot be connected to here."""
        loop = asyncio.get_running_loop()
        if self._devices is None or self._devices_loop is not loop:
            self._devices_loop = loop
            self._devices = DeviceTable(
                loop.time, self._settings.fleet_filter, self._settings.namesakes, self._settings.bindings, self._owned_radio().heard
            )
        return self._devices

    def _owned_radio(self) -> "Radio":
        if self._radio is None:
            self._radio = self._make_radio()
        return self._radio


def load() -> None:
    """Import and prepare it here and now."""
    import_module("kiosk.station.adapters.bluetooth.search")
    protocol_registry.load_kinds()
    _LOADED.set()
