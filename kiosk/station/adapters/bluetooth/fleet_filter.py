"""What this station expects to meet: kinds of battery that may be read, and names that its fleet goes by. Pure; checked by `settings`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFilter:
    """`protocols` are names of `protocol_registry.protocol_names`, none of them meaning all. `fleet_names` are beginnings of advertised
    names: who has one is ranked first; nobody is hidden for a name.
    """

    protocols: tuple[str, ...] = ()
    fleet_names: tuple[str, ...] = ()

    def allows(self, protocol: str) -> bool:
        """Whether batteries of this kind may be read here."""
        return not self.protocols or protocol in self.protocols

    def is_fleet_name(self, name: str) -> bool:
        """Whether a device with this name is looked for first."""
        return bool(self.fleet_names) and name.strip().upper().startswith(tuple(prefix.upper() for prefix in self.fleet_names))


ANYTHING = FleetFilter()
