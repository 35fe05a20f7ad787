"""bleak's exceptions as the domain's errors (facts/bluetooth.md, "What bleak 3.1 raises, and what to say").

The adapter's own troubles become BatteryUnreachable with a `reason`; a silent battery BatteryUnreachable without one; a device
without the expected characteristics BatteryUnreadable. Anything not in RADIO_ERRORS is a bug and passes.
"""

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from kiosk.domain.errors import BatteryError, BatteryUnreachable, BatteryUnreadable


class ServiceMute(OSError):
    """The Bluetooth service took a call and did not answer it."""


RADIO_ERRORS: tuple[type[Exception], ...] = (BleakError, OSError, EOFError)  # TimeoutError is an OSError

_NO_SERVICE = "no Bluetooth service is running"
_SWITCHED_OFF = "Bluetooth is switched off"
_DENIED = "this program may not use Bluetooth"
_LOST = "the link was lost"
_BUSY = "the Bluetooth adapter is stuck"
_MUTE = "the Bluetooth service does not answer"
_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: "no Bluetooth adapter is plugged in",
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "the Bluetooth adapter cannot read batteries",
    BleakBluetoothNotAvailableReason.POWERED_OFF: _SWITCHED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: _DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: _DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: _DENIED,
}
# Wherever BlueZ is installed, D-Bus is told how to start it: a service that is switched off is one that could not be started.
_ABSENT = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.",
    "org.freedesktop.systemd1.",
)
_DBUS = {"NotReady": _SWITCHED_OFF, "InProgress": _BUSY, "AccessDenied": _DENIED}


def is_lost_link(error: Exception) -> bool:
    """Whether trying once more may help: the link was lost, or the device vanished between hearing and connecting."""
    return isinstance(error, BleakError) and not isinstance(error, BleakCharacteristicNotFoundError) and _reason(error) == _LOST


def is_absent(error: Exception) -> bool:
    """Whether the Bluetooth service does not run, and D-Bus could not start it."""
    return isinstance(error, BleakDBusError) and error.dbus_error.startswith(_ABSENT)


def is_stuck(error: Exception) -> bool:
    """Whether the adapter says that it is still at something else: with one owner of the radio, something stale."""
    return isinstance(error, BleakDBusError) and error.dbus_error.endswith(".InProgress")


def is_off(error: Exception) -> bool:
    """Whether the adapter is switched off."""
    return isinstance(error, RADIO_ERRORS) and _reason(error) == _SWITCHED_OFF


def is_gone(error: Exception) -> bool:
    """Whether what was heard a moment ago, or the adapter itself, is unknown to the Bluetooth service now."""
    if isinstance(error, BleakCharacteristicNotFoundError):
        return False
    if isinstance(error, BleakDBusError):
        return error.dbus_error.endswith(".UnknownObject")
    if isinstance(error, BleakBluetoothNotAvailableError):
        return error.reason in (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, BleakBluetoothNotAvailableReason.POWERED_OFF)
    return isinstance(error, BleakDeviceNotFoundError) or (isinstance(error, BleakError) and "not found" in str(error))


def explained(error: Exception, *, battery_id: str, seconds: float, heard_others: bool) -> BatteryError:
    """One of RADIO_ERRORS as a domain error; `seconds` is the time that was allowed."""
    if isinstance(error, BleakCharacteristicNotFoundError):
        return BatteryUnreadable(battery_id, "it is not a kind of battery known here")
    return BatteryUnreachable(battery_id, seconds, heard_others, _reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, ServiceMute):
        return _MUTE
    if isinstance(error, TimeoutError):
        return ""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _UNAVAILABLE.get(error.reason, "Bluetooth is not available")
    if is_absent(error):
        return _NO_SERVICE
    if isinstance(error, BleakDBusError):
        return _DBUS.get(error.dbus_error.rpartition(".")[2], _LOST)
    return _LOST if isinstance(error, BleakError) else _NO_SERVICE
