"""Who works at a counter: sign-in, lock of the counter, hand-over, approvals (decision 29)."""

import pytest

from kiosk.domain.errors import BadgeUnknown, BadInput, NotApproved, NotFound, NotSignedIn, PinNeeded, PinUnset, PinWrong, RoleMissing
from kiosk.domain.people import Act, Role
from kiosk.shared.pins import Pepper
from kiosk.station.events import Locked, SignedIn, SignedOut, Unlocked
from kiosk.station.services.people_making import PeopleMaking
from tests.station.services.people_station import ALI, ATT, OTHER, PINS, SUP, TECH, WRONG, Crew


async def test_without_people_all_is_as_configured(crew: Crew) -> None:
    people = crew.again()
    assert not people.any_known
    assert people.attendant_id == "ATT-001"
    assert people.supervisors == ("SUP-007",)
    assert people.acting().id == "ATT-001"


async def test_with_one_person_the_configured_ids_count_no_more(crew: Crew) -> None:
    people = crew.again()
    await PeopleMaking(people).make_technician(TECH, "Tea", PINS[TECH])
    assert people.supervisors == (TECH,)
    with pytest.raises(NotSignedIn):
        _ = people.attendant_id
    with pytest.raises(NotFound):
        await people.approve("SUP-007", PINS[TECH], "charged at home", Act.DOUBT)


async def test_the_pin_signs_in_whatever_the_case_of_the_id(crew: Crew) -> None:
    people = await crew.with_people()
    person = await people.sign_in("att-2", PINS[ATT])
    assert (person.id, people.attendant_id, people.signed_in) == (ATT, ATT, person)
    assert crew.events[-1] == SignedIn(person=person)


async def test_a_wrong_pin_signs_nobody_in_and_says_how_many_tries_are_left(crew: Crew) -> None:
    people = await crew.with_people()
    with pytest.raises(PinWrong) as caught:
        await people.sign_in(ATT, WRONG[4])
    assert caught.value.tries_left == 4
    assert people.signed_in is None


async def test_after_a_restart_somebody_signs_in(crew: Crew) -> None:
    await (await crew.with_people()).sign_in(ATT, PINS[ATT])
    people = crew.again()
    assert people.any_known
    with pytest.raises(NotSignedIn):
        people.acting()


async def test_a_badge_signs_an_attendant_in_and_nobody_else(crew: Crew) -> None:
    people = await crew.with_people()
    making = PeopleMaking(people)
    await people.sign_in(TECH, PINS[TECH])
    codes = {each: await making.make_badge(each) for each in (ATT, SUP, TECH)}
    await people.sign_out()
    assert (await people.sign_in_by_badge(codes[ATT].lower())).id == ATT
    for each in (SUP, TECH):
        with pytest.raises(PinNeeded) as caught:
            await people.sign_in_by_badge(codes[each])
        assert caught.value.person_id == each
    for code in ("SKB1." + "A" * 26, "SKB1.", "", codes[ATT][:-1]):
        with pytest.raises(BadgeUnknown):
            await people.sign_in_by_badge(code)


async def test_a_new_badge_ends_the_former_one(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    former = await PeopleMaking(people).make_badge(ATT)
    await PeopleMaking(people).make_badge(ATT)
    with pytest.raises(BadgeUnknown):
        await people.sign_in_by_badge(former)


async def test_neither_pin_nor_badge_stands_in_the_data_or_the_record(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    code = await PeopleMaking(people).make_badge(ATT)
    kept = b"".join(each.read_bytes() for each in crew.folder.iterdir())
    for secret in (code, code[5:], *PINS.values()):
        assert secret.encode() not in kept
        assert all(secret not in act for act in crew.acts())


async def test_the_counter_locks_after_its_time_and_discards_nothing(crew: Crew) -> None:
    people = await crew.with_people()
    person = await people.sign_in(ATT, PINS[ATT])
    crew.clock.pass_time(179)
    assert not await people.lock_if_idle()
    people.touch()
    crew.clock.pass_time(179)
    assert not await people.lock_if_idle()
    crew.clock.pass_time(1)
    assert await people.lock_if_idle()
    assert (people.locked, people.signed_in, crew.events[-1]) == (True, person, Locked(person=person))
    with pytest.raises(NotSignedIn):
        people.acting()
    assert people.attendant_id == ATT
    with pytest.raises(PinWrong):
        await people.unlock(WRONG[4])
    assert people.locked
    await people.unlock(PINS[ATT])
    assert (people.locked, crew.events[-1]) == (False, Unlocked(person=person))


async def test_nothing_that_is_under_way_is_interrupted_by_the_lock(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(ATT, PINS[ATT])
    with people.busy():
        crew.clock.pass_time(3600)
        assert not await people.lock_if_idle()
    crew.clock.pass_time(179)
    assert not await people.lock_if_idle()
    crew.clock.pass_time(2)
    assert await people.lock_if_idle()


async def test_setting_the_wall_clock_neither_locks_nor_keeps_open(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(ATT, PINS[ATT])
    crew.clock.jump(86_400)
    assert not await people.lock_if_idle()
    crew.clock.jump(-10 * 86_400)
    crew.clock.pass_time(181)
    assert await people.lock_if_idle()


async def test_a_locked_counter_is_handed_over_to_another(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(ATT, PINS[ATT])
    await people.lock()
    await people.hand_over(ALI, PINS[ALI])
    assert not people.locked
    assert people.attendant_id == ALI
    assert crew.acts()[-1] == f"handed over to {ALI}: {ATT}"
    with pytest.raises(PinWrong):
        await people.hand_over(ATT, WRONG[4])
    assert people.attendant_id == ALI


async def test_nobody_is_there_after_signing_out(crew: Crew) -> None:
    people = await crew.with_people()
    person = await people.sign_in(ATT, PINS[ATT])
    await people.sign_out()
    await people.sign_out()
    assert crew.events[-1] == SignedOut(person=person)
    with pytest.raises(NotSignedIn):
        people.acting()
    with pytest.raises(NotSignedIn):
        await people.unlock(PINS[ATT])


async def test_an_approval_needs_role_pin_and_reason(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(ATT, PINS[ATT])
    approval = await people.approve(SUP, PINS[SUP], " charged at  home ", Act.RETURNED_MORE)
    assert (approval.supervisor, approval.reason) == (SUP, "charged at home")
    assert crew.acts()[-1] == f"approved returned_more, asked by {ATT}: {SUP}"
    with pytest.raises(RoleMissing):
        await people.approve(ATT, PINS[ATT], "me", Act.DOUBT)
    with pytest.raises(PinWrong):
        await people.approve(SUP, WRONG[6], "charged at home", Act.DOUBT)
    with pytest.raises(NotApproved):
        await people.approve(SUP, PINS[SUP], "  ", Act.DOUBT)
    with pytest.raises(NotFound):
        await people.approve("SUP-9", PINS[SUP], "charged at home", Act.DOUBT)


async def test_where_two_people_are_asked_it_is_never_the_one_who_asks(crew: Crew) -> None:
    people = await crew.with_people()
    with pytest.raises(NotSignedIn):
        await people.approve(SUP, PINS[SUP], "no battery", Act.MONEY_BACK)
    await people.sign_in(SUP, PINS[SUP])
    for act in Act:
        if act.needs_two:
            with pytest.raises(NotApproved):
                await people.approve(SUP, PINS[SUP], "no battery", act)
        assert (await people.approve(OTHER, PINS[OTHER], "no battery", act)).supervisor == OTHER
    assert (await people.approve(SUP, PINS[SUP], "read twice", Act.DOUBT)).supervisor == SUP


async def test_a_pin_to_be_changed_does_nothing_else(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    await PeopleMaking(people).make_pin(SUP, "395174")
    await people.sign_out()
    assert (await people.sign_in(SUP, "395174")).must_change_pin
    assert people.signed_in is None
    await people.sign_in(ATT, PINS[ATT])
    with pytest.raises(NotApproved):
        await people.approve(SUP, "395174", "charged at home", Act.DOUBT)
    with pytest.raises(BadInput):
        await people.change_pin(SUP, "395174", "395174")
    await people.change_pin(SUP, "395174", "620483")
    assert (await people.approve(SUP, "620483", "charged at home", Act.DOUBT)).supervisor == SUP


@pytest.mark.parametrize("pin", ["1234", "0000", "1212", "2580", "1998", "7788", "12345", "40a1", "٤٠٧١", "", "4071 "])
async def test_no_pin_that_is_easy_to_guess_or_of_another_length(crew: Crew, pin: str) -> None:
    people = await crew.with_people()
    with pytest.raises(BadInput):
        await people.change_pin(ATT, PINS[ATT], pin)
    await people.sign_in(ATT, PINS[ATT])


async def test_a_new_pin_ends_the_former_one(crew: Crew) -> None:
    people = await crew.with_people()
    await people.change_pin(ATT, PINS[ATT], "6139")
    with pytest.raises(PinWrong):
        await people.sign_in(ATT, PINS[ATT])
    assert (await people.sign_in(ATT, "6139")).id == ATT


async def test_with_another_pepper_no_pin_is_tried_and_none_is_counted(crew: Crew) -> None:
    people = await crew.with_people()
    crew.pepper = Pepper(b"q" * 32)
    for _ in range(7):
        with pytest.raises(PinUnset):
            await people.sign_in(ATT, PINS[ATT])
    assert people.seconds_locked(ATT) == 0


async def test_only_who_may_manages_people(crew: Crew) -> None:
    people = await crew.with_people()
    making = PeopleMaking(people)
    with pytest.raises(NotSignedIn):
        await making.make_person("ATT-9", "Nine", Role.ATTENDANT, "5827")
    await people.sign_in(SUP, PINS[SUP])
    with pytest.raises(RoleMissing):
        await making.make_person("ATT-9", "Nine", Role.ATTENDANT, "5827")
    with pytest.raises(RoleMissing):
        await making.make_pin(TECH, "582736")
    with pytest.raises(RoleMissing):
        await making.make_badge(OTHER)
    with pytest.raises(RoleMissing):
        await making.remove(ATT)
    assert (await making.make_pin(ATT, "5827")).must_change_pin
    await people.sign_in(ALI, PINS[ALI])
    with pytest.raises(RoleMissing):
        await making.make_pin(ATT, "5827")
    await people.sign_in(TECH, PINS[TECH])
    await people.lock()
    with pytest.raises(NotSignedIn):
        await making.remove(ATT)


@pytest.mark.parametrize("role", [Role.DESK, Role.ADMIN])
async def test_roles_of_the_platform_are_none_here(crew: Crew, role: Role) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    with pytest.raises(BadInput):
        await PeopleMaking(people).make_person("D-1", "Desk", role, "582736")


@pytest.mark.parametrize("person_id", ["", "A B", "A" * 41, "SKB1.ABCDEFGH", "ATT/1", "ÄTT"])
async def test_what_is_no_id_of_a_person(crew: Crew, person_id: str) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    with pytest.raises(BadInput):
        await PeopleMaking(people).make_person(person_id, "Somebody", Role.ATTENDANT, "5827")


async def test_a_known_id_is_made_no_second_time(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    with pytest.raises(BadInput):
        await PeopleMaking(people).make_person("att-2", "Another", Role.TECHNICIAN, "582736")
    assert (await people.sign_in(ATT, PINS[ATT])).role is Role.ATTENDANT


async def test_who_is_removed_is_out_at_once_and_the_counter_still_knows_people(crew: Crew) -> None:
    people, terminal = await crew.with_people(), crew.again()
    await people.sign_in(ATT, PINS[ATT])
    await terminal.sign_in(TECH, PINS[TECH])
    await PeopleMaking(terminal).remove(ATT)
    people.refresh()
    assert people.signed_in is None
    with pytest.raises(NotFound):
        await people.sign_in(ATT, PINS[ATT])
    for each in (SUP, OTHER, ALI):
        await PeopleMaking(terminal).remove(each)
    with pytest.raises(BadInput):
        await PeopleMaking(terminal).remove(TECH)
    assert [each.id for each in terminal.people()] == [TECH]


async def test_the_first_technician_is_made_once(crew: Crew) -> None:
    people = crew.again()
    making = PeopleMaking(people)
    await making.make_technician(TECH, "Tea", PINS[TECH])
    with pytest.raises(RoleMissing):
        await making.make_technician("TECH-2", "Two", PINS[SUP])
    assert crew.acts()[-1] == f"first technician made: {TECH} (technician) by {TECH}"


async def test_the_way_back_makes_one_technician_and_is_recorded(crew: Crew) -> None:
    people = await crew.with_people()
    ways = [True]
    making = PeopleMaking(people, lambda: bool(ways) and ways.pop())
    for wrong in (("TECH-2", "Two", "123456"), ("TECH 2", "Two", "620483"), ("TECH-2", " ", "620483")):
        with pytest.raises(BadInput):  # and it is not used up
            await making.make_technician(*wrong)
    await making.make_technician("TECH-2", "Two", "620483")
    assert crew.acts()[-1] == "technician made by the way back: TECH-2 (technician) by TECH-2"
    assert (await people.sign_in("TECH-2", "620483")).role is Role.TECHNICIAN
    with pytest.raises(RoleMissing):
        await making.make_technician("TECH-3", "Three", "620483")
