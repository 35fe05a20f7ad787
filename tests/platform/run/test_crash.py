"""The platform killed in mid-swap: the kiosk asks again and the swap is booked once."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.brokers import Mosquitto, run
from tests.builders import specified
from tests.platform.agent_counter import PLAN, Where, count, open_counter, used_kwh
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_on

EVENTS = ["EVT-SVC-TXN-12345", "EVT-PAY-78910"]


@asynccontextmanager
async def dying_platform(broker: Mosquitto, books: Where, when: str) -> AsyncIterator[asyncio.subprocess.Process]:
    arguments = ("-m", "tests.platform.dying_platform", broker.host, str(broker.port), str(books), when)
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(("when", "booked"), [("before-commit", 0), ("after-commit", 1)])
def test_a_platform_killed_in_mid_swap_books_it_once(mosquitto: Mosquitto, books: Where, when: str, booked: int) -> None:
    with open_counter(books):
        pass

    async def swap() -> FakeKiosk:
        request = specified("complete_service_request")
        async with kiosk_on(mosquitto) as kiosk:
            async with dying_platform(mosquitto, books, when) as process, asyncio.timeout(20):
                kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", request)
                assert await process.wait() == -signal.SIGKILL
            assert count(books, "service_events") == booked
            async with platform_on(mosquitto, books, PLAN):
                await kiosk.call(PLAN, "complete_service", request)
                await kiosk.until(lambda: len(kiosk.events(PLAN)) >= len(EVENTS))
            return kiosk

    kiosk = run(swap(), 60)
    assert ("IDEMPOTENT_OPERATION_DETECTED" in kiosk.answers("TXN-12345")[0]["signals"]) == bool(booked)
    assert [each["event_id"] for each in kiosk.events(PLAN)] == EVENTS
    with open_counter(books) as counter:
        assert str(used_kwh(counter.store)) == "370.1"
    assert (count(books, "transactions"), count(books, "payment_events")) == (1, 1)
