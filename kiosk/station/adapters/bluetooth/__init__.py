"""Batteries over Bluetooth LE: the OVES reader above bleak, and simulated batteries below it that answer with real bytes.

`build_scanner` is the way in; importing this package does not import bleak.

    adapter   RadioScanner, the port's implementation        reading  one reading: look, connect, read, decide
    reader    one kind of battery: connect, read             watch    the list of what is in range
    radio     the one owner of the adapter                   bluez    what can be done about a stuck one;  brake: what listening may cost
    oves      bytes to BatteryTelemetry, pure                board    smoothing and ranking, wanted: which battery is meant
    simulated batteries to bytes, faults                     room     what simulated radio hears; memory_backend: bleak's backend for it
    failures  bleak's exceptions as domain errors            battery_file  the JSON file of simulated batteries
"""

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kiosk.domain.errors import BadInput, BatteryUnreachable
from kiosk.shared.clock import Clock
from kiosk.station.adapters.bluetooth.fleet_filter import ANYTHING, FleetFilter
from kiosk.station.adapters.bluetooth.protocols.oves import EstimatePolicy
from kiosk.station.adapters.bluetooth.scanner import RadioScanner
from kiosk.station.adapters.bluetooth.simulated.battery_file import load_batteries
from kiosk.station.adapters.bluetooth.simulated.environment import AdapterState, SimulatedEnvironment
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import Fault, SimulatedBattery, SimulatedTimings
from kiosk.station.adapters.bluetooth.timeouts import Timeouts

if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth.radio.adapter import Radio, Recovery

__all__ = [
    "AdapterState",
    "EstimatePolicy",
    "Fault",
    "FleetFilter",
    "RadioScanner",
    "SimulatedBattery",
    "SimulatedEnvironment",
    "SimulatedTimings",
    "Timeouts",
    "build_scanner",
    "load_batteries",
]


def build_scanner(
    backend: Literal["bluetooth", "simulated"],
    *,
    clock: Clock,
    batteries: Path | SimulatedEnvironment | None = None,
    estimates: EstimatePolicy | None = None,
    timeouts: Timeouts | None = None,
    fleet_filter: FleetFilter = ANYTHING,
    adapter: str = "",
) -> RadioScanner:
    """The scanner that the configuration asks for. `batteries`, for "simulated", is a file or an environment that may be changed later;
    `adapter`, for "bluetooth", is a name such as "hci1", "" for the first adapter that is on.

    Raises BadInput when the file of simulated batteries is wrong or named for a real radio.
    """
    if backend == "bluetooth" and batteries is not None:
        raise BadInput("scanner.batteries", 'it goes with backend = "simulated" only')
    room = SimulatedEnvironment(load_batteries(batteries)) if isinstance(batteries, Path) else batteries or SimulatedEnvironment()

    def make_radio() -> "Radio":
        from kiosk.station.adapters.bluetooth.radio.adapter import Backends, Radio

        if backend == "bluetooth":
            return Radio(Backends(adapter=adapter, recovery=_recovery(adapter)))
        from kiosk.station.adapters.bluetooth.simulated.bleak_backend import memory_backends

        return Radio(memory_backends(room))

    async def check() -> bool:
        return await _ready(adapter) if backend == "bluetooth" else room.check()

    return RadioScanner(
        make_radio, clock=clock, timeouts=timeouts, estimates=estimates or EstimatePolicy(), fleet_filter=fleet_filter, check=check
    )


async def _ready(adapter: str) -> bool:
    """Whether BlueZ has an adapter that can read batteries; elsewhere nobody tells. Raises BatteryUnreachable."""
    if sys.platform != "linux":
        return False
    health = await asyncio.to_thread(import_module, "kiosk.station.adapters.bluetooth.diagnosis")  # D-Bus's library takes its time
    trouble = await health.trouble_with(adapter)
    if trouble is not None:
        raise BatteryUnreachable("", 0, reason=trouble.phrase)
    return True


def _recovery(adapter: str) -> "Recovery | None":
    """Only BlueZ lets us mend an adapter."""
    if sys.platform != "linux":
        return None
    from kiosk.station.adapters.bluetooth.bluez_recovery import BluezRecovery

    return BluezRecovery(adapter)
