"""What each page shows: the name of its template and its facts, from the database. No HTTP but the query's own words."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kiosk.domain.language import mark, tr
from kiosk.platform.http.auth import Secrets
from kiosk.platform.http.web.live import latest_events
from kiosk.platform.http.web.page_values import OpenRow, payment_row, plan_row, quota_rows, swap_row, unapplied_row, unsettled_row
from kiosk.platform.store.open_items import UnappliedPayments, UnsettledRequests
from kiosk.platform.store.queries import PlatformQueries
from kiosk.shared.system import Clock

Handler = Callable[[Request], Awaitable[Response]]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def for_people(secrets: Secrets, handler: Handler) -> Handler:
    """The handler, for those who give a password."""

    async def guarded(request: Request) -> Response:
        if not secrets.accept(_credential(request.headers.get("authorization", ""))):
            return _ask_for_password()
        response = await handler(request)
        response.headers.update(HEADERS)
        return response

    return guarded


def _credential(header: str) -> str:
    """The password of Basic, or the token of Bearer; empty where there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ask_for_password() -> Response:
    sentence = tr("This page asks for a password: give any name, and one of the platform's tokens as the password.")
    return PlainTextResponse(f"{sentence}\n", 401, {"WWW-Authenticate": 'Basic realm="Swap Kiosk platform", charset="UTF-8"', **HEADERS})


Facts = dict[str, object]
Query = Mapping[str, str]
Page = tuple[str, Facts]
ON_OVERVIEW, ON_PAGE, ON_PLAN = 10, 50, 20
MAX_QUERY = 128
MENU = (
    ("/", mark("Overview")),
    ("/swaps", mark("Swaps")),
    ("/open", mark("Open")),
    ("/plans", mark("Plans")),
    ("/payments", mark("Payments")),
    ("/events", mark("Events")),
)


def search_text(query: Query) -> str:
    """What is searched for, empty when nothing is."""
    return _clean(query.get("q", "")).strip()


class PageData:
    """Every method reads and is called in a thread; each raises StoreFailed. `query` is the address's own, `path` the id in it."""

    def __init__(self, browser: PlatformQueries, unapplied: UnappliedPayments, unsettled: UnsettledRequests, clock: Clock) -> None:
        self._browser, self._unapplied, self._unsettled, self._clock = browser, unapplied, unsettled, clock

    def front(self, query: Query) -> Page:
        """The overview, or what was found."""
        text = search_text(query)
        return ("search.html", self._results(text)) if text else ("overview.html", self._overview())

    def _overview(self) -> Facts:
        today = self._clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        money, requests = self._unapplied.open(limit=ON_OVERVIEW + 1), self._unsettled.open(limit=ON_OVERVIEW + 1)
        waiting = [*map(unapplied_row, money), *map(unsettled_row, requests)]
        return {
            "title": tr("Overview"),
            "open_items": waiting[:ON_OVERVIEW],
            "more_open": len(waiting) > ON_OVERVIEW,
            "swaps": [swap_row(each) for each in self._browser.swaps(ON_OVERVIEW, since=today)],
            "plans": [plan_row(each) for each in self._browser.plans(ON_OVERVIEW)],
            **self._events(),
        }

    def _results(self, text: str) -> Facts:
        return {
            "title": text,
            "plans": [plan_row(each) for each in self._browser.plans_like(text, ON_PLAN)],
            "swaps": [swap_row(each) for each in self._browser.swaps_like(text, ON_PLAN)],
            "payments": [payment_row(each) for each in self._browser.payments_like(text, ON_PLAN)],
        }

    def swaps(self, query: Query) -> Page:
        """Every swap, newest first."""
        found = self._browser.swaps(ON_PAGE, before=_number(query))
        more = _more("/swaps", before=found[-1].number) if len(found) == ON_PAGE else ""
        return _list_page(tr("Swaps"), "swaps", [swap_row(each) for each in found], tr("None yet."), more)

    def open(self, query: Query) -> Page:
        """Everything that waits for a person: all the money first, page by page, then from its last page on the requests."""
        before = _number(query)
        money = self._unapplied.open(_number(query, "money"), ON_PAGE) if before is None else ()
        if len(money) == ON_PAGE:
            return _waiting(map(unapplied_row, money), _more("/open", money=money[-1].number))
        found = self._unsettled.open(before, ON_PAGE)
        more = _more("/open", before=found[-1].number) if len(found) == ON_PAGE else ""
        return _waiting([*map(unapplied_row, money), *map(unsettled_row, found)], more)

    def payments(self, query: Query) -> Page:
        """Every payment, newest first."""
        found = self._browser.payments(ON_PAGE, before=_number(query))
        more = _more("/payments", before=found[-1].number) if len(found) == ON_PAGE else ""
        return _list_page(tr("Payments"), "payments", [payment_row(each) for each in found], tr("None yet."), more)

    def plans(self, query: Query) -> Page:
        """Every plan, by id."""
        found = self._browser.plans(ON_PAGE, after=_clean(query.get("after", "")))
        more = _more("/plans", after=found[-1].plan_id) if len(found) == ON_PAGE else ""
        return _list_page(tr("Plans"), "plans", [plan_row(each) for each in found], tr("None yet."), more)

    def plan(self, plan_id: str) -> Page:
        """One plan with its quotas, swaps and payments."""
        seen = self._browser.plan(_clean(plan_id))
        if seen is None:
            return "message.html", {"title": plan_id, "words": tr("There is no plan with this id."), "found": False}
        return "plan.html", {
            "title": plan_id,
            "plan": plan_row(seen),
            "quotas": quota_rows(seen),
            "swaps": [swap_row(each) for each in self._browser.swaps(ON_PLAN, plan_id=plan_id)],
            "payments": [payment_row(each) for each in self._browser.payments(ON_PLAN, plan_id=plan_id)],
        }

    def events(self, _query: Query) -> Page:
        """The events as they come."""
        return "events.html", {"title": tr("Events"), **self._events()}

    def _events(self) -> Facts:
        rows = latest_events(self._browser)
        return {"events": rows, "after": ".".join(each.key for each in rows)}


def _list_page(title: str, kind: str, rows: Sequence[object], nothing: str, more: str) -> Page:
    return "list.html", {"title": title, "kind": kind, "rows": rows, "nothing": nothing, "more": more}


def _waiting(rows: Iterable[OpenRow], more: str) -> Page:
    return _list_page(
        tr("Waits for a person"), "open_items", [*rows], tr("Nothing: every completion that came is recorded or settled."), more
    )


def _more(path: str, **place: object) -> str:
    return f"{path}?{urlencode(place)}"


def _clean(text: str) -> str:
    """What an id may begin with: PostgreSQL takes no NUL."""
    return text.replace("\0", "")[:MAX_QUERY]


def _number(query: Query, name: str = "before") -> int | None:
    """Where a page goes on; a number that is none begins at the beginning."""
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
