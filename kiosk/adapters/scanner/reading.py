"""One reading: look for candidates, connect to each in order of signal, read, and let their own ids decide.

A lost link is tried once more. A candidate that fails does not end the search while another is left; when none proves right, a failed
candidate counts more than a wrong id, since the battery asked for may be the one that failed. When only wrong ids were read, the
strongest of those readings is returned, so that the domain can say which battery it is. Raises BatteryError and RADIO_ERRORS
(TimeoutError among them). The deadline holds around everything, waiting for the radio included.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.adapters.scanner import oves
from kiosk.adapters.scanner.board import Board, Heard
from kiosk.adapters.scanner.failures import RADIO_ERRORS, is_lost_link
from kiosk.adapters.scanner.patience import Patience
from kiosk.adapters.scanner.radio import Radio
from kiosk.adapters.scanner.wanted import Wanted, choose
from kiosk.domain.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryError
from kiosk.ports import Clock, ReadPhase

_FAILURES: tuple[type[Exception], ...] = (BatteryError, *RADIO_ERRORS)


class Search:
    """One call of `read`. `deadline` is in the loop's time; what is still open then is a failed candidate."""

    def __init__(
        self,
        radio: Radio,
        wanted: Wanted,
        *,
        on_phase: Callable[[ReadPhase], None],
        clock: Clock,
        deadline: float,
        patience: Patience,
        estimates: oves.EstimatePolicy,
    ) -> None:
        self._radio = radio
        self._wanted = wanted
        self._on_phase = on_phase
        self._clock = clock
        self._deadline = deadline
        self._patience = patience
        self._estimates = estimates
        self._board = Board(asyncio.get_running_loop().time)
        self._tried: set[str] = set()
        self._candidate_heard = asyncio.Event()
        self._not_surely: list[BatteryTelemetry] = []
        self._failure: Exception | None = None
        self._trying = False

    @property
    def heard_anything(self) -> bool:
        """Tells a silent battery from a stuck adapter."""
        return len(self._board) > 0

    async def run(self) -> BatteryTelemetry:
        """The reading of the battery asked for, else the reading of a wrong one."""
        try:
            async with asyncio.timeout_at(self._deadline), self._radio.for_reading():
                return await self._search()
        except TimeoutError:
            if self._not_surely and self._failure is None and not self._trying:
                return self._not_surely[0]
            raise

    async def _search(self) -> BatteryTelemetry:
        candidates = await self._look(self._time_left())
        while candidates:
            reading = await self._try_each(candidates)
            if reading is None and self._failure is not None:
                raise self._failure
            reading = reading or choose(self._wanted, self._not_surely)
            if reading is not None:
                return reading
            candidates = await self._look(min(self._patience.look_again, self._time_left()))
        if not self._not_surely:
            raise TimeoutError  # nothing like it was heard
        return self._not_surely[0]

    async def _look(self, seconds: float) -> list[Heard]:
        self._on_phase(ReadPhase.LOOKING)
        self._candidate_heard.clear()
        async with self._radio.listening(self._hear):
            try:
                async with asyncio.timeout(seconds):
                    await self._candidate_heard.wait()
            except TimeoutError:
                return []
            await self._gather()
        return [heard for heard in self._board.ranked() if self._is_untried(heard)]

    async def _gather(self) -> None:
        if not any(self._wanted.is_address(heard.address) for heard in self._board.ranked()):
            await asyncio.sleep(self._patience.gather)

    def _hear(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        heard = self._board.hear(device, advertisement)
        if self._is_untried(heard):
            self._candidate_heard.set()

    def _is_untried(self, heard: Heard) -> bool:
        return heard.address not in self._tried and self._wanted.may_be(heard.address, heard.name)

    async def _try_each(self, candidates: list[Heard]) -> BatteryTelemetry | None:
        self._trying = True
        for place, heard in enumerate(candidates):
            self._tried.add(heard.address)
            share = self._time_left() / (len(candidates) - place)  # so that a silent one leaves time for the next
            try:
                async with asyncio.timeout(share):
                    reading = await self._read_twice(heard)
            except _FAILURES as error:
                self._failure = self._failure or error
                continue
            if self._wanted.is_surely(heard.address, reading):
                return reading
            self._not_surely.append(reading)
        self._trying = False
        return None

    async def _read_twice(self, heard: Heard) -> BatteryTelemetry:
        try:
            return await self._read(heard)
        except RADIO_ERRORS as error:
            if not is_lost_link(error):
                raise
        return await self._read(heard)

    async def _read(self, heard: Heard) -> BatteryTelemetry:
        self._on_phase(ReadPhase.CONNECTING)
        async with self._radio.link(heard.device, self._time_left()) as client:
            self._on_phase(ReadPhase.READING)
            values = await read_values(client)
        reading = oves.decode(values, battery_id=self._wanted.text, read_at=self._clock.now(), estimates=self._estimates)
        return replace(reading, rssi=heard.rssi)

    def _time_left(self) -> float:
        return max(0.0, self._deadline - asyncio.get_running_loop().time())


async def read_values(client: BleakClient) -> dict[str, bytes]:
    """The OVES characteristics that this device has, by UUID; `ppid` only when `opid` is blank (75 ms each over the air)."""
    values: dict[str, bytes] = {}
    for uuid in oves.READ_ORDER:
        characteristic = client.services.get_characteristic(uuid)
        if characteristic is None or (uuid == oves.PPID and oves.decode_id(values.get(oves.OPID, b"")) != ""):
            continue
        values[uuid] = bytes(await client.read_gatt_char(characteristic))
    return values
