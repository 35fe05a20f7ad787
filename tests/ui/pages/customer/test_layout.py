"""The first page, training's, the page before them and those behind the status line: sound at every size and look, and 40 % longer."""

import asyncio
import errno
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BadCustomerCode, CustomerUnknown, PlanBlocked, PlanTooOld, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import ENGLISH, tr, use_language
from kiosk.domain.swap.swap import Step, Swap
from kiosk.domain.times import spell_age
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.station.events import Event, HealthChanged, OutboxChanged
from kiosk.station.health import Health, HealthPart, HealthState
from kiosk.station.ports import CompletedSwap, KeptSwap, OutboxEntry, OutboxState, OutgoingMessage, Scenario
from kiosk.station.services.customer_lookup import Overview
from kiosk.station.services.open_completions import OpenCompletion
from kiosk.training.scenarios import read_scripts
from tests.builders import plan_of, swap_of, swap_with_batteries
from tests.ui.faults import SCREENS, faults, lengthen
from tests.ui.long_ids import LENGTHS, ends_unseen, lengthen_ids
from tests.ui.pages.customer.found_states import FOUND
from tests.ui.pages.people.states import PEOPLE_STATES
from tests.ui.screens import frame_in, widgets_of
from tests.ui.untranslated import untranslated
from tests.ui.window_counter import Window, World, window_on, world_in
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import wait_for_plan
from ui.pages.overlays.outbox_page import OutboxPage
from ui.pages.start import StartPage
from ui.pages.training import TrainingPage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


NAMES = ("Joseph M.", "Lydia K.", "Miriam T.", "Samuel B.", "Nadia W.", "These were two PINs. Choose one.")
DATA = (
    "Station 14",
    "Amina W.",
    "Moses O.",
    "Weekly Freedom Nairobi",
    "CUST-001",
    "bss-plan-wee … bi-v2-plan1",
    "the disk is full",
    "Paper out",
)


class Scripts:
    """Practice: the shipped situations; beginning one is the training environment's business, not the layout's."""

    scenarios = tuple(script.scenario(7) for script in read_scripts())

    async def begin(self, scenario_id: str) -> Scenario:
        return next(each for each in self.scenarios if each.id == scenario_id)


@pytest.fixture
def practice(tmp_path: Path, qtbot: QtBot) -> Iterator[World]:
    with world_in(tmp_path, qtbot, Scripts()) as made:
        yield made


def page_of(window: Window) -> CustomerPage:
    page = window.wizard.page_of(Step.CUSTOMER)
    assert isinstance(page, CustomerPage)
    return page


def fresh(window: Window) -> Swap:
    now = window.context.now()
    return replace(swap_of(plan_of(customer_name="Amina Wanjiru")), started_at=now, plan_as_of=now)


def kept(window: Window) -> tuple[KeptSwap, ...]:
    now = window.context.now()
    two = replace(swap_with_batteries(plan_of(customer_name="Moses Otieno")), correlation_id="TXN-2")
    return (
        KeptSwap(swap=two, saved_at=now - timedelta(minutes=12), set_aside=True),
        KeptSwap(swap=fresh(window), saved_at=now - timedelta(hours=2), set_aside=False),
    )


def idle(window: Window) -> None:
    page_of(window)._show_overview(Overview())


def idle_with_all(window: Window) -> None:
    one, _ = kept(window)
    last = CompletedSwap(swap=replace(one.swap, completed_at=window.context.now()), state=OutboxState.UNSETTLED)
    page_of(window)._show_overview(Overview(kept=(one,), last=last))


def wrong_code(window: Window) -> None:
    window.wizard.scan("BAT-12345")


def typing(window: Window) -> None:
    page_of(window).start_typing("CUST-00")


def looking(window: Window) -> None:
    page = page_of(window)
    page.looking_view.start("bss-plan-wee … bi-v2-plan1", wait_for_plan(4.0))
    page.looking_view.busy.tick(2.6, 0)
    page._show_kept_since(window.context.now() - timedelta(hours=3))
    page.looking_view.show_kept(page._kept_words)
    page._layers.setCurrentWidget(page.looking_view)


def refused_with(error: Exception) -> Callable[[Window], None]:
    return lambda window: page_of(window)._refuse(error)


def called(window: Window) -> None:
    page_of(window)._refuse(PlanBlocked("p", "BATTERY_LOST"))
    page_of(window).other()


def kept_list(window: Window) -> None:
    page_of(window).overview = Overview(kept=kept(window))
    page_of(window).show_kept()


def outbox(window: Window) -> OutboxPage:
    window.wizard.open_overlay("outbox")
    side, now = window.wizard.overlay, window.context.now()
    assert isinstance(side, OutboxPage)
    side.leave()  # what the store would say comes no more
    message = OutgoingMessage(correlation_id="TXN-2", plan_id="p", topic="t", payload=b"")
    refused = OutboxEntry(
        message=message,
        state=OutboxState.REFUSED,
        created_at=now,
        tries=1,
        last_sent_at=now,
        reason="BAT-67890 is assigned to another plan",
    )
    swap = replace(kept(window)[0].swap, completed_at=now)
    waiting = replace(refused, state=OutboxState.UNSETTLED, tries=7)
    later = (OpenCompletion(entry=waiting, swap=replace(swap, correlation_id=f"TXN-{number}")) for number in range(3, 15))
    side._show((OpenCompletion(entry=refused, swap=swap), *later))
    return side


def outbox_note(window: Window) -> None:
    outbox(window).other()


def broken_parts() -> dict[HealthPart, Health]:
    """Every part with the longest that it says, in the language of now."""
    wrong, warning = HealthState.WRONG, HealthState.WARNING
    full, clock = OSError(errno.EDQUOT, ""), tr("Check the time. Is it wrong? Call the technician.")
    off, link = AdapterFault.SWITCHED_OFF, tr("Check network cable and modem. Swaps go on meanwhile.")
    ends = tr("the certificate {file} ends in {count} days, on {day}", file="station-14.crt", count=12, day="2026-12-12")
    renew = tr("The technician puts a new {file} in its place.", file="station-14.crt")
    return {
        HealthPart.READER: Health(state=wrong, what=off.phrase, repair=off.repair),
        HealthPart.PRINTER: Health(state=warning, what="Paper out", repair=tr("Put paper in and close the lid."), short="Paper out"),
        HealthPart.LINK: Health(state=warning, what=tr("the broker refused the connection"), repair=link),
        HealthPart.PLATFORM: Health(state=HealthState.NOT_SET_UP, what=tr("no address is set up: no readings are reported")),
        HealthPart.DISK: Health(state=wrong, what=fault_phrase(full), repair=fault_repair(full)),
        HealthPart.CLOCK: Health(state=warning, what=tr("it was set back by {age}", age=spell_age(timedelta(days=12))), repair=clock),
        HealthPart.CERTIFICATES: Health(state=warning, what=ends, repair=renew),
    }


def faulty(window: Window) -> None:
    then = window.context.now() - timedelta(minutes=12)
    events: list[Event] = [HealthChanged(part=part, health=health) for part, health in broken_parts().items()]
    events.append(LinkChanged(connected=False, since=then, reason="the broker refused the connection"))
    events.append(OutboxChanged(unsettled=3, oldest=then, refused=0))
    for event in events:
        window.wizard.handle_event(event)


def behind(key: str, *, broken: bool) -> Callable[[Window], None]:
    def prepare(window: Window) -> None:
        if broken:
            faulty(window)
        window.wizard.open_overlay(key)

    return prepare


STATES: dict[str, Callable[[Window], object]] = {
    "idle": idle,
    "idle with all": idle_with_all,
    "a wrong code": wrong_code,
    "typing": typing,
    "looking": looking,
    **FOUND,
    "unknown": refused_with(CustomerUnknown("CUST-99")),
    "too old": refused_with(PlanTooOld("p", timedelta(hours=26), timedelta(hours=24))),
    "bad code": refused_with(BadCustomerCode("it is longer than 512 characters")),
    "disk": refused_with(StoreFailed("the disk is full")),
    "supervisor called": called,
    "kept": kept_list,
    "outbox": outbox,
    "note": outbox_note,
    **{f"{key} calm": behind(key, broken=False) for key in ("link", "scanner", "printer", "outbox", "health")},
    **{f"{key} broken": behind(key, broken=True) for key in ("link", "scanner", "printer", "health")},
}


def prepare_people(world: World, window: Window, prepare: Callable[[World, Window], object]) -> None:
    """The same for a page of people."""
    prepared(world, window, lambda shown: prepare(world, shown))


def prepared(world: World, window: Window, prepare: Callable[[Window], object]) -> None:
    """The state, once what the page has asked for when it was entered is answered: that would draw over it."""
    world.wait(asyncio.sleep(0))
    prepare(window)
    world.wait(asyncio.sleep(0))


@pytest.mark.parametrize("words", ["as written", "longer"])
@pytest.mark.parametrize(("screen", "look"), [*((screen, "light") for screen in SCREENS), ("1280x800", "dark")])
def test_every_page_of_people_is_sound(world: World, screen: str, look: str, words: str) -> None:
    use_language(translations_of(PSEUDO) if words == "longer" else ENGLISH)
    found = {}
    try:
        for name, prepare in PEOPLE_STATES.items():
            with window_on(world, widgets_of(screen, look)) as window:
                prepare_people(world, window, prepare)
                found[name] = faults(window.frame, SCREENS[screen])
                found[name] += untranslated(window.frame, (*DATA, *NAMES)) if words == "longer" else []
                window.frame.hide()
    finally:
        use_language(ENGLISH)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    ("screen", "look"), [*product(SCREENS, ("light", "training")), ("1280x800", "dark"), ("1280x800", "training-dark")]
)
def test_every_state_is_sound(world: World, screen: str, look: str) -> None:
    for name, prepare in STATES.items():
        with window_on(world, widgets_of(screen, look)) as window:
            prepared(world, window, prepare)
            assert faults(window.frame, SCREENS[screen]) == [], name
            window.frame.hide()


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_is_sound_and_translated_40_percent_longer(world: World, screen: str) -> None:
    found = {}
    for name, prepare in STATES.items():
        with window_on(world, widgets_of(screen)) as window:
            prepared(world, window, prepare)
            found[name] = [*faults(window.frame, SCREENS[screen]), *untranslated(window.frame, DATA)]
            window.frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_end_of_an_id_is_seen_in_every_state(world: World, screen: str, length: int) -> None:
    found = {}
    for name, prepare in STATES.items():
        with window_on(world, widgets_of(screen)) as window:
            prepared(world, window, prepare)
            lengthen_ids(window.frame, length)
            found[name] = [*ends_unseen(window.frame), *faults(window.frame, SCREENS[screen])]
            window.frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("words", ["as written", "longer"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_situation_to_practise_is_sound(practice: World, screen: str, words: str) -> None:
    for scenario in Scripts.scenarios:
        with window_on(practice, widgets_of(screen, "training"), TrainingPage) as window:
            page = page_of(window)
            assert isinstance(page, TrainingPage)
            page._show_overview(Overview(kept=kept(window)))
            page._show_begun(scenario)
            if words == "longer":
                lengthen(window.frame)
            assert faults(window.frame, SCREENS[screen]) == [], scenario.id
            window.frame.hide()


def shown_start(qtbot: QtBot, screen: str, prepare: Callable[[StartPage], None]) -> QWidget:
    widgets = widgets_of(screen)
    frame = frame_in(widgets, qtbot)
    page = StartPage(widgets)
    prepare(page)
    frame.add_page(page)
    frame.show_page(page)
    frame.show_state(page.state)
    frame.show()
    return frame


@pytest.mark.parametrize("words", ["as written", "longer"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_first_picture_and_its_refusal_are_sound(qtbot: QtBot, screen: str, words: str) -> None:
    why, steps = "Another window works on the same data.", ("Use that window, or close it first.",)
    for prepare in (StartPage.show_waiting, lambda page: page.show_refusal("The kiosk is already running", why, steps)):
        frame = shown_start(qtbot, screen, prepare)
        if words == "longer":
            lengthen(frame)
        assert faults(frame, SCREENS[screen]) == []
        frame.hide()
