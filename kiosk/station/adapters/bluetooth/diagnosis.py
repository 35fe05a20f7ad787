"""What is wrong with Bluetooth here, for `doctor`: one finding with its mend, or None when an adapter is ready. Linux only.

BlueZ is asked over D-Bus; when it has no adapter that is ready, the kernel's own lists (/sys/class/bluetooth, /sys/class/rfkill) tell why.
Nothing is changed, nothing is raised, and every call has a deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bleak.exc import BleakDBusError, BleakError

from kiosk.station.adapters.bluetooth.bluez_recovery import system_bus
from kiosk.station.adapters.bluetooth.radio.radio_errors import ServiceMute, is_absent

SYS = Path("/sys")
_START_SERVICE = "Install BlueZ and start it: sudo apt-get install bluez; sudo systemctl enable --now bluetooth"
_RESTART_SERVICE = "Restart it: sudo systemctl restart bluetooth"
_JOIN_GROUP = "Give the kiosk's user the right: sudo usermod -aG bluetooth USER, then log in again."
_PLUG_IN = "Plug the adapter in. When it is plugged in: other socket, other adapter."
_SWITCH_ON = "Switch it on: bluetoothctl power on"


@dataclass(frozen=True, slots=True)
class AdapterProblem:
    """`what` is wrong, in a sentence, and how to `mend` it."""

    what: str
    mend: str

    @property
    def phrase(self) -> str:
        """What is wrong, to follow "Reason: "."""
        said = self.what.rstrip(".")
        return said if said.startswith("Bluetooth") else f"{said[:1].lower()}{said[1:]}"


@dataclass(frozen=True, slots=True)
class RadioSwitch:
    """The kernel's switch for a radio: `hard` is a key or a slider of the machine, `soft` a program's."""

    soft: bool
    hard: bool


async def trouble_with(adapter: str = "", sys_root: Path = SYS) -> AdapterProblem | None:
    """Why no battery can be read: no D-Bus, no BlueZ, no right to use it, no adapter, a blocked one, one that is off. `adapter`: its name,
    "" for any.
    """
    try:
        async with system_bus() as bus:
            adapters = (await bus.known()).adapters
    except (BleakError, OSError, EOFError) as error:
        return _of_service(error)
    named = {path.rpartition("/")[2]: each for path, each in adapters.items()}
    return _of_adapters(named if not adapter else {adapter: named[adapter]} if adapter in named else {}, adapter, sys_root)


def _of_service(error: Exception) -> AdapterProblem:
    if isinstance(error, PermissionError) or (isinstance(error, BleakDBusError) and error.dbus_error.endswith(".AccessDenied")):
        return AdapterProblem("This user may not use Bluetooth.", _JOIN_GROUP)
    if isinstance(error, ServiceMute | TimeoutError):
        return AdapterProblem("The Bluetooth service does not answer.", _RESTART_SERVICE)
    if isinstance(error, BleakDBusError) and not is_absent(error):
        return AdapterProblem(f"The Bluetooth service answers {error.dbus_error}.", _RESTART_SERVICE)
    if isinstance(error, OSError):
        return AdapterProblem("The system has no D-Bus, so no Bluetooth service.", f"Start D-Bus. {_START_SERVICE}")
    return AdapterProblem("No Bluetooth service is running.", _START_SERVICE)


def _of_adapters(adapters: Mapping[str, Mapping[str, Any]], wanted: str, sys_root: Path) -> AdapterProblem | None:
    if any(each.get("Powered") and "central" in each.get("Roles", ("central",)) for each in adapters.values()):
        return None
    if any(each.get("Powered") for each in adapters.values()):
        return AdapterProblem("The adapter does not speak Bluetooth Low Energy.", "Use a Bluetooth adapter of version 4.0 or later.")
    name = wanted or "the adapter"
    if adapters or kernel_adapters(sys_root):
        blocked = [block for block in blocks(sys_root) if block.hard or block.soft]
        if any(block.hard for block in blocked):
            return AdapterProblem("Bluetooth is blocked by a switch of the machine.", "Slide the switch, or press the key with the aerial.")
        if blocked:
            return AdapterProblem(
                "Bluetooth is blocked by rfkill.", "Unblock it: sudo rfkill unblock bluetooth; then: bluetoothctl power on"
            )
    if adapters:
        return AdapterProblem(f"Bluetooth is switched off on {name}.", _SWITCH_ON)
    if wanted and kernel_adapters(sys_root) - {wanted}:
        others = ", ".join(sorted(kernel_adapters(sys_root)))
        return AdapterProblem(f"There is no adapter {wanted}, only {others}.", "Correct [scanner] adapter, or plug that adapter in.")
    if kernel_adapters(sys_root):
        return AdapterProblem("The kernel knows a Bluetooth adapter, the Bluetooth service does not.", _RESTART_SERVICE)
    return AdapterProblem("No Bluetooth adapter is plugged in.", _PLUG_IN)


def kernel_adapters(sys_root: Path) -> frozenset[str]:
    """The adapters that the kernel knows; connections, which stand in the same folder (hci0:64), are left out."""
    return frozenset(each.name for each in _entries(sys_root / "class" / "bluetooth") if ":" not in each.name)


def blocks(sys_root: Path) -> tuple[RadioSwitch, ...]:
    """The switches of all Bluetooth radios. One that cannot be read is not blocked."""
    found = (each for each in _entries(sys_root / "class" / "rfkill") if _text(each / "type") == "bluetooth")
    return tuple(RadioSwitch(soft=_text(each / "soft") == "1", hard=_text(each / "hard") == "1") for each in found)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""
