"""What is wrong with the batteries in range: names that several have, and one that says it is another."""

from dataclasses import replace

from kiosk.station.ports import Sighting
from kiosk.station.services.batteries_in_range import problem_of, problems_of

PACKS = tuple(Sighting(address=f"C8:47:8C:00:10:0{number}", name="JK-B2A24S", protocol="jk") for number in range(7))
ALIKE = "7 packs in range are called JK-B2A24S and are not bound."


def test_packs_of_one_name_that_are_not_bound_are_counted() -> None:
    assert problems_of(PACKS) == (ALIKE,)
    assert {problem_of(each, PACKS) for each in PACKS} == {ALIKE}


def test_what_is_bound_does_not_count() -> None:
    seen = (*PACKS[:2], *(replace(each, battery_id=f"BAT-{place}") for place, each in enumerate(PACKS[2:])))
    assert problems_of(seen) == ("2 packs in range are called JK-B2A24S and are not bound.",)
    assert problem_of(seen[-1], seen) == ""


def test_names_that_differ_and_ids_inside_are_no_problem() -> None:
    seen = (
        PACKS[0],
        replace(PACKS[1], name="BAT-1"),
        *(Sighting(address=str(n), name="OVES 1", protocol="oves", has_own_id=True) for n in "12"),
    )
    assert problems_of((*seen, *(Sighting(address=f"P{n}", name="Phone") for n in "12"))) == ()


def test_a_device_that_says_it_is_a_battery_bound_elsewhere_is_named() -> None:
    fake = replace(PACKS[0], name="BAT-1", says="BAT-1")
    assert problems_of((fake,)) == ("C8:47:8C:00:10:00 says it is BAT-1, which is bound to another pack.",) == (problem_of(fake, (fake,)),)
