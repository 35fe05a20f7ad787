"""The long form of the hostile inputs: `python -m tests.fuzz.streams [--recorded 100000 --others 10000] [FAMILY ...]` (`make fuzz`).

Prints, for each family, what became of its inputs; ends with 1 and their numbers when one gave another value than was recorded, an error
that nobody foresaw, an answer after its deadline, a link left open, or more memory than `MAX_GROWTH`. `--only NUMBER` repeats one input.
"""

import argparse
import logging
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.fuzz.hostile import input_of, meet, other_families, recorded_families

MAX_GROWTH = 64 * 1024  # kilobytes in one process, over all of its inputs
_CHUNK = 500
_SHOWN = 5


@dataclass
class Tally:
    """What became of some inputs of one family; `faults` by the number of the input."""

    family: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    growth: int = 0

    @property
    def inputs(self) -> int:
        return sum(self.outcomes.values())

    def add(self, other: "Tally") -> None:
        """The same family's other inputs."""
        self.outcomes += other.outcomes
        self.faults |= other.faults
        self.seconds += other.seconds
        self.growth = max(self.growth, other.growth)

    def line(self) -> str:
        """For people."""
        told = ", ".join(f"{name} {count}" for name, count in self.outcomes.most_common())
        return f"{self.family:12} {self.inputs:7} inputs, {len(self.faults)} faults: {told} ({self.seconds:.0f} s, +{self.growth} kB)"


def try_inputs(family: str, first: int, count: int, seed: int = 0) -> Tally:
    """Meet so many inputs of a family."""
    tally, began, memory = Tally(family), time.perf_counter(), _peak_kilobytes()
    for number in range(first, first + count):
        try:
            outcome = meet(input_of(family, number, seed))
            tally.outcomes[outcome if isinstance(outcome, str) else "read"] += 1
        except Exception as error:  # noqa: BLE001 - whatever nobody foresaw is what is looked for
            tally.outcomes["FAULT"] += 1
            tally.faults[number] = f"{type(error).__name__}: {error}"
    tally.seconds, tally.growth = time.perf_counter() - began, _peak_kilobytes() - memory
    return tally


def _peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run(families: dict[str, int], seed: int, jobs: int, until: float) -> Iterator[Tally]:
    """Each family's tally when all of its inputs are done, or the time (of `time.monotonic`) is over."""
    # the library logs every answer that it does not like: nothing is logged in these processes
    with ProcessPoolExecutor(jobs, initializer=logging.disable, initargs=(logging.CRITICAL,)) as pool:
        for family, count in families.items():
            tally = Tally(family)
            for first in range(0, count, _CHUNK * jobs):
                starts = range(first, min(count, first + _CHUNK * jobs), _CHUNK)
                for done in pool.map(
                    try_inputs, [family] * len(starts), starts, [min(_CHUNK, count - start) for start in starts], [seed] * len(starts)
                ):
                    tally.add(done)
                if time.monotonic() > until:
                    break
            yield tally


def main() -> int:
    """All families, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY")
    parser.add_argument("--recorded", type=int, default=100_000, help="inputs of each family with recorded bytes")
    parser.add_argument("--others", type=int, default=10_000, help="inputs of each other family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin nothing more after so long")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one input of one family")
    options = parser.parse_args()
    if options.only is not None:
        print(meet(input_of(options.families[0], options.only, options.seed)))
        return 0
    counts = dict.fromkeys(recorded_families(), options.recorded) | dict.fromkeys(other_families(), options.others)
    wanted = {family: count for family, count in counts.items() if not options.families or family in options.families}
    bad = total = 0
    for tally in run(wanted, options.seed, options.jobs, time.monotonic() + options.seconds):
        print(tally.line(), flush=True)
        for number, fault in list(tally.faults.items())[:_SHOWN]:
            print(f"    --only {number}: {fault[:300]}", flush=True)
        total += tally.inputs
        bad += len(tally.faults) + (tally.growth > MAX_GROWTH)
    print(f"{total} inputs, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
