"""The broker as packaging/platform sets it up, run as Debian does: TLS, a user for each party, and as a user who reads its own files only.

Parties: the platform, a back end, two stations, and one station whose kiosk is older.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.shared.mqtt.link import LinkSettings, client_id
from tests.brokers import Mosquitto

SHIPPED = Path(__file__).parents[2] / "packaging" / "platform"
CERTIFICATES = Path(__file__).parents[1] / "station" / "adapters" / "mqtt" / "certificates"
ROOT = os.geteuid() == 0
PLATFORM, BACK_END, STATION, OTHER, OLDER = "abs-platform", "integrator", "station-1", "station-2", "station-3"


@dataclass(frozen=True)
class Deployed:
    """The running broker and its files."""

    broker: Mosquitto
    folder: Path

    def link(self, user: str | None, password: str = "", client: str = "") -> LinkSettings:
        """As this user, with its own password where no other is given, under a client id of its own or a given one."""
        secret = self.folder / f"{user}.password"
        if password:
            secret = self.folder / "other.password"
            secret.write_text(password)
            secret.chmod(0o600)
        return LinkSettings(
            host=self.broker.host,
            port=self.broker.port,
            client_id=client or client_id(str(user)),
            username=user,
            keepalive=5,
            password_file=secret if user else None,
            tls_ca=CERTIFICATES / "ca.pem",
            first_retry=0.05,
            most_retry=0.2,
        )


def make_folder(parent: Path | None = None) -> Path:
    """Where the broker's own user may look, with the files as packaging/platform/README.md makes them."""
    made = Path(tempfile.mkdtemp(prefix="broker-", dir=parent))
    made.chmod(0o755)
    shutil.copy(SHIPPED / "acl", made / "acl")
    install = ["install", *(("-g", "mosquitto") if ROOT else ()), "-m", "640", "/dev/null", str(made / "passwords")]
    subprocess.run(install, check=True, timeout=30)
    return made


def add_party(folder: Path, user: str, password: str) -> None:
    """One that is no station, as the README says."""
    command: list[str | Path] = ["mosquitto_passwd", "-b", folder / "passwords", user, password]
    subprocess.run(command, check=True, timeout=30, capture_output=True)


def add(folder: Path, *arguments: str, password: str) -> subprocess.CompletedProcess[str]:
    """`add-station`, as it is shipped."""
    return shipped("add-station", folder, *arguments, given=password + "\n")


def shipped(program: str, folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """One of the programs for the folder; `arguments` begin with the station."""
    options = [each for each in arguments if each.startswith("--")]
    command: list[str | Path] = [SHIPPED / program, *options, *(each for each in arguments if each not in options), folder]
    return subprocess.run(command, input=given, text=True, check=False, timeout=60, capture_output=True)


def broker_lines(folder: Path) -> list[str]:
    """What is shipped, with TLS files that the broker's own user may read."""
    tls = folder / "tls"
    shutil.copytree(CERTIFICATES, tls)
    if ROOT:
        shutil.chown(tls / "broker.key", "root", "mosquitto")
    (tls / "broker.key").chmod(0o640)
    text = (SHIPPED / "mosquitto.conf").read_text()
    for there, here in (("/etc/swap-kiosk/tls", tls), ("/etc/swap-kiosk/broker", folder)):
        text = text.replace(there, str(here))
    lines = [each for each in text.splitlines() if each and not each.startswith(("#", "listener"))]
    return [*lines, *(("user mosquitto",) if ROOT else ())]


@contextmanager
def deployment() -> Iterator[Deployed]:
    """The broker with all parties, until the end of the block."""
    folder = make_folder()
    try:
        for user in (PLATFORM, BACK_END, STATION, OTHER, OLDER):
            password = f"secret of {user}"
            (folder / f"{user}.password").write_text(password + "\n")
            (folder / f"{user}.password").chmod(0o600)
            if user in {PLATFORM, BACK_END}:
                add_party(folder, user, password)
            else:
                added = add(folder, user, *(("--hears-all",) if user == OLDER else ()), password=password)
                assert added.returncode == 0, added.stderr
        broker = Mosquitto(folder, *broker_lines(folder))
        broker.start()
        try:
            yield Deployed(broker=broker, folder=folder)
        finally:
            broker.stop()
    finally:
        shutil.rmtree(folder)
