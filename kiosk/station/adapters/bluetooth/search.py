"""One reading: find candidates, connect to each in order of signal strength, read, and let their own ids decide.

- What was received a moment ago, by the list or by the last reading, is connected to at once.
- A lost link is tried once more. A battery that the Bluetooth service forgot is looked for again; an adapter that vanished is waited for.
- A stuck adapter is repaired in two steps: the device is removed, then the adapter is switched off and on.
- A battery whose services are not those of its kind is forgotten and looked for again, once: they may be remembered from older firmware.
- A candidate that fails does not end the search while another is left. When none proves right, a failed candidate counts more than a wrong
  id, since the battery asked for may be the one that failed.
- A battery that is bound is the device at its address and no other, whatever that is called; the serial that it tells must be the one
  that was bound. One that is not bound is found by its name, and never at the address of another that is.
- Two that claim to be one battery end the search, whichever is nearer: batteries that have only a name before they are connected to, others
  after all of them were read; so does a device that says it is a battery bound to another address. The device at which a battery was
  read last claims to be it, also when it does not answer now.
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
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth import commodity, families
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice, ReadSession
from kiosk.station.adapters.bluetooth.device_table import DeviceTable, SearchSettings
from kiosk.station.adapters.bluetooth.protocol_registry import FALLBACK, own_protocols
from kiosk.station.adapters.bluetooth.radio import Radio
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, is_gone, is_lost_link, is_stuck, obstacle_of
from kiosk.station.adapters.bluetooth.target import Target, check_claims, choose
from kiosk.station.adapters.bluetooth.turns import Rank, Turn
from kiosk.station.adapters.bluetooth.wanted import Wanted, as_bound
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
        self._wanted = Wanted(target, settings.bindings, settings.namesakes)
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
                self._devices.is_wanted = self._wanted.may_be
                reading = await self._search()
        except TimeoutError:
            if self._readings and self._failure is None and not self._trying:
                return self._readings[0]
            if not self._tried:
                self._wanted.check_bound(self._loop.time(), self._tracer.elapsed_seconds)
            raise
        return self._wanted.named(reading)

    async def _search(self) -> BatteryTelemetry:
        candidates = self._received_before() or await self._look(self._time_left())
        while candidates:
            self._wanted.check_names(candidates, self._loop.time())
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
        """The candidate that was received a moment ago; none where another one may not have been received yet, or was."""
        found = self._candidates()
        needed = self._gather_seconds(found)
        if not found or (needed and (len(found) > 1 or self._devices.listened_since(found[0]) < needed)):
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
        since = self._loop.time()
        async with self._radio.listening(self._note):
            try:
                async with asyncio.timeout(seconds):
                    await self._candidate_found.wait()
            except TimeoutError:
                return False
            # one that is only remembered from before may be received again soon, as one that was never received
            await asyncio.sleep(self._gather_seconds([each for each in self._candidates() if each.last_seen >= since]))
        return True

    def _gather_seconds(self, candidates: list[AdvertisedDevice]) -> float:
        """How long another one may still turn up: another that is meant, or a name that comes in a scan response."""
        exact = [device for device in candidates if self._wanted.is_exactly(device.address)]
        if any(device.binding or device.name for device in exact):
            return 0.0
        may_share = any(device.may_share_name for device in candidates) or self._wanted.may_be_more(candidates, self._loop.time())
        return self._timeouts.gather_names if exact or may_share else self._timeouts.gather

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
        return device.address not in self._tried and self._wanted.may_be(device.address, device.name)

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
            if self._wanted.is_exactly(device.address):
                return reading
            self._readings.append(reading)
            if self._target.claimed_by(reading) == self._target.text:
                for other in candidates[place + 1 :]:  # which may say that it is the one, too; one that does not answer soon says nothing
                    with suppress(*_FAILURES):
                        async with asyncio.timeout(min(self._timeouts.other, self._time_left() / 2)):
                            self._readings.append(await self._read(other))
                check_claims(self._target, self._readings)
                self._wanted.check_last_place(self._readings, self._devices)
                self._tracer.rssi = device.rssi
                return reading
        self._trying = False
        return None

    async def _can_search_again(self, address: str, error: Exception) -> bool:
        """After a step to repair a stuck adapter; or, once, when the device was forgotten, or its services have to be."""
        if is_stuck(error) and self._repairs:
            await self._repairs.pop(0)(address)
        elif obstacle_of(error) is ReadObstacle.OTHER_KIND and self._radio.recovery and address not in self._forgotten:
            self._forgotten.add(address)
            await self._radio.forget_services(address)
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
        bound = device.binding
        session = ReadSession(
            link=lambda: self._link(device),
            battery_id=self._target.text,
            seconds_left=self._time_left,
            now=self._settings.clock.now,
            estimates=self._settings.estimates,
            answer_seconds=self._timeouts.answer,
            secret=await self._settings.bindings.secret_of(bound.battery_id) if bound is not None and bound.has_secret else "",
            allows=self._settings.fleet_filter.allows,
        )
        reading = await self._reader(device)(device, session)
        if not self._settings.fleet_filter.allows(reading.protocol):
            raise BatteryUnreadable(reading.battery_id, tr("batteries of the kind {kind} are not used here", kind=reading.protocol))
        if bound is not None:
            reading = as_bound(reading, bound)
        return replace(reading, rssi=device.rssi, address=device.address)

    def _reader(self, device: AdvertisedDevice) -> Callable[[AdvertisedDevice, ReadSession], Awaitable[BatteryTelemetry]]:
        """What is bound is of the family that was bound. A kind that is not known, or told by a name only, shows after connecting."""
        if device.binding is None and device.protocol in ("", FALLBACK):
            return families.read
        own = own_protocols().get(device.protocol)
        return own.read if own and own.read else commodity.read

    @asynccontextmanager
    async def _link(self, device: AdvertisedDevice) -> AsyncIterator[BleakClient]:
        self._settings.namesakes.keep_name(device.address, device.advertised_name)
        async with self._radio.link(device.device, self._time_left()) as client:
            self._tracer.begin(ReadPhase.READING)
            if self._turn is not None:
                self._turn.linked = True
            yield client

    def _time_left(self) -> float:
        return max(0.0, self._deadline - self._loop.time())
