"""The pack that lies on the counter, found and read before it is bound to a sticker (decision 84).

It is the one of a named address, or the only one in range, or the one that is received CLEARLY_DB stronger than every other: none is ever
guessed.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding, address_of, normalise_address
from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.station.ports import BatteryScanner, ReadPhase, Sighting
from kiosk.station.services.bindings import Bindings

CLEARLY_DB = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRead:
    """A pack that was read: `binding` is the wanted one with the address, the family and the serial that were found."""

    binding: Binding
    pack: Sighting
    reading: BatteryTelemetry


def clearly_nearest(sightings: Sequence[Sighting]) -> Sighting | None:
    """The only battery in range, or the one that is received CLEARLY_DB stronger than every other; None where none is. One whose signal
    is not known is never nearest beside another.
    """
    packs = sorted((each for each in sightings if each.protocol), key=_strength, reverse=True)
    if len(packs) < 2:
        return packs[0] if packs else None
    return packs[0] if all(each.rssi is not None for each in packs) and _strength(packs[0]) - _strength(packs[1]) >= CLEARLY_DB else None


def _strength(sighting: Sighting) -> int:
    return -999 if sighting.rssi is None else sighting.rssi


async def find_pack(scanner: BatteryScanner, address: str, duration: float) -> Sighting | None:
    """The pack at `address` as soon as it is received, None where it is not within `duration` seconds; without an address the nearest after
    that time. Raises StepImpossible where none is clearly the nearest, BatteryUnreachable.
    """
    received = await _listen(scanner, address, duration)
    if address:
        return next((each for each in received if address_of(each.address) == address), None)
    nearest = clearly_nearest(received)
    if nearest is not None:
        return nearest
    packs = [f"{each.name} ({each.address}, {'?' if each.rssi is None else each.rssi} dBm)" for each in received if each.protocol]
    if not packs:
        raise StepImpossible(tr("no battery is in range"))
    raise StepImpossible(
        tr(
            "none of these is clearly the nearest by {db} dB: {packs}; move the others away, or name one by its address",
            db=CLEARLY_DB,
            packs=", ".join(packs),
        )
    )


async def _listen(scanner: BatteryScanner, address: str, duration: float) -> tuple[Sighting, ...]:
    received: tuple[Sighting, ...] = ()
    try:
        async with asyncio.timeout(duration), aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # each is a generator
            async for received in lists:
                if address and any(address_of(each.address) == address for each in received):
                    break
    except TimeoutError:
        pass
    return received


async def read_pack(
    bindings: Bindings,
    scanner: BatteryScanner,
    wanted: Binding,
    pack: Sighting,
    secret: str = "",
    *,
    on_phase: Callable[[ReadPhase], None],
    timeout_seconds: float,
) -> PackRead:
    """Read it as what it is to be bound as, with the password that it asks for. Raises BatteryUnreachable, BatteryUnreadable."""
    expected = replace(wanted, address=normalise_address(pack.address), family=pack.protocol)
    with bindings.tried(expected, secret):
        reading = await scanner.read(pack.address, on_phase, timeout_seconds, energy_needed=False)
    found = replace(expected, family=reading.protocol or expected.family, serial=reading.serial)
    return PackRead(binding=found, pack=pack, reading=reading)
