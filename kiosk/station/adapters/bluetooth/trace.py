"""What a reading was busy with and for how long, for the support view and `battery read --json`. Pure; no failure of its own."""

from collections.abc import Callable
from datetime import datetime

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryError, BatteryUnreachable, BatteryUnreadable
from kiosk.domain.language import tr
from kiosk.station.ports import PhaseTime, ReadPhase, ReadTrace


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
