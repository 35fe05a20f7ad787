"""Which pack wears which sticker: usable at once where it was bound, and everywhere soon (decision 84)."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings, pair_of
from kiosk.domain.errors import BadInput, BindingTaken, KioskError, LinkDown, NotFound
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import BindingsChanged, Event
from kiosk.station.services import bindings as bindings_module
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.sync_loop import SyncPace
from tests.fakes import CountedIds, FakeClock, SecretsInMemory
from tests.station.adapters.store.tables import read

X, Y, Z = "C8:47:8C:00:10:01", "C8:47:8C:00:10:02", "C8:47:8C:00:10:03"
SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret
PACE = SyncPace(first=timedelta(0), every=timedelta(hours=1), spread=lambda: 0.0)
CLOCK = FakeClock()


def wanted(battery_id: str = "BAT-1", address: str = X, by: str = "SUP-007", serial: str = "") -> Binding:
    return Binding(battery_id=battery_id, address=address, family="jk", serial=serial, bound_by=by, bound_at=CLOCK.wall)


@dataclass
class Register:
    """BindingChannel: keeps what it is sent in order, refuses what is taken; `down` is a link that does not work."""

    down: KioskError | None = None
    keeps_secrets: bool = True
    known: dict[str, Binding] = field(default_factory=dict)
    log: list[tuple[str, Binding | None]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[BindingChange] = field(default_factory=list)
    page: int = 2
    identity: str = "a"
    lose_answers: bool = False

    async def changes(self, after: str) -> ToldBindings:
        self.asked.append(after)
        self._check()
        identity, _, number = (after or f"{self.identity}-0").partition("-")
        if identity != self.identity or int(number) > len(self.log):
            raise BadInput("cursor", "is none of this platform's")
        last = {battery_id: at for at, (battery_id, _) in enumerate(self.log)}
        left = [(at, *each) for at, each in enumerate(self.log) if at >= int(number) and last[each[0]] == at]
        page = left[: self.page]
        return ToldBindings(
            bindings=tuple(binding for _, _, binding in page if binding),
            unbound=tuple(battery_id for _, battery_id, binding in page if not binding),
            cursor=f"{self.identity}-{page[-1][0] + 1 if page else number}",
            more=len(left) > len(page),
        )

    async def send(self, change: BindingChange, secret: str) -> Binding | None:
        self._check()
        self.sent.append(change)
        if change.change_id not in self.done:
            self._do(change)
            self.done.add(change.change_id)
            if secret:
                self.secrets[change.battery_id] = secret
        if self.lose_answers:
            raise LinkDown("the answer was lost")
        return self.known.get(change.battery_id)

    async def secret(self, battery_id: str) -> str:
        self.asked.append(f"secret of {battery_id}")
        self._check()
        if battery_id not in self.secrets:
            raise NotFound("secret of the battery", battery_id)
        return self.secrets[battery_id]

    def _do(self, change: BindingChange) -> None:
        binding = change.binding
        address = binding.address if binding else ""
        ended = [each for each in self.known.values() if each.battery_id == change.battery_id or each.address == address]
        if binding and any(pair_of(each) not in change.replaces and each.battery_id != binding.battery_id for each in ended):
            raise BadInput("battery", f"{address} is taken")
        if binding and any(pair_of(each) not in change.replaces and each.address != binding.address for each in ended):
            raise BadInput("battery", f"{change.battery_id} is taken")
        for each in ended:
            self.put(each.battery_id, None)
        self.put(change.battery_id, binding)

    def put(self, battery_id: str, binding: Binding | None) -> None:
        """Done at another station."""
        self.known.pop(battery_id, None)
        if binding:
            self.known[battery_id] = binding
        self.log.append((battery_id, binding))

    def _check(self) -> None:
        if self.down:
            raise self.down


@dataclass
class Bound:
    """A station; `again` is the same one after a restart."""

    folder: Path
    register: Register = field(default_factory=Register)
    clock: FakeClock = field(default_factory=FakeClock)
    secrets: SecretsInMemory = field(default_factory=SecretsInMemory)
    events: list[Event] = field(default_factory=list)
    stores: list[SqlStore] = field(default_factory=list)
    ids: CountedIds = field(default_factory=CountedIds)

    async def station(self, *, station_id: str = "STATION-1", alone: bool = False) -> Bindings:
        store = open_store(self.folder / f"{station_id}.sqlite")
        self.stores.append(store)
        channel = None if alone else self.register
        made = Bindings(
            store, self.secrets, self.clock, self.events.append, station_id=station_id, ids=self.ids, channel=channel, pace=PACE
        )
        await made.load()
        return made

    @property
    def told(self) -> BindingsChanged:
        return [each for each in self.events if isinstance(each, BindingsChanged)][-1]


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Bound]:
    made = Bound(tmp_path)
    yield made
    for each in made.stores:
        each.close()


def pairs(bindings: Bindings) -> dict[str, str]:
    return {each.battery_id: each.address for each in bindings.bindings()}


# ---------------------------------------------------------------- here, at once


async def test_a_binding_is_known_at_once_by_id_and_by_address(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted("<bat-1>", "c8478c001001"))
    found = station.binding_of("BAT-1")
    assert found is not None
    assert (found.address, found.family, found.bound_by, found.station_id) == (X, "jk", "SUP-007", "STATION-1")
    assert found.bound_at == bound.clock.now()
    assert station.binding_at(X) == found
    assert station.binding_of("BAT-2") is station.binding_at(Y) is None


async def test_a_binding_made_offline_is_there_after_a_restart(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    (await bound.station()).bind(wanted())
    again = await bound.station()
    assert pairs(again) == {"BAT-1": X}
    assert (bound.told.bound, bound.told.waiting, bound.told.refused) == (1, 1, 0)


async def test_what_stands_in_the_way_waits_for_a_supervisor(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted("BAT-1", X))
    for other in (wanted("BAT-1", Y), wanted("BAT-2", X)):
        with pytest.raises(BindingTaken) as refused:
            station.bind(other)
        assert refused.value.standing == (f"BAT-1 ({X})",)
        with pytest.raises(BadInput, match="note"):
            station.bind(other, replace=True)
    assert pairs(station) == {"BAT-1": X}


async def test_a_supervisor_ends_what_stands_with_a_reason_that_is_kept(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted("BAT-1", X))
    station.bind(wanted("BAT-2", Y))
    station.bind(wanted("BAT-1", Y), replace=True, note=" new board ")
    assert pairs(station) == {"BAT-1": Y}
    assert station.binding_at(X) is None
    change = station.queued()[-1].change
    assert (change.note, {str(each) for each in change.replaces}) == ("new board", {f"BAT-1 ({X})", f"BAT-2 ({Y})"})
    ((detail,),) = read(bound.folder / "STATION-1.sqlite", "SELECT detail FROM audit ORDER BY number DESC LIMIT 1")
    assert all(each in detail for each in ("BAT-1", "SUP-007", "new board", f"BAT-2 ({Y})"))


async def test_binding_again_what_is_bound_changes_nothing(bound: Bound) -> None:
    station = await bound.station(alone=True)
    first = station.bind(wanted(serial="S1"))
    bound.clock.pass_time(60)
    assert station.bind(wanted(by="SUP-008")) == first
    assert len(station.queued()) == 1


async def test_a_serial_that_is_another_batterys_is_said(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted("BAT-1", X, serial="S1"))
    bindable = station.check_bindable(wanted("BAT-2", Y, serial="S1"))
    assert (bindable.standing, bindable.remarks) == ((), ("Its serial S1 is told by BAT-1 too.",))
    assert station.check_bindable(wanted("BAT-1", X, serial="S1")).remarks == ()


async def test_an_address_that_changes_by_itself_is_not_bound(bound: Bound) -> None:
    station = await bound.station(alone=True)
    with pytest.raises(BadInput, match="changes by itself"):
        station.bind(wanted(address="58:47:8C:00:10:01"), is_random=True)
    station.bind(wanted(address="58:47:8C:00:10:01"))


@pytest.mark.parametrize("unfit", [wanted(""), wanted(address="BAT-1"), wanted(by="")])
async def test_what_cannot_be_bound_is_refused(bound: Bound, unfit: Binding) -> None:
    station = await bound.station(alone=True)
    with pytest.raises(BadInput):
        station.bind(unfit)
    assert station.queued() == ()


async def test_what_is_unbound_is_known_no_more(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted())
    station.unbind("bat-1", "SUP-007")
    assert pairs(station) == {}
    assert station.binding_at(X) is None
    with pytest.raises(NotFound):
        station.unbind("BAT-1", "SUP-007")
    assert pairs(await bound.station(alone=True)) == {}


async def test_all_are_bound_or_none(bound: Bound) -> None:
    station = await bound.station(alone=True)
    station.bind(wanted("BAT-9", Z))
    with pytest.raises(BindingTaken):
        station.bind_all([wanted("BAT-1", X), wanted("BAT-2", Z)])
    assert pairs(station) == {"BAT-9": Z}
    assert station.bind_all([wanted("BAT-1", X), wanted("BAT-9", Z)]) == 1
    assert pairs(station) == {"BAT-1": X, "BAT-9": Z}


# ---------------------------------------------------------------- with the platform


async def test_what_was_done_here_is_sent_in_its_order_and_then_waits_no_more(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted("BAT-1", X))
    station.bind(wanted("BAT-1", Y), replace=True, note="new board")
    station.unbind("BAT-1", "SUP-007")
    station.bind(wanted("BAT-2", Y))
    await station.sync()
    assert [each.battery_id for each in bound.register.sent] == ["BAT-1", "BAT-1", "BAT-1", "BAT-2"]
    assert {each: binding.address for each, binding in bound.register.known.items()} == pairs(station) == {"BAT-2": Y}
    assert station.queued() == ()


async def test_what_was_bound_elsewhere_comes_page_by_page_and_then_only_what_is_new(bound: Bound) -> None:
    for number in range(5):
        bound.register.put(f"BAT-{number}", wanted(f"BAT-{number}", f"C8:47:8C:00:11:0{number}"))
    station = await bound.station()
    assert await station.sync() == 5
    assert bound.register.asked == ["", "a-2", "a-4"]
    bound.register.put("BAT-1", None)
    assert await station.sync() == 1
    assert bound.register.asked[3:] == ["a-5"]
    assert sorted(pairs(station)) == ["BAT-0", "BAT-2", "BAT-3", "BAT-4"]
    assert sorted(pairs(await bound.station())) == ["BAT-0", "BAT-2", "BAT-3", "BAT-4"]


async def test_a_change_whose_answer_was_lost_is_sent_again_and_done_once(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted())
    bound.register.lose_answers = True
    with pytest.raises(LinkDown):
        await station.sync()
    bound.register.lose_answers = False
    bound.register.put("BAT-1", None)  # unbound at another station meanwhile
    await (await bound.station()).sync()
    again = await bound.station()
    assert pairs(again) == {}
    assert again.queued() == ()
    assert len({each.change_id for each in bound.register.sent}) == 1


async def test_of_two_stations_that_bind_one_sticker_the_second_learns_what_stands(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    first, second = await bound.station(station_id="STATION-1"), await bound.station(station_id="STATION-2")
    first.bind(wanted("BAT-1", X))
    second.bind(wanted("BAT-1", Y))
    assert (pairs(first), pairs(second)) == ({"BAT-1": X}, {"BAT-1": Y})  # each uses its own until the platform has spoken
    bound.register.down = None
    await first.sync()
    await second.sync()
    assert pairs(first) == pairs(second) == {"BAT-1": X}
    (refused,) = second.queued()
    assert (refused.refused, refused.change.binding and refused.change.binding.address) == ("BAT-1 is taken", Y)
    assert (bound.told.waiting, bound.told.refused) == (0, 1)


async def test_a_refusal_waits_through_restarts_and_is_not_sent_again(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    station.bind(wanted("BAT-1", Y))
    await station.sync()
    sent = len(bound.register.sent)
    again = await bound.station()
    await again.sync()
    assert len(bound.register.sent) == sent
    assert [each.refused for each in again.queued()] == ["BAT-1 is taken"]


async def test_a_supervisor_settles_a_refusal_by_binding_anew(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    station.bind(wanted("BAT-1", Y))
    await station.sync()
    station.bind(wanted("BAT-1", Y), replace=True, note="looked: the board is new")
    await station.sync()
    assert (pairs(station), station.queued()) == ({"BAT-1": Y}, ())
    assert bound.register.known["BAT-1"].address == Y


async def test_a_supervisor_settles_a_refusal_by_confirming_what_stands(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    station.bind(wanted("BAT-1", Y))
    await station.sync()
    station.bind(wanted("BAT-1", X))
    assert (pairs(station), station.queued()) == ({"BAT-1": X}, ())


async def test_a_refusal_of_what_is_not_bound_is_settled_by_unbinding(bound: Bound) -> None:
    bound.register.put("BAT-7", wanted("BAT-7", X))
    station = await bound.station()
    station.bind(wanted("BAT-1", X))
    await station.sync()
    assert pairs(station) == {"BAT-7": X}
    station.unbind("BAT-1", "SUP-007")
    assert (pairs(station), station.queued()) == ({"BAT-7": X}, ())


async def test_a_cursor_of_another_database_begins_afresh_and_keeps_what_waits(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.sync()
    bound.register.identity, bound.register.log, bound.register.known = "b", [], {}
    bound.register.put("BAT-2", wanted("BAT-2", Y))
    station.bind(wanted("BAT-3", Z))
    bound.clock.pass_time(1)
    await station.sync()
    assert pairs(station) == {"BAT-2": Y, "BAT-3": Z}


async def test_a_round_over_everything_forgets_what_it_did_not_bring(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    bound.register.put("BAT-2", wanted("BAT-2", Y))
    station = await bound.station()
    await station.sync()
    bound.register.log = [each for each in bound.register.log if each[0] != "BAT-1"] * 2  # a backup without it, with as many changes
    await station.sync()
    assert sorted(pairs(station)) == ["BAT-1", "BAT-2"]
    bound.clock.pass_time(PACE.refresh_after.total_seconds())
    await station.sync()
    assert pairs(station) == {"BAT-2": Y}


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
    assert sorted(pairs(station)) == ["BAT-0", "BAT-1"]
    bound.register.changes, bound.register.down = changes, None  # type: ignore[method-assign]  # as it was
    again = await bound.station()
    await again.sync()
    assert bound.register.asked[-1] == "a-2"
    assert sorted(pairs(again)) == ["BAT-0", "BAT-1", "BAT-2"]


async def test_a_pack_that_moved_to_another_sticker_elsewhere_moves_here(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted("BAT-1", X))
    station = await bound.station()
    await station.sync()
    bound.register.put("BAT-1", None)
    bound.register.put("BAT-2", wanted("BAT-2", X))
    await station.sync()
    assert pairs(station) == {"BAT-2": X}
    assert station.binding_at(X) == station.binding_of("BAT-2")


async def test_a_binding_is_sent_the_moment_it_is_made(bound: Bound) -> None:
    station = await bound.station()
    running = asyncio.create_task(station.run())
    try:
        async with asyncio.timeout(5):
            while not bound.register.asked:
                await asyncio.sleep(0.01)
            station.bind(wanted())
            while not bound.register.sent:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_link_that_is_back_is_used(bound: Bound) -> None:
    bound.register.down = LinkDown("no network")
    station = await bound.station()
    station.bind(wanted())
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
        terminal.bind(wanted())
        async with asyncio.timeout(5):
            while counter.binding_of("BAT-1") is None:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


# ---------------------------------------------------------------- secrets


async def test_a_secret_is_used_where_it_was_given_and_asked_for_elsewhere_once(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted(), SECRET)
    assert await station.secret_of("BAT-1") == SECRET
    await station.sync()
    bound.secrets = SecretsInMemory()
    other = await bound.station(station_id="STATION-2")
    await other.sync()
    assert [await other.secret_of("BAT-1") for _each in range(3)] == [SECRET] * 3
    assert bound.register.asked.count("secret of BAT-1") == 1


async def test_no_secret_is_asked_for_where_none_is_kept(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted())
    station = await bound.station()
    await station.sync()
    assert await station.secret_of("BAT-1") == await station.secret_of("BAT-2") == ""
    assert not any(each.startswith("secret") for each in bound.register.asked)


@pytest.mark.parametrize("failure", [LinkDown("no network"), NotFound("secret of the battery", "BAT-1"), BadInput("path", "no")])
async def test_a_secret_that_cannot_be_had_is_none_and_said(bound: Bound, failure: KioskError, caplog: pytest.LogCaptureFixture) -> None:
    bound.register.put("BAT-1", replace(wanted(), has_secret=True))
    station = await bound.station()
    await station.sync()
    bound.register.down = failure
    assert await station.secret_of("BAT-1") == ""
    assert "the secret of BAT-1 cannot be had" in caplog.text


async def test_a_secret_has_a_deadline(bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_battery_id: str) -> str:
        await asyncio.sleep(60)
        return SECRET

    bound.register.put("BAT-1", replace(wanted(), has_secret=True))
    station = await bound.station()
    await station.sync()
    monkeypatch.setattr(bindings_module, "SECRET_SECONDS", 0.05)
    monkeypatch.setattr(bound.register, "secret", silent)
    async with asyncio.timeout(2):
        assert await station.secret_of("BAT-1") == ""


async def test_a_secret_is_removed_with_its_binding_wherever_that_ends(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted("BAT-1", X), SECRET)
    station.bind(wanted("BAT-2", Y), SECRET)
    await station.sync()
    station.unbind("BAT-1", "SUP-007")
    assert set(bound.secrets.kept) == {"BAT-2"}
    bound.register.put("BAT-2", None)
    await station.sync()
    assert bound.secrets.kept == {}


async def test_a_pack_bound_anew_has_another_secret(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted("BAT-1", X), SECRET)
    bound.clock.pass_time(1)
    station.bind(wanted("BAT-1", Y), replace=True, note="new board")
    assert await station.secret_of("BAT-1") == ""
    bound.clock.pass_time(1)
    station.bind(wanted("BAT-1", Y), "another-secret")
    assert await station.secret_of("BAT-1") == "another-secret"


async def test_the_same_pack_keeps_its_secret_when_more_is_known_of_it(bound: Bound) -> None:
    station = await bound.station()
    station.bind(wanted(), SECRET)
    bound.clock.pass_time(1)
    station.bind(wanted(serial="S1"))
    assert await station.secret_of("BAT-1") == SECRET


async def test_a_secret_is_not_taken_where_it_could_be_read_on_its_way(bound: Bound) -> None:
    bound.register.keeps_secrets = False
    station = await bound.station()
    with pytest.raises(BadInput, match="https"):
        station.bind(wanted(), SECRET)
    assert (station.queued(), bound.secrets.kept) == ((), {})


async def test_a_secret_stands_in_no_log_no_list_and_no_table(bound: Bound, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    station = await bound.station()
    station.bind(wanted(), SECRET)
    shown = repr((station.bindings(), station.queued(), station.binding_of("BAT-1"), bound.events, bound.secrets))
    await station.sync()
    bound.stores[0].close()
    assert SECRET not in shown + repr(station.bindings()) + caplog.text
    assert all(SECRET.encode() not in file.read_bytes() for file in bound.folder.glob("STATION-1.sqlite*"))


async def test_a_pack_that_asks_for_a_password_can_be_read_before_it_is_bound(bound: Bound) -> None:
    station = await bound.station(alone=True)
    trial = wanted()
    with station.tried(trial, SECRET):
        assert station.binding_of("BAT-1") == station.binding_at(X) == trial
        assert await station.secret_of("BAT-1") == SECRET
    assert station.binding_of("BAT-1") is station.binding_at(X) is None
    assert await station.secret_of("BAT-1") == ""


async def test_a_large_table_is_loaded_in_turns_with_the_others(bound: Bound) -> None:
    station = await bound.station()
    bound.register.page = 3000
    for number in range(3000):
        bound.register.put(f"BAT-{number}", wanted(f"BAT-{number}", f"C8:47:8C:00:{number >> 8:02X}:{number & 255:02X}"))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await station.sync()
    counting = asyncio.create_task(count())
    await station.load()
    counting.cancel()
    assert len(station.bindings()) == 3000
    assert turns >= 3
