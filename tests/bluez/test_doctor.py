"""`doctor` on Bluetooth: each trouble by its name, with its mend."""

import asyncio
import os
from pathlib import Path

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import SimulatedEnvironment, build_scanner
from kiosk.station.adapters.bluetooth.diagnosis import AdapterProblem, find_problem
from tests.bluez.bus import DENY_BLUEZ, private_bus
from tests.bluez.thread import BluezThread
from tests.cli.terminal import Terminal
from tests.station.adapters.bluetooth.bench import StillClock, battery
from tests.station.adapters.bluetooth.test_alike import pack

_NOT_FROM_BLUEZ = (AdapterFault.STUCK, AdapterFault.UNAVAILABLE, AdapterFault.LINK_LOST)  # bleak raises them at a scan or a link


@pytest.fixture
def machine(tmp_path: Path) -> "Machine":
    return Machine(tmp_path / "sys")


class Machine:
    """The kernel's lists, as files. A machine without Bluetooth has none of them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def adapter(self, name: str = "hci0") -> None:
        (self.root / "class" / "bluetooth" / name).mkdir(parents=True)

    def switch(self, *, kind: str = "bluetooth", soft: int = 0, hard: int = 0) -> None:
        folder = self.root / "class" / "rfkill" / f"rfkill{len(list(self.root.glob('class/rfkill/*')))}"
        folder.mkdir(parents=True)
        for name, value in (("type", kind), ("soft", soft), ("hard", hard)):
            (folder / name).write_text(f"{value}\n")

    def told(self, adapter: str = "") -> tuple[str, str]:
        """What is wrong and the mend; ("", "") when nothing is."""
        trouble = asyncio.run(find_problem(adapter, self.root))
        return (trouble.what, trouble.repair) if trouble else ("", "")


def test_an_adapter_that_is_ready_is_no_trouble(bluez: BluezThread, machine: Machine) -> None:
    assert machine.told() == ("", "")


def test_a_wifi_that_is_blocked_is_none_either(bluez: BluezThread, machine: Machine) -> None:
    bluez.do(lambda service: service.switch(on=False))
    machine.switch(kind="wlan", soft=1, hard=1)
    assert "bluetoothctl power on" in machine.told()[1]


def test_no_dbus(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    what, mend = machine.told()
    assert "no D-Bus" in what
    assert "bluez" in mend


def test_no_bluez(bus: str, machine: Machine) -> None:
    what, mend = machine.told()
    assert what == "No Bluetooth service is running."
    assert "apt-get install bluez" in mend


def test_no_right_to_use_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(DENY_BLUEZ) as denied, BluezThread(denied, SimulatedEnvironment()):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", denied)
        what, mend = machine.told()
    assert what == "This user may not use Bluetooth."
    assert "usermod -aG bluetooth" in mend


def test_a_service_that_does_not_answer(bluez: BluezThread, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.station.adapters.bluetooth.bluez_recovery.CALL_SECONDS", 0.2)
    bluez.faults.mute.add("GetManagedObjects")
    what, mend = machine.told()
    assert "does not answer" in what
    assert "restart bluetooth" in mend


def test_no_adapter(bluez: BluezThread, machine: Machine) -> None:
    bluez.do(lambda service: service.unplug())
    what, mend = machine.told()
    assert what == "No Bluetooth adapter is plugged in."
    assert "Plug the adapter in" in mend


def test_an_adapter_that_only_the_kernel_knows(bluez: BluezThread, machine: Machine) -> None:
    bluez.do(lambda service: service.unplug())
    machine.adapter()
    what, mend = machine.told()
    assert "The kernel knows" in what
    assert "restart bluetooth" in mend


def test_another_adapter_than_the_one_configured(bluez: BluezThread, machine: Machine) -> None:
    machine.adapter("hci0")
    assert machine.told("hci0") == ("", "")
    what, mend = machine.told("hci3")
    assert what == "There is no adapter hci3, only hci0."
    assert "[scanner] adapter" in mend


@pytest.mark.parametrize(("soft", "hard", "what", "mend"), [(1, 0, "rfkill", "rfkill unblock"), (0, 1, "switch of", "Slide")])
@pytest.mark.parametrize("known_to", ["bluez", "the kernel only"])
def test_a_blocked_adapter(bluez: BluezThread, machine: Machine, soft: int, hard: int, what: str, mend: str, known_to: str) -> None:
    bluez.do(lambda service: service.switch(on=False) if known_to == "bluez" else service.unplug())
    machine.adapter()
    machine.switch(soft=soft, hard=hard)
    told = machine.told()
    assert what in told[0]
    assert mend in told[1]


def test_an_adapter_that_is_off(bluez: BluezThread, machine: Machine) -> None:
    bluez.do(lambda service: service.switch(on=False))
    machine.adapter()
    machine.switch()
    what, mend = machine.told()
    assert what == "Bluetooth is switched off on the adapter."
    assert "bluetoothctl power on" in mend


def test_an_adapter_without_low_energy(bluez: BluezThread, machine: Machine) -> None:
    bluez.do(lambda service: service.plug(roles=("peripheral",)))
    assert "Low Energy" in machine.told()[0]


# ---------------------------------------------------------------- the commands on it


@pytest.fixture
def counter(tmp_path: Path, bluez: BluezThread) -> Terminal:
    """A terminal whose scanner is the real one."""
    terminal = Terminal(tmp_path, {"DBUS_SYSTEM_BUS_ADDRESS": os.environ["DBUS_SYSTEM_BUS_ADDRESS"]})
    terminal.config.write_text('[station]\nid = "STATION_XYZ"\n[scanner]\nbackend = "bluetooth"\n[mqtt]\nport = 1\nconnect_seconds = 0.2\n')
    return terminal


def test_the_command_tells_how_many_are_in_range(counter: Terminal) -> None:
    found = {each["name"]: each for each in counter.here("doctor", "--json").json}
    assert (found["bluetooth"]["ok"], found["bluetooth"]["what"]) == (True, "bluetooth: 1 in range.")


def test_the_command_tells_what_is_wrong(counter: Terminal, bluez: BluezThread) -> None:
    bluez.do(lambda service: service.switch(on=False))
    found = {each["name"]: each for each in counter.here("doctor", "--json").json}
    assert not found["bluetooth"]["ok"]
    assert found["bluetooth"]["mend"]


def test_batteries_are_scanned_on_the_real_backend(counter: Terminal, bluez: BluezThread) -> None:
    bluez.room.put(battery("BAT-67890", rssi=-60))
    found = counter.run("battery", "scan", "--json", "--seconds", "1.5").json
    assert [(each["rssi"], each["protocol"]) for each in found] == [(-48, "oves"), (-60, "oves")]


def test_a_battery_is_read_on_the_real_backend_and_its_trace_is_told(counter: Terminal) -> None:
    read = counter.run("battery", "read", "BAT-12345", "--json").json
    assert read["asset_id"] == "BAT-12345"
    assert [each["phase"] for each in read["trace"]["phases"]] == ["looking", "connecting", "reading"]
    assert (read["trace"]["retries"], read["trace"]["rssi"], read["trace"]["recoveries"]) == (0, -48, [])


def test_a_reading_that_fails_tells_its_phases_too(counter: Terminal, bluez: BluezThread) -> None:
    bluez.faults.refused_connects = 9
    ran = counter.run("battery", "read", "BAT-12345", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "the link was lost" in ran.err or "was lost" in ran.err
    assert "retries 1" in ran.err


@pytest.mark.parametrize("fault", [each for each in AdapterFault if each not in _NOT_FROM_BLUEZ])
def test_every_problem_has_a_sentence_and_a_repair(fault: AdapterFault) -> None:
    problem = AdapterProblem(fault, {"adapter": "hci0", "others": "hci1", "answer": "org.bluez.Error.Failed"})
    assert problem.what.endswith(".")
    assert problem.repair
    assert "{" not in problem.what + problem.repair


def test_the_scanner_says_that_it_is_ready_and_what_is_wrong(bluez: BluezThread) -> None:
    scanner = build_scanner("bluetooth", clock=StillClock())
    assert asyncio.run(scanner.check()) is True
    bluez.do(lambda service: service.switch(on=False))
    with pytest.raises(BatteryUnreachable) as refusal:
        asyncio.run(scanner.check())
    assert refusal.value.fault is AdapterFault.SWITCHED_OFF


def test_without_dbus_the_scanner_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(BatteryUnreachable, match="no_dbus"):
        asyncio.run(build_scanner("bluetooth", clock=StillClock()).check())


def test_the_command_tells_packs_of_one_name_that_are_not_bound(counter: Terminal, bluez: BluezThread) -> None:
    bluez.room.add_devices(*(pack(number, -50 - number) for number in range(7)))
    finding = next(each for each in counter.here("doctor", "--json").json if each["name"] == "bluetooth")
    assert finding["ok"]
    assert finding["what"] == "bluetooth: 8 in range. 7 packs in range are called JK-B2A24S and are not bound."
    assert finding["mend"] == "Bind each of them to its sticker: battery bind ID --address ADDRESS."
    found = counter.here("battery", "scan", "--json", "--seconds", "1.5").json
    assert [each["problem"] for each in found] == [None, *["7 packs in range are called JK-B2A24S and are not bound."] * 7]
