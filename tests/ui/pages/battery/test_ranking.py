"""The list of batteries in range: ids, order, what may not be chosen."""

from dataclasses import replace
from datetime import UTC

from kiosk.station.ports import Sighting
from tests.builders import NOON, reading
from ui.pages.battery.ranking import Known, Surroundings, choose, guess_id, nearby, row_view
from ui.pages.formatting import StationTime
from ui.pages.page_context import SessionMemory

HERE = StationTime(now=NOON, zone=UTC)


def seen(tail: str, rssi: int | None = -50, name: str = "OVES BATT 45AH") -> Sighting:
    return Sighting(address=f"C8:{tail}", name=f"{name} {tail}", rssi=rssi, protocol="oves", has_own_id=True)


def around(**changes: object) -> Surroundings:
    found = Surroundings(returned_id="BAT-12345", known_ids=frozenset(), memory=SessionMemory(), now=NOON, zone=None)
    return replace(found, **changes)  # type: ignore[arg-type]  # fields of Surroundings


def test_the_battery_just_returned_is_last_and_barred() -> None:
    rows = nearby((seen("-12345"), seen("-20417", -60)), around())
    assert [(row.shown, row.known, row.may_be_chosen) for row in rows] == [
        ("BAT-20417", Known.NOT_READ, True),
        ("BAT-12345", Known.JUST_RETURNED, False),
    ]
    assert [(row.words, row.note, row.allowed) for row in (row_view(each, HERE) for each in rows)] == [
        ("BAT-20417", "not read yet", True),
        ("BAT-12345", "just returned", False),
    ]


def test_of_two_that_end_alike_none_is_barred_by_its_name() -> None:
    rows = nearby((seen("-12345"), replace(seen("-12345"), address="C9")), around())
    assert all(row.may_be_chosen for row in rows)


def test_packs_with_one_name_are_told_apart_and_bear_no_reading_of_each_other() -> None:
    memory = SessionMemory()
    memory.note_reading(reading("JK-B2A24S", "0.154"))
    memory.set_aside.add("JK-B2A24S (10:02)")
    packs = tuple(Sighting(address=f"C8:47:8C:00:10:0{i}", name="JK-B2A24S", rssi=-50 - i, protocol="jk") for i in range(3))
    assert [(row.address, row.shown, row.known, row.may_be_chosen) for row in nearby(packs, around(memory=memory))] == [
        ("C8:47:8C:00:10:00", "JK-B2A24S (10:00)", Known.NAME_SHARED, True),
        ("C8:47:8C:00:10:01", "JK-B2A24S (10:01)", Known.NAME_SHARED, True),
        ("C8:47:8C:00:10:02", "JK-B2A24S (10:02)", Known.SET_ASIDE, False),
    ]


def test_of_packs_with_one_name_none_is_chosen_for_the_attendant() -> None:
    packs = tuple(Sighting(address=f"C8:47:8C:00:10:0{i}", name="JK-B2A24S", rssi=-50 - i, protocol="jk") for i in range(2))
    assert choose(nearby(packs, around()), "") == ""
    assert choose(nearby(packs, around()), "C8:47:8C:00:10:01") == "C8:47:8C:00:10:01"
    assert choose(nearby((*packs, seen("-20417", -90)), around()), "") == "C8:-20417"


def test_a_reading_of_today_is_noted_and_an_older_one_is_not() -> None:
    memory = SessionMemory()
    memory.note_reading(reading("BAT-20417", "30.4"))
    today = nearby((seen("-20417"),), around(memory=memory))[0]
    assert row_view(today, HERE).note == f"30.4 kWh at {NOON:%H:%M}"
    later = NOON.replace(day=NOON.day + 2)
    assert nearby((seen("-20417"),), around(memory=memory, now=later))[0].known is Known.NOT_READ_TODAY


def test_near_is_said_in_words() -> None:
    rows = nearby((seen("-1", -40), seen("-2", -60), seen("-3", -90), seen("-4", None)), around())
    assert [row_view(row, HERE).near for row in rows] == ["Very near", "Near", "Far", ""]


def test_other_devices_are_ranked_and_not_hidden_unless_they_have_no_name() -> None:
    phone, nameless = Sighting(address="1", name="Phone"), Sighting(address="2", name="")
    assert [row.known for row in nearby((phone, nameless), around())] == [Known.NO_BATTERY]


def test_an_id_is_taken_from_those_known_here() -> None:
    assert guess_id(seen("-20417"), frozenset({"KBAT-20417", "BAT-1"})) == "KBAT-20417"
    assert guess_id(seen("-20417"), frozenset({"BAT-12345"})) == "BAT-20417"
    assert guess_id(seen("-20417"), frozenset({"BAT-12345", "PACK-12345"})) == "20417"
    assert guess_id(seen("-20417"), frozenset()) == "20417"


def test_the_chosen_row_stays_chosen_while_it_is_in_range() -> None:
    rows = nearby((seen("-20417"), seen("-20388", -70)), around())
    assert choose(rows, "C8:-20388") == "C8:-20388"
    assert choose(rows, "gone") == "C8:-20417"
    assert choose((), "gone") == ""
