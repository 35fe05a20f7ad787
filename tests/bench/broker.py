"""Mosquitto on a free loopback port, and a constant responder behind it: processes of their own, for as long as the context lasts.

Raises LinkDown, with what to do, where there is no Mosquitto or it does not come up in time.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kiosk.domain.errors import LinkDown

HOST = "127.0.0.1"
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])
_SECONDS = 15.0
_CONFIG = "allow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\n"  # small packets do not wait for each other


@contextmanager
def answered_broker(folder: Path) -> Generator[int]:
    """The port of a broker with the responder."""
    with bare_broker(folder) as port, responder(port):
        yield port


@contextmanager
def bare_broker(folder: Path) -> Generator[int]:
    """The port."""
    binary = shutil.which("mosquitto", path=_PLACES)
    if binary is None:
        raise LinkDown("this figure needs the Mosquitto broker: install it (Debian, Ubuntu: apt install mosquitto), then run again")
    port = _free_port()
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} {HOST}\n{_CONFIG}{_user()}", encoding="utf-8")
    with subprocess.Popen([binary, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as broker:
        try:
            _await_listening(port, broker)
            yield port
        finally:
            broker.terminate()


@contextmanager
def responder(port: int) -> Generator[None]:
    """Whoever asks there for a completion gets the same answer."""
    command = [sys.executable, "-m", "tests.bench.floors.responder", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise LinkDown("the constant responder did not start")
            yield
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _user() -> str:
    """As root it would give up root, and with it the folder."""
    return "user root\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""


def _await_listening(port: int, broker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and broker.poll() is None:
        try:
            socket.create_connection((HOST, port), 1.0).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise LinkDown("Mosquitto does not start here")
