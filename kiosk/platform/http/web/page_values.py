"""Rows as people read them: words, numbers with their units, times to the second. No database, no HTTP."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.decimals import minor_unit, plain, trimmed
from kiosk.domain.language import mark, tr
from kiosk.domain.plan.service_plan import UNLIMITED_FROM
from kiosk.platform.store.open_items import UnappliedRow, UnsettledRow
from kiosk.platform.store.queries import PaymentSeen, PlanSeen, SwapSeen
from kiosk.platform.store.store_values import OpenState

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
    OpenState.RETURNED: (mark("unsettled"), "attention", mark("The returned battery came in, and no new one is issued yet.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRow:
    """One line of the list of swaps."""

    at: str
    plan_id: str
    correlation_id: str
    incoming: str
    outgoing: str
    net: str
    station: str
    paid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """Something that waits for a person; `tone` is the colour of its state, `settle` the command and the number that settle it."""

    since: str
    state: str
    tone: str
    plan_id: str
    correlation_id: str
    station: str
    words: str
    times: int
    settle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One line of the list of payments."""

    at: str
    amount: str
    receipt_id: str
    method: str
    plan_id: str
    owner: str
    state: str
    tone: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One line of the list of plans, and the head of a plan's own page."""

    plan_id: str
    customer_id: str
    template: str
    battery: str
    service_state: str
    payment_state: str
    station: str
    changed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRow:
    """One service of a plan."""

    service_id: str
    used: str
    quota: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the events as they come; `key` is its own."""

    key: str
    title: str
    at: str
    plan_id: str
    words: str
    detail: str


def when(moment: datetime) -> str:
    """To the second, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def swap_row(seen: SwapSeen) -> SwapRow:
    """A completed swap."""
    context = seen.event.get("service_context") or {}
    paid = any(each.get("input") == "PAYMENT_RECEIVED" for each in seen.event.get("fsm_inputs") or ())
    return SwapRow(
        at=when(seen.at),
        plan_id=seen.plan_id,
        correlation_id=seen.correlation_id,
        incoming=seen.incoming_battery_id or tr("first visit"),
        outgoing=seen.outgoing_battery_id or NONE,
        net=_kwh(seen.net_kwh),
        station=context.get("attendant_station") or NONE,
        paid=tr("yes") if paid else tr("no"),
    )


def unsettled_row(seen: UnsettledRow) -> OpenRow:
    """A request that was refused, or a swap that was begun, and not booked since."""
    state, tone, words = _OPEN[seen.state]
    return OpenRow(
        since=when(seen.first_at),
        state=tr(state),
        tone=tone,
        plan_id=seen.plan_id,
        correlation_id=seen.correlation_id,
        station=seen.station_id or NONE,
        words=_with_note(seen.reason or tr(words), seen.note),
        times=seen.times,
        settle=f"unsettled {seen.number}",
    )


def unapplied_row(seen: UnappliedRow) -> OpenRow:
    """Money that came and counts for no swap."""
    money = seen.unapplied
    words = tr(
        "{amount}, receipt {receipt_id} ({method}): {reason}",
        amount=_money(money.amount, money.currency),
        receipt_id=money.key.receipt_id,
        method=money.key.method,
        reason=money.reason,
    )
    return OpenRow(
        since=when(seen.first_at),
        state=tr("money not counted"),
        tone="attention",
        plan_id=money.plan_id,
        correlation_id=money.reference,
        station=NONE,
        words=_with_note(words, seen.note),
        times=seen.times,
        settle=f"unapplied {seen.number}",
    )


def _with_note(words: str, note: str) -> str:
    """With what a person did about it before it came again."""
    return tr("{words}. Settled before: {note}", words=words.removesuffix("."), note=note) if note else words


def payment_row(seen: PaymentSeen) -> PaymentRow:
    """A booked payment."""
    return PaymentRow(
        at=when(seen.at),
        amount=_money(seen.amount, seen.currency),
        receipt_id=seen.receipt_id,
        method=seen.method,
        plan_id=seen.plan_id,
        owner=seen.owner,
        state=tr("recorded") if seen.owner else tr("not used yet"),
        tone="ok" if seen.owner else "attention",
    )


def plan_row(seen: PlanSeen) -> PlanRow:
    """A plan."""
    return PlanRow(
        plan_id=seen.plan_id,
        customer_id=seen.customer_id,
        template=f"{seen.template_id} {seen.template_version}",
        battery=seen.current_asset or tr("none yet"),
        service_state=seen.document.get("service_state", NONE),
        payment_state=seen.document.get("payment_state", NONE),
        station=seen.station_id or tr("nowhere yet"),
        changed_at=when(seen.changed_at),
    )


def quota_rows(seen: PlanSeen) -> tuple[QuotaRow, ...]:
    """Every service of a plan (decision 7: from 100,000 on a quota is unlimited and never a number)."""
    return tuple(_quota(each["service_id"], each["used"], each["quota"]) for each in seen.document.get("serviceStates") or ())


def _quota(service_id: str, used: Decimal | int, quota: Decimal | int) -> QuotaRow:
    if quota >= UNLIMITED_FROM:
        return QuotaRow(service_id=service_id, used=_number(used), quota=tr("unlimited"), left=tr("unlimited"))
    return QuotaRow(service_id=service_id, used=_number(used), quota=_number(quota), left=_number(Decimal(quota) - Decimal(used)))


def step_event(seen: SwapSeen) -> EventRow:
    """What happened to batteries."""
    kind: str = seen.event["event_type"]
    batteries = _batteries(seen.outgoing_battery_id, seen.incoming_battery_id)
    words = ", ".join(each for each in (batteries, "" if seen.net_kwh is None else _kwh(seen.net_kwh)) if each)
    title = tr(_TITLES.get(kind, kind))
    return EventRow(key=f"s{seen.number}", title=title, at=when(seen.at), plan_id=seen.plan_id, words=words, detail=seen.correlation_id)


def _batteries(outgoing: str | None, incoming: str | None) -> str:
    if outgoing and incoming:
        return tr("{outgoing} for {incoming}", outgoing=outgoing, incoming=incoming)
    return outgoing or incoming or ""


def payment_event(seen: PaymentSeen) -> EventRow:
    """A payment that came."""
    words = tr("{amount}, receipt {receipt_id}", amount=_money(seen.amount, seen.currency), receipt_id=seen.receipt_id)
    title = tr("Payment received")
    return EventRow(key=f"p{seen.number}", title=title, at=when(seen.at), plan_id=seen.plan_id, words=words, detail=seen.owner)


def _kwh(value: Decimal | None) -> str:
    return NONE if value is None else f"{_number(value)} kWh"


def _money(amount: Decimal, currency: str) -> str:
    """At least the currency's decimals, and every further one that the amount has."""
    places = max(0, *(-int(each.as_tuple().exponent) for each in (trimmed(amount), minor_unit(currency))))
    return f"{amount:,.{places}f} {currency}"


def _number(value: Decimal | int) -> str:
    return plain(Decimal(value)).replace("-", "−")
