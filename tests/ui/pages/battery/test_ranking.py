"""The list of batteries in range: ids, order, what may not be chosen."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.swap.swap import SwapRules, with_returned
from kiosk.station.ports import Sighting
from tests.builders import NOON, reading, swap_of
from ui.pages.battery.ranking import Known, Surroundings, called, choose, nearby, row_view, why_barred
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
        ("...20417", Known.NOT_READ, True),
        ("BAT-12345", Known.JUST_RETURNED, False),
    ]
    assert [(row.words, row.note, row.allowed) for row in (row_view(each, HERE) for each in rows)] == [
        ("...20417", "not read yet", True),
        ("BAT-12345", "just returned", False),
    ]


def test_of_two_that_end_alike_none_is_barred_by_its_name() -> None:
    rows = nearby((seen("-12345"), replace(seen("-12345"), address="C9")), around())
    assert all(row.may_be_chosen for row in rows)


def test_packs_with_one_name_are_told_apart_and_bear_no_reading_of_each_other() -> None:
    memory = SessionMemory()
    memory.note_reading(reading("JK-B2A24S", "0.154"))
    packs = tuple(Sighting(address=f"C8:47:8C:00:10:0{i}", name="JK-B2A24S", rssi=-50 - i, protocol="jk") for i in range(3))
    assert [(row.address, row.shown, row.known, row.may_be_chosen) for row in nearby(packs, around(memory=memory))] == [
        ("C8:47:8C:00:10:00", "JK ...10:00", Known.ALIKE_UNBOUND, False),
        ("C8:47:8C:00:10:01", "JK ...10:01", Known.ALIKE_UNBOUND, False),
        ("C8:47:8C:00:10:02", "JK ...10:02", Known.ALIKE_UNBOUND, False),
    ]


def test_of_packs_with_one_name_none_is_chosen_for_the_attendant() -> None:
    packs = tuple(Sighting(address=f"C8:47:8C:00:10:0{i}", name="JK-B2A24S", rssi=-50 - i, protocol="jk") for i in range(2))
    assert choose(nearby(packs, around()), "") == ""
    assert choose(nearby(packs, around()), "C8:47:8C:00:10:01") == ""  # its name would be booked, which is no battery's id
    twins = tuple(replace(seen("-20417"), address=f"C8:0{i}") for i in range(2))
    assert choose(nearby(twins, around()), "") == ""
    assert choose(nearby(twins, around()), "C8:01") == "C8:01"  # it tells an id of its own
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


def test_an_id_is_one_that_is_known_here_and_never_put_together() -> None:
    assert called(seen("-20417"), frozenset({"KBAT-20417", "BAT-1"})) == "KBAT-20417"
    assert called(seen("-20417"), frozenset({"BAT-12345"})) == "...20417"
    assert called(seen("-20417"), frozenset({"BAT-20417", "PACK-20417"})) == "...20417"
    assert called(seen("A-0002"), frozenset({"BAT-12345", "BAT-12346"})) == "...A-0002"
    assert called(seen("-20417"), frozenset()) == "...20417"


PACK = Sighting(address="C8:47:8C:00:10:01", name="JK-B2A24S", rssi=-50, protocol="jk")


@pytest.mark.parametrize(
    ("name", "known", "shown"),
    [
        ("JK-B2A24S", {"BO723025012345"}, "JK ...10:01"),
        ("JK-B2A24S", {"BAT-1"}, "JK ...10:01"),
        ("BAT-20417", {"BAT-1"}, "BAT-20417"),  # a fleet whose names are its ids
        ("HUB7 BAT-20417", {"BAT-1"}, "BAT-20417"),
        ("JBD-012345", {"BO723025012345"}, "BO723025012345"),
        ("BAT-20417", set[str](), "BAT-20417"),  # nothing is known yet: as it calls itself
    ],
)
def test_a_pack_that_is_not_bound_is_called_by_what_is_known_of_it(name: str, known: set[str], shown: str) -> None:
    assert called(replace(PACK, name=name), frozenset(known)) == shown


def test_what_is_not_bound_is_said_as_such() -> None:
    rows = [row_view(each, HERE) for each in nearby((PACK,), around(known_ids=frozenset({"BAT-1"})))]
    assert [(row.words, row.note, row.allowed) for row in rows] == [("JK ...10:01", "not bound", True)]
    pair = [row_view(each, HERE) for each in nearby((PACK, replace(PACK, address="C8:47:8C:00:10:02")), around())]
    assert [(row.words, row.note, row.allowed) for row in pair] == [
        ("JK ...10:01", "alike, not bound", False),
        ("JK ...10:02", "alike, not bound", False),
    ]


def test_a_bound_pack_is_called_by_its_sticker_whatever_its_name_is() -> None:
    memory = SessionMemory()
    memory.note_reading(reading("BAT-20417", "30.4"))
    bound = replace(PACK, battery_id="BAT-20417")
    rows = nearby((bound, replace(PACK, address="C8:47:8C:00:10:02", name="")), around(memory=memory))
    assert [(row.shown, row.known, row.may_be_chosen) for row in rows] == [("BAT-20417", Known.READ_TODAY, True)]
    pair = nearby((bound, replace(PACK, address="C8:47:8C:00:10:02")), around())
    assert [row.known for row in pair] == [Known.NOT_READ, Known.NOT_BOUND]  # the other one is alone in its name


def test_the_bound_battery_just_returned_is_barred_by_its_id_and_not_by_its_name() -> None:
    rows = nearby((replace(PACK, name="any", battery_id="BAT-12345"), replace(PACK, name="BAT-12345", battery_id="BAT-20417")), around())
    assert {row.shown: row.known for row in rows} == {"BAT-12345": Known.JUST_RETURNED, "BAT-20417": Known.NOT_READ}


def test_a_device_that_has_the_name_of_a_battery_bound_elsewhere_cannot_be_chosen() -> None:
    (row,) = nearby((replace(PACK, name="BAT-20417", says="BAT-20417"),), around())
    assert (row.shown, row.may_be_chosen, row_view(row, HERE).note) == ("JK ...10:01", False, "has the name of another")


def test_a_battery_that_was_set_aside_is_known_by_the_id_that_it_told() -> None:
    memory = SessionMemory()
    memory.set_aside.add("BAT-20417")
    assert [(row.shown, row.known) for row in nearby((seen("-20417"),), around(memory=memory))] == [("BAT-20417", Known.SET_ASIDE)]


def test_a_long_name_is_shortened() -> None:
    assert len(called(replace(PACK, name="B" * 64), frozenset())) <= 24


def test_the_chosen_row_stays_chosen_while_it_is_in_range() -> None:
    rows = nearby((seen("-20417"), seen("-20388", -70)), around())
    assert choose(rows, "C8:-20388") == "C8:-20388"
    assert choose(rows, "gone") == "C8:-20417"
    assert choose((), "gone") == ""


# ---------------------------------------------------------------- what was read in the background

RULES = SwapRules()


def read_now(tail: str, energy: str, **changes: Any) -> dict[str, BatteryTelemetry]:
    return {f"C8:{tail}": reading(f"BAT{tail}", energy, **changes)}


def test_the_fullest_that_was_read_is_first_then_the_one_being_read_then_the_nearest() -> None:
    fresh = read_now("-20417", "30.4") | read_now("-20388", "29.8")
    rows = nearby(
        (seen("-20001", -40), seen("-20002", -50), seen("-20388", -60), seen("-20417", -70)), around(fresh=fresh, reading_now="C8:-20002")
    )
    assert [row.address for row in rows] == ["C8:-20417", "C8:-20388", "C8:-20002", "C8:-20001"]
    assert choose(rows, "", touched=False) == "C8:-20417"


def test_readings_that_differ_by_less_than_a_tenth_leave_the_nearer_one_before_the_other() -> None:
    rows = nearby((seen("-20388", -50), seen("-20417", -60)), around(fresh=read_now("-20417", "29.88") | read_now("-20388", "29.81")))
    assert [row.address for row in rows] == ["C8:-20388", "C8:-20417"]


def test_a_row_shows_its_energy_and_the_age_of_the_reading() -> None:
    row = nearby((seen("-20417"),), around(fresh=read_now("-20417", "30.4")))[0]
    assert row_view(row, StationTime(now=NOON + timedelta(seconds=40), zone=UTC)).note == "30.4 kWh, read 40 s ago"


@pytest.mark.parametrize(
    ("energy", "changes", "taken", "note"),
    [
        ("0.3", {}, (), "0.3 kWh, too little charge"),
        ("30.4", {}, ("BAT-20417",), "30.4 kWh, with another customer"),
        ("30.4", {"temperature_celsius": Decimal(70)}, (), "30.4 kWh, too hot, 70 °C"),
        ("30.4", {"battery_id": "BAT-12345"}, (), "30.4 kWh, just returned"),
        ("30.4", {"soc_percent": Decimal(120)}, (), "30.4 kWh, a charge of 120 % cannot be"),
    ],
)
def test_what_the_rules_would_refuse_is_barred_with_the_reason(
    energy: str, changes: dict[str, Any], taken: tuple[str, ...], note: str
) -> None:
    swap = with_returned(swap_of(), reading("BAT-12345"), RULES)
    found = reading(**{"battery_id": "BAT-20417", "energy": energy, **changes})
    why = why_barred(swap, found, RULES, frozenset(taken))
    first, last = nearby(
        (seen("-20417", -40), seen("-20388", -80)), around(fresh={"C8:-20417": found}, barred={"C8:-20417": why} if why else {})
    )
    assert (first.address, last.may_be_chosen) == ("C8:-20388", False)
    assert row_view(last, HERE).note == note


def test_what_the_rules_allow_is_not_barred() -> None:
    swap = with_returned(swap_of(), reading("BAT-12345"), RULES)
    assert why_barred(swap, reading("BAT-20417", "30.4"), RULES, frozenset({"BAT-1"})) == ""


def test_a_row_that_nobody_touched_gives_way_to_a_better_one_until_it_is_read() -> None:
    unread = (seen("-20388", -50), seen("-20417", -60))
    later = nearby(unread, around(fresh=read_now("-20417", "30.4")))
    both = nearby(unread, around(fresh=read_now("-20417", "30.4") | read_now("-20388", "31.0")))
    assert choose(later, "C8:-20388", touched=False) == "C8:-20417"
    assert choose(later, "C8:-20388", touched=True) == "C8:-20388"
    assert choose(both, "C8:-20417", touched=False) == "C8:-20417"


def test_packs_with_one_name_are_not_chosen_for_the_attendant_though_they_were_read() -> None:
    packs = tuple(Sighting(address=f"C8:47:8C:00:10:0{i}", name="JK-B2A24S", rssi=-50 - i, protocol="jk") for i in range(2))
    rows = nearby(packs, around(fresh={each.address: reading("JK-B2A24S", "3.1") for each in packs}))
    assert choose(rows, "", touched=False) == ""
    assert [row_view(each, HERE).note for each in rows] == ["3.1 kWh, read 0 s ago"] * 2
