"""Which battery is meant: by the tail of its id while looking, by its own id after reading (facts/field.md, decision 12).

Pure. Tails collide and stickers lie, so a name only makes a candidate; the id read from the battery decides.

Commodity batteries have no id of their own: theirs is the name they advertise, which whoever runs the fleet gives them. It is the battery
asked for when it is the id, or ends in it ("HUB7 BAT-12345"), or when the last word of it, without the maker's letters ("JBD-012345") and
of at least six characters, ends the id (BO723012345); such a reading then bears the id that was asked for, the one the platform knows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.domain import protocols
from kiosk.domain.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import BatteryUnreadable

TAIL_LENGTH = 6
_MAKER = re.compile(r"^(?:JBD|JK|DL)-")
_CLEARLY_NEARER_DB = 8  # closer than this, signal strength does not tell which of two batteries is meant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, normalised: a whole id, the tail of one, or the address of a sighting."""

    text: str

    @classmethod
    def parse(cls, battery_id: str) -> "Wanted":
        """Raises BatteryUnreadable when nothing is left to look for."""
        text = normalise_id(battery_id)
        if not text:
            raise BatteryUnreadable(battery_id, "no battery id was given")
        return cls(text)

    def is_address(self, address: str) -> bool:
        """Whether this very device was asked for."""
        return address.upper() == self.text

    def may_be(self, address: str, name: str) -> bool:
        """Whether a device heard is worth connecting to."""
        return self.is_address(address) or normalise_id(name).endswith(self.text[-TAIL_LENGTH:])

    def is_surely(self, address: str, reading: BatteryTelemetry) -> bool:
        """Whether a reading is the one asked for and no other candidate can be."""
        return self.is_address(address) or normalise_id(reading.battery_id) == self.text

    def fits(self, reading: BatteryTelemetry) -> bool:
        """Whether the battery's own id ends in what was asked for, or its name says the end of it."""
        return normalise_id(reading.battery_id).endswith(self.text) or self._is_named_by(reading)

    def called(self, reading: BatteryTelemetry) -> BatteryTelemetry:
        """The reading under the id asked for where the battery is known by its name only, and its name is not the whole id, or more."""
        name = normalise_id(reading.battery_id)
        words = _words(name)
        more = len(words) > 1 and words[-1] == self.text and _has_name_only(reading)
        less = self._is_named_by(reading) and len(self.text) > len(_last_word(name))
        return replace(reading, battery_id=self.text) if more or less else reading

    def _is_named_by(self, reading: BatteryTelemetry) -> bool:
        tail = _last_word(normalise_id(reading.battery_id))
        return _has_name_only(reading) and len(tail) >= TAIL_LENGTH and self.text.endswith(tail)


def _has_name_only(reading: BatteryTelemetry) -> bool:
    return reading.protocol in protocols.COMMODITY


def _words(name: str) -> list[str]:
    return re.split(r"[\s_:]+", name)


def _last_word(name: str) -> str:
    return _MAKER.sub("", _words(name)[-1])


def choose(wanted: Wanted, readings: Sequence[BatteryTelemetry]) -> BatteryTelemetry | None:
    """Of readings none of which is surely the one: the only one that fits, or the clearly nearest of those that do.

    None when none fits. Raises BatteryUnreadable when two fit and neither is clearly nearer.
    """
    fitting = sorted((reading for reading in readings if wanted.fits(reading)), key=_signal, reverse=True)
    if len(fitting) > 1 and _signal(fitting[0]) - _signal(fitting[1]) < _CLEARLY_NEARER_DB:
        raise BatteryUnreadable(wanted.text, f"{len(fitting)} batteries in range end in {wanted.text}")
    return fitting[0] if fitting else None


def _signal(reading: BatteryTelemetry) -> int:
    return -999 if reading.rssi is None else reading.rssi
