"""Kinds of battery are found by themselves: one file in `protocols` is all that a new one needs."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.settings import ScannerSettings
from kiosk.station.adapters.bluetooth import Fault, FleetFilter, SimulatedBattery, build_scanner, protocol_registry, protocols
from kiosk.station.adapters.bluetooth.protocol_registry import own_protocols, protocol_names
from tests.station.adapters.bluetooth.bench import IMPATIENT, Bench, StillClock, bench
from tests.station.adapters.bluetooth.jumping import run_jumping

ACME = '''
"""Acme batteries: one characteristic with mAh, mV and percent."""

from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod
from kiosk.domain.decimals import to_watt_hours
from kiosk.station.adapters.bluetooth.battery_protocol import BatteryProtocol, Peripheral, Resolution, SimulatedProtocol, uuid_of

_SERVICE, _VALUES = uuid_of(0xACE0), uuid_of(0xACE1)


async def _read(device, session):
    async with session.link() as client:
        raw = bytes(await client.read_gatt_char(_VALUES))
    mah, millivolts = int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:8], "big")
    return BatteryTelemetry(
        battery_id=raw[9:].decode(), kwh_remaining=to_watt_hours(Decimal(mah * millivolts).scaleb(-9)), timestamp=session.now(),
        voltage=Decimal(millivolts).scaleb(-3), soc_percent=Decimal(raw[8]), protocol="acme", method=EnergyMethod.CHARGE_X_VOLTAGE,
    )


def _build(values):
    charge = values.charge
    raw = charge.remaining_mah.to_bytes(4, "big") + charge.millivolts.to_bytes(4, "big") + bytes((values.reported_soc,))
    return Peripheral(name=f"ACME {values.asset_id[-6:]}", services={_SERVICE: {_VALUES: raw + values.own_id.encode()}})


PROTOCOL = BatteryProtocol(
    name="acme",
    matches=lambda advertisement: _SERVICE in advertisement.service_uuids,
    read=_read,
    has_own_id=True,
    simulated=SimulatedProtocol(resolution=Resolution(max_mah=100_000), build=_build),
)
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that counts as part of the package of protocols."""
    monkeypatch.setattr(protocols, "__path__", [*protocols.__path__, str(tmp_path)])
    own_protocols.cache_clear()
    yield tmp_path
    own_protocols.cache_clear()
    for name in [name for name in sys.modules if name.startswith(f"{protocols.__name__}.a")]:
        del sys.modules[name]
        vars(protocols).pop(name.rpartition(".")[2], None)


def acme(asset_id: str = "BAT-12345", *faults: Fault) -> SimulatedBattery:
    return SimulatedBattery(
        asset_id=asset_id, protocol="acme", kwh_remaining=Decimal("0.8"), voltage=Decimal("71.2"), faults=frozenset(faults)
    )


def test_a_protocol_that_is_one_file_is_found_read_and_simulated(folder: Path) -> None:
    (folder / "acme.py").write_text(ACME)
    assert "acme" in protocol_names()
    assert ScannerSettings(protocols=("acme",)).protocols == ("acme",)
    desk = bench(acme())
    reading = run_jumping(desk.read("BAT-12345", 10))
    assert (reading.battery_id, reading.kwh_remaining, reading.protocol) == ("BAT-12345", Decimal("0.8"), "acme")


def test_it_is_recognised_by_what_it_advertises_and_known_to_have_its_own_id(folder: Path) -> None:
    (folder / "acme.py").write_text(ACME)
    desk = bench(acme())

    async def first() -> tuple[str, bool]:
        async with aclosing(desk.scanner.sightings()) as lists:
            seen = (await anext(lists))[0]
        return seen.protocol, seen.has_own_id

    assert run_jumping(first()) == ("acme", True)


def test_it_can_be_kept_out_by_configuration_as_every_kind(folder: Path) -> None:
    (folder / "acme.py").write_text(ACME)
    room = bench(acme()).room
    fleet = FleetFilter(protocols=("oves",))
    desk = Bench(room, build_scanner("simulated", clock=StillClock(), batteries=room, timeouts=IMPATIENT, fleet_filter=fleet))
    with pytest.raises(Exception, match="not a kind of battery known here"):
        run_jumping(desk.read("BAT-12345", 10))


def test_a_protocol_inside_a_zip_archive_is_found_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = folder / "program.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("acme.py", ACME)
    monkeypatch.setattr(protocols, "__path__", [*protocols.__path__, str(archive)])
    assert run_jumping(bench(acme()).read("BAT-12345", 10)).protocol == "acme"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("NAME = 'acme'", r"acme has no PROTOCOL = BatteryProtocol"),
        (ACME.replace('name="acme"', 'name="acne"'), "calls its protocol 'acne': it must have the name of its file"),
        (ACME.replace("    read=_read,\n", ""), "has only one of `matches` and `read`"),
        (
            ACME.replace("    read=_read,\n", "").replace(
                "    matches=lambda advertisement: _SERVICE in advertisement.service_uuids,\n", ""
            ),
            "the commodity library reads no 'acme'",
        ),
    ],
)
def test_an_incomplete_protocol_stops_the_start_and_says_what_it_lacks(folder: Path, text: str, complaint: str) -> None:
    (folder / "acme.py").write_text(text)
    with pytest.raises(TypeError, match=complaint):
        build_scanner("simulated", clock=StillClock())


def test_a_program_without_its_protocols_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "__path__", [str(folder)])
    with pytest.raises(TypeError, match="the program is installed incompletely"):
        build_scanner("simulated", clock=StillClock())


def test_every_shipped_protocol_is_found() -> None:
    assert list(own_protocols()) == ["daly", "jbd", "jk", "oves"]
    assert protocol_names()[:4] == ("daly", "jbd", "jk", "oves")
    assert len(protocol_names()) == len(set(protocol_names())) == 53


def test_only_a_battery_with_its_own_id_has_more_than_a_name() -> None:
    assert [protocol_registry.has_name_only(name) for name in ("oves", "jbd", "renogy", "")] == [False, True, True, False]


def test_finding_the_protocols_and_their_names_imports_no_bluetooth_library() -> None:
    script = f"""
import sys
from {protocol_registry.__name__} import protocol_names
assert len(protocol_names()) == 53
print(sorted({{"aiobmsble", "bleak", "dbus_fast"}} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"
