"""One reading: find candidates, connect to each in order of signal strength, read, and let their own ids decide.

- What was received a moment ago, by the list or by the last reading, is connected to at once.
- A lost link is tried once more. A battery that the Bluetooth service forgot is looked for again; an adapter that vanished is waited for.
- A stuck adapter is repaired in two steps: the device is removed, then the adapter is switched off and on.
- A candidate that fails does not end the search while another is left. When none proves right, a failed candidate counts more than a wrong
  id, since the battery asked for may be the one that failed.
- Two that claim to be one battery end the search, whichever is nearer: batteries that have only a name before they are connected to, others
  after all of them were read.
- When only wrong ids were read, the strongest of those readings is returned, so that the domain can say which battery it is.

Raises BatteryError and RADIO_ERRORS (TimeoutError among them). The deadline holds around everything, waiting for the radio included.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryError, BatteryUnreachable, BatteryUnreadable
from kiosk.domain.language import tr
from kiosk.station.adapters.bluetooth import commodity
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice, ReadSession
from kiosk.station.adapters.bluetooth.device_table import DeviceTable, SearchSettings
from kiosk.station.adapters.bluetooth.protocol_registry import FALLBACK, own_protocols
from kiosk.station.adapters.bluetooth.radio import Radio
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, is_gone, is_lost_link, is_stuck
from kiosk.station.adapters.bluetooth.target import Target, check_claims, check_names, choose
from kiosk.station.adapters.bluetooth.turns import Rank, Turn
from kiosk.station.ports import PhaseTime, ReadPhase, ReadTrace

_FAILURES: tuple[type[Exception], ...] = (BatteryError, *RADIO_ERRORS)


class Tracer:
    """Notes each phase as it begins, and passes it on. `time` is monotonic, in seconds; `asked` is what was to be read."""

    def __init__(self, asked: str, started_at: datetime, time: Callable[[], float], on_phase: Callable[[ReadPhase], None]) -> None:
        self._asked, self._started_at, self._time, self._on_phase = asked, started_at, time, on_phase
        self._began = time()
        self._phases: list[tuple[ReadPhase, float]] = []
        self.rssi: int | None = None
        self.retries = 0
        self.recoveries: tuple[str, ...] = ()

    @property
    def elapsed_seconds(self) -> float:
        """Since the reading was asked for."""
        return self._time() - self._began

    def begin(self, phase: ReadPhase) -> None:
        """A phase begins, and the one before it ends."""
        self._phases.append((phase, self._time()))
        self._on_phase(phase)

    def finish(self, *, reading: BatteryTelemetry | None = None, error: BatteryError | None = None) -> ReadTrace:
        """End the reading, and give its trace; with neither of the two it was broken off."""
        end = self._time()
        ends = [*(begin for _, begin in self._phases[1:]), end][: len(self._phases)]
        return ReadTrace(
            asked=self._asked,
            started_at=self._started_at,
            seconds=end - self._began,
            phases=tuple(PhaseTime(phase, until - begin) for (phase, begin), until in zip(self._phases, ends, strict=True)),
            rssi=self.rssi if reading is None else reading.rssi,
            retries=self.retries,
            recoveries=self.recoveries,
            battery_id="" if reading is None else reading.battery_id,
            outcome=_outcome(reading, error),
        )


def _outcome(reading: BatteryTelemetry | None, error: BatteryError | None) -> str:
    if reading is not None:
        return "read"
    if error is None:
        return tr("broken off")
    if isinstance(error, BatteryUnreadable):
        return error.reason
    return error.fault.phrase if isinstance(error, BatteryUnreachable) and error.fault else tr("it did not answer in time")


class BatterySearch:
    """One call of `read`. `deadline` is in the loop's time; what is still open then is a failed candidate."""

    def __init__(
        self,
        radio: Radio,
        target: Target,
        settings: SearchSettings,
        devices: DeviceTable,
        *,
        tracer: Tracer,
        deadline: float,
        rank: Rank = Rank.PERSON,
    ) -> None:
        self._radio, self._target, self._settings, self._tracer, self._deadline = radio, target, settings, tracer, deadline
        self._timeouts, self._devices, self._rank = settings.timeouts, devices, rank
        self._loop = asyncio.get_running_loop()
        self._turn: Turn | None = None
        self._tried: set[str] = set()
        self._forgotten: set[str] = set()
        self._candidate_found = asyncio.Event()
        self._readings: list[BatteryTelemetry] = []
        self._failure: Exception | None = None
        self._search_again: Exception | None = None
        self._repairs: list[Callable[[str], Awaitable[None]]] = [radio.remove, lambda _: radio.power_cycle()] if radio.recovery else []
        self._adapter_checked = radio.recovery is None
        self._adapter_back_by: float | None = None
        self._trying = False
        self.received_anything = False  # tells a silent battery from a stuck adapter

    async def run(self) -> BatteryTelemetry:
        """The reading of the battery asked for, else the reading of a wrong one."""
        try:
            async with asyncio.timeout_at(self._deadline), self._radio.for_reading(self._rank) as self._turn:
                return self._target.with_asked_id(await self._search())
        except TimeoutError:
            if self._readings and self._failure is None and not self._trying:
                return self._readings[0]
            raise

    async def _search(self) -> BatteryTelemetry:
        candidates = self._received_before() or await self._look(self._time_left())
        while candidates:
            check_names(self._target, self._settings.namesakes.lately(self._loop.time()))
            reading = await self._try_each(candidates)
            if reading is None and self._search_again is None:
                if self._failure is not None:
                    raise self._failure
                reading = choose(self._target, self._readings)
            if reading is not None:
                return reading
            candidates = await self._look(self._time_left() if self._search_again else min(self._timeouts.look_again, self._time_left()))
        failure = self._failure or self._search_again
        if failure is None and self._readings:
            return self._readings[0]
        raise failure or TimeoutError  # nothing like it was received

    # ------------------------------------------------------------ looking

    def _received_before(self) -> list[AdvertisedDevice]:
        """The candidates that were received a moment ago; none where another one may not have been received yet."""
        found = self._candidates()
        waits = {True: self._timeouts.gather_names, False: self._timeouts.gather}
        gathered = (self._devices.listened_since(each) >= waits[each.has_name_only] for each in found)
        if not any(self._target.is_address(each.address) for each in found) and not any(gathered):
            return []
        self._tracer.begin(ReadPhase.LOOKING)
        self.received_anything = True
        return found

    async def _look(self, seconds: float) -> list[AdvertisedDevice]:
        self._tracer.begin(ReadPhase.LOOKING)
        self._candidate_found.clear()
        until = self._loop.time() + seconds
        if not self._adapter_checked and self._timeouts.suspect < seconds and not await self._listen(self._timeouts.suspect):
            self._adapter_checked = True
            with suppress(*RADIO_ERRORS):  # then listening will say it
                await self._radio.unstick(deaf=not self.received_anything)
        if not self._candidate_found.is_set() and not await self._listen(until - self._loop.time()):
            return []
        return self._candidates()

    def _candidates(self) -> list[AdvertisedDevice]:
        return [device for device in self._devices.rank() if self._is_untried(device)]

    async def _listen(self, seconds: float) -> bool:
        """Whether a candidate was received. An adapter that worked a moment ago may come back."""
        while True:
            try:
                return await self._listen_once(seconds)
            except RADIO_ERRORS as error:
                if not (is_gone(error) and self.received_anything and self._may_come_back()):
                    raise
            await asyncio.sleep(self._timeouts.poll)

    async def _listen_once(self, seconds: float) -> bool:
        async with self._radio.listening(self._note):
            try:
                async with asyncio.timeout(seconds):
                    await self._candidate_found.wait()
            except TimeoutError:
                return False
            candidates = self._candidates()
            if not any(self._target.is_address(device.address) for device in candidates):  # else another may be meant
                names_only = any(device.has_name_only for device in candidates)
                await asyncio.sleep(self._timeouts.gather_names if names_only else self._timeouts.gather)
        return True

    def _may_come_back(self) -> bool:
        now = self._loop.time()
        if self._adapter_back_by is None:
            self._adapter_back_by = now + self._timeouts.adapter_back
        return now < self._adapter_back_by

    def _note(self, handle: BLEDevice, data: AdvertisementData) -> None:
        self.received_anything = True
        device = self._devices.note(handle, data)
        if self._is_untried(device):
            self._candidate_found.set()

    def _is_untried(self, device: AdvertisedDevice) -> bool:
        return device.address not in self._tried and self._target.may_be(device.address, device.name)

    # ------------------------------------------------------------ trying

    async def _try_each(self, candidates: list[AdvertisedDevice]) -> BatteryTelemetry | None:
        self._trying, self._search_again = True, None
        for place, device in enumerate(candidates):
            self._tried.add(device.address)
            try:
                async with asyncio.timeout(self._time_left() / (len(candidates) - place)):  # a silent one leaves time for the next
                    reading = await self._read_twice(device)
            except _FAILURES as error:
                if not await self._can_search_again(device.address, error):
                    self._failure = self._failure or error
                continue
            if self._target.is_address(device.address):
                return reading
            self._readings.append(reading)
            if self._target.claimed_by(reading) == self._target.text:
                for other in candidates[place + 1 :]:  # which may say that it is the one, too; one that does not answer soon says nothing
                    with suppress(*_FAILURES):
                        async with asyncio.timeout(min(self._timeouts.other, self._time_left() / 2)):
                            self._readings.append(await self._read(other))
                check_claims(self._target, self._readings)
                self._tracer.rssi = device.rssi
                return reading
        self._trying = False
        return None

    async def _can_search_again(self, address: str, error: Exception) -> bool:
        """After a step to repair a stuck adapter; or, once, when the device was forgotten."""
        if is_stuck(error) and self._repairs:
            await self._repairs.pop(0)(address)
        elif is_gone(error) and address not in self._forgotten:
            self._forgotten.add(address)
        else:
            return False
        self._tried.discard(address)
        self._devices.forget(address)
        self._search_again = error
        return True

    async def _read_twice(self, device: AdvertisedDevice) -> BatteryTelemetry:
        try:
            return await self._read(device)
        except RADIO_ERRORS as error:
            if not is_lost_link(error) or is_gone(error):
                raise
        self._tracer.retries += 1
        return await self._read(device)

    async def _read(self, device: AdvertisedDevice) -> BatteryTelemetry:
        self._tracer.rssi = device.rssi
        self._tracer.begin(ReadPhase.CONNECTING)
        session = ReadSession(
            link=lambda: self._link(device),
            battery_id=self._target.text,
            seconds_left=self._time_left,
            now=self._settings.clock.now,
            estimates=self._settings.estimates,
            answer_seconds=self._timeouts.answer,
        )
        own = own_protocols().get(device.protocol or FALLBACK)
        reading = await (own.read if own and own.read else commodity.read)(device, session)
        if not self._settings.fleet_filter.allows(reading.protocol):
            raise BatteryUnreadable(reading.battery_id, tr("batteries of the kind {kind} are not used here", kind=reading.protocol))
        return replace(reading, rssi=device.rssi)

    @asynccontextmanager
    async def _link(self, device: AdvertisedDevice) -> AsyncIterator[BleakClient]:
        async with self._radio.link(device.device, self._time_left()) as client:
            self._tracer.begin(ReadPhase.READING)
            if self._turn is not None:
                self._turn.linked = True
            yield client

    def _time_left(self) -> float:
        return max(0.0, self._deadline - self._loop.time())
