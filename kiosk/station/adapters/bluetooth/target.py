"""Which battery is meant: by its address where it is bound; else by the tail of its id while looking, by its own id after reading
(facts/field.md, decisions 12, 84).

Pure. Tails collide and stickers lie, so a name only makes a candidate; the id read from the battery decides.

Commodity batteries have no id of their own: theirs is the name they advertise, which whoever runs the fleet gives them. It is the battery
asked for when it is the id, or ends in it ("HUB7 BAT-12345"), or when the last word of it, without the maker's letters ("JBD-012345") and
of at least six characters, ends the id (BO723012345); such a reading then bears the id that was asked for, the one the platform knows.

A name is no identity: makers ship many packs under one name. Two that say they are one battery are never guessed, however near one is.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.battery.battery import TAIL_LENGTH, BatteryTelemetry, normalise_id
from kiosk.domain.battery.binding import address_of, is_hardware_address
from kiosk.domain.errors import BatteriesAlike, BatteryUnreadable
from kiosk.domain.language import tr, tr_count
from kiosk.station.adapters.bluetooth.protocol_registry import has_name_only

SECONDS = 120.0
MAX_NAMES = 300
MAX_KEPT = 1000


class Namesakes:
    """What a scanner remembers of names, and where each battery was read. `now` is the monotonic time in seconds of the loop that listens.

    BlueZ puts the name that a pack tells once it is connected (GAP's, often the maker's) in place of the one that it advertises: a name
    that a pack had when it was first connected to is kept.
    """

    def __init__(self, stored_address: Callable[[str], str] = lambda _battery_id: "") -> None:
        self._noted: dict[str, tuple[str, float, bool]] = {}
        self._kept: dict[str, str] = {}
        self._read_at: dict[str, str] = {}
        self._stored_address = stored_address

    def name_of(self, address: str, advertised: str) -> str:
        """The name that counts for this address."""
        return self._kept.get(address) or advertised

    def keep_name(self, address: str, name: str) -> None:
        """It is about to be connected to under this name."""
        if name and address not in self._kept:
            _put(self._kept, address, name)

    def address_of(self, battery_id: str) -> str:
        """Where the battery with this id of its own was read last, "" where that is not known."""
        return self._read_at.get(battery_id) or self._stored_address(battery_id)

    def note_read(self, battery_id: str, address: str) -> None:
        """A battery told this id of its own at this address."""
        self._read_at.pop(battery_id, None)
        _put(self._read_at, battery_id, address)

    def note(self, address: str, name: str, now: float, *, is_id: bool = True) -> None:
        """The battery at this address advertised this name, which is all the id it has, or no more than the end of that inside it."""
        self._noted.pop(address, None)
        self._noted[address] = (name, now, is_id)
        if len(self._noted) > MAX_NAMES:
            del self._noted[next(iter(self._noted))]

    def lately(self, now: float) -> Iterator[tuple[str, str]]:
        """(address, name) of every battery received in the last minutes that has no other id."""
        return ((address, name) for address, (name, at, is_id) in self._noted.items() if is_id and now - at <= SECONDS)

    def lately_of_any_kind(self, now: float) -> Iterator[tuple[str, str]]:
        """The same of every battery."""
        return ((address, name) for address, (name, at, _) in self._noted.items() if now - at <= SECONDS)


def _put(memory: dict[str, str], key: str, value: str) -> None:
    memory[key] = value
    if len(memory) > MAX_KEPT:
        del memory[next(iter(memory))]


_MAKER = re.compile(r"^(?:JBD|JK|DL)-")
_CLEARLY_NEARER_DB = 8  # closer than this, signal strength does not tell which of two batteries is meant


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for, normalised: a whole id, the tail of one, or the address of a sighting."""

    text: str

    @classmethod
    def parse(cls, battery_id: str) -> "Target":
        """Raises BatteryUnreadable when nothing is left to look for."""
        text = normalise_id(battery_id)
        if not text:
            raise BatteryUnreadable(battery_id, tr("no battery id was given"))
        return cls(text)

    @property
    def address(self) -> str:
        """The address that was asked for, in any spelling; "" where none was. Twelve digits without signs may be an id as well."""
        return address_of(self.text)

    @property
    def is_address_only(self) -> bool:
        """Whether it can be no id."""
        return is_hardware_address(self.text) or (bool(self.address) and ":" not in self.address)

    def is_address(self, address: str) -> bool:
        """Whether this very device was asked for."""
        return address.upper() in (self.text, self.address)

    def may_be(self, address: str, name: str) -> bool:
        """Whether a device in range is worth connecting to. Asked for by its address, it is that device and no other."""
        return self.is_address(address) or (not self.is_address_only and normalise_id(name).endswith(self.text[-TAIL_LENGTH:]))

    def claimed_by(self, reading: BatteryTelemetry) -> str:
        """Which battery it says it is, normalised: the text when it is the one asked for, by its whole id."""
        own_id = normalise_id(reading.battery_id)
        return self.claimed_by_name(own_id) if has_name_only(reading.protocol) else own_id

    def claimed_by_name(self, name: str) -> str:
        """Which battery a battery that has only a name says it is: the one asked for when the last word says so, else the name itself."""
        return self.text if _words(normalise_id(name))[-1] == self.text else normalise_id(name)

    def fits(self, reading: BatteryTelemetry) -> bool:
        """Whether the battery's own id ends in what was asked for, or its name says the end of it."""
        own_id = normalise_id(reading.battery_id)
        return self.fits_name(own_id) if has_name_only(reading.protocol) else own_id.endswith(self.text)

    def fits_name(self, name: str) -> bool:
        """The same for a battery that has only a name."""
        normalised = normalise_id(name)
        return normalised.endswith(self.text) or self._is_end(_last_word(normalised))

    def with_asked_id(self, reading: BatteryTelemetry) -> BatteryTelemetry:
        """The reading under the id asked for where the battery is known by its name only, and its name is not the whole id, or more."""
        name = normalise_id(reading.battery_id)
        more = len(_words(name)) > 1 and self.claimed_by_name(name) == self.text
        less = self._is_end(_last_word(name)) and len(self.text) > len(_last_word(name))
        return replace(reading, battery_id=self.text) if has_name_only(reading.protocol) and (more or less) else reading

    def is_said_by(self, name: str) -> bool:
        """Whether a device with this name says that it is the one asked for, by its whole id."""
        return self.claimed_by_name(name) == self.text

    def is_named_like(self, name: str) -> bool:
        """Whether a name begins as this id does: such names are ids, and not the maker's."""
        return _head(normalise_id(name)) == _head(self.text)

    def _is_end(self, tail: str) -> bool:
        return len(tail) >= TAIL_LENGTH and self.text.endswith(tail)


def _head(text: str) -> str:
    return re.split(r"[^A-Z]", text, maxsplit=1)[0]


def last_word(name: str) -> str:
    """The last word of a normalised name, which is the id where words stand before it."""
    return _words(name)[-1]


def _words(name: str) -> list[str]:
    return re.split(r"[\s_:]+", name)


def _last_word(name: str) -> str:
    return _MAKER.sub("", _words(name)[-1])


def check_names(target: Target, packs: Iterable[tuple[str, str]]) -> None:
    """`packs` are (address, name) of those that have only a name. Raises BatteriesAlike when two may be the one asked for by one name."""
    claims = {(target.claimed_by_name(name), address) for address, name in packs if target.fits_name(name)}
    _check_alike(claim for claim, _ in claims)


def check_claims(target: Target, readings: Sequence[BatteryTelemetry]) -> None:
    """Raises BatteriesAlike when two that were read, and fit, claim to be one battery."""
    _check_alike(target.claimed_by(reading) for reading in readings if target.fits(reading))


def _check_alike(claims: Iterable[str]) -> None:
    for claim, count in Counter(claims).items():
        if count > 1:
            raise BatteriesAlike.of(claim, count)


def choose(target: Target, readings: Sequence[BatteryTelemetry]) -> BatteryTelemetry | None:
    """Of readings none of which is surely the one: the only one that fits, or the clearly nearest of those that do.

    None when none fits. Raises BatteryUnreadable when two fit and neither is clearly nearer, BatteriesAlike when two say one id.
    """
    check_claims(target, readings)
    fitting = sorted((reading for reading in readings if target.fits(reading)), key=_signal, reverse=True)
    if len(fitting) > 1 and _signal(fitting[0]) - _signal(fitting[1]) < _CLEARLY_NEARER_DB:
        raise BatteryUnreadable(
            target.text,
            tr_count("{count} battery in range ends in {tail}", "{count} batteries in range end in {tail}", len(fitting), tail=target.text),
        )
    return fitting[0] if fitting else None


def _signal(reading: BatteryTelemetry) -> int:
    return -999 if reading.rssi is None else reading.rssi
