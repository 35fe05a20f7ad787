"""Which batteries are near: what pages ask of the scanner while nothing is read. Run on the I/O thread."""

from collections.abc import Callable
from contextlib import aclosing

from kiosk.domain.battery.battery import id_tail
from kiosk.domain.errors import BatteryError
from kiosk.station.ports import BatteryScanner, Sighting


async def watch(scanner: BatteryScanner, on_seen: Callable[[tuple[Sighting, ...]], None]) -> None:
    """Call `on_seen` with each list of batteries in range, until cancelled. Raises BatteryUnreachable."""
    async with aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # every scanner's is a generator
        async for seen in lists:
            on_seen(seen)


async def wait_until_near(scanner: BatteryScanner, battery_id: str) -> bool:
    """True as soon as a battery is in range that may be this one; False where nothing can be looked for."""
    try:
        async with aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # every scanner's is a generator
            async for seen in lists:
                if any(id_tail(each.name) == id_tail(battery_id) for each in seen):
                    return True
    except BatteryError:
        return False
    return False
