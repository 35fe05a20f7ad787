"""A private D-Bus with a Bluetooth service as a process: `python -m tests.bluez [--devices N --per-second RATE]`.

Prints the bus's address when all is there; ends with its standard input. One battery, BAT-12345, answers without delay; the other devices
only advertise, so many times a second each, every time as a signal on the bus (bluetoothd sends fewer: it drops repeated ones).
"""

import argparse
import asyncio
import sys

from kiosk.station.adapters.bluetooth import SimulatedEnvironment, SimulatedTimings
from tests.bluez.bus import private_bus
from tests.bluez.faults import Faults
from tests.bluez.flood import flood
from tests.bluez.service import Bluez
from tests.station.adapters.bluetooth.bench import battery, phone


async def _serve(address: str, devices: int, per_second: float) -> None:
    room = SimulatedEnvironment([battery()], timings=SimulatedTimings(advertise=0.02, connect=0.0, read=0.0))
    others = [phone(number) for number in range(devices)]
    service = Bluez(address, room, Faults())
    await service.open()
    drowning = asyncio.create_task(flood(service, others, per_second)) if others else None
    print(address, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    if drowning is not None:
        drowning.cancel()
    await service.close()


def main() -> None:
    """Serve until nobody is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--per-second", type=float, default=50.0)
    options = parser.parse_args()
    with private_bus() as address:
        asyncio.run(_serve(address, options.devices, options.per_second))


if __name__ == "__main__":
    main()
