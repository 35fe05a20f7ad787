"""The status line's words, without a window."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, HealthChanged, OutboxChanged, PlanRefreshed
from kiosk.station.health import OK, Health, HealthPart, HealthState
from ui.pages.overlays.status_pages import Status

NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
EARLIER = NOON - timedelta(minutes=12)


def told(part: HealthPart, state: HealthState = HealthState.OK, what: str = "", short: str = "") -> HealthChanged:
    return HealthChanged(part=part, health=Health(state=state, what=what, short=short))


def words(status: Status) -> list[str]:
    return [item.words for item in status.items(NOON)]


def tones(status: Status) -> list[str]:
    return [item.tone for item in status.items(NOON)]


def well(status: Status) -> Status:
    """Everything was looked at and works."""
    events: list[Event] = [HealthChanged(part=part, health=OK) for part in HealthPart]
    events += [LinkChanged(connected=True, since=EARLIER), OutboxChanged(unsettled=0, oldest=None, refused=0)]
    for event in events:
        status = status.after(event)
    return status


@pytest.mark.parametrize("practice", [False, True])
def test_what_nobody_has_looked_at_yet_is_grey(practice: bool) -> None:  # noqa: FBT001  a parameter of the test
    status = Status(practice=practice)
    assert words(status) == ["Connecting", "Checking", "Checking", "Checking"]
    assert set(tones(status)) == {"unknown"}
    assert [item.name for item in status.items(NOON)][1:] == ["Swaps sent: checking", "Battery reader: checking", "Printer: checking"]


def test_what_cannot_be_told_is_grey() -> None:
    status = well(Status())
    for part in (HealthPart.READER, HealthPart.PRINTER):
        status = status.after(told(part, HealthState.NOT_KNOWN))
    assert words(status)[2:] == ["Not known", "Not known"]
    assert [item.name for item in status.items(NOON)][2:] == ["Battery reader: not known", "Printer: not known"]
    assert tones(status) == ["muted", "muted", "unknown", "unknown"]


def test_a_printer_that_is_not_set_up_is_grey_and_no_fault() -> None:
    status = well(Status()).after(told(HealthPart.PRINTER, HealthState.NOT_SET_UP, "no printer is set up"))
    assert (words(status)[3], tones(status)[3]) == ("No printer", "unknown")


def test_a_calm_counter_says_four_calm_words() -> None:
    status = well(Status())
    assert words(status) == ["Connected", "All confirmed", "Battery reader", "Printer"]
    assert set(tones(status)) == {"muted"}


def test_a_broker_on_which_anybody_may_speak_is_said() -> None:
    status = well(Status(open_to_all=True))
    assert (words(status)[0], tones(status)[0]) == ("Open to anybody", "attention")
    assert status.items(NOON)[0].name == "Anybody may speak on this broker"
    assert words(status.after(LinkChanged(connected=False, since=EARLIER)))[0] == "Offline 12 min"


def test_a_lost_link_says_for_how_long() -> None:
    status = Status().after(LinkChanged(connected=False, since=EARLIER, reason="refused"))
    assert (words(status)[0], tones(status)[0]) == ("Offline 12 min", "attention")


def test_a_clock_set_back_makes_no_negative_age() -> None:
    status = Status().after(LinkChanged(connected=False, since=NOON + timedelta(hours=1)))
    assert words(status)[0] == "Offline 0 s"


def test_waiting_completions_are_counted_with_the_age_of_the_oldest() -> None:
    status = Status().after(OutboxChanged(unsettled=3, oldest=EARLIER, refused=0))
    assert (words(status)[1], tones(status)[1]) == ("3 waiting, 12 min", "attention")
    assert status.items(NOON)[1].name == "3 waiting, oldest 12 min"


def test_a_completion_that_is_just_leaving_alarms_nobody() -> None:
    status = Status().after(OutboxChanged(unsettled=1, oldest=NOON - timedelta(seconds=1), refused=0))
    assert (words(status)[1], tones(status)[1]) == ("Being sent", "muted")


def test_a_refusal_stands_before_all_that_waits() -> None:
    status = Status().after(OutboxChanged(unsettled=3, oldest=EARLIER, refused=1))
    assert (words(status)[1], tones(status)[1]) == ("1 refused, 3 waiting", "stop")
    assert status.items(NOON)[1].name == "1 refused, 3 waiting: call supervisor"
    assert words(Status().after(OutboxChanged(unsettled=0, oldest=None, refused=2)))[1] == "2 refused"


def test_faults_of_reader_and_printer_are_said_and_go_again() -> None:
    status = (
        Status()
        .after(told(HealthPart.READER, HealthState.WRONG, "Bluetooth is switched off"))
        .after(told(HealthPart.PRINTER, HealthState.WRONG, "the paper is out", "Paper out"))
    )
    assert words(status)[2:] == ["No reader", "Paper out"]
    assert [item.name for item in status.items(NOON)][2:] == ["No battery reader", "Printer: the paper is out"]
    assert tones(status)[2:] == ["stop", "attention"]
    mended = status.after(told(HealthPart.READER)).after(told(HealthPart.PRINTER))
    assert words(mended)[2:] == ["Battery reader", "Printer"]


def test_a_printer_that_fails_for_a_reason_without_short_words_has_stopped() -> None:
    status = Status().after(told(HealthPart.PRINTER, HealthState.WARNING, "the print system did not answer within 8 seconds"))
    assert (words(status)[3], tones(status)[3]) == ("Printer stopped", "attention")


@pytest.mark.parametrize("part", [HealthPart.PLATFORM, HealthPart.DISK, HealthPart.CLOCK, HealthPart.CERTIFICATES])
def test_a_part_without_an_item_colours_the_clock(part: HealthPart) -> None:
    status = well(Status())
    assert status.tone == "muted"
    assert status.after(told(part, HealthState.WARNING)).tone == "attention"
    assert status.after(told(part, HealthState.WRONG)).tone == "stop"
    assert status.after(told(part, HealthState.NOT_KNOWN)).tone == "muted"
    assert status.after(told(part, HealthState.NOT_SET_UP)).tone == "muted"


def test_what_has_an_item_leaves_the_clock_alone() -> None:
    status = well(Status()).after(told(HealthPart.READER, HealthState.WRONG)).after(told(HealthPart.PRINTER, HealthState.WRONG))
    assert status.tone == "muted"


def test_every_word_of_the_line_is_short_enough_for_its_slot() -> None:
    late = OutboxChanged(unsettled=12, oldest=EARLIER, refused=3)
    faults: list[Event] = [told(part, state) for part in (HealthPart.READER, HealthPart.PRINTER) for state in HealthState]
    faults += [LinkChanged(connected=False, since=EARLIER), OutboxChanged(unsettled=12, oldest=EARLIER, refused=0)]
    seen = {*words(Status()), *words(well(Status())), *words(well(Status(practice=True))), *words(Status().after(late))}
    for fault in faults:
        seen |= set(words(Status().after(fault)))
    assert [each for each in seen if len(each) > 21] == []


def test_training_says_that_everything_is_practice() -> None:
    status = well(Status(practice=True))
    assert words(status) == ["Practice platform", "All confirmed", "Practice batteries", "Prints TRAINING"]


def test_other_announcements_change_nothing() -> None:
    assert Status().after(PlanRefreshed(plan_id="p")) == Status()
