"""What a figure is, all of them in the order of the issue's table, and running them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from kiosk.domain.errors import BadInput
from tests.bench.timing import Timed

MODULES = {
    "agent": "agent",
    "signing": "signing",
    "commit": "commit",
    "round-trip": "round_trip",
    "receipt": "receipt",
    "complete": "complete",
    "start": "start",
    "ready": "start",
    "memory": "start",
    "switch": "window",
    "battery": "bluetooth",
    "scan": "bluetooth",
    "bluetooth-wait": "wait",
    "platform": "platform.throughput",
    "platform-memory": "platform.memory",
}
"""The name for `--only` and the module with a function `NAME() -> Iterator[Figure]` (a hyphen is an underscore there)."""

COMPLETIONS = 5000
_COUNTED = "platform-memory"
"""The one whose function takes how many completions to measure with."""

_FACTORS = {"us": 1e6, "ms": 1e3, "s": 1.0, "MB": 1 / 1024 / 1024}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `ours` and `floor` are in `unit`; `floor` and `ratio` are None where the goal is a plain limit, `met` where
    there is no goal."""

    figure: str
    ours: float
    floor: float | None
    unit: str
    ratio: float | None
    goal: str
    met: bool | None
    note: str = ""

    def line(self) -> str:
        """As a person reads it."""
        floor = "" if self.floor is None else f"floor {self.floor:9.1f} {self.unit}"
        ratio = "" if self.ratio is None else f"{self.ratio:6.2f} x"
        verdict = {True: "met    ", False: "NOT MET", None: "       "}[self.met]
        return f"{self.figure:70} {self.ours:9.1f} {self.unit:4} {floor:24} {ratio:9} {verdict}  {self.goal}\n    {self.note}"


def compared(figure: str, timed: Timed, unit: str, most: float, note: str, *, below: float | None = None) -> Figure:
    """A figure whose goal is `most` floors, and where told, fewer than `below` of `unit` as well."""
    factor = _FACTORS[unit]
    ours, ratio = timed.ours * factor, timed.ratio
    goal = f"at most {most:g} x" + (f" and under {below:g} {unit}" if below is not None else "")
    met = ratio <= most and (below is None or ours < below)
    return Figure(
        figure=figure,
        ours=round(ours, 2),
        floor=round(timed.floor * factor, 2),
        unit=unit,
        ratio=round(ratio, 2),
        goal=goal,
        met=met,
        note=note,
    )


def chosen(only: Sequence[str] = ()) -> tuple[str, ...]:
    """The names to measure, in the order of the table: all, or those in `only`. Raises BadInput for an unknown one."""
    unknown = [each for each in only if each not in MODULES]
    if unknown:
        raise BadInput("--only", f"knows no figure {unknown[0]}; there are {', '.join(MODULES)}")
    return tuple(name for name in MODULES if not only or name in only)


def measure(name: str, completions: int = COMPLETIONS) -> Iterator[Figure]:
    """One figure, or the few that belong together. Raises LinkDown with what is missing where it cannot be measured here."""
    work: Callable[..., Iterator[Figure]] = getattr(import_module(f"tests.bench.{MODULES[name]}"), name.replace("-", "_"))
    return work(completions) if name == _COUNTED else work()
