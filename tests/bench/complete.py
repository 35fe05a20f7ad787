"""Complete pressed -> the receipt on disk and the answer painted, beside the same in raw sqlite3, json, reportlab with segno and bare paho.

Ours is the real window: the press of the frame's next step on the review, the commit, the last page, the receipt process, the outbox, the
answer. The floor commits, makes the receipt, writes it, and asks, one after the other, in one thread; it paints nothing.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kiosk.bootstrap import archive_of, paper_of, station_of, zone_of
from kiosk.domain.swap.swap import Swap
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.receipts.process import ReceiptProcess
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.events import Announce
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.receipts import Receipts
from tests.bench import samples
from tests.bench.broker import answered_broker
from tests.bench.commit import message_of, rows_of
from tests.bench.counter import RunningCounter, running_counter, settle, wait_until
from tests.bench.figures import Figure, compared
from tests.bench.floors import raw
from tests.bench.floors import receipt as bare
from tests.bench.floors.asker import Asker
from tests.bench.receipt import page_of
from tests.bench.timing import Sampler, interleaved
from tests.stores import store_of

_ROUNDS = 60


class _NotedArchive:
    """The kiosk's archive, with the moment at which the last receipt was on disk."""

    def __init__(self, archive: FolderArchive) -> None:
        self._archive = archive
        self.kept = 0.0

    def keep(self, name: str, pdf: bytes) -> Path:
        file = self._archive.keep(name, pdf)
        self.kept = perf_counter()
        return file


class _Bench:
    """A counter whose archive is noted."""

    def __init__(self) -> None:
        self._archive: _NotedArchive | None = None
        self._numbers = count()

    def change(self, kiosk: Kiosk, settings: Settings, _announce: Announce) -> Kiosk:
        """Receipts of the same parts, kept in the noted archive."""
        self._archive = _NotedArchive(archive_of(settings))
        maker = ReceiptProcess(paper_of(settings))
        rules, station = settings.rules, station_of(settings)
        receipts = Receipts(
            store_of(kiosk), maker, self._archive, SystemClock(), station, rules.collectable, training=False, zone=zone_of(settings)
        )
        return replace(kiosk, receipts=receipts, opening=(*kiosk.opening, maker.start), closing=(maker.close, *kiosk.closing))

    def sampler(self, counter: RunningCounter) -> Sampler:
        """Seconds from the press to the later of the two."""

        def sample() -> float:
            archive = self._archive
            if archive is None:
                raise ValueError("there is no archive")
            counter.wizard.show_swap(self._on_review(counter))
            settle()
            counter.probe.expect()
            archive.kept = 0.0
            began = perf_counter()
            counter.window.frame.primary.emit()
            wait_until(lambda: counter.probe.painted > 0 and archive.kept > 0, "the answer and the receipt")
            seconds = max(counter.probe.painted, archive.kept) - began
            settle()
            return seconds

        return sample

    def _on_review(self, counter: RunningCounter) -> Swap:
        """A swap that is journalled, its plan cached, always of the same customer: the first has the answers subscribed for all others."""
        sample = samples.sample_swap(next(self._numbers))
        swap = replace(sample, plan=replace(sample.plan, id="bench"))

        async def journalled() -> None:
            store_of(counter.kiosk).put_plan(swap.plan, samples.NOON)
            store_of(counter.kiosk).save_swap(swap, samples.NOON, "new battery")

        counter.on_loop(journalled())
        settle(20)
        return swap


def complete() -> Iterator[Figure]:
    """One figure."""
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name, answered_broker(Path(name)) as port:
        bench, folder = _Bench(), Path(name)
        store = open_store(folder / "floor.sqlite")
        with running_counter(folder, port, bench.change) as counter, closing(Asker(port, "bench-floor")) as asker:
            timed = interleaved(bench.sampler(counter), _floor(store, folder, asker), rounds=_ROUNDS)
        store.close()
    note = "ours through the real window, painted; the floor does the same one after the other and paints nothing"
    yield compared("Complete pressed to receipt on disk and answer painted", timed, "ms", 1.25, note)


def _floor(store: SqlStore, folder: Path, asker: Asker) -> Sampler:
    numbers = count()
    page = page_of(samples.sample_receipt())
    connection = raw.connect(folder / "floor.sqlite")

    def sample() -> float:
        swap = samples.sample_swap(next(numbers))
        store.save_swap(swap, samples.NOON, "new battery")
        rows = rows_of(swap, message_of(swap))
        request = json.loads(rows.payload)
        began = perf_counter()
        raw.commit(connection, rows)
        (folder / f"{rows.correlation_id}.pdf").write_bytes(bare.pdf(page))
        asker.ask(json.dumps(request, separators=(",", ":")).encode())
        return perf_counter() - began

    return sample
