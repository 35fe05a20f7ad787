"""The pack that lies on the counter: found, read, then bound to a sticker (decision 84).

It is the one of a named address, or the only one in range, or the one that is received CLEARLY_DB stronger than every other: none is ever
guessed. A pack is read as if it were bound already, so that one that asks for a password answers. Nothing is bound before a person has seen
what was read. Used on the I/O thread.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding, address_of, normalise_address
from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.station.ports import BatteryScanner, ReadPhase, Sighting
from kiosk.station.services.bindings import Bindable, Bindings
from kiosk.station.services.device_health import watch

CLEARLY_DB = 8
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


# ---------------------------------------------------------------- which one it is


def packs_heard(sightings: Sequence[Sighting], address: str = "", refused: str = "") -> PacksHeard:
    """The pack at `address` where that is known, else the one that is clearly the nearest; `refused` is the address of a pack that a person
    has said is not the one.
    """
    packs = tuple(each for each in sightings if each.protocol)
    named = next((each for each in sightings if address_of(each.address) == address), None)
    meant = named if address else clearly_nearest(packs)
    return PacksHeard(packs=packs, meant=None if meant is not None and meant.address == refused else meant)


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
    heard = await _listen(scanner, address, duration)
    if address or heard.meant is not None:
        return heard.meant
    packs = [f"{each.name} ({each.address}, {'?' if each.rssi is None else each.rssi} dBm)" for each in heard.packs]
    if not packs:
        raise StepImpossible(tr("no battery is in range"))
    raise StepImpossible(
        tr(
            "none of these is the nearest by {db} dB: {packs}. Move the others away, or name one by its address",
            db=CLEARLY_DB,
            packs=", ".join(packs),
        )
    )


async def _listen(scanner: BatteryScanner, address: str, duration: float) -> PacksHeard:
    heard = PacksHeard()
    try:
        async with asyncio.timeout(duration), aclosing(scanner.sightings()) as lists:  # type: ignore[type-var]  # each is a generator
            async for received in lists:
                heard = packs_heard(received, address)
                if address and heard.meant is not None:
                    break
    except TimeoutError:
        pass
    return heard


async def wait_for_pack(scanner: BatteryScanner, address: str, on_heard: Callable[[PacksHeard], None], refused: str = "") -> Sighting:
    """Listen until the same pack has been meant for SURE_SECONDS, or cancelled. `on_heard` is told each change of what is in range.

    Raises BatteryUnreachable.
    """
    heard = PacksHeard()

    def note(seen: tuple[Sighting, ...]) -> None:
        nonlocal heard
        heard = packs_heard(seen, address, refused)
        on_heard(heard)

    time, meant, since = asyncio.get_running_loop().time, "", 0.0
    watching = asyncio.create_task(watch(scanner, note))
    try:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if watching.done():
                await watching
            if heard.meant is None or heard.meant.address != meant:
                meant, since = heard.meant.address if heard.meant else "", time()
            elif time() - since >= SURE_SECONDS:
                return heard.meant
    finally:
        watching.cancel()
        await asyncio.wait({watching})


# ---------------------------------------------------------------- reading and binding it


async def read_pack(
    bindings: Bindings,
    scanner: BatteryScanner,
    wanted: Binding,
    pack: Sighting,
    secret: str = "",
    *,
    on_phase: Callable[[ReadPhase], None],
    timeout_seconds: float = READ_SECONDS,
) -> PackRead:
    """Read it as what it is to be bound as, with the password that it asks for; `wanted` says the id and who binds. Its energy is not
    needed.

    Raises BadInput for what cannot be bound, before anything is connected to; BatteryUnreachable, BatteryUnreadable.
    """
    expected = replace(wanted, address=normalise_address(pack.address), family=pack.protocol)
    await bindings.check_bindable(expected, is_random=pack.has_random_address)
    with bindings.tried(expected, secret):
        reading = await scanner.read(pack.address, on_phase, timeout_seconds, energy_needed=False)
    found = replace(expected, family=reading.protocol or expected.family, serial=reading.serial)
    return PackRead(pack=pack, reading=reading, bindable=await bindings.check_bindable(found, is_random=pack.has_random_address))


async def bind_read(bindings: Bindings, read: PackRead, approval: Approval | None = None) -> Binding:
    """Bind what was read. Bindings in its way are ended where a supervisor says so.

    Raises BindingTaken where others are in the way, BadInput, StoreFailed.
    """
    binding, is_random = read.bindable.binding, read.pack.has_random_address
    if approval is None:
        return await bindings.bind(binding, is_random=is_random)
    wanted = replace(binding, bound_by=approval.supervisor)
    return await bindings.bind(wanted, replace=True, note=approval.reason, is_random=is_random)
