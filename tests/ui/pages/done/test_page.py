"""The last page, on a real kiosk in a training environment: printed to files, confirmed by the practice platform."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import PrinterUnavailable
from kiosk.domain.swap.swap import Step
from kiosk.station.events import PrinterChanged, SwapAnswered
from tests.ui.page_counter import PATIENCE, Counter, spin
from ui.pages.done import AnswerState, DonePage, PrintState


def done(counter: Counter) -> DonePage:
    assert isinstance(counter.page, DonePage)
    return counter.page


def at_done(counter: Counter, scenario: str = "normal") -> DonePage:
    counter.wizard.show_swap(counter.world.with_batteries(scenario))
    counter.press("primary")
    spin(lambda: counter.step is Step.DONE)
    return done(counter)


def test_the_swap_is_confirmed_and_printed_by_itself(counter: Counter, qtbot: QtBot) -> None:
    page = at_done(counter)
    qtbot.waitUntil(lambda: page.answer.state is AnswerState.CONFIRMED, timeout=PATIENCE)
    assert page.body.notice.text().startswith("The platform confirmed this swap at ")
    qtbot.waitUntil(lambda: page.printing.state is PrintState.PRINTED, timeout=PATIENCE)
    assert page.printing.copy == 0
    assert counter.context.sounds.played[-1] == "accepted"


def test_offline_the_notice_waits_and_turns_green_by_itself(counter: Counter, qtbot: QtBot) -> None:
    page = at_done(counter, "unreachable")
    assert page.answer.state is AnswerState.WAITING
    qtbot.waitUntil(lambda: page.answer.state is AnswerState.CONFIRMED, timeout=PATIENCE)
    assert page.body.notice.text().startswith("The platform confirmed this swap")


def test_a_refusal_of_the_platform_asks_for_the_supervisor(counter: Counter) -> None:
    page = at_done(counter, "unreachable")
    assert page.swap is not None
    counter.wizard.handle_event(SwapAnswered(correlation_id="TXN-OTHER", settled=False, reason="not this one"))
    assert page.answer.state is AnswerState.WAITING
    counter.wizard.handle_event(SwapAnswered(correlation_id=page.swap.correlation_id, settled=False, reason="the plan is closed"))
    assert page.body.notice.text() == "The platform refused this swap: the plan is closed. Call the supervisor."
    assert counter.context.sounds.is_asking()


def test_printing_again_makes_a_numbered_copy(counter: Counter, qtbot: QtBot) -> None:
    page = at_done(counter)
    qtbot.waitUntil(lambda: page.printing.state is PrintState.PRINTED, timeout=PATIENCE)
    page.body.again.emit()
    qtbot.waitUntil(lambda: page.printing.copy == 1 and page.printing.state is PrintState.PRINTED, timeout=PATIENCE)


def test_a_printer_without_paper_holds_up_nobody(counter: Counter, qtbot: QtBot) -> None:
    page = at_done(counter)
    qtbot.waitUntil(lambda: page.printing.state is PrintState.PRINTED, timeout=PATIENCE)
    assert page.swap is not None
    counter.wizard.handle_event(PrinterChanged(available=False, reason="the paper is out", correlation_id=page.swap.correlation_id))
    assert (page.printing.state, page.printing.reason) == (PrintState.NOT_PRINTED, "the paper is out")
    counter.press("primary")
    assert counter.step is Step.CUSTOMER


def test_a_receipt_that_cannot_be_made_is_said_and_the_swap_stands(counter: Counter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_correlation_id: str, *, counted: bool = False) -> None:
        del counted
        raise PrinterUnavailable("no paper")

    monkeypatch.setattr(counter.world.kiosk.receipts, "make", broken)
    page = at_done(counter)
    qtbot.waitUntil(lambda: page.printing.state is PrintState.NOT_PRINTED, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.answer.state is AnswerState.CONFIRMED, timeout=PATIENCE)


def test_the_receipt_is_printed_although_the_next_customer_is_there_at_once(counter: Counter, qtbot: QtBot) -> None:
    printed: list[str | None] = []
    counter.world.bridge.announced.connect(
        lambda event: printed.append(event.correlation_id) if isinstance(event, PrinterChanged) else None
    )
    page = at_done(counter)
    assert page.swap is not None
    own = page.swap.correlation_id
    counter.press("primary")
    qtbot.waitUntil(lambda: own in printed, timeout=PATIENCE)
    assert counter.step is Step.CUSTOMER


def test_a_scanned_card_is_the_next_customer(counter: Counter, qtbot: QtBot) -> None:
    at_done(counter)
    counter.wizard.scan(counter.world.begin("normal").customer_code)
    qtbot.waitUntil(lambda: counter.words("primary") == "Read returned battery", timeout=PATIENCE)


def test_a_scanned_battery_is_no_customer(counter: Counter) -> None:
    at_done(counter)
    counter.wizard.scan("BAT-20001")
    assert counter.frame.notice == "That is a battery code. Scan the customer's card now."
    assert counter.step is Step.DONE


def test_a_complete_swap_is_never_taken_back(counter: Counter) -> None:
    page = at_done(counter)
    page.back()
    assert counter.step is Step.DONE
    assert not counter.frame.bar.allows("back")
