"""Run as a program by test_crash: completes swap after swap and names each one when it is stored, until it is killed."""

import sys
from dataclasses import replace

from kiosk.station.adapters.store.sql_store import open_store
from tests.builders import NOON, plan_of
from tests.station.adapters.store.values import ended_swap, message_of


def main(database: str) -> None:
    store = open_store(database)
    plan = plan_of()
    while True:
        swap = ended_swap(plan=plan)
        store.save_swap(replace(swap, completed_at=None), NOON, "review")
        store.complete(swap, message_of(swap))
        print(swap.correlation_id, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
