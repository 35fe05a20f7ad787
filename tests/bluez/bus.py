"""A D-Bus of the test's own: a real dbus-daemon on a socket in a temporary folder, ended with the context.

The daemon is Debian's package `dbus`. RuntimeError when it is not there or does not listen; nothing is skipped for it.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

END_SECONDS = 5.0
DENY_BLUEZ = '<deny send_destination="org.bluez"/>'
"""As on a system whose user is not allowed to use Bluetooth."""

_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    {rules}
  </policy>
</busconfig>
"""


@contextmanager
def private_bus(rules: str = "") -> Iterator[str]:
    """The address of a bus that nobody else is on; `rules` are added to its policy."""
    program = which("dbus-daemon")
    if program is None:
        raise RuntimeError("dbus-daemon is missing: install the package dbus")
    with TemporaryDirectory(prefix="bus-") as name:  # not pytest's folder: a socket's path has at most 107 characters
        folder = Path(name)
        configuration = folder / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(socket=folder / "socket", rules=rules))
        command = [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
            try:
                assert daemon.stdout is not None
                address = daemon.stdout.readline().partition(",")[0].strip()  # written once it listens
                if not address:
                    raise RuntimeError("dbus-daemon did not start")
                yield address
            finally:
                daemon.terminate()
                daemon.wait(END_SECONDS)
