"""Who works at this counter (decision 29): signs in, locks, hands over, approves, changes the PIN.

Without people all works as before: `any_known` is False, `attendant_id` is the configured one, and nothing here refuses anything. From the
first person on somebody has to be signed in, and the service refuses what the page should not have offered.

- **A PIN** that is wrong too often locks that person, for the window and the terminal together, and nobody else: another one signs in, and
  an attendant with a badge does in any case.
- **A badge** alone signs an attendant in. Others type the PIN too, and an approval always asks for it.
- **Who is signed in** is known to this run of the program only: after a restart somebody signs in.
- **The lock of the counter** hides and discards nothing: the person stays signed in. It never comes while something is `busy`.
- **Nobody is locked out for good**: a lock ends by itself, the platform makes a new PIN, a technician lifts a lock or makes a new PIN here,
  and where no technician can, the way back does (`people_making`), which is recorded and needs the machine's administrator.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from kiosk.domain.approval import Approval, stated_reason
from kiosk.domain.errors import BadInput, NotApproved, NotSignedIn, PinNeeded, RoleMissing, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.people import Act, Person, Role, check_new_pin
from kiosk.shared.pins import USUAL_COST, Cost, Pepper
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, Locked, SignedIn, SignedOut, Unlocked
from kiosk.station.ports import PeopleStore
from kiosk.station.services.approvals import approvals
from kiosk.station.services.known_people import KnownPeople

WATCH_SECONDS = 1.0


class People(KnownPeople):
    """`attendant_id` is who works here where nobody is known, `supervisors` who may approve then; `lock_minutes` after how long without a
    touch the counter locks, 0 for never. All else as `KnownPeople`.
    """

    def __init__(
        self,
        store: PeopleStore,
        pepper: Callable[[], Pepper],
        clock: Clock,
        announce: Announce,
        *,
        machine_run: str,
        attendant_id: str = "",
        supervisors: tuple[str, ...] = (),
        offline_days: float = 30,
        lock_minutes: float = 3,
        cost: Cost = USUAL_COST,
    ) -> None:
        super().__init__(store, pepper, clock, announce, machine_run=machine_run, offline_days=offline_days, cost=cost)
        self._attendant_id, self.configured_supervisors, self._lock_seconds = attendant_id, supervisors, lock_minutes * 60
        self._signed_in: Person | None = None
        self._locked = False
        self._busy = 0
        self._touched_at = clock.monotonic()

    @property
    def supervisors(self) -> tuple[str, ...]:
        """The ids of those who may approve: the configured ones as long as nobody is known. From memory, for any thread."""
        return tuple(each.id for each in self.people() if each.role.may_approve) if self.any_known else self.configured_supervisors

    @property
    def signed_in(self) -> Person | None:
        """Who works here now, also while the counter is locked."""
        return self._signed_in

    @property
    def locked(self) -> bool:
        """Whether the counter is locked."""
        return self._locked

    @property
    def attendant_id(self) -> str:
        """Who stands on the wire, on paper and in the record. Raises NotSignedIn."""
        return self.acting(while_locked=True).id if self.any_known else self._attendant_id

    def acting(self, *, while_locked: bool = False) -> Person:
        """Who acts now; where nobody is known the configured attendant. Raises NotSignedIn, also for a locked counter."""
        if not self.any_known:
            return Person(id=self._attendant_id, name=self._attendant_id, role=Role.ATTENDANT)
        if self._signed_in is None or (self._locked and not while_locked):
            raise NotSignedIn
        return self._signed_in

    def acting_as(self, role: Role) -> Person:
        """Who acts now, of this role or more. Raises NotSignedIn, also where nobody is known; RoleMissing."""
        if not self.any_known:
            raise NotSignedIn
        person = self.acting()
        if not person.role.covers(role):
            raise RoleMissing(role)
        return person

    def after_change(self) -> None:
        """Who was removed meanwhile, or has another role now, works here no longer."""
        if self._signed_in is None:
            return
        now = next((each for each in self.people() if each.id == self._signed_in.id), None)
        if now is None or now.role is not self._signed_in.role:
            self._end()
        else:
            self._signed_in = now

    # ------------------------------------------------------------ signing in and out

    async def sign_in_by_badge(self, code: str) -> Person:
        """An attendant's badge signs in, whoever was before. Raises BadgeUnknown, PinNeeded, PeopleTooOld, StoreFailed."""
        known = self.by_badge(code)
        if known.person.role is not Role.ATTENDANT or known.person.must_change_pin:
            raise PinNeeded(known.person.id)
        return self._begin(known.person)

    async def sign_in(self, person_id: str, pin: str) -> Person:
        """Sign in, whoever was before. One whose `must_change_pin` is set is not signed in by it: `change_pin` comes first.

        Raises NotFound, PinWrong, PersonLocked, PinUnset, PeopleTooOld, StoreFailed; BadInput for a pepper that cannot be read.
        """
        person = await self.checked(person_id, pin)
        return person if person.must_change_pin else self._begin(person)

    async def sign_out(self) -> None:
        """Nobody works here now. Raises StoreFailed."""
        self._end()

    def _end(self) -> None:
        person, self._signed_in, self._locked = self._signed_in, None, False
        if person is not None:
            self.record("signed out", person.id)
            self._announce(SignedOut(person=person))

    async def hand_over(self, person_id: str, pin: str) -> Person:
        """Another person goes on, a swap under way included (`Swaps` notes it at its next step). Raises as `sign_in`."""
        return await self.sign_in(person_id, pin)

    async def hand_over_by_badge(self, code: str) -> Person:
        """The same with the receiver's badge. Raises as `sign_in_by_badge`."""
        return await self.sign_in_by_badge(code)

    def _begin(self, person: Person) -> Person:
        before, self._signed_in, self._locked = self._signed_in, person, False
        self.touch()
        handed = before is not None and before.id != person.id
        self.record(f"handed over to {person.id}" if handed else "signed in", before.id if before and handed else person.id)
        self._announce(SignedIn(person=person, before=before if handed else None))
        return person

    # ------------------------------------------------------------ the lock of the counter

    def touch(self) -> None:
        """Somebody is there: the time to the lock begins anew. For any thread."""
        self._touched_at = self._clock.monotonic()

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Within the block the counter does not lock by itself: a reading, a payment, a commit. The time begins anew after it."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self.touch()

    def seconds_to_lock(self) -> float | None:
        """How long until it locks by itself; None where it does not."""
        if self._signed_in is None or self._locked or not self._lock_seconds or self._busy:
            return None
        return max(0.0, self._lock_seconds - (self._clock.monotonic() - self._touched_at))

    async def lock_if_idle(self) -> bool:
        """Lock where nobody has touched it for so long; whether it is locked. Raises StoreFailed."""
        if self.seconds_to_lock() == 0:
            await self.lock()
        return self._locked

    async def lock(self) -> None:
        """Lock the counter; without somebody signed in there is nothing to lock. Raises StoreFailed."""
        if self._signed_in is not None and not self._locked:
            self._locked = True
            self.record("counter locked", self._signed_in.id)
            self._announce(Locked(person=self._signed_in))

    async def run(self) -> None:
        """Until cancelled: locks the counter when its time has come, and sees what another program changed."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(StoreFailed):  # whoever acts is told; this tries again
                self.refresh()
                await self.lock_if_idle()

    async def unlock(self, pin: str) -> Person:
        """Whoever is signed in goes on. Raises NotSignedIn, and as `sign_in`."""
        if self._signed_in is None:
            raise NotSignedIn
        person = await self.checked(self._signed_in.id, pin)
        if self._locked:
            self._locked = False
            self.touch()
            self.record("counter unlocked", person.id)
            self._announce(Unlocked(person=person))
        return person

    # ------------------------------------------------------------ approvals

    async def approve_doubt(self, person_id: str, pin: str, reason: str) -> Approval:
        """Of readings in doubt: as `approve`, and where nobody is known who could, the attendant's own decision (decision 59)."""
        if self.supervisors:
            return await self.approve(person_id, pin, reason, Act.DOUBT)
        return Approval(supervisor=self.attendant_id, reason=stated_reason(reason))

    async def approve(self, person_id: str, pin: str, reason: str, act: Act) -> Approval:
        """A supervisor or a technician lets it be, with the PIN and for a stated reason. Where two people are asked (`Act.needs_two`) it is
        not who is signed in. Where nobody is known it is one of the configured ids, without a PIN.

        Raises NotApproved, RoleMissing, NotSignedIn where two are asked and nobody is signed in; and as `sign_in`.
        """
        self.refresh()
        if not self.any_known:
            return approvals(self.configured_supervisors, person_id, reason)
        stated, known = stated_reason(reason), self.find(person_id)
        if not known.person.role.may_approve:
            raise RoleMissing(Role.SUPERVISOR)
        if act.needs_two and self.acting(while_locked=True).id == known.person.id:
            raise NotApproved(tr("two people are asked: another one than {id} must approve", id=known.person.id))
        person = await self.checked(person_id, pin)
        if person.must_change_pin:
            raise NotApproved(tr("the PIN of {id} must be changed first", id=person.id))
        asked = f", asked by {self._signed_in.id}" if self._signed_in is not None else ""
        self.record(f"approved {act}{asked}", person.id)
        return Approval(supervisor=person.id, reason=stated)

    async def change_pin(self, person_id: str, old: str, new: str) -> Person:
        """The PIN from now on, at this station. Raises BadInput for one that cannot be; and as `sign_in`."""
        known = self.find(person_id)
        check_new_pin(new, known.person.role, known.person.id)
        await self.checked(person_id, old)
        if new == old:
            raise BadInput("PIN", tr("is the former one: choose another"))
        person = await self.keep_pin(self.find(person_id), new, "pin changed", known.person.id, must_change=False)
        if self._signed_in is not None and self._signed_in.id == person.id:
            self._signed_in = person
        return person
