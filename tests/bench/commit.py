"""The commit that counts: the swap's end in the journal, its message in the outbox, its audit entry.

Ours makes the journal's text too; the floors get it ready made. All three write files of the same schema, with the swap journalled before.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kiosk.domain.swap.swap import Swap, completion
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.request_documents import write_request
from kiosk.wire.stored_documents import swap_to_json
from tests.bench import samples
from tests.bench.figures import Figure, compared
from tests.bench.floors import orm, raw
from tests.bench.floors.rows import SwapRows
from tests.bench.timing import Sampler, interleaved

_ROUNDS = 250


def commit() -> Iterator[Figure]:
    """One figure."""
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name:
        folder = Path(name)
        stores = [open_store(folder / file) for file in ("ours.sqlite", "orm.sqlite", "raw.sqlite")]
        engine, connection = orm.engine_for(folder / "orm.sqlite"), raw.connect(folder / "raw.sqlite")
        with closing(connection):
            timed = interleaved(
                _ours(stores[0]),
                _floor(stores[1], lambda rows: orm.commit(engine, rows)),
                _floor(stores[2], lambda rows: raw.commit(connection, rows)),
                rounds=_ROUNDS,
            )
        engine.dispose()
        for store in stores:
            store.close()
    sqlite_us = timed.others[0] * 1e6
    note = (
        f"synchronous=FULL; a raw sqlite3 transaction of the same rows: {sqlite_us:.0f} us, ours {timed.ours / timed.others[0]:.2f} x that"
    )
    yield compared("commit of a swap (journal, outbox, audit)", timed, "us", 1.3, note)


def message_of(swap: Swap, topic: str = "call/uxi/attendant/plan/bench/complete_service") -> OutgoingMessage:
    """The bytes of its completion."""
    payload = write_request(completion(swap, samples.NOON))
    return OutgoingMessage(correlation_id=swap.correlation_id, plan_id=swap.plan.id, topic=topic, payload=payload)


def rows_of(swap: Swap, message: OutgoingMessage) -> SwapRows:
    """What the floors write of a swap."""
    return SwapRows(
        correlation_id=swap.correlation_id,
        plan_id=message.plan_id,
        topic=message.topic,
        payload=message.payload,
        journal=swap_to_json(samples.completed(swap)),
        incoming_battery_id=samples.RETURNED,
        outgoing_battery_id=samples.ISSUED,
        at=samples.NOON,
    )


def _ours(store: SqlStore) -> Sampler:
    numbers = count()

    def sample() -> float:
        swap = _journalled(store, next(numbers))
        done, message = samples.completed(swap), message_of(swap)
        began = perf_counter()
        store.complete(done, message)
        return perf_counter() - began

    return sample


def _floor(store: SqlStore, write: Callable[[SwapRows], None]) -> Sampler:
    numbers = count()

    def sample() -> float:
        swap = _journalled(store, next(numbers))
        rows = rows_of(swap, message_of(swap))
        began = perf_counter()
        write(rows)
        return perf_counter() - began

    return sample


def _journalled(store: SqlStore, number: int) -> Swap:
    swap = samples.sample_swap(number)
    store.save_swap(swap, samples.NOON, "new battery")
    return swap
