"""`add-station` and `remove-station` with the broker running as its own user, as Debian's does: who was let in stays, who is added comes in
after a reload, who is removed is let in no more.
"""

import grp
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
from tests.brokers import Mosquitto, run
from tests.deployment.deployed import PLATFORM, ROOT, SHIPPED, add_party, make_folder, shipped
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

KEPT = ("allow_anonymous", "password_file", "acl_file")
EACH_HEARS = "rtrn/abs/attendant/plan/P/complete_service_response"


@pytest.fixture
def folder() -> Iterator[Path]:
    """The broker's, with the platform as the only user."""
    made = make_folder()
    add_party(made, PLATFORM, "abs")
    yield made
    shutil.rmtree(made)


def add(folder: Path, station: str, password: str, *options: str) -> subprocess.CompletedProcess[str]:
    return shipped("add-station", folder, station, *options, given=password + "\n")


def remove(folder: Path, station: str) -> subprocess.CompletedProcess[str]:
    return shipped("remove-station", folder, station)


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
    secret.chmod(0o600)
    return LinkSettings(
        host=broker.host,
        port=broker.port,
        client_id=f"{user}-{password}",
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


@pytest.mark.parametrize("name", ["abs-platform", "integrator", "a b", "a:b", "-x", "a/b", "a\nb", "a+", "#", "s" * 41, ""])
@pytest.mark.parametrize("change", [lambda folder, name: add(folder, name, "secret"), remove])
def test_a_name_that_is_no_stations_changes_nothing(
    folder: Path, name: str, change: Callable[[Path, str], subprocess.CompletedProcess[str]]
) -> None:
    before = files_of(folder)
    done = change(folder, name)
    assert done.returncode == 1
    assert done.stderr.startswith(("add-station: ", "remove-station: "))
    assert files_of(folder) == before


@pytest.mark.parametrize("password", ["", "with:colon", "tab\tulator", ":"])
def test_a_password_that_the_broker_would_not_take_as_it_is_changes_nothing(folder: Path, password: str) -> None:
    before = files_of(folder)
    done = add(folder, "st-1", password)
    assert (done.returncode, "password" in done.stderr) == (1, True)
    assert files_of(folder) == before


@pytest.mark.parametrize("password", ["with a space", '"quotes" and $HOME `id` \\n', "-b", "%s#", "äöü"])
def test_a_password_is_taken_as_it_is(broker: Mosquitto, folder: Path, password: str) -> None:
    assert add(folder, "st-2", password).returncode == 0
    broker.reload()
    comes_in(broker, folder, "st-2", password)


def files_of(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "passwords").read_bytes(), (folder / "acl").read_bytes()


def test_stations_that_are_added_at_once_are_all_there(folder: Path) -> None:
    names = [f"st-{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert {each.returncode for each in pool.map(lambda name: add(folder, name, name), names)} == {0}
    passwords, rights = (each.decode() for each in files_of(folder))
    assert sorted(each.split(":")[0] for each in passwords.splitlines()) == [PLATFORM, *names]
    assert sorted(each[5:] for each in rights.splitlines() if each.startswith("user ")) == [PLATFORM, "integrator", *names]
    assert not list(folder.glob(".new.*"))


def test_a_station_that_was_removed_is_let_in_no_more_and_the_others_stay(broker: Mosquitto, folder: Path) -> None:
    assert add(folder, "st.1", "dotted").returncode == 0
    broker.reload()

    async def scene() -> str:
        ends: Ears[LinkChanged] = Ears()
        async with linked(link(broker, folder, "st-1", "one"), ends):
            assert remove(folder, "st-1").returncode == 0
            broker.reload()
            return (await ends.until(lambda each: not each.connected))[0].reason

    assert run(scene())  # it was connected, and is so no more
    assert "authori" in refused(broker, folder, "st-1", "one").lower()
    for user, password in (("st.1", "dotted"), (PLATFORM, "abs")):
        comes_in(broker, folder, user, password)


def test_what_was_added_and_removed_leaves_nothing_behind(folder: Path) -> None:
    before = files_of(folder)
    for each in ("st-1", "st.1", "st-11"):
        assert add(folder, each, "secret").returncode == 0
    for each in ("st.1", "st-1", "st-11", "st-11", "never-there"):
        assert remove(folder, each).returncode == 0
    assert files_of(folder) == before


def test_the_rights_of_an_earlier_release_are_replaced(folder: Path) -> None:
    """They let a station hear all others. What a person wrote around them stays."""
    former = "\nuser st-1\ntopic write call/uxi/attendant/plan/#\n\n# by hand\ntopic read rtrn/abs/attendant/plan/#\ntopic read event/#\n"
    last = "\nuser watcher\ntopic read event/abs/service/plan/#\n"
    (folder / "acl").write_text((SHIPPED / "acl").read_text() + former + last)
    assert add(folder, "st-1", "one").returncode == 0
    head, _, its_own = (folder / "acl").read_text().partition("\nuser st-1\n")
    assert head == (SHIPPED / "acl").read_text() + "\n# by hand\n" + last
    assert {each.split()[-1] for each in its_own.splitlines() if each.startswith("topic read ")} == {
        "rtrn/abs/station/st-1/#",
        "event/abs/station/st-1/#",
    }


@pytest.mark.parametrize(("options", "hears"), [((), False), (("--hears-all",), True)])
def test_an_older_kiosk_hears_what_is_told_to_all_until_it_is_renewed(
    broker: Mosquitto, folder: Path, options: tuple[str, ...], *, hears: bool
) -> None:
    assert add(folder, "st-1", "one", "--hears-all").returncode == 0
    assert add(folder, "st-1", "two", *options).returncode == 0
    broker.reload()
    comes_in(broker, folder, "st-1", "two")

    async def scene() -> list[str]:
        heard: Ears[MqttMessage] = Ears()
        own = "rtrn/abs/station/st-1/complete_service"
        async with linked(link(broker, folder, "st-1", "two")) as kiosk, linked(link(broker, folder, PLATFORM, "abs")) as platform:
            for each in (EACH_HEARS, own):
                await kiosk.ready(kiosk.listen(each, heard))
            for each in (EACH_HEARS, own):
                platform.publish(each, b"{}")
            await heard.until(lambda each: each.topic == own)
            return [each.topic for each in heard.heard]

    assert (EACH_HEARS in run(scene())) is hears


# ------------------------------------------------------------ with the platform, in one command


def test_a_refused_enrolment_changes_nothing_at_the_broker(folder: Path) -> None:
    before = files_of(folder)
    out = folder / "enrolment.json"
    command: list[str | Path] = [SHIPPED / "add-station", "st-1", folder, "--database", "sqlite:////dev/null/none.sqlite", "--out", out]
    done = subprocess.run(command, input="secret\n", text=True, check=False, timeout=60, capture_output=True)
    assert done.returncode == 1
    assert "st-1 is not enrolled, and nothing was changed at the broker" in done.stderr
    assert files_of(folder) == before
    assert not out.exists()


@pytest.mark.parametrize("options", [("--database", "sqlite://"), ("--out", "file"), ("--unknown",), ("third",)])
def test_half_an_enrolment_is_wrong_usage(folder: Path, options: tuple[str, ...]) -> None:
    before = files_of(folder)
    command: list[str | Path] = [SHIPPED / "add-station", "st-1", folder, *options]
    assert subprocess.run(command, input="secret\n", text=True, check=False, timeout=60, capture_output=True).returncode == 1
    assert files_of(folder) == before


def test_one_command_lets_a_kiosk_in_at_the_broker_and_at_the_platform(folder: Path) -> None:
    """The platform's command is asked with the station and the database, and what it writes is given to nobody else. In its place stands a
    program that writes what it was asked: what the command does has tests of its own."""
    program = folder / "installed" / ".venv" / "bin" / "swap-kiosk"
    program.parent.mkdir(parents=True)
    program.write_text(
        '#!/bin/sh\necho "$@"\nasked=$*\nfor each; do [ "${former-}" != --out ] || echo "$asked" >"$each"; former=$each; done\n'
    )
    program.chmod(0o755)
    shutil.copytree(SHIPPED, folder / "installed" / "packaging" / "platform")
    own, out = folder / "installed" / "packaging" / "platform", folder / "st-1.json"
    command: list[str | Path] = [own / "add-station", "st-1", folder, "--database", "postgresql:///p?host=/run", "--out", out]
    for _ in range(2):
        done = subprocess.run(command, input="secret\n", text=True, check=False, timeout=60, capture_output=True)
        assert (done.returncode, done.stdout) == (0, "")
        assert out.read_text().startswith("platform station add st-1 --database postgresql:///p?host=/run --out ")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "user st-1\n" in (folder / "acl").read_text()
    removed = subprocess.run(
        [own / "remove-station", "st-1", folder, "--database", "postgresql:///p"], check=False, timeout=60, capture_output=True, text=True
    )
    assert removed.returncode == 0
    assert "platform station revoke st-1 --database postgresql:///p" in removed.stderr
    assert "user st-1\n" not in (folder / "acl").read_text()
