"""Telemetry: every reading is reported to the platform, and compared with the last one known of the same battery.

A reading is stored the moment it is made and reported in the background, oldest first, until it is accepted or refused. What happens on
each kind of failure:

- No link, a busy or silent platform, one that keeps no readings: all wait, and are tried again later and later, at once when the link is
  back. A reading that arrived unnoticed, or before the kiosk was killed, is sent again; the platform knows it.
- A reading that the platform refuses is set aside with its reason, in the store and the log, and holds up no other.
- The queue is full: the oldest readings are forgotten. The disk is full: the reading is not reported. The log says both; the attendant sees
  neither: no swap waits for it or fails by it.
- The last reading known cannot be had in LOOK_SECONDS: this station's own earlier one counts alone; where there is none nothing is doubted.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits, normalise_id
from kiosk.domain.battery.plausibility import Doubt, KnownReading, doubts_of
from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound, StoreFailed
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.shared.system import Clock
from kiosk.station.events import Event
from kiosk.station.ports import MAX_REPORTED, QueuedReading, ReadingChannel, Store
from kiosk.station.services.outbox import RetryPolicy

log = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
REST_SECONDS = 600.0  # a reading made at the terminal meanwhile is found then
_MAX_KNOWN = 200  # batteries of swaps under way
_Key = tuple[str, str]


class Telemetry:
    """Runs on the I/O thread: `run` as one task, and a short one for each reading of a swap."""

    def __init__(
        self,
        store: Store,
        channel: ReadingChannel,
        clock: Clock,
        *,
        station_id: str,
        limits: FitnessLimits,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._store, self._channel, self._clock = store, channel, clock
        self._station_id, self._limits = station_id, limits
        self._policy = policy or RetryPolicy(first_seconds=5.0, most_seconds=300.0)
        self._wake = asyncio.Event()
        self._failures, self._due = 0, 0.0
        self._looking: set[asyncio.Task[None]] = set()
        self._known: dict[_Key, KnownReading] = {}

    # ------------------------------------------------------------ reporting

    def note(self, reading: BatteryTelemetry, swap: Swap | None = None) -> None:
        """A reading was made, for this swap if for one. Raises nothing foreseen; costs one small commit."""
        try:
            forgotten = self._store.queue_reading(KnownReading(reading=reading, station_id=self._station_id))
        except (StoreFailed, BadInput) as error:
            log.warning("the reading of %s will not be reported: %s", reading.battery_id, error.reason)
        else:
            if forgotten:
                log.warning("too many readings wait: the oldest is forgotten unreported")
        if swap is not None:
            looking = asyncio.get_running_loop().create_task(self._look_up(swap, reading))
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)
        self._wake.set()

    def handle_event(self, event: Event) -> None:
        """A link that is back is used at once."""
        if isinstance(event, LinkChanged) and event.connected:
            self._failures, self._due = 0, 0.0
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        try:
            while True:
                self._wake.clear()
                pause = await self._report_due()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)
        finally:
            for each in self._looking:
                each.cancel()
            await asyncio.gather(*self._looking, return_exceptions=True)

    async def _report_due(self) -> float:
        """Report all that waits; the seconds until to look again."""
        wait = self._due - self._clock.monotonic()
        if wait > 0:
            return wait
        try:
            while queued := await self._next():
                await self._report(queued)
        except (LinkDown, NotFound, StoreFailed) as error:
            self._failures += 1
            wait = self._policy.wait(self._failures)
            self._due = self._clock.monotonic() + wait
            log.info("readings wait: %s", error)
            return wait
        self._failures = 0
        return REST_SECONDS

    async def _next(self) -> tuple[QueuedReading, ...]:
        """The oldest that wait, none of them before what was known of its battery is looked up: it would be found itself."""
        while self._looking:
            await asyncio.wait(self._looking)
        return self._store.readings_to_report(MAX_REPORTED)

    async def _report(self, queued: Sequence[QueuedReading]) -> None:
        by_battery: dict[str, list[QueuedReading]] = {}
        for each in queued:
            by_battery.setdefault(each.battery_id, []).append(each)
        reports: list[tuple[int, str]] = []
        try:
            for battery_id, readings in by_battery.items():
                reports += await self._send_reports(battery_id, readings)
        finally:
            self._store.record_reports(reports)

    async def _send_reports(self, battery_id: str, readings: Sequence[QueuedReading]) -> list[tuple[int, str]]:
        """What became of each. Where the platform takes none of several they are reported one by one: one of them may be the reason."""
        try:
            reasons = await self._channel.report(battery_id, [each.document for each in readings])
        except BadInput as refusal:
            if len(readings) > 1:
                return [report for each in readings for report in await self._send_reports(battery_id, [each])]
            reasons = (refusal.reason,)
        for reason in filter(None, reasons):
            log.warning("the platform refuses a reading of %s: %s", battery_id, reason)
        return [(each.number, reason) for each, reason in zip(readings, reasons, strict=True)]

    # ------------------------------------------------------------ comparing

    async def doubts(self, swap: Swap) -> tuple[Doubt, ...]:
        """What the readings of this swap and the last ones known contradict each other in; waits for the look-ups under way, each of which
        ends within LOOK_SECONDS. Of readings made before a restart only this station's own earlier ones are known.
        """
        if self._looking:
            await asyncio.wait(set(self._looking))
        return tuple(doubt for each in (swap.incoming, swap.outgoing) if each is not None for doubt in self._doubts(swap, each))

    def _doubts(self, swap: Swap, reading: BatteryTelemetry) -> tuple[Doubt, ...]:
        known = self._known.get(_key(swap, reading)) or self._own(swap, reading)
        return () if known is None else doubts_of(reading, known, self._limits, self._station_id)

    async def _look_up(self, swap: Swap, reading: BatteryTelemetry) -> None:
        """Remember the last reading known before this swap; the later one of the platform's and our own."""
        try:
            latest = await self._channel.latest(reading.battery_id, LOOK_SECONDS)
        except KioskError as error:
            log.info("the last reading of %s is not known: %s", reading.battery_id, error)
            latest = None
        key = _key(swap, reading)
        found = [
            each
            for each in (self._known.get(key), self._own(swap, reading), latest)
            # what this swap itself made does not count: a battery that is read again is compared with what was known before
            if each is not None and (each.station_id != self._station_id or each.reading.timestamp < swap.started_at)
        ]
        if not found:
            return
        self._known[key] = max(found, key=lambda each: each.reading.timestamp)
        while len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        kinds = ", ".join(each.kind.value for each in self._doubts(swap, reading))
        if kinds:  # what the attendant is warned of stays in the audit trail
            with contextlib.suppress(StoreFailed):
                self._store.audit(self._clock.now(), f"reading doubted: {kinds}", swap.correlation_id, reading.battery_id)

    def _own(self, swap: Swap, reading: BatteryTelemetry) -> KnownReading | None:
        try:
            return self._store.last_reading(reading.battery_id, swap.started_at)
        except StoreFailed as error:
            log.warning("earlier readings of %s are not known: %s", reading.battery_id, error.reason)
            return None


def _key(swap: Swap, reading: BatteryTelemetry) -> _Key:
    return swap.correlation_id, normalise_id(reading.battery_id)
