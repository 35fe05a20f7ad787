"""A kiosk that speaks the field dialect, in a process of its own: it kills itself (as `kill -9` does) right after a paid swap is stored.

    python -m tests.field.dying_kiosk FOLDER PORT PLAN_ID

Prints the swap's correlation id before it ends.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.journal import Journal
from kiosk.station.ports import OutgoingMessage
from tests.end_to_end.world import counter, settings_in

complete = Journal.complete


def complete_and_die(store: Journal, swap: Swap, *messages: OutgoingMessage) -> None:
    complete(store, swap, *messages)
    print(swap.correlation_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


async def main(folder: str, port: str, plan_id: str) -> None:
    Journal.complete = complete_and_die  # type: ignore[assignment, method-assign]  # the whole point
    async with counter(settings_in(Path(folder), int(port), dialect="field")) as shop:
        await shop.kiosk.swaps.complete(await shop.pay(await shop.with_batteries(plan_id)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
