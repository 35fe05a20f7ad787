"""The status line's words, without a window."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import OutboxChanged, PlanRefreshed, PrinterChanged, ScannerChanged
from ui.pages.overlays.status_pages import Status

NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
EARLIER = NOON - timedelta(minutes=12)


def words(status: Status) -> list[str]:
    return [item.words for item in status.items(NOON)]


def tones(status: Status) -> list[str]:
    return [item.tone for item in status.items(NOON)]


def well(status: Status) -> Status:
    """Everything was looked at and works."""
    events = (LinkChanged(connected=True, since=EARLIER), OutboxChanged(unsettled=0, oldest=None, refused=0))
    for event in (*events, ScannerChanged(available=True), PrinterChanged(available=True)):
        status = status.after(event)
    return status


@pytest.mark.parametrize("practice", [False, True])
def test_what_nobody_has_looked_at_yet_is_grey(practice: bool) -> None:  # noqa: FBT001  a parameter of the test
    status = Status(practice=practice)
    assert words(status) == ["Connecting", "Checking", "Checking", "Checking"]
    assert set(tones(status)) == {"unknown"}
    assert [item.name for item in status.items(NOON)][1:] == ["Swaps sent: checking", "Battery reader: checking", "Printer: checking"]


def test_what_cannot_be_told_is_grey() -> None:
    status = well(Status()).after(ScannerChanged(available=None)).after(PrinterChanged(available=None))
    assert words(status)[2:] == ["Reader not known", "Printer not known"]
    assert tones(status) == ["muted", "muted", "unknown", "unknown"]


def test_a_printer_that_is_not_set_up_is_grey_and_no_fault() -> None:
    status = well(Status()).after(PrinterChanged(available=False, set_up=False, reason="no printer is set up"))
    assert (words(status)[3], tones(status)[3]) == ("No printer set up", "unknown")


def test_a_calm_counter_says_four_calm_words() -> None:
    status = well(Status())
    assert words(status) == ["Connected", "All confirmed", "Battery reader", "Printer"]
    assert set(tones(status)) == {"muted"}


def test_a_lost_link_says_for_how_long() -> None:
    status = Status().after(LinkChanged(connected=False, since=EARLIER, reason="refused"))
    assert (words(status)[0], tones(status)[0]) == ("Offline 12 min", "attention")


def test_a_clock_set_back_makes_no_negative_age() -> None:
    status = Status().after(LinkChanged(connected=False, since=NOON + timedelta(hours=1)))
    assert words(status)[0] == "Offline 0 s"


def test_waiting_completions_are_counted_with_the_age_of_the_oldest() -> None:
    status = Status().after(OutboxChanged(unsettled=3, oldest=EARLIER, refused=0))
    assert (words(status)[1], tones(status)[1]) == ("3 waiting, oldest 12 min", "attention")


def test_a_completion_that_is_just_leaving_alarms_nobody() -> None:
    status = Status().after(OutboxChanged(unsettled=1, oldest=NOON - timedelta(seconds=1), refused=0))
    assert (words(status)[1], tones(status)[1]) == ("Being sent", "muted")


def test_a_refusal_stands_before_all_that_waits() -> None:
    status = Status().after(OutboxChanged(unsettled=3, oldest=EARLIER, refused=1))
    assert (words(status)[1], tones(status)[1]) == ("1 refused: call supervisor", "stop")


def test_faults_of_reader_and_printer_are_said_and_go_again() -> None:
    status = (
        Status()
        .after(ScannerChanged(available=False, fault=AdapterFault.SWITCHED_OFF))
        .after(PrinterChanged(available=False, reason="paper out"))
    )
    assert words(status)[2:] == ["No battery reader", "Paper out"]
    assert tones(status)[2:] == ["stop", "attention"]
    mended = status.after(ScannerChanged(available=True)).after(PrinterChanged(available=True))
    assert words(mended)[2:] == ["Battery reader", "Printer"]


def test_a_long_reason_of_the_printer_waits_for_its_page() -> None:
    status = Status().after(PrinterChanged(available=False, reason="the print system did not answer within 8 seconds"))
    assert words(status)[3] == "Printer stopped"


def test_training_says_that_everything_is_practice() -> None:
    status = well(Status(practice=True))
    assert words(status) == ["Practice platform", "All confirmed", "Practice batteries", "Prints TRAINING"]


def test_other_announcements_change_nothing() -> None:
    assert Status().after(PlanRefreshed(plan_id="p")) == Status()
