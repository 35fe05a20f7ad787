"""bleak's exceptions as the domain's errors (facts/bluetooth.md, "What bleak 3.1 raises, and what to say").

A fault of the adapter and a lost link become BatteryUnreachable with a `fault`; a silent battery becomes one without; a device that refuses
to be read, or lacks the expected characteristics, becomes ReadingPrevented. Anything that is not in RADIO_ERRORS is a bug and passes.
"""

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryError, BatteryUnreachable, ReadingPrevented
from kiosk.domain.read_obstacle import ReadObstacle


class ServiceMute(OSError):
    """The Bluetooth service took a call and did not answer it."""


RADIO_ERRORS: tuple[type[Exception], ...] = (BleakError, OSError, EOFError)  # TimeoutError is an OSError

_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: AdapterFault.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: AdapterFault.NO_LOW_ENERGY,
    BleakBluetoothNotAvailableReason.POWERED_OFF: AdapterFault.SWITCHED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: AdapterFault.NOT_ALLOWED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: AdapterFault.NOT_ALLOWED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: AdapterFault.NOT_ALLOWED,
}
# Where BlueZ is installed, D-Bus knows how to start it: a service that is switched off is one that could not be started.
_ABSENT = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.",
    "org.freedesktop.systemd1.",
)
_DBUS = {"NotReady": AdapterFault.SWITCHED_OFF, "InProgress": AdapterFault.STUCK, "AccessDenied": AdapterFault.NOT_ALLOWED}

# What a peripheral answers (Bluetooth core specification, "Error codes" of the attribute protocol), on every system.
_ATT = {
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION: ReadObstacle.PAIRING,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION: ReadObstacle.PAIRING,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: ReadObstacle.PAIRING,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHORIZATION: ReadObstacle.LOCKED,
    BleakGATTProtocolErrorCode.INVALID_HANDLE: ReadObstacle.OTHER_KIND,  # the remembered services are those of older firmware
    BleakGATTProtocolErrorCode.DATABASE_OUT_OF_SYNC: ReadObstacle.OTHER_KIND,
}
# What BlueZ answers: the error's name and the beginning of its text. It says "Not paired" for the first three codes above.
_BLUEZ_REFUSALS = (
    ("org.bluez.Error.Authentication", "", ReadObstacle.PAIRING),
    ("org.bluez.Error.NotPermitted", "Not paired", ReadObstacle.PAIRING),
    ("org.bluez.Error.NotPermitted", "Notify acquired", ReadObstacle.OTHER_READER),
    ("org.bluez.Error.NotPermitted", "Write acquired", ReadObstacle.OTHER_READER),
    ("org.bluez.Error.Failed", "Failed to register notify session", ReadObstacle.MAYBE_PAIRING),
)


def obstacle_of(error: Exception) -> ReadObstacle | None:
    """What keeps the battery from being read, where the error says so."""
    if isinstance(error, ReadingPrevented):
        return error.obstacle
    if isinstance(error, BleakCharacteristicNotFoundError):
        return ReadObstacle.UNKNOWN_KIND
    if isinstance(error, BleakGATTProtocolError):
        return _ATT.get(error.code)
    if isinstance(error, BleakDBusError):
        text = str(error.args[1]) if len(error.args) > 1 else ""
        return next((each for name, head, each in _BLUEZ_REFUSALS if error.dbus_error.startswith(name) and text.startswith(head)), None)
    return None


def is_lost_link(error: Exception) -> bool:
    """Whether trying once more may help: the link was lost, or the device vanished between hearing and connecting."""
    return (
        isinstance(error, BleakError)
        and obstacle_of(error) in (None, ReadObstacle.MAYBE_PAIRING)
        and _fault(error) is AdapterFault.LINK_LOST
    )


def is_absent(error: Exception) -> bool:
    """Whether the Bluetooth service does not run, and D-Bus could not start it."""
    return isinstance(error, BleakDBusError) and error.dbus_error.startswith(_ABSENT)


def is_stuck(error: Exception) -> bool:
    """Whether the adapter says that it is still at something else: with one owner of the radio, something stale."""
    return isinstance(error, BleakDBusError) and error.dbus_error.endswith(".InProgress")


def is_off(error: Exception) -> bool:
    """Whether the adapter is switched off."""
    return isinstance(error, RADIO_ERRORS) and _fault(error) is AdapterFault.SWITCHED_OFF


def is_gone(error: Exception) -> bool:
    """Whether a device received a moment ago, or the adapter itself, is unknown to the Bluetooth service now."""
    if isinstance(error, BleakCharacteristicNotFoundError):
        return False
    if isinstance(error, BleakDBusError):
        return error.dbus_error.endswith(".UnknownObject")
    if isinstance(error, BleakBluetoothNotAvailableError):
        return error.reason in (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, BleakBluetoothNotAvailableReason.POWERED_OFF)
    return isinstance(error, BleakDeviceNotFoundError) or (isinstance(error, BleakError) and "not found" in str(error))


def explain(error: Exception, *, battery_id: str, seconds: float, heard_others: bool) -> BatteryError:
    """One of RADIO_ERRORS as a domain error; `seconds` is the time that was allowed."""
    obstacle = obstacle_of(error)
    if obstacle is not None:
        return ReadingPrevented.by(obstacle, battery_id)
    return BatteryUnreachable(battery_id, seconds, heard_others, _fault(error))


def _fault(error: Exception) -> AdapterFault | None:
    """None for a battery that did not answer in time."""
    if isinstance(error, ServiceMute):
        return AdapterFault.SERVICE_SILENT
    if isinstance(error, TimeoutError):
        return None
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _UNAVAILABLE.get(error.reason, AdapterFault.UNAVAILABLE)
    if is_absent(error):
        return AdapterFault.NO_SERVICE
    if isinstance(error, BleakDBusError):
        return _DBUS.get(error.dbus_error.rpartition(".")[2], AdapterFault.LINK_LOST)
    return AdapterFault.LINK_LOST if isinstance(error, BleakError) else AdapterFault.NO_SERVICE
