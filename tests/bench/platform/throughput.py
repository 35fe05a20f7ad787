"""Completions a second, and how long each takes: 100 at once, from one process that is 1000 plans' kiosks.

The floor is a bare agent with a transaction for each request. Ours puts what waits into one transaction, so it stands beside the same bare
agent with as many at once, too: what the machine's disk does for one it does for the other.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from kiosk.platform.agent.mqtt_service import MAX_AT_ONCE
from tests.bench.figures import Figure
from tests.bench.platform import entrants, tables
from tests.bench.platform.entrants import Entrant, Entrants

_SECONDS = 1.5
_ROUNDS = 5
_STEADY_SECONDS = 6.0
_EACH = "floor: a transaction for each completion; ours puts what waits into one"
_AT_ONCE = f"floor: up to {MAX_AT_ONCE} in a transaction, as ours; for ordinary completions alone"


@dataclass(frozen=True, slots=True)
class _Rates:
    """Completions a second, medians, and latencies at half load in seconds."""

    of: Mapping[str, float]
    half: float
    ours: tuple[float, float]
    floor: tuple[float, float]


def platform() -> Iterator[Figure]:
    """Ten figures."""
    with _all_running() as running:
        rates = _measured(running)
    one, bare = rates.of["one"], rates.of["bare"]
    yield _at_least("completions a second, one worker on PostgreSQL", one, bare, 0.8, _EACH)
    yield _told("the same beside a bare agent with as many in a transaction", one, rates.of["bare at once"], "/s", _AT_ONCE)
    for count, name, least in ((2, "two", 1.7), (3, "three", 2.4)):
        yield _at_least(f"completions a second, {name} workers beside one", rates.of[name], one, least, _scaling(count, rates))
    lite, lite_at_once = rates.of["SQLite"], rates.of["bare SQLite at once"]
    yield _at_least("completions a second, one worker on SQLite", lite, rates.of["bare SQLite"], 0.8, _EACH)
    yield _told("the same beside a bare agent with as many in a transaction, on SQLite", lite, lite_at_once, "/s", _AT_ONCE)
    upper = "a constant paho responder without a database; the load and the broker are at their own limit there"
    yield _told("completions a second, one worker beside a constant answer", one, rates.of["constant"], "/s", upper)
    for place, share in enumerate(("half of the answers", "99 of 100")):
        note = f"at {rates.half:.0f} a second, half of what the slower of both can do; floor: the bare agent at the same"
        ours, floor = rates.ours[place] * 1000, rates.floor[place] * 1000
        yield _told(f"completion asked to answered at half load, {share} within", ours, floor, "ms", note)


@contextmanager
def _all_running() -> Iterator[dict[str, Entrant]]:
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        made = tables.Databases(stack.enter_context(tables.postgres()), folder)
        start = Entrants(stack, folder).start

        def bare(url: str, at_once: int, workers: int = 1) -> Entrant:
            return start(entrants.bare(tables.known_to_drivers(url), at_once, workers))

        yield {
            "one": start(entrants.platform(made.on_postgres())),
            "bare": bare(made.on_postgres(), 1),
            "bare at once": bare(made.on_postgres(), MAX_AT_ONCE),
            "two": start(entrants.platform(made.on_postgres(), 2)),
            "bare two": bare(made.on_postgres(), 1, 2),
            "three": start(entrants.platform(made.on_postgres(), 3)),
            "bare three": bare(made.on_postgres(), 1, 3),
            "SQLite": start(entrants.platform(made.on_sqlite("ours"))),
            "bare SQLite": bare(made.on_sqlite("bare"), 1),
            "bare SQLite at once": bare(made.on_sqlite("bare-at-once"), MAX_AT_ONCE),
            "constant": start(entrants.constant),
        }


def _measured(running: Mapping[str, Entrant]) -> _Rates:
    rounds = [{name: _rate(each) for name, each in running.items()} for _ in range(_ROUNDS + 1)][1:]
    rates = {name: median(each[name] for each in rounds) for name in running}
    half = min(rates["one"], rates["bare"]) / 2
    ours, floor = (running[name].load.steady(half, _STEADY_SECONDS) for name in ("one", "bare"))
    return _Rates(rates, half, (ours.p50, ours.p99), (floor.p50, floor.p99))


def _rate(entrant: Entrant) -> float:
    outcome = entrant.load.full(_SECONDS)
    return outcome.answered / outcome.seconds


def _scaling(count: int, rates: _Rates) -> str:
    bare = rates.of["bare two" if count == 2 else "bare three"] / rates.of["bare"]
    return f"{count} processes, PostgreSQL, broker and load share the cores of this machine; {count} bare agents beside one: {bare:.2f} x"


def _at_least(figure: str, ours: float, floor: float, least: float, note: str) -> Figure:
    ratio = ours / floor
    return Figure(
        figure=figure,
        ours=round(ours),
        floor=round(floor),
        unit="/s",
        ratio=round(ratio, 2),
        goal=f"at least {least:g} x",
        met=ratio >= least,
        note=note,
    )


def _told(figure: str, ours: float, floor: float, unit: str, note: str) -> Figure:
    """What has no goal."""
    return Figure(
        figure=figure, ours=round(ours, 2), floor=round(floor, 2), unit=unit, ratio=round(ours / floor, 2), goal="told", met=None, note=note
    )
