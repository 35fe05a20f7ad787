"""What pages and the terminal read of a station, and the two things that they write: history, batteries, open completions, receipts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound
from kiosk.domain.money.money import Collectable
from kiosk.domain.swap.pending_swaps import Rejected
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.ports import OutboxState
from kiosk.station.services.open_completions import History, OpenCompletions
from kiosk.station.services.receipts import Receipts
from tests.builders import plan_of, plan_with, reading
from tests.fakes import BlankPaper
from tests.station.adapters.store.tables import column
from tests.station.services.conftest import Counter


async def refused(counter: Counter) -> str:
    """A completion that the platform refused; its id."""
    swap = await counter.swaps.complete(await counter.to_review())
    answer = Rejected(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}", reason="no", signals=("SERVICE_FAILED",))
    counter.store.record_answer(answer, counter.clock.now())
    return swap.correlation_id


async def test_the_history_begins_empty_and_has_the_last_swap_first(counter: Counter) -> None:
    history = History(counter.store)
    assert (await history.completed(), await history.last()) == ((), None)
    first = await counter.swaps.complete(await counter.to_review())
    second = await counter.swaps.complete(await counter.to_review(plan_of(id="plan-2", customer_id="C-2"), "BAT-67891"))
    assert [each.swap.correlation_id for each in await history.completed()] == [second.correlation_id, first.correlation_id]
    last = await history.last()
    assert last is not None
    assert last.swap.correlation_id == second.correlation_id
    assert (await history.find(first.correlation_id)).state is OutboxState.UNSETTLED
    assert [each.correlation_id for each in await history.pending("plan-2")] == [second.correlation_id]
    with pytest.raises(NotFound):
        await history.find("TXN-NONE")


async def test_the_seconds_of_the_last_readings_are_told_the_oldest_first(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know())
    swap = await counter.swaps.accept_returned(swap, replace(reading("BAT-12345"), seconds=4.0))
    swap = await counter.swaps.accept_new(swap, replace(reading("BAT-67890", "30.4"), seconds=6.0))
    await counter.swaps.complete(swap)
    history = History(counter.store)
    assert await history.reading_seconds(10) == (4.0, 6.0)
    assert await history.reading_seconds(0) == ()


async def test_batteries_of_swaps_and_of_other_customers_are_known(counter: Counter) -> None:
    await counter.swaps.identify(counter.know(replace(plan_with(holds="BAT-OTHER"), id="plan-2", customer_id="C-2")))
    await counter.swaps.complete(await counter.to_review())
    assert {"BAT-12345", "BAT-67890", "BAT-OTHER"} <= await counter.swaps.known_ids(except_plan="nobody's")


async def test_a_battery_that_is_set_aside_stands_in_the_audit_trail(counter: Counter, tmp_path: Path) -> None:
    swap = await counter.swaps.identify(counter.know())
    await counter.swaps.record_set_aside(swap, "BAT-1", ("too hot", "a fault"))
    asked = "SELECT detail FROM audit WHERE what = 'new battery set aside for inspection'"
    assert column(tmp_path / "kiosk.sqlite", asked) == ["BAT-1: too hot; a fault"]


async def test_a_refused_completion_is_listed_with_its_swap_and_waits_again(counter: Counter) -> None:
    correlation_id, completions = await refused(counter), OpenCompletions(counter.store, counter.clock)
    (found,) = await completions.with_swaps(5)
    assert (found.swap.correlation_id, found.refused, found.entry.reason) == (correlation_id, True, "no")
    assert await completions.with_swaps(0) == ()
    await completions.retry(correlation_id)
    assert (await completions.entry(correlation_id)).state is OutboxState.UNSETTLED
    await completions.retry(correlation_id)
    assert (await completions.entry(correlation_id)).state is OutboxState.UNSETTLED
    with pytest.raises(NotFound):
        await completions.retry("TXN-NONE")


async def test_a_person_settles_a_refused_completion_with_a_note(counter: Counter) -> None:
    correlation_id, completions = await refused(counter), OpenCompletions(counter.store, counter.clock)
    await completions.resolve(correlation_id, "told the office")
    assert await completions.entries() == ()
    assert (await completions.entry(correlation_id)).note == "told the office"


async def test_the_time_of_the_last_check_of_a_plan_is_told_without_asking(counter: Counter) -> None:
    code = counter.know()
    assert await counter.plans.checked_at(code.plan_id) is None
    await counter.swaps.identify(code)
    told = await counter.plans.checked_at(code.plan_id)
    counter.clock.pass_time(timedelta(hours=1).total_seconds())
    assert await counter.plans.checked_at(code.plan_id) == told


async def test_a_copy_is_never_the_original_and_names_who_made_it(counter: Counter, tmp_path: Path) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    archive, station = FolderArchive(tmp_path), counter.swaps.station
    receipts = Receipts(counter.store, BlankPaper(), archive, counter.clock, station, Collectable(), training=False)
    for number in (1, 2):
        made = await receipts.make_copy(swap.correlation_id)
        assert (await receipts.make_copy(swap.correlation_id)).receipt.copy == made.receipt.copy == number  # until it is handed out
        receipts.count_copy(made.receipt, "by the office")
    asked = "SELECT correlation_id FROM audit WHERE what = 'by the office'"
    assert column(tmp_path / "kiosk.sqlite", asked) == [swap.correlation_id] * 2
