"""How long a swap waits for Bluetooth at the counter: both batteries together, from a person's request to the reading, in simulated time.

The scanner, its queue for the adapter, the readings in the background and the order of the list are the real ones; the radio below them is
simulated, and takes what the field takes: connecting 1 to 4 s, discovering a GATT layout 1 to 3 s unless it is known, 75 ms a value, 2 s to
close a link; each battery advertises once a second, and one of five advertisements is lost. Every swap is drawn anew from a seed. Twenty
packs and the customer's battery are near for ten seconds when the attendant asks for the returned one; some seconds later a row of the list
is taken, in nine of ten swaps the proposed one, else any other. The layout of four in five batteries is known: BlueZ keeps those that were
read here. The last figure has none known, as on a station's first day.

The floor's column is the way of commit 513e648 with draws of the same kind: each battery is looked for, gathered for 0.25 s, connected to,
discovered and read when it is asked for, and told one second after its link began to close; the new one waits for the list's scan and the
link before. At the means of the draws that is 6.7 and 7.7 s, as in docs/facts/speed.md.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import SimulatedBattery
from tests.bench.figures import Figure
from tests.builders import NOON
from tests.station.adapters.bluetooth.field import Air
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.services.near import RETURNED, VALUE_SECONDS, NearCounter, near_counter, pack

SEED = 20_417
SWAPS = 500
KNOWN = 0.8
PACKS = 20
NEAR_SECONDS = 10.0
LOOKED_AT = (2.0, 6.0)  # seconds for the returned battery's card and the list
PROPOSED = 0.9
GOAL_P90 = 3.0
VALUES = 6 * VALUE_SECONDS
_GATHER, _CLOSE, _SCAN_STOPS = 0.25, 1.0, 1.0


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds of one swap: as it is, and in the way of 513e648."""

    now: float
    before: float


def bluetooth_wait() -> Iterator[Figure]:
    """Three figures."""
    usual, first_day = simulate(SWAPS, KNOWN), simulate(SWAPS, 0.0)
    yield _figure("median", median, usual, 0.0, f"the GATT layouts of {KNOWN:.0%} known")
    yield _figure("90th percentile", _p90, usual, GOAL_P90, f"the GATT layouts of {KNOWN:.0%} known")
    yield _figure("90th percentile, first day", _p90, first_day, None, "no GATT layout known")


def _figure(name: str, of: Callable[[list[float]], float], waits: list[Waits], most: float | None, layouts: str) -> Figure:
    now, before = of([each.now for each in waits]), of([each.before for each in waits])
    return Figure(
        figure=f"a swap's wait for Bluetooth, {name}",
        ours=round(now, 2),
        floor=round(before, 2),
        unit="s",
        ratio=None,
        goal="" if most is None else f"at most {most:g} s",
        met=None if most is None else now <= most,
        note=f"{SWAPS} simulated swaps, {PACKS} packs near for {NEAR_SECONDS:g} s, {layouts}; beside it the way of 513e648",
    )


def simulate(swaps: int, known: float, seed: int = SEED) -> list[Waits]:
    """So many swaps, one after the other; `known` is the share of the batteries whose layout is. The same for the same seed."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        return [run_jumping(_swap(Path(folder), random.Random(chance.random()), known)) for _ in range(swaps)]


def before(looking: float, connect: float, discover: float, *, new: bool) -> float:
    """How long one battery took at 513e648."""
    return looking + _GATHER + connect + discover + VALUES + _CLOSE + (_SCAN_STOPS if new else 0.0)


def _p90(seconds: list[float]) -> float:
    return quantiles(seconds, n=10)[-1]


async def _swap(folder: Path, chance: random.Random, known: float) -> Waits:
    air = Air(connect=lambda: chance.uniform(1, 4), discover=lambda: chance.uniform(1, 3))
    packs = [_pack(number, chance) for number in range(PACKS)]
    returned = pack(RETURNED, "0.8", chance.randint(-60, -45))
    async with near_counter(folder, returned, *packs, chance=chance, air=air) as desk:
        air.layouts |= {each.address for each in desk.room.peripherals if chance.random() < known}
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(NEAR_SECONDS)
        waited = await _wait_for(desk, RETURNED)
        desk.take_back()
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(chance.uniform(*LOOKED_AT))
        again = await _wait_for(desk, await _choose(desk, chance))
    today = sum(before(chance.uniform(0, 1), air.connect(), air.discover(), new=new) for new in (False, True))
    return Waits(now=waited + again, before=today)


async def _wait_for(desk: NearCounter, target: str) -> float:
    """Until it is read; one that did not answer in time is read again, which counts."""
    waited = 0.0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            return waited + (await desk.took(target))[0]
        except BatteryUnreachable:
            waited += asyncio.get_running_loop().time() - began


def _pack(number: int, chance: random.Random) -> SimulatedBattery:
    return pack(f"BAT-200{number:02}", f"{chance.uniform(3, 4.5):.1f}", chance.randint(-75, -45))


async def _choose(desk: NearCounter, chance: random.Random) -> str:
    """The address of the row that the attendant takes; the rows are the window's own."""
    from ui.pages.battery.ranking import Surroundings, choose, nearby
    from ui.pages.session_memory import SessionMemory

    async for seen in desk.scanner.sightings():
        valid = ((each.address, desk.reads.valid(desk.swap, each.address)) for each in seen)
        around = Surroundings(
            returned_id=RETURNED,
            known_ids=frozenset(),
            memory=SessionMemory(),
            now=NOON,
            zone=ZoneInfo("UTC"),
            fresh={address: reading for address, reading in valid if reading is not None},
            reading_now=desk.reads.reads_now,
        )
        rows = [each for each in nearby(seen, around) if each.may_be_chosen]
        if rows:
            proposed = choose(rows, "")
            others = [each.address for each in rows if each.address != proposed]
            return proposed if chance.random() < PROPOSED or not others else chance.choice(others)
    return ""
