"""Waiting for the link, with a deadline."""

import asyncio
from datetime import UTC, datetime

from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.services.device_health import ANY, LinkState

UP, DOWN = frozenset({True}), frozenset({False})


def changed(*, up: bool) -> LinkChanged:
    return LinkChanged(connected=up, since=datetime(2026, 11, 21, tzinfo=UTC))


async def test_before_the_first_word_the_link_is_in_no_state() -> None:
    assert await LinkState().wait_for(ANY, 0.01) is False


async def test_a_link_that_was_found_down_was_tried() -> None:
    link = LinkState()
    link.handle_event(changed(up=False))
    await link.wait_until_tried()
    assert await link.wait_for(DOWN, 0.01)
    assert await link.wait_for(UP, 0.01) is False


async def test_who_waits_goes_on_when_the_link_comes_up() -> None:
    link = LinkState()
    link.handle_event(changed(up=False))
    waiting = asyncio.create_task(link.wait_for(UP, 5.0))
    await asyncio.sleep(0)  # it waits
    link.handle_event(changed(up=True))
    assert await waiting
