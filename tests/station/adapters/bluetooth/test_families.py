"""Which kind a battery is: by the binding, by configuration, by what it advertises, else by what is behind it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryUnreadable
from kiosk.station.adapters.bluetooth import FleetFilter, SimulatedBattery
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.device_table import ANYTHING
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import peripherals_of
from tests.station.adapters.bluetooth.battery_cases import case
from tests.station.adapters.bluetooth.bench import QUICK, Bench, Bound, battery, bench, bound
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.packs import recordings


def room(*devices: Peripheral, fleet_filter: FleetFilter = ANYTHING) -> Bench:
    desk = bench(fleet_filter=fleet_filter)
    desk.room.add_devices(*devices)
    return desk


def read(desk: Bench, asked: str) -> BatteryTelemetry:
    reading = run_jumping(desk.read(asked, 10))
    assert not desk.room.open_links
    return reading


def renamed(protocol: str, name: str = "BAT-12345") -> Peripheral:
    """A pack of which nothing that it advertises tells the kind."""
    made = SimulatedBattery(asset_id="BAT-12345", protocol=protocol, kwh_remaining=Decimal("0.896"), voltage=Decimal("51.2"))
    return replace(peripherals_of(made, QUICK)[0], name=name, address="C8:00:00:00:00:01", manufacturer_data={}, advertised=())


@pytest.mark.parametrize("name", ["18-jbd-renamed", "19-jbd-named-oves"])
def test_a_pack_whose_name_tells_no_kind_or_the_wrong_one_is_read_as_what_it_is(name: str) -> None:
    asked = case(name)
    reading = read(room(*asked.devices), asked.asked)
    assert (reading.kwh_remaining, reading.protocol, reading.battery_id) == (Decimal("0.896"), "jbd", asked.asked)


@pytest.mark.parametrize("protocol", ["jbd", "jk", "daly", "oves"])
def test_a_renamed_pack_of_each_simulated_family_is_read(protocol: str) -> None:
    reading = read(room(renamed(protocol)), "BAT-12345")
    assert (reading.protocol, reading.kwh_remaining) == (protocol, Decimal("0.896"))


def test_a_renamed_ant_is_read_after_it_was_no_jk() -> None:
    (recorded,) = case("30-ant-24bhub").devices
    reading = read(room(replace(recorded, name="BAT-12345", advertised=())), "BAT-12345")
    assert (reading.protocol, reading.voltage, reading.kwh_remaining) == ("ant", Decimal("48.77"), Decimal("3.296"))


@pytest.mark.parametrize("name", [each for each, recorded in recordings().items() if recorded.protocol != "jbd"])
def test_every_recorded_pack_is_the_same_under_another_name(name: str) -> None:
    recorded = recordings()[name]
    reading = read(room(replace(recorded.peripheral(), name="BAT-12345", manufacturer_data={}, advertised=())), "BAT-12345")
    assert (reading.protocol, reading.voltage, reading.charge_ah) == (recorded.protocol, recorded.volts, recorded.amp_hours)


def test_the_family_that_is_configured_for_a_name_counts() -> None:
    asked: list[bytes] = []
    pack = renamed("jbd")

    def on_write(uuid: str, data: bytes) -> Sequence[tuple[str, bytes]]:
        asked.append(data)
        assert pack.on_write is not None
        return pack.on_write(uuid, data)

    desk = room(replace(pack, on_write=on_write), fleet_filter=FleetFilter(families={"BAT-": "jbd", "B": "daly"}))
    assert read(desk, "BAT-12345").protocol == "jbd"
    assert {each[:2] for each in asked} == {b"\xdd\xa5"}


@pytest.mark.parametrize(("name", "family"), [("bat-1", "jbd"), ("BAT-OLD-1", "jk"), ("PACK-1", ""), ("", "")])
def test_the_longest_beginning_of_a_name_tells_the_family(name: str, family: str) -> None:
    assert FleetFilter(families={"BAT-": "jbd", "Bat-Old": "jk"}).family_of(name) == family


def test_a_kind_that_is_not_used_here_is_not_even_asked() -> None:
    with pytest.raises(BatteryUnreadable, match="not a kind of battery known here"):
        read(room(renamed("jbd"), fleet_filter=FleetFilter(protocols=("jk",))), "BAT-12345")


def test_a_pack_that_answers_no_family_is_a_sentence_in_time() -> None:
    desk = room(replace(renamed("jk"), on_write=lambda _uuid, _data: [(next(iter(renamed("jk").properties)), b"\x00" * 20)]))
    with pytest.raises(BatteryUnreadable):
        read(desk, "BAT-12345")
    assert desk.scanner.last_reads()[0].seconds < 10


def test_a_bound_family_goes_before_the_configured_one() -> None:
    desk = bench(bindings=Bound(bound("BAT-1", "C8:00:00:00:00:01", "jk")), fleet_filter=FleetFilter(families={"BAT-": "jbd"}))
    desk.room.add_devices(renamed("jk"))
    assert read(desk, "BAT-1").protocol == "jk"


def test_an_oves_battery_under_any_name_is_oves() -> None:
    (made,) = peripherals_of(battery("BAT-12345"), QUICK)
    assert read(room(replace(made, name="xiaoxiang -12345")), "BAT-12345").protocol == "oves"
