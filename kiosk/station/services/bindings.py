"""Bindings: which pack wears which sticker, known here at once and everywhere soon (decision 84).

What the reader asks is answered from memory: the platform's table as it was told last, and over it what was done here and the platform has
not answered yet, so that a binding can be used the moment it is made, offline and after a restart too. In the background, round after round
(`sync_loop`): what was done here is sent, the oldest first, again and again until it is answered; then what changed is asked for by cursor.
What a command at the terminal did is seen within WATCH_SECONDS.

What happens on each kind of failure:

- The platform refuses a binding, because another one stands in its way: what stands counts here again, the refusal is announced and kept
  until a supervisor has bound or unbound that battery.
- The platform does not know the cursor (another database): the round begins afresh. A round over everything, which is made now and then
  too, ends with forgetting what it did not bring.
- A secret cannot be had: none is used, and the log says why. It is asked for one battery when that is read, kept on this machine for as
  long as that binding stands, and shown to nobody.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.binding import (
    Binding,
    BindingChange,
    completed_by,
    is_private,
    normalise_address,
    pair_of,
    says_nothing_new,
    standing_in_the_way,
    taken_error,
)
from kiosk.domain.display import MAX_NOTE, cleaned
from kiosk.domain.errors import BadInput, KioskError, NotFound, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.people import is_badge
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, BindingsChanged
from kiosk.station.ports import BindingChannel, BindingStore, QueuedBinding, SecretFiles, SyncPlace
from kiosk.station.services.binding_index import BindingIndex
from kiosk.station.services.sync_loop import CURSOR, SyncLoop, SyncPace

log = logging.getLogger(__name__)
WATCH_SECONDS = 2.0
SECRET_SECONDS = 3.0
_AT_ONCE = 1000  # rows read before others have their turn: some milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindable:
    """What is known before a battery is bound: `binding` as it would be; `standing` are the bindings in its way, which only a supervisor
    may end; `remarks` are sentences to show; `is_known` where it is bound so already.
    """

    binding: Binding
    standing: tuple[Binding, ...] = ()
    remarks: tuple[str, ...] = ()
    is_known: bool = False


class Bindings(SyncLoop):
    """The `KnownBatteries` of the ports. On the I/O thread: `prepare` before it is asked, `run` as one task; what people do are coroutines.

    Without a `channel` the table is this station's alone; what is done waits until there is one. `ids` makes ids of changes.
    """

    def __init__(
        self,
        store: BindingStore,
        secrets: SecretFiles,
        clock: Clock,
        announce: Announce,
        *,
        station_id: str,
        ids: Callable[[], str],
        channel: BindingChannel | None = None,
        pace: SyncPace | None = None,
    ) -> None:
        super().__init__("the table of batteries", pace or SyncPace())
        self._store, self._secrets, self._clock, self._announce = store, secrets, clock, announce
        self._station_id, self._ids, self._channel = station_id, ids, channel
        self._table: BindingIndex | None = None
        self._version = -1
        self._trial: tuple[Binding, str] | None = None
        self._syncing = asyncio.Lock()

    # ------------------------------------------------------------ what the reader asks

    def binding_of(self, battery_id: str) -> Binding | None:
        if self._trial is not None and self._trial[0].battery_id == battery_id:
            return self._trial[0]
        return self._known.by_id.get(battery_id)

    def binding_at(self, address: str) -> Binding | None:
        if self._trial is not None and self._trial[0].address == address:
            return self._trial[0]
        return self._known.by_address.get(address)

    async def secret_of(self, battery_id: str) -> str:
        if self._trial is not None and self._trial[0].battery_id == battery_id:
            return self._trial[1]
        binding = self._known.by_id.get(battery_id)
        if binding is None or not binding.has_secret:
            return ""
        try:
            return self._secrets.secret(binding) or await self._ask_secret(binding)
        except TimeoutError:
            log.warning("the secret of %s cannot be had: no answer in %.0f s", battery_id, SECRET_SECONDS)
        except KioskError as error:
            log.warning("the secret of %s cannot be had: %s", battery_id, error)
        return ""

    async def _ask_secret(self, binding: Binding) -> str:
        if self._channel is None:
            return ""
        async with asyncio.timeout(SECRET_SECONDS):
            found = await self._channel.secret(binding.battery_id)
        if self._known.by_id.get(binding.battery_id) == binding:
            self._secrets.keep(binding, found)
        return found

    @contextlib.contextmanager
    def tried(self, wanted: Binding, secret: str) -> Iterator[None]:
        """Within the block the reader finds this binding and its secret, though nothing is bound: a pack that asks for a password can be
        read before it is bound."""
        self._trial = (wanted, secret)
        try:
            yield
        finally:
            self._trial = None

    # ------------------------------------------------------------ what people do

    async def bindings(self) -> tuple[Binding, ...]:
        """All that are bound as far as is known here, by id."""
        return tuple(self._known.by_id[each] for each in sorted(self._known.by_id))

    async def queued(self) -> tuple[QueuedBinding, ...]:
        """Changes made here that wait for the platform, and those that it refused and a supervisor has not dealt with, oldest first.

        Raises StoreFailed.
        """
        return self._store.queued_bindings()

    async def check_bindable(self, wanted: Binding, *, is_random: bool = False) -> Bindable:
        """What would become of binding it; `is_random` where the address was heard to be one of Bluetooth's random ones.

        Raises BadInput for an id or an address that cannot be bound.
        """
        battery_id, address = normalise_id(wanted.battery_id), normalise_address(wanted.address)
        if not battery_id:
            raise BadInput("id", tr("is empty"))
        if is_badge(wanted.battery_id):
            raise BadInput("id", tr("is a badge, not a battery"))
        if is_private(address, is_random=is_random):
            raise BadInput("address", tr("{address} changes by itself: the battery tells no lasting address to bind", address=address))
        known = self._known.by_id.get(battery_id)
        stamped = replace(wanted, battery_id=battery_id, address=address, bound_at=self._clock.now(), station_id=self._station_id)
        binding = completed_by(stamped, known)
        return Bindable(
            binding=binding,
            standing=standing_in_the_way(binding, known, self._known.by_address.get(address)),
            remarks=self._remarks(binding),
            is_known=says_nothing_new(binding, known),
        )

    async def bind(self, wanted: Binding, secret: str = "", *, replace: bool = False, note: str = "", is_random: bool = False) -> Binding:
        """Bind it now; `wanted.bound_by` is who does. Bindings in its way are ended where `replace` says so, with the reason in `note`.

        What the platform refused of this battery is settled by it. Raises BindingTaken where others are in the way and `replace` does not
        say so; BadInput, StoreFailed.
        """
        bindable = await self.check_bindable(wanted, is_random=is_random)
        if bindable.standing and not replace:
            raise taken_error(bindable.binding, bindable.standing)
        note = cleaned(note, MAX_NOTE)
        if bindable.standing and not note:
            raise BadInput("note", tr("must say why another binding is ended"))
        self._check_secret_can_go(secret)
        if bindable.is_known and not secret:
            self._store.queue_bindings((), (bindable.binding.battery_id,))
            return self._known.by_id[bindable.binding.battery_id]
        change = self._keep_secret(self._change(bindable, note), secret)
        self._queue((change,))
        return bindable.binding if change.binding is None else change.binding

    async def bind_all(self, wanted: Sequence[Binding]) -> int:
        """Bind all of them or none; how many were not bound so already. Raises BindingTaken, BadInput, StoreFailed."""
        checked = [await self.check_bindable(each) for each in wanted]
        for each in checked:
            if each.standing:
                raise taken_error(each.binding, each.standing)
        new = [self._change(each, "") for each in checked if not each.is_known]
        self._queue(new)
        return len(new)

    async def unbind(self, battery_id: str, by: str, note: str = "") -> None:
        """It is bound to nothing from now on, and its secret is forgotten. A refusal of the platform that waits is settled by it.

        Raises NotFound where there is neither, StoreFailed.
        """
        battery_id = normalise_id(battery_id)
        known = self._known.by_id.get(battery_id)
        if known is None:
            if all(each.change.battery_id != battery_id or not each.refused for each in self._store.queued_bindings()):
                raise NotFound("bound battery", battery_id)
            self._store.queue_bindings((), (battery_id,))
            return
        change = BindingChange(
            change_id=self._ids(),
            battery_id=battery_id,
            binding=None,
            at=self._clock.now(),
            by=by,
            station_id=self._station_id,
            note=cleaned(note, MAX_NOTE),
            replaces=(pair_of(known),),
        )
        self._queue((change,))
        self._forget_secret(battery_id)

    def _remarks(self, binding: Binding) -> tuple[str, ...]:
        alike = [each for each in self._known.by_serial.get((binding.family, binding.serial), ()) if each != binding.battery_id]
        if not binding.serial or not alike:
            return ()
        return (tr("{batteries} has the serial {serial} too.", serial=binding.serial, batteries=", ".join(sorted(alike))),)

    def _change(self, bindable: Bindable, note: str) -> BindingChange:
        binding = bindable.binding
        if not binding.bound_by:
            raise BadInput("by", tr("must say who binds it"))
        return BindingChange(
            change_id=self._ids(),
            battery_id=binding.battery_id,
            binding=binding,
            at=binding.bound_at,
            by=binding.bound_by,
            station_id=self._station_id,
            note=note,
            replaces=tuple(pair_of(each) for each in bindable.standing),
        )

    def _check_secret_can_go(self, secret: str) -> None:
        if secret and self._channel is not None and not self._channel.keeps_secrets:
            raise BadInput("secret", tr("could be read on its way to the platform: [platform] url must begin with https"))

    def _keep_secret(self, change: BindingChange, secret: str) -> BindingChange:
        """The secret is on the disk before the change is. The same pack's, where none is given, goes on with it."""
        binding = change.binding
        known = None if binding is None else self._known.by_id.get(binding.battery_id)
        if binding is None:
            return change
        if not secret and known is not None and pair_of(known) == pair_of(binding) and known.has_secret:
            secret = self._secrets.secret(known)
        if not secret:
            return change
        with_secret = replace(binding, has_secret=True)
        self._secrets.keep(with_secret, secret)
        return replace(change, binding=with_secret)

    def _queue(self, changes: Sequence[BindingChange]) -> None:
        self._store.queue_bindings(changes)
        for each in changes:
            self._known.apply(each)
        self._tell()
        self.wake_up()

    def _forget_secret(self, battery_id: str) -> None:
        try:
            self._secrets.forget(battery_id)
        except StoreFailed as error:
            log.warning("%s", error.reason)

    # ------------------------------------------------------------ memory

    @property
    def _known(self) -> BindingIndex:
        """Nothing before `prepare`."""
        if self._table is None:
            self._table = BindingIndex()
        return self._table

    async def prepare(self) -> None:
        """As `load`; a store that cannot be read now is read later."""
        try:
            await self.load()
        except StoreFailed as error:
            log.warning("the table of batteries cannot be read: %s", error.reason)

    async def load(self) -> None:
        """Everything anew from the store, which others may have changed. Raises StoreFailed."""
        version, table, after = self._store.bindings_version(), BindingIndex(), ""
        while page := self._store.told_bindings(after, _AT_ONCE):
            table.add(page)
            after = page[-1].battery_id
            await asyncio.sleep(0)
        for each in self._store.queued_bindings():
            if not each.refused:
                table.apply(each.change)
        before, self._table, self._version = self._table, table, version
        self._tidy_secrets(before, table)
        self._tell()

    def _tidy_secrets(self, before: BindingIndex | None, now: BindingIndex) -> None:
        """What was bound and is no more leaves no secret behind, also where that happened while this did not run."""
        if before is None:
            try:
                self._secrets.keep_only(tuple(now.by_id))
            except StoreFailed as error:
                log.warning("%s", error.reason)
            return
        for each in before.by_id.keys() - now.by_id.keys():
            self._forget_secret(each)

    def _tell(self) -> None:
        queued = self._store.queued_bindings()
        refused = sum(bool(each.refused) for each in queued)
        self._announce(BindingsChanged(bound=len(self._known.by_id), waiting=len(queued) - refused, refused=refused))

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            if self._channel is not None:
                group.create_task(super().run())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(StoreFailed):  # `prepare` has said what is wrong, or the sync will
                if self._store.bindings_version() != self._version:
                    await self.prepare()

    # ------------------------------------------------------------ sync

    async def run_round(self) -> str:
        count = await self.sync()
        return f"{count} batteries bound, bound anew or unbound elsewhere" if count else ""

    async def sync(self) -> int:
        """One round; how many changes of the platform's table it brought. Raises LinkDown, BadInput, NotFound, StoreFailed; what was done
        until then stays done."""
        if self._channel is None:
            return 0
        async with self._syncing:
            try:
                return await self._round(self._channel)
            finally:
                if self._store.bindings_version() != self._version:
                    await self.load()

    async def _round(self, channel: BindingChannel) -> int:
        place = self.place_to_begin(self._store.bindings_place(), self._clock.now())
        await self._send(channel, place)
        try:
            return await self._bring(channel, place)
        except BadInput as error:
            if error.where != CURSOR or not place.cursor:
                raise
            log.warning("the platform does not know the cursor of the last sync: all batteries are asked for")
            return await self._bring(channel, SyncPlace(cursor="", fresh_at=self._clock.now()))

    async def _send(self, channel: BindingChannel, place: SyncPlace) -> None:
        for each in self._store.queued_bindings():
            if each.refused:
                continue
            binding = each.change.binding
            secret = self._secrets.secret(binding) if binding is not None and binding.has_secret else ""
            try:
                now = await channel.send(each.change, secret)
            except BadInput as refusal:
                log.warning("the platform refuses what was done to %s: %s", each.change.battery_id, refusal.reason)
                self._store.record_binding_refused(each, refusal.reason, self._clock.now())
            else:
                self._store.record_binding_taken(each, now, place)

    async def _bring(self, channel: BindingChannel, place: SyncPlace) -> int:
        count, more = 0, True
        while more:
            told = await channel.changes(place.cursor)
            place, more = SyncPlace(cursor=told.cursor, fresh_at=place.fresh_at), told.more
            self._store.put_bindings(told, place)
            count += len(told.bindings) + len(told.unbound)
        if gone := self._store.forget_bindings(place):
            log.info("%s batteries are bound no more", gone)
        return count
