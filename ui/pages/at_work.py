"""Who works here, as the window sees it. The service of people tells it from memory, to any thread; what it does runs on the I/O thread."""

from dataclasses import dataclass

from kiosk.domain.people import Person
from kiosk.station.services.people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleNow:
    """`known` is whether anybody signs in here at all; `people` are those who may."""

    known: bool = False
    people: tuple[Person, ...] = ()
    signed_in: Person | None = None
    locked: bool = False

    def person(self, person_id: str) -> Person | None:
        """Who has this id."""
        return next((each for each in self.people if each.id == person_id), None)

    @property
    def others(self) -> tuple[Person, ...]:
        """All but who is signed in."""
        return tuple(each for each in self.people if self.signed_in is None or each.id != self.signed_in.id)

    @property
    def approvers(self) -> tuple[Person, ...]:
        """Those who may approve."""
        return tuple(each for each in self.people if each.role.may_approve)


def people_now(people: People) -> PeopleNow:
    """Who works here now."""
    if not people.any_known:
        return PeopleNow()
    return PeopleNow(known=True, people=people.people(), signed_in=people.signed_in, locked=people.locked)


async def change_and_sign_in(people: People, person: Person, old: str, new: str) -> Person:
    """The new PIN counts from now on, and signs in. Raises BadInput, and as `People.sign_in`."""
    await people.change_pin(person.id, old, new)
    return await people.sign_in(person.id, new)
