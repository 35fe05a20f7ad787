"""What a technician does with the people of a counter (decision 29): makes them, their PINs and badges, lifts locks, removes them.

**The first technician** is made without anybody's leave, once, at a counter that never knew a person. **The way back**, where no technician
can sign in, needs the machine's administrator: an empty file of that name, made by the administrator within the last hour, is taken away
and lets one technician be made. Both are recorded, and nobody who only works at the counter can do them there.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput, RoleMissing
from kiosk.domain.language import tr
from kiosk.domain.people import AT_COUNTER, BADGE_BYTES, Person, Role, badge_digest, badge_of, check_new_pin, check_person_id, last_of_role
from kiosk.station.ports import KnownPerson
from kiosk.station.services.people import People


class PeopleMaking:
    """On the people of this counter, by who is signed in. `way_back` takes the way back away and says whether it was there."""

    def __init__(self, people: People, way_back: Callable[[], bool] = lambda: False) -> None:
        self._people, self._way_back = people, way_back

    async def make_person(self, person_id: str, name: str, role: Role, pin: str) -> Person:
        """A technician makes a person at the counter, who changes the PIN at the first sign-in.

        Raises NotSignedIn, RoleMissing; BadInput for an id, a name, a role or a PIN that cannot be, and an id that is known; StoreFailed.
        """
        by = self._people.acting_as(Role.TECHNICIAN)
        made = self._checked(person_id, name, role, pin)
        return await self._people.keep_pin(made, pin, "person made", by.id, must_change=True)

    async def make_technician(self, person_id: str, name: str, pin: str) -> Person:
        """The first technician of a counter that never knew anybody; later only by the way back, which it uses up. Both are recorded.

        Raises RoleMissing where the way is closed; BadInput as `make_person`, but for an id that was made here; StoreFailed.
        """
        made, act = self._checked(person_id, name, Role.TECHNICIAN, pin, anew=True), "first technician made"
        if self._people.any_known:
            if not self._way_back():
                raise RoleMissing(Role.TECHNICIAN)
            act = "technician made by the way back"
        return await self._people.keep_pin(made, pin, act, made.person.id, must_change=False)

    async def make_pin(self, person_id: str, pin: str) -> Person:
        """A new PIN for somebody who has forgotten it, to be changed at the next sign-in; it lifts the lock. A technician may for all, a
        supervisor for attendants. Raises as `make_person`, and NotFound."""
        known = self._people.find(person_id)
        by = self._acting_for(known.person)
        check_new_pin(pin, known.person.role, known.person.id)
        return await self._people.keep_pin(known, pin, "pin made", by.id, must_change=True)

    async def make_badge(self, person_id: str) -> str:
        """The code of a new badge, told this once; an older one of this person is worth nothing from now on. Raises as `make_pin`."""
        known = self._people.find(person_id)
        if known.from_platform:
            raise BadInput("ID", tr("is of the platform's list: the badge is made there"))
        by, code = self._acting_for(known.person), badge_of(secrets.token_bytes(BADGE_BYTES))
        self._people.keep(replace(known, badge=badge_digest(code)), "badge made", by.id)
        return code

    async def lift_lock(self, person_id: str) -> None:
        """The PIN of this person is looked at again. Raises as `make_pin`."""
        known = self._people.find(person_id)
        by = self._acting_for(known.person)
        self._people.forget_lock(known.person.id, f"lock of {known.person.id} lifted by {by.id}")

    async def remove(self, person_id: str) -> None:
        """A technician removes a person who was made here. Raises as `make_person`; NotFound; BadInput for the platform's own people, and
        for the last technician."""
        by, known = self._people.acting_as(Role.TECHNICIAN), self._people.find(person_id)
        if known.from_platform:
            raise BadInput("ID", tr("is of the platform's list: it is removed there"))
        if known.person.role is Role.TECHNICIAN and last_of_role(known.person.id, Role.TECHNICIAN, self._people.people()):
            raise BadInput("ID", tr("is the last technician: make another one first"))
        self._people.keep(replace(known, verifier="", badge="", removed=True), "person removed", by.id)

    def _checked(self, person_id: str, name: str, role: Role, pin: str, *, anew: bool = False) -> KnownPerson:
        """A new person, without a PIN yet; `anew` lets it be one who was made here before. Raises BadInput."""
        check_person_id(person_id)
        if role not in AT_COUNTER:
            raise BadInput("role", tr("must be one of {roles}", roles=", ".join(AT_COUNTER)))
        shown = cleaned(name)
        if not shown:
            raise BadInput("name", tr("is empty"))
        check_new_pin(pin, role, person_id)
        known = self._people.known(person_id)
        if known is not None and not known.removed and (known.from_platform or not anew):
            raise BadInput("ID", tr("is known already"))
        return KnownPerson(person=Person(id=person_id if known is None else known.person.id, name=shown, role=role))

    def _acting_for(self, other: Person) -> Person:
        """A technician for all, a supervisor for attendants. Raises NotSignedIn, RoleMissing."""
        return self._people.acting_as(Role.SUPERVISOR if other.role is Role.ATTENDANT else Role.TECHNICIAN)
