"""Delivery without a window: a kiosk that is started to send what waits, and stopped."""

import asyncio
import contextlib

from kiosk.bootstrap.build import build_kiosk
from kiosk.settings import Settings
from kiosk.station.ports import OutboxEntry, OutboxState


async def deliver_outbox(settings: Settings, correlation_id: str | None, seconds: float) -> tuple[OutboxEntry, ...]:
    """Send what is unsettled until it is answered or the time is over; returns what was asked for and is not settled."""
    changed = asyncio.Event()
    kiosk = build_kiosk(settings, lambda _: changed.set())

    async def waiting() -> bool:
        if correlation_id:
            return (await kiosk.outbox.entry(correlation_id)).state is OutboxState.UNSETTLED
        return any(each.state is OutboxState.UNSETTLED for each in await kiosk.outbox.entries())

    try:
        entries = (await kiosk.outbox.entry(correlation_id),) if correlation_id else await kiosk.outbox.entries()
        asked = [each.message.correlation_id for each in entries if correlation_id or each.state is OutboxState.UNSETTLED]
        with contextlib.suppress(TimeoutError):
            if await waiting():
                await kiosk.start()
            async with asyncio.timeout(seconds):
                while await waiting():
                    changed.clear()
                    await changed.wait()
        left = [await kiosk.outbox.entry(each) for each in asked]
        return tuple(entry for entry in left if entry.state in {OutboxState.UNSETTLED, OutboxState.REFUSED})
    finally:
        await kiosk.stop()
