"""What is told to systemd, by a program that it started and watches, and by no other."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.shared.service_manager import ALIVE, READY, STOPPING, ServiceManager, told_alive
from tests.brokers import run


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(30)
        yield made


def environment(manager: socket.socket, pid: int | str, seconds: float) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_PID": str(pid), "WATCHDOG_USEC": str(round(seconds * 1_000_000))}


def heard(manager: socket.socket) -> list[str]:
    """All that has been told, without waiting."""
    manager.settimeout(0)
    told = []
    try:
        while True:
            told.append(manager.recv(100).decode())
    except BlockingIOError:
        return told


def test_ready_alive_and_stopping_are_told_in_this_order(manager: socket.socket) -> None:
    async def scene() -> None:
        async with told_alive(ServiceManager(environment(manager, os.getpid(), 0.6))):
            await asyncio.sleep(0.9)  # fewer than a socket holds

    run(scene())
    first, *between, last = heard(manager)
    assert (first, set(between), last) == (READY, {ALIVE}, STOPPING)
    assert len(between) >= 3


def test_a_loop_that_hangs_tells_nothing(manager: socket.socket) -> None:
    async def scene() -> None:
        async with told_alive(ServiceManager(environment(manager, os.getpid(), 0.3))):
            await asyncio.sleep(0)
            heard(manager)
            time.sleep(1.0)  # noqa: ASYNC251  a loop that hangs is what is looked at
            assert heard(manager) == []

    run(scene())


@pytest.mark.parametrize("unfit", [{"WATCHDOG_PID": "1"}, {"WATCHDOG_PID": ""}, {"NOTIFY_SOCKET": ""}])
def test_a_child_of_the_service_tells_nothing(manager: socket.socket, unfit: dict[str, str]) -> None:
    other = ServiceManager(environment(manager, os.getpid(), 3) | unfit)
    other.tell(READY)
    assert (heard(manager), other.every_seconds) == ([], None)


@pytest.mark.parametrize("within", ["", "0", "soon", "-1"])
def test_a_manager_that_does_not_watch_is_told_no_signs_of_life(manager: socket.socket, within: str) -> None:
    assert ServiceManager(environment(manager, os.getpid(), 3) | {"WATCHDOG_USEC": within}).every_seconds is None


def test_a_manager_that_has_gone_changes_nothing(tmp_path: Path) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_PID": str(os.getpid())}).tell(READY)


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(f"\0swap-kiosk-test-{os.getpid()}")
        ServiceManager({"NOTIFY_SOCKET": f"@swap-kiosk-test-{os.getpid()}", "WATCHDOG_PID": str(os.getpid())}).tell(READY)
        assert heard(made) == [READY]


def test_the_platform_tells_that_it_is_ready_lives_and_stops(manager: socket.socket, tmp_path: Path) -> None:
    """The command in a process of its own, as the unit starts it."""
    words = ("platform", "serve", "--broker", "mqtt://127.0.0.1:1", "--database", f"sqlite:///{tmp_path / 'books.sqlite'}")
    shell = f'WATCHDOG_PID=$$ exec "{sys.executable}" -m kiosk "$@"'
    variables = os.environ | environment(manager, "", 0.6)
    with subprocess.Popen(["sh", "-c", shell, "sh", *words], env=variables, stderr=subprocess.DEVNULL) as platform:
        told = [manager.recv(100).decode() for _ in range(3)]
        platform.send_signal(signal.SIGTERM)
        while told[-1] != STOPPING:
            told.append(manager.recv(100).decode())
        assert platform.wait(30) == 0
    assert (told[0], set(told[1:-1])) == (READY, {ALIVE})
