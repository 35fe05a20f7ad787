"""Work that ends when its page is gone."""

import asyncio

import shiboken6
from pytestqt.qtbot import QtBot

from tests.ui.screens import widgets_of
from tests.ui.window_counter import World, window_on
from ui.pages.page_context import Page
from ui.widgets.frame import Action, FrameState


class Working(Page):
    """Any page."""

    def frame_state(self) -> FrameState:
        return FrameState(title="", step=0, primary=Action(words="", icon=""))


def test_what_ends_after_its_page_is_gone_is_dropped(world: World, qtbot: QtBot) -> None:
    with window_on(world, widgets_of("1280x800")) as window:
        page, go_on, heard = Working(window.wizard.context), asyncio.Event(), list[str]()
        page.act(go_on.wait(), page.advanced.emit)
        page.run(go_on.wait(), lambda _done: heard.append("gone"))
        shiboken6.delete(page)
        world.bridge.run(_set(go_on), lambda _none: heard.append("here"))
        qtbot.waitUntil(lambda: heard == ["here"])
        world.wait(asyncio.sleep(0))
        assert heard == ["here"]


async def _set(event: asyncio.Event) -> None:
    event.set()
