"""A kiosk in a process of its own that kills itself (as `kill -9` does) at a chosen moment of a swap.

    python -m tests.end_to_end.dying_kiosk FOLDER PORT PLAN_ID [complete | heard-N | stored-N]

Right after the swap is stored; when its N-th answer is heard and not stored yet; when the N-th answer is stored and nothing more is done.
Prints the swap's correlation id before it ends.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

from kiosk.domain.swap.pending_swaps import Answer
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.station.adapters.store.journal import Journal
from kiosk.station.adapters.store.outbox_queue import OutboxQueue
from kiosk.station.ports import OutboxState, OutgoingMessage
from tests.end_to_end.world import Shop, counter, settings_in

complete, record_answer = Journal.complete, OutboxQueue.record_answer


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(when: str) -> None:
    """Patches the store; that it kills is the whole point."""
    moment, _, number = when.partition("-")
    answers = count(1)

    def complete_and_die(store: Journal, swap: Swap, *messages: OutgoingMessage) -> None:
        complete(store, swap, *messages)
        print(swap.correlation_id, flush=True)
        if moment == "complete":
            die()

    def record_and_die(store: OutboxQueue, answer: Answer, at: datetime, instead: tuple[OutgoingMessage, ...] = ()) -> OutboxState | None:
        fatal = next(answers) == int(number)
        if fatal and moment == "heard":
            die()
        state = record_answer(store, answer, at, instead)
        if fatal:
            die()
        return state

    Journal.complete = complete_and_die  # type: ignore[method-assign, assignment]
    OutboxQueue.record_answer = record_and_die  # type: ignore[method-assign, assignment]


async def paid(shop: Shop, swap: Swap) -> Swap:
    return await shop.kiosk.swaps.confirm_payment(await shop.pay(swap)) if next_step(swap) is Step.PAYMENT else swap


async def main(folder: str, port: str, plan_id: str, when: str = "complete") -> None:
    die_at(when)
    async with counter(settings_in(Path(folder), int(port))) as shop:
        await shop.kiosk.swaps.complete(await paid(shop, await shop.with_batteries(plan_id)))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
