"""`add-station` with the broker running as its own user, as Debian's does: who was let in stays, who is added comes in after a reload."""

import grp
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.shared.mqtt.link import LinkChanged, LinkSettings
from tests.brokers import Mosquitto, run
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

SHIPPED = Path(__file__).parents[2] / "packaging" / "platform"
ROOT = os.geteuid() == 0
KEPT = ("allow_anonymous", "password_file", "acl_file")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the broker's own user may look, with the files as packaging/platform/README.md makes them."""
    made = Path(tempfile.mkdtemp(prefix="broker-"))
    made.chmod(0o755)
    shutil.copy(SHIPPED / "acl", made / "acl")
    install = ["install", *(("-g", "mosquitto") if ROOT else ()), "-m", "640", "/dev/null", str(made / "passwords")]
    subprocess.run(install, check=True, timeout=30)
    subprocess.run(["mosquitto_passwd", "-b", made / "passwords", "abs-platform", "abs"], check=True, timeout=30, capture_output=True)
    yield made
    shutil.rmtree(made)


def add(folder: Path, station: str, password: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [SHIPPED / "add-station", station, folder]
    return subprocess.run(command, input=password + "\n", text=True, check=False, timeout=30, capture_output=True)


@pytest.fixture
def broker(folder: Path) -> Iterator[Mosquitto]:
    """The shipped configuration without TLS, as user mosquitto where that can be chosen."""
    lines = (SHIPPED / "mosquitto.conf").read_text().replace("/etc/swap-kiosk/broker", str(folder)).splitlines()
    made = Mosquitto(folder, *(each for each in lines if each.startswith(KEPT)), *(("user mosquitto",) if ROOT else ()))
    assert add(folder, "st-1", "one").returncode == 0
    made.start()
    yield made
    made.stop()


def comes_in(broker: Mosquitto, folder: Path, user: str, password: str) -> None:
    """Waits until the user is let in; fails where that does not happen."""

    async def come() -> None:
        async with linked(link(broker, folder, user, password)):
            pass

    run(come())


def refused(broker: Mosquitto, folder: Path, user: str, password: str) -> str:
    """Why the user is not let in."""

    async def come() -> str:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(broker, folder, user, password), events):
            return (await events.until())[0].reason

    return run(come())


def link(broker: Mosquitto, folder: Path, user: str, password: str) -> LinkSettings:
    secret = folder / f"{user}.password"
    secret.write_text(password)
    return LinkSettings(
        host=broker.host,
        port=broker.port,
        client_id=f"{user}-{broker.port}",
        username=user,
        keepalive=5,
        password_file=secret,
        first_retry=0.05,
        most_retry=0.2,
    )


def access_of(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_who_was_let_in_stays_and_who_is_added_comes_in_after_a_reload(broker: Mosquitto, folder: Path) -> None:
    assert add(folder, "st.1", "dotted").returncode == 0
    broker.reload()
    for user, password in (("st.1", "dotted"), ("st-1", "one"), ("abs-platform", "abs")):
        comes_in(broker, folder, user, password)


def test_given_again_a_station_has_a_new_password_and_nothing_else_changes(broker: Mosquitto, folder: Path) -> None:
    rights, others = (folder / "acl").read_bytes(), (folder / "passwords").read_text().splitlines()[:1]
    assert add(folder, "st-1", "two").returncode == 0
    broker.reload()
    comes_in(broker, folder, "st-1", "two")
    assert "authori" in refused(broker, folder, "st-1", "one").lower()
    assert (folder / "acl").read_bytes() == rights
    assert (folder / "passwords").read_text().splitlines()[:1] == others
    assert len((folder / "passwords").read_text().splitlines()) == 2


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o660])
def test_owner_and_mode_stay(folder: Path, mode: int) -> None:
    if ROOT:
        os.chown(folder / "passwords", 1, 1)  # some user's own
    (folder / "passwords").chmod(mode)
    before = access_of(folder / "passwords")
    assert add(folder, "st-1", "one").returncode == 0
    assert access_of(folder / "passwords") == before


def test_what_root_alone_may_read_is_given_to_the_broker(folder: Path) -> None:
    (folder / "passwords").unlink()
    assert add(folder, "st-1", "one").returncode == 0
    expected = (0, grp.getgrnam("mosquitto").gr_gid, 0o640) if ROOT else (os.geteuid(), os.getegid(), 0o600)
    assert access_of(folder / "passwords") == expected


def test_names_are_compared_as_text_and_whole(folder: Path) -> None:
    names = ["st-1", "st.1", "st-11", "10", "1e1", "010"]
    for each in [*names, *names]:
        assert add(folder, each, each).returncode == 0
    lines = (folder / "passwords").read_text().splitlines()
    assert [each.split(":")[0] for each in lines] == ["abs-platform", *names]
    users = [each for each in (folder / "acl").read_text().splitlines() if each.startswith("user ")]
    assert users == ["user abs-platform", "user integrator", *(f"user {each}" for each in names)]
    assert not list(folder.glob(".new.*"))


@pytest.mark.parametrize("name", ["abs-platform", "integrator", "a b", "a:b", "-x", "a/b", "a\nb"])
def test_a_name_that_is_no_stations_changes_nothing(folder: Path, name: str) -> None:
    before = (folder / "passwords").read_bytes(), (folder / "acl").read_bytes()
    assert add(folder, name, "secret").returncode == 1
    assert ((folder / "passwords").read_bytes(), (folder / "acl").read_bytes()) == before
