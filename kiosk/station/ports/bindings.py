"""Batteries that are bound (decision 84): what the reader asks, where the table is kept here, and the platform that keeps it for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings
from kiosk.station.ports.store import SyncPlace


class KnownBatteries(Protocol):
    """The table of bound batteries as this station knows it. Quick: it is asked for every advertisement."""

    def binding_of(self, battery_id: str) -> Binding | None:
        """By the normalised id on the sticker."""
        ...

    def binding_at(self, address: str) -> Binding | None:
        """By the address that advertises."""
        ...

    async def secret_of(self, battery_id: str) -> str:
        """The password of one battery, "" where it has none or it cannot be had now. Within a deadline of its own."""
        ...


class NoBindings:
    """Nothing is bound: a fleet whose names are its ids."""

    def binding_of(self, _battery_id: str) -> Binding | None:
        return None

    def binding_at(self, _address: str) -> Binding | None:
        return None

    async def secret_of(self, _battery_id: str) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedBinding:
    """A change made here that the platform has not taken. `refused` is its reason where it will not, which a supervisor looks at; "" while
    it waits to be sent.
    """

    number: int
    change: BindingChange
    refused: str = ""


class BindingStore(Protocol):
    """The table as the platform told it last, and what was done here since. Each method is one transaction; each raises StoreFailed."""

    def bindings_version(self) -> int:
        """Grows whenever the table or the queue changes, by whatever program."""

    def told_bindings(self, after: str, limit: int) -> tuple[Binding, ...]:
        """The platform's, by id, after one."""

    def told_binding(self, battery_id: str) -> Binding | None:
        """The platform's for one id."""

    def queued_bindings(self) -> tuple[QueuedBinding, ...]:
        """Changes made here and not taken by the platform, oldest first."""

    def queue_bindings(self, changes: Sequence[BindingChange], drop_refused: Sequence[str] = ()) -> None:
        """Keep changes until the platform answers, all or none, each with its entry in the audit trail. What was refused of these ids, and
        of those in `drop_refused`, is settled by it."""

    def record_binding_taken(self, queued: QueuedBinding, now: Binding | None, place: SyncPlace) -> None:
        """The platform has done this; `now` is what its table says of this id, None where it is not bound."""

    def record_binding_refused(self, queued: QueuedBinding, reason: str, at: datetime) -> None:
        """The platform will not do this: it waits for a supervisor."""

    def bindings_place(self) -> SyncPlace | None:
        """Where to go on; None when the sync was never begun."""

    def put_bindings(self, told: ToldBindings, place: SyncPlace) -> None:
        """A page and its cursor, all or nothing."""

    def forget_bindings(self, place: SyncPlace) -> int:
        """A round is over: what the last round over everything did not bring is bound no more; how many."""


class BindingChannel(Protocol):
    """The platform's register of batteries."""

    @property
    def keeps_secrets(self) -> bool:
        """Whether nobody can read on the way what is sent there: over TLS, or on this machine."""

    async def changes(self, after: str) -> ToldBindings:
        """What changed since a cursor; everything since "". Raises LinkDown, NotFound where the platform keeps no register, BadInput; where
        that is the cursor, `where` is "cursor"."""

    async def send(self, change: BindingChange, secret: str) -> Binding | None:
        """Have it done; sent again it changes nothing. Gives the binding of this id as it is after that, None where there is none. Raises
        LinkDown, NotFound as above; BadInput where it is refused, with the platform's reason."""

    async def secret(self, battery_id: str) -> str:
        """The secret of one battery. Raises LinkDown, also where it could be read on its way; NotFound, BadInput."""


class SecretFiles(Protocol):
    """Secrets of batteries on this machine, each of one battery as it was bound once. Raises StoreFailed."""

    def secret(self, binding: Binding) -> str:
        """ "" where none is kept of this binding."""

    def keep(self, binding: Binding, secret: str) -> None:
        """In place of what was kept of this battery."""

    def forget(self, battery_id: str) -> None:
        """Remove what is kept of this battery."""

    def keep_only(self, battery_ids: Sequence[str]) -> None:
        """Remove what is kept of all other batteries."""
