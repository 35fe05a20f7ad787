"""Another language while the window runs: new words, the same swap, nothing recorded, nothing lost."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import BadInput
from kiosk.domain.language import ENGLISH, tr, use_language
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.shared.translations import PSEUDO, languages, stretched
from kiosk.station.services.kiosk import Kiosk
from tests.ui.page_counter import PATIENCE, run_of
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.done import AnswerState, DonePage, PrintState
from ui.pages.payment.flow import PaymentViewKind
from ui.pages.payment.page import PaymentPage
from ui.pages.review import ReviewPage
from ui.pages.training import TrainingPage
from ui.window.boot_settings import BootSettings, read_boot_settings
from ui.window.main_window import Window
from ui.window.wizard import SwapWizard

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SETTINGS = BootSettings(fullscreen=False, training=True, inches=12.1, station="Station 14", attendant="ATT-001")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder and a configuration of its own; English again afterwards."""
    monkeypatch.setenv("SWAP_KIOSK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(tmp_path / "kiosk.toml"))
    (tmp_path / "kiosk.toml").write_text("", encoding="utf-8")
    yield tmp_path
    use_language(ENGLISH)


def open_window(qtbot: QtBot, settings: BootSettings = SETTINGS) -> Window:
    window = Window(settings)
    qtbot.addWidget(window.frame)
    with qtbot.waitSignal(window.ready, timeout=30_000):
        window.show()
    return window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = open_window(qtbot)
    yield made
    made.stop()


def wizard_of(window: Window) -> SwapWizard:
    assert window.wizard is not None
    return window.wizard


def kiosk_of(window: Window) -> Kiosk:
    assert window.counter is not None
    return window.counter.kiosk


def title(window: Window) -> str:
    return window.frame.state.title if window.frame.state else ""


def begin(window: Window, qtbot: QtBot, scenario: str) -> Swap:
    """A customer who was found, and whose swap has begun."""
    practice, bridge = kiosk_of(window).training, window.bridge
    assert practice is not None
    assert bridge is not None
    codes: list[str] = []
    bridge.run(practice.begin(scenario), lambda begun: codes.append(begun.customer_code))
    qtbot.waitUntil(lambda: bool(codes), timeout=PATIENCE)
    wizard_of(window).scan(codes[0])
    qtbot.waitUntil(lambda: window.frame.bar.primary.words == "Read returned battery", timeout=PATIENCE)
    window.frame.bar.primary.click()
    swap = wizard_of(window).swap
    assert swap is not None
    return swap


def with_batteries(window: Window, qtbot: QtBot, scenario: str) -> Swap:
    """The same with both batteries read."""
    swap, swaps, bridge = begin(window, qtbot, scenario), kiosk_of(window).swaps, window.bridge
    assert bridge is not None
    done: list[Swap] = []

    async def read() -> Swap:
        returned = await swaps.read(swap, swap.plan.current_asset or "", lambda _phase: None)
        given_back = await swaps.accept_returned(swap, returned)
        new = await swaps.read(given_back, f"BAT-{20000 + run_of(swap)}", lambda _phase: None)
        return await swaps.accept_new(given_back, new)

    bridge.run(read(), done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE)
    wizard_of(window).show_swap(done[0])
    return done[0]


def test_the_language_changes_in_the_middle_of_a_swap_and_back(window: Window, qtbot: QtBot) -> None:
    swap, before = begin(window, qtbot, "normal"), wizard_of(window).page
    window.use_language(PSEUDO)
    wizard = wizard_of(window)
    assert isinstance(wizard.page, ReturnedPage)
    assert wizard.page is not before
    assert wizard.swap is swap
    assert wizard.page.swap is swap
    assert title(window).startswith("[")
    assert window.frame.rail.accessibleName().startswith("[Step 2 of 6")
    assert all(item.words.startswith("[") for item in window.frame.status_line.items())
    window.use_language("en")
    assert wizard.swap is swap
    assert "[" not in title(window) + "".join(item.words for item in window.frame.status_line.items())


def test_a_customer_who_was_found_stays_found(window: Window, qtbot: QtBot) -> None:
    page = wizard_of(window).page
    assert isinstance(page, TrainingPage)
    page.choose("normal")
    qtbot.waitUntil(lambda: window.frame.bar.allows("primary"), timeout=PATIENCE)
    window.use_language(PSEUDO)
    assert window.frame.bar.primary.words == stretched("Scan the card")
    window.frame.bar.primary.click()
    qtbot.waitUntil(lambda: title(window) == stretched("Customer found"), timeout=PATIENCE)
    window.use_language("en")
    assert title(window) == "Customer found"
    window.frame.bar.primary.click()
    assert isinstance(wizard_of(window).page, ReturnedPage)


def test_what_was_remembered_of_readings_and_what_was_announced_stay(window: Window, qtbot: QtBot) -> None:
    swap = begin(window, qtbot, "normal")
    wizard = wizard_of(window)
    memory, status = wizard.context.memory, wizard.status
    window.use_language(PSEUDO)
    assert wizard.context.memory is memory
    assert wizard.status is status
    assert wizard.swap is swap


def test_what_was_typed_at_payment_stays_and_nothing_is_recorded(window: Window, qtbot: QtBot) -> None:
    swap = with_batteries(window, qtbot, "exhausted")
    page = wizard_of(window).page
    assert isinstance(page, PaymentPage)
    page.form.choose_method("CASH")
    page.form.set_receipt("MP447")
    page.form.set_amount(Decimal("12.5"))
    window.use_language(PSEUDO)
    fresh = wizard_of(window).page
    assert isinstance(fresh, PaymentPage)
    assert fresh is not page
    assert (fresh.form.method, fresh.form.receipt_id, fresh.form.amount.value) == ("CASH", "MP447", Decimal("12.5"))
    assert title(window).startswith("[The plan is")
    assert fresh.swap is swap
    assert not swap.payments
    window.use_language("en")
    assert title(window).startswith("The plan is")
    assert isinstance(wizard_of(window).page, PaymentPage)


def test_a_recorded_payment_is_waited_for_in_the_new_language_and_recorded_once(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_batteries(window, qtbot, "exhausted")
    page, swaps = wizard_of(window).page, kiosk_of(window).swaps
    assert isinstance(page, PaymentPage)
    asked: list[Swap] = []
    real = swaps.confirm_payment

    async def never(swap: Swap) -> Swap:
        asked.append(swap)
        return await real(swap) if len(asked) > 1 else await _for_ever()

    monkeypatch.setattr(swaps, "confirm_payment", never)
    page.form.set_receipt("PAID7")
    page.primary()
    qtbot.waitUntil(lambda: page.flow.view is PaymentViewKind.WAITING, timeout=PATIENCE)
    window.use_language(PSEUDO)
    qtbot.waitUntil(lambda: isinstance(wizard_of(window).page, ReviewPage), timeout=PATIENCE)
    swap = wizard_of(window).swap
    assert swap is not None
    assert [each.receipt_id for each in swap.payments] == ["PAID7"]
    assert len(asked) == 2


async def _for_ever() -> Swap:
    await asyncio.Event().wait()
    raise AssertionError


def test_the_review_is_shown_again_and_completes_once(window: Window, qtbot: QtBot) -> None:
    swap = with_batteries(window, qtbot, "normal")
    window.use_language(PSEUDO)
    assert title(window) == stretched("Check and complete")
    window.use_language("en")
    assert title(window) == "Check and complete"
    qtbot.waitUntil(lambda: window.frame.bar.allows("primary"))
    window.frame.bar.primary.click()
    qtbot.waitUntil(lambda: isinstance(wizard_of(window).page, DonePage), timeout=PATIENCE)
    done = wizard_of(window).swap
    assert done is not None
    assert done.correlation_id == swap.correlation_id


def test_the_language_waits_until_a_press_has_done_its_work(window: Window, qtbot: QtBot) -> None:
    with_batteries(window, qtbot, "normal")
    qtbot.waitUntil(lambda: window.frame.bar.allows("primary"))
    window.frame.bar.primary.click()
    assert wizard_of(window).acting
    window.use_language(PSEUDO)
    assert title(window) == "Check and complete"
    qtbot.waitUntil(lambda: title(window) == stretched("Done"), timeout=PATIENCE)
    page = wizard_of(window).page
    assert isinstance(page, DonePage)
    assert next_step(wizard_of(window).swap) is Step.DONE


def test_a_receipt_is_printed_once_whatever_the_language(window: Window, qtbot: QtBot) -> None:
    with_batteries(window, qtbot, "normal")
    qtbot.waitUntil(lambda: window.frame.bar.allows("primary"))
    window.frame.bar.primary.click()
    qtbot.waitUntil(lambda: isinstance(wizard_of(window).page, DonePage), timeout=PATIENCE)
    page = wizard_of(window).page
    assert isinstance(page, DonePage)
    qtbot.waitUntil(lambda: page.printing.state is PrintState.PRINTED and page.answer.state is AnswerState.CONFIRMED, timeout=PATIENCE)
    window.use_language(PSEUDO)
    fresh = wizard_of(window).page
    assert isinstance(fresh, DonePage)
    assert (fresh.printing, fresh.answer) == (page.printing, page.answer)
    assert fresh.printing.copy == 0
    assert fresh.body.notice.text().startswith("[The platform confirmed")


def test_the_page_over_the_swap_stays_open(window: Window, qtbot: QtBot) -> None:
    swap = begin(window, qtbot, "normal")
    window.frame.status.emit("printer")
    window.use_language(PSEUDO)
    assert title(window) == stretched("Printer")
    assert wizard_of(window).swap is swap
    wizard_of(window).close_overlay()
    assert isinstance(wizard_of(window).page, ReturnedPage)


def test_a_language_that_is_not_there_is_refused_and_nothing_changes(window: Window, qtbot: QtBot) -> None:
    page = wizard_of(window).page
    with pytest.raises(BadInput, match="xx is not one of en"):
        window.use_language("xx")
    assert wizard_of(window).page is page
    assert tr("Back") == "Back"


# -- the language that the settings name


@pytest.mark.parametrize("place", ["file", "environment"])
def test_the_first_picture_and_all_after_it_speak_the_language_of_the_settings(
    qtbot: QtBot, data: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "environment":
        monkeypatch.setenv("SWAP_KIOSK_UI__LANGUAGE", PSEUDO)
    else:
        (data / "kiosk.toml").write_text(f"[ui]\nlanguage = '{PSEUDO}'\nfullscreen = false\n", encoding="utf-8")
    settings = read_boot_settings(training=True)
    window = Window(replace(SETTINGS, translations=settings.translations))
    qtbot.addWidget(window.frame)
    assert window.frame.bar.primary.words == stretched("Getting ready")
    try:
        with qtbot.waitSignal(window.ready, timeout=30_000):
            window.show()
        assert title(window) == stretched("Practise a swap")
        spoken: list[str] = []

        async def speak() -> str:
            return tr("Back")

        assert window.bridge is not None
        window.bridge.run(speak(), spoken.append)
        qtbot.waitUntil(lambda: bool(spoken))
        assert spoken == [stretched("Back")]
    finally:
        window.stop()


def test_an_unknown_language_begins_in_english_and_the_settings_are_refused_with_the_list(qtbot: QtBot, data: Path) -> None:
    (data / "kiosk.toml").write_text("[ui]\nlanguage = 'tlh'\n", encoding="utf-8")
    window = Window(replace(read_boot_settings(training=True), fullscreen=False))
    qtbot.addWidget(window.frame)
    assert window.frame.bar.primary.words == "Getting ready"
    try:
        with qtbot.waitSignal(window.refused, timeout=30_000) as refused:
            window.show()
        error = (refused.args or [None])[0]
        assert isinstance(error, BadInput)
        assert "ui.language" in error.where
        assert all(each in error.reason for each in languages())
        window.use_language(PSEUDO)
        assert title(window) == stretched("The kiosk cannot start")
        assert all(button.accessibleName().startswith("[") for button in window.frame.findChildren(QPushButton) if button.isVisible())
    finally:
        window.stop()
