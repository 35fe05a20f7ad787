"""`doctor`: each part ok, or what is wrong and how to mend it; exit 1 when a required one fails."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import hypot
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.doctor import Finding, _screen
from kiosk.platform.http.app import platform_app
from kiosk.platform.http.server import run_server
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import Settings, UiSettings
from kiosk.station.adapters.panels import HEADER, reported_mm
from tests.brokers import Mosquitto
from tests.cli.terminal import Ran, Terminal
from tests.platform.http.site import TOKEN, context_on

NAMES = [
    "configuration",
    "disk",
    "clock",
    "database",
    "record",
    "broker",
    "signing",
    "platform",
    "batteries",
    "people",
    "bluetooth",
    "barcode",
    "printer",
    "screen",
]
QUICK = {"SWAP_KIOSK_MQTT__CONNECT_SECONDS": "0.3"}


def bad(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in findings if not each["ok"]}


def test_a_kiosk_that_works_is_told_so(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    ran = terminal.run("doctor", "--json")
    assert ran.code == 0
    assert [each["name"] for each in ran.json] == NAMES
    assert set(bad(ran.json)) == {"printer", "signing"}
    assert not bad(ran.json)["printer"]["required"]
    assert "MQTT 5" in next(each["what"] for each in ran.json if each["name"] == "broker")


def test_for_people_each_is_one_line(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    lines = terminal.here("doctor").out.splitlines()
    assert [line.split()[:2] for line in lines] == [["no" if name in {"printer", "signing"} else "ok", name] for name in NAMES]


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


# ---------------------------------------------------------------- secrets


def secrets_of(ran: Ran) -> dict[str, Any]:
    return next(each for each in ran.json if each["name"] == "secrets")


@pytest.mark.parametrize(
    ("mode", "ok", "required", "words"),
    [(0o600, True, False, "nobody else can read"), (0o644, False, False, "chmod 600"), (0o666, False, True, "chmod 600")],
)
def test_a_secret_file_that_others_can_read_or_change_is_told(
    terminal: Terminal, mosquitto: Mosquitto, mode: int, words: str, *, ok: bool, required: bool
) -> None:
    secret = terminal.folder / "password"
    secret.write_text("secret")
    secret.chmod(mode)
    terminal.configure(mosquitto)
    found = secrets_of(terminal.here("doctor", "--json", SWAP_KIOSK_MQTT__PASSWORD_FILE=str(secret), **QUICK))
    assert (found["ok"], found["required"]) == (ok, required)
    assert words in found["what"]


@pytest.mark.parametrize(
    ("name", "more", "plain"),
    [
        ("password", {"MQTT__HOST": "0.0.0.0", "MQTT__USERNAME": "station"}, "MQTT__ALLOW_PLAIN"),  # noqa: S104  asked, not listened on
        ("token", {"PLATFORM__URL": "http://0.0.0.0:1", "MQTT__HOST": "127.0.0.1"}, "PLATFORM__ALLOW_PLAIN"),
    ],
)
def test_a_secret_that_would_be_sent_unencrypted_is_told(terminal: Terminal, name: str, more: dict[str, str], plain: str) -> None:
    secret = terminal.folder / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    terminal.configure()
    section = "MQTT__PASSWORD_FILE" if name == "password" else "PLATFORM__TOKEN_FILE"
    variables = {f"SWAP_KIOSK_{key}": value for key, value in {**more, section: str(secret)}.items()}
    refused = secrets_of(terminal.here("doctor", "--json", **variables, **QUICK))
    assert (refused["ok"], refused["required"], refused["what"].startswith("Not sent, as it would be unencrypted")) == (False, True, True)
    assert "tls = true" in refused["mend"]
    allowed = secrets_of(terminal.here("doctor", "--json", **variables, **QUICK, **{f"SWAP_KIOSK_{plain}": "true"}))
    assert (allowed["ok"], allowed["required"], allowed["what"].startswith("Unencrypted, as allow_plain says")) == (False, False, True)


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


def edid(inches: float, ratio: tuple[int, int]) -> bytes:
    """What a panel of such a size tells of itself: its size in cm, and in mm in its first timing."""
    per_part = inches * 25.4 / hypot(*ratio)
    wide, high = (round(part * per_part) for part in ratio)
    told = bytearray(128)
    told[:8], told[21:23], told[54] = HEADER, bytes((wide // 10, high // 10)), 1
    told[66:69] = bytes((wide & 255, high & 255, (wide >> 8) << 4 | high >> 8))
    return bytes(told)


def connected(root: Path, mode: str, told: bytes, name: str = "card0-HDMI-A-1") -> Path:
    connector = root / "sys/class/drm" / name
    connector.mkdir(parents=True)
    (connector / "status").write_text("connected\n")
    (connector / "modes").write_text(f"{mode}\n640x480\n")
    (connector / "edid").write_bytes(told)
    return root


def screen_finding(root: Path, inches: float | None = None) -> Finding:
    return asyncio.run(_screen(Settings(ui=UiSettings(diagonal_inches=inches)), root))


@pytest.mark.parametrize(
    ("mode", "inches", "ratio", "has_room"),
    [
        ("800x480", 7.0, (5, 3), False),
        ("1024x600", 7.0, (128, 75), False),
        ("1280x800", 10.1, (16, 10), True),
        ("1024x600", 10.1, (128, 75), True),
        ("1024x768", 12.1, (4, 3), True),
        ("1920x1080", 15.6, (16, 9), True),
        ("1080x1920", 21.5, (9, 16), True),
        ("2560x1440", 27.0, (16, 9), True),
        ("3840x2160", 46.0, (16, 9), True),
    ],
)
def test_doctor_says_whether_the_pages_have_room(
    tmp_path: Path, mode: str, inches: float, ratio: tuple[int, int], *, has_room: bool
) -> None:
    found = screen_finding(connected(tmp_path, mode, edid(inches, ratio)))
    assert (found.ok, found.required) == (has_room, True)
    assert mode.replace("x", " x ") in found.what
    assert float(found.what.split(" inch")[0].rsplit(" ", 1)[-1]) == pytest.approx(inches, abs=0.1)
    assert ("[ui] diagonal_inches" in found.mend) is not has_room


def test_a_panel_that_tells_no_size_is_judged_by_its_resolution_and_by_the_setting(tmp_path: Path) -> None:
    root = connected(tmp_path, "1280x800", b"")
    assert "12.1 inch" in screen_finding(root).what
    assert "10.1 inch" in screen_finding(root, 10.1).what
    assert not screen_finding(root, 7.0).ok
    assert not screen_finding(connected(tmp_path / "other", "800x480", b"")).ok


def test_the_customers_small_panel_beside_the_counters_is_not_the_counters(tmp_path: Path) -> None:
    connected(tmp_path, "1024x600", edid(7.0, (128, 75)), "card0-DSI-1")
    assert screen_finding(connected(tmp_path, "1920x1080", edid(15.6, (16, 9)))).ok


def test_without_a_panel_the_kiosk_is_not_said_to_be_broken(tmp_path: Path) -> None:
    found = screen_finding(tmp_path)
    assert (found.ok, found.required) == (True, False)


@pytest.mark.parametrize("told", [b"", b"no edid at all", bytes(128), HEADER, HEADER + bytes(120)])
def test_what_is_no_edid_tells_no_size(told: bytes) -> None:
    assert reported_mm(told) == (0.0, 0.0)
