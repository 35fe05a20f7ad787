"""A counter with people on a real SQLite file; a PIN costs next to nothing to check."""

from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.people import Role
from kiosk.shared.pins import Cost, Pepper
from kiosk.shared.system import Clock
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Announce, Event
from kiosk.station.services.people import People
from kiosk.station.services.people_making import PeopleMaking
from tests.fakes import FakeClock

CHEAP = Cost(memory=8, passes=1, lanes=1)
PEPPER = Pepper(b"p" * 32)
TECH, SUP, OTHER, ATT, ALI = "TECH-1", "SUP-7", "SUP-8", "ATT-2", "ATT-3"
PINS = {TECH: "836152", SUP: "940271", OTHER: "718305", ATT: "4071", ALI: "8352"}
WRONG = {4: "9063", 6: "903164"}


def people_of(store: SqlStore, clock: Clock, announce: Announce = lambda _event: None, supervisors: tuple[str, ...] = ()) -> People:
    """A counter that knows nobody."""
    people = People(
        store,
        lambda: PEPPER,
        clock,
        announce,
        machine_run="run-1",
        attendant_id="ATT-001",
        supervisors=supervisors,
        lock_minutes=0,
        cost=CHEAP,
    )
    people.refresh()
    return people


@dataclass
class Crew:
    """A counter; `again` is the same one after a restart of the program, or of the machine where its run is another."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[Event] = field(default_factory=list)
    stores: list[SqlStore] = field(default_factory=list)
    pepper: Pepper = PEPPER

    def again(self, machine_run: str = "run-1") -> People:
        store = open_store(self.folder / "kiosk.sqlite")
        self.stores.append(store)
        people = People(
            store,
            lambda: self.pepper,
            self.clock,
            self.events.append,
            machine_run=machine_run,
            attendant_id="ATT-001",
            supervisors=("SUP-007",),
            cost=CHEAP,
        )
        people.refresh()
        return people

    async def with_people(self) -> People:
        """Everybody, with PINs that need not be changed; nobody is signed in."""
        people = self.again()
        making = PeopleMaking(people)
        await making.make_technician(TECH, "Tea Technician", PINS[TECH])
        await people.sign_in(TECH, PINS[TECH])
        for person_id, role in ((SUP, Role.SUPERVISOR), (OTHER, Role.SUPERVISOR), (ATT, Role.ATTENDANT), (ALI, Role.ATTENDANT)):
            first = "5827" if role is Role.ATTENDANT else "582736"
            await making.make_person(person_id, f"Person {person_id}", role, first)
            await people.change_pin(person_id, first, PINS[person_id])
        await people.sign_out()
        return people

    def acts(self) -> list[str]:
        """What stands in the audit trail, oldest first."""
        from sqlalchemy import text

        with self.stores[-1].reading() as connection:
            return [f"{what}: {detail}" for what, detail in connection.execute(text("SELECT what, detail FROM audit ORDER BY number"))]
