"""What was bound here goes to the platform, and what was bound elsewhere comes (decision 84)."""

import asyncio

import pytest

from kiosk.domain.battery.binding import ToldBindings
from kiosk.domain.errors import LinkDown
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.services import bindings as bindings_module
from tests.station.services.binding_station import PACE, Bound, X, Y, Z, pairs, wanted


async def test_what_was_done_here_is_sent_in_its_order_and_then_waits_no_more(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted("BAT-1", X))
    await station.bind(wanted("BAT-1", Y), replace=True, note="new board")
    await station.unbind("BAT-1", "SUP-007")
    await station.bind(wanted("BAT-2", Y))
    await station.sync()
    assert [each.battery_id for each in bound.register.sent] == ["BAT-1", "BAT-1", "BAT-1", "BAT-2"]
    assert {each: binding.address for each, binding in bound.register.known.items()} == await pairs(station) == {"BAT-2": Y}
    assert await station.queued() == ()


async def test_what_was_bound_elsewhere_comes_page_by_page_and_then_only_what_is_new(bound: Bound) -> None:
    for number in range(5):
        bound.register.put(f"BAT-{number}", wanted(f"BAT-{number}", f"C8:47:8C:00:11:0{number}"))
    station = await bound.station()
    assert await station.sync() == 5
    assert bound.register.asked == ["", "a-2", "a-4"]
    bound.register.put("BAT-1", None)
    assert await station.sync() == 1
    assert bound.register.asked[3:] == ["a-5"]
    assert sorted(await pairs(station)) == ["BAT-0", "BAT-2", "BAT-3", "BAT-4"]
    assert sorted(await pairs(await bound.station())) == ["BAT-0", "BAT-2", "BAT-3", "BAT-4"]


async def test_a_change_whose_answer_was_lost_is_sent_again_and_done_once(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted())
    bound.register.lose_answers = True
    with pytest.raises(LinkDown):
        await station.sync()
    bound.register.lose_answers = False
    bound.register.put("BAT-1", None)  # unbound at another station meanwhile
    await (await bound.station()).sync()
    again = await bound.station()
    assert await pairs(again) == {}
    assert await again.queued() == ()
    assert len({each.change_id for each in bound.register.sent}) == 1


async def test_of_two_stations_that_bind_one_sticker_the_second_learns_what_stands(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    first, second = await bound.station(station_id="STATION-1"), await bound.station(station_id="STATION-2")
    await first.bind(wanted("BAT-1", X))
    await second.bind(wanted("BAT-1", Y))
    assert (await pairs(first), await pairs(second)) == ({"BAT-1": X}, {"BAT-1": Y})  # each uses its own until the platform has spoken
    bound.register.down = None
    await first.sync()
    await second.sync()
    assert await pairs(first) == await pairs(second) == {"BAT-1": X}
    (refused,) = await second.queued()
    assert (refused.refused, refused.change.binding and refused.change.binding.address) == ("BAT-1 is taken", Y)
    assert (bound.told.waiting, bound.told.refused) == (0, 1)


async def test_a_refusal_waits_through_restarts_and_is_not_sent_again(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.bind(wanted("BAT-1", Y))
    await station.sync()
    sent = len(bound.register.sent)
    again = await bound.station()
    await again.sync()
    assert len(bound.register.sent) == sent
    assert [each.refused for each in await again.queued()] == ["BAT-1 is taken"]


async def test_a_supervisor_settles_a_refusal_by_binding_anew(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.bind(wanted("BAT-1", Y))
    await station.sync()
    await station.bind(wanted("BAT-1", Y), replace=True, note="looked: the board is new")
    await station.sync()
    assert (await pairs(station), await station.queued()) == ({"BAT-1": Y}, ())
    assert bound.register.known["BAT-1"].address == Y


async def test_a_supervisor_settles_a_refusal_by_confirming_what_stands(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.bind(wanted("BAT-1", Y))
    await station.sync()
    await station.bind(wanted("BAT-1", X))
    assert (await pairs(station), await station.queued()) == ({"BAT-1": X}, ())


async def test_a_refusal_of_what_is_not_bound_is_settled_by_unbinding(bound: Bound) -> None:
    bound.register.put("BAT-7", wanted("BAT-7", X))
    station = await bound.station()
    await station.bind(wanted("BAT-1", X))
    await station.sync()
    assert await pairs(station) == {"BAT-7": X}
    await station.unbind("BAT-1", "SUP-007")
    assert (await pairs(station), await station.queued()) == ({"BAT-7": X}, ())


async def test_a_cursor_of_another_database_begins_afresh_and_keeps_what_waits(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.sync()
    bound.register.identity, bound.register.log, bound.register.known = "b", [], {}
    bound.register.put("BAT-2", wanted("BAT-2", Y))
    await station.bind(wanted("BAT-3", Z))
    bound.clock.pass_time(1)
    await station.sync()
    assert await pairs(station) == {"BAT-2": Y, "BAT-3": Z}


async def test_a_round_over_everything_forgets_what_it_did_not_bring(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    bound.register.put("BAT-2", wanted("BAT-2", Y))
    station = await bound.station()
    await station.sync()
    bound.register.log = [each for each in bound.register.log if each[0] != "BAT-1"] * 2  # a backup without it, with as many changes
    await station.sync()
    assert sorted(await pairs(station)) == ["BAT-1", "BAT-2"]
    bound.clock.pass_time(PACE.refresh_after.total_seconds())
    await station.sync()
    assert await pairs(station) == {"BAT-2": Y}


async def test_a_round_that_broke_off_goes_on_where_it_was(bound: Bound) -> None:
    for number in range(3):
        bound.register.put(f"BAT-{number}", wanted(f"BAT-{number}", f"C8:47:8C:00:11:0{number}"))
    station, changes = await bound.station(), bound.register.changes

    async def break_off(after: str) -> ToldBindings:
        bound.register.down = LinkDown("no network") if after else None
        return await changes(after)

    bound.register.changes = break_off  # type: ignore[method-assign]  # the second page does not arrive
    with pytest.raises(LinkDown):
        await station.sync()
    assert sorted(await pairs(station)) == ["BAT-0", "BAT-1"]
    bound.register.changes, bound.register.down = changes, None  # type: ignore[method-assign]  # as it was
    again = await bound.station()
    await again.sync()
    assert bound.register.asked[-1] == "a-2"
    assert sorted(await pairs(again)) == ["BAT-0", "BAT-1", "BAT-2"]


async def test_a_pack_that_moved_to_another_sticker_elsewhere_moves_here(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.sync()
    bound.register.put("BAT-1", None)
    bound.register.put("BAT-2", wanted("BAT-2", X))
    await station.sync()
    assert await pairs(station) == {"BAT-2": X}
    assert station.binding_at(X) == station.binding_of("BAT-2")


async def test_a_binding_is_sent_the_moment_it_is_made(bound: Bound) -> None:
    station = await bound.station()
    running = asyncio.create_task(station.run())
    try:
        async with asyncio.timeout(5):
            while not bound.register.asked:
                await asyncio.sleep(0.01)
            await station.bind(wanted())
            while not bound.register.sent:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_link_that_is_back_is_used(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    station = await bound.station()
    await station.bind(wanted())
    running = asyncio.create_task(station.run())
    try:
        async with asyncio.timeout(5):
            while not bound.told.waiting or station._down == "":
                await asyncio.sleep(0.01)
            bound.register.down = None
            station.handle_event(LinkChanged(connected=True, since=bound.clock.now()))
            while not bound.register.sent:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_another_program_bound_on_this_machine_is_seen_soon(bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings_module, "WATCH_SECONDS", 0.02)
    counter, terminal = await bound.station(alone=True), await bound.station(alone=True)
    running = asyncio.create_task(counter.run())
    try:
        await terminal.bind(wanted())
        async with asyncio.timeout(5):
            while counter.binding_of("BAT-1") is None:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
