"""The list of batteries in range: ids, order, what may not be chosen."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits
from kiosk.domain.errors import BatteryDamaged, BatteryError, BatteryUnreachable
from kiosk.domain.swap.swap import SwapRules, with_returned
from kiosk.station.ports import Sighting
from tests.builders import NOON, plan_with, reading, swap_of, unpriced
from ui.pages.battery.barring import why_barred
from ui.pages.battery.ranking import Known, Surroundings, barred_counts, called, choose, nearby, row_view
from ui.pages.formatting import StationTime
from ui.pages.session_memory import Refusal, SessionMemory

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
    row = row_view(today, StationTime(now=NOON + timedelta(minutes=25), zone=UTC))
    assert (row.energy, row.note) == ("30.4", "read 25 min ago")
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
    row = row_view(
        nearby((seen("-20417"),), around(fresh=read_now("-20417", "30.48")))[0], StationTime(now=NOON + timedelta(seconds=40), zone=UTC)
    )
    assert (row.energy, row.note) == ("30.4", "read 40 s ago")


@pytest.mark.parametrize(
    ("energy", "changes", "taken", "note"),
    [
        ("0.3", {}, (), "too little, 0.5 kWh is the least"),
        ("30.4", {}, ("BAT-20417",), "with another customer"),
        ("30.4", {"temperature_celsius": Decimal(70)}, (), "too hot, 70 °C"),
        ("30.4", {"battery_id": "BAT-12345"}, (), "just returned"),
        ("30.4", {"soc_percent": Decimal(120)}, (), "a charge of 120 % cannot be"),
        ("30.4", {"output_on": False}, (), "its output is switched off"),
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
    assert (row_view(last, HERE).energy, row_view(last, HERE).note) == (energy, note)


def test_what_the_rules_allow_is_not_barred() -> None:
    swap = with_returned(swap_of(), reading("BAT-12345"), RULES)
    assert why_barred(swap, reading("BAT-20417", "30.4"), RULES, frozenset({"BAT-1"})) is None


def test_a_battery_that_holds_more_than_is_left_is_barred_where_no_price_is_known_and_may_be_chosen_where_one_is() -> None:
    plan = plan_with(used_kwh="390")
    with_price, without = (with_returned(swap_of(each), reading("BAT-12345"), RULES) for each in (plan, unpriced(plan)))
    why = why_barred(without, reading("BAT-20417", "30.4"), RULES, frozenset())
    assert why is not None
    assert (why.note, why.group) == ("15.6 kWh more than the plan has left", "Holds more than is left")
    assert why_barred(without, reading("BAT-20417", "14.8"), RULES, frozenset()) is None
    assert why_barred(with_price, reading("BAT-20417", "30.4"), RULES, frozenset()) is None


# ---------------------------------------------------------------- barred without a reading of now


def stock(memory: SessionMemory | None = None, **changes: object) -> Surroundings:
    return around(memory=memory or SessionMemory(), known_ids=frozenset({"BAT-20417", "BAT-20388"}), **changes)


def test_a_battery_that_another_customer_has_is_barred_before_it_is_read_and_never_proposed() -> None:
    rows = nearby((seen("-20417", -40), seen("-20388", -80)), stock(taken=frozenset({"BAT-20417"})))
    assert [(row.shown, row.may_be_chosen) for row in rows] == [("BAT-20388", True), ("BAT-20417", False)]
    assert row_view(rows[1], HERE).note == "with another customer"
    assert choose(rows, "C8:-20417") == "C8:-20388"


def test_its_own_reading_counts_more_than_the_name_that_it_shares_with_anothers() -> None:
    fresh = {"C8:-20417": reading("PACK-20417", "30.4")}
    (row,) = nearby((seen("-20417"),), stock(taken=frozenset({"BAT-20417"}), fresh=fresh))
    assert (row.shown, row.may_be_chosen) == ("PACK-20417", True)


LIMITS = FitnessLimits(least_issue_kwh=Decimal(20))


@pytest.mark.parametrize(("minutes", "barred"), [(0, True), (70, True), (80, False)])
def test_a_nearly_empty_battery_is_barred_until_a_charger_can_have_filled_it(minutes: int, *, barred: bool) -> None:
    memory = SessionMemory()
    memory.note_reading(reading("BAT-20417", "0.8"))  # 19.2 kWh are missing, 15 kW is the fastest charger
    now = NOON + timedelta(minutes=minutes)
    (row,) = nearby((seen("-20417"),), stock(memory, limits=LIMITS, now=now))
    assert row.may_be_chosen is not barred
    assert (row_view(row, StationTime(now=now, zone=UTC)).note == "too little, 20.0 kWh is the least") is barred


def refusing(error: BatteryError) -> SessionMemory:
    memory = SessionMemory()
    memory.note_refusal(Refusal(at=NOON, error=error), "c8:-20417", "BAT-20417")
    return memory


def test_a_refused_battery_is_barred_with_time_and_reason_and_never_proposed_again() -> None:
    memory = refusing(BatteryDamaged("BAT-20417", ("too hot, 70 °C",)))
    rows = nearby((seen("-20417", -40), seen("-20388", -80)), stock(memory, zone=UTC))
    assert (rows[1].shown, row_view(rows[1], HERE).note) == ("BAT-20417", f"refused {NOON:%H:%M}, too hot, 70 °C")
    assert choose(rows, "C8:-20417", touched=False) == choose(rows, "C8:-20417") == "C8:-20388"
    better = reading("BAT-20417", "30.4", timestamp=NOON + timedelta(minutes=2))
    rows = nearby((seen("-20417", -40), seen("-20388", -80)), stock(memory, fresh={"C8:-20417": better}))
    assert [(row.shown, row.may_be_chosen) for row in rows] == [("BAT-20417", True), ("BAT-20388", True)]
    assert choose(rows, "", touched=False) == "C8:-20388"  # a person may choose it; the list does not propose it
    assert choose(rows, "C8:-20417") == "C8:-20417"


def test_a_battery_that_did_not_answer_may_be_tried_again_and_is_not_proposed() -> None:
    rows = nearby((seen("-20417", -40), seen("-20388", -80)), stock(refusing(BatteryUnreachable("BAT-20417", 10))))
    assert all(row.may_be_chosen for row in rows)
    assert choose(rows, "", touched=False) == "C8:-20388"


def test_a_battery_that_was_accepted_since_is_refused_no_longer() -> None:
    memory = refusing(BatteryDamaged("BAT-20417", ("too hot, 70 °C",)))
    memory.note_reading(reading("BAT-20417", "30.4"))
    (row,) = nearby((seen("-20417"),), stock(memory))
    assert (row.may_be_chosen, row.refused) == (True, False)


def test_a_refusal_of_an_hour_ago_bars_no_longer() -> None:
    memory = refusing(BatteryDamaged("BAT-20417", ("too hot, 70 °C",)))
    (row,) = nearby((seen("-20417"),), stock(memory, now=NOON + timedelta(minutes=61)))
    assert (row.may_be_chosen, row.may_be_proposed) == (True, False)


def test_barred_batteries_are_counted_by_their_reason() -> None:
    taken = frozenset({"BAT-20417", "BAT-20388"})
    rows = nearby((seen("-12345"), seen("-20417"), seen("-20388"), seen("-20001")), stock(taken=taken))
    assert barred_counts(rows) == (("With another customer", 2), ("Just returned", 1))


def test_known_charged_stock_comes_before_what_is_nearer_and_unknown() -> None:
    memory = SessionMemory()
    memory.note_reading(reading("BAT-20417", "29.8"))
    memory.note_reading(reading("BAT-20388", "30.4"))
    phone = Sighting(address="1", name="Phone", rssi=-30)
    rows = nearby((phone, seen("-20001", -40), seen("-20417", -60), seen("-20388", -70)), stock(memory))
    assert [row.shown for row in rows] == ["BAT-20388", "BAT-20417", "...20001", "PHONE"]


def test_what_is_perhaps_no_battery_is_not_proposed() -> None:
    assert choose(nearby((Sighting(address="1", name="Phone"),), around()), "", touched=False) == ""


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
    assert [(row_view(each, HERE).energy, row_view(each, HERE).note) for each in rows] == [("3.1", "alike, not bound")] * 2
