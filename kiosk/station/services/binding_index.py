"""Which pack wears which sticker, in memory: looked up for every advertisement."""

from collections.abc import Iterable

from kiosk.domain.battery.binding import Binding, BindingChange


class BindingIndex:
    """Batteries by id, by address and by what their BMS tells of itself."""

    def __init__(self) -> None:
        self.by_id: dict[str, Binding] = {}
        self.by_address: dict[str, Binding] = {}
        self.by_serial: dict[tuple[str, str], set[str]] = {}

    def add(self, told: Iterable[Binding]) -> None:
        """Batteries that the platform told: of different ids and addresses."""
        for each in told:
            self._put(each)

    def apply(self, change: BindingChange) -> None:
        """As it is after the change."""
        for each in change.replaces:
            self._drop(each.battery_id, each.address)
        if change.binding is None:
            return
        for known in (self.by_id.get(change.battery_id), self.by_address.get(change.binding.address)):
            if known is not None:
                self._drop(known.battery_id, known.address)
        self._put(change.binding)

    def _put(self, binding: Binding) -> None:
        self.by_id[binding.battery_id] = self.by_address[binding.address] = binding
        if binding.serial:
            self.by_serial.setdefault((binding.family, binding.serial), set()).add(binding.battery_id)

    def _drop(self, battery_id: str, address: str) -> None:
        known = self.by_id.get(battery_id)
        if known is not None and known.address == address:
            del self.by_id[battery_id]
            self.by_address.pop(address, None)
            self.by_serial.get((known.family, known.serial), set()).discard(battery_id)
