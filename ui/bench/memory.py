"""Memory of processes: PSS, in which shared pages count by their share, where the system tells it, else RSS."""

import psutil


def own_bytes() -> int:
    """Of this process alone."""
    return of(psutil.Process())


def children_bytes() -> int:
    """Of the processes that this one has started."""
    return sum(of(each) for each in psutil.Process().children(recursive=True))


def of(process: psutil.Process) -> int:
    """Of one process."""
    told = process.memory_full_info()
    return int(getattr(told, "pss", told.rss))


def kind() -> str:
    """ "PSS" or "RSS"."""
    return "PSS" if hasattr(psutil.Process().memory_full_info(), "pss") else "RSS"
