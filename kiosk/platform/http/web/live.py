"""The events as they come, to a page that is open: server-sent events, each a line of HTML as the page itself has it.

The newest rows are read once a second, whichever worker wrote them. Workers number their rows before they commit, so a row may appear
behind a later one: what counts as new is what was not sent, not what has a higher number. A database that does not answer is tried again;
the stream of a page that is closed ends. After MAX_SECONDS the browser comes again by itself, so that a forgotten page is not served for
ever.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

from kiosk.domain.errors import StoreFailed
from kiosk.platform.http.web.page_values import EventRow, payment_event, step_event
from kiosk.platform.store.queries import PlatformQueries

log = logging.getLogger(__name__)
MAX_ROWS = 50
PAUSE_SECONDS = 1.0
MAX_SECONDS = 3_600.0
MAX_STREAMS = 50  # open pages; each is a request under way, and kiosks and payments need the others
KEEP_ALIVE = b": still here\n\n"
_MAX_SENT = 4 * MAX_ROWS


def latest_events(browser: PlatformQueries, most: int = MAX_ROWS) -> tuple[EventRow, ...]:
    """Of both kinds, newest first. Raises StoreFailed."""
    rows = [*map(step_event, browser.steps(most)), *map(payment_event, browser.payments(most))]
    return tuple(sorted(rows, key=lambda each: each.at, reverse=True)[:most])


async def stream(
    browser: PlatformQueries, after: frozenset[str], write: Callable[[EventRow], str], pause_seconds: float = PAUSE_SECONDS
) -> AsyncGenerator[bytes]:
    """Bytes for EventSource: every event whose key is not in `after`, in the order in which they came to be seen."""
    sent = dict.fromkeys(after)
    ends_at = asyncio.get_running_loop().time() + MAX_SECONDS
    while asyncio.get_running_loop().time() < ends_at:
        fresh = [each for each in reversed(await _read_latest(browser)) if each.key not in sent]
        sent.update(dict.fromkeys(each.key for each in fresh))
        for each in list(sent)[:-_MAX_SENT]:
            del sent[each]
        yield b"".join(_message(write(each)) for each in fresh) or KEEP_ALIVE
        await asyncio.sleep(pause_seconds)


async def _read_latest(browser: PlatformQueries) -> tuple[EventRow, ...]:
    try:
        return await asyncio.to_thread(latest_events, browser)
    except StoreFailed as error:
        log.warning("the events cannot be shown: %s", error.reason)
        return ()


def _message(html: str) -> bytes:
    return f"data: {' '.join(html.split())}\n\n".encode()
