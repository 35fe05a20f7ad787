"""bluetoothd, as the machine's own service would run it; a case may stop and start it."""

from pathlib import Path
from subprocess import STDOUT, Popen

PROGRAM = "/usr/libexec/bluetooth/bluetoothd"
LOG = Path("/var/log/bluetoothd")
_END_SECONDS = 10


class Daemon:
    """Not running until `start`."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs; it takes its name on the bus a moment later."""
        if self._process is None:
            with LOG.open("ab") as log:
                self._process = Popen([PROGRAM, "--nodetach"], stdout=log, stderr=STDOUT)

    def stop(self) -> None:
        """Stop it; returns when it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_END_SECONDS)
            self._process = None
