"""What the page of a binding says of what is near, and of what was read."""

from dataclasses import replace
from datetime import UTC

import pytest

from kiosk.domain.battery.binding import Sticker
from kiosk.domain.errors import AnotherPack, BadInput, BatteriesAlike, BatteryUnbound, KioskError
from kiosk.station.services.pack_on_counter import PacksHeard
from tests.builders import NOON
from tests.ui.pages.binding_states import BOUND, CLEAR, PACKS, STICKER, pack_read
from ui.pages.battery.refusals import Around, refusal_view
from ui.pages.bind.text import BindFacts, Stage, bind_refusal, near_notice, number_inside, pack_lines, steps_of
from ui.pages.formatting import StationTime
from ui.pages.refusal_titles import title_of
from ui.pages.session_memory import SessionMemory

HERE = StationTime(now=NOON, zone=UTC)
WAITING = BindFacts(stage=Stage.PACK, sticker=STICKER)


@pytest.mark.parametrize(
    ("facts", "tone", "sentence"),
    [
        (WAITING, "accent", "No pack answers yet. Switch it on and put it on the counter."),
        (replace(WAITING, heard=CLEAR), "ok", "2 other packs, clearly further away."),
        (replace(WAITING, heard=PacksHeard(packs=PACKS[:1], meant=PACKS[0])), "ok", "No other pack is near. That is sure."),
        (replace(WAITING, heard=PacksHeard(packs=PACKS)), "attention", "3 packs, and not clear which is meant. Move the others away."),
        (
            replace(WAITING, heard=PacksHeard(packs=PACKS), rejected=PACKS[0].address),
            "attention",
            "Take the wrong pack away. Put the right one on the counter.",
        ),
        (
            replace(WAITING, sticker=Sticker(battery_id="BAT-1", address=PACKS[2].address), heard=PacksHeard(packs=PACKS)),
            "attention",
            "The sticker says which pack it is: ...88:42. It does not answer.",
        ),
        (BindFacts(stage=Stage.READ, sticker=STICKER, heard=CLEAR, read=pack_read(remarks=("It is odd.",))), "attention", "It is odd."),
    ],
)
def test_what_is_near_is_said_and_whether_that_is_sure(facts: BindFacts, tone: str, sentence: str) -> None:
    assert near_notice(facts) == (tone, sentence)


def test_the_steps_go_from_the_sticker_to_the_answer() -> None:
    def states(facts: BindFacts) -> list[str]:
        return [each.state for each in steps_of(facts, HERE)]

    assert states(BindFacts()) == ["now", "ahead", "ahead"]
    assert states(replace(WAITING, heard=CLEAR)) == ["done", "now", "ahead"]
    assert states(replace(WAITING, stage=Stage.READING, heard=CLEAR)) == ["done", "done", "now"]
    assert states(replace(WAITING, stage=Stage.READ, read=pack_read())) == ["done", "done", "done"]


def test_a_sticker_that_is_bound_says_to_what_and_since_when() -> None:
    assert steps_of(WAITING, HERE)[0].note == "never bound before"
    assert steps_of(replace(WAITING, known=BOUND), HERE)[0].note.startswith("bound to ...10:01 since ")


def test_the_number_inside_is_the_serial_else_the_end_of_the_address() -> None:
    assert number_inside(pack_read()) == "118842"
    assert number_inside(pack_read(serial="")) == "...88:42"
    assert "\u202e" not in number_inside(pack_read(serial="11\u202e8842"))


def test_what_a_pack_does_not_tell_is_left_out() -> None:
    assert [name for name, _ in pack_lines(pack_read())] == ["Kind", "Holds", "Voltage", "Cycles"]
    assert dict(pack_lines(pack_read(cycles=None, voltage=None, full_kwh=None))) == {"Kind": "JK", "Holds": "31.0 kWh"}


def test_a_pack_that_cannot_be_bound_says_why_and_that_nothing_is() -> None:
    view = bind_refusal(BadInput("address", "it changes by itself"))
    assert (view.sentence, view.why, view.recorded) == ("This pack cannot be bound", "Reason: it changes by itself.", "Nothing is bound.")


@pytest.mark.parametrize(
    ("error", "is_new", "ways"),
    [
        (BatteriesAlike.of("BAT-20417", 2), True, ["Set both aside"]),
        (BatteriesAlike.of("BAT-20417", 3), True, ["Set all aside"]),
        (BatteriesAlike.of("BAT-20417", 2), False, ["Bind a sticker"]),
        (AnotherPack.of("BAT-1", found="1", bound="2"), True, ["Bind a sticker"]),
        (BatteryUnbound("BAT-1", 10, packs=2), True, []),
    ],
)
def test_beside_the_action_bar_stands_what_helps(error: KioskError, is_new: bool, ways: list[str]) -> None:  # noqa: FBT001  a case
    view = refusal_view(error, "Amina W.", Around(seen=PACKS, memory=SessionMemory(), here=HERE), is_new=is_new)
    assert [each.words for each in view.ways] == ways


def test_two_of_one_id_keep_their_letters_whichever_is_nearer() -> None:
    around = Around(seen=PACKS, memory=SessionMemory(), here=HERE)
    other = replace(around, seen=tuple(reversed(PACKS)))
    alike = BatteriesAlike.of("BAT-20417", 2)
    assert refusal_view(alike, "", around, is_new=True) == refusal_view(alike, "", other, is_new=True)
    assert [each.value for each in refusal_view(alike, "", around, is_new=True).compared] == ["...09:E7", "...4C:1A"]
    assert title_of(alike) == "Two batteries, one id"
    assert title_of(BatteriesAlike.of("BAT-20417", 3)) == "Several batteries, one id"


def test_a_pack_that_is_bound_to_another_sticker_is_not_offered_as_the_nearest() -> None:
    bound = (replace(PACKS[2], battery_id="BAT-30001"), *PACKS[:2])
    view = refusal_view(BatteryUnbound("BAT-1", 10, packs=2), "", Around(seen=bound, memory=SessionMemory(), here=HERE), is_new=True)
    assert [each.name for each in view.compared] == ["Sticker"]
