"""The list of batteries in range, for the counter's screen and for `battery scan`.

Listening runs beside whoever consumes the list, and gives way to readings whenever one wants the radio, so that a slow consumer never
holds up a reading. However many advertisements come in, a list goes out at most once in `update_seconds`, and only when it changed.
When listening fails, the iterator raises BatteryUnreachable with the reason; when it is closed or cancelled, the scan is stopped.
"""

import asyncio
from collections.abc import AsyncGenerator

from kiosk.station.adapters.bluetooth.device_table import DeviceTable
from kiosk.station.adapters.bluetooth.fleet_filter import ANYTHING, FleetFilter
from kiosk.station.adapters.bluetooth.namesakes import Namesakes
from kiosk.station.adapters.bluetooth.radio.adapter import Radio
from kiosk.station.adapters.bluetooth.radio.radio_errors import RADIO_ERRORS, explain
from kiosk.station.ports import Sighting


async def watch(
    radio: Radio, update_seconds: float, fleet_filter: FleetFilter = ANYTHING, namesakes: Namesakes | None = None
) -> AsyncGenerator[tuple[Sighting, ...], None]:
    """Lists of sightings, the first one after `update_seconds` even when nothing was heard."""
    devices = DeviceTable(asyncio.get_running_loop().time, fleet_filter, namesakes)
    listening = asyncio.create_task(radio.listen_between_readings(devices.note))
    shown: tuple[Sighting, ...] | None = None
    try:
        while True:
            await asyncio.wait({listening}, timeout=update_seconds)
            if listening.done():
                await listening
            sightings = devices.sightings()
            if sightings != shown:
                shown = sightings
                yield sightings
    except RADIO_ERRORS as error:
        raise explain(error, battery_id="", seconds=0, heard_others=len(devices) > 0) from error
    finally:
        listening.cancel()
        await asyncio.wait({listening})
