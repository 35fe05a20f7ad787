"""The addresses of the page for people. A database that does not answer gives a page that says so.

Pages are made in a thread, because the database is waited for.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.platform.http.answers import error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.web import live
from kiosk.platform.http.web.page_data import MENU, Facts, Page, PageData, Query, for_people, search_text
from kiosk.platform.http.web.page_values import EventRow, when
from kiosk.platform.store.open_items import UnappliedPayments, UnsettledRequests
from kiosk.platform.store.queries import PlatformQueries
from kiosk.shared.system import Clock

_HERE = Path(__file__).parent
OPEN = (*(f"GET {path}" for path, _ in MENU), "GET /plans/", "GET /events/", "GET /static/")  # they ask for a password by themselves


def routes(context: ApiContext) -> list[BaseRoute]:
    """The pages, the stream of events, the style sheet and the script."""
    browser = PlatformQueries(context.store)
    pages = PageData(browser, UnappliedPayments(context.store), UnsettledRequests(context.store), context.clock)
    site = Website(browser, context.clock)
    pages_by_query: dict[str, Callable[[Query], Page]] = {
        "/": pages.front,
        "/swaps": pages.swaps,
        "/open": pages.open,
        "/plans": pages.plans,
        "/payments": pages.payments,
        "/events": pages.events,
    }

    def route(path: str, make: Callable[[Request], Page]) -> Route:
        async def handler(request: Request) -> Response:
            return await site.page(request, make)

        return Route(path, for_people(context.secrets, handler))

    return [
        *(route(path, _of_query(make)) for path, make in pages_by_query.items()),
        route("/plans/{plan_id}", lambda request: pages.plan(request.path_params["plan_id"])),
        Route("/events/stream", for_people(context.secrets, site.stream)),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]


def _of_query(make: Callable[[Query], Page]) -> Callable[[Request], Page]:
    return lambda request: make(request.query_params)


class Website:
    """Makes HTML of facts. Holds no state but the templates and how many streams are open."""

    def __init__(self, browser: PlatformQueries, clock: Clock) -> None:
        self._browser, self._clock, self._streams = browser, clock, 0
        self._html = Environment(loader=FileSystemLoader(_HERE / "html"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._html.globals["_"] = tr

    async def page(self, request: Request, make: Callable[[Request], Page]) -> Response:
        """One page."""
        try:
            template, facts = await asyncio.to_thread(make, request)
        except StoreFailed as error:
            words = message_for(error).sentence
            return self._render(request, "message.html", {"title": tr("The database does not answer"), "words": words}, 503)
        return self._render(request, template, facts, 200 if facts.get("found", True) else 404)

    def _render(self, request: Request, template: str, facts: Facts, status: int) -> Response:
        menu = [(path, tr(name)) for path, name in MENU]
        about = {"menu": menu, "here": request.url.path, "query": search_text(request.query_params), "now": when(self._clock.now())}
        return HTMLResponse(self._html.get_template(template).render(**about, **facts), status)

    async def stream(self, request: Request) -> Response:
        """The events as they come; beyond MAX_STREAMS open pages the next one is not live, and says so."""
        if self._streams >= live.MAX_STREAMS:
            return error_answer(503, headers={"Retry-After": "60"})
        after = frozenset(request.query_params.get("after", "").split(".")[: live.MAX_ROWS])
        return StreamingResponse(self._count_stream(live.stream(self._browser, after, self._event_html)), media_type="text/event-stream")

    async def _count_stream(self, stream: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        self._streams += 1
        try:
            async with aclosing(stream):
                async for each in stream:
                    yield each
        finally:
            self._streams -= 1

    def _event_html(self, event: EventRow) -> str:
        return self._html.get_template("event.html").render(each=event)
