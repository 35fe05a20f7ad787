"""How a problem code is read: bits that mean something each, or bytes that are one code each. Pure; the tables are in `problem_tables`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kiosk.domain.battery.battery import EMPTY, FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a code says: `faults` and `states` as phrases, each once; `unknown` the rest of it, 0 where nothing is left."""

    faults: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bits:
    """A code whose bits mean something each, by their number; `silent` are those of which nobody has to know."""

    faults: Mapping[int, str]
    full: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    states: Mapping[int, str] = field(default_factory=dict)
    silent: tuple[int, ...] = ()

    @property
    def known(self) -> Mapping[int, str]:
        """The phrase of each bit that has one, faults and states."""
        return {**dict.fromkeys(self.full, FULL), **dict.fromkeys(self.empty, EMPTY), **self.states, **self.faults}

    def read(self, code: int) -> Meaning:
        """What is said by the bits that are set."""
        bits = [bit for bit in range(code.bit_length()) if code >> bit & 1]
        return Meaning(
            faults=_once(self.faults[bit] for bit in bits if bit in self.faults),
            states=_once(words for bit, words in self.known.items() if bit in bits and bit not in self.faults),
            unknown=sum(1 << bit for bit in bits if bit not in self.known and bit not in self.silent),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Bytes that are one code each, the lowest first: one table of codes for each of them."""

    bytes_of: tuple[Mapping[int, str | None], ...]
    states: frozenset[str] = frozenset({FULL, EMPTY})

    def read(self, code: int) -> Meaning:
        """What is said by each byte; None in a table is a code that says nothing worth telling."""
        told = [(table, at, code >> 8 * at & 0xFF) for at, table in enumerate(self.bytes_of)]
        words = [table[value] for table, _, value in told if value in table]
        above = code >> 8 * len(self.bytes_of) << 8 * len(self.bytes_of)
        return Meaning(
            faults=_once(each for each in words if each is not None and each not in self.states),
            states=_once(each for each in words if each in self.states),
            unknown=above + sum(value << 8 * at for table, at, value in told if value not in table),
        )


def _once(phrases: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in phrases if each is not None))
