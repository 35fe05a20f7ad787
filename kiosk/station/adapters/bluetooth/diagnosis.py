"""What is wrong with Bluetooth here: one problem with its repair, or None when an adapter is ready. Linux only.

BlueZ is asked over D-Bus; when it has no adapter that is ready, the kernel's own lists (/sys/class/bluetooth, /sys/class/rfkill) say why.
Nothing is changed, nothing is raised, and every call has a deadline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bleak.exc import BleakDBusError, BleakError

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.bluetooth.bluez_recovery import ADAPTER, Properties, system_bus
from kiosk.station.adapters.bluetooth.radio_errors import ServiceMute, is_absent

SYS = Path("/sys")
_SERVICE = "sudo apt-get install bluez; sudo systemctl enable --now bluetooth"
_RESTART = mark("Restart it: {command}")
_RESTART_COMMAND = "sudo systemctl restart bluetooth"

# What is wrong, how to repair it, and the command that does
_WORDS = {
    AdapterFault.NOT_ALLOWED: (
        mark("This user may not use Bluetooth."),
        mark("Give the kiosk's user the right: {command}, then log in again."),
        "sudo usermod -aG bluetooth USER",
    ),
    AdapterFault.SERVICE_SILENT: (mark("The Bluetooth service does not answer."), _RESTART, _RESTART_COMMAND),
    AdapterFault.SERVICE_REFUSES: (mark("The Bluetooth service answers {answer}."), _RESTART, _RESTART_COMMAND),
    AdapterFault.NO_DBUS: (
        mark("The system has no D-Bus, so no Bluetooth service."),
        mark("Start D-Bus. Install BlueZ and start it: {command}"),
        _SERVICE,
    ),
    AdapterFault.NO_SERVICE: (mark("No Bluetooth service is running."), mark("Install BlueZ and start it: {command}"), _SERVICE),
    AdapterFault.NO_LOW_ENERGY: (
        mark("The adapter does not speak Bluetooth Low Energy."),
        mark("Use a Bluetooth adapter of version 4.0 or later."),
        "",
    ),
    AdapterFault.BLOCKED_BY_KEY: (
        mark("Bluetooth is blocked by a switch of the machine."),
        mark("Slide the switch, or press the key with the aerial."),
        "",
    ),
    AdapterFault.BLOCKED_BY_PROGRAM: (
        mark("Bluetooth is blocked by rfkill."),
        mark("Unblock it: {command}"),
        "sudo rfkill unblock bluetooth; then: bluetoothctl power on",
    ),
    AdapterFault.SWITCHED_OFF: (mark("Bluetooth is switched off on {adapter}."), mark("Switch it on: {command}"), "bluetoothctl power on"),
    AdapterFault.ANOTHER_ADAPTER: (
        mark("There is no adapter {adapter}, only {others}."),
        mark("Correct [scanner] adapter, or plug that adapter in."),
        "",
    ),
    AdapterFault.ADAPTER_NOT_SERVED: (
        mark("The kernel knows a Bluetooth adapter, the Bluetooth service does not."),
        _RESTART,
        _RESTART_COMMAND,
    ),
    AdapterFault.NO_ADAPTER: (
        mark("No Bluetooth adapter is plugged in."),
        mark("Plug the adapter in. When it is plugged in: other socket, other adapter."),
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class AdapterProblem:
    """What keeps batteries from being read; `facts` are the values in its sentence."""

    fault: AdapterFault
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What is wrong, a sentence for the technician."""
        return tr(_WORDS[self.fault][0], **self.facts)

    @property
    def repair(self) -> str:
        """How to repair it, with the command where there is one."""
        _, sentence, command = _WORDS[self.fault]
        return tr(sentence, command=command)


async def find_problem(adapter: str = "", sys_root: Path = SYS) -> AdapterProblem | None:
    """Why no battery can be read: no D-Bus, no BlueZ, no right to use it, no adapter, a blocked one, one that is off. `adapter`: its name,
    "" for any.
    """
    try:
        async with system_bus() as bus:
            adapters = await bus.known(ADAPTER)
    except (BleakError, OSError, EOFError) as error:
        return _service_problem(error)
    return _adapter_problem([each for path, each in adapters.items() if adapter in ("", path.rpartition("/")[2])], adapter, sys_root)


def _service_problem(error: Exception) -> AdapterProblem:
    if isinstance(error, PermissionError) or (isinstance(error, BleakDBusError) and error.dbus_error.endswith(".AccessDenied")):
        return AdapterProblem(AdapterFault.NOT_ALLOWED)
    if isinstance(error, ServiceMute | TimeoutError):
        return AdapterProblem(AdapterFault.SERVICE_SILENT)
    if isinstance(error, BleakDBusError) and not is_absent(error):
        return AdapterProblem(AdapterFault.SERVICE_REFUSES, {"answer": error.dbus_error})
    return AdapterProblem(AdapterFault.NO_DBUS if isinstance(error, OSError) else AdapterFault.NO_SERVICE)


def _adapter_problem(adapters: Sequence[Properties], asked: str, sys_root: Path) -> AdapterProblem | None:
    """`adapters` are those of BlueZ that may be used; `asked` is the configured one, "" for any."""
    powered = [each for each in adapters if each.get("Powered")]
    if any("central" in each.get("Roles", ("central",)) for each in powered):
        return None
    if powered:
        return AdapterProblem(AdapterFault.NO_LOW_ENERGY)
    known = {each.name for each in (sys_root / "class" / "bluetooth").glob("*") if ":" not in each.name}  # hci0:64 is a connection
    blocked = _blocked(sys_root) if adapters or known else None
    if blocked:
        return AdapterProblem(blocked)
    if adapters:
        return AdapterProblem(AdapterFault.SWITCHED_OFF, {"adapter": asked or tr("the adapter")})
    if asked and known - {asked}:
        return AdapterProblem(AdapterFault.ANOTHER_ADAPTER, {"adapter": asked, "others": ", ".join(sorted(known))})
    return AdapterProblem(AdapterFault.ADAPTER_NOT_SERVED if known else AdapterFault.NO_ADAPTER)


def _blocked(sys_root: Path) -> AdapterFault | None:
    """What the kernel's switches of Bluetooth radios say: `hard` is a key or a slider of the machine, `soft` a program's. One that cannot
    be read is not blocked.
    """
    switches = [each for each in (sys_root / "class" / "rfkill").glob("*") if _text(each / "type") == "bluetooth"]
    faults = {"hard": AdapterFault.BLOCKED_BY_KEY, "soft": AdapterFault.BLOCKED_BY_PROGRAM}
    return next((fault for name, fault in faults.items() if any(_text(each / name) == "1" for each in switches)), None)


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""
