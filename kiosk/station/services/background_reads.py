"""Batteries read before anybody waits for them: the one that comes back while its customer is found, then those near, to hand out one.

While a swap is attended to, up to its new battery, what is in range is watched and read one by one: the expected battery as soon as it is
near, then the row that the attendant looks at, then those that were charged when they were last read, the strongest signal first. A
person's reading goes first: one in the background of the same battery is joined, any other gives way. Between two readings somebody
listens, or nothing new would be found.

A reading is kept with its age, and may be taken instead of a new one for `valid_seconds`; 0 reads nothing in the background. It is a
reading like any other, for the rules to judge: nothing is chosen and nothing is completed here. It is dropped where its pack is bound
to another id since. What fails is tried again later and is no news: it is said when a person reads that battery.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry, id_tail, normalise_id
from kiosk.domain.battery.binding import address_of
from kiosk.domain.errors import BatteryError
from kiosk.domain.swap.swap import Swap
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, BatteryReadBehind, BindingsChanged, Event
from kiosk.station.ports import BatteryScanner, KnownBatteries, NoBindings, ReadingGaveWay, ReadPhase, Sighting
from kiosk.station.services.device_health import watch
from kiosk.station.services.swaps import Swaps

LISTEN_SECONDS = 0.7  # between two readings: most batteries advertise at least twice a second
EXPECTED_SECONDS = 3.0  # the same as long as the expected battery was not received: others would keep it waiting for seconds
AGAIN_SECONDS = 30.0  # after a failure
EXPECTED_AGAIN_SECONDS = 3.0  # the customer is still on the way to the counter
BROKEN_SECONDS = 5.0  # after the adapter failed, which its own watch tells
MIN_DBM = -80  # what is further away is not at this counter
MAX_KEPT = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What a reading depends on beside its battery: the capacity that an estimate is made with, and whether energy is needed."""

    default_kwh: Decimal | None
    energy_needed: bool

    @classmethod
    def of(cls, swap: Swap) -> "Terms":
        tracking = swap.plan.template.agent_config.electricity_tracking
        return cls(tracking.default_battery_capacity_kwh, tracking.enabled)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reading; `bound_to` is the id that its pack was bound to then, "" for none."""

    terms: Terms
    reading: BatteryTelemetry
    bound_to: str


class BackgroundReads:
    """Runs on the I/O thread: `run` as one task of the kiosk. `valid`, `reads_now` and the `phase` of that reading may be asked from any
    thread."""

    def __init__(
        self,
        swaps: Swaps,
        scanner: BatteryScanner,
        clock: Clock,
        announce: Announce,
        *,
        valid_seconds: float = 120.0,
        bindings: KnownBatteries | None = None,
    ) -> None:
        self._swaps, self._scanner, self._clock, self._announce = swaps, scanner, clock, announce
        self._valid_for, self._bindings = timedelta(seconds=valid_seconds), bindings or NoBindings()
        self._swap: Swap | None = None
        self._first = ""  # the address of the row that the attendant looks at
        self._wanted, self._changed = asyncio.Event(), asyncio.Event()
        self._seen: tuple[Sighting, ...] = ()
        self._kept: Mapping[str, _Kept] = {}  # replaced as a whole: other threads look at it
        self._failed: dict[str, float] = {}  # when, in the loop's time
        self._persons = 0
        self._running: tuple[str, Terms, asyncio.Task[BatteryTelemetry]] | None = None
        self.phase: ReadPhase | None = None
        self._on_phase: Callable[[ReadPhase], None] | None = None
        self.reads_now = ""

    # ------------------------------------------------------------ what a person does

    async def attend(self, swap: Swap | None, first: str = "") -> None:
        """This swap is at the counter, up to its new battery, and this address is read first; None: nothing is to be read."""
        another = swap is None or self._swap is None or swap.correlation_id != self._swap.correlation_id
        self._swap, self._first = swap, first
        if another:
            self._failed.clear()
            self._break_off()
        if swap is not None and self._valid_for:
            self._wanted.set()
        else:
            self._wanted.clear()
        self._changed.set()

    async def note(self, swap: Swap, reading: BatteryTelemetry) -> None:
        """What was read for this swap and is not part of it any more: as long as it is valid it may be taken as one read here."""
        kept = self._kept.get(normalise_id(reading.address))
        if reading.address and (kept is None or kept.reading.timestamp < reading.timestamp):
            self._keep(reading.address, Terms.of(swap), reading)

    def valid(self, swap: Swap, target: str) -> BatteryTelemetry | None:
        """The reading of this id or address that may be taken for this swap, if there is one."""
        kept = self._kept.get(normalise_id(target))
        fits = kept is not None and kept.terms == Terms.of(swap) and abs(self._clock.now() - kept.reading.timestamp) <= self._valid_for
        return kept.reading if kept is not None and fits else None

    async def read(self, swap: Swap, target: str, on_phase: Callable[[ReadPhase], None], *, anew: bool = False) -> BatteryTelemetry:
        """The reading of this id or address for a person: the valid one unless `anew`, the one that is being made, or a new one.

        Reported as every reading that is used. Raises BatteryUnreachable, BatteryUnreadable.
        """
        self._persons += 1
        try:
            reading = None if anew else self.valid(swap, target)
            reading = reading or await self._join(swap, target, on_phase)
            if reading is not None:
                self._swaps.report(swap, reading)
                return reading
            self._forget(target)
            reading = await self._swaps.read(swap, target, on_phase)
            self._keep(target, Terms.of(swap), reading)
            return reading
        finally:
            self._persons -= 1
            self._changed.set()

    async def _join(self, swap: Swap, target: str, on_phase: Callable[[ReadPhase], None]) -> BatteryTelemetry | None:
        """What the reading under way of the same battery gives; None where there is none, or it was broken off. Raises as it does."""
        if self._running is None or self._running[:2] != (normalise_id(target), Terms.of(swap)):
            return None
        task = self._running[2]
        self._on_phase = on_phase
        if self.phase is not None:
            on_phase(self.phase)
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        except ReadingGaveWay:
            return None
        finally:
            self._on_phase = None

    # ------------------------------------------------------------ what goes on by itself

    async def run(self) -> None:
        """Read what is near while a swap is attended to, until cancelled."""
        while True:
            await self._wanted.wait()
            watching = asyncio.create_task(watch(self._scanner, self._note_seen))
            try:
                await self._read_while_wanted(watching)
            finally:
                ended = watching.done()
                self._break_off()
                watching.cancel()
                await asyncio.wait({watching})
                self._seen = ()
            if ended:
                if not watching.cancelled() and not isinstance(error := watching.exception(), BatteryError | None):
                    raise error
                await asyncio.sleep(BROKEN_SECONDS)

    async def _read_while_wanted(self, watching: asyncio.Task[None]) -> None:
        while self._wanted.is_set() and not watching.done():
            await self._listen_for_expected()
            self._changed.clear()
            swap, target = self._swap, self._next()
            if swap is None or not target:
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait({changed, watching}, timeout=LISTEN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                continue
            await self._read_behind(swap, target)
            if target != swap.plan.current_asset:  # after that one, those near were received while it was waited for
                await asyncio.sleep(LISTEN_SECONDS)

    async def _listen_for_expected(self) -> None:
        """As long as the expected battery was neither received nor read, it goes before the others."""
        loop = asyncio.get_running_loop()
        until = loop.time() + EXPECTED_SECONDS
        while self._wanted.is_set() and (left := until - loop.time()) > 0:
            expected = self._expected()
            if not expected or self._is_near(expected):
                return
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()

    def _expected(self) -> str:
        """The battery that comes back, as long as it has not; "" for none."""
        swap = self._swap
        return (swap.plan.current_asset or "") if swap is not None and swap.incoming is None else ""

    async def _read_behind(self, swap: Swap, target: str) -> None:
        terms, key, loop = Terms.of(swap), normalise_id(target), asyncio.get_running_loop()
        self.phase = None
        task = loop.create_task(self._swaps.read(swap, target, self._note_phase, in_background=True))
        self._running, self.reads_now = (key, terms, task), key
        self._announce(BatteryReadBehind(target=key))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            self._running, self.reads_now = None, ""
        try:
            self._keep(target, terms, task.result())
        except BatteryError:
            self._failed[key] = loop.time()
        except (ReadingGaveWay, asyncio.CancelledError):
            pass
        self._announce(BatteryReadBehind(target=key))

    def _next(self) -> str:
        """What to read now: the expected battery by its id, another one by its address; "" for nothing."""
        swap, now = self._swap, asyncio.get_running_loop().time()
        if swap is None or self._persons:
            return ""
        expected = self._expected()
        if expected and self._is_near(expected) and self._is_due(swap, expected, now, EXPECTED_AGAIN_SECONDS):
            return expected
        held = swap.plan.current_asset or ""
        near = [each for each in self._seen if each.protocol and each.rssi is not None and each.rssi >= MIN_DBM]
        others = [each for each in near if not (held and self._may_be(each, held)) and self._is_due(swap, each.address, now, AGAIN_SECONDS)]
        return min(others, key=self._order).address if others else ""

    def _order(self, seen: Sighting) -> tuple[bool, int, int]:
        before = self._kept.get(normalise_id(seen.address))
        kwh = None if before is None else before.reading.kwh_remaining
        charged = 1 if kwh is None else 0 if kwh >= self._swaps.rules.limits.least_issue_kwh else 2
        return seen.address != self._first, charged, -(seen.rssi or MIN_DBM)

    def _is_near(self, battery_id: str) -> bool:
        return any(self._may_be(each, battery_id) for each in self._seen)

    def _may_be(self, seen: Sighting, battery_id: str) -> bool:
        binding = self._bindings.binding_of(normalise_id(battery_id))
        return seen.address == binding.address if binding is not None else id_tail(seen.name) == id_tail(battery_id)

    def _is_due(self, swap: Swap, target: str, now: float, again_seconds: float) -> bool:
        failed = self._failed.get(normalise_id(target))
        return self.valid(swap, target) is None and (failed is None or now - failed >= again_seconds)

    def _note_seen(self, seen: tuple[Sighting, ...]) -> None:
        self._seen = seen
        self._changed.set()

    def _note_phase(self, phase: ReadPhase) -> None:
        self.phase = phase
        if self._on_phase is not None:
            self._on_phase(phase)

    def _break_off(self) -> None:
        if self._running is not None:
            self._running[2].cancel()

    def _keep(self, target: str, terms: Terms, reading: BatteryTelemetry) -> None:
        others = [(key, kept) for key, kept in self._kept.items() if key != normalise_id(target)]
        bound_to = self._bound_to(reading)
        if bound_to not in ("", normalise_id(reading.battery_id)):
            return  # it was bound while it was read
        self._kept = dict([*others[-(MAX_KEPT - 1) :], (normalise_id(target), _Kept(terms, reading, bound_to))])

    def _bound_to(self, reading: BatteryTelemetry) -> str:
        """The id that its pack is bound to now, "" for none."""
        binding = self._bindings.binding_at(address_of(reading.address))
        return "" if binding is None else binding.battery_id

    def handle_event(self, event: Event) -> None:
        """What was read under another id than counts now is read again, and what is being read too: it began with what was bound then."""
        if isinstance(event, BindingsChanged):
            self._break_off()
            self._kept = {key: kept for key, kept in self._kept.items() if kept.bound_to == self._bound_to(kept.reading)}
            self._changed.set()

    def _forget(self, target: str) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if key != normalise_id(target)}
