"""The machine's own programs, hidden from the tests: what a test does depends on no printer, radio or broker of whoever runs it.

`own_path` gives every test a PATH without them. A test that wants one puts its own in front of that PATH.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

HIDDEN = frozenset(
    {
        *("lp", "lpr", "lpstat", "lpadmin", "lpinfo", "lpoptions", "lpq", "lprm", "cancel", "cupsaccept", "cupsenable", "cupsdisable"),
        *("bluetoothctl", "bluetoothd", "btmgmt", "btmon", "hciconfig", "hcitool", "gatttool", "rfkill"),
        *("mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "mosquitto_ctrl"),
        *("psql", "createdb", "createuser", "dropdb", "pg_isready"),
        *("aplay", "paplay", "pw-play", "xdg-open", "xrandr", "xset", "notify-send", "systemctl", "loginctl", "timedatectl"),
    }
)
"""Programs that the product calls, or a person beside it, and that no test may find."""


def path_without(names: frozenset[str], path: str, folder: Path) -> str:
    """`path`, where a place that holds one of the names is a folder here, with links to all else that it holds."""
    places = []
    for number, place in enumerate(each for each in path.split(os.pathsep) if each):
        found = {each.name: each for each in Path(place).glob("*")}
        if names.isdisjoint(found):
            places.append(place)
            continue
        stand_in = folder / str(number)
        stand_in.mkdir()
        for name in found.keys() - names:
            (stand_in / name).symlink_to(found[name])
        places.append(str(stand_in))
    return os.pathsep.join(places)


@pytest.fixture(scope="session", autouse=True)
def own_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """PATH for this worker's tests and all that they start."""
    with pytest.MonkeyPatch.context() as patch:
        path = path_without(HIDDEN, os.environ.get("PATH", os.defpath), tmp_path_factory.mktemp("programs"))
        patch.setenv("PATH", path)
        yield path
