"""Who waits for whom at the adapter, with the latencies of the field, in simulated time."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.station.adapters.bluetooth import Fault, RadioScanner, SimulatedBattery, SimulatedEnvironment, SimulatedTimings, Timeouts
from kiosk.station.adapters.bluetooth.device_table import SearchSettings
from kiosk.station.adapters.bluetooth.radio import MAX_CLOSING, Radio
from kiosk.station.adapters.bluetooth.turns import LINKED_SECONDS, Rank, Turns
from kiosk.station.ports import ReadingGaveWay, ReadPhase
from tests.station.adapters.bluetooth.bench import StillClock, battery
from tests.station.adapters.bluetooth.field import Air, field_backends
from tests.station.adapters.bluetooth.jumping import run_jumping

CONNECT, DISCOVER, VALUES, ADVERTISE = 2.5, 2.0, 6 * 0.075, 0.5


@dataclass
class Field:
    """A scanner in the field."""

    room: SimulatedEnvironment
    air: Air = field(default_factory=Air)

    def __post_init__(self) -> None:
        self.scanner = RadioScanner(
            lambda: Radio(field_backends(self.room, self.air)), SearchSettings(clock=StillClock(), timeouts=Timeouts())
        )

    async def read(
        self, asked: str, on_phase: Callable[[ReadPhase], None] = lambda _phase: None, *, behind: bool = False
    ) -> BatteryTelemetry:
        return await self.scanner.read(asked, on_phase, 30, in_background=behind)

    async def took(self, asked: str) -> float:
        began = asyncio.get_running_loop().time()
        await self.read(asked)
        return asyncio.get_running_loop().time() - began

    async def listen(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds), aclosing(self.scanner.sightings()) as lists:
                async for _seen in lists:
                    pass
        except TimeoutError:
            return


def in_field(*batteries: SimulatedBattery) -> Field:
    return Field(SimulatedEnvironment(batteries, timings=SimulatedTimings(advertise=ADVERTISE, connect=0.0, read=0.075)))


TWO = (battery("BAT-12345"), battery("BAT-67890"))


# ---------------------------------------------------------------- what a reading costs


def test_a_reading_is_told_when_its_values_are_there_and_the_link_is_closed_behind_it() -> None:
    async def scenario() -> tuple[float, bool, bool]:
        desk = in_field(battery())
        took = await desk.took("BAT-12345")
        open_then = bool(desk.room.open_links)
        await asyncio.sleep(desk.air.close + 0.1)
        return took, open_then, bool(desk.room.open_links)

    took, open_then, open_later = run_jumping(scenario())
    assert took == pytest.approx(0.25 + CONNECT + DISCOVER + VALUES)
    assert (open_then, open_later) == (True, False)


def test_the_next_device_does_not_wait_for_the_last_link_to_close_but_the_same_one_does() -> None:
    async def scenario() -> tuple[float, float]:
        desk = in_field(*TWO)
        desk.air.layouts |= {device.address for device in desk.room.peripherals}
        await desk.listen(3)
        await desk.read("BAT-12345")
        other = await desk.took("BAT-67890")
        return other, await desk.took("BAT-67890")

    other, same = run_jumping(scenario())
    assert other == pytest.approx(CONNECT + VALUES)
    assert same == pytest.approx(2.0 + CONNECT + VALUES)


def test_a_known_battery_that_was_received_a_moment_ago_costs_one_connect_and_the_values() -> None:
    async def scenario() -> float:
        desk = in_field(battery())
        await desk.read("BAT-12345")
        await asyncio.sleep(5)
        return await desk.took("BAT-12345")

    assert run_jumping(scenario()) == pytest.approx(CONNECT + VALUES)


def test_a_battery_that_was_received_long_ago_is_looked_for_again() -> None:
    async def scenario() -> float:
        desk = in_field(battery())
        await desk.read("BAT-12345")
        await asyncio.sleep(60)
        return await desk.took("BAT-12345")

    assert run_jumping(scenario()) == pytest.approx(0.25 + CONNECT + VALUES)


def test_no_more_than_a_few_links_are_closed_at_once() -> None:
    ids = [f"BAT-1000{number}" for number in range(5)]

    async def scenario() -> int:
        desk = in_field(*(battery(each) for each in ids))
        desk.air.close = 10.0
        most = 0
        for each in ids:
            await desk.read(each)
            most = max(most, len(desk.room.open_links))
        return most

    assert run_jumping(scenario()) == MAX_CLOSING + 1


def test_the_list_does_not_forget_what_it_could_not_hear_while_batteries_were_read() -> None:
    async def scenario() -> None:
        desk = in_field(*TWO, battery("BAT-77777"))
        async with aclosing(desk.scanner.sightings()) as lists:
            while len(await anext(lists)) < 3:
                pass
            await desk.read("BAT-12345")
            await desk.read("BAT-67890")
            async with asyncio.timeout(2):  # another list would be told
                await anext(lists)

    with pytest.raises(TimeoutError):
        run_jumping(scenario())


def test_two_lists_share_one_listening() -> None:
    async def scenario() -> tuple[int, int, int]:
        desk = in_field(*TWO)
        async with aclosing(desk.scanner.sightings()) as first:
            async with aclosing(desk.scanner.sightings()) as second:
                while not await anext(first):
                    pass
                while not (seen := await anext(second)):
                    pass
            desk.room.put(battery("BAT-77777"))
            while len(later := await anext(first)) < 3:
                pass
        return len(seen), len(later), len(asyncio.all_tasks())

    assert run_jumping(scenario()) == (2, 3, 1)


def test_a_list_that_begins_while_the_last_one_ends_does_not_end_with_it() -> None:
    async def scenario() -> int:
        desk = in_field(*TWO)
        first = desk.scanner.sightings()
        while not await anext(first):
            pass
        ending = asyncio.create_task(first.aclose())
        await asyncio.sleep(0)  # it has begun to end
        async with aclosing(desk.scanner.sightings()) as second:
            await anext(second)
            await ending
            desk.room.put(battery("BAT-77777"))
            while len(seen := await anext(second)) < 3:
                pass
        return len(seen)

    assert run_jumping(scenario()) == 3


# ---------------------------------------------------------------- whose turn it is


@pytest.mark.parametrize("after", [0.1, 1.0, 2.4, 4.0])
def test_a_background_reading_without_a_link_gives_way_at_once(after: float) -> None:
    async def scenario() -> float:
        desk = in_field(*TWO)
        await desk.listen(3)
        behind = asyncio.create_task(desk.read("BAT-67890", behind=True))
        await asyncio.sleep(after)
        took = await desk.took("BAT-12345")
        with pytest.raises(ReadingGaveWay):
            await behind
        return took

    assert run_jumping(scenario()) <= CONNECT + DISCOVER + VALUES + 1.0  # a link half made is taken back first


def test_a_background_reading_with_a_link_ends_first_and_is_good() -> None:
    async def scenario() -> tuple[float, str]:
        desk = in_field(*TWO)
        await desk.listen(3)
        linked = asyncio.Event()
        behind = asyncio.create_task(
            desk.read("BAT-67890", lambda phase: linked.set() if phase is ReadPhase.READING else None, behind=True)
        )
        await linked.wait()
        took = await desk.took("BAT-12345")
        return took, (await behind).battery_id

    took, read = run_jumping(scenario())
    assert took == pytest.approx(VALUES + CONNECT + DISCOVER + VALUES)
    assert read == "BAT-67890"


def test_a_background_reading_with_a_link_that_says_nothing_is_broken_off() -> None:
    async def scenario() -> float:
        desk = in_field(battery(), battery("BAT-67890", Fault.SILENT))
        await desk.listen(3)
        linked = asyncio.Event()
        behind = asyncio.create_task(
            desk.read("BAT-67890", lambda phase: linked.set() if phase is ReadPhase.READING else None, behind=True)
        )
        await linked.wait()
        took = await desk.took("BAT-12345")
        with pytest.raises(ReadingGaveWay):
            await behind
        return took

    assert run_jumping(scenario()) <= LINKED_SECONDS + CONNECT + DISCOVER + VALUES + 2.0  # its link is closed first


def test_a_person_goes_before_what_waits_in_the_background() -> None:
    async def scenario() -> list[str]:
        desk, done = in_field(*TWO, battery("BAT-77777")), list[str]()

        async def read(asked: str, *, behind: bool) -> None:
            done.append((await desk.read(asked, behind=behind)).battery_id)

        first = asyncio.create_task(read("BAT-12345", behind=False))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(read("BAT-67890", behind=True))
        await asyncio.sleep(0)
        await asyncio.gather(first, waiting, read("BAT-77777", behind=False))
        return done

    assert run_jumping(scenario()) == ["BAT-12345", "BAT-77777", "BAT-67890"]


def test_a_reading_in_the_background_is_no_reading_of_the_person_for_support() -> None:
    async def scenario() -> int:
        desk = in_field(battery())
        await desk.read("BAT-12345", behind=True)
        return len(desk.scanner.last_reads())

    assert run_jumping(scenario()) == 0


def test_one_that_gave_up_waiting_is_passed_over() -> None:
    async def scenario() -> list[str]:
        turns, done = Turns(), list[str]()

        async def use(name: str, rank: Rank) -> None:
            async with turns.take(rank):
                await asyncio.sleep(1)
                done.append(name)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(use("first", Rank.PERSON))
            await asyncio.sleep(0.1)
            gone = tasks.create_task(use("gone", Rank.PERSON))
            tasks.create_task(use("listening", Rank.LISTENING))
            tasks.create_task(use("last", Rank.PERSON))
            await asyncio.sleep(0.1)
            gone.cancel()
        return done

    assert run_jumping(scenario()) == ["first", "last", "listening"]


def test_a_turn_that_came_in_the_moment_of_giving_up_goes_to_the_next() -> None:
    async def scenario() -> str:
        turns, gone = Turns(), list[asyncio.Task[None]]()

        async def use() -> None:
            async with turns.take(Rank.PERSON):
                await asyncio.sleep(1)

        async with turns.take(Rank.PERSON):
            gone.append(asyncio.create_task(use()))
            await asyncio.sleep(0)
        gone[0].cancel()
        async with asyncio.timeout(5), turns.take(Rank.PERSON):
            return "mine"

    assert run_jumping(scenario()) == "mine"
