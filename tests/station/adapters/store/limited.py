"""Run as a program by test_faults: completes a swap while the operating system lets no file grow, then when it does again."""

import json
import resource
import sys
from dataclasses import replace

from kiosk.domain.errors import StoreFailed
from kiosk.station.adapters.store.sql_store import open_store
from tests.builders import NOON
from tests.station.adapters.store.values import ended_swap, message_of


def main(database: str) -> None:
    store = open_store(database)
    swap = ended_swap()
    store.save_swap(replace(swap, completed_at=None), NOON, "review")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        store.complete(swap, message_of(swap, b"x" * 200_000))
        refused = ""
    except StoreFailed as fault:
        refused = fault.reason
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept = [each.swap.correlation_id for each in store.kept_swaps()]
    store.complete(swap, message_of(swap))
    completed = [each.swap.correlation_id for each in store.history()]
    json.dump({"id": swap.correlation_id, "refused": refused, "kept": kept, "completed": completed}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
