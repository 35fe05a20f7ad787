"""The one owner of the Bluetooth adapter: one operation at a time, every link and every scan closed again.

A link or scan lives inside a context that closes it on success, failure and cancelling. Opening and closing run in tasks of their own:
not even a second cancelling, or a library that does not return, can interrupt the closing or hold up the caller. Closing is waited for at
most `CLOSE_SECONDS`, and the next operation waits for what is still closing. (A link left open keeps a battery from advertising for two
minutes; a scan left open makes the next one fail with "InProgress".) A link that will not close is taken away from the adapter.

A link that has served is closed behind its reading, which BlueZ takes two seconds for: whoever read it goes on at once, and so does the
next device. Only the same device waits for it, and everybody while more than `MAX_CLOSING` are being closed.

Listening for the list costs no more than `RateLimiter` allows. A stuck adapter is repaired in steps: stale devices are removed, then the
adapter is switched off and on; only then the error is raised.
bleak's exceptions pass as they are, ServiceMute when the Bluetooth service does not answer at all; `radio_errors` explains them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZScannerArgs
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from kiosk.domain.language import mark
from kiosk.station.adapters.bluetooth.device_table import HeardTime
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, ServiceMute, is_off, is_stuck
from kiosk.station.adapters.bluetooth.turns import Rank, Turn, Turns

if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth.bluez_recovery import BluezRecovery


class RateLimiter:
    """So many advertisements may come at once, and so many a second. `time` is the monotonic time in seconds of the loop that uses it."""

    def __init__(self, time: Callable[[], float], *, per_second: float = 400, burst: float = 400) -> None:
        self._time, self._per_second, self._burst = time, per_second, burst
        self._left, self._as_of = burst, time()
        self._exceeded = asyncio.Event()
        self._counted = 0

    def count(self) -> None:
        """One advertisement more."""
        self._counted += 1
        self._left -= 1
        if self._left <= 0 and self.pause_seconds:
            self._exceeded.set()

    @property
    def pause_seconds(self) -> float:
        """How long to pause before listening again: until the bucket is full; nothing while it is not empty."""
        now = self._time()
        self._left, self._as_of = min(self._burst, self._left + (now - self._as_of) * self._per_second), now
        return 0.0 if self._left > 0 else (self._burst - self._left) / self._per_second

    async def until_exceeded(self, asked: asyncio.Event, deaf_seconds: float) -> None:
        """Until it is enough for now, or the event, or nothing came for so long."""
        while not asked.is_set() and not self._exceeded.is_set():
            before = self._counted
            await _either(asked, self._exceeded, deaf_seconds)
            if self._counted == before:
                return

    async def until_allowed(self, asked: asyncio.Event) -> None:
        """Until listening may go on, or the event."""
        self._exceeded.clear()
        if pause := self.pause_seconds:
            await _either(asked, asked, pause)


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    waits = {asyncio.ensure_future(event.wait()) for event in (one, other)}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


START_SECONDS = 4.0  # a Bluetooth service answers within milliseconds, or not at all
STOP_SECONDS = 3.0
CLOSE_SECONDS = 1.0
GIVE_UP_SECONDS = 12.0  # bleak itself waits ten for a link to end
MAX_CLOSING = 2  # links that are being closed while the next one is made
REPAIR_SECONDS = 6.0
DEAF_SECONDS = 5.0
_AWAKE_SECONDS = 2.0
_log = logging.getLogger(__name__)

OnAdvertisement = Callable[[BLEDevice, AdvertisementData], object]


class Backends(NamedTuple):
    """The classes below bleak's API, None for the platform's own; what can be repaired; and the adapter's name, "" for the first one."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    recovery: "BluezRecovery | None" = None
    adapter: str = ""


class Radio:
    """Give it to one RadioScanner; use it from one loop. `recovered` counts the steps that were taken to repair the adapter."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self.recovery = backends.recovery  # what can be done about a stuck adapter here, if anything
        self._turns = Turns()
        self._readers = 0
        self._asked = asyncio.Event()  # a reading waits for the radio or has it
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing: set[asyncio.Task[Any]] = set()  # the next operation waits for these
        self._unlinking: dict[str, asyncio.Task[Any]] = {}  # by address: links that have served
        self.heard = HeardTime()
        self._stop_refused = False
        self._silence_is_known = False  # nothing was received although the adapter was switched off and on
        self.recovered: list[str] = []

    # ------------------------------------------------------------ whose turn it is

    @asynccontextmanager
    async def for_reading(self, rank: Rank = Rank.PERSON) -> AsyncIterator[Turn]:
        """The radio for one reading; listening for the list stops at once. Raises ReadingGaveWay in one of the background."""
        self._readers += 1
        self._asked.set()
        self._quiet.clear()
        try:
            async with self._turns.take(rank) as turn:
                with self.heard.reading():
                    await self._until_closed()
                    yield turn
        finally:
            self._readers -= 1
            if not self._readers:
                self._asked.clear()
                self._quiet.set()

    async def listen_between_readings(self, on_advertisement: OnAdvertisement) -> NoReturn:
        """Listen until cancelled, pausing while readings use the radio, and in a flood so long that it costs little.

        Where nothing is received the scan is begun again from time to time: an adapter that was unplugged and came back scans no more.
        """
        limiter = RateLimiter(asyncio.get_running_loop().time)

        def note(device: BLEDevice, advertisement: AdvertisementData) -> None:
            limiter.count()
            on_advertisement(device, advertisement)

        while True:
            await self._quiet.wait()
            async with self._turns.take(Rank.LISTENING):
                await self._until_closed()
                async with self.listening(note):
                    await limiter.until_exceeded(self._asked, DEAF_SECONDS)
            await limiter.until_allowed(self._asked)

    # ------------------------------------------------------------ scans and links

    @asynccontextmanager
    async def listening(self, on_advertisement: OnAdvertisement) -> AsyncIterator[None]:
        """Scan actively (names come in scan responses) while inside; only for who holds the radio."""
        scanner = await self._start_scan(on_advertisement)
        try:
            with self.heard.listening():
                yield
        finally:
            await self.close(self._stop(scanner))

    @asynccontextmanager
    async def link(self, device: BLEDevice, timeout_seconds: float) -> AsyncIterator[BleakClient]:
        """A connection to a device just received; always closed, also when connecting is cut short, but not waited for once it served."""
        await self._until_unlinked(device.address)
        client = BleakClient(device, timeout=timeout_seconds, backend=self._backends.client)
        connecting = asyncio.create_task(client.connect())
        try:
            await _outcome(connecting, timeout_seconds, TimeoutError())
            yield client
        except BaseException:
            await self.close(self._unlink(client, connecting, device.address))
            raise
        self._unlinking[device.address] = self._start_task(self._unlink(client, connecting, device.address, served=True), behind=True)

    async def settle(self) -> None:
        """At the end: wait, with a limit, for all that is still being closed. BlueZ takes two seconds for a link."""
        if closing := {*self._closing, *self._unlinking.values()}:
            await asyncio.wait(closing, timeout=STOP_SECONDS)

    async def _until_closed(self) -> None:
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_SECONDS)

    async def _until_unlinked(self, address: str) -> None:
        """Until this device may be connected to: not while its last link is being closed, nor while too many are."""
        if own := self._unlinking.get(address):
            await asyncio.wait({own}, timeout=GIVE_UP_SECONDS)
        while len(self._unlinking) > MAX_CLOSING:
            await asyncio.wait(self._unlinking.values(), timeout=GIVE_UP_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    async def close(self, closing: Coroutine[Any, Any, None]) -> None:
        """Close something. The caller waits for it a limited time; cancelling the caller does not interrupt it."""
        await asyncio.wait({self._start_task(closing)}, timeout=CLOSE_SECONDS)  # leaves the task running when it is cancelled itself

    # ------------------------------------------------------------ repairing

    async def sweep(self) -> None:
        """Before the first use: close what an earlier process left open. Trouble is no error here; the first reading will say it."""
        if self.recovery is None:
            return
        async with self._turns.take(Rank.PERSON):
            with suppress(*RADIO_ERRORS):
                await self._repair(self.recovery.prepare())
                await self._repair(self.recovery.recall())
                if left := await self._repair(self.recovery.close_left_over()):
                    _log.warning("closed %d links that an earlier process had left open", left)

    async def unstick(self, *, deaf: bool) -> None:
        """A battery is not received: end links that nobody uses; switch the adapter off and on, once, when it receives nothing at all."""
        if self.recovery is not None:
            if await self._repair(self.recovery.close_left_over()):
                self._note(mark("closed a link left open"))
            elif deaf and not self._silence_is_known:
                self._silence_is_known = True
                await self.power_cycle()

    async def remove(self, address: str = "") -> None:
        """Take a device that is stuck away from the adapter, "" for all batteries, and end links that nobody uses."""
        if self.recovery is not None:
            self._note(mark("removed the stale device"))
            await self._repair(self.recovery.close_left_over())
            await self._repair(self.recovery.remove(address))

    async def forget_services(self, address: str) -> None:
        """The services that are remembered of a device may be those of older firmware."""
        if self.recovery is not None:
            self._note(mark("forgot the remembered services of the battery"))
            await self._repair(self.recovery.forget_services(address))

    async def power_cycle(self) -> None:
        """Switch the adapter off and on, unless others are using it. Not left half done when cancelled."""
        if self.recovery is not None and await self._repair(self.recovery.power_cycle()):
            self._note(mark("switched the adapter off and on"))

    def _note(self, step: str) -> None:
        _log.warning("Bluetooth: %s", step)
        self.recovered.append(step)

    async def _repair[T](self, repairing: Coroutine[Any, Any, T]) -> T:
        task = self._start_task(repairing)
        try:
            return await _outcome(task, REPAIR_SECONDS, ServiceMute())
        except ServiceMute:
            task.cancel()
            raise

    # ------------------------------------------------------------ opening and closing

    async def _start_scan(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        if self._stop_refused:  # the service believes that it is still scanning, and would hear nothing
            self._stop_refused = False
            await self.power_cycle()
        for repair in (self.remove, self.power_cycle):
            try:
                return await self._start(on_advertisement)
            except RADIO_ERRORS as error:
                if not is_stuck(error) or self.recovery is None:
                    raise
            await repair()
        return await self._start_awake(on_advertisement)

    async def _start_awake(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        """After switching on: bleak hears of it a moment later than we."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _AWAKE_SECONDS
        while True:
            try:
                return await self._start(on_advertisement)
            except RADIO_ERRORS as error:
                if not is_off(error) or loop.time() > until:
                    raise
            await asyncio.sleep(0.05)

    async def _start(self, on_advertisement: OnAdvertisement) -> BleakScanner:
        adapter = BlueZScannerArgs(adapter=self._backends.adapter) if self._backends.adapter else BlueZScannerArgs()

        def note(device: BLEDevice, advertisement: AdvertisementData) -> None:
            self._silence_is_known = False
            on_advertisement(device, advertisement)

        scanner = BleakScanner(note, bluez=adapter, backend=self._backends.scanner)
        starting = asyncio.create_task(scanner.start())
        try:
            await _outcome(starting, START_SECONDS, ServiceMute())
        except BaseException:  # cancelled, refused or too late: a scan may have begun all the same
            await self.close(self._undo_start(scanner, starting))
            raise
        return scanner

    async def _undo_start(self, scanner: BleakScanner, starting: asyncio.Task[None]) -> None:
        """bleak can stop a scan only once it has begun, so a start under way is waited for rather than cancelled."""
        await asyncio.wait({starting}, timeout=START_SECONDS)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting}, timeout=CLOSE_SECONDS)
        elif not starting.cancelled() and starting.exception() is None:
            await self._stop(scanner)

    async def _stop(self, scanner: BleakScanner) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):  # meanwhile bleak keeps everybody from connecting
                await scanner.stop()
        except RADIO_ERRORS as error:
            self._stop_refused = is_stuck(error) or isinstance(error, TimeoutError)
            raise

    async def _unlink(self, client: BleakClient, connecting: asyncio.Task[None], address: str, *, served: bool = False) -> None:
        connecting.cancel()
        await asyncio.wait({connecting}, timeout=GIVE_UP_SECONDS)  # bleak takes back its own half-made link
        if not connecting.cancelled() and connecting.done():
            connecting.exception()  # `link` has raised it
        if served and self.recovery is not None:
            with suppress(*RADIO_ERRORS):  # then it is discovered anew the next time, and no more
                await self.recovery.keep(address)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await client.disconnect()
        except RADIO_ERRORS:
            if self.recovery is not None:
                await self.recovery.remove(address)
            raise

    def _start_task[T](self, work: Coroutine[Any, Any, T], *, behind: bool = False) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        if not behind:
            self._closing.add(task)
        task.add_done_callback(self._log_failure)
        return task

    def _log_failure(self, task: asyncio.Task[Any]) -> None:
        self._closing.discard(task)
        self._unlinking = {address: each for address, each in self._unlinking.items() if each is not task}
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("closing a link or scan failed: %r", error)  # it was lost before: nothing is left to close


async def _outcome[T](task: asyncio.Task[T], seconds: float, too_late: Exception) -> T:
    """What the task gives within so many seconds; it goes on when it is late, or the caller is cancelled."""
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        raise too_late
    return task.result()
