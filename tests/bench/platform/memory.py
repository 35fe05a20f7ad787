"""The memory of a worker over many completions on PostgreSQL: at the start, and after each quarter. It has to be flat from the first on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import memory
from tests.bench.figures import Figure
from tests.bench.platform import entrants, tables
from tests.bench.platform.entrants import Entrants

_QUARTERS = 4
_MAX_GROWTH = 1.05
_MEGABYTE = 1024 * 1024


def platform_memory(completions: int) -> Iterator[Figure]:
    """One figure."""
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name, ExitStack() as stack:
        made = tables.Databases(stack.enter_context(tables.postgres()), Path(name))
        worker = Entrants(stack, Path(name)).start(entrants.platform(made.on_postgres()))
        seen = [memory.bytes_of(worker.process_id)]
        for _ in range(_QUARTERS):
            worker.load.many(completions // _QUARTERS)
            seen.append(memory.bytes_of(worker.process_id))
    first, last = seen[1] / _MEGABYTE, seen[-1] / _MEGABYTE
    quarters = ", ".join(f"{each / _MEGABYTE:.1f}" for each in seen)
    yield Figure(
        figure=f"memory of a worker after {completions} completions",
        ours=round(last, 1),
        floor=round(first, 1),
        unit="MB",
        ratio=round(last / first, 3),
        goal=f"at most {_MAX_GROWTH:g} x",
        met=last <= _MAX_GROWTH * first,
        note=f"RSS at the start and after each quarter: {quarters}; the floor is after the first",
    )
