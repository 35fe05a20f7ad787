"""A real CUPS for tests: a private cupsd with its own folder, socket and queues, that no printer of the machine is part of.

`cups` is shared by the tests of a worker and started by the first that asks; each test adds queues of its own. As root it runs as another
user, because cupsd runs nothing as root. Its programs that bring pages to a printer are CUPS's own (`usb`, `socket`, `ipp`) and two here:
`till` writes what it gets as NUMBER.paper into its folder, and while the file `states` there has lines, it says them (`media-empty-error`)
and waits; `ends` ends with the code in its address. It is never skipped: where CUPS is missing, the test fails and says how to install it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_PLACES = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/sbin:/opt/homebrew/bin"
_BIN = next((each for each in (Path("/usr/lib/cups"), Path("/usr/libexec/cups")) if each.is_dir()), Path("/usr/lib/cups"))
_SECONDS = 20.0
_TILL = """#!/bin/sh
[ $# -gt 0 ] || exit 0
folder=${DEVICE_URI#till:}
trap 'sed "s/^/STATE: -/" "$folder/said" >&2 2>/dev/null; exit 0' TERM
while [ -s "$folder/states" ]; do
    cp "$folder/states" "$folder/said"
    sed 's/^/STATE: +/' "$folder/said" >&2
    sleep 0.1
done
if [ -f "$folder/said" ]; then sed 's/^/STATE: -/' "$folder/said" >&2; fi
cat "${6:--}" > "$folder/$1.part" && mv "$folder/$1.part" "$folder/$1.paper"
"""
_ENDS = """#!/bin/sh
[ $# -gt 0 ] || exit 0
exit "${DEVICE_URI#ends:}"
"""
_GUARD = '"$@" & server=$!; exec 2>/dev/null; read _; kill -TERM $server; wait $server'
"""A shell that ends cupsd once nobody holds its standard input any more: however the process that wanted it ends, it does not stay."""
_CONFIGURATION = """Listen {folder}/sock
LogLevel debug
MaxLogSize 0
Browsing Off
DefaultAuthType None
WebInterface No
JobRetryInterval 1
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Cancel-Job CUPS-Get-Document Hold-Job Release-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FILES = """User {user}
Group {group}
SystemGroup {group}
ServerRoot {folder}/root
ServerBin {folder}/bin
DataDir /usr/share/cups
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/tmp
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""


def _program(name: str) -> str:
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.fail(f"this needs CUPS with {name}: install it (Debian, Ubuntu: apt install cups), then run again")
    return found


class PrivateCups:
    """One cupsd. `commands` is a folder with lp and lpstat, `server` what CUPS_SERVER is for them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cups-"))  # short: the path of a socket has room for a hundred characters
        self.server, self.commands = str(self.folder / "sock"), self.folder / "commands"
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._user, self._group = account.pw_uid, account.pw_gid
        self._make(account.pw_name)
        self._process = self._started()

    def _make(self, user: str) -> None:
        import grp

        names = {"folder": self.folder, "user": user, "group": grp.getgrgid(self._group).gr_name}
        for name in ("bin/backend", "bin/daemon", "root", "spool", "cache", "state", "tmp", "paper", "commands"):
            (self.folder / name).mkdir(parents=True)
        for name in ("usb", "socket", "ipp"):
            shutil.copy(_BIN / "backend" / name, self.folder / "bin" / "backend")
        shutil.copy(_BIN / "daemon" / "cups-exec", self.folder / "bin" / "daemon")
        for name, script in (("till", _TILL), ("ends", _ENDS)):
            (self.folder / "bin" / "backend" / name).write_text(script)
        for name in ("lp", "lpstat"):
            (self.commands / name).symlink_to(_program(name))
        (self.folder / "cupsd.conf").write_text(_CONFIGURATION.format(**names))
        (self.folder / "cups-files.conf").write_text(_FILES.format(**names))
        for each in (self.folder, *self.folder.rglob("*")):
            if not each.is_symlink():
                os.chown(each, self._user, self._group)
                each.chmod(0o755)
        (self.folder / "paper").chmod(0o777)

    def _started(self) -> "subprocess.Popen[bytes]":
        arguments = ("-f", "-c", str(self.folder / "cupsd.conf"), "-s", str(self.folder / "cups-files.conf"))
        is_root = os.geteuid() == 0
        process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", _program("cupsd"), *arguments],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self._user if is_root else None,
            group=self._group if is_root else None,
            extra_groups=[] if is_root else None,
        )
        until = time.monotonic() + _SECONDS
        while not self._answers():
            if time.monotonic() > until or process.poll() is not None:
                pytest.fail("cupsd did not start: " + (self.folder / "error_log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        return process

    def _answers(self) -> bool:
        return (self.folder / "sock").exists() and self.run("lpstat", "-r").returncode == 0

    def find_in(self, monkeypatch: pytest.MonkeyPatch, own_path: str) -> None:
        """Let the commands of the program under test find it, and nothing else."""
        monkeypatch.setenv("PATH", f"{self.commands}:{own_path}")
        monkeypatch.setenv("CUPS_SERVER", self.server)

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One of CUPS's own commands, against this one."""
        environment = {**os.environ, "CUPS_SERVER": self.server, "LC_ALL": "C"}
        return subprocess.run(
            [_program(program), *arguments], env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )

    def add(self, name: str, device: str, *options: str) -> None:
        """A queue for a printer at this address, which takes jobs."""
        done = self.run("lpadmin", "-p", name, "-E", "-v", device, *(part for each in options for part in ("-o", each)))
        assert done.returncode == 0, done.stderr

    def add_till(self, name: str, *states: str) -> Path:
        """A queue for a printer that prints into the folder that is returned; `states` is what it complains of."""
        folder = self.folder / "paper" / name
        folder.mkdir()
        folder.chmod(0o777)
        (folder / "states").write_text("".join(f"{each}\n" for each in states))
        self.add(name, f"till:{folder}")
        return folder

    def open_jobs(self, name: str) -> int:
        """How many jobs of a queue have not ended."""
        return len(self.open_names(name))

    def open_names(self, name: str) -> set[str]:
        """The jobs of a queue that have not ended, by the names that the print system gave them."""
        lines = self.run("lpstat", "-W", "not-completed", "-o", name).stdout.splitlines()
        return {line.split()[0] for line in lines}

    def stop(self) -> None:
        """End it, with all that it runs."""
        self._process.communicate(timeout=_SECONDS)
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def started_cups() -> Iterator[PrivateCups]:
    """One running print system for all tests of this worker."""
    made = PrivateCups()
    yield made
    made.stop()


@pytest.fixture
def cups(started_cups: PrivateCups, monkeypatch: pytest.MonkeyPatch, own_path: str) -> PrivateCups:
    """The running print system, which the commands of the program under test find and nothing else does."""
    started_cups.find_in(monkeypatch, own_path)
    return started_cups
