"""Which pack wears which sticker: usable at once where it was bound (decision 84)."""

import pytest

from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import BadInput, BindingTaken, LinkDown, NotFound
from tests.station.adapters.store.tables import read
from tests.station.services.binding_station import Bound, X, Y, Z, pairs, wanted


async def test_a_binding_is_known_at_once_by_id_and_by_address(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted("<bat-1>", "c8478c001001"))
    found = station.binding_of("BAT-1")
    assert found is not None
    assert (found.address, found.family, found.bound_by, found.station_id) == (X, "jk", "SUP-007", "STATION-1")
    assert found.bound_at == bound.clock.now()
    assert station.binding_at(X) == found
    assert station.binding_of("BAT-2") is station.binding_at(Y) is None


async def test_a_binding_made_offline_is_there_after_a_restart(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    await (await bound.station()).bind(wanted())
    again = await bound.station()
    assert await pairs(again) == {"BAT-1": X}
    assert (bound.told.bound, bound.told.waiting, bound.told.refused) == (1, 1, 0)


async def test_what_stands_in_the_way_waits_for_a_supervisor(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted("BAT-1", X))
    for other in (wanted("BAT-1", Y), wanted("BAT-2", X)):
        with pytest.raises(BindingTaken) as refused:
            await station.bind(other)
        assert refused.value.standing == (f"BAT-1 ({X}), by SUP-007 at STATION-1",)
        with pytest.raises(BadInput, match="note"):
            await station.bind(other, replace=True)
    assert await pairs(station) == {"BAT-1": X}


async def test_a_supervisor_ends_what_stands_with_a_reason_that_is_kept(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted("BAT-1", X))
    await station.bind(wanted("BAT-2", Y))
    await station.bind(wanted("BAT-1", Y), replace=True, note=" new board ")
    assert await pairs(station) == {"BAT-1": Y}
    assert station.binding_at(X) is None
    change = (await station.queued())[-1].change
    assert (change.note, {str(each) for each in change.replaces}) == ("new board", {f"BAT-1 ({X})", f"BAT-2 ({Y})"})
    ((detail,),) = read(bound.folder / "STATION-1.sqlite", "SELECT detail FROM audit ORDER BY number DESC LIMIT 1")
    assert all(each in detail for each in ("BAT-1", "SUP-007", "new board", f"BAT-2 ({Y})"))


async def test_binding_again_what_is_bound_changes_nothing(bound: Bound) -> None:
    station = await bound.station(alone=True)
    first = await station.bind(wanted(serial="S1"))
    bound.clock.pass_time(60)
    assert await station.bind(wanted(by="SUP-008")) == first
    assert len(await station.queued()) == 1


async def test_a_serial_that_is_another_batterys_is_said(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted("BAT-1", X, serial="S1"))
    bindable = await station.check_bindable(wanted("BAT-2", Y, serial="S1"))
    assert (bindable.standing, bindable.remarks) == ((), ("BAT-1 has the serial S1 too.",))
    assert (await station.check_bindable(wanted("BAT-1", X, serial="S1"))).remarks == ()


async def test_an_address_that_changes_by_itself_is_not_bound(bound: Bound) -> None:
    station = await bound.station(alone=True)
    with pytest.raises(BadInput, match="changes by itself"):
        await station.bind(wanted(address="58:47:8C:00:10:01"), is_random=True)
    await station.bind(wanted(address="58:47:8C:00:10:01"))


@pytest.mark.parametrize("unfit", [wanted(""), wanted(address="BAT-1"), wanted(by="")])
async def test_what_cannot_be_bound_is_refused(bound: Bound, unfit: Binding) -> None:
    station = await bound.station(alone=True)
    with pytest.raises(BadInput):
        await station.bind(unfit)
    assert await station.queued() == ()


async def test_what_is_unbound_is_known_no_more(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted())
    await station.unbind("bat-1", "SUP-007")
    assert await pairs(station) == {}
    assert station.binding_at(X) is None
    with pytest.raises(NotFound):
        await station.unbind("BAT-1", "SUP-007")
    assert await pairs(await bound.station(alone=True)) == {}


async def test_all_are_bound_or_none(bound: Bound) -> None:
    station = await bound.station(alone=True)
    await station.bind(wanted("BAT-9", Z))
    with pytest.raises(BindingTaken):
        await station.bind_all([wanted("BAT-1", X), wanted("BAT-2", Z)])
    assert await pairs(station) == {"BAT-9": Z}
    assert await station.bind_all([wanted("BAT-1", X), wanted("BAT-9", Z)]) == 1
    assert await pairs(station) == {"BAT-1": X, "BAT-9": Z}
