"""What the reader asks about batteries that are bound."""

from typing import Protocol

from kiosk.domain.battery.binding import Binding


class KnownBatteries(Protocol):
    """The table of bound batteries as this station knows it. Quick: it is asked for every advertisement."""

    def binding_of(self, battery_id: str) -> Binding | None:
        """By the normalised id on the sticker."""
        ...

    def binding_at(self, address: str) -> Binding | None:
        """By the address that advertises."""
        ...

    async def secret_of(self, battery_id: str) -> str:
        """The password of one battery, "" where it has none or it cannot be had now. Within a deadline of its own."""
        ...


class NoBindings:
    """Nothing is bound: a fleet whose names are its ids."""

    def binding_of(self, _battery_id: str) -> Binding | None:
        return None

    def binding_at(self, _address: str) -> Binding | None:
        return None

    async def secret_of(self, _battery_id: str) -> str:
        return ""
