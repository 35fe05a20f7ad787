"""Which device in range is the battery asked for, by the bindings and what is remembered, and when that cannot be told.

A battery that is bound is the device at its address and no other, whatever that is called. One that is not bound is found by its name,
and never at the address of another that is bound. The device at which a battery with an id of its own was read last is one more
candidate: BlueZ may call it by another name by now.
"""

from collections.abc import Container, Sequence
from dataclasses import replace

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import AnotherPack, BatteriesAlike, BatteryUnbound
from kiosk.station.adapters.bluetooth.battery_protocol import AdvertisedDevice
from kiosk.station.adapters.bluetooth.protocol_registry import has_name_only
from kiosk.station.adapters.bluetooth.target import Namesakes, Target, check_names
from kiosk.station.ports import KnownBatteries


class Wanted:
    """For one reading. Times are in seconds of the loop's time."""

    def __init__(self, target: Target, bindings: KnownBatteries, namesakes: Namesakes) -> None:
        self._target, self._bindings, self._namesakes = target, bindings, namesakes
        self._binding = self._binding_asked()
        self._read_last_at = "" if self._binding or target.is_address_only else namesakes.address_of(target.text)

    def _binding_asked(self) -> Binding | None:
        """The battery that is meant, where it is bound. What may be an id and an address is an id first."""
        bound = None if self._target.is_address_only else self._bindings.binding_of(self._target.text)
        return bound or (self._bindings.binding_at(self._target.address) if self._target.address else None)

    def is_exactly(self, address: str) -> bool:
        """Whether it is this device and no other that is meant."""
        return address.upper() == self._binding.address if self._binding else self._target.is_address(address)

    def may_be(self, address: str, name: str) -> bool:
        """Whether a device is worth connecting to."""
        if self._binding:
            return self.is_exactly(address)
        bound = self._bindings.binding_at(address.upper())
        if bound is not None:
            return self._target.is_address(address) or normalise_id(bound.battery_id).endswith(self._target.text)
        return self._target.may_be(address, name) or address == self._read_last_at

    def may_be_more(self, candidates: Sequence[AdvertisedDevice], now: float) -> bool:
        """Whether another device than these was received in the last minutes, or was the battery last, and may be received again soon."""
        others = {address for address, name in self._namesakes.lately_of_any_kind(now) if self.may_be(address, name)}
        return not {*others, *filter(None, (self._read_last_at,))} <= {each.address for each in candidates}

    def check_names(self, candidates: Sequence[AdvertisedDevice], now: float) -> None:
        """Raises BatteriesAlike before anything is connected to, where names say enough."""
        called = dict(self._namesakes.lately(now))
        called |= {each.address: each.name for each in candidates if not each.protocol and self._target.is_said_by(each.name)}
        unbound = {address: name for address, name in called.items() if self._bindings.binding_at(address.upper()) is None}
        if self._binding:
            bound_id = normalise_id(self._binding.battery_id)
            others = sum(Target(bound_id).is_said_by(name) for name in unbound.values())
            if others:
                raise BatteriesAlike.of(bound_id, others + 1)
        elif not self._target.is_address_only:
            check_names(self._target, unbound.items())

    def check_last_place(self, readings: Sequence[BatteryTelemetry], in_range: Container[str]) -> None:
        """Raises BatteriesAlike where the device that this battery was last is in range, and did not say now that it is another."""
        if self._read_last_at in in_range and self._read_last_at not in {each.address for each in readings}:
            raise BatteriesAlike.of(self._target.text, 2)

    def check_bound(self, now: float, seconds: float) -> None:
        """Nothing like it was received: raises BatteryUnbound where packs are there that have only a maker's name."""
        if self._binding or self._target.address:
            return
        unbound = (name for address, name in self._namesakes.lately(now) if self._bindings.binding_at(address.upper()) is None)
        packs = sum(not self._target.is_named_like(name) for name in unbound)
        if packs:
            raise BatteryUnbound(self._target.text, seconds, packs=packs)

    def named(self, reading: BatteryTelemetry) -> BatteryTelemetry:
        """The reading under the id that counts. Where a battery told an id of its own is remembered."""
        if not self._binding and not has_name_only(reading.protocol):
            self._namesakes.note_read(normalise_id(reading.battery_id), reading.address)
        return reading if self.is_exactly(reading.address) else self._target.with_asked_id(reading)


def as_bound(reading: BatteryTelemetry, binding: Binding) -> BatteryTelemetry:
    """The reading under the id on the sticker. Raises AnotherPack where the pack tells another serial than the one that was bound."""
    if binding.serial and reading.serial and binding.serial.casefold() != reading.serial.casefold():
        raise AnotherPack.of(binding.battery_id, found=reading.serial, bound=binding.serial)
    return replace(reading, battery_id=binding.battery_id)
