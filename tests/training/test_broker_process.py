"""The embedded broker's process: where it listens, and that it ends, however the program that started it ends."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from kiosk.domain.errors import LinkDown
from kiosk.training.environment import HOST, EmbeddedBroker, TrainingEnvironment
from tests.training.parties import party

ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell starts in the background
from kiosk.training.environment import EmbeddedBroker

async def live():
    broker = EmbeddedBroker(Path(sys.argv[1]))
    await broker.start()
    print(broker.port, flush=True)
    await asyncio.sleep(60)

asyncio.run(live())
"""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    """One that is not started yet."""
    each = EmbeddedBroker(tmp_path)
    yield each
    await each.stop()
    each.close()


def listens(port: int, host: str = HOST) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=5):
        return True
    return False


def children() -> list[psutil.Process]:
    """The broker processes of this one."""
    return [each for each in psutil.Process().children() if "kiosk.training.broker_process" in each.cmdline()]


async def test_it_listens_on_loopback_only(broker: EmbeddedBroker) -> None:
    await broker.start()
    (process,) = children()
    assert [each.laddr for each in process.net_connections() if each.status == psutil.CONN_LISTEN] == [(HOST, broker.port)]


async def test_the_port_is_nobodys_else_before_between_and_after(broker: EmbeddedBroker) -> None:
    ports = {broker.port}
    for _again in range(3):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((HOST, broker.port))
        assert not listens(broker.port)
        await broker.start()
        assert listens(broker.port)
        await broker.stop()
        ports.add(broker.port)
    assert len(ports) == 1
    broker.close()
    with socket.socket() as other:
        other.bind((HOST, broker.port))


async def test_it_listens_again_at_once_where_clients_were_cut_off(broker: EmbeddedBroker) -> None:
    await broker.start()
    with contextlib.ExitStack() as clients:
        for number in range(5):
            clients.enter_context(party(broker.port, f"cut-{number}"))
        await broker.stop()
        assert not listens(broker.port)
        await broker.start()
        assert listens(broker.port)


async def test_stopped_it_leaves_no_process_and_twice_is_no_error(broker: EmbeddedBroker, capfd: pytest.CaptureFixture[str]) -> None:
    await broker.start()
    await broker.start()
    (process,) = children()
    with party(broker.port, "still-there", "x") as client:
        client.say("x", b"")
        await broker.stop()
        await broker.stop()
    assert not process.is_running()
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


async def test_one_that_hangs_is_killed(broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("kiosk.training.environment.BROKER_STOP_SECONDS", 0.1)
    await broker.start()
    (process,) = children()
    process.suspend()
    await broker.stop()
    assert not process.is_running()
    assert "is killed" in caplog.text


async def test_a_broker_that_was_killed_is_started_again(broker: EmbeddedBroker) -> None:
    await broker.start()
    (process,) = children()
    process.kill()
    assert broker._process is not None
    await broker._process.wait()
    await broker.start()
    assert listens(broker.port)


async def test_who_gives_up_waiting_for_its_start_leaves_no_process(broker: EmbeddedBroker) -> None:
    starting = asyncio.create_task(broker.start())
    while not children():
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert children() == []


async def test_a_port_that_is_taken_is_a_reason_not_a_wait(broker: EmbeddedBroker) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, broker.port))
        other.listen()
        with pytest.raises(LinkDown, match=f"port {broker.port}: cannot listen on"):
            await broker.start()
    assert children() == []
    await broker.start()
    assert listens(broker.port)


async def test_a_folder_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broker = EmbeddedBroker(tmp_path / "file")
    with pytest.raises(LinkDown, match="cannot be started"):
        await broker.start()
    broker.close()


async def test_a_library_that_is_not_there_is_a_reason(broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "iotcore.py").write_text('raise ImportError("no wheel for this machine")')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LinkDown, match="no wheel for this machine"):
        await broker.start()
    assert children() == []


async def test_a_platform_that_is_not_installed_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.training.environment._SERVE", "uninstalled")
    side = TrainingEnvironment(tmp_path)
    try:
        with pytest.raises(LinkDown, match="there is no uninstalled"):
            await side.start()
    finally:
        await side.stop()
    assert children() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda each: each.name)
async def test_it_ends_with_the_program_that_started_it(how: signal.Signals, tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    async with asyncio.timeout(30):
        port = int(await parent.stdout.readline())
    orphans = psutil.Process(parent.pid).children(recursive=True)
    assert orphans
    parent.send_signal(how)
    await parent.communicate()
    _gone, alive = await asyncio.to_thread(psutil.wait_procs, orphans, 15)
    assert alive == []
    assert not listens(port)
