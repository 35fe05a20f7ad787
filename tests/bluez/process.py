"""The Bluetooth service as a process of its own, so that what it costs is not counted as ours."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_END_SECONDS = 10.0


@contextmanager
def bluez_process(*arguments: str) -> Iterator[str]:
    """The address of its bus, for these arguments of `python -m tests.bluez`."""
    command = [sys.executable, "-m", "tests.bluez", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as service:
        assert service.stdin is not None
        assert service.stdout is not None
        try:
            address = service.stdout.readline().strip()
            assert address, "the Bluetooth service did not start"
            yield address
        finally:
            service.stdin.close()
            service.wait(_END_SECONDS)
