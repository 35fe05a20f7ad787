"""`doctor`: each part ok, or what is wrong and how to mend it; exit 1 when a required one fails."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.platform.http.app import platform_app
from kiosk.platform.http.server import run_server
from kiosk.platform.store.repository import PlatformStore
from tests.brokers import Mosquitto
from tests.cli.terminal import Terminal
from tests.platform.http.site import TOKEN, context_on

NAMES = ["configuration", "disk", "clock", "database", "broker", "platform", "batteries", "bluetooth", "barcode", "printer"]
QUICK = {"SWAP_KIOSK_MQTT__CONNECT_SECONDS": "0.3"}


def bad(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in findings if not each["ok"]}


def test_a_kiosk_that_works_is_told_so(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    ran = terminal.run("doctor", "--json")
    assert ran.code == 0
    assert [each["name"] for each in ran.json] == NAMES
    assert set(bad(ran.json)) == {"printer"}
    assert not bad(ran.json)["printer"]["required"]
    assert "MQTT 5" in next(each["what"] for each in ran.json if each["name"] == "broker")


def test_for_people_each_is_one_line(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    lines = terminal.here("doctor").out.splitlines()
    assert [line.split()[:2] for line in lines] == [["no" if name == "printer" else "ok", name] for name in NAMES]


def test_a_missing_broker_is_named_with_a_way_to_mend_it(terminal: Terminal) -> None:
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    broker = bad(ran.json)["broker"]
    assert "127.0.0.1:1" in broker["what"]
    assert broker["mend"]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("[ui]\nfulscreen = true", "ui.fulscreen"),
        ('[topics]\ncomplete_service = "call/complete"', "topics.complete_service"),
        ('[topics]\nfinish = "call/{plan_id}"', "topics.finish"),
    ],
)
def test_a_wrong_configuration_is_one_finding(terminal: Terminal, more: str, key: str) -> None:
    terminal.configure(more=more)
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    (finding,) = ran.json
    assert (finding["name"], finding["ok"]) == ("configuration", False)
    assert key in finding["what"]


def test_a_data_folder_that_cannot_be_used_is_told(terminal: Terminal) -> None:
    terminal.data.write_text("a file where the folder should be")
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    assert {"disk", "database"} <= set(bad(ran.json))
    assert str(terminal.data) in bad(ran.json)["disk"]["what"]
    assert all(each["mend"] for each in bad(ran.json).values())


def test_a_damaged_database_is_told(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "kiosk.sqlite").write_bytes(b"this is no database, and longer than a page header " * 40)
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    assert "database" in bad(ran.json)


def test_a_platform_that_cannot_be_reached_is_told_and_the_kiosk_works_without(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto, more='[platform]\nurl = "http://127.0.0.1:1"')
    ran = terminal.here("doctor", "--json")
    assert ran.code == 0
    assert "http://127.0.0.1:1" in bad(ran.json)["platform"]["what"]
    assert "token" in bad(ran.json)["platform"]["mend"]


@pytest.mark.parametrize(("token", "ok"), [(TOKEN, True), ("wrong", False)])
def test_the_platform_is_asked_with_this_kiosks_token(terminal: Terminal, mosquitto: Mosquitto, token: str, *, ok: bool) -> None:
    (terminal.folder / "token").write_text(token)
    with served_elsewhere(terminal.folder / "books.db") as url:
        terminal.configure(mosquitto, more=f'[platform]\nurl = "{url}"\ntoken_file = "{terminal.folder / "token"}"')
        ran = terminal.here("doctor", "--json")
    (finding,) = [each for each in ran.json if each["name"] == "platform"]
    assert finding["ok"] is ok
    assert ran.code == 0
    assert ok or "token" in finding["what"]


@contextmanager
def served_elsewhere(books: Path) -> Iterator[str]:
    """The platform's HTTP side in a thread of its own; gives its URL."""
    with ThreadPoolExecutor(1) as thread:
        ready: Future[Any] = Future()
        end = thread.submit(asyncio.run, _serve(books, ready))
        loop, stop, url = ready.result(20)
        yield url
        loop.call_soon_threadsafe(stop.set)
        end.result(20)


async def _serve(books: Path, ready: Future[Any]) -> None:
    store, stop = PlatformStore(books), asyncio.Event()
    async with run_server(platform_app(context_on(store))) as url:
        ready.set_result((asyncio.get_running_loop(), stop, url))
        await stop.wait()
    store.close()
