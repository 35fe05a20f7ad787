"""What becomes of a swap whose readings cannot both be true (decisions 29, 59): the battery is read again, or somebody lets them stand.

A doubt stops a swap before it is completed, not after: what was handed out is booked. A supervisor lets it go on with a reason; at a
station without supervisors the attendant does. Without telemetry nothing is known of earlier readings, and nothing is in doubt.
"""

from dataclasses import replace

from kiosk.domain.battery.plausibility import Doubt
from kiosk.domain.swap.swap import Swap, without_batteries
from kiosk.station.services.swaps import Swaps
from kiosk.station.services.telemetry import Telemetry


async def standing_doubts(telemetry: Telemetry | None, swap: Swap) -> tuple[Doubt, ...]:
    """The doubts that nobody has approved; waits for what is known of the batteries, two seconds at most."""
    if telemetry is None or swap.doubt_approved is not None:
        return ()
    return await telemetry.doubts(swap)


async def approve_doubts(swaps: Swaps, swap: Swap, supervisor: str, reason: str, pin: str = "") -> Swap:
    """The readings stand: recorded with the name and the reason. Raises as `People.approve`."""
    approval = await swaps.people.approve_doubt(supervisor, pin, reason)
    return swaps.journal(replace(swap, doubt_approved=approval), "readings in doubt approved", approval=approval)


async def read_anew(swaps: Swaps, swap: Swap, battery_id: str) -> Swap:
    """The swap before this battery was read; of the returned one before anything was. A recorded payment stays, and is looked at again with
    the new reading."""
    is_new = swap.outgoing is not None and swap.outgoing.battery_id == battery_id
    changed = replace(swap, outgoing=None, doubt_approved=None) if is_new else without_batteries(swap)
    return swaps.journal(changed, "to be read again", battery=battery_id)
