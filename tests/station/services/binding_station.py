"""A station with its table of batteries, and a platform's register that does as it is told."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings, pair_of
from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import BindingsChanged, Event
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.sync_loop import SyncPace
from tests.fakes import CountedIds, FakeClock, SecretsInMemory

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


async def pairs(bindings: Bindings) -> dict[str, str]:
    return {each.battery_id: each.address for each in await bindings.bindings()}
