"""Batteries over Bluetooth LE: real ones through bleak, and simulated ones below it that answer with real bytes.

`build_scanner` is the way in; importing this package does not import bleak.

    scanner             RadioScanner, which implements the port; the list of batteries in range
    search              one reading: find the battery, connect, read, decide; how it went
    target              which battery is meant, and names that two batteries share
    wanted              the same with the bindings and what is remembered
    families            the kind of a battery by what is behind it, where its advertisement does not tell
    device_table        the devices in range, ranked; what this station may read
    battery_protocol    what a kind of battery consists of; a simulated device; how long is waited for what
    protocol_registry   finds all kinds: one file each in protocols/, and those that aiobmsble reads
    commodity           reads batteries through aiobmsble: what their values mean
    commodity_decoder   the library over our link                  frame_stream       whole frames out of a stream of bytes
    radio               the adapter: scans, links, repairs         radio_errors       what its errors mean
    bluez_recovery      repairs a stuck adapter (Linux)            diagnosis          what is wrong with the adapter (Linux)
    simulated/          batteries and a radio in memory
"""

import asyncio
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kiosk.domain.errors import BadInput, BatteryUnreachable
from kiosk.domain.language import tr
from kiosk.shared.system import Clock
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, EstimatePolicy, Fault, Timeouts
from kiosk.station.adapters.bluetooth.device_table import ANYTHING, FleetFilter, SearchSettings
from kiosk.station.adapters.bluetooth.protocol_registry import own_protocols
from kiosk.station.adapters.bluetooth.scanner import RadioScanner
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment, load_batteries
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import SimulatedBattery, SimulatedTimings
from kiosk.station.adapters.bluetooth.target import Namesakes
from kiosk.station.ports import KnownBatteries, NoBindings

if TYPE_CHECKING:
    from kiosk.station.adapters.bluetooth.radio import Radio

__all__ = [
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
    estimates: EstimatePolicy = REFUSE_ESTIMATES,
    timeouts: Timeouts | None = None,
    fleet_filter: FleetFilter = ANYTHING,
    adapter: str = "",
    bindings: KnownBatteries | None = None,
    stored_address: Callable[[str], str] = lambda _battery_id: "",
) -> RadioScanner:
    """The scanner that the configuration asks for. `batteries`, for "simulated", is a file or an environment that may be changed later;
    `adapter`, for "bluetooth", is a name such as "hci1", "" for the first adapter that is on. `bindings` knows which batteries are bound;
    `stored_address` where a battery was read last, "" where nobody knows.

    Raises BadInput when the file of simulated batteries is wrong or given for a real radio, TypeError when a file in `protocols` is not
    complete.
    """
    own_protocols()
    if backend == "bluetooth" and batteries is not None:
        raise BadInput("scanner.batteries", tr('it goes with backend = "simulated" only'))
    room = SimulatedEnvironment(load_batteries(batteries)) if isinstance(batteries, Path) else batteries or SimulatedEnvironment()

    def make_radio() -> "Radio":
        from kiosk.station.adapters.bluetooth.radio import Backends, Radio

        if backend == "simulated":
            from kiosk.station.adapters.bluetooth.simulated.bleak_backend import memory_backends

            return Radio(memory_backends(room))
        if sys.platform != "linux":
            return Radio(Backends(adapter=adapter))
        from kiosk.station.adapters.bluetooth.bluez_recovery import BluezRecovery  # only BlueZ lets us repair an adapter

        return Radio(Backends(adapter=adapter, recovery=BluezRecovery(adapter)))

    async def check() -> bool:
        return await _ready(adapter) if backend == "bluetooth" else room.check()

    settings = SearchSettings(
        clock=clock,
        timeouts=timeouts or Timeouts(),
        estimates=estimates,
        fleet_filter=fleet_filter,
        namesakes=Namesakes(stored_address),
        bindings=bindings or NoBindings(),
    )
    return RadioScanner(make_radio, settings, check)


async def _ready(adapter: str) -> bool:
    """Whether BlueZ has an adapter that can read batteries; elsewhere nobody tells. Raises BatteryUnreachable."""
    if sys.platform != "linux":
        return False
    diagnosis = await asyncio.to_thread(import_module, "kiosk.station.adapters.bluetooth.diagnosis")  # importing D-Bus's library takes long
    problem = await diagnosis.find_problem(adapter)
    if problem is not None:
        raise BatteryUnreachable("", 0, fault=problem.fault)
    return True
