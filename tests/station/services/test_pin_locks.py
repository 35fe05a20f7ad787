"""Wrong PINs lock one person for a growing time, over restarts and whatever is done to the clock (decision 29, doors D10)."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.domain.errors import PersonLocked, PinWrong
from kiosk.domain.people import MAX_TRIES, Act
from kiosk.station.services.people import People
from kiosk.station.services.people_making import PeopleMaking
from tests.station.services.people_station import ALI, ATT, PINS, SUP, TECH, WRONG, Crew

KILLED = -9


async def guess(people: People, times: int = MAX_TRIES, person_id: str = ATT) -> None:
    """Wrong PINs, the last of which locks."""
    for _ in range(times - 1):
        with pytest.raises(PinWrong):
            await people.sign_in(person_id, WRONG[len(PINS[person_id])])
    with pytest.raises(PersonLocked):
        await people.sign_in(person_id, WRONG[len(PINS[person_id])])


async def test_five_wrong_pins_lock_for_two_minutes_then_four_then_eight(crew: Crew) -> None:
    people = await crew.with_people()
    for minutes in (2, 4, 8, 16, 32, 60, 60):
        await guess(people)
        assert people.seconds_locked(ATT) == minutes * 60
        crew.clock.pass_time(minutes * 60 - 1)
        with pytest.raises(PersonLocked) as caught:
            await people.sign_in(ATT, PINS[ATT])
        assert (caught.value.until - crew.clock.now()).total_seconds() == 1
        crew.clock.pass_time(1)
    assert (await people.sign_in(ATT, PINS[ATT])).id == ATT
    await people.sign_out()
    await guess(people)
    assert people.seconds_locked(ATT) == 120


async def test_the_record_tells_of_wrong_pins_and_the_lock(crew: Crew) -> None:
    people = await crew.with_people()
    await guess(people)
    assert crew.acts()[-6:] == [*[f"pin wrong: {ATT}"] * 5, f"pin locked: {ATT}"]


async def test_a_locked_person_locks_nobody_else_and_the_badge_still_signs_in(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(TECH, PINS[TECH])
    code = await PeopleMaking(people).make_badge(ATT)
    await people.sign_out()
    await guess(people)
    assert (await people.sign_in(ALI, PINS[ALI])).id == ALI
    assert (await people.sign_in_by_badge(code)).id == ATT
    assert (await people.approve(SUP, PINS[SUP], "charged at home", Act.DOUBT)).supervisor == SUP


async def test_tries_of_every_kind_count_together(crew: Crew) -> None:
    people = await crew.with_people()
    await people.sign_in(SUP, PINS[SUP])
    await people.lock()
    for attempt in (
        people.unlock(WRONG[6]),
        people.sign_in(SUP, WRONG[6]),
        people.approve(SUP, WRONG[6], "charged at home", Act.DOUBT),
        people.change_pin(SUP, WRONG[6], "620483"),
    ):
        with pytest.raises(PinWrong):
            await attempt
    with pytest.raises(PersonLocked):
        await people.hand_over(SUP, WRONG[6])
    with pytest.raises(PersonLocked):
        await people.unlock(PINS[SUP])


async def test_trying_while_locked_neither_helps_nor_lengthens(crew: Crew) -> None:
    people = await crew.with_people()
    await guess(people)
    for _ in range(20):
        with pytest.raises(PersonLocked):
            await people.sign_in(ATT, WRONG[4])
        crew.clock.pass_time(5)
    assert people.seconds_locked(ATT) == 20
    crew.clock.pass_time(20)
    await people.sign_in(ATT, PINS[ATT])


async def test_guessing_over_restarts_of_the_program_gives_no_try_more(crew: Crew) -> None:
    await crew.with_people()
    for tries_left in (4, 3, 2, 1):
        with pytest.raises(PinWrong) as caught:
            await crew.again().sign_in(ATT, WRONG[4])
        assert caught.value.tries_left == tries_left
    with pytest.raises(PersonLocked):
        await crew.again().sign_in(ATT, WRONG[4])
    crew.clock.pass_time(60)
    people = crew.again()
    assert people.seconds_locked(ATT) == 60
    with pytest.raises(PersonLocked):
        await people.sign_in(ATT, PINS[ATT])


async def test_two_programs_at_once_have_five_tries_together(crew: Crew) -> None:
    await crew.with_people()
    programs = [crew.again() for _ in range(4)]
    outcomes = await asyncio.gather(*(each.sign_in(ATT, WRONG[4]) for each in programs * 3), return_exceptions=True)
    assert sum(isinstance(each, PinWrong) for each in outcomes) == MAX_TRIES - 1
    assert sum(isinstance(each, PersonLocked) for each in outcomes) == len(outcomes) - MAX_TRIES + 1
    assert crew.again().seconds_locked(ATT) == 120


@pytest.mark.parametrize("jump", [-10 * 365 * 86_400, -3600, 3600, 10 * 365 * 86_400])
async def test_setting_the_clock_while_locked_changes_nothing(crew: Crew, jump: float) -> None:
    people = await crew.with_people()
    await guess(people)
    crew.clock.jump(jump)
    for each in (people, crew.again()):
        assert each.seconds_locked(ATT) == 120
        with pytest.raises(PersonLocked):
            await each.sign_in(ATT, PINS[ATT])
    crew.clock.pass_time(120)
    await people.sign_in(ATT, PINS[ATT])


@pytest.mark.parametrize("jump", [-10 * 365 * 86_400, 10 * 365 * 86_400])
async def test_a_restart_of_the_machine_with_another_time_skips_no_lock_and_makes_none_longer(crew: Crew, jump: float) -> None:
    await guess(await crew.with_people())
    crew.clock.jump(jump)
    crew.clock.steady = 3.0
    people = crew.again("run-2")
    with pytest.raises(PersonLocked):
        await people.sign_in(ATT, PINS[ATT])
    crew.clock.pass_time(119)
    with pytest.raises(PersonLocked):
        await crew.again("run-2").sign_in(ATT, PINS[ATT])
    crew.clock.pass_time(1)
    await people.sign_in(ATT, PINS[ATT])


async def test_time_with_the_machine_on_counts_over_its_restarts(crew: Crew) -> None:
    await guess(await crew.with_people())
    crew.clock.pass_time(100)
    with pytest.raises(PersonLocked):
        await crew.again().sign_in(ATT, PINS[ATT])
    crew.clock.steady = 1.0
    people = crew.again("run-2")
    assert people.seconds_locked(ATT) == 20


async def test_killed_while_a_pin_is_looked_at_the_try_counts(crew: Crew) -> None:
    await crew.with_people()
    command = [sys.executable, "-m", "tests.station.services.dying_guesser", str(crew.folder), str(crew.clock.steady)]
    for _ in range(MAX_TRIES):
        done = await asyncio.to_thread(subprocess.run, command, cwd=Path(__file__).parents[3], timeout=60, check=False)
        assert done.returncode == KILLED
    people = crew.again()
    assert people.seconds_locked(ATT) == 120
    with pytest.raises(PersonLocked):
        await people.sign_in(ATT, PINS[ATT])


async def test_a_technician_lifts_a_lock_and_that_is_recorded(crew: Crew) -> None:
    people = await crew.with_people()
    await guess(people)
    await people.sign_in(TECH, PINS[TECH])
    await PeopleMaking(people).lift_lock(ATT)
    assert crew.acts()[-1] == f"lock of {ATT} lifted by {TECH}: "
    await people.sign_in(ATT, PINS[ATT])


async def test_everybody_locked_out_is_not_for_good(crew: Crew) -> None:
    """The way back, which is recorded; and every lock ends by itself."""
    people = await crew.with_people()
    for _ in range(8):
        for each in PINS:
            await guess(people, person_id=each)
        crew.clock.pass_time(3600)
    await people.sign_in(TECH, PINS[TECH])
    await guess(people, person_id=TECH)
    await PeopleMaking(people, lambda: True).make_technician("TECH-2", "Two", "620483")
    assert (await people.sign_in("TECH-2", "620483")).id == "TECH-2"
    assert crew.acts()[-2] == "technician made by the way back: TECH-2 (technician) by TECH-2"
