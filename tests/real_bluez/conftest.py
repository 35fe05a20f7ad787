"""The real scanner at a real bluetoothd, with an air that a test can fill. Started inside the virtual machine of `make test-bluez` only."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from multiprocessing import Pipe
from pathlib import Path
from subprocess import Popen

import pytest

from tests.real_bluez.bluez import Bluez, connected, is_on, is_scanning
from tests.real_bluez.counter import LEFT_SECONDS, Air, Desk, new_desk
from tests.real_bluez.daemon import Daemon

_END_SECONDS = 20


@pytest.fixture(scope="session")
def air_process() -> Iterator[Air]:
    """The virtual radio, in the process of an interpreter that has bumble; no adapter is plugged in yet."""
    root = Path(__file__).resolve().parents[2]
    ours, theirs = Pipe()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ["BUMBLE"], str(root)])}
    command = [sys.executable, "-m", "tests.real_bluez.air", str(theirs.fileno())]
    with ours, Popen(command, env=environment, cwd=root, pass_fds=[theirs.fileno()]) as process:
        theirs.close()
        yield Air(ours)
        ours.close()  # it ends with its caller
        process.wait(_END_SECONDS)


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    """bluetoothd, running."""
    service = Daemon()
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
async def bluez(daemon: Daemon) -> AsyncIterator[Bluez]:
    """bluetoothd, asked beside the scanner."""
    bus = await Bluez.connect()
    yield bus
    await bus.close()


@pytest.fixture
async def air(air_process: Air, bluez: Bluez) -> AsyncIterator[Air]:
    """An empty air and an adapter that is switched on. Afterwards no link and no scan is left, at bluetoothd and at the batteries."""
    if is_on(await bluez.objects()) is None:
        await air_process.plug()
        await bluez.until(lambda objects: is_on(objects) is not None)
    if not is_on(await bluez.objects()):
        await bluez.switch(on=True)
    yield air_process
    await bluez.until(lambda objects: not connected(objects) and not is_scanning(objects), LEFT_SECONDS)
    assert not await air_process.open_links()
    await air_process.clear()
    await bluez.forget_devices()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A counter whose program has started."""
    counter = new_desk()
    await counter.scanner.start()
    yield counter
    await counter.scanner.stop()
