"""A window that is killed at any page of a swap: the swap is there at the next start, with what was read, and is booked once."""

import asyncio
import signal
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.swap.swap import Step, Swap, next_step
from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.end_to_end.dying_window import MOMENTS
from tests.end_to_end.world import NEW, RETURNED, Shop, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import count
from tests.platform.kiosks import platform_with

LIMIT_SECONDS = 90
LEFT = {"found": (Step.RETURNED, ()), "review": (Step.REVIEW, (RETURNED, NEW)), "payment": (Step.PAYMENT, (RETURNED, NEW))}


async def killed(folder: Path, broker: Mosquitto, plan_id: str, moment: str) -> str:
    """The id of the swap that was under way."""
    arguments = ("-m", "tests.end_to_end.dying_window", str(folder), str(broker.port), plan_id, moment)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == -signal.SIGKILL
    return said.decode().strip()


async def ended(shop: Shop, swap: Swap) -> Swap:
    """The swap from where it stands to its completion."""
    if next_step(swap) is Step.RETURNED:
        swap = await shop.returned(swap, RETURNED)
    if next_step(swap) is Step.NEW:
        swap = await shop.new(swap, NEW)
    if next_step(swap) is Step.PAYMENT:
        swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(swap))
    return await shop.kiosk.swaps.complete(swap)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_window_killed_at_any_page_goes_on_there_and_books_once(
    mosquitto: Mosquitto, folder: Path, books: Path, moment: str
) -> None:
    plan = plan_named("window", plan_with(used_kwh="399" if moment == "payment" else "344.5"))
    async with platform_with(mosquitto, books, plan):
        correlation_id = await killed(folder, mosquitto, plan.id, moment)
        async with counter(settings_in(folder, mosquitto)) as shop:
            (kept,) = await shop.kiosk.swaps.kept()
            swap = await shop.kiosk.swaps.resume(kept.swap.correlation_id)
            assert swap.correlation_id == correlation_id
            assert (next_step(swap), swap.battery_ids) == LEFT.get(moment, (Step.NEW, (RETURNED,)))
            await shop.settled(await ended(shop, swap))
            assert await shop.kiosk.swaps.kept() == ()
    swaps, _energy, holds = booked(books, plan.id)
    assert (swaps, holds) == (Decimal(7), NEW)
    assert count(books, "service_events") == 1
