"""What can be wrong with Bluetooth, in words for the attendant. (For the technician, `doctor` says more: the adapter's name, the command.)

It lies beside `errors`, which carry it, and not in `battery`, which raises them: imports go one way.
"""

from enum import StrEnum

from kiosk.domain.language import mark, tr


class AdapterFault(StrEnum):
    """Why no battery can be read, or why a reading ended; the values are for logs and tests."""

    NO_ADAPTER = "no_adapter"
    ANOTHER_ADAPTER = "another_adapter"  # the adapter that is configured is missing, another one is there
    NO_LOW_ENERGY = "no_low_energy"  # the adapter is too old to read batteries
    STUCK = "stuck"  # the adapter says that it is still busy: with one owner of the radio, it is busy with something stale
    SWITCHED_OFF = "switched_off"
    BLOCKED_BY_KEY = "blocked_by_key"  # a key or a slider of the machine
    BLOCKED_BY_PROGRAM = "blocked_by_program"  # the system's own switch, rfkill
    NOT_ALLOWED = "not_allowed"  # the user that the kiosk runs as has no right to use Bluetooth
    NO_SERVICE = "no_service"
    NO_DBUS = "no_dbus"
    SERVICE_SILENT = "service_silent"
    SERVICE_REFUSES = "service_refuses"
    ADAPTER_NOT_SERVED = "adapter_not_served"  # the kernel knows an adapter, the Bluetooth service does not
    UNAVAILABLE = "unavailable"  # Bluetooth does not work, and the system does not say why
    LINK_LOST = "link_lost"  # the only one that is no fault of the adapter: the link to one battery was lost

    @property
    def phrase(self) -> str:
        """What is wrong, to follow "Reason: "."""
        return tr(_PHRASES[self])

    @property
    def repair(self) -> str:
        """What the attendant does about it."""
        return tr(_REPAIRS.get(self, _OTHER_REPAIR))


_PHRASES = {
    AdapterFault.NO_ADAPTER: mark("no Bluetooth adapter is plugged in"),
    AdapterFault.ANOTHER_ADAPTER: mark("the Bluetooth adapter that is set up is not plugged in"),
    AdapterFault.NO_LOW_ENERGY: mark("the Bluetooth adapter cannot read batteries"),
    AdapterFault.STUCK: mark("the Bluetooth adapter is stuck"),
    AdapterFault.SWITCHED_OFF: mark("Bluetooth is switched off"),
    AdapterFault.BLOCKED_BY_KEY: mark("Bluetooth is blocked by a switch of the machine"),
    AdapterFault.BLOCKED_BY_PROGRAM: mark("Bluetooth is blocked in the system"),
    AdapterFault.NOT_ALLOWED: mark("this program may not use Bluetooth"),
    AdapterFault.NO_SERVICE: mark("no Bluetooth service is running"),
    AdapterFault.NO_DBUS: mark("the system has no Bluetooth service"),
    AdapterFault.SERVICE_SILENT: mark("the Bluetooth service does not answer"),
    AdapterFault.SERVICE_REFUSES: mark("the Bluetooth service answers with an error"),
    AdapterFault.ADAPTER_NOT_SERVED: mark("the Bluetooth service does not know the adapter"),
    AdapterFault.UNAVAILABLE: mark("Bluetooth is not available"),
    AdapterFault.LINK_LOST: mark("the link was lost"),
}

_OTHER_REPAIR = mark("Plug the Bluetooth adapter in and switch it on.")
_RESTART = mark("Restart this computer; if that does not help, call the supervisor.")
_REPAIRS = {
    AdapterFault.NO_ADAPTER: mark("Plug the Bluetooth adapter in."),
    AdapterFault.NO_LOW_ENERGY: mark("Use another Bluetooth adapter, of version 4.0 or later."),
    AdapterFault.STUCK: mark("Unplug the Bluetooth adapter, count to five, plug it in again."),
    AdapterFault.SWITCHED_OFF: mark("Switch Bluetooth on."),
    AdapterFault.BLOCKED_BY_KEY: mark("Slide the switch, or press the key with the aerial."),
    AdapterFault.BLOCKED_BY_PROGRAM: mark("Call the supervisor: Bluetooth is switched off in the system."),
    AdapterFault.NOT_ALLOWED: mark("Call the supervisor: the kiosk's user needs the right to use Bluetooth."),
    AdapterFault.NO_SERVICE: _RESTART,
    AdapterFault.NO_DBUS: _RESTART,
    AdapterFault.SERVICE_SILENT: _RESTART,
    AdapterFault.SERVICE_REFUSES: _RESTART,
    AdapterFault.ADAPTER_NOT_SERVED: _RESTART,
}
