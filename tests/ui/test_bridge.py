"""The bridge: work on the I/O thread, results in the window's thread."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import LinkDown
from kiosk.shared.mqtt.link import LinkChanged
from ui.bridge import Bridge


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    made = Bridge()
    made.start()
    yield made
    made.stop()


async def thread_name() -> str:
    return threading.current_thread().name


async def refuse() -> None:
    raise LinkDown("no network")


def test_work_runs_on_the_io_thread_and_its_result_comes_to_this_one(bridge: Bridge, qtbot: QtBot) -> None:
    came: list[tuple[str, str]] = []
    bridge.run(thread_name(), lambda name: came.append((name, threading.current_thread().name)))
    qtbot.waitUntil(lambda: bool(came))
    assert came == [("io", threading.main_thread().name)]


def test_a_failure_goes_to_whoever_asked_for_it(bridge: Bridge, qtbot: QtBot) -> None:
    failed: list[Exception] = []
    bridge.run(refuse(), lambda _none: None, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], LinkDown)


def test_a_failure_that_nobody_asked_for_is_not_swallowed(bridge: Bridge, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bridge.unhandled) as signal:
        bridge.run(refuse(), lambda _none: None)
    assert isinstance((signal.args or [None])[0], LinkDown)


def test_cancelled_work_brings_nothing_any_more(bridge: Bridge, qtbot: QtBot) -> None:
    came: list[object] = []
    handle = bridge.run(thread_name(), came.append, came.append)
    handle.cancel()
    later: list[object] = []
    bridge.run(thread_name(), later.append)
    qtbot.waitUntil(lambda: bool(later))
    assert came == []


def test_cancelled_work_is_stopped_where_it_waits(bridge: Bridge, qtbot: QtBot) -> None:
    ended: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    started: list[str] = []
    handle = bridge.run(wait_for_ever(), lambda _none: None)
    bridge.run(thread_name(), started.append)
    qtbot.waitUntil(lambda: bool(started))
    handle.cancel()
    qtbot.waitUntil(lambda: ended == ["ended"])


def test_an_announcement_from_another_thread_lands_in_this_one(bridge: Bridge, qtbot: QtBot) -> None:
    heard: list[str] = []
    bridge.announced.connect(lambda _event: heard.append(threading.current_thread().name))

    async def announce() -> None:
        bridge.announce(LinkChanged(connected=True, since=datetime.now(UTC)))

    bridge.run(announce(), lambda _none: None)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [threading.main_thread().name]


def test_stopping_ends_the_thread_with_its_work(qtbot: QtBot) -> None:
    bridge = Bridge()
    bridge.start()
    bridge.run(asyncio.sleep(3600), lambda _none: None)
    bridge.stop()
    assert all(thread.name != "io" for thread in threading.enumerate())
