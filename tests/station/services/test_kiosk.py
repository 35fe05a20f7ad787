"""The counter as a whole: started and stopped together; what cannot end keeps nothing else open. And what a page looks up with it."""

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.domain.errors import BadCustomerCode, CustomerUnknown
from kiosk.domain.money.money import Collectable
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.record_files import AcknowledgedHead
from kiosk.station.events import Event, PrinterChanged
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.customer_lookup import EnteredCode, look_up, plan_checked_at, read_overview
from kiosk.station.services.device_health import LinkState
from kiosk.station.services.kiosk import Kiosk
from kiosk.station.services.money_back import MoneyBack
from kiosk.station.services.open_completions import History
from kiosk.station.services.print_queue import PrintQueue
from kiosk.station.services.receipts import Receipts
from kiosk.station.services.record import Record
from tests.builders import NOON
from tests.fakes import BlankPaper, RecordingPrinter, bindings_alone
from tests.station.services.conftest import Counter
from tests.station.services.test_outbox import until

UP, DOWN = LinkChanged(connected=True, since=NOON), LinkChanged(connected=False, since=NOON, reason="refused")
Work = Callable[[], Awaitable[object]]
Background = Callable[[], Coroutine[None, None, None]]


@dataclass
class Whole:
    """A kiosk around a counter of the tests, and the order in which it opened and closed."""

    counter: Counter
    folder: Path
    printer: RecordingPrinter = field(default_factory=RecordingPrinter)
    steps: list[str] = field(default_factory=list)

    def step(self, name: str) -> Work:
        async def note() -> None:
            self.steps.append(name)

        return note

    def prints(self, swap: Swap) -> int:
        """How often the receipt came out of the printer."""
        return self.counter.store.completed_swap(swap.correlation_id).prints

    def printed_times(self, swap: Swap, number: int) -> bool:
        return self.prints(swap) == number

    def printer_told_times(self, number: int) -> bool:
        return len([each for each in self.counter.events if isinstance(each, PrinterChanged)]) == number

    def kiosk(self, *, background: tuple[Background, ...] = (), closing: tuple[Work, ...] = ()) -> Kiosk:
        counter = self.counter
        station = counter.swaps.station
        receipts = Receipts(counter.store, BlankPaper(), FolderArchive(self.folder), counter.clock, station, Collectable(), training=False)

        def announce(event: Event) -> None:
            receipts.handle_event(event)
            counter.events.append(event)

        return Kiosk(
            swaps=counter.swaps,
            plans=counter.plans,
            history=History(counter.store),
            outbox=counter.outbox,
            receipts=receipts,
            printing=PrintQueue(self.printer, counter.clock, announce),
            scanner=counter.scanner,
            reads=BackgroundReads(counter.swaps, counter.scanner, counter.clock, counter.events.append),
            link=LinkState(),
            record=Record(counter.store, AcknowledgedHead(self.folder / "record-head"), counter.clock),
            bindings=bindings_alone(counter.store, counter.clock),
            money_back=MoneyBack(counter.store, counter.payments, counter.clock, counter.swaps.station, counter.people),
            people=counter.people,
            background=background,
            opening=(self.step("open"),),
            closing=(*closing, self.step("close")),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Kiosk]:
        kiosk = self.kiosk()
        await kiosk.start()
        try:
            yield kiosk
        finally:
            await kiosk.stop()


@pytest.fixture
def whole(counter: Counter, tmp_path: Path) -> Whole:
    return Whole(counter, tmp_path / "receipts")


async def test_it_opens_works_and_closes(whole: Whole) -> None:
    async with whole.running():
        swap = await whole.counter.swaps.complete(await whole.counter.to_review())
        await until(lambda: bool(whole.counter.channel.sent))
    assert whole.steps == ["open", "close"]
    assert whole.counter.channel.sent[0].correlation_id == swap.correlation_id


async def test_a_receipt_is_printed_and_the_next_is_a_copy(whole: Whole) -> None:
    async with whole.running() as kiosk:
        swap = await whole.counter.swaps.complete(await whole.counter.to_review())
        printed = []
        for number in (1, 2):
            printed.append(await kiosk.print_receipt(swap.correlation_id))
            await until(functools.partial(whole.printed_times, swap, number))
    assert [each.receipt.copy for each in printed] == [0, 1]
    assert whole.printer.printed == [f"Receipt {swap.correlation_id}", f"Receipt {swap.correlation_id} copy 1"]


async def test_the_first_paper_after_prints_that_failed_is_no_copy(whole: Whole) -> None:
    whole.printer.reason = "the paper is out"
    async with whole.running() as kiosk:
        swap = await whole.counter.swaps.complete(await whole.counter.to_review())
        for number in (1, 2):
            await kiosk.print_receipt(swap.correlation_id)
            await until(functools.partial(whole.printer_told_times, number))
        assert whole.prints(swap) == 0
        whole.printer.reason = ""
        printed = await kiosk.print_receipt(swap.correlation_id)
        await until(lambda: whole.prints(swap) == 1)
    assert printed.receipt.copy == 0
    assert whole.printer.printed == [f"Receipt {swap.correlation_id}"]


async def test_one_that_hangs_or_fails_while_closing_keeps_no_other_open(whole: Whole, caplog: pytest.LogCaptureFixture) -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise OSError("the cable is out")

    kiosk = whole.kiosk(closing=(hang, fail))
    await kiosk.start()
    await kiosk.stop(0.2)
    assert whole.steps == ["open", "close"]
    assert [each.levelno for each in caplog.records] == [logging.WARNING, logging.ERROR]


@pytest.mark.parametrize("end", [RuntimeError("a bug"), asyncio.CancelledError()], ids=["an error", "cancelled by what it waits for"])
async def test_a_background_task_that_ends_by_a_bug_says_so_at_once(
    whole: Whole, caplog: pytest.LogCaptureFixture, end: BaseException
) -> None:
    async def broken() -> None:
        raise end

    kiosk = whole.kiosk(background=(broken,))
    await kiosk.start()
    await until(lambda: bool(caplog.records))
    await kiosk.stop()
    assert [each.levelno for each in caplog.records] == [logging.CRITICAL]
    assert whole.steps == ["open", "close"]


# ---------------------------------------------------------------- the link


async def test_whoever_waits_for_the_link_is_woken_by_its_change() -> None:
    link = LinkState()
    waiting = asyncio.create_task(link.wait_for(frozenset({True}), 10))
    await asyncio.sleep(0)
    link.handle_event(DOWN)
    await asyncio.sleep(0)
    assert not waiting.done()
    link.handle_event(UP)
    assert await waiting is True


async def test_a_link_that_does_not_come_in_time_is_no_link() -> None:
    assert await LinkState().wait_for(frozenset({True}), 0.01) is False


@pytest.mark.parametrize("event", [UP, DOWN])
async def test_a_link_that_was_found_down_was_tried(event: LinkChanged) -> None:
    link = LinkState()
    link.handle_event(event)
    async with asyncio.timeout(1):
        await link.wait_until_tried()


# ---------------------------------------------------------------- looking up


async def test_a_customer_is_found_with_what_is_not_confirmed_yet(whole: Whole) -> None:
    kiosk, code = whole.kiosk(), whole.counter.know()
    assert (await read_overview(kiosk)).last is None
    done = await whole.counter.swaps.complete(await whole.counter.to_review())
    found = await look_up(kiosk, EnteredCode(text=code.plan_id, typed=True))
    assert (found.swap.plan.id, found.pending) == (code.plan_id, 1)
    overview = await read_overview(kiosk)
    assert overview.last is not None
    assert (overview.last.swap.correlation_id, [each.swap.correlation_id for each in overview.kept]) == (
        done.correlation_id,
        [found.swap.correlation_id],
    )


async def test_a_plan_that_this_kiosk_does_not_keep_was_never_checked(whole: Whole) -> None:
    kiosk, code = whole.kiosk(), whole.counter.know()
    entered = EnteredCode(text=code.plan_id, typed=True)
    assert await plan_checked_at(kiosk, entered) is None
    await look_up(kiosk, entered)
    assert await plan_checked_at(kiosk, entered) == whole.counter.clock.now()


async def test_a_code_that_is_none_is_refused_before_anybody_is_asked(whole: Whole) -> None:
    kiosk = whole.kiosk()
    with pytest.raises(BadCustomerCode):
        await look_up(kiosk, EnteredCode(text=" "))
    with pytest.raises(CustomerUnknown):
        await look_up(kiosk, EnteredCode(text="plan-unknown", typed=True))
