"""The page behind "Offline": seconds to the next try, and a person who does not wait for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from kiosk.shared.mqtt.link import LinkChanged
from tests.ui.window_counter import Window, World
from ui.pages.formatting import StationTime
from ui.pages.overlays.link_page import NextTry, link_view
from ui.pages.overlays.status_pages import Status
from ui.widgets import Label

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = StationTime(now=NOW, zone=UTC)
DOWN = LinkChanged(connected=False, since=NOW - timedelta(minutes=12), reason="the link broke")
FORBIDDEN = "the broker does not let this kiosk publish to call/uxi/attendant/plan/p/complete_service"


@dataclass
class Line:
    """A link that is down, and that keeps how often it was tried at once."""

    seconds: float | None = 14.2
    tried: int = 0

    @property
    def seconds_to_try(self) -> float | None:
        return self.seconds

    def try_now(self) -> None:
        self.tried += 1
        self.seconds = None


def said(window: Window) -> str:
    return " ".join(label.text() for label in window.frame.findChildren(Label) if label.isVisible())


@pytest.fixture
def line(world: World) -> Line:
    made = Line()
    world.kiosk.link._link = made
    return made


def test_offline_says_the_seconds_and_try_now_tries_at_once(window: Window, world: World, qtbot: QtBot, line: Line) -> None:
    world.bridge.announce(DOWN)
    qtbot.waitUntil(lambda: window.wizard.status.link is not None)
    window.wizard.open_overlay("link")
    qtbot.waitUntil(lambda: "Next try in 15 s." in said(window))
    assert window.words("other") == "Try now"
    line.seconds = 3.4
    qtbot.waitUntil(lambda: "Next try in 4 s." in said(window))
    window.press("other")
    qtbot.waitUntil(lambda: "Trying now." in said(window))
    assert line.tried == 1
    assert (window.words("other"), window.frame.bar.allows("other")) == ("Trying now", False)


def test_when_the_link_is_back_there_is_nothing_to_try(window: Window, world: World, qtbot: QtBot, line: Line) -> None:
    world.bridge.announce(DOWN)
    qtbot.waitUntil(lambda: window.wizard.status.link is not None)
    window.wizard.open_overlay("link")
    qtbot.waitUntil(lambda: "Next try in 15 s." in said(window))
    world.bridge.announce(LinkChanged(connected=True, since=world.clock.now()))
    qtbot.waitUntil(lambda: "Connected" in said(window))
    qtbot.waitUntil(lambda: not window.frame.bar.other.isVisible())
    assert "Next try" not in said(window)


@pytest.mark.parametrize(
    ("next_try", "words"),
    [(None, ""), (NextTry(None), "Trying now."), (NextTry(0.2), "Next try in 1 s."), (NextTry(30), "Next try in 30 s.")],
)
def test_the_next_try_is_a_sentence_of_its_own(next_try: NextTry | None, words: str) -> None:
    sentences = link_view(Status(link=DOWN), HERE, next_try).sentences
    assert [each for each in sentences if each.startswith(("Next try", "Trying"))] == ([words] if words else [])
    assert len(sentences) == 2 + bool(words)


def test_a_broker_that_forbids_something_is_said_though_the_link_is_up() -> None:
    status = Status(link=LinkChanged(connected=True, since=NOW, forbidden=FORBIDDEN))
    view = link_view(status, HERE)
    assert (view.tone, view.head) == ("attention", "The platform refuses access")
    assert f"Reason: {FORBIDDEN}." in view.sentences
    item = status.items(NOW)[0]
    assert (item.words, item.tone) == ("Access refused", "attention")


def test_the_page_says_that_anybody_may_speak() -> None:
    link = LinkChanged(connected=True, since=NOW)
    assert "Anybody may speak on this broker." in link_view(Status(link=link, open_to_all=True), HERE).sentences
    assert "Anybody may speak on this broker." not in link_view(Status(link=link), HERE).sentences
