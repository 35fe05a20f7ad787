"""Batteries that are read before anybody waits for them, with the latencies of the field, in simulated time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery
from kiosk.station.adapters.bluetooth.turns import LINKED_SECONDS
from kiosk.station.events import BindingsChanged
from kiosk.station.ports import ReadPhase
from tests.builders import plan_of, swap_of
from tests.station.adapters.bluetooth.bench import Bound, bound
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.services.near import RETURNED, VALUE_SECONDS, NearCounter, near_counter, pack

CONNECT, DISCOVER, VALUES, CLOSED = 2.5, 2.0, 6 * VALUE_SECONDS, 1.0
NEW = tuple(pack(f"BAT-2000{number}", f"4.{number}", -50 - number) for number in range(5))


def at_counter[T](
    folder: Path, scenario: Callable[[NearCounter], Awaitable[T]], *batteries: SimulatedBattery, valid_seconds: float = 120.0
) -> T:
    async def run() -> T:
        async with near_counter(folder, *batteries, valid_seconds=valid_seconds) as desk:
            return await scenario(desk)

    return run_jumping(run())


# ---------------------------------------------------------------- the battery that comes back


def test_the_expected_battery_is_read_while_its_customer_is_found_and_then_nobody_waits(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[float, BatteryTelemetry, list[str]]:
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(10)
        return (*await desk.took(RETURNED), desk.begun[:1])

    waited, found, begun = at_counter(tmp_path, scenario, pack(RETURNED, "0.8"), *NEW)
    assert (waited, found.battery_id, begun) == (0.0, RETURNED, [RETURNED])


def test_it_is_read_as_soon_as_it_comes_near(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> float:
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(30)
        desk.room.put(pack(RETURNED, "0.8"))
        await asyncio.sleep(12)
        return (await desk.took(RETURNED))[0]

    assert at_counter(tmp_path, scenario, *NEW) == 0.0


def test_a_person_joins_the_reading_that_is_under_way(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[float, int]:
        await desk.reads.attend(desk.swap)
        while ReadPhase.CONNECTING is not desk.reads.phase:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        waited, _found = await desk.took(RETURNED)
        return waited, len(desk.scanner.last_reads())

    waited, by_a_person = at_counter(tmp_path, scenario, pack(RETURNED))
    assert waited <= CONNECT + DISCOVER + VALUES - 2
    assert by_a_person == 0  # it was not begun anew


def test_what_goes_wrong_in_the_background_is_no_news_and_is_said_to_a_person_who_reads(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> float:
        desk.room.set_faults(RETURNED, Fault.DROPS_LINK)
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(30)
        assert desk.reads.valid(desk.swap, RETURNED) is None
        assert desk.begun.count(RETURNED) > 1
        with pytest.raises(BatteryUnreachable, match="link_lost"):
            await desk.took(RETURNED)
        desk.room.set_faults(RETURNED)
        return (await desk.took(RETURNED))[0]

    assert at_counter(tmp_path, scenario, pack(RETURNED)) < 10


def test_another_battery_that_answers_for_the_expected_one_is_told_as_it_is(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[float, str]:
        desk.room.set_faults(RETURNED, Fault.WRONG_ID)
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(15)
        waited, found = await desk.took(RETURNED)
        return waited, found.battery_id

    assert at_counter(tmp_path, scenario, pack(RETURNED)) == (0.0, "BAT-23456")


# ---------------------------------------------------------------- those near


def test_all_that_are_near_are_read_each_once(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[list[str], list[str]]:
        desk.take_back()
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(60)
        return desk.begun, [desk.address(each.asset_id) for each in NEW]

    begun, near = at_counter(tmp_path, scenario, *NEW)
    assert sorted(begun) == sorted(near)


def test_the_order_is_the_row_looked_at_then_the_charged_then_the_strongest(tmp_path: Path) -> None:
    empty, charged, strongest, touched = (
        pack("BAT-20001", "0.2", -40),
        pack("BAT-20002", "4.2", -70),
        pack("BAT-20003", rssi=-45),
        pack("BAT-20004", rssi=-75),
    )

    async def scenario(desk: NearCounter) -> list[str]:
        ids = {desk.address(each.asset_id): each.asset_id for each in (empty, charged, strongest, touched)}
        desk.take_back()
        for each in (empty, charged):
            await desk.took(desk.address(each.asset_id))
        await asyncio.sleep(125)
        desk.reads._first = desk.address(touched.asset_id)  # not attended to: nothing is read while all are looked at
        async for seen in desk.scanner.sightings():
            if len(seen) == len(ids):
                break
        return [ids[each.address] for each in sorted(seen, key=desk.reads._order)]

    assert at_counter(tmp_path, scenario, empty, charged, strongest, touched) == ["BAT-20004", "BAT-20002", "BAT-20003", "BAT-20001"]


def test_what_is_far_away_or_was_just_returned_is_not_read(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> set[str]:
        desk.take_back()
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(60)
        assert desk.reads.valid(desk.swap, desk.address("BAT-20000")) is not None
        return set(desk.begun) - {desk.address("BAT-20000")}

    assert at_counter(tmp_path, scenario, NEW[0], pack("BAT-20009", rssi=-90), pack(RETURNED)) == set()


def test_a_person_who_chooses_one_not_read_yet_waits_for_that_one_alone(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> float:
        desk.take_back()
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(3.5)  # one is under way
        address = desk.address("BAT-20004")
        assert desk.reads.reads_now not in ("", address)
        return (await desk.took(address))[0]

    assert at_counter(tmp_path, scenario, *NEW) <= max(LINKED_SECONDS, CLOSED) + 1.5 + CONNECT + DISCOVER + VALUES


def test_twenty_are_fresh_within_two_minutes_once_their_layouts_are_known(tmp_path: Path) -> None:
    packs = [pack(f"BAT-200{number:02}", rssi=-45 - number) for number in range(20)]

    async def scenario(desk: NearCounter) -> int:
        desk.air.layouts |= {desk.address(each.asset_id) for each in packs}
        desk.take_back()
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(119)
        return sum(desk.reads.valid(desk.swap, desk.address(each.asset_id)) is not None for each in packs)

    assert at_counter(tmp_path, scenario, *packs) == 20


# ---------------------------------------------------------------- age


def test_a_reading_that_is_too_old_is_made_anew_by_itself_and_for_a_person(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[bool, float]:
        await desk.took(RETURNED)
        await asyncio.sleep(121)
        fresh = desk.reads.valid(desk.swap, RETURNED) is not None
        return fresh, (await desk.took(RETURNED))[0]

    fresh, waited = at_counter(tmp_path, scenario, pack(RETURNED))
    assert not fresh
    assert waited > CONNECT


def test_a_clock_that_was_set_back_makes_no_reading_young(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> bool:
        await desk.took(RETURNED)
        clock = desk.reads._clock
        now = clock.now()
        clock.now = lambda: now.replace(year=now.year - 1)  # type: ignore[method-assign]  # the clock is set
        return desk.reads.valid(desk.swap, RETURNED) is not None

    assert not at_counter(tmp_path, scenario, pack(RETURNED))


def test_a_person_who_asks_for_it_anew_gets_it_anew_and_the_older_one_is_gone_even_if_that_fails(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> bool:
        await desk.took(RETURNED)
        desk.room.set_faults(RETURNED, Fault.DROPS_LINK)
        with pytest.raises(BatteryUnreachable):
            await desk.took(RETURNED, anew=True)
        return desk.reads.valid(desk.swap, RETURNED) is not None

    assert not at_counter(tmp_path, scenario, pack(RETURNED))


def test_a_reading_for_a_plan_with_another_capacity_is_not_taken(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[bool, bool]:
        await desk.took(RETURNED)
        plan = plan_of()
        config = plan.template.agent_config
        object.__setattr__(config.electricity_tracking, "enabled", not config.electricity_tracking.enabled)
        return desk.reads.valid(desk.swap, RETURNED) is not None, desk.reads.valid(swap_of(plan), RETURNED) is not None

    assert at_counter(tmp_path, scenario, pack(RETURNED)) == (True, False)


# ---------------------------------------------------------------- beginning and ending


def test_nothing_is_read_while_no_swap_is_at_the_counter(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[list[str], list[str]]:
        await asyncio.sleep(30)
        before = list(desk.begun)
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(2)
        await desk.reads.attend(None)
        await asyncio.sleep(1)
        during = list(desk.begun)
        await asyncio.sleep(60)
        assert desk.begun == during
        assert not desk.room.open_links
        return before, during

    before, during = at_counter(tmp_path, scenario, pack(RETURNED), *NEW)
    assert before == []
    assert len(during) == 1


def test_zero_seconds_read_nothing_in_the_background(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> list[str]:
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(30)
        return desk.begun

    assert at_counter(tmp_path, scenario, pack(RETURNED), *NEW, valid_seconds=0) == []


def test_an_adapter_that_is_off_and_comes_back_is_used_again(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> float:
        desk.room.adapter_fault = AdapterFault.SWITCHED_OFF
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(20)
        assert desk.begun == []
        desk.room.adapter_fault = None
        await asyncio.sleep(20)
        return (await desk.took(RETURNED))[0]

    assert at_counter(tmp_path, scenario, pack(RETURNED)) == 0.0


def test_the_next_customer_breaks_off_what_is_read_for_the_last_one(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> tuple[bool, int]:
        await desk.reads.attend(desk.swap)
        while desk.reads._running is None:
            await asyncio.sleep(0.1)
        under_way = desk.reads._running[2]
        await desk.reads.attend(swap_of(correlation_id="TXN-01JHMN5Z000000000000000009"))  # the same battery, for other terms perhaps
        await asyncio.sleep(3)
        return under_way.cancelled(), len(desk.begun)

    assert at_counter(tmp_path, scenario, pack(RETURNED)) == (True, 2)


def test_another_step_of_the_same_swap_breaks_off_nothing(tmp_path: Path) -> None:
    async def scenario(desk: NearCounter) -> int:
        await desk.reads.attend(desk.swap)
        while desk.reads._running is None:
            await asyncio.sleep(0.1)
        await desk.reads.attend(desk.swap)
        await asyncio.sleep(10)
        return len(desk.begun)

    assert at_counter(tmp_path, scenario, pack(RETURNED)) == 1


def test_what_was_read_before_its_pack_was_bound_or_unbound_is_read_again(tmp_path: Path) -> None:
    bindings = Bound()

    async def scenario() -> tuple[list[str], int]:
        async with near_counter(tmp_path, pack("BAT-20001"), bindings=bindings) as desk:
            desk.take_back()
            address, told = desk.address("BAT-20001"), list[str]()
            await desk.reads.attend(desk.swap)
            for known in ([], [bound("BAT-77001", address, family="oves")], []):
                bindings.bindings[:] = known
                desk.reads.handle_event(BindingsChanged(bound=len(known), waiting=0, refused=0))
                await asyncio.sleep(20)
                kept = desk.reads.valid(desk.swap, address)
                told.append("" if kept is None else kept.battery_id)
            begun = len(desk.begun)
            desk.reads.handle_event(BindingsChanged(bound=0, waiting=0, refused=0))
            await asyncio.sleep(20)
            return told, len(desk.begun) - begun

    assert run_jumping(scenario()) == (["BAT-20001", "BAT-77001", "BAT-20001"], 0)
