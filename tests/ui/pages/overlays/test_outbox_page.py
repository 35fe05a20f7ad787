"""The list behind "waiting" and "refused", on a real outbox."""

import pytest
from PySide6.QtTest import QTest

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.station.ports import OutboxState
from tests.builders import rolled_back
from tests.ui.window_counter import Window, World
from ui.pages.overlays.outbox_page import OutboxPage
from ui.widgets import Label

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def refused(world: World, plan: ServicePlan | None = None) -> str:
    """A completion that the platform has refused."""
    swap = world.completed(plan)
    world.qtbot.waitUntil(lambda: bool(world.channel.sent))

    async def refuse() -> None:
        world.channel.refuse(world.channel.sent[0], "no such battery")

    world.wait(refuse())
    return swap.correlation_id


def open_list(window: Window, world: World) -> OutboxPage:
    window.frame.status.emit("outbox")
    side = window.wizard.overlay
    assert isinstance(side, OutboxPage)
    world.qtbot.waitUntil(lambda: bool(side.completions))
    return side


def state_of(world: World, correlation_id: str) -> OutboxState:
    async def read() -> OutboxState:
        return world.store.outbox_entry(correlation_id).state

    return world.wait(read())


def test_a_refused_completion_stands_in_red_and_in_the_list(window: Window, world: World) -> None:
    refused(world)
    world.qtbot.waitUntil(lambda: window.frame.status_line.items()[1].words == "1 refused")
    side = open_list(window, world)
    assert [each.refused for each in side.completions] == [True]
    assert (window.words("primary"), window.words("other")) == ("Send again", "Resolve with note")


def test_a_refused_completion_is_sent_again_with_the_same_bytes(window: Window, world: World) -> None:
    correlation_id = refused(world)
    open_list(window, world)
    window.press("primary")
    world.qtbot.waitUntil(lambda: len(world.channel.sent) == 2)
    assert world.channel.sent[0].payload == world.channel.sent[1].payload
    assert state_of(world, correlation_id) is OutboxState.UNSETTLED


def test_a_refused_completion_is_resolved_with_a_note_and_only_with_one(window: Window, world: World) -> None:
    correlation_id = refused(world)
    side = open_list(window, world)
    window.press("other")
    assert not window.frame.bar.allows("primary")
    QTest.keyClicks(window.frame, "paid in cash, Mary")
    window.press("primary")
    world.qtbot.waitUntil(lambda: not side.completions)
    assert state_of(world, correlation_id) is OutboxState.RESOLVED
    world.qtbot.waitUntil(lambda: window.frame.status_line.items()[1].words == "All confirmed")
    assert window.words("primary") == "Back to the counter"


def test_what_waits_cannot_be_resolved_away(window: Window, world: World) -> None:
    world.completed()
    open_list(window, world)
    assert not window.frame.bar.allows("other")
    window.press("back")
    assert window.title == "Next customer"


def test_a_refused_step_of_the_older_sequence_is_named_and_is_one_entry(window: Window, world: World) -> None:
    correlation_id = refused(world, rolled_back())
    side = open_list(window, world)
    assert [each.entry.message.correlation_id for each in side.completions] == [correlation_id]
    words = [label.text() for label in side.findChildren(Label) if label.isVisible()]
    assert "Reason: no such battery (at taking back the returned battery). Call the supervisor." in words
