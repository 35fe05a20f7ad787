"""What can be wrong with a Bluetooth service, its adapter and its links; counts go down as they happen."""

from dataclasses import dataclass, field
from enum import Enum


class Stuck(Enum):
    """An adapter that answers "InProgress", and what frees it."""

    NO = "no"
    UNTIL_DEVICE_REMOVED = "until a device is removed"
    UNTIL_POWER_CYCLE = "until it is switched off and on"
    FOR_EVER = "for ever"


@dataclass(slots=True)
class Faults:
    """`refused_connects`, `aborted_connects`: the next so many fail (the second as le-connection-abort-by-local, after which the link comes
    and goes). `lost_while_resolving`: the next so many links are lost before the services are known. `refused_disconnects`,
    `stop_in_progress`: the next so many Disconnect, StopDiscovery are refused. `every_nth_link_lost`: each nth link is lost at the third
    read. `mute`: methods that are never answered. `deaf`: nothing is heard until the adapter was switched off and on. `vanish_at_read`: the
    adapter is gone at the so manieth read from now, and comes back after `back_after` seconds (None: never). `blocked`: it cannot be
    switched on. `refusals`: how a method is refused, by its name: the error's name and text; `refused_once`: the same, the first time only.
    `stale_services`: after connecting, the services are those of older firmware, until the device is removed. `gap_names`:
    what devices are called once they were connected to, by address.
    """

    refused_connects: int = 0
    aborted_connects: int = 0
    lost_while_resolving: int = 0
    refused_disconnects: int = 0
    every_nth_link_lost: int | None = None
    mute: set[str] = field(default_factory=set)
    stop_in_progress: int = 0
    stuck_discovery: Stuck = Stuck.NO
    stuck_connect: Stuck = Stuck.NO
    deaf: bool = False
    vanish_at_read: int | None = None
    back_after: float | None = None
    blocked: bool = False
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused_once: dict[str, tuple[str, str]] = field(default_factory=dict)
    gap_names: dict[str, str] = field(default_factory=dict)
    stale_services: bool = False
    removed: int = 0

    def refusal_of(self, method: str) -> tuple[str, str] | None:
        """How a method is refused now."""
        return self.refused_once.pop(method, None) or self.refusals.get(method)

    def removed_device(self) -> None:
        """What RemoveDevice frees."""
        self.stale_services = False
        self.removed += 1
        self._free(Stuck.UNTIL_DEVICE_REMOVED)

    def power_cycled(self) -> None:
        """What switching off frees."""
        self.deaf = False
        self._free(Stuck.UNTIL_DEVICE_REMOVED, Stuck.UNTIL_POWER_CYCLE)

    def _free(self, *states: Stuck) -> None:
        if self.stuck_discovery in states:
            self.stuck_discovery = Stuck.NO
        if self.stuck_connect in states:
            self.stuck_connect = Stuck.NO
