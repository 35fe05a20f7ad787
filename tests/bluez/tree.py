"""The objects of a D-Bus service with their properties; whoever listens is told each change, as org.freedesktop.DBus says."""

from collections.abc import Callable, Mapping
from typing import Any

from dbus_fast import Variant

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
YES, NO = (Variant("b", each) for each in (True, False))

Signal = Callable[[str, str, str, str, list[Any]], None]
"""path, interface, member, signature, body"""
Interfaces = Mapping[str, Mapping[str, Variant]]


class Tree:
    """Objects by path."""

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        self.objects: dict[str, dict[str, dict[str, Variant]]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self.objects

    def add(self, path: str, interfaces: Interfaces) -> None:
        """A new object."""
        own = {interface: dict(values) for interface, values in interfaces.items()}
        self.objects[path] = own
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, own])

    def remove(self, path: str) -> None:
        """An object leaves; one that is not there is no error."""
        gone = self.objects.pop(path, None)
        if gone is not None:
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, list(gone)])

    def below(self, path: str) -> list[str]:
        """The objects under a path, the deepest first."""
        return sorted((each for each in self.objects if each.startswith(f"{path}/")), reverse=True)

    def get(self, path: str, interface: str, name: str) -> Any:
        """A property's value. KeyError when it is not there."""
        return self.objects[path][interface][name].value

    def change(self, path: str, interface: str, **values: Variant) -> None:
        """Told even when a value is the one it had: every advertisement counts."""
        if path in self.objects:
            self.objects[path][interface].update(values)
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, values, []])

    def invalidate(self, path: str, interface: str, name: str) -> None:
        """A property is no more."""
        if self.objects[path][interface].pop(name, None) is not None:
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, {}, [name]])
