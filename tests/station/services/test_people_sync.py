"""The platform's people at a station: brought by cursor, usable offline for a time, their PINs under the station's own pepper."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound, PeopleTooOld, PinUnset, PinWrong, RoleMissing
from kiosk.domain.people import Person, Role, badge_digest, badge_of
from kiosk.shared.pins import Pepper, stretched
from kiosk.station.ports import ToldPeople
from kiosk.station.ports.people_list import ToldPerson
from kiosk.station.services.people import People
from kiosk.station.services.people_making import PeopleMaking
from kiosk.station.services.people_sync import PeopleSync
from kiosk.station.services.sync_loop import SyncPace
from tests.station.services.people_station import ATT, CHEAP, PINS, SUP, TECH, Crew

CODE = badge_of(b"b" * 16)
PACE = SyncPace(refresh_after=timedelta(hours=12), spread=lambda: 0.0)


@dataclass
class List:
    """PeopleChannel: tells what it is given, page by page; `down` is a link that does not work."""

    log: list[tuple[str, ToldPerson | None]] = field(default_factory=list)
    down: KioskError | None = None
    identity: str = "a"
    asked: list[str] = field(default_factory=list)

    def put(
        self, person_id: str, role: Role = Role.ATTENDANT, *, pin: str = "", number: int = 1, mark: int = 1, must: bool = False
    ) -> None:
        person = Person(id=person_id, name=f"Person {person_id}", role=role, must_change_pin=must)
        text = stretched(pin, cost=CHEAP).text if pin else ""
        told = ToldPerson(person=person, pin=text, badge=badge_digest(CODE), pin_number=number, pin_mark=mark)
        self.log.append((person_id, told))

    def change(self, person_id: str, mark: int | None = None) -> None:
        told = next(each for known, each in reversed(self.log) if known == person_id and each is not None)
        self.log.append((person_id, replace(told, pin_mark=told.pin_mark if mark is None else mark)))

    async def people(self, after: str) -> ToldPeople:
        self.asked.append(after)
        if self.down:
            raise self.down
        identity, _, number = (after or f"{self.identity}-0").partition("-")
        if identity != self.identity or int(number) > len(self.log):
            raise BadInput("cursor", "is none of this platform's")
        last = {person_id: at for at, (person_id, _) in enumerate(self.log)}
        left = [(at, *each) for at, each in enumerate(self.log) if at >= int(number) and last[each[0]] == at]
        page = left[:2]
        return ToldPeople(
            people=tuple(told for _, _, told in page if told),
            gone=tuple(person_id for _, person_id, told in page if not told),
            cursor=f"{self.identity}-{page[-1][0] + 1 if page else number}",
            more=len(left) > len(page),
        )


def synced(crew: Crew, people: People, channel: List) -> PeopleSync:
    return PeopleSync(channel, crew.stores[-1], people, crew.clock, PACE)


async def with_list(crew: Crew) -> tuple[People, List, PeopleSync]:
    """Somebody of each role, brought here."""
    people, channel = crew.again(), List()
    channel.put(ATT, pin=PINS[ATT])
    channel.put(SUP, Role.SUPERVISOR, pin=PINS[SUP])
    channel.put(TECH, Role.TECHNICIAN, pin=PINS[TECH])
    sync = synced(crew, people, channel)
    assert await sync.sync() == 3
    return people, channel, sync


async def test_who_was_brought_signs_in_here(crew: Crew) -> None:
    people, _, _ = await with_list(crew)
    assert people.supervisors == (SUP, TECH)
    assert (await people.sign_in(ATT, PINS[ATT])).name == "Person ATT-2"
    assert (await people.sign_in_by_badge(CODE)).id == ATT


async def test_what_the_platform_told_of_a_pin_does_not_lie_here(crew: Crew) -> None:
    _, channel, _ = await with_list(crew)
    kept = b"".join(each.read_bytes() for each in crew.folder.iterdir())
    for _, told in channel.log:
        assert told is not None
        assert told.pin.rpartition("$")[2].encode() not in kept


async def test_the_next_round_goes_on_by_cursor_and_one_in_half_a_day_begins_anew(crew: Crew) -> None:
    _, channel, sync = await with_list(crew)
    channel.asked.clear()
    await sync.sync()
    crew.clock.pass_time(12 * 3600)
    await sync.sync()
    assert channel.asked == ["a-3", "", "a-2"]


async def test_who_is_gone_is_out_at_once(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.sign_in(ATT, PINS[ATT])
    channel.log.append((ATT, None))
    await sync.sync()
    assert people.signed_in is None
    with pytest.raises(NotFound):
        await people.sign_in(ATT, PINS[ATT])
    assert f"person removed by the platform: {ATT}" in crew.acts()


async def test_another_role_ends_what_the_former_was_signed_in_for(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.sign_in(TECH, PINS[TECH])
    channel.put(TECH, Role.SUPERVISOR, pin=PINS[TECH])
    await sync.sync()
    assert people.signed_in is None
    await people.sign_in(TECH, PINS[TECH])
    with pytest.raises(RoleMissing):
        await PeopleMaking(people).make_person("ATT-9", "Nine", Role.ATTENDANT, "5827")


async def test_whom_a_round_over_everything_does_not_bring_is_gone(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.sign_in(TECH, PINS[TECH])
    await PeopleMaking(people).make_person("ATT-9", "Nine", Role.ATTENDANT, "5827")
    channel.identity, channel.log = "b", channel.log[1:]
    crew.clock.pass_time(1)
    await sync.sync()
    assert [each.id for each in people.people()] == ["ATT-9", SUP, TECH]


async def test_everybody_gone_the_counter_still_asks_for_somebody(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    channel.log += [(each, None) for each in (ATT, SUP, TECH)]
    await sync.sync()
    assert people.any_known
    assert people.supervisors == ()


async def test_offline_the_list_counts_for_its_days_and_then_nobody_of_it(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.sign_in(TECH, PINS[TECH])
    await PeopleMaking(people).make_person("ATT-9", "Nine", Role.ATTENDANT, "5827")
    await people.change_pin("ATT-9", "5827", "6139")
    channel.down = LinkDown("no network")
    crew.clock.pass_time(30 * 86_400)
    with pytest.raises(LinkDown):
        await sync.sync()
    await people.sign_in(ATT, PINS[ATT])
    crew.clock.pass_time(1)
    with pytest.raises(PeopleTooOld):
        await people.sign_in(ATT, PINS[ATT])
    with pytest.raises(PeopleTooOld):
        await people.sign_in_by_badge(CODE)
    assert (await people.sign_in("ATT-9", "6139")).id == "ATT-9"
    channel.down = None
    await sync.sync()
    await people.sign_in(ATT, PINS[ATT])


async def test_a_pin_changed_here_stays_until_the_platform_makes_a_new_one(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.change_pin(ATT, PINS[ATT], "6139")
    channel.change(ATT)
    await sync.sync()
    await people.sign_in(ATT, "6139")
    channel.put(ATT, pin="5827", number=7, mark=7, must=True)
    await sync.sync()
    with pytest.raises(PinWrong):
        await people.sign_in(ATT, "6139")
    assert (await people.sign_in(ATT, "5827")).must_change_pin


async def test_after_a_station_was_revoked_the_pin_is_changed_at_the_next_sign_in(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    await people.change_pin(ATT, PINS[ATT], "6139")
    channel.change(ATT, mark=9)
    await sync.sync()
    assert (await people.sign_in(ATT, "6139")).must_change_pin
    await people.change_pin(ATT, "6139", "8352")
    channel.change(ATT, mark=9)
    await sync.sync()
    assert not (await people.sign_in(ATT, "8352")).must_change_pin


async def test_a_list_brings_no_lock_to_an_end(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    for _ in range(4):
        with pytest.raises(PinWrong):
            await people.sign_in(ATT, "9063")
    channel.change(ATT)
    await sync.sync()
    with pytest.raises(KioskError) as caught:
        await people.sign_in(ATT, "9063")
    assert type(caught.value).__name__ == "PersonLocked"


async def test_with_a_new_pepper_everybody_is_asked_for_anew(crew: Crew) -> None:
    people, channel, sync = await with_list(crew)
    crew.pepper = Pepper(b"q" * 32)
    with pytest.raises(PinUnset):
        await people.sign_in(ATT, PINS[ATT])
    channel.asked.clear()
    await sync.sync()
    assert channel.asked[0] == ""
    await people.sign_in(ATT, PINS[ATT])


async def test_a_platform_without_a_list_changes_nothing(crew: Crew) -> None:
    people, channel = crew.again(), List(down=NotFound("document of the platform", "/people"))
    assert await synced(crew, people, channel).run_round() == ""
    assert not people.any_known


async def test_a_person_made_here_gives_way_to_the_platforms_of_the_same_id(crew: Crew) -> None:
    people = await crew.with_people()
    channel = List()
    channel.put(ATT, pin="5827")
    await synced(crew, people, channel).sync()
    with pytest.raises(PinWrong):
        await people.sign_in(ATT, PINS[ATT])
    await people.sign_in(ATT, "5827")
    await people.sign_in(TECH, PINS[TECH])
    with pytest.raises(BadInput):
        await PeopleMaking(people).remove(ATT)
    with pytest.raises(BadInput):
        await PeopleMaking(people).make_badge(ATT)


async def test_a_pin_that_cannot_be_read_is_none_and_hides_nobody(crew: Crew, caplog: pytest.LogCaptureFixture) -> None:
    people, channel, sync = await with_list(crew)
    person_id, told = channel.log[0]
    assert told is not None
    channel.log.append((person_id, replace(told, pin="9999999,1,1$AAAA$AAAA", pin_number=5)))
    channel.put("ATT-5", pin="6139")
    await sync.sync()
    with pytest.raises(PinUnset):
        await people.sign_in(ATT, PINS[ATT])
    await people.sign_in("ATT-5", "6139")
    assert "'ATT-2' cannot be used" in caplog.text
    assert "AAAA" not in caplog.text
