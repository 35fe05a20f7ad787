"""The people that are known at this counter, their PINs and the locks of those whose PIN was wrong too often (decision 29).

A try is counted as wrong, and that is on the disk, before the PIN is looked at: a power cut, a second window and the terminal give none
back. A lock is one person's: nobody else has to wait for it.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadgeUnknown, BadInput, NotFound, PeopleTooOld, PersonLocked, PinUnset, PinWrong
from kiosk.domain.people import Person, PinLock, Steady, badge_digest
from kiosk.shared.pins import USUAL_COST, Cost, Pepper, Verifier, stretched
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, PeopleChanged
from kiosk.station.ports import KnownPerson, PeopleStore

_MAX_SHOWN_ID = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleState:
    """How many are `able` to sign in; the ids of those whose PIN cannot be checked; whether the platform's list counts no more."""

    able: int
    without_pin: tuple[str, ...]
    too_old: bool


class KnownPeople:
    """Runs on the I/O thread: what asks for a PIN is a coroutine, because a check takes 50 ms and more and is made in a thread of its own.

    `pepper` gives the station's, made at first use, and raises BadInput; `machine_run` names the run of the machine that the clock's steady
    time belongs to; `offline_days` is how long the platform's people may sign in without its word.
    """

    def __init__(
        self,
        store: PeopleStore,
        pepper: Callable[[], Pepper],
        clock: Clock,
        announce: Announce,
        *,
        machine_run: str,
        offline_days: float = 30,
        cost: Cost = USUAL_COST,
    ) -> None:
        self._store, self.pepper, self._clock, self._announce = store, pepper, clock, announce
        self._machine_run, self._offline, self._cost = machine_run, timedelta(days=offline_days), cost
        self._known: dict[str, KnownPerson] = {}
        self._locks: Mapping[str, PinLock] = {}
        self._told_at: datetime | None = None
        self._version = -1

    @property
    def any_known(self) -> bool:
        """Whether a person is known here, or ever was: from then on somebody has to be signed in. From memory, for any thread."""
        return bool(self._known)

    def people(self) -> tuple[Person, ...]:
        """Those who may sign in here, by id. From memory, for any thread."""
        return tuple(each.person for each in self._known.values() if not each.removed)

    @property
    def told_at(self) -> datetime | None:
        """When the platform told of its people last; None where it never did. From memory, for any thread."""
        return self._told_at

    def refresh(self) -> None:
        """What another program changed meanwhile is known here too. Raises StoreFailed."""
        version = self._store.people_version()
        if version == self._version:
            return
        known, is_news = {_key(each.person.id): each for each in self._store.known_people()}, self._version >= 0
        self._locks, self._told_at = self._store.pin_locks(), self._store.people_told_at()
        self._version, before, self._known = version, self._known, known
        if is_news and before != known:
            self.after_change()
            self._announce(PeopleChanged(known=len(self.people())))

    def seconds_locked(self, person_id: str) -> float:
        """How long no PIN of this person is looked at; 0 where it is. From memory, for any thread."""
        return self._locks.get(_key(person_id), PinLock()).seconds_left(self._now())

    async def checked(self, person_id: str, pin: str) -> Person:
        """The person whose PIN it is; each other try is counted.

        Raises NotFound, PinWrong, PersonLocked, PinUnset, PeopleTooOld, StoreFailed; BadInput for a pepper that cannot be read.
        """
        known = self.find(person_id)
        verifier, pepper = self._verifier(known), self.pepper()
        if verifier.pepper_id != pepper.id:
            raise PinUnset(known.person.id)
        counted = self._count_try(known.person.id)
        if not await asyncio.to_thread(pepper.is_pin, pin, verifier):
            self.record("pin wrong", known.person.id)
            left = counted.seconds_left(self._now())
            if left:
                self.record("pin locked", known.person.id)
                raise self._person_locked(left)
            raise PinWrong(counted.tries_left)
        self.forget_lock(known.person.id)
        return self.find(person_id).person  # as it is now, a moment later

    def _count_try(self, person_id: str) -> PinLock:
        now = self._now()
        left = 0.0

        def count(lock: PinLock) -> PinLock:
            nonlocal left
            left = lock.seconds_left(now)
            return lock.looked_at(now) if left else lock.after_try(now)

        counted = self._store.change_lock(_key(person_id), count)
        self.refresh()
        if left:
            raise self._person_locked(left)
        return counted

    def _person_locked(self, left: float) -> PersonLocked:
        return PersonLocked(self._clock.now() + timedelta(seconds=left))

    @staticmethod
    def _verifier(known: KnownPerson) -> Verifier:
        """Raises PinUnset."""
        try:
            return Verifier.read(known.verifier)
        except BadInput as error:
            raise PinUnset(known.person.id) from error

    async def keep_pin(self, known: KnownPerson, pin: str, act: str, by: str, *, must_change: bool) -> Person:
        """The PIN of this person from now on, which lifts a lock. Raises BadInput for the pepper, StoreFailed."""
        pepper, made = self.pepper(), await asyncio.to_thread(stretched, pin, None, self._cost)
        person = replace(known.person, must_change_pin=must_change)
        self.keep(replace(known, person=person, verifier=pepper.verifier(made).text), act, by)
        self.forget_lock(person.id)
        return person

    def forget_lock(self, person_id: str, act: str = "") -> None:
        """The PIN of this person is looked at again; `act`, if any, is recorded. Raises StoreFailed."""
        self._store.change_lock(_key(person_id), lambda _lock: PinLock())
        if act:
            self._store.audit(self._clock.now(), act)
        self.refresh()

    def known(self, person_id: str) -> KnownPerson | None:
        """What is known of an id, of one who was removed too. Raises StoreFailed."""
        self.refresh()
        return self._known.get(_key(person_id))

    def state(self) -> "PeopleState":
        """How many could sign in now, and what keeps others from it. Raises BadInput for a pepper that cannot be read; StoreFailed."""
        self.refresh()
        pepper_id, here = self.pepper().id, [each for each in self._known.values() if not each.removed]
        without_pin = {each.person.id for each in here if not _is_usable(each.verifier, pepper_id)}
        too_old = {each.person.id for each in here if self._is_too_old(each)}
        able = len(here) - len(without_pin | too_old)
        return PeopleState(able=able, without_pin=tuple(sorted(without_pin)), too_old=bool(too_old))

    def after_change(self) -> None:
        """Who is known is not who was known before."""

    def find(self, person_id: str) -> KnownPerson:
        """Who may sign in. Raises NotFound, PeopleTooOld, StoreFailed."""
        known = self.known(person_id)
        if known is None or known.removed:
            raise NotFound("person", cleaned(person_id, _MAX_SHOWN_ID))
        self._check_fresh(known)
        return known

    def by_badge(self, code: str) -> KnownPerson:
        """Whose badge it is. Raises BadgeUnknown, PeopleTooOld, StoreFailed."""
        digest = badge_digest(code)
        self.refresh()
        known = next((each for each in self._known.values() if each.badge and secrets.compare_digest(each.badge, digest)), None)
        if known is None or known.removed:
            raise BadgeUnknown
        self._check_fresh(known)
        return known

    def _check_fresh(self, known: KnownPerson) -> None:
        if self._is_too_old(known):
            raise PeopleTooOld

    def _is_too_old(self, known: KnownPerson) -> bool:
        return known.from_platform and (self._told_at is None or self._clock.now() - self._told_at > self._offline)

    def keep(self, known: KnownPerson, act: str, by: str) -> None:
        """In place of what was known of this person, recorded. Raises StoreFailed."""
        self._store.keep_person(known, self._clock.now(), act, by)
        self.refresh()

    def record(self, act: str, who: str) -> None:
        """An act and whose it is, by ids alone. Raises StoreFailed."""
        self._store.audit(self._clock.now(), act, detail=who)

    def _now(self) -> Steady:
        return Steady(self._machine_run, self._clock.monotonic())


def _is_usable(verifier: str, pepper_id: str) -> bool:
    try:
        return Verifier.read(verifier).pepper_id == pepper_id
    except BadInput:
        return False


def _key(person_id: str) -> str:
    """Ids are one in capitals and small letters."""
    return person_id.strip().upper()
