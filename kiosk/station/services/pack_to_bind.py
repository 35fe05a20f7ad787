"""Binding the pack on the counter to a sticker: listened for until it is clear which one is meant, read, then bound (decision 84).

A pack is read as if it were bound already, so that one that asks for a password answers. Nothing is bound before a person has seen what was
read. Used on the I/O thread.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding, Sticker, address_of, normalise_address
from kiosk.station.ports import BatteryScanner, ReadPhase, Sighting
from kiosk.station.services.bindings import Bindable, Bindings
from kiosk.station.services.pack_on_counter import clearly_nearest
from kiosk.station.services.device_health import watch

SURE_SECONDS = 3.0  # packs advertise every second or two: a nearer one may be heard last
READ_SECONDS = 10.0
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksHeard:
    """The packs in range; `meant` is the one that would be bound, None while that cannot be told."""

    packs: tuple[Sighting, ...] = ()
    meant: Sighting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRead:
    """A pack that was read, and what binding it would do."""

    pack: Sighting
    reading: BatteryTelemetry
    bindable: Bindable


def packs_heard(sightings: Sequence[Sighting], sticker: Sticker, refused: str = "") -> PacksHeard:
    """The pack at the sticker's address where it tells one, else the one that is clearly the nearest; `refused` is the address of a pack
    that a person has said is not the one."""
    packs = tuple(each for each in sightings if each.protocol)
    if sticker.address:
        meant = next((each for each in sightings if address_of(each.address) == sticker.address), None)
    else:
        meant = clearly_nearest(packs)
    return PacksHeard(packs=packs, meant=None if meant is not None and meant.address == refused else meant)


async def wait_for_pack(scanner: BatteryScanner, sticker: Sticker, on_heard: Callable[[PacksHeard], None], refused: str = "") -> Sighting:
    """Listen until the same pack has been meant for SURE_SECONDS, or cancelled. `on_heard` is told each change of what is in range.

    Raises BatteryUnreachable.
    """
    heard = PacksHeard()

    def note(seen: tuple[Sighting, ...]) -> None:
        nonlocal heard
        heard = packs_heard(seen, sticker, refused)
        on_heard(heard)

    time, address, since = asyncio.get_running_loop().time, "", 0.0
    watching = asyncio.create_task(watch(scanner, note))
    try:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if watching.done():
                await watching
            if heard.meant is None or heard.meant.address != address:
                address, since = heard.meant.address if heard.meant else "", time()
            elif time() - since >= SURE_SECONDS:
                return heard.meant
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def read_pack(
    scanner: BatteryScanner,
    bindings: Bindings,
    wanted: Binding,
    pack: Sighting,
    on_phase: Callable[[ReadPhase], None],
    *,
    secret: str = "",
    seconds: float = READ_SECONDS,
) -> PackRead:
    """Read it; `wanted` says the id and who binds. Its energy is not needed.

    Raises BadInput for what cannot be bound, before anything is connected to; BatteryUnreachable, BatteryUnreadable.
    """
    found = replace(wanted, address=normalise_address(pack.address), family=pack.protocol)
    await bindings.check_bindable(found, is_random=pack.has_random_address)
    with bindings.tried(found, secret):
        reading = await scanner.read(pack.address, on_phase, seconds, energy_needed=False)
    found = replace(found, family=reading.protocol or found.family, serial=reading.serial)
    return PackRead(pack=pack, reading=reading, bindable=await bindings.check_bindable(found, is_random=pack.has_random_address))


async def bind_read(bindings: Bindings, read: PackRead, *, supervisor: str = "", reason: str = "") -> Binding:
    """Bind what was read. Bindings in its way are ended where a supervisor says so, with a reason.

    Raises BindingTaken where others are in the way, BadInput, StoreFailed.
    """
    wanted = replace(read.bindable.binding, bound_by=supervisor) if supervisor else read.bindable.binding
    return await bindings.bind(wanted, replace=bool(supervisor), note=reason, is_random=read.pack.has_random_address)
