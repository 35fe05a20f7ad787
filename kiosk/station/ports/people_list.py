"""People who may sign in here (decision 29): where they are kept, and the platform that tells of those that are this station's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kiosk.domain.people import Person, PinLock
from kiosk.station.ports.store import SyncPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person as kept here. `verifier` is a `kiosk.shared.pins.Verifier` as text, "" where no PIN was made; `badge` the digest of a badge,
    "" for none. `pin_number` and `pin_mark` are the platform's: they grow when it makes the PIN anew, and when it wants it changed.
    One who was removed is kept, so that a counter which ever knew people never goes on without them.
    """

    person: Person
    verifier: str = field(default="", repr=False)
    badge: str = field(default="", repr=False)
    from_platform: bool = False
    pin_number: int = 0
    pin_mark: int = 0
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPerson:
    """A person as the platform tells it: `pin` is a `kiosk.shared.pins.StretchedPin` as text, "" where none was made."""

    person: Person
    pin: str = field(default="", repr=False)
    badge: str = field(default="", repr=False)
    pin_number: int = 0
    pin_mark: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPeople:
    """A page of this station's people: those that are new or changed since a cursor, the ids of those who are none of them any more."""

    people: tuple[ToldPerson, ...]
    gone: tuple[str, ...]
    cursor: str
    more: bool


class PeopleStore(Protocol):
    """Each method is one transaction, and writes its entry in the audit trail with it; each raises StoreFailed."""

    def people_version(self) -> int:
        """Grows whenever who is known, a lock or the time of the last round changes, by whatever program."""

    def known_people(self) -> tuple[KnownPerson, ...]:
        """All, those removed too, by id."""

    def keep_person(self, known: KnownPerson, at: datetime, act: str, by: str) -> None:
        """In place of what was known of this id; `act` is what was done, `by` whom."""

    def pin_locks(self) -> dict[str, PinLock]:
        """What is kept of wrong PINs, by the person's id in capitals."""

    def change_lock(self, key: str, change: Callable[[PinLock], PinLock]) -> PinLock:
        """Read, change and write in one transaction that nobody else comes between, of the person with this id in capitals; what it is
        then."""

    def people_place(self) -> SyncPlace | None:
        """Where to go on; None when the sync was never begun."""

    def people_told_at(self) -> datetime | None:
        """When the last round over the platform's people ended, by the wall clock; None before the first."""

    def put_people(self, people: tuple[KnownPerson, ...], gone: tuple[str, ...], place: SyncPlace, at: datetime) -> None:
        """A page and its cursor, all or nothing. Of those who are gone only the platform's own are removed."""

    def end_people_round(self, place: SyncPlace, at: datetime) -> None:
        """A round is over: what the last one over everything did not bring of the platform's people is removed."""

    def audit(self, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
        """One entry in the audit trail."""


class PeopleChannel(Protocol):
    """The platform's list of people."""

    async def people(self, after: str) -> ToldPeople:
        """What changed since a cursor of this station's people; everything since "". Raises LinkDown, also where it could be read on its
        way; NotFound where the platform keeps no list; BadInput, where that is the cursor with `where` "cursor"."""
