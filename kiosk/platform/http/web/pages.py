"""What each page shows: the name of its template and its facts, from the database; its rows as people read them: words, numbers with their
units, times to the second.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kiosk.domain.language import mark, tr
from kiosk.domain.plan.service_plan import UNLIMITED_FROM
from kiosk.domain.written import format_money, write_number
from kiosk.platform.http.access import PAGE_HEADERS
from kiosk.platform.store.open_items import UnappliedPayments, UnappliedRow, UnsettledRequests, UnsettledRow
from kiosk.platform.store.queries import PaymentSeen, PlanSeen, PlatformQueries, SwapSeen
from kiosk.platform.store.store_values import OpenState
from kiosk.shared.system import Clock

Handler = Callable[[Request], Awaitable[Response]]
Row = dict[str, Any]
"""One line of a list; what it holds is in the function that makes it and in the template that shows it."""
Facts = dict[str, object]
Page = tuple[str, Facts]
ON_OVERVIEW, ON_PAGE, ON_PLAN = 10, 50, 20
MAX_QUERY = 128
MAX_ROWS = 50
MENU = (
    ("/", mark("Overview")),
    ("/swaps", mark("Swaps")),
    ("/open", mark("Open")),
    ("/plans", mark("Plans")),
    ("/payments", mark("Payments")),
    ("/events", mark("Events")),
)
NONE = "–"
_TITLES = {
    "SERVICE_COMPLETED": mark("Swap completed"),
    "EQUIPMENT_CHECKIN": mark("Battery returned"),
    "EQUIPMENT_CHECKOUT": mark("Battery issued"),
    "REPORT_ATTENDANT_ACTIVITY": mark("Swap reported"),
}
_OPEN = {  # state, its colour, and the words where no reason was given
    OpenState.REFUSED: (mark("refused"), "stop", ""),
    OpenState.PAID: (mark("unsettled"), "attention", mark("Paid, and the swap is not completed yet.")),
    OpenState.UNPROVEN: (mark("unsettled"), "attention", mark("Completed, and its payment is not confirmed yet.")),
    OpenState.RETURNED_MORE: (mark("booked"), "attention", ""),
    OpenState.BOOKED_LESS: (mark("booked"), "attention", ""),
    OpenState.ODD_TIME: (mark("booked"), "attention", ""),
    OpenState.RETURNED: (mark("unsettled"), "attention", mark("The returned battery came in, and no new one is issued yet.")),
}


def for_people(handler: Handler) -> Handler:
    """The handler, whose answers no cache keeps and no other site frames. Who may look is `access`'s."""

    async def page(request: Request) -> Response:
        response = await handler(request)
        response.headers.update(PAGE_HEADERS)
        return response

    return page


def search_text(request: Request) -> str:
    """What is searched for, empty when nothing is."""
    return _clean(request.query_params.get("q", "")).strip()


class PageData:
    """Every method reads and is called in a thread; each raises StoreFailed."""

    def __init__(self, browser: PlatformQueries, unapplied: UnappliedPayments, unsettled: UnsettledRequests, clock: Clock) -> None:
        self._browser, self._unapplied, self._unsettled, self._clock = browser, unapplied, unsettled, clock

    def front(self, request: Request) -> Page:
        """The overview, or what was found."""
        text = search_text(request)
        if text:
            return "search.html", {
                "title": text,
                "plans": [plan_row(each) for each in self._browser.plans_like(text, ON_PLAN)],
                "swaps": [swap_row(each) for each in self._browser.swaps_like(text, ON_PLAN)],
                "payments": [payment_row(each) for each in self._browser.payments_like(text, ON_PLAN)],
            }
        today = self._clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        money, requests = self._unapplied.open(limit=ON_OVERVIEW + 1), self._unsettled.open(limit=ON_OVERVIEW + 1)
        waiting = [*map(unapplied_row, money), *map(unsettled_row, requests)]
        return "overview.html", {
            "title": tr("Overview"),
            "open_items": waiting[:ON_OVERVIEW],
            "more_open": len(waiting) > ON_OVERVIEW,
            "swaps": [swap_row(each) for each in self._browser.swaps(ON_OVERVIEW, since=today)],
            "plans": [plan_row(each) for each in self._browser.plans(ON_OVERVIEW)],
            **self._events(),
        }

    def swaps(self, request: Request) -> Page:
        """Every swap, newest first."""
        found = self._browser.swaps(ON_PAGE, before=_number(request))
        return _list_page(tr("Swaps"), "swaps", list(map(swap_row, found)), _more(found, "/swaps"))

    def open(self, request: Request) -> Page:
        """Everything that waits for a person: all the money first, page by page, then from its last page on the requests."""
        before = _number(request)
        money = self._unapplied.open(_number(request, "money"), ON_PAGE) if before is None else ()
        more_money = _more(money, "/open", "money")
        found = () if more_money else self._unsettled.open(before, ON_PAGE)
        rows = [*map(unapplied_row, money), *map(unsettled_row, found)]
        nothing = tr("Nothing: every completion that came is recorded or settled.")
        return _list_page(tr("Waits for a person"), "open_items", rows, more_money or _more(found, "/open"), nothing)

    def payments(self, request: Request) -> Page:
        """Every payment, newest first."""
        found = self._browser.payments(ON_PAGE, before=_number(request))
        return _list_page(tr("Payments"), "payments", list(map(payment_row, found)), _more(found, "/payments"))

    def plans(self, request: Request) -> Page:
        """Every plan, by id."""
        found = self._browser.plans(ON_PAGE, after=_clean(request.query_params.get("after", "")))
        return _list_page(tr("Plans"), "plans", list(map(plan_row, found)), _more(found, "/plans", "after", "plan_id"))

    def plan(self, request: Request) -> Page:
        """One plan with its quotas, swaps and payments."""
        plan_id = request.path_params["plan_id"]
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

    def events(self, _request: Request) -> Page:
        """The events as they come."""
        return "events.html", {"title": tr("Events"), **self._events()}

    def _events(self) -> Facts:
        rows = latest_events(self._browser)
        return {"events": rows, "after": ".".join(each["key"] for each in rows)}


def _list_page(title: str, kind: str, rows: list[Row], more: str, nothing: str = "") -> Page:
    return "list.html", {"title": title, "kind": kind, "rows": rows, "nothing": nothing or tr("None yet."), "more": more}


def _more(found: Sequence[object], path: str, place: str = "before", named_by: str = "number") -> str:
    """The address of the next page; empty where this one is the last."""
    return f"{path}?{urlencode({place: getattr(found[-1], named_by)})}" if len(found) == ON_PAGE else ""


def _clean(text: str) -> str:
    """What an id may begin with: PostgreSQL takes no NUL."""
    return text.replace("\0", "")[:MAX_QUERY]


def _number(request: Request, name: str = "before") -> int | None:
    """Where a page goes on; a number that is none begins at the beginning."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def when(moment: datetime) -> str:
    """To the second, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def swap_row(seen: SwapSeen) -> Row:
    """A completed swap."""
    context = seen.event.get("service_context") or {}
    paid = any(each.get("input") == "PAYMENT_RECEIVED" for each in seen.event.get("fsm_inputs") or ())
    return {
        "at": when(seen.at),
        "plan_id": seen.plan_id,
        "correlation_id": seen.correlation_id,
        "incoming": seen.incoming_battery_id or tr("first visit"),
        "outgoing": seen.outgoing_battery_id or NONE,
        "net": _kwh(seen.net_kwh),
        "station": context.get("attendant_station") or NONE,
        "paid": tr("yes") if paid else tr("no"),
    }


def unsettled_row(seen: UnsettledRow) -> Row:
    """A request that was refused, or a swap that was begun, and not booked since."""
    state, tone, words = _OPEN[seen.state]
    return {
        "since": when(seen.first_at),
        "state": tr(state),
        "tone": tone,
        "plan_id": seen.plan_id,
        "correlation_id": seen.correlation_id,
        "station": seen.station_id or NONE,
        "words": _with_note(seen.reason or tr(words), seen.note),
        "times": seen.times,
        "settle": f"unsettled {seen.number}",
    }


def unapplied_row(seen: UnappliedRow) -> Row:
    """Money that came and counts for no swap."""
    money = seen.unapplied
    words = tr(
        "{amount}, receipt {receipt_id} ({method}): {reason}",
        amount=format_money(money.amount, money.currency),
        receipt_id=money.key.receipt_id,
        method=money.key.method,
        reason=money.reason,
    )
    return {
        "since": when(seen.first_at),
        "state": tr("money not counted"),
        "tone": "attention",
        "plan_id": money.plan_id,
        "correlation_id": money.reference,
        "station": NONE,
        "words": _with_note(words, seen.note),
        "times": seen.times,
        "settle": f"unapplied {seen.number}",
    }


def _with_note(words: str, note: str) -> str:
    """With what a person did about it before it came again."""
    return tr("{words}. Settled before: {note}", words=words.removesuffix("."), note=note) if note else words


def payment_row(seen: PaymentSeen) -> Row:
    """A booked payment."""
    return {
        "at": when(seen.at),
        "amount": format_money(seen.amount, seen.currency),
        "receipt_id": seen.receipt_id,
        "method": seen.method,
        "plan_id": seen.plan_id,
        "owner": seen.owner,
        "state": tr("recorded") if seen.owner else tr("not used yet"),
        "tone": "ok" if seen.owner else "attention",
    }


def plan_row(seen: PlanSeen) -> Row:
    """A plan."""
    return {
        "plan_id": seen.plan_id,
        "customer_id": seen.customer_id,
        "template": f"{seen.template_id} {seen.template_version}",
        "battery": seen.current_asset or tr("none yet"),
        "service_state": seen.document.get("service_state", NONE),
        "payment_state": seen.document.get("payment_state", NONE),
        "station": seen.station_id or tr("nowhere yet"),
        "changed_at": when(seen.changed_at),
    }


def quota_rows(seen: PlanSeen) -> list[Row]:
    """Every service of a plan (decision 7: from 100,000 on a quota is unlimited and never a number)."""
    return [_quota(each["service_id"], each["used"], each["quota"]) for each in seen.document.get("serviceStates") or ()]


def _quota(service_id: str, used: Decimal | int, quota: Decimal | int) -> Row:
    amounts = (tr("unlimited"), tr("unlimited")) if quota >= UNLIMITED_FROM else (_figure(quota), _figure(Decimal(quota) - Decimal(used)))
    return {"service_id": service_id, "used": _figure(used), "quota": amounts[0], "left": amounts[1]}


def latest_events(browser: PlatformQueries) -> list[Row]:
    """What happened to batteries and the payments that came, newest first. Raises StoreFailed."""
    rows = [*map(_step_event, browser.steps(MAX_ROWS)), *map(_payment_event, browser.payments(MAX_ROWS))]
    return sorted(rows, key=itemgetter("at"), reverse=True)[:MAX_ROWS]


def _step_event(seen: SwapSeen) -> Row:
    kind: str = seen.event["event_type"]
    batteries = [each for each in (seen.outgoing_battery_id, seen.incoming_battery_id) if each]
    words = tr("{outgoing} for {incoming}", outgoing=batteries[0], incoming=batteries[1]) if len(batteries) > 1 else "".join(batteries)
    energy = "" if seen.net_kwh is None else _kwh(seen.net_kwh)
    return {
        "key": f"s{seen.number}",
        "title": tr(_TITLES.get(kind, kind)),
        "at": when(seen.at),
        "plan_id": seen.plan_id,
        "words": ", ".join(filter(None, (words, energy))),
        "detail": seen.correlation_id,
    }


def _payment_event(seen: PaymentSeen) -> Row:
    return {
        "key": f"p{seen.number}",
        "title": tr("Payment received"),
        "at": when(seen.at),
        "plan_id": seen.plan_id,
        "words": tr("{amount}, receipt {receipt_id}", amount=format_money(seen.amount, seen.currency), receipt_id=seen.receipt_id),
        "detail": seen.owner,
    }


def _kwh(value: Decimal | None) -> str:
    return NONE if value is None else f"{_figure(value)} kWh"


def _figure(value: Decimal | int) -> str:
    return write_number(Decimal(value))
