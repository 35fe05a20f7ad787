"""People at a counter of `window_counter`: the real service on its store, with PINs that cost next to nothing to check."""

import pytest

from kiosk.domain.errors import PeopleError
from kiosk.domain.people import Person, Role
from kiosk.station.services.people import People
from kiosk.station.services.people_making import PeopleMaking
from tests.ui.window_counter import Window, World

TECH, SUP, JOSEPH, LYDIA = "TECH-1", "SUP-7", "ATT-2", "ATT-3"
PINS = {TECH: "836152", SUP: "940271", JOSEPH: "4071", LYDIA: "8352"}
WRONG = {4: "9063", 6: "903164"}
NAMES = {
    TECH: ("Samuel Barasa", Role.TECHNICIAN),
    SUP: ("Miriam Tarus", Role.SUPERVISOR),
    JOSEPH: ("Joseph Mwangi", Role.ATTENDANT),
    LYDIA: ("Lydia Kamau", Role.ATTENDANT),
}
BADGES = dict[str, str]()  # of the attendants, by id; random ones would be as good


async def _make(people: People) -> None:
    making = PeopleMaking(people)
    await making.make_technician(TECH, NAMES[TECH][0], PINS[TECH])
    await people.sign_in(TECH, PINS[TECH])
    for person_id in (SUP, JOSEPH, LYDIA):
        name, role = NAMES[person_id]
        first = "582736"[: role.pin_digits]
        await making.make_person(person_id, name, role, first)
        await people.change_pin(person_id, first, PINS[person_id])
        BADGES[person_id] = await making.make_badge(person_id)
    await people.sign_out()


def crew_of(world: World) -> People:
    """The people of this counter, made once: nobody is signed in, no PIN is locked."""
    people = world.kiosk.people
    if not world.crewed:
        world.crewed = True
        world.wait(_make(people))

    async def calm() -> None:
        await people.sign_out()
        for person_id in PINS:
            people.forget_lock(person_id)

    world.wait(calm())
    return people


def at_work(world: World, window: Window, person_id: str = "") -> People:
    """People are known, and this one is signed in, or nobody."""
    people = crew_of(world)
    if person_id:
        world.wait(people.sign_in(person_id, PINS[person_id]))
    window.wizard.gate.look()
    return people


def sign_in(world: World, person_id: str) -> People:
    """This one is at work."""
    people = crew_of(world)
    world.wait(people.sign_in(person_id, PINS[person_id]))
    return people


def new_person(world: World, person_id: str = "ATT-9") -> Person:
    """Somebody who has to change the PIN 5827 first."""
    people = crew_of(world)

    async def make() -> Person:
        await people.sign_in(TECH, PINS[TECH])
        made = await PeopleMaking(people).make_person(person_id, "Nadia Were", Role.ATTENDANT, "5827")
        await people.sign_out()
        return made

    return world.wait(make())


def lock_out(world: World, person_id: str) -> None:
    """Five wrong PINs."""
    people = world.kiosk.people

    async def guess() -> None:
        for _ in range(5):
            with pytest.raises(PeopleError):
                await people.sign_in(person_id, WRONG[NAMES[person_id][1].pin_digits])

    world.wait(guess())
