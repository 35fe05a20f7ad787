"""The addresses of the page for people, and the events as they come to a page that is open: server-sent events, each a line of HTML as the
page itself has it.

Pages are made in a thread, because the database is waited for; one that does not answer gives a page that says so. For the stream the
newest rows are read once a second, whichever worker wrote them. Workers number their rows before they commit, so a row may appear behind a
later one: what counts as new is what was not sent, not what has a higher number. A database that does not answer is tried again; the stream
of a page that is closed, or whose token is withdrawn, ends. After MAX_SECONDS the browser comes again by itself, so that no forgotten page
is served for ever.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.platform.http.access import still_in_force
from kiosk.platform.http.answers import error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.callers import AskLimit
from kiosk.platform.http.receipt_routes import too_many
from kiosk.platform.http.web import receipt_page
from kiosk.platform.http.web.pages import MAX_ROWS, MENU, Facts, Handler, Page, PageData, Row, for_people, latest_events, search_text, when
from kiosk.platform.store.open_items import UnappliedPayments, UnsettledRequests
from kiosk.platform.store.queries import PlatformQueries
from kiosk.shared.system import Clock

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
MAX_SECONDS = 3_600.0
MAX_STREAMS = 50  # open pages; each is a request under way, and kiosks and payments need the others
KEEP_ALIVE = b": still here\n\n"
_MAX_SENT = 4 * MAX_ROWS
_HERE = Path(__file__).parent


def routes(context: ApiContext) -> list[BaseRoute]:
    """The pages, the stream of events, the style sheet and the script."""
    browser = PlatformQueries(context.store)
    pages = PageData(browser, UnappliedPayments(context.store), UnsettledRequests(context.store), context.clock)
    site = Website(browser, context.clock)
    makers: dict[str, Callable[[Request], Page]] = {
        "/": pages.front,
        "/swaps": pages.swaps,
        "/open": pages.open,
        "/plans": pages.plans,
        "/plans/{plan_id}": pages.plan,
        "/payments": pages.payments,
        "/events": pages.events,
    }
    return [
        *(Route(path, for_people(partial(site.page, make))) for path, make in makers.items()),
        Route("/events/stream", for_people(site.stream)),
        Route(receipt_page.PATH, for_people(_limited(context, partial(site.page, receipt_page.ReceiptPage(context).page)))),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]


def _limited(context: ApiContext, handler: Handler) -> Handler:
    """The handler, for each address so often a minute."""
    turns = AskLimit(context.clock, context.proxies)

    async def limited(request: Request) -> Response:
        return await handler(request) if turns.take(request) else too_many()

    return limited


class Website:
    """Makes HTML of facts. Holds no state but the templates and how many streams are open."""

    def __init__(self, browser: PlatformQueries, clock: Clock) -> None:
        self._browser, self._clock, self._streams = browser, clock, 0
        self._html = Environment(loader=FileSystemLoader(_HERE / "html"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._html.globals["_"] = tr

    async def page(self, make: Callable[[Request], Page], request: Request) -> Response:
        """One page."""
        try:
            template, facts = await asyncio.to_thread(make, request)
        except StoreFailed as error:
            words = message_for(error).sentence
            return self._render(request, "message.html", {"title": tr("The database does not answer"), "words": words}, 503)
        return self._render(request, template, facts, 200 if facts.get("found", True) else 404)

    def _render(self, request: Request, template: str, facts: Facts, status: int) -> Response:
        menu = [(path, tr(name)) for path, name in MENU]
        about = {"menu": menu, "here": request.url.path, "query": search_text(request), "now": when(self._clock.now())}
        return HTMLResponse(self._html.get_template(template).render(**about, **facts), status)

    async def stream(self, request: Request) -> Response:
        """The events as they come; beyond MAX_STREAMS open pages the next one is not live, and says so."""
        if self._streams >= MAX_STREAMS:
            return error_answer(503, headers={"Retry-After": "60"})
        after = request.query_params.get("after", "").split(".")[:MAX_ROWS]
        return StreamingResponse(self._events(request, dict.fromkeys(after)), media_type="text/event-stream")

    async def _events(self, request: Request, sent: dict[str, None]) -> AsyncGenerator[bytes]:
        """Bytes for EventSource: every event whose key was not sent, in the order in which they came to be seen."""
        self._streams += 1
        try:
            ends_at = asyncio.get_running_loop().time() + MAX_SECONDS
            while asyncio.get_running_loop().time() < ends_at and still_in_force(request):
                fresh = [each for each in reversed(await self._read_latest()) if each["key"] not in sent]
                sent.update(dict.fromkeys(each["key"] for each in fresh))
                for each in list(sent)[:-_MAX_SENT]:
                    del sent[each]
                yield b"".join(map(self._message, fresh)) or KEEP_ALIVE
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._streams -= 1

    async def _read_latest(self) -> list[Row]:
        try:
            return await asyncio.to_thread(latest_events, self._browser)
        except StoreFailed as error:
            log.warning("the events cannot be shown: %s", error.reason)
            return []

    def _message(self, event: Row) -> bytes:
        html = self._html.get_template("event.html").render(each=event)
        return f"data: {' '.join(html.split())}\n\n".encode()
