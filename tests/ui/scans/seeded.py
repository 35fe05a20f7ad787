"""Scans made from a number: what is scanned, by which scanner, and on which page. The same number is the same scan, always."""

import math
import random
from dataclasses import dataclass

from ui.input_rules import AUTO, ENTER, NONE, TAB, Framing

IN_A_ROW = 8  # scans with the same scanner
PAGES = ("idle", "found", "refused", "typing", "typed before", "done", "review", "payment")
TYPING = frozenset({"typing", "typed before"})
LOOKS_UP = frozenset(PAGES) - {"review", "payment"}
SUFFIXES = ("enter", "late enter", "two enters", "enter and line feed", "tab", "none", "sign", "control characters")
FRAMES = {"sign": ("", "~"), "control characters": ("\x02", "\x03")}
ENDS = {"tab": TAB, "none": NONE, "sign": "~", "control characters": "\x03"}
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789-_.:"
DEFAULT_GAP = 35
MEASURED_TIMES = 3  # what the page "Try the scanner" stores


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """How a scanner types. `pace` is the milliseconds of a character; `burst` how many keys come at once, 0 where each comes by itself."""

    pace: float
    burst: int
    suffix: str
    late: float
    configured: bool

    def gaps(self, count: int, chance: random.Random) -> list[float]:
        """Milliseconds before each of so many characters."""
        if self.burst:
            return [self.pace if at % self.burst == 0 else 2 for at in range(count)]
        return [self.pace * chance.uniform(0.9, 1.1) for _ in range(count)]

    @property
    def slow(self) -> bool:
        """Whether it has to be set up where a person types, or where it ends with nothing."""
        return self.pace * 1.1 > DEFAULT_GAP - 5

    def framing(self, page: str) -> Framing:
        """As the station has set it up: as it comes, or as the page "Try the scanner" measures it."""
        prefix, _ = FRAMES.get(self.suffix, ("", ""))
        must = self.suffix in FRAMES or (self.slow and (self.suffix == "none" or page in TYPING))
        if not (must or self.configured):
            return Framing()
        gap = min(400, max(DEFAULT_GAP, math.ceil(self.pace * 1.1) * MEASURED_TIMES))
        return Framing(gap_seconds=gap / 1000, prefix=prefix, suffix=ENDS.get(self.suffix, ENTER))


@dataclass(frozen=True, kw_only=True)
class SeededScan:
    """One scan. `gaps` are the milliseconds before each character."""

    number: int
    page: str
    code: str
    scanner: Scanner
    gaps: tuple[float, ...]
    framing: Framing
    focused: bool  # a button has the focus, so that a Space or an Enter would press it

    @property
    def milliseconds(self) -> float:
        """How long its keys take, the last end included."""
        return sum(self.gaps) + self.scanner.late + 2 * self.scanner.pace

    @property
    def waits_for_nothing(self) -> bool:
        """Whether its end is a pause that nobody has told the kiosk of: a second scan comes a second later."""
        return self.scanner.suffix == "none" and self.framing.suffix == AUTO


def scan_of(number: int, seed: int = 0) -> SeededScan:
    """The scan of a number."""
    page = PAGES[(number // IN_A_ROW) % len(PAGES)]
    scanner = _scanner(random.Random(f"{seed}/scanner/{number // IN_A_ROW}"))
    chance = random.Random(f"{seed}/{number}")
    code = _code(number, chance)
    return SeededScan(
        number=number,
        page=page,
        code=code,
        scanner=scanner,
        gaps=tuple(scanner.gaps(len(code), chance)),
        framing=scanner.framing(page),
        focused=chance.random() < 0.5,
    )


def _scanner(chance: random.Random) -> Scanner:
    in_bursts = chance.random() < 0.25
    suffix = chance.choice(SUFFIXES)
    return Scanner(
        pace=45 if in_bursts else math.exp(chance.uniform(0, math.log(120))),
        burst=chance.choice((3, 4, 4, 4, 5, 8)) if in_bursts else 0,
        suffix=suffix,
        late=chance.uniform(40, 480) if suffix == "late enter" else 0,
        configured=chance.random() < 0.3,
    )


def _code(number: int, chance: random.Random) -> str:
    """Cards as they are: doubled characters, digits alone, blanks, JSON. Every piece of one is another customer's code."""
    form = chance.random()
    if form < 0.3:
        return f"PLAN-NAIROBI-{number:05}"
    if form < 0.5:
        return "".join(chance.choice("0011223344556789") for _ in range(chance.randint(6, 10)))
    if form < 0.6:
        return f'{{"plan_id": "P-{number}"}}'
    if form < 0.7:
        return f"AB {number % 100:02} C{chance.randint(0, 9)}{chance.randint(0, 9)}"
    doubled = [each * chance.choice((1, 1, 1, 2, 3)) for each in chance.choices(SIGNS, k=chance.randint(5, 12))]
    return "K" + "".join(doubled) + "9"


def plan_id_of(code: str) -> str:
    """What the card's code is for."""
    return code.split('"')[3] if '"' in code else code
