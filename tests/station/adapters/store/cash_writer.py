"""Run as a program by test_money_book: takes cash for swap after swap and names each number when it is stored, until it has `count`."""

import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial

from kiosk.domain.swap.swap import Swap
from kiosk.shared.system import correlation_id
from kiosk.station.adapters.store.sql_store import open_store
from tests.builders import NOON
from tests.station.adapters.store.values import begun_swap, make_payment


def _with_cash(swap: Swap, number: str) -> Swap:
    return replace(swap, payment=make_payment(number, "CASH"))


def main(database: str, count: int) -> None:
    store = open_store(database)
    for _ in range(count):
        swap = begun_swap(correlation_id())
        store.save_swap(swap, NOON, "begun")
        paid = store.save_cash("STATION_XYZ", NOON, Decimal(20), "", partial(_with_cash, swap))
        print(paid.payments[-1].receipt_id, flush=True)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
