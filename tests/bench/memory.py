"""Memory of processes, as RSS: pages shared with other programs count in full, so that it does not depend on what else runs here."""

import psutil


def own_bytes() -> int:
    """Of this process alone."""
    return int(psutil.Process().memory_info().rss)


def children_bytes() -> int:
    """Of the processes that this one has started."""
    return sum(int(each.memory_info().rss) for each in psutil.Process().children(recursive=True))


def bytes_of(process_id: int) -> int:
    """Of another process."""
    return int(psutil.Process(process_id).memory_info().rss)
