"""Two pieces of work in turn, A B A B ..., so that both meet the same machine. A sampler gives the seconds of one piece of work."""

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Sampler = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Timed:
    """Medians in seconds, in the order of the samplers."""

    ours: float
    floor: float
    others: tuple[float, ...] = ()

    @property
    def ratio(self) -> float:
        """Ours in floors."""
        return self.ours / self.floor


def interleaved(ours: Sampler, floor: Sampler, *others: Sampler, rounds: int) -> Timed:
    """The medians of `rounds` samples of each, after one of each that does not count."""
    samplers = (ours, floor, *others)
    for each in samplers:
        each()
    with _without_collector():
        seconds = [[each() for each in samplers] for _ in range(rounds)]
    medians = [median(column) for column in zip(*seconds, strict=True)]
    return Timed(medians[0], medians[1], tuple(medians[2:]))


def per_call(work: Callable[[], object], times: int = 1) -> Sampler:
    """The seconds of one call, out of `times` in a row: for work too short to be timed alone."""

    def sample() -> float:
        began = perf_counter()
        for _ in range(times):
            work()
        return (perf_counter() - began) / times

    return sample


@contextmanager
def _without_collector() -> Generator[None]:
    """As timeit does: what the garbage collector does in between is nobody's work."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
